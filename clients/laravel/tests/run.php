<?php

// The bridge in an application of Debian's Laravel, installed by composer; skipped (exit 77) where one of them is missing.
//
//     TOLLD=build/tolld TOLLCTL=build/tollctl php clients/laravel/tests/run.php

declare(strict_types=1);

namespace Toll\Tests;

require __DIR__ . '/../../php/toll.php';
require __DIR__ . '/../../php/tests/harness.php';
require __DIR__ . '/../../php/tests/project.php';
require __DIR__ . '/application.php';
require __DIR__ . '/follow.php';
require __DIR__ . '/jobs.php';
require __DIR__ . '/package.php';

exit($failed === 0 ? 0 : 1);
