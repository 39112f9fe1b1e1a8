<?php

declare(strict_types=1);

namespace Toll;

/** A TCP or TLS connection, by PHP's own sockets: nothing on it outlasts its deadline. */
final class Connection
{
    /** What a handshake says when the server went away in it, which is no fault of the configuration. */
    private const WENT_AWAY = '/reset by peer|broken pipe|unexpected eof|timed out/i';

    /** @var resource */
    private $stream;

    /**
     * @param string $url of which it takes scheme, host and port
     * @param float $connectTimeout seconds for connection and handshake together
     * @throws ConnectionLost|Misconfigured
     */
    public function __construct(
        string $url,
        ?string $cafile,
        float $connectTimeout,
        private readonly Deadline $deadline,
    ) {
        ['scheme' => $scheme, 'host' => $host] = $parts = parse_url($url);
        $port = $parts['port'] ?? ($scheme === 'https' ? 443 : 80);
        $tls = ['peer_name' => trim($host, '[]')] + ($cafile === null ? [] : ['cafile' => $cafile]);
        $context = stream_context_create(['ssl' => $tls, 'socket' => ['tcp_nodelay' => true]]);
        $connect = new Deadline(min($connectTimeout, $deadline->left()));
        $stream = @stream_socket_client("tcp://$host:$port", $code, $said, $connect->left(), context: $context);
        if ($stream === false) {
            // Only the resolver's text tells a name that does not exist from one that could not be looked up.
            $class = str_contains($said, 'not known') ? Misconfigured::class : ConnectionLost::class;
            throw new $class("no connection to $host:$port: $said");
        }
        $this->stream = $stream;
        stream_set_blocking($stream, false);
        if ($scheme === 'https') {
            $this->handshake($host, $connect);
        }
    }

    /** Sends it all, or as much as the server takes before it answers. */
    public function write(string $bytes): void
    {
        while ($bytes !== '') {
            [$written] = self::quietly(fn () => fwrite($this->stream, $bytes));
            if ($written === false) {
                return;
            }
            $bytes = substr($bytes, $written);
            if ($written === 0) {
                $this->wait($this->deadline, write: true);
            }
        }
    }

    /**
     * What has come, once there is something; '' at the end.
     *
     * @throws ConnectionLost
     */
    public function read(): string
    {
        for (;;) {
            [$bytes] = self::quietly(fn () => fread($this->stream, 65_536));
            // Not feof(), which may wait for a minute.
            if ($bytes === false || $bytes !== '' || stream_get_meta_data($this->stream)['eof']) {
                return (string) $bytes;
            }
            $this->wait($this->deadline);
        }
    }

    private function handshake(string $host, Deadline $deadline): void
    {
        $shake = fn () => stream_socket_enable_crypto($this->stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT);
        while (([$done, $said] = self::quietly($shake))[0] === 0) {
            $this->wait($deadline);
        }
        if ($done === false) {
            $class = $said === '' || preg_match(self::WENT_AWAY, $said) ? ConnectionLost::class : Misconfigured::class;
            throw new $class("no TLS with $host: $said");
        }
    }

    private function wait(Deadline $deadline, bool $write = false): void
    {
        $seconds = $deadline->left();
        if ($seconds === 0.0) {
            throw new ConnectionLost('no answer in time');
        }
        $read = $write ? [] : [$this->stream];
        $written = $write ? [$this->stream] : [];
        $none = null;
        // Interrupted by a signal it is called again.
        self::quietly(fn () => stream_select($read, $written, $none, (int) $seconds, (int) (fmod($seconds, 1) * 1e6) + 1));
    }

    /** @return array{mixed, string} what the function gives, and what PHP warned of meanwhile */
    private static function quietly(callable $function): array
    {
        $said = [];
        set_error_handler(function (int $level, string $message) use (&$said): bool {
            $said[] = preg_replace(['/^\w+\(\): /', '/\s+/'], ['', ' '], $message);
            return true;
        });
        try {
            $result = $function();
        } finally {
            restore_error_handler();
        }
        return [$result, implode('; ', array_unique($said))];
    }
}
