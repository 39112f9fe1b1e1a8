<?php

declare(strict_types=1);

namespace Toll;

/** Time that runs out. */
final class Deadline
{
    private float $end;

    public function __construct(private readonly float $seconds)
    {
        $this->renew();
    }

    /** Gives it the whole time again. */
    public function renew(): void
    {
        $this->end = hrtime(true) / 1e9 + $this->seconds;
    }

    /** Seconds; 0 when there are none. */
    public function left(): float
    {
        return max(0.0, $this->end - hrtime(true) / 1e9);
    }
}
