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
    $environment = ['COMPOSER_HOME' => "$project/.composer", 'COMPOSER_ALLOW_SUPERUSER' => '1', 'COMPOSER_DISABLE_NETWORK' => '1'];
    $log = "$project/composer.log";
    $process = proc_open($command, [1 => ['file', $log, 'w'], 2 => ['file', $log, 'a']], $pipes, null, $environment + getenv());
    if (proc_close($process) !== 0) {
        throw new \Exception(implode(' ', $command) . "\n" . file_get_contents($log));
    }
}
