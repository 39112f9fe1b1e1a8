<?php

declare(strict_types=1);

namespace Toll\Laravel\Facades;

use Illuminate\Support\Facades\Facade;
use Toll\Client;
use Toll\Testing\Fake;

/** @mixin Client */
final class Toll extends Facade
{
    /**
     * Puts Toll::fake() in the client's place, also where that is injected.
     *
     * @param array<string, mixed> $answers
     */
    public static function fake(array $answers = []): Fake
    {
        $fake = \Toll\Toll::fake($answers);
        self::swap($fake);
        return $fake;
    }

    protected static function getFacadeAccessor(): string
    {
        return Client::class;
    }
}
