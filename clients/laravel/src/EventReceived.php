<?php

declare(strict_types=1);

namespace Toll\Laravel;

/** A fact of the feed, dispatched once to the application's listeners. */
final class EventReceived
{
    public readonly int $seq;
    public readonly string $type;

    /** @param array<string, mixed> $event with the fields of docs/EVENTS.md */
    public function __construct(public readonly array $event)
    {
        $this->seq = $event['seq'];
        $this->type = $event['type'];
    }
}
