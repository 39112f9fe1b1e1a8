<?php

// Retries, keys and errors, against a server that follows a script.

declare(strict_types=1);

namespace Toll\Tests;

use Toll;

test('408, 429, 503 and lost connections are tried again with the same key', function () {
    [$toll, $server] = scripted([
        problem(503, 'overloaded', ['Retry-After' => '0']),
        'hang up',
        problem(429, 'rate_limited'),
        problem(408, 'request_timeout'),
        [200, '{"deducted":1}'],
    ]);
    same(['deducted' => 1], $toll->deduct('c1'));
    $keys = array_map(fn () => $server->seen()['key'], range(1, 5));
    same(1, count(array_unique($keys)));
    same(1, preg_match('/^[0-9a-f]{32}$/', $keys[0]));
});

test('each call has a key of its own, or the one that the caller gives; only a GET has none', function () {
    [$toll, $server] = scripted(array_fill(0, 5, [200]));
    $toll->activate('c1');
    $toll->activate('c1');
    $toll->activate('c1', 'mine');
    $toll->getSession('c1');
    $toll->putDoctor('d1');
    $keys = array_map(fn () => $server->seen()['key'], range(1, 5));
    same(false, $keys[0] === $keys[1]);
    same(['mine', null], array_slice($keys, 2, 2));
    same(1, preg_match('/^[0-9a-f]{32}$/', $keys[4]));
});

test('GET, PUT and PATCH are tried again as well', function () {
    [$toll, $server] = scripted(['hang up', [200], 'hang up', [200], 'hang up', [200]]);
    $toll->getSession('c1');
    $toll->putDoctor('d1');
    $toll->patchSubscription('s1', ['status' => 'disabled']);
    $methods = array_map(fn () => $server->seen()['method'], range(1, 6));
    same(['GET', 'GET', 'PUT', 'PUT', 'PATCH', 'PATCH'], $methods);
});

$classes = [
    [400, 'invalid_request', Toll\InvalidRequest::class],
    [401, 'unauthenticated', Toll\Unauthenticated::class],
    [402, 'no_units', Toll\NoUnits::class],
    [403, 'forbidden', Toll\Forbidden::class],
    [404, 'session_not_found', Toll\NotFound::class],
    [405, 'method_not_allowed', Toll\InvalidRequest::class],
    [409, 'patient_busy', Toll\Conflict::class],
    [413, 'payload_too_large', Toll\InvalidRequest::class],
    [415, 'unsupported_media_type', Toll\InvalidRequest::class],
    [422, 'idempotency_key_reused', Toll\Conflict::class],
    [431, 'headers_too_large', Toll\InvalidRequest::class],
    [500, 'internal', Toll\Unavailable::class],
];
foreach ($classes as [$status, $code, $class]) {
    test("$status is $class, and not tried again", function () use ($status, $code, $class) {
        [$toll] = scripted([problem($status, $code), [200]]);
        $error = throws($class, fn () => $toll->activate('c1', 'k'));
        same([$status, $code, 'why', 'k'], [$error->status, $error->errorCode, $error->detail, $error->idempotencyKey]);
        same(true, $error instanceof Toll\ApiError && $error instanceof Toll\TollError);
    });
}

test('after the last attempt the error says what was in the way, and the key', function () {
    $busy = problem(503, 'overloaded', ['Retry-After' => '0']);
    [$toll, $server] = scripted([$busy, $busy, 'hang up', 'hang up'], ['attempts' => 2]);
    same(0, throws(Toll\Unavailable::class, fn () => $toll->activate('c1'))->retryAfter);
    $lost = throws(Toll\ConnectionLost::class, fn () => $toll->activate('c1'));
    $keys = array_map(fn () => $server->seen()['key'], range(1, 4));
    same([$lost->idempotencyKey, $lost->idempotencyKey], array_slice($keys, 2));
});

test('Retry-After is waited for, and one beyond the time of the call is left to the caller', function () {
    [$toll] = scripted([
        problem(503, 'overloaded', ['Retry-After' => '1']),
        [200],
        problem(429, 'rate_limited', ['Retry-After' => '11']),
    ]);
    $began = hrtime(true);
    $toll->activate('c1');
    same(true, hrtime(true) - $began >= 1_000_000_000);
    same(11, throws(Toll\RateLimited::class, fn () => $toll->activate('c1'))->retryAfter);
});

test('an answer cut short is asked for again, one that is no JSON is not', function () {
    [$toll] = scripted(['cut', [200], [200, '<html>'], [502, '<html>'], ['raw' => "SSH-2.0\r\n"]]);
    $toll->activate('c1');
    throws(Toll\UnreadableAnswer::class, fn () => $toll->activate('c1'));
    same('<html>', throws(Toll\Unavailable::class, fn () => $toll->activate('c1'))->detail);
    throws(Toll\UnreadableAnswer::class, fn () => $toll->activate('c1'));
});

test('answers in chunks, to the end of the connection, after another head', function () {
    $chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    [$toll] = scripted([
        ['raw' => "{$chunked}7;x=y\r\n{\"id\":1\r\n1\r\n}\r\n0\r\n\r\n"],
        ['raw' => "HTTP/1.1 200 OK\r\n\r\n{\"id\":2}"],
        ['raw' => "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"id\":3}"],
        ['raw' => "{$chunked}7\r\n{\"id\":"],
        ['raw' => "HTTP/1.1 200 OK\r\nContent-"],
        [200, '{"id":4}'],
    ]);
    same([1, 2, 3, 4], array_column(array_map($toll->getSession(...), ['a', 'b', 'c', 'd']), 'id'));
});

test('integers of 64 bits are exact', function () {
    [$toll] = scripted([[200, '{"balance":9223372036854775807}']]);
    same(PHP_INT_MAX, $toll->wallet('d1')['balance']);
});

test('frames of the stream, comments, a reader that was dropped, a refusal', function () {
    $ok = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    $frame = fn (int $seq) => "id: $seq\nevent: granted\ndata: {\"seq\":$seq}\n\n";
    [$toll, $server] = scripted([
        ['raw' => "$ok\r\n: hello\n\n{$frame(1)}: still here\n\n{$frame(2)}id: 3\ndata: {\"se"],
        problem(503, 'shutting_down', ['Retry-After' => '0']),
        ['raw' => "$ok\r\n{$frame(3)}"],
        problem(401, 'unauthenticated'),
    ]);
    $seen = [];
    throws(Toll\Unauthenticated::class, function () use ($toll, &$seen) {
        foreach ($toll->stream() as $event) {
            $seen[] = $event['seq'];
        }
    });
    same([1, 2, 3], $seen);
    same(['0', '2', '2', '3'], array_map(fn () => $server->seen()['last'], range(1, 4)));
});
