<?php

declare(strict_types=1);

namespace Toll;

/** The live feed: server-sent events, resumed after the last one that was seen. */
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
            $this->transport->pause($this->transport->pauseSeconds(++$failures, $wait));
        }
    }

    /** @return \Generator<int, array<string, mixed>> */
    private function connection(int $after): \Generator
    {
        $deadline = new Deadline(self::SILENCE);
        $headers = [...$this->transport->headers('text/event-stream'), "Last-Event-ID: $after"];
        $answer = $this->transport->exchange('GET', '/v1/events/stream', $headers, '', $deadline);
        [$rest, $data] = ['', ''];
        foreach ($answer->pieces() as $piece) {
            $deadline->renew();
            $lines = explode("\n", $rest . $piece);
            $rest = array_pop($lines);
            foreach ($lines as $line) {
                if (str_starts_with($line, 'data:')) {
                    $data .= substr($line, 5);
                } elseif (trim($line) === '' && $data !== '') {
                    yield Json::decode($data);
                    $data = '';
                }
            }
        }
    }
}
