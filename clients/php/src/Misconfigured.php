<?php

declare(strict_types=1);

namespace Toll;

/** TLS that fails, a host that does not exist: no attempt succeeds until somebody changes something. */
final class Misconfigured extends TollError
{
}
