<?php

// One HTTP exchange, by PHP's own streams: no extension needed.

declare(strict_types=1);

namespace Toll;

final class Http
{
    /** @var resource */
    private $stream;
    public readonly int $status;
    /** @var array<string, string> by lower-case name */
    public readonly array $headers;

    /**
     * Sends a request and reads the head of its answer.
     *
     * @param list<string> $headers
     * @param float $timeout seconds to wait for the next byte
     * @throws ConnectionLost
     */
    public function __construct(
        string $method,
        string $url,
        array $headers,
        ?string $body,
        float $timeout,
        float $version = 1.1,
    ) {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => [...$headers, 'Connection: close'],
            'content' => $body ?? '',
            'protocol_version' => $version,
            'timeout' => $timeout,
            'ignore_errors' => true,
            'follow_location' => 0,
        ]]);
        error_clear_last();
        $stream = @fopen($url, 'r', false, $context);
        if ($stream === false) {
            throw new ConnectionLost(error_get_last()['message'] ?? 'no answer');
        }
        $this->stream = $stream;
        $fields = [];
        $head = stream_get_meta_data($stream)['wrapper_data'] ?? [];
        foreach ($head as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $fields[strtolower($name)] = trim($value);
        }
        $this->headers = $fields;
        $this->status = (int) (explode(' ', $head[0] ?? '')[1] ?? 0);
    }

    /** @throws ConnectionLost when it is cut short */
    public function body(): string
    {
        $body = (string) stream_get_contents($this->stream);
        $length = $this->headers['content-length'] ?? null;
        if ($length !== null && strlen($body) !== (int) $length) {
            throw new ConnectionLost('the answer was cut short');
        }
        return $body;
    }

    /** A line with its end; null when there is no more, or nothing came in time. */
    public function line(): ?string
    {
        $line = @fgets($this->stream);
        return $line === false || !str_ends_with($line, "\n") ? null : $line;
    }
}
