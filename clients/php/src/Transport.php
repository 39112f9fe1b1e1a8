<?php

// Sends one call, as often as it takes: every attempt of a POST carries the same Idempotency-Key, so
// that a lost answer costs nothing.

declare(strict_types=1);

namespace Toll;

final class Transport
{
    private const RETRIED = [408, 429, 503];
    private const DEFAULTS = [
        'token' => null,
        'attempts' => 5,
        'timeout' => 30.0,           // seconds that an attempt waits for the next byte
        'first_pause' => 0.2,        // seconds; pauses double up to the longest, each shortened at random
        'longest_pause' => 5.0,
        'longest_retry_after' => 60, // beyond it the error says how long it is
    ];

    private readonly string $base;
    /** @var array<string, mixed> */
    private readonly array $options;

    /** @param array<string, mixed> $options */
    public function __construct(string $base, array $options)
    {
        $unknown = array_diff_key($options, self::DEFAULTS);
        if ($unknown !== []) {
            throw new \InvalidArgumentException('unknown option: ' . implode(', ', array_keys($unknown)));
        }
        if (!preg_match('~^https?://[^/\s]+~', $base)) {
            throw new \InvalidArgumentException("'$base' is no URL of a server");
        }
        $this->base = rtrim($base, '/');
        $this->options = $options + self::DEFAULTS;
        if (preg_match('/[^\x21-\x7e]/', $this->options['token'] ?? '')) {
            throw new \InvalidArgumentException('the token is not of printable characters');
        }
    }

    /**
     * The body of a success.
     *
     * @param array<string, mixed> $query
     * @param ?array<string, mixed> $body
     * @throws TollError
     */
    public function send(
        string $method,
        string $path,
        array $query = [],
        ?array $body = null,
        ?string $key = null,
        ?int $attempts = null,
    ): string {
        $headers = $this->headers('application/json');
        if ($body !== null) {
            $headers[] = 'Content-Type: application/json';
            $body = json_encode((object) $body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
        }
        if ($method === 'POST') {
            $key ??= bin2hex(random_bytes(16));
            if (!preg_match('/^[\x21-\x7e]{1,255}$/D', $key)) {
                throw new \InvalidArgumentException('a key has 1 to 255 printable characters');
            }
            $headers[] = "Idempotency-Key: $key";
        }
        $url = $this->url($path, $query);
        try {
            return $this->persist($attempts ?? $this->options['attempts'], fn () => $this->attempt(
                new Http($method, $url, $headers, $body, $this->options['timeout']),
            ));
        } catch (TollError $error) {
            $error->idempotencyKey = $key;
            throw $error;
        }
    }

    /** @param array<string, mixed> $query */
    public function url(string $path, array $query = []): string
    {
        $text = http_build_query($query, '', '&', PHP_QUERY_RFC3986);
        return $this->base . $path . ($text === '' ? '' : "?$text");
    }

    /** @return list<string> */
    public function headers(string $accept): array
    {
        $headers = ["Accept: $accept, application/problem+json, */*"];
        if ($this->options['token'] !== null) {
            $headers[] = "Authorization: Bearer {$this->options['token']}";
        }
        return $headers;
    }

    public function isRetried(TollError $error): bool
    {
        return $error instanceof ConnectionLost
            || ($error instanceof ApiError && in_array($error->status, self::RETRIED, true));
    }

    /** Exponential, and at random so that many clients do not come back at once. */
    public function pause(int $tried, ?int $retryAfter = null): void
    {
        $longest = min($this->options['longest_pause'], $this->options['first_pause'] * 2 ** ($tried - 1));
        $seconds = ($retryAfter ?? 0) + $longest * (0.5 + random_int(0, 1000) / 2000);
        usleep((int) ($seconds * 1e6));
    }

    public function refusal(Http $answer): ApiError
    {
        return ApiError::of($answer->status, $answer->body(), $answer->headers['retry-after'] ?? null);
    }

    private function attempt(Http $answer): string
    {
        if ($answer->status < 200 || $answer->status > 299) {
            throw $this->refusal($answer);
        }
        return $answer->body();
    }

    /** @param callable(): string $attempt */
    private function persist(int $attempts, callable $attempt): string
    {
        for ($tried = 1;; ++$tried) {
            try {
                return $attempt();
            } catch (TollError $error) {
                $wait = $error instanceof ApiError ? $error->retryAfter : null;
                if (
                    !$this->isRetried($error) || $tried >= $attempts
                    || ($wait ?? 0) > $this->options['longest_retry_after']
                ) {
                    throw $error;
                }
                $this->pause($tried, $wait);
            }
        }
    }
}
