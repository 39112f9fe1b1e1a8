<?php

declare(strict_types=1);

namespace Toll;

/**
 * Every route of the API as a method: what to type against, and what to mock. Bodies and answers are arrays with the
 * names that the API gives to fields. A change takes an Idempotency-Key as its last argument, and makes one when there
 * is none. All throw a TollError.
 */
interface Client
{
    // Subscriptions and patients

    /** Grants units to a patient: patient_id, units, ends_at and more. */
    public function putSubscription(string|int $id, array $body, ?string $key = null): array;

    public function getSubscription(string|int $id): array;

    /** Changes status, members or ends_at. */
    public function patchSubscription(string|int $id, array $body, ?string $key = null): array;

    /** Adds units: ['text' => 10]. */
    public function topUp(string|int $id, array $units, ?string $key = null): array;

    /** What a new session of the patient could use. */
    public function balance(string|int $patientId): array;

    // Doctors

    public function putDoctor(string|int $id, array $body = [], ?string $key = null): array;
    public function wallet(string|int $doctorId): array;
    public function entriesPage(string|int $doctorId, array $query = []): array;

    /** Every entry of the wallet, over all pages. */
    public function entries(string|int $doctorId, array $query = []): iterable;

    /** Takes amount and currency. */
    public function requestWithdrawal(string|int $doctorId, array $body, ?string $key = null): array;

    public function approveWithdrawal(string|int $id, ?string $key = null): array;
    public function rejectWithdrawal(string|int $id, ?string $key = null): array;
    public function payWithdrawal(string|int $id, ?string $key = null): array;

    // Sessions

    /** Takes channel, patient_id, doctor_id; id and external_ref if there are any. */
    public function startSession(array $body, ?string $key = null): array;

    /** Of a text session, $from 'patient' or 'doctor'. */
    public function sendMessage(string|int $id, string $from, ?string $key = null): array;

    /** The call was answered. */
    public function activate(string|int $id, ?string $key = null): array;

    /** Takes what is due; the timer does so by itself. */
    public function deduct(string|int $id, array $body = [], ?string $key = null): array;

    /** @param list<string|int> $sessionIds up to 1000 */
    public function deductAll(array $sessionIds, ?string $key = null): array;

    /** Takes ended_by and reason, if there are any. */
    public function end(string|int $id, array $body = [], ?string $key = null): array;

    /** Takes units and reason. */
    public function refund(string|int $id, array $body, ?string $key = null): array;

    public function getSession(string|int $id): array;
    public function sessionsPage(array $query = []): array;

    /** Every session that the query finds, over all pages. */
    public function sessions(array $query = []): iterable;

    public function statement(string|int $id, array $query = []): array;

    /** Every line, over all pages. */
    public function statementLines(string|int $id, array $query = []): iterable;

    // Feed and health

    public function eventsPage(array $query = []): array;

    /** Every fact after $after, up to the newest. */
    public function events(int $after = 0, int $limit = 500): iterable;

    /** Every fact after $after, and then each new one as it happens. */
    public function stream(int $after = 0): iterable;

    /** False as well when nobody answers. */
    public function isLive(): bool;

    /** Whether it takes requests; false as well when nobody answers. */
    public function isReady(): bool;

    public function metrics(): string;
    public function openapi(): array;

    /** Of a server with --test-clock. */
    public function testClock(): array;

    public function advanceTestClock(array $body, ?string $key = null): array;
}
