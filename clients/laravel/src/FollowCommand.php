<?php

declare(strict_types=1);

namespace Toll\Laravel;

use Illuminate\Console\Command;
use Illuminate\Contracts\Events\Dispatcher;
use Toll\Client;

/** Dispatches each event of the feed in a transaction that moves the cursor too: killed anywhere, it goes on. */
final class FollowCommand extends Command
{
    protected $signature = 'toll:follow
        {--once : Stop at the newest event}
        {--name=default : Of the cursor}';
    protected $description = 'Dispatch the events of Toll to the listeners of this application';

    public function handle(Client $toll, Cursor $cursor, Dispatcher $dispatcher): int
    {
        $name = $this->option('name');
        $seq = $cursor->position($name);
        $events = $this->option('once') ? $toll->events($seq) : $toll->stream($seq);
        foreach ($events as $event) {
            $dispatch = fn () => $dispatcher->dispatch(new EventReceived($event));
            $cursor->advance($name, $seq, $event['seq'], $dispatch);
            $seq = $event['seq'];
            $this->line("$seq $event[type]", verbosity: 'v');
        }
        return self::SUCCESS;
    }
}
