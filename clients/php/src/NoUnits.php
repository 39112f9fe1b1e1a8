<?php

declare(strict_types=1);

namespace Toll;

/** The patient has no free unit. */
final class NoUnits extends ApiError
{
}
