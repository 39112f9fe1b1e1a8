<?php

declare(strict_types=1);

namespace Toll;

/** The token's role may not. */
final class Forbidden extends ApiError
{
}
