<?php

// The example of a chat does what it says, against the real server.

declare(strict_types=1);

namespace Toll\Tests;

function example(string $name, string ...$args): Program
{
    return new Program([PHP_BINARY, __DIR__ . "/../examples/$name.php", ...$args]);
}

function ends_with(string $end, ?string $line): void
{
    same($end, substr((string) $line, -strlen($end)));
}

test('chat: grants, bills, prints the statement', function () {
    $server = new Server(directory());
    $program = example('chat', $server->url);
    ends_with(': ended, 1 units', $program->said);
    same('2026-01-01T00:00:00.000Z  manual  1  350000 MWK', $program->line());
    same(350000, $server->toll->wallet('example-doctor')['balance']);
});
