<?php

declare(strict_types=1);

namespace Toll;

/** The request can never succeed as it is. */
final class InvalidRequest extends ApiError
{
}
