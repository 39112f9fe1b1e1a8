<?php

// Every route of the API as a method. Bodies and answers are arrays with the names that the API gives
// to fields; a POST takes an Idempotency-Key as its last argument and makes one when there is none.

declare(strict_types=1);

namespace Toll;

final class Toll
{
    private readonly Transport $transport;

    /** @param array<string, mixed> $options see Transport::DEFAULTS */
    public function __construct(string $url, array $options = [])
    {
        $this->transport = new Transport($url, $options);
    }

    // Subscriptions and patients

    public function putSubscription(string $id, array $body): array
    {
        if (is_array($body['units'] ?? null)) {
            $body['units'] = (object) $body['units'];
        }
        return $this->call('PUT', self::subscription($id), body: $body);
    }

    public function getSubscription(string $id): array
    {
        return $this->call('GET', self::subscription($id));
    }

    public function patchSubscription(string $id, array $body): array
    {
        return $this->call('PATCH', self::subscription($id), body: $body);
    }

    public function topUp(string $id, array $units, ?string $key = null): array
    {
        return $this->call('POST', self::subscription($id) . '/topups', [], ['units' => (object) $units], $key);
    }

    public function balance(string $patientId): array
    {
        return $this->call('GET', '/v1/patients/' . self::segment($patientId) . '/balance');
    }

    // Doctors

    public function putDoctor(string $id, array $body = []): array
    {
        return $this->call('PUT', self::doctor($id), body: $body);
    }

    public function wallet(string $doctorId): array
    {
        return $this->call('GET', self::doctor($doctorId) . '/wallet');
    }

    public function entriesPage(string $doctorId, array $query = []): array
    {
        return $this->call('GET', self::doctor($doctorId) . '/wallet/entries', $query);
    }

    public function entries(string $doctorId, array $query = []): \Generator
    {
        return self::pages(fn (array $page) => $this->entriesPage($doctorId, $page), $query, 'items');
    }

    public function requestWithdrawal(string $doctorId, array $body, ?string $key = null): array
    {
        return $this->call('POST', self::doctor($doctorId) . '/withdrawals', [], $body, $key);
    }

    public function approveWithdrawal(string $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/approve', key: $key);
    }

    public function rejectWithdrawal(string $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/reject', key: $key);
    }

    public function payWithdrawal(string $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/pay', key: $key);
    }

    // Sessions

    public function startSession(array $body, ?string $key = null): array
    {
        return $this->call('POST', '/v1/sessions', [], $body, $key);
    }

    public function sendMessage(string $id, string $from, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/messages', [], ['from' => $from], $key);
    }

    public function activate(string $id, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/activate', key: $key);
    }

    public function deduct(string $id, array $body = [], ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/deduct', [], $body, $key);
    }

    /** @param list<string> $sessionIds up to 1000 */
    public function deductAll(array $sessionIds, ?string $key = null): array
    {
        $items = array_map(fn (string $id) => ['session_id' => $id], array_values($sessionIds));
        return $this->call('POST', '/v1/deductions', [], ['items' => $items], $key);
    }

    public function end(string $id, array $body = [], ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/end', [], $body, $key);
    }

    public function refund(string $id, array $body, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/refunds', [], $body, $key);
    }

    public function getSession(string $id): array
    {
        return $this->call('GET', self::session($id));
    }

    public function sessionsPage(array $query = []): array
    {
        return $this->call('GET', '/v1/sessions', $query);
    }

    public function sessions(array $query = []): \Generator
    {
        return self::pages($this->sessionsPage(...), $query, 'items');
    }

    public function statement(string $id, array $query = []): array
    {
        return $this->call('GET', self::session($id) . '/statement', $query);
    }

    public function statementLines(string $id, array $query = []): \Generator
    {
        return self::pages(fn (array $page) => $this->statement($id, $page), $query, 'lines');
    }

    // Feed, health

    public function eventsPage(array $query = []): array
    {
        return $this->call('GET', '/v1/events', $query);
    }

    /** Every fact after $after, up to the newest. */
    public function events(int $after = 0, int $limit = 500): \Generator
    {
        while (($page = $this->eventsPage(['after' => $after, 'limit' => $limit]))['items'] !== []) {
            foreach ($page['items'] as $event) {
                yield $event;
            }
            $after = $page['next_after'];
        }
    }

    /** Every fact after $after, and then each new one as it happens. */
    public function stream(int $after = 0): \Generator
    {
        return (new EventStream($this->transport))->follow($after);
    }

    public function isLive(): bool
    {
        return $this->answers('/livez');
    }

    public function isReady(): bool
    {
        return $this->answers('/readyz');
    }

    public function metrics(): string
    {
        return $this->transport->send('GET', '/metrics');
    }

    public function openapi(): array
    {
        return $this->call('GET', '/openapi.json');
    }

    // A server with --test-clock

    public function testClock(): array
    {
        return $this->call('GET', '/v1/test/clock');
    }

    public function advanceTestClock(array $body, ?string $key = null): array
    {
        return $this->call('POST', '/v1/test/clock', [], $body, $key);
    }

    /** @throws UnreadableAnswer */
    public static function decode(string $text): array
    {
        try {
            $value = json_decode($text, true, 64, JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw new UnreadableAnswer('the answer is no JSON', 0, $error);
        }
        return is_array($value) ? $value : throw new UnreadableAnswer('the answer is no JSON object');
    }

    private function call(
        string $method,
        string $path,
        array $query = [],
        ?array $body = null,
        ?string $key = null,
    ): array {
        return self::decode($this->transport->send($method, $path, $query, $body, $key));
    }

    private function answers(string $path): bool
    {
        try {
            $this->transport->send('GET', $path, attempts: 1);
            return true;
        } catch (Unavailable) {
            return false;
        }
    }

    private static function pages(callable $page, array $query, string $field): \Generator
    {
        do {
            $answer = $page($query + ['limit' => 500]);
            foreach ($answer[$field] as $item) {
                yield $item;
            }
            $query['cursor'] = $answer['next_cursor'];
        } while ($query['cursor'] !== null);
    }

    private static function segment(string $id): string
    {
        return $id === '' ? throw new \InvalidArgumentException('an id is missing') : rawurlencode($id);
    }

    private static function subscription(string $id): string
    {
        return '/v1/subscriptions/' . self::segment($id);
    }

    private static function doctor(string $id): string
    {
        return '/v1/doctors/' . self::segment($id);
    }

    private static function session(string $id): string
    {
        return '/v1/sessions/' . self::segment($id);
    }

    private static function withdrawal(string $id): string
    {
        return '/v1/withdrawals/' . self::segment($id);
    }
}
