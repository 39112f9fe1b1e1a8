<?php

// Every route, against the real server.

declare(strict_types=1);

namespace Toll\Tests;

use Toll;

const MINUTE = 60_000;

function list_of(iterable $items): array
{
    return is_array($items) ? $items : iterator_to_array($items, false);
}

test('subscriptions and patients', function () {
    $toll = (new Server(directory()))->toll;
    $grant = ['patient_id' => 'p1', 'units' => ['text' => 10, 'voice' => 2], 'ends_at' => ENDS_AT];
    $made = $toll->putSubscription('s:1', $grant);
    same(10, $made['units']['text']['free']);
    same($made, $toll->getSubscription('s:1'));
    same(['p2'], $toll->patchSubscription('s:1', ['members' => ['p2']])['members']);
    same(15, $toll->topUp('s:1', ['text' => 5])['units']['text']['granted']);
    $balance = ['patient_id' => 'p2', 'units' => ['text' => 15, 'voice' => 2, 'video' => 0], 'subscriptions' => ['s:1']];
    same($balance, $toll->balance('p2'));
    same([], $toll->patchSubscription('s:1', ['members' => []])['members']);
    same(0, $toll->putSubscription('s2', ['units' => []] + $grant)['units']['text']['granted']);
});

test('a call, its statement, a refund, the wallet and a withdrawal', function () {
    $toll = (new Server(directory()))->toll;
    $toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['voice' => 10, 'text' => 10], 'ends_at' => ENDS_AT]);
    same(['doctor_id' => 'd1', 'currency' => 'USD'], $toll->putDoctor('d1', ['currency' => 'USD']));
    same('USD', $toll->putDoctor('d1')['currency']);
    $toll->startSession(['id' => 'c1', 'channel' => 'voice', 'patient_id' => 'p1', 'doctor_id' => 'd1']);
    same('active', $toll->activate('c1')['status']);
    $tenMinutes = ['advance_ms' => 10 * MINUTE, 'run_timers' => false];
    same(['now' => '2026-01-01T00:10:00.000Z'], $toll->advanceTestClock($tenMinutes));
    same(1, $toll->deduct('c1', ['triggered_by' => 'phone'])['deducted']);
    $toll->advanceTestClock($tenMinutes);
    same(['items' => [
        ['session_id' => 'c1', 'deducted' => 1, 'status' => 200],
        ['session_id' => 'c2', 'deducted' => 0, 'status' => 404, 'code' => 'session_not_found'],
    ]], $toll->deductAll(['c1', 'c2']));
    $ended = $toll->end('c1', ['ended_by' => 'doctor', 'reason' => 'done']);
    same([1, true, 'done'], [$ended['deducted'], $ended['manual_unit'], $ended['session']['reason']]);
    same(1, $toll->refund('c1', ['units' => 1, 'reason' => 'sorry'])['refunded']);
    $statement = $toll->statement('c1');
    same($toll->getSession('c1'), $statement['session']);
    same(['interval', 'interval', 'manual', 'refund'], array_column($statement['lines'], 'kind'));
    same($statement['lines'], list_of($toll->statementLines('c1', ['limit' => 1])));

    same(600, $toll->wallet('d1')['balance']);
    $paid = $toll->requestWithdrawal('d1', ['amount' => 200, 'currency' => 'USD'])['id'];
    same('approved', $toll->approveWithdrawal($paid)['status']);
    same('paid', $toll->payWithdrawal($paid)['status']);
    $other = $toll->requestWithdrawal('d1', ['amount' => 100, 'currency' => 'USD'])['id'];
    same('rejected', $toll->rejectWithdrawal($other)['status']);
    $entries = list_of($toll->entries('d1', ['limit' => 2]));
    same($toll->entriesPage('d1', ['limit' => 500])['items'], $entries);
    same(400, array_sum(array_column($entries, 'amount')));
});

test('lists in pages, the feed, the clock and health', function () {
    $toll = (new Server(directory()))->toll;
    $toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['text' => 100], 'ends_at' => ENDS_AT]);
    for ($i = 0; $i < 7; ++$i) {
        $id = $toll->startSession(['channel' => 'text', 'patient_id' => 'p1', 'doctor_id' => 'd1'])['id'];
        same('active', $toll->sendMessage($id, 'doctor')['status']);
        if ($i < 6) {
            $toll->end($id);
        }
    }
    $sessions = list_of($toll->sessions(['patient_id' => 'p1', 'status' => 'ended', 'limit' => 4]));
    same(6, count(array_unique(array_column($sessions, 'id'))));
    $page = $toll->sessionsPage(['limit' => 4]);
    same(4, count($page['items']));
    same(3, count($toll->sessionsPage(['limit' => 4, 'cursor' => $page['next_cursor']])['items']));
    $events = list_of($toll->events(0, 5));
    same(range(1, count($events)), array_column($events, 'seq'));
    same($events, $toll->eventsPage(['after' => 0, 'limit' => 500])['items']);
    same(['now' => '2026-01-01T00:00:00.000Z'], $toll->testClock());
    same([true, true], [$toll->isLive(), $toll->isReady()]);
    same(true, str_starts_with($toll->metrics(), '# HELP '));
});

test('refusals of the real server', function () {
    $toll = (new Server(directory()))->toll;
    $start = fn (string $id) => $toll->startSession(
        ['id' => $id, 'channel' => 'voice', 'patient_id' => 'p1', 'doctor_id' => 'd1'],
    );
    throws(Toll\NoUnits::class, fn () => $start('c1'));
    $toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['voice' => 10], 'ends_at' => ENDS_AT]);
    $start('c1');
    same('patient_busy', throws(Toll\Conflict::class, fn () => $start('c2'))->errorCode);
    throws(Toll\NotFound::class, fn () => $toll->getSession('x'));
    throws(Toll\InvalidRequest::class, fn () => $toll->refund('c1', ['units' => 0, 'reason' => 'x']));
});

test('tokens and their roles', function () {
    $directory = directory();
    [$service, $patient] = [token($directory, 'service'), token($directory, 'patient:p1')];
    $server = new Server($directory, []);
    $as = fn (?string $token) => new Toll\Toll($server->url, ['token' => $token] + QUICK);
    throws(Toll\Unauthenticated::class, fn () => $as(null)->wallet('d1'));
    throws(Toll\Unauthenticated::class, fn () => $as('x')->wallet('d1'));
    throws(Toll\NotFound::class, fn () => $as($service)->wallet('d1'));
    throws(Toll\Forbidden::class, fn () => $as($patient)->wallet('d1'));
    same(true, $as(null)->isLive());
    $server->program->stop();
    same([false, false], [$as(null)->isLive(), $as(null)->isReady()]);
});

test('an answer is lost: the retry has the same key, and one effect', function () {
    $server = new Server(directory());
    $server->toll->putSubscription('s1', ['patient_id' => 'p1', 'units' => ['text' => 1], 'ends_at' => ENDS_AT]);
    $proxy = new Program([PHP_BINARY, __DIR__ . '/server.php', 'proxy', $server->address, '2']);
    $toll = new Toll\Toll("http://127.0.0.1:$proxy->said", QUICK);
    same(6, $toll->topUp('s1', ['text' => 5])['units']['text']['granted']);
    $posts = array_map(fn () => $proxy->seen(), range(1, 3));
    same([201, 201, 201], array_column($posts, 'status'));
    same(1, count(array_unique(array_column($posts, 'key'))));
    same(6, $server->toll->getSubscription('s1')['units']['text']['granted']);
    $other = fn () => $server->toll->topUp('s1', ['text' => 6], $posts[0]['key']);
    same('idempotency_key_reused', throws(Toll\Conflict::class, $other)->errorCode);
});
