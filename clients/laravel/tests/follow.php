<?php

// toll:follow against the real server: each event is handled once, whatever happens to the command.

declare(strict_types=1);

namespace Toll\Tests;

test('each event is handled once: listeners that throw, kill -9, the stream', function () {
    $server = new Server(directory());
    $toll = $server->toll;
    $app = new Application($server->url);
    $toll->putSubscription(1, ['patient_id' => 2, 'units' => ['text' => 9], 'ends_at' => ENDS_AT]);
    $toll->putDoctor(3);
    $chat = function (int $id) use ($toll): void {
        $toll->startSession(['id' => $id, 'channel' => 'text', 'patient_id' => 2, 'doctor_id' => 3]);
        $toll->activate($id);
        $toll->end($id);
    };
    $types = fn () => $app->query('SELECT type FROM ledger ORDER BY seq');
    $all = fn () => array_column(iterator_to_array($toll->events(), false), 'type');

    $app->artisan('toll:follow --once', 1, ['FAIL_AT' => 'doctor_registered']);
    same(array_slice($all(), 0, -1), $types());
    $app->artisan('toll:follow --once');
    same($all(), $types());
    $app->artisan('toll:follow --once');
    $chat(4);
    $app->artisan('toll:follow --once', 9, ['KILL_AT' => 'activated']);
    same(array_slice($all(), 0, -2), $types());

    $running = $app->start('toll:follow -v');
    same((string) (count($all()) - 1) . ' activated', $running->said);
    same(count($all()) . ' ended', $running->line());
    $chat(5);
    same(count($all()) - 2 . ' created', $running->line());
    $running->line();
    $running->line();
    $running->stop();
    same($all(), $types());
    same([count($all())], $app->query("SELECT seq FROM toll_cursors WHERE name = 'default'"));

    $app->artisan('toll:follow --once --name=other', 1); // whose listener has seen event 1 before
    same([0], $app->query("SELECT seq FROM toll_cursors WHERE name = 'other'"));

    // The second of two that follow under one name does nothing.
    same('another process follows the feed as \'third\'', $app->run('
        $cursor = app(Toll\Laravel\Cursor::class);
        $cursor->position("third");
        $cursor->advance("third", 0, 1, fn () => null);
        try {
            $cursor->advance("third", 0, 1, fn () => print("work"));
        } catch (RuntimeException $error) {
            echo $error->getMessage();
        }
    '));
});
