<?php

declare(strict_types=1);

namespace Toll\Laravel;

use DateTimeInterface;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Toll\ApiError;
use Toll\Client;
use Toll\RateLimited;
use Toll\TollError;
use Toll\Unauthenticated;
use Toll\Unavailable;

/**
 * A change as a job: CallToll::dispatch('end', [$id, ['ended_by' => 'patient']]). All attempts have the key that was made
 * at dispatch, so the change is made once, however often workers die.
 */
class CallToll implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;

    public readonly string $key;

    /**
     * @param string $method of Toll\Client, one that takes a key
     * @param list<mixed> $args those before the key
     * @param ?string $key one that follows from what is done ('order-17') makes a second dispatch harmless as well
     */
    public function __construct(public readonly string $method, public readonly array $args = [], ?string $key = null)
    {
        $parameters = method_exists(Client::class, $method)
            ? array_column((new \ReflectionMethod(Client::class, $method))->getParameters(), 'name')
            : [];
        if (!in_array('key', $parameters, true)) {
            throw new \InvalidArgumentException("'$method' is no change that a Toll\\Client makes");
        }
        $this->key = $key ?? bin2hex(random_bytes(16));
    }

    public function handle(Client $toll): void
    {
        try {
            $toll->{$this->method}(...$this->args, key: $this->key);
        } catch (TollError $error) {
            if ($error instanceof ApiError && !$this->passes($error)) {
                $this->fail($error);
            } elseif ($error instanceof ApiError && $error->retryAfter !== null) {
                $this->release($error->retryAfter);
            } else {
                throw $error;
            }
        }
    }

    /** @return list<int> seconds between attempts */
    public function backoff(): array
    {
        return [1, 5, 30, 120, 600];
    }

    /** The server knows a key for 30 days. */
    public function retryUntil(): DateTimeInterface
    {
        return now()->addDay();
    }

    /** Whether the same request may succeed later: a token can be mended, a refusal stays one. */
    private function passes(ApiError $error): bool
    {
        return $error instanceof Unavailable || $error instanceof RateLimited || $error instanceof Unauthenticated;
    }
}
