<?php

return [
    'default' => 'sqlite',
    'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => database_path('clinic.sqlite'), 'prefix' => '']],
    'migrations' => 'migrations',
];
