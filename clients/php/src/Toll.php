<?php

declare(strict_types=1);

namespace Toll;

/** The client of a server, over HTTP. */
final class Toll implements Client
{
    private readonly Transport $transport;

    /**
     * @param array{
     *     token?: ?string, timeout?: float, connect_timeout?: float, cafile?: ?string,
     *     attempts?: int, first_pause?: float, longest_pause?: float
     * } $options see Transport
     */
    public function __construct(string $url, array $options = [])
    {
        $this->transport = new Transport($url, $options);
    }

    /**
     * A client without a server, for tests: it remembers its calls and answers them as it is told.
     *
     * @param array<string, mixed> $answers by method: an answer, an error to throw, or a function of the arguments
     */
    public static function fake(array $answers = []): Testing\Fake
    {
        return new Testing\Fake($answers);
    }

    // Subscriptions and patients

    public function putSubscription(string|int $id, array $body, ?string $key = null): array
    {
        if (is_array($body['units'] ?? null)) {
            $body['units'] = (object) $body['units'];
        }
        return $this->call('PUT', self::subscription($id), [], $body, $key);
    }

    public function getSubscription(string|int $id): array
    {
        return $this->call('GET', self::subscription($id));
    }

    public function patchSubscription(string|int $id, array $body, ?string $key = null): array
    {
        return $this->call('PATCH', self::subscription($id), [], $body, $key);
    }

    public function topUp(string|int $id, array $units, ?string $key = null): array
    {
        return $this->call('POST', self::subscription($id) . '/topups', [], ['units' => (object) $units], $key);
    }

    public function balance(string|int $patientId): array
    {
        return $this->call('GET', '/v1/patients/' . self::segment($patientId) . '/balance');
    }

    // Doctors

    public function putDoctor(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->call('PUT', self::doctor($id), [], $body, $key);
    }

    public function wallet(string|int $doctorId): array
    {
        return $this->call('GET', self::doctor($doctorId) . '/wallet');
    }

    public function entriesPage(string|int $doctorId, array $query = []): array
    {
        return $this->call('GET', self::doctor($doctorId) . '/wallet/entries', $query);
    }

    public function entries(string|int $doctorId, array $query = []): \Generator
    {
        return self::pages(fn (array $page) => $this->entriesPage($doctorId, $page), $query, 'items');
    }

    public function requestWithdrawal(string|int $doctorId, array $body, ?string $key = null): array
    {
        return $this->call('POST', self::doctor($doctorId) . '/withdrawals', [], $body, $key);
    }

    public function approveWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/approve', key: $key);
    }

    public function rejectWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/reject', key: $key);
    }

    public function payWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->call('POST', self::withdrawal($id) . '/pay', key: $key);
    }

    // Sessions

    public function startSession(array $body, ?string $key = null): array
    {
        return $this->call('POST', '/v1/sessions', [], $body, $key);
    }

    public function sendMessage(string|int $id, string $from, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/messages', [], ['from' => $from], $key);
    }

    public function activate(string|int $id, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/activate', key: $key);
    }

    public function deduct(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/deduct', [], $body, $key);
    }

    public function deductAll(array $sessionIds, ?string $key = null): array
    {
        $items = array_map(fn (string|int $id) => ['session_id' => $id], array_values($sessionIds));
        return $this->call('POST', '/v1/deductions', [], ['items' => $items], $key);
    }

    public function end(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/end', [], $body, $key);
    }

    public function refund(string|int $id, array $body, ?string $key = null): array
    {
        return $this->call('POST', self::session($id) . '/refunds', [], $body, $key);
    }

    public function getSession(string|int $id): array
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

    public function statement(string|int $id, array $query = []): array
    {
        return $this->call('GET', self::session($id) . '/statement', $query);
    }

    public function statementLines(string|int $id, array $query = []): \Generator
    {
        return self::pages(fn (array $page) => $this->statement($id, $page), $query, 'lines');
    }

    // Feed, health

    public function eventsPage(array $query = []): array
    {
        return $this->call('GET', '/v1/events', $query);
    }

    public function events(int $after = 0, int $limit = 500): \Generator
    {
        while (($page = $this->eventsPage(['after' => $after, 'limit' => $limit]))['items'] !== []) {
            foreach ($page['items'] as $event) {
                yield $event;
            }
            $after = $page['next_after'];
        }
    }

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

    private function call(
        string $method,
        string $path,
        array $query = [],
        ?array $body = null,
        ?string $key = null,
    ): array {
        return Json::decode($this->transport->send($method, $path, $query, $body, $key));
    }

    private function answers(string $path): bool
    {
        try {
            $this->transport->send('GET', $path, attempts: 1);
            return true;
        } catch (Unavailable | ConnectionLost) {
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

    private static function segment(string|int $id): string
    {
        return in_array($id, ['', '.', '..'], true)
            ? throw new \InvalidArgumentException("'$id' cannot be sent as an id")
            : rawurlencode((string) $id);
    }

    private static function subscription(string|int $id): string
    {
        return '/v1/subscriptions/' . self::segment($id);
    }

    private static function doctor(string|int $id): string
    {
        return '/v1/doctors/' . self::segment($id);
    }

    private static function session(string|int $id): string
    {
        return '/v1/sessions/' . self::segment($id);
    }

    private static function withdrawal(string|int $id): string
    {
        return '/v1/withdrawals/' . self::segment($id);
    }
}
