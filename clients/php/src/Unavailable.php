<?php

declare(strict_types=1);

namespace Toll;

/** Overload, shutdown, a full disk, or a fault of the server. */
final class Unavailable extends ApiError
{
}
