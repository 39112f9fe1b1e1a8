<?php

// Tests without a framework: test() runs one, the servers that it started are ended after it.

declare(strict_types=1);

namespace Toll\Tests;

use Toll\Toll;

const QUICK = ['first_pause' => 0.001, 'longest_pause' => 0.002];
const ENDS_AT = '2030-01-01T00:00:00.000Z';

$failed = 0;
$cleanup = [];
set_error_handler(function (int $level, string $message, string $file, int $line): bool {
    if (error_reporting() & $level) {
        throw new \ErrorException($message, 0, $level, $file, $line);
    }
    return true;
});

function test(string $name, callable $body): void
{
    global $failed, $cleanup;
    $only = $_SERVER['argv'][1] ?? '';
    if ($only !== '' && !str_contains($name, $only)) {
        return;
    }
    try {
        $body();
        echo "ok      $name\n";
    } catch (\Throwable $error) {
        ++$failed;
        echo "FAILED  $name\n        ", $error, "\n";
    }
    foreach (array_reverse($cleanup) as $undo) {
        $undo();
    }
    $cleanup = [];
}

function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new \Exception('expected ' . var_export($expected, true) . ', got ' . var_export($actual, true));
    }
}

/** The error that the call throws, which is exactly of this class. */
function throws(string $class, callable $call): \Throwable
{
    try {
        $call();
    } catch (\Throwable $error) {
        if ($error::class === $class) {
            return $error;
        }
        throw $error;
    }
    throw new \Exception("no $class was thrown");
}

/** A program, once it has said its first line. */
final class Program
{
    /** @var resource */
    private $process;
    /** @var resource */
    private $output;
    public readonly string $said;

    /** @param list<string> $command */
    public function __construct(array $command, ?string $directory = null, array $environment = [])
    {
        global $cleanup;
        $this->process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes, $directory, $environment + getenv());
        $this->output = $pipes[1];
        $cleanup[] = fn () => $this->stop();
        $this->said = $this->line();
        if ($this->said === '') {
            throw new \Exception("$command[0] did not start");
        }
    }

    public function stop(int $signal = 9): void
    {
        if (is_resource($this->process)) {
            proc_terminate($this->process, $signal);
            proc_close($this->process);
        }
    }

    /** The next line; throws when none comes in half a minute. */
    public function line(): string
    {
        [$ready, $none] = [[$this->output], null];
        if (stream_select($ready, $none, $none, 30) !== 1) {
            throw new \Exception('the program says nothing');
        }
        return rtrim((string) fgets($this->output));
    }

    /** The next request that a server of server.php has seen. */
    public function seen(): array
    {
        return json_decode($this->line(), true);
    }
}

/** The real tolld on a directory and port of its own. */
final class Server
{
    public readonly Program $program;
    public readonly string $address;
    public readonly string $url;
    public readonly Toll $toll;

    public function __construct(
        public readonly string $data,
        array $options = ['--auth', 'off'],
        string $listen = '127.0.0.1:0',
    ) {
        $this->program = new Program([
            getenv('TOLLD'), '--data', $data, '--listen', $listen, '--test-clock', '2026-01-01T00:00:00Z', ...$options,
        ]);
        $this->address = explode(' ', $this->program->said)[2];
        $this->url = "http://$this->address";
        $this->toll = new Toll($this->url, QUICK);
    }
}

/** A new directory, removed after the test. */
function directory(): string
{
    global $cleanup;
    $path = sys_get_temp_dir() . '/toll-php-' . bin2hex(random_bytes(8));
    mkdir($path, 0700);
    $cleanup[] = fn () => exec('rm -rf ' . escapeshellarg($path));
    return $path;
}

/** A file with a key and a certificate of its own, for 127.0.0.1. */
function certificate(): string
{
    $file = directory() . '/certificate';
    $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
    $config = "$file.cnf";
    file_put_contents($config, "[req]\ndistinguished_name=name\n[name]\n[ext]\nsubjectAltName=IP:127.0.0.1\n");
    $settings = ['config' => $config, 'x509_extensions' => 'ext', 'digest_alg' => 'sha256'];
    $request = openssl_csr_new(['commonName' => '127.0.0.1'], $key, $settings);
    openssl_x509_export(openssl_csr_sign($request, null, $key, 2, $settings), $text);
    openssl_pkey_export($key, $private, null, $settings);
    file_put_contents($file, $text . $private);
    chmod($file, 0600);
    return $file;
}

/** A token for the server that will be started on this directory. */
function token(string $directory, string $role): string
{
    $words = ['token', 'create', '--data', $directory, '--name', strtr($role, ':', '-'), '--role', $role];
    return (new Program([getenv('TOLLCTL'), ...$words]))->said;
}

/** @return array{Toll, Program} a client of a server that gives these answers, and the server */
function scripted(array $answers, array $options = []): array
{
    $server = new Program([PHP_BINARY, __DIR__ . '/server.php', 'script', json_encode($answers)]);
    return [new Toll("http://127.0.0.1:$server->said", $options + QUICK), $server];
}

function problem(int $status, string $code, array $headers = []): array
{
    return [$status, json_encode(['status' => $status, 'detail' => 'why', 'code' => $code]), $headers];
}
