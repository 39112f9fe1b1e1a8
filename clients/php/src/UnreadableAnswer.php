<?php

declare(strict_types=1);

namespace Toll;

/** An answer that is no HTTP or no JSON. */
final class UnreadableAnswer extends TollError
{
}
