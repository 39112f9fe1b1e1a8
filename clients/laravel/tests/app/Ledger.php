<?php

use Illuminate\Support\Facades\DB;
use Toll\Laravel\EventReceived;

/** Writes each event down; throws or is killed after the one that FAIL_AT or KILL_AT names. */
final class Ledger
{
    public function handle(EventReceived $received): void
    {
        DB::table('ledger')->insert(['seq' => $received->seq, 'type' => $received->type]);
        if (getenv('FAIL_AT') === $received->type) {
            throw new RuntimeException('the listener failed');
        }
        if (getenv('KILL_AT') === $received->type) {
            posix_kill(getmypid(), SIGKILL);
        }
    }
}
