<?php

declare(strict_types=1);

namespace Toll\Testing;

use Toll\Json;

/** What a server would answer to whom everything is new, field by field. */
final class Answers
{
    private const NOW = '2026-01-01T00:00:00.000Z';
    private const LATER = '2099-01-01T00:00:00.000Z';
    private const COUNTS = ['granted' => 0, 'taken' => 0, 'refunded' => 0, 'held' => 0, 'free' => 0, 'remaining' => 0];

    /** @param list<mixed> $args */
    public static function to(string $method, array $args): mixed
    {
        [$first, $second] = $args + [null, null];
        return match ($method) {
            'putSubscription' => self::subscription($first, $second, $second['units'] ?? []),
            'getSubscription' => self::subscription($first),
            'patchSubscription' => self::subscription($first, $second),
            'topUp' => self::subscription($first, [], $second),
            'balance' => [
                'patient_id' => (string) $first,
                'units' => ['text' => 0, 'voice' => 0, 'video' => 0],
                'subscriptions' => [],
            ],
            'putDoctor' => ['doctor_id' => (string) $first, 'currency' => $second['currency'] ?? 'MWK'],
            'wallet' => ['doctor_id' => (string) $first, 'currency' => 'MWK']
                + array_fill_keys(['balance', 'earned', 'withdrawn', 'pending'], 0),
            'requestWithdrawal' => ['doctor_id' => (string) $first] + $second + self::withdrawal('w1', 'requested'),
            'approveWithdrawal' => self::withdrawal($first, 'approved'),
            'rejectWithdrawal' => self::withdrawal($first, 'rejected'),
            'payWithdrawal' => self::withdrawal($first, 'paid'),
            'startSession' => self::session($first['id'] ?? 'c1', $first),
            'getSession' => self::session($first),
            'sendMessage' => self::session($first, ['channel' => 'text']),
            'activate' => self::active($first),
            'deduct' => ['deducted' => 0, 'intervals_due' => 0, 'session' => self::active($first)],
            'deductAll' => ['items' => array_map(
                fn (string|int $id) => ['session_id' => (string) $id, 'deducted' => 0, 'status' => 200],
                $first,
            )],
            'end' => [
                'deducted' => 1,
                'manual_unit' => true,
                'already_ended' => false,
                'session' => self::ended($first, $second ?? []),
            ],
            'refund' => [
                'refunded' => $second['units'],
                'session' => ['units_refunded' => $second['units']] + self::ended($first),
            ],
            'statement' => ['session' => self::session($first), 'lines' => [], 'next_cursor' => null],
            'entriesPage', 'sessionsPage' => ['items' => [], 'next_cursor' => null],
            'eventsPage' => ['items' => [], 'next_after' => $first['after'] ?? 0],
            'entries', 'sessions', 'statementLines', 'events', 'stream', 'openapi' => [],
            'isLive', 'isReady' => true,
            'metrics' => '',
            'testClock', 'advanceTestClock' => ['now' => self::NOW],
        };
    }

    private static function subscription(string|int $id, array $fields = [], array $units = []): array
    {
        $counts = fn (int $free) => ['granted' => $free, 'free' => $free, 'remaining' => $free] + self::COUNTS;
        $channels = $units + ['text' => 0, 'voice' => 0, 'video' => 0];
        return ['id' => (string) $id, 'units' => array_map($counts, $channels)] + Json::withIds($fields) + [
            'patient_id' => 'p1',
            'members' => [],
            'plan' => null,
            'payment_ref' => null,
            'starts_at' => self::NOW,
            'ends_at' => self::LATER,
            'rollover_days' => 0,
            'status' => 'active',
        ];
    }

    private static function session(string|int $id, array $fields = []): array
    {
        return ['id' => (string) $id] + Json::withIds($fields) + [
            'channel' => 'voice',
            'status' => 'waiting',
            'patient_id' => 'p1',
            'doctor_id' => 'd1',
            'external_ref' => null,
            'created_at' => self::NOW,
            'response_deadline' => null,
            'activated_at' => null,
            'ended_at' => null,
            'ended_by' => null,
            'end_reason' => null,
            'reason' => null,
            'auto_deductions_processed' => 0,
            'manual_deduction_applied' => false,
            'sessions_used' => 0,
            'units_due' => 0,
            'units_refunded' => 0,
            'next_deduction_at' => null,
            'policy_version' => 1,
        ];
    }

    private static function active(string|int $id): array
    {
        $next = '2026-01-01T00:10:00.000Z';
        return self::session($id, ['status' => 'active', 'activated_at' => self::NOW, 'next_deduction_at' => $next]);
    }

    private static function ended(string|int $id, array $fields = []): array
    {
        return self::session($id, $fields + [
            'status' => 'ended',
            'activated_at' => self::NOW,
            'ended_at' => '2026-01-01T00:05:00.000Z',
            'ended_by' => 'server',
            'end_reason' => 'hangup',
            'manual_deduction_applied' => true,
            'sessions_used' => 1,
        ]);
    }

    private static function withdrawal(string|int $id, string $status): array
    {
        return [
            'id' => (string) $id,
            'doctor_id' => 'd1',
            'amount' => 100,
            'currency' => 'MWK',
            'status' => $status,
            'requested_at' => self::NOW,
            'changed_at' => self::NOW,
        ];
    }
}
