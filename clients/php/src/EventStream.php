<?php

// The live feed: server-sent events, resumed after the last one that was seen.

declare(strict_types=1);

namespace Toll;

final class EventStream
{
    /** Seconds; the server sends a comment more often than this while nothing happens. */
    private const SILENCE = 60.0;

    public function __construct(private readonly Transport $transport)
    {
    }

    /**
     * Yields events for ever, through lost connections, until the caller stops.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function follow(int $after): \Generator
    {
        for ($failures = 0;;) {
            $wait = null;
            try {
                foreach ($this->connection($after) as $event) {
                    $after = $event['seq'];
                    $failures = 0;
                    yield $event;
                }
            } catch (TollError $error) {
                if (!$this->transport->isRetried($error)) {
                    throw $error;
                }
                $wait = $error instanceof ApiError ? $error->retryAfter : null;
            }
            $this->transport->pause(++$failures, $wait);
        }
    }

    /** @return \Generator<int, array<string, mixed>> */
    private function connection(int $after): \Generator
    {
        $headers = [...$this->transport->headers('text/event-stream'), "Last-Event-ID: $after"];
        // HTTP/1.0, because PHP reads a chunked answer on until it has 8 KiB, however long that takes.
        $answer = new Http('GET', $this->transport->url('/v1/events/stream'), $headers, null, self::SILENCE, 1.0);
        if ($answer->status !== 200) {
            throw $this->transport->refusal($answer);
        }
        $data = '';
        while (($line = $answer->line()) !== null) {
            if (str_starts_with($line, 'data:')) {
                $data .= substr($line, 5);
            } elseif (trim($line) === '' && $data !== '') {
                yield Toll::decode($data);
                $data = '';
            }
        }
    }
}
