<?php

// What is an id, and what cannot be sent.

declare(strict_types=1);

namespace Toll\Tests;

use Toll;

test('integers are ids: in paths, queries and bodies', function () {
    [$toll, $server] = scripted(array_fill(0, 4, [200]));
    $grant = ['patient_id' => 8, 'units' => ['text' => 9], 'ends_at' => ENDS_AT, 'members' => [10, 'm']];
    $toll->putSubscription(7, $grant + ['payment_ref' => 11]);
    $toll->startSession(['id' => 1, 'channel' => 'text', 'patient_id' => 8, 'doctor_id' => 2]);
    $toll->deductAll([1, 'c2']);
    $toll->sessionsPage(['patient_id' => 8]);
    $seen = array_map(fn () => $server->seen(), range(1, 4));
    $ends = ENDS_AT;
    same([
        '/v1/subscriptions/7' =>
            "{\"patient_id\":\"8\",\"units\":{\"text\":9},\"ends_at\":\"$ends\",\"members\":[\"10\",\"m\"],\"payment_ref\":\"11\"}",
        '/v1/sessions' => '{"id":"1","channel":"text","patient_id":"8","doctor_id":"2"}',
        '/v1/deductions' => '{"items":[{"session_id":"1"},{"session_id":"c2"}]}',
        '/v1/sessions?patient_id=8' => '',
    ], array_column($seen, 'body', 'url'));
});

test('the real server takes them', function () {
    $toll = (new Server(directory()))->toll;
    $toll->putSubscription(1, ['patient_id' => 2, 'units' => ['text' => 9], 'ends_at' => ENDS_AT, 'members' => [3]]);
    $toll->startSession(['id' => 4, 'channel' => 'text', 'patient_id' => 3, 'doctor_id' => 5, 'external_ref' => 6]);
    $toll->activate(4);
    $session = $toll->end(4)['session'];
    same(['4', '3', '5', '6'], [$session['id'], $session['patient_id'], $session['doctor_id'], $session['external_ref']]);
});

test('what cannot be sent is refused before it is', function () {
    $refused = fn (string $url, array $options = []) =>
        throws(\InvalidArgumentException::class, fn () => new Toll\Toll($url, $options))->getMessage();
    foreach (['nonsense', 'http://', 'http://a b', 'http://user:secret@host', 'http://host/?query', 'ftp://host'] as $url) {
        same("'$url' is no URL of a server", $refused($url));
    }
    same('unknown option: retries', $refused('http://127.0.0.1:1', ['retries' => 3]));
    same('the token is not of printable characters', $refused('http://127.0.0.1:1', ['token' => "a\r\nb: c"]));
    same("cafile: cannot read '/nowhere'", $refused('https://127.0.0.1:1', ['cafile' => '/nowhere']));
    $toll = new Toll\Toll('http://127.0.0.1:1', QUICK);
    foreach (['', '.', '..'] as $id) {
        throws(\InvalidArgumentException::class, fn () => $toll->getSession($id));
    }
    throws(\InvalidArgumentException::class, fn () => $toll->activate('c1', "a\r\nb: c"));
});
