<?php

declare(strict_types=1);

namespace Toll;

/** No answer, after every attempt: whether the request was carried out is not known. */
final class ConnectionLost extends TollError
{
}
