<?php

// The least application: Debian's Laravel, and the packages that composer has installed.

error_reporting(E_ALL & ~E_DEPRECATED); // Laravel 8 is older than PHP 8.2
require __DIR__ . '/../vendor/autoload.php';
require '/usr/share/php/Illuminate/autoload.php';
require __DIR__ . '/../Ledger.php';

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->singleton(Illuminate\Contracts\Console\Kernel::class, Illuminate\Foundation\Console\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);
$app->booted(fn () => $app['events']->listen(Toll\Laravel\EventReceived::class, Ledger::class));
return $app;
