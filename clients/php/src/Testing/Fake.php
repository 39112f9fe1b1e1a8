<?php

declare(strict_types=1);

namespace Toll\Testing;

use Toll\Client;

/**
 * A client without a server, for the tests of those who use one: it remembers its calls, and answers as it was told or
 * else as a server would to whom everything is new. Toll::fake() makes one.
 */
final class Fake implements Client
{
    use Records;

    public function putSubscription(string|int $id, array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function getSubscription(string|int $id): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function patchSubscription(string|int $id, array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function topUp(string|int $id, array $units, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function balance(string|int $patientId): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function putDoctor(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function wallet(string|int $doctorId): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function entriesPage(string|int $doctorId, array $query = []): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function entries(string|int $doctorId, array $query = []): iterable
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function requestWithdrawal(string|int $doctorId, array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function approveWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function rejectWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function payWithdrawal(string|int $id, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function startSession(array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function sendMessage(string|int $id, string $from, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function activate(string|int $id, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function deduct(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function deductAll(array $sessionIds, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function end(string|int $id, array $body = [], ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function refund(string|int $id, array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function getSession(string|int $id): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function sessionsPage(array $query = []): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function sessions(array $query = []): iterable
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function statement(string|int $id, array $query = []): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function statementLines(string|int $id, array $query = []): iterable
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function eventsPage(array $query = []): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function events(int $after = 0, int $limit = 500): iterable
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function stream(int $after = 0): iterable
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function isLive(): bool
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function isReady(): bool
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function metrics(): string
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function openapi(): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function testClock(): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }

    public function advanceTestClock(array $body, ?string $key = null): array
    {
        return $this->answer(__FUNCTION__, func_get_args());
    }
}
