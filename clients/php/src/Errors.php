<?php

// What can go wrong, one class for each thing that a caller does about it.

declare(strict_types=1);

namespace Toll;

class TollError extends \RuntimeException
{
    /** The Idempotency-Key of a POST: sending it again with the same request changes nothing twice. */
    public ?string $idempotencyKey = null;
}

/** No answer, after every attempt: whether the request was carried out is not known. */
final class ConnectionLost extends TollError
{
}

/** An answer that is no JSON. */
final class UnreadableAnswer extends TollError
{
}

/** The server's refusal. */
class ApiError extends TollError
{
    /** @param ?int $retryAfter seconds, where the server said so */
    final public function __construct(
        public readonly int $status,
        public readonly string $errorCode,
        public readonly string $detail,
        public readonly ?int $retryAfter = null,
    ) {
        parent::__construct("$status $errorCode: $detail");
    }

    /** The error for an answer that is no success. */
    public static function of(int $status, string $body, ?string $retryAfter): self
    {
        $problem = json_decode($body, true);
        $known = is_array($problem) && is_string($problem['code'] ?? null);
        $class = match (true) {
            $status === 401 => Unauthenticated::class,
            $status === 402 => NoUnits::class,
            $status === 403 => Forbidden::class,
            $status === 404 => NotFound::class,
            $status === 409, $status === 422 => Conflict::class,
            $status === 429 => RateLimited::class,
            $status === 408, $status >= 500 => Unavailable::class,
            default => InvalidRequest::class,
        };
        return new $class(
            $status,
            $known ? $problem['code'] : 'unknown',
            $known ? (string) ($problem['detail'] ?? '') : substr($body, 0, 200),
            ctype_digit($retryAfter ?? '') ? (int) $retryAfter : null,
        );
    }
}

final class InvalidRequest extends ApiError
{
}

final class Unauthenticated extends ApiError
{
}

final class NoUnits extends ApiError
{
}

final class Forbidden extends ApiError
{
}

final class NotFound extends ApiError
{
}

/** The state does not allow it; $errorCode says why: patient_busy, insufficient_balance, ... */
final class Conflict extends ApiError
{
}

final class RateLimited extends ApiError
{
}

/** Overload, shutdown, a full disk, or a fault of the server. */
final class Unavailable extends ApiError
{
}
