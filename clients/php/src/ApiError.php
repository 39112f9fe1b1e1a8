<?php

declare(strict_types=1);

namespace Toll;

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
