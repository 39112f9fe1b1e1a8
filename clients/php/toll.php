<?php

// Loads the client without composer: require this file, nothing else.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/src/' . strtr(substr($class, strlen('Toll\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'Toll\\') && is_file($file)) {
        require $file;
    }
});
