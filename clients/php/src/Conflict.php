<?php

declare(strict_types=1);

namespace Toll;

/** The state does not allow it; $errorCode says why: patient_busy, insufficient_balance, ... */
final class Conflict extends ApiError
{
}
