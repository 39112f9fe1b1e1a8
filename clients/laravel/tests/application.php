<?php

// A copy of app/ with the packages in it and its tables made.

declare(strict_types=1);

namespace Toll\Tests;

if (!is_file('/usr/share/php/Illuminate/Foundation/Application.php') || !extension_loaded('pdo_sqlite')) {
    echo "SKIPPED: no Laravel or no SQLite for PHP; tools/install-packages brings both\n";
    exit(SKIPPED);
}

final class Application
{
    public readonly string $path;

    /** With the packages installed and the tables made by these commands of a page, or else without any. */
    public function __construct(private string $url, ?string $commands = null)
    {
        $packages = ['toll/client' => __DIR__ . '/../../php', 'toll/laravel' => __DIR__ . '/..'];
        $there = ['replace' => ['laravel/framework' => '8.83.26']];
        $this->path = $commands === null ? project($packages, $there) : directory();
        output($this->path, ['cp', '-r', __DIR__ . '/app/.', $this->path]);
        mkdir("$this->path/bootstrap/cache");
        mkdir("$this->path/storage");
        touch("$this->path/database/clinic.sqlite");
        if ($commands === null) {
            $this->artisan('migrate');
        } else {
            paste($this->path, $commands, $there, $this->environment());
        }
    }

    /** The same, for another server. */
    public function of(string $url): self
    {
        $other = clone $this;
        $other->url = $url;
        return $other;
    }

    /** What the command prints. */
    public function artisan(string $words, int $status = 0, array $environment = []): string
    {
        return output($this->path, $this->command($words), $status, $environment + $this->environment());
    }

    /** The command, running. */
    public function start(string $words): Program
    {
        return new Program($this->command($words), $this->path, $this->environment());
    }

    /** What a piece of PHP prints in the application. */
    public function run(string $code): string
    {
        $boot = '$app = require "bootstrap/app.php"; $app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();';
        return output($this->path, [PHP_BINARY, '-r', "$boot $code"], 0, $this->environment());
    }

    public function query(string $sql): array
    {
        return (new \PDO("sqlite:$this->path/database/clinic.sqlite"))->query($sql)->fetchAll(\PDO::FETCH_COLUMN);
    }

    private function command(string $words): array
    {
        return [PHP_BINARY, 'artisan', ...explode(' ', $words)];
    }

    private function environment(): array
    {
        return ['TOLL_URL' => $this->url, 'TOLL_ATTEMPTS' => '1'];
    }
}
