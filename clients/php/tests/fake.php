<?php

// Toll::fake() answers as a server does, or as it is told, and says what was called.

declare(strict_types=1);

namespace Toll\Tests;

use Toll\Client;
use Toll\NoUnits;
use Toll\Toll;

/** Every field of the one is in the other, and of the same type where neither is null. */
function fits(mixed $fake, mixed $real, string $path): void
{
    if ($fake === null || $real === null) {
        return;
    }
    same([$path, gettype($real)], [$path, gettype($fake)]);
    foreach (is_array($fake) && !array_is_list($fake) ? $fake : [] as $name => $value) {
        same(["$path/$name", true], ["$path/$name", array_key_exists($name, $real)]);
        fits($value, $real[$name], "$path/$name");
    }
}

/** @return list<array{string, list<mixed>}> calls that a new server can answer one after the other */
function visit(string $withdrawal): array
{
    return [
        ['putSubscription', [1, ['patient_id' => 2, 'units' => ['voice' => 3], 'ends_at' => ENDS_AT]]],
        ['getSubscription', [1]],
        ['patchSubscription', [1, ['members' => [3]]]],
        ['topUp', [1, ['text' => 5]]],
        ['balance', [2]],
        ['putDoctor', [4]],
        ['startSession', [['id' => 5, 'channel' => 'text', 'patient_id' => 2, 'doctor_id' => 4]]],
        ['sendMessage', [5, 'patient']],
        ['activate', [5]],
        ['deduct', [5]],
        ['deductAll', [[5]]],
        ['end', [5, ['ended_by' => 'doctor']]],
        ['getSession', [5]],
        ['sessionsPage', []],
        ['statement', [5]],
        ['wallet', [4]],
        ['entriesPage', [4]],
        ['requestWithdrawal', [4, ['amount' => 100, 'currency' => 'MWK']]],
        ['approveWithdrawal', [$withdrawal]],
        ['payWithdrawal', [$withdrawal]],
        ['refund', [5, ['units' => 1, 'reason' => 'sorry']]],
        ['eventsPage', []],
        ['isLive', []],
        ['isReady', []],
        ['metrics', []],
        ['openapi', []],
        ['testClock', []],
        ['advanceTestClock', [['advance_ms' => 1]]],
    ];
}

test('the fake answers with fields of the real server', function () {
    $real = (new Server(directory()))->toll;
    $fake = Toll::fake();
    $withdrawal = '';
    foreach (array_keys(visit('')) as $i) {
        [$method, $args] = visit($withdrawal)[$i];
        $answer = $real->$method(...$args);
        $withdrawal = $method === 'requestWithdrawal' ? $answer['id'] : $withdrawal;
        fits($fake->$method(...$args), $answer, $method);
        $fake->assertCalled($method, fn (mixed ...$given) => $given === $args);
    }
    $rest = array_diff(get_class_methods(Client::class), array_column(visit(''), 0));
    foreach (array_diff($rest, ['rejectWithdrawal']) as $method) {
        $args = in_array($method, ['entries', 'statementLines'], true) ? ['x'] : [];
        same([], list_of($fake->$method(...$args)));
    }
});

test('the fake answers as it is told', function () {
    $fake = Toll::fake([
        'balance' => ['units' => ['text' => 7]],
        'startSession' => new NoUnits(402, 'no_units', 'none'),
        'end' => fn (string|int $id, array $body = []) => ['deducted' => $body['ended_by'] === 'doctor' ? 1 : 0],
        'stream' => [['seq' => 1, 'type' => 'ready']],
    ]);
    $program = fn (Client $toll) => $toll->balance(1);
    same(7, $program($fake)['units']['text']);
    throws(NoUnits::class, fn () => $fake->startSession([]));
    same(1, $fake->end('c1', ['ended_by' => 'doctor'])['deducted']);
    same([1], array_column(list_of($fake->stream()), 'seq'));
    same([['c1', ['ended_by' => 'doctor']]], $fake->calls('end'));
    throws(\InvalidArgumentException::class, fn () => Toll::fake(['bill' => []]));

    $fake->assertCalled('end', fn (string $id) => $id === 'c1');
    $fake->assertNotCalled('refund');
    $wrong = [
        fn () => $fake->assertCalled('refund'),
        fn () => $fake->assertCalled('end', fn (string $id) => $id === 'c2'),
        fn () => $fake->assertNotCalled('end'),
    ];
    foreach ($wrong as $assertion) {
        throws(\AssertionError::class, $assertion);
    }
    // Where there is PHPUnit, it counts and judges.
    eval('namespace PHPUnit\Framework; class Assert { static $seen; static function assertTrue(...$it) { self::$seen = $it; } }');
    $fake->assertCalled('refund');
    same([false, 'refund was not called'], \PHPUnit\Framework\Assert::$seen);
});
