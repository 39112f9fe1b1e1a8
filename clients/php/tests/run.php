<?php

// Runs all tests against these programs: TOLLD=build/tolld TOLLCTL=build/tollctl php clients/php/tests/run.php [PART OF A NAME]

declare(strict_types=1);

require __DIR__ . '/../toll.php';
require __DIR__ . '/harness.php';
require __DIR__ . '/transport.php';
require __DIR__ . '/down.php';
require __DIR__ . '/ids.php';
require __DIR__ . '/routes.php';
require __DIR__ . '/fake.php';
require __DIR__ . '/examples.php';
require __DIR__ . '/live.php';

exit($failed === 0 ? 0 : 1);
