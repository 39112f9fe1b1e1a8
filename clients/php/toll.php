<?php

// Loads the client: require this file, nothing else.

declare(strict_types=1);

foreach (['Errors', 'Http', 'Transport', 'EventStream', 'Toll'] as $file) {
    require_once __DIR__ . "/src/$file.php";
}
