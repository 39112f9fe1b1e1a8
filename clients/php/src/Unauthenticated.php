<?php

declare(strict_types=1);

namespace Toll;

/** No token, or none that the server knows. */
final class Unauthenticated extends ApiError
{
}
