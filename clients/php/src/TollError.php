<?php

declare(strict_types=1);

namespace Toll;

/** Whatever goes wrong in a call. */
class TollError extends \RuntimeException
{
    /** The Idempotency-Key of a change: sending it again with the same request changes nothing twice. */
    public ?string $idempotencyKey = null;
}
