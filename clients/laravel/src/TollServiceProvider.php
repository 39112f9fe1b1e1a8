<?php

declare(strict_types=1);

namespace Toll\Laravel;

use Illuminate\Contracts\Foundation\Application;
use Illuminate\Support\ServiceProvider;
use Toll\Client;
use Toll\Toll;

/** Makes the Toll\Client of config/toll.php, and the command that follows its feed. */
final class TollServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__ . '/../config/toll.php', 'toll');
        $this->app->singleton(Client::class, function (Application $app): Client {
            ['url' => $url, 'database' => $database] = $options = $app['config']['toll'];
            unset($options['url'], $options['database']);
            return new Toll($url, $options);
        });
        $this->app->bind(Cursor::class, fn (Application $app) => new Cursor(
            $app['db']->connection($app['config']['toll.database']),
        ));
    }

    public function boot(): void
    {
        if ($this->app->runningInConsole()) {
            $this->loadMigrationsFrom(__DIR__ . '/../migrations');
            $this->publishes([__DIR__ . '/../config/toll.php' => $this->app->configPath('toll.php')], 'toll-config');
            $this->commands([FollowCommand::class]);
        }
    }
}
