<?php

// A server that behaves as it is told, one connection at a time. Prints its port, then each request
// as a line of JSON.
//
//     server.php script '[[503, "{}", {"Retry-After": "0"}], "hang up", "cut", "silence", {"raw": "..."}]'
//     server.php proxy HOST:PORT LOSSES     lets requests through and loses so many answers to POSTs
//     server.php drip head|body|chunks      sends a byte of it now and then, for ever
//     server.php deaf [GREETING]            takes connections, and reads nothing
//     server.php full                       takes no more connections
//     server.php tls CERTIFICATE            says that a connection came, and answers over TLS

declare(strict_types=1);

[, $mode] = $argv;
$what = $argv[2] ?? '';
$answers = $mode === 'script' ? json_decode($what, true) : [];
$losses = (int) ($argv[3] ?? 0);

/** The head and body of one message; an answer's body has a Content-Length. */
function read_message($stream): string
{
    $text = '';
    while (!str_ends_with($text, "\r\n\r\n") && ($line = fgets($stream)) !== false) {
        $text .= $line;
    }
    $length = preg_match('/^content-length: *(\d+)/im', $text, $match) ? (int) $match[1] : 0;
    return $length > 0 ? $text . stream_get_contents($stream, $length) : $text;
}

function answer_of(mixed $answer): string
{
    if ($answer === 'cut') {
        return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":";
    }
    if (isset($answer['raw'])) {
        return $answer['raw'];
    }
    [$status, $body, $headers] = $answer + [1 => '{}', 2 => []];
    $head = "HTTP/1.1 $status X\r\nContent-Length: " . strlen($body) . "\r\n";
    foreach ($headers as $name => $value) {
        $head .= "$name: $value\r\n";
    }
    return "$head\r\n$body";
}

function forward(string $target, string $request): string
{
    $upstream = stream_socket_client("tcp://$target");
    fwrite($upstream, $request);
    $answer = read_message($upstream);
    fclose($upstream);
    return $answer;
}

/** Never ends: the client hangs up. */
function drip($client, string $part): void
{
    $head = "HTTP/1.1 200 OK\r\n" . ($part === 'chunks' ? "Transfer-Encoding: chunked\r\n\r\n" : "X: ");
    @fwrite($client, $part === 'body' ? "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" : $head);
    while (@fwrite($client, $part === 'chunks' ? "1\r\n \r\n" : ' ')) {
        usleep(10_000);
    }
}

$context = stream_context_create(['socket' => ['backlog' => $mode === 'full' ? 0 : 16]]);
$listener = stream_socket_server('tcp://127.0.0.1:0', context: $context);
if ($mode === 'full') {
    $address = 'tcp://' . stream_socket_get_name($listener, false);
    $callers = [];
    while ($caller = @stream_socket_client($address, timeout: 0.2)) {
        $callers[] = $caller;
    }
}
echo parse_url('tcp://' . stream_socket_get_name($listener, false), PHP_URL_PORT), "\n";
$silent = [];
while ($mode !== 'full' && ($client = stream_socket_accept($listener, -1))) {
    if ($mode === 'deaf') {
        fwrite($client, $what);
        $silent[] = $client;
        continue;
    }
    if ($mode === 'tls') {
        echo "connection\n";
        stream_context_set_option($client, 'ssl', 'local_cert', $what);
        if (!@stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_SERVER)) {
            continue;
        }
    }
    $request = read_message($client);
    if ($request === '') {
        continue;
    }
    if ($mode === 'drip') {
        drip($client, $what);
        continue;
    }
    [$method, $url] = explode(' ', $request);
    $header = fn (string $name) => preg_match("/^$name: *(.*)\r\n/im", $request, $match) ? $match[1] : null;
    $seen = ['method' => $method, 'url' => $url, 'key' => $header('Idempotency-Key'), 'last' => $header('Last-Event-ID')];
    $seen['body'] = explode("\r\n\r\n", $request, 2)[1] ?? '';
    $answer = match ($mode) {
        'proxy' => ['raw' => forward($what, $request)],
        'script' => array_shift($answers),
        'tls' => [200],
    };
    echo json_encode($seen + ['status' => (int) (explode(' ', $answer['raw'] ?? '')[1] ?? 0)]), "\n";
    if ($answer === 'silence') {
        $silent[] = $client;
        continue;
    }
    if ($answer !== 'hang up' && !($mode === 'proxy' && $method === 'POST' && $losses-- > 0)) {
        fwrite($client, answer_of($answer));
    }
    fclose($client);
}
if ($mode === 'full') {
    stream_socket_accept(stream_socket_server('tcp://127.0.0.1:0'), -1); // nobody comes
}
