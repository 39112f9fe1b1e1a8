<?php

return [
    // Where the server is, and the token of the role `service` that `tollctl token create` printed.
    'url' => env('TOLL_URL', 'http://127.0.0.1:8080'),
    'token' => env('TOLL_TOKEN'),

    // Seconds that a call costs at most, and of an attempt for connection and TLS handshake.
    'timeout' => (float) env('TOLL_TIMEOUT', 10),
    'connect_timeout' => (float) env('TOLL_CONNECT_TIMEOUT', 3),

    // How often one call is sent at most; jobs and toll:follow go on after that.
    'attempts' => (int) env('TOLL_ATTEMPTS', 5),

    // For https: a PEM file of the certificates that are trusted, if not the system's.
    'cafile' => env('TOLL_CAFILE'),

    // The database connection that has the cursors of toll:follow: the one that your listeners write to.
    'database' => env('TOLL_DATABASE'),
];
