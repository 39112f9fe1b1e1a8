<?php

// Servers that are down, hang, or cannot be spoken to as things are configured.

declare(strict_types=1);

namespace Toll\Tests;

use Toll;

/** A server that behaves so, and its port. */
function behaving(string ...$words): Program
{
    return new Program([PHP_BINARY, __DIR__ . '/server.php', ...$words]);
}

test('nobody who answers is not ready, and not live', function () {
    $toll = new Toll\Toll('http://127.0.0.1:1', QUICK);
    same([false, false], [$toll->isReady(), $toll->isLive()]);
    throws(Toll\ConnectionLost::class, fn () => $toll->getSession('c1'));
});

test('a call costs no more than its time, wherever the server hangs', function () {
    [$silent, $server] = scripted(['silence', [200]], ['timeout' => 0.1]);
    same('no answer in time', throws(Toll\ConnectionLost::class, fn () => $silent->activate('c1'))->getMessage());
    same('/v1/sessions/c1/activate', $server->seen()['url']);
    foreach (['head', 'body', 'chunks'] as $part) {
        $toll = new Toll\Toll('http://127.0.0.1:' . behaving('drip', $part)->said, ['timeout' => 0.2]);
        same('no answer in time', throws(Toll\ConnectionLost::class, fn () => $toll->activate('c1'))->getMessage());
    }
    $deaf = new Toll\Toll('http://127.0.0.1:' . behaving('deaf')->said, ['timeout' => 0.2]);
    $long = ['id' => str_repeat('x', 10_000_000)];
    same('no answer in time', throws(Toll\ConnectionLost::class, fn () => $deaf->startSession($long))->getMessage());
    [$busy] = scripted([problem(503, 'overloaded', ['Retry-After' => '1']), [200]], ['timeout' => 0.5]);
    throws(Toll\Unavailable::class, fn () => $busy->activate('c1'));
});

test('connecting has a time of its own, the handshake included', function () {
    $once = ['connect_timeout' => 0.1, 'attempts' => 1];
    $full = new Toll\Toll('http://127.0.0.1:' . behaving('full')->said, $once);
    same(true, str_starts_with(throws(Toll\ConnectionLost::class, fn () => $full->activate('c1'))->getMessage(), 'no connection'));
    $deaf = new Toll\Toll('https://127.0.0.1:' . behaving('deaf')->said, $once);
    same('no answer in time', throws(Toll\ConnectionLost::class, fn () => $deaf->activate('c1'))->getMessage());
});

test('what no attempt can mend is told at once, and as what it is', function () {
    $lasting = fn (Toll\Toll $toll) => throws(Toll\Misconfigured::class, fn () => $toll->isReady())->getMessage();
    $contains = fn (string $part, string $text) => same([$part, true], [$part, str_contains($text, $part)]);
    $contains('not known', $lasting(new Toll\Toll('http://a..b', QUICK)));

    $certificate = certificate();
    $server = behaving('tls', $certificate);
    $contains('certificate verify failed', $lasting(new Toll\Toll("https://127.0.0.1:$server->said", QUICK)));
    same('connection', $server->line());
    $trusting = ['cafile' => $certificate] + QUICK;
    $contains("did not match expected CN", $lasting(new Toll\Toll("https://localhost:$server->said", $trusting)));
    same('connection', $server->line());
    same(true, (new Toll\Toll("https://127.0.0.1:$server->said", $trusting))->isReady());
    same('connection', $server->line());

    $plain = behaving('deaf', "HTTP/1.1 400 No TLS here\r\n\r\n");
    $contains('wrong version number', $lasting(new Toll\Toll("https://127.0.0.1:$plain->said", QUICK)));
});

test('TLS of the real server, with more than a record each way', function () {
    $certificate = certificate();
    $options = ['--auth', 'off', '--tls-cert', $certificate, '--tls-key', $certificate];
    $server = new Server(directory(), $options);
    $toll = new Toll\Toll("https://$server->address", ['cafile' => $certificate] + QUICK);
    $toll->putSubscription(1, ['patient_id' => 2, 'units' => [], 'ends_at' => ENDS_AT, 'members' => range(10_000, 10_999)]);
    same(range(10_000, 10_999), array_map(intval(...), $toll->getSubscription(1)['members']));
    same(1000, count($toll->deductAll(range(1, 1000))['items']));
    foreach ($toll->stream(1) as $event) {
        same('granted', $event['type']);
        break;
    }
});
