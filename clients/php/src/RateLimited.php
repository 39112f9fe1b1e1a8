<?php

declare(strict_types=1);

namespace Toll;

/** Too many requests. */
final class RateLimited extends ApiError
{
}
