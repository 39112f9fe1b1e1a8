<?php

declare(strict_types=1);

namespace Toll;

/** An HTTP/1.1 response, read from a connection as it is asked for. */
final class Http
{
    public readonly int $status;
    /** @var array<string, string> by lower-case name */
    public readonly array $headers;
    private string $buffer = '';

    /** @throws ConnectionLost|UnreadableAnswer */
    public function __construct(private readonly Connection $connection)
    {
        do {
            $status = $this->status($this->line());
            $fields = [];
            while (($line = $this->line()) !== '') {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $fields[strtolower($name)] = trim($value);
            }
        } while ($status < 200);
        $this->status = $status;
        $this->headers = $fields;
    }

    /** @throws ConnectionLost when it is cut short */
    public function body(): string
    {
        return implode('', iterator_to_array($this->pieces(), false));
    }

    /**
     * The body in the pieces in which it comes.
     *
     * @return \Generator<int, string>
     */
    public function pieces(): \Generator
    {
        $length = $this->headers['content-length'] ?? null;
        if (str_contains(strtolower($this->headers['transfer-encoding'] ?? ''), 'chunked')) {
            while (($size = (int) hexdec(rtrim(strtok($this->line(), ';')))) > 0) {
                yield from $this->bytes($size);
                $this->line();
            }
        } elseif ($length !== null) {
            yield from $this->bytes((int) $length);
        } else {
            while ($this->buffer !== '' || $this->fill()) {
                yield $this->flush(strlen($this->buffer));
            }
        }
    }

    private function status(string $line): int
    {
        if (preg_match('~^HTTP/1\.[01] (\d{3})~', $line, $match)) {
            return (int) $match[1];
        }
        throw new UnreadableAnswer('the answer is no HTTP');
    }

    /** @return \Generator<int, string> so many bytes */
    private function bytes(int $count): \Generator
    {
        while ($count > 0) {
            if ($this->buffer === '' && !$this->fill()) {
                throw new ConnectionLost('the answer was cut short');
            }
            $piece = $this->flush($count);
            $count -= strlen($piece);
            yield $piece;
        }
    }

    private function line(): string
    {
        while (($end = strpos($this->buffer, "\n")) === false) {
            if (!$this->fill()) {
                throw new ConnectionLost($this->buffer === '' ? 'closed without an answer (by a server that speaks TLS?)' : 'the answer was cut short');
            }
        }
        return rtrim($this->flush($end + 1), "\r\n");
    }

    private function fill(): bool
    {
        $bytes = $this->connection->read();
        $this->buffer .= $bytes;
        return $bytes !== '';
    }

    private function flush(int $count): string
    {
        $bytes = substr($this->buffer, 0, $count);
        $this->buffer = substr($this->buffer, $count);
        return $bytes;
    }
}
