<?php

declare(strict_types=1);

namespace Toll;

/** What the path names does not exist. */
final class NotFound extends ApiError
{
}
