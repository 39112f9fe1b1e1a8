<?php

// The live feed of the real server, and the example that follows it.

declare(strict_types=1);

namespace Toll\Tests;

test('the stream goes on after kill -9 with nothing lost or repeated', function () {
    $directory = directory();
    $first = new Server($directory);
    $first->toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['text' => 1], 'ends_at' => ENDS_AT]);
    $seen = [];
    $topUps = 0;
    foreach ($first->toll->stream() as $event) {
        $seen[] = $event;
        if ($event['type'] === 'granted') {
            $first->program->stop();
            $second = new Server($directory, listen: $first->address);
            $second->toll->topUp('s1', ['text' => 1]);
        } elseif ($event['type'] === 'topped_up') {
            if (++$topUps === 3) {
                break;
            }
            $first->toll->topUp('s1', ['text' => 1]);
        }
    }
    same(list_of($first->toll->events()), $seen);
});

test('follow: its copy of the balances is right, also when it is killed and started again', function () {
    $toll = ($server = new Server(directory()))->toll;
    $file = directory() . '/balances.json';
    $chat = function (string $id, string $doctor) use ($toll) {
        $toll->startSession(['id' => $id, 'channel' => 'text', 'patient_id' => 'p1', 'doctor_id' => $doctor]);
        $toll->activate($id);
        $toll->end($id);
    };
    $toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['text' => 100], 'ends_at' => ENDS_AT]);
    $chat('c1', 'd1');
    $first = example('follow', $server->url, $file);
    ends_with(': d1 has 350000', $first->said);
    $chat('c2', 'd2');
    ends_with(': d2 has 350000', $first->line());
    $first->stop();

    $toll->refund('c2', ['units' => 1, 'reason' => 'sorry']);
    $withdrawal = $toll->requestWithdrawal('d1', ['amount' => 100000, 'currency' => 'MWK'])['id'];
    $second = example('follow', $server->url, $file);
    ends_with(': d2 has 0', $second->said);
    ends_with(': d1 has 250000', $second->line());
    $toll->rejectWithdrawal($withdrawal);
    ends_with(': d1 has 350000', $second->line());
    $copy = json_decode(file_get_contents($file), true);
    same(['d1' => 350000, 'd2' => 0], $copy['balances']);
    same([], $toll->eventsPage(['after' => $copy['seq']])['items']);
});
