<?php

declare(strict_types=1);

namespace Toll\Laravel;

use Illuminate\Database\ConnectionInterface;
use Illuminate\Database\Query\Builder;

/** How far the feed was read, by name, in the table toll_cursors. */
final class Cursor
{
    public function __construct(private readonly ConnectionInterface $database)
    {
    }

    /** The sequence number of the last event that was handled; 0 at first. */
    public function position(string $name): int
    {
        $this->database->table('toll_cursors')->insertOrIgnore(['name' => $name, 'seq' => 0]);
        return (int) $this->row($name)->value('seq');
    }

    /**
     * Does the work and moves the cursor, both or neither.
     *
     * @throws \RuntimeException when another process has moved it
     */
    public function advance(string $name, int $from, int $to, callable $work): void
    {
        $this->database->transaction(function () use ($name, $from, $to, $work): void {
            // First, because it locks the row: whoever comes second finds it moved.
            if ($this->row($name)->where('seq', $from)->update(['seq' => $to]) !== 1) {
                throw new \RuntimeException("another process follows the feed as '$name'");
            }
            $work();
        });
    }

    private function row(string $name): Builder
    {
        return $this->database->table('toll_cursors')->where('name', $name);
    }
}
