"""HTTP/1.1 over keep-alive connections, with the faults that phones have: lost answers, retries."""

import asyncio
import json


class LostAnswer(Exception):
    """The connection broke before the answer came: whether the server did it is unknown."""


class HttpClient:
    """A pool of connections to whatever port the server listens on at the moment."""

    def __init__(self, token=None):
        self.token = token
        self.port = 0
        self.up = asyncio.Event()
        self.when_busy = None  # called once, as soon as several requests are on their way
        self.retries = 0
        self.lost_on_purpose = 0
        self._idle = []
        self._in_flight = 0

    def server_is_at(self, port):
        self.port = port
        self._idle.clear()
        self.up.set()

    def server_is_gone(self):
        self.up.clear()
        self.leave()

    def leave(self):
        """Closes the connections that nobody uses at the moment."""
        for _, _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def request(self, method, target, body=None, key=None):
        """Retries, with the same idempotency key if there is one, until there is an answer; gives
        (status, parsed body)."""
        message = self._bytes(method, target, body, key)
        while True:
            await self.up.wait()
            try:
                status, answer = await asyncio.wait_for(self._once(message), 20)
                if status != 503:
                    return status, answer
            except (LostAnswer, OSError, asyncio.TimeoutError):
                pass
            self.retries += 1
            await asyncio.sleep(0.02)

    async def send_and_hang_up(self, method, target, body=None, key=None):
        """The request may arrive; its answer does not."""
        self.lost_on_purpose += 1
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(self._bytes(method, target, body, key))
            await writer.drain()
            writer.close()
        except OSError:
            pass

    def _count(self, change):
        self._in_flight += change
        if self._in_flight >= 5 and self.when_busy is not None:
            self.when_busy()
            self.when_busy = None

    async def _once(self, message):
        port, reader, writer = self._idle.pop() if self._idle else await self._connect()
        self._count(1)
        try:
            writer.write(message)
            await writer.drain()
            status, keep, answer = await self._read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            writer.close()
            raise LostAnswer(str(error)) from error
        except BaseException:
            writer.close()
            raise
        finally:
            self._count(-1)
        if keep and port == self.port and self.up.is_set():
            self._idle.append((port, reader, writer))
        else:
            writer.close()
        return status, answer

    async def _connect(self):
        port = self.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return port, reader, writer

    def _bytes(self, method, target, body, key=None):
        text = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(text)}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        if self.token is not None:
            head += f"Authorization: Bearer {self.token}\r\n"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        return head.encode() + b"\r\n" + text

    @staticmethod
    async def _read(reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        keep = headers.get("connection", "").lower() != "close"
        return int(head[0].split()[1]), keep, json.loads(body) if body else None
