<?php

// What an application gets by installing the bridge.

declare(strict_types=1);

namespace Toll\Tests;

test('installed by the commands of the README', function () {
    $server = new Server(directory());
    $server->toll->putDoctor(3);
    preg_match('/```sh\n(.*?)```/s', file_get_contents(__DIR__ . '/../README.md'), $commands);
    $app = new Application($server->url, $commands[1]);
    same('MWK', $app->run('echo Toll::wallet(3)["currency"];'));
    same([0], $app->query('SELECT count(*) FROM toll_cursors'));
});

test('configuration, facade, fake', function () {
    $server = new Server(directory());
    $server->toll->putDoctor(3);
    $app = new Application($server->url);
    same('MWK', $app->run('echo Toll::wallet(3)["currency"];'));
    same('7 7', $app->run('
        Toll::fake(["balance" => ["units" => 7]]);
        echo Toll::balance(1)["units"], " ", app(Toll\Client::class)->balance(1)["units"];
    '));
    same("'balance' is no change that a Toll\\Client makes", $app->run('
        try {
            Toll\Laravel\CallToll::dispatch("balance", [1]);
        } catch (InvalidArgumentException $error) {
            echo $error->getMessage();
        }
    '));
    $app->artisan('vendor:publish --tag=toll-config');
    same(file_get_contents(__DIR__ . '/../config/toll.php'), file_get_contents("$app->path/config/toll.php"));
});
