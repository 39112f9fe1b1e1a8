<?php

// A job's attempts have one key.

declare(strict_types=1);

namespace Toll\Tests;

test('a lost answer, and a worker that is killed: the same key, and one effect', function () {
    $server = new Server(directory());
    $server->toll->putSubscription(1, ['patient_id' => 2, 'units' => [], 'ends_at' => ENDS_AT]);
    $proxy = new Program([PHP_BINARY, __DIR__ . '/../../php/tests/server.php', 'proxy', $server->address, '1']);
    $app = new Application("http://127.0.0.1:$proxy->said");
    $app->run('Toll\Laravel\CallToll::dispatch("topUp", [1, ["text" => 5]]);');
    $app->artisan('queue:work --max-jobs=2 --sleep=0.1 --max-time=30');
    $posts = [$proxy->seen(), $proxy->seen()];
    same([201, 201], array_column($posts, 'status'));
    same($posts[0]['key'], $posts[1]['key']);
    same(5, $server->toll->getSubscription(1)['units']['text']['granted']);
    same([[], []], [$app->query('SELECT id FROM jobs'), $app->query('SELECT id FROM failed_jobs')]);

    [, $hung] = scripted(['silence', [201]]);
    $app = $app->of("http://127.0.0.1:$hung->said");
    $app->run('Toll\Laravel\CallToll::dispatch("end", [7, ["ended_by" => "patient"]]);');
    $worker = $app->start('queue:work');
    $first = $hung->seen();
    $worker->stop();
    $app->artisan('queue:work --max-jobs=1 --sleep=0.1 --max-time=30');
    same([$first['url'], $first['key'], $first['body']], array_values(array_intersect_key($hung->seen(), ['url' => 1, 'key' => 1, 'body' => 1])));
});

test('a refusal fails at once; what may pass is tried again', function () {
    [, $server] = scripted([
        problem(409, 'session_over'),
        problem(503, 'overloaded', ['Retry-After' => '1']),
        problem(401, 'unauthenticated'),
        [200],
    ]);
    $app = new Application("http://127.0.0.1:$server->said");
    $app->run('Toll\Laravel\CallToll::dispatch("activate", [1]);');
    $app->artisan('queue:work --once');
    same([1], $app->query('SELECT count(*) FROM failed_jobs'));
    $app->run('Toll\Laravel\CallToll::dispatch("activate", [2], "call-2-answered");');
    $app->artisan('queue:work --max-jobs=3 --sleep=0.1 --max-time=30');
    same([1, 0], [...$app->query('SELECT count(*) FROM failed_jobs'), ...$app->query('SELECT count(*) FROM jobs')]);
    $server->seen();
    same(array_fill(0, 3, 'call-2-answered'), [$server->seen()['key'], $server->seen()['key'], $server->seen()['key']]);
});

test('a call that was lost in a request goes on as a job, as docs/LARAVEL.md has it', function () {
    $server = new Server(directory());
    $server->toll->putSubscription(1, ['patient_id' => 2, 'units' => ['text' => 9], 'ends_at' => ENDS_AT]);
    $server->toll->startSession(['id' => 7, 'channel' => 'text', 'patient_id' => 2, 'doctor_id' => 3]);
    $server->toll->activate(7);
    preg_match_all('/```php\n(.*?)```/s', file_get_contents(__DIR__ . '/../../../docs/LARAVEL.md'), $examples);
    [$example] = array_values(preg_grep('/catch/', $examples[1]));
    $proxy = new Program([PHP_BINARY, __DIR__ . '/../../php/tests/server.php', 'proxy', $server->address, '1']);
    $app = new Application("http://127.0.0.1:$proxy->said");
    file_put_contents("$app->path/example.php", "<?php\n$example");
    $app->run('$call = (object) ["id" => 7]; require "example.php";');
    $app->artisan('queue:work --max-jobs=1 --sleep=0.1 --max-time=30');
    [$first, $second] = [$proxy->seen(), $proxy->seen()];
    same([$first['key'], $first['body'], 200], [$second['key'], $second['body'], $second['status']]);
    same([0], $app->query('SELECT count(*) FROM failed_jobs'));
});
