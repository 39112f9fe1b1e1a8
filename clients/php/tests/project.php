<?php

// A project that has packages of this tree by composer, and nothing from elsewhere.

declare(strict_types=1);

namespace Toll\Tests;

const SKIPPED = 77; // CTest's SKIP_RETURN_CODE

if (trim((string) shell_exec('command -v composer')) === '') {
    echo "SKIPPED: no composer; tools/install-packages brings it\n";
    exit(SKIPPED);
}

/** @param array<string, string> $packages their folders, by name */
function project(array $packages, array $more = []): string
{
    $path = directory();
    $folder = fn (string $folder) => ['type' => 'path', 'url' => realpath($folder), 'options' => ['symlink' => false]];
    file_put_contents("$path/composer.json", json_encode($more + [
        'require' => array_fill_keys(array_keys($packages), '*@dev'),
        'repositories' => [...array_map($folder, array_values($packages)), ['packagist.org' => false]],
    ]));
    composer($path, 'install');
    return $path;
}

function composer(string $project, string ...$words): void
{
    $command = ['composer', ...$words, '--no-interaction', '--no-ansi', '--working-dir', $project];
    output($project, $command, 0, composer_alone($project));
}

/** Composer that knows no other repository, and asks nobody. */
function composer_alone(string $project): array
{
    return ['COMPOSER_HOME' => "$project/.composer", 'COMPOSER_ALLOW_SUPERUSER' => '1', 'COMPOSER_DISABLE_NETWORK' => '1',
        'COMPOSER_NO_INTERACTION' => '1'];
}

/** Carries out the commands of a page, which call this tree /path/to/toll, in a project without packages. */
function paste(string $project, string $commands, array $more = [], array $environment = []): void
{
    file_put_contents("$project/composer.json", json_encode($more + ['repositories' => ['packagist.org' => false]]));
    $here = str_replace('/path/to/toll', realpath(__DIR__ . '/../../..'), $commands);
    output($project, ['/bin/sh', '-ec', $here], 0, $environment + composer_alone($project));
}

/** What a program of the project prints; throws when it fails, unless that is what is expected. */
function output(string $project, array $command, int $status = 0, array $environment = []): string
{
    $pipes = [];
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes, $project, $environment + getenv());
    $text = stream_get_contents($pipes[1]);
    $ended = proc_close($process);
    if ($ended !== $status) {
        throw new \Exception(implode(' ', $command) . " ended with $ended, not $status\n$text");
    }
    return $text;
}
