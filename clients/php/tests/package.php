<?php

// The composer package in a project of its own, which knows no other repository; skipped (exit 77) without composer.
//
//     TOLLD=build/tolld TOLLCTL=build/tollctl php clients/php/tests/package.php

declare(strict_types=1);

namespace Toll\Tests;

require __DIR__ . '/../toll.php';
require __DIR__ . '/harness.php';
require __DIR__ . '/project.php';

test('installed by composer, and run as the README has it', function () {
    $project = project(['toll/client' => __DIR__ . '/..']);
    composer($project, 'dump-autoload', '--optimize', '--strict-psr');
    $server = new Server(directory());
    preg_match('/```php\n(.*?)```/s', file_get_contents(__DIR__ . '/../README.md'), $example);
    $text = str_replace('http://127.0.0.1:8080', $server->url, $example[1]);
    file_put_contents("$project/readme.php", "<?php\n$text");
    same('manual 350000', (new Program([PHP_BINARY, "$project/readme.php"], $project))->said);
    foreach (glob(__DIR__ . '/../src/{,*/}*.php', GLOB_BRACE) as $file) {
        $name = 'Toll\\' . strtr(substr(realpath($file), strlen(realpath(__DIR__ . '/../src')) + 1, -4), '/', '\\');
        $code = "require 'vendor/autoload.php'; var_export(class_exists('$name') || interface_exists('$name') || trait_exists('$name'));";
        same("$name true", "$name " . (new Program([PHP_BINARY, '-r', $code], $project))->said);
    }
});

test('installed by the commands of the README', function () {
    preg_match('/```sh\n(.*?)```/s', file_get_contents(__DIR__ . '/../README.md'), $commands);
    $project = directory();
    paste($project, $commands[1]);
    same("true", (new Program([PHP_BINARY, '-r', 'require "vendor/autoload.php"; echo var_export(class_exists("Toll\\Toll")), "\n";'], $project))->said);
});

exit($failed === 0 ? 0 : 1);
