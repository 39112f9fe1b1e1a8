<?php

declare(strict_types=1);

namespace Toll;

/**
 * Sends one call, as often as it takes: every attempt of a change carries the same Idempotency-Key, so that a lost
 * answer costs nothing.
 */
final class Transport
{
    private const RETRIED = [408, 429, 503];
    private const DEFAULTS = [
        'token' => null,
        'timeout' => 10.0,         // seconds that a call costs at most: every attempt, pause and Retry-After
        'connect_timeout' => 3.0,  // seconds of an attempt for connection and TLS handshake
        'cafile' => null,          // who is trusted, PEM; else the system's own
        'attempts' => 5,
        'first_pause' => 0.2,      // seconds; pauses double up to the longest, each shortened at random
        'longest_pause' => 5.0,
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
        if (!preg_match('~^https?://[^/\s@?#]+(/[^\s?#]*)?$~D', $base) || parse_url($base) === false) {
            throw new \InvalidArgumentException("'$base' is no URL of a server");
        }
        if (str_starts_with($base, 'https:') && !extension_loaded('openssl')) {
            throw new \InvalidArgumentException("'$base' needs PHP's extension openssl");
        }
        $this->base = rtrim($base, '/');
        $this->options = $options + self::DEFAULTS;
        if (preg_match('/[^\x21-\x7e]/', $this->options['token'] ?? '')) {
            throw new \InvalidArgumentException('the token is not of printable characters');
        }
        $cafile = $this->options['cafile'];
        if ($cafile !== null && !is_readable($cafile)) {
            throw new \InvalidArgumentException("cafile: cannot read '$cafile'");
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
        $text = $body === null ? '' : Json::encode($body);
        if ($body !== null) {
            $headers[] = 'Content-Type: application/json';
        }
        if ($method !== 'GET') {
            $key ??= bin2hex(random_bytes(16));
            if (!preg_match('/^[\x21-\x7e]{1,255}$/D', $key)) {
                throw new \InvalidArgumentException('a key has 1 to 255 printable characters');
            }
            $headers[] = "Idempotency-Key: $key";
            $headers[] = 'Content-Length: ' . strlen($text);
        }
        $query = http_build_query($query, '', '&', PHP_QUERY_RFC3986);
        $target = $path . ($query === '' ? '' : "?$query");
        $deadline = new Deadline($this->options['timeout']);
        $attempt = fn () => $this->exchange($method, $target, $headers, $text, $deadline)->body();
        try {
            return $this->persist($attempts ?? $this->options['attempts'], $attempt, $deadline);
        } catch (TollError $error) {
            $error->idempotencyKey = $key;
            throw $error;
        }
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

    /**
     * A success whose body is still to be read.
     *
     * @param list<string> $headers
     * @throws TollError
     */
    public function exchange(string $method, string $target, array $headers, string $body, Deadline $deadline): Http
    {
        ['cafile' => $cafile, 'connect_timeout' => $connectTimeout] = $this->options;
        $connection = new Connection($this->base, $cafile, $connectTimeout, $deadline);
        [, , $host, $prefix] = explode('/', $this->base, 4) + [3 => ''];
        $target = ($prefix === '' ? '' : "/$prefix") . $target;
        $head = ["$method $target HTTP/1.1", "Host: $host", ...$headers, 'Connection: close', "\r\n"];
        $connection->write(implode("\r\n", $head) . $body);
        $answer = new Http($connection);
        if ($answer->status < 200 || $answer->status > 299) {
            throw ApiError::of($answer->status, $answer->body(), $answer->headers['retry-after'] ?? null);
        }
        return $answer;
    }

    public function isRetried(TollError $error): bool
    {
        return $error instanceof ConnectionLost
            || ($error instanceof ApiError && in_array($error->status, self::RETRIED, true));
    }

    /** Exponential, and at random so that many clients do not come back at once. */
    public function pauseSeconds(int $tried, ?int $retryAfter = null): float
    {
        $longest = min($this->options['longest_pause'], $this->options['first_pause'] * 2 ** ($tried - 1));
        return ($retryAfter ?? 0) + $longest * (0.5 + random_int(0, 1000) / 2000);
    }

    public function pause(float $seconds): void
    {
        usleep((int) ($seconds * 1e6));
    }

    /** @param callable(): string $attempt */
    private function persist(int $attempts, callable $attempt, Deadline $deadline): string
    {
        for ($tried = 1;; ++$tried) {
            try {
                return $attempt();
            } catch (TollError $error) {
                $pause = $this->pauseSeconds($tried, $error instanceof ApiError ? $error->retryAfter : null);
                if (!$this->isRetried($error) || $tried >= $attempts || $pause >= $deadline->left()) {
                    throw $error;
                }
                $this->pause($pause);
            }
        }
    }
}
