"""One connection of an attacker, as close to the socket as he likes it: what is not read stays unread."""

import asyncio
import json
import socket
import struct

LONGEST_S = 30  # that an attacker waits for an answer
AT_ONCE = struct.pack("ii", 1, 0)  # closing is a reset: no port waits for the last packets


def request(method, target, token=None, body=b"", more=""):
    head = f"{method} {target} HTTP/1.1\r\nHost: siege\r\n{more}"
    if token is not None:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Wire:
    def __init__(self, made):
        self._socket = made
        self._loop = asyncio.get_running_loop()
        self._rest = b""

    @classmethod
    async def connect(cls, port, narrow=False):
        """A narrow one has small packets and a small window, so that the kernel keeps little of an answer
        that nobody reads, and the server the rest."""
        made = socket.socket()
        try:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            if narrow:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
        except BaseException:
            made.close()
            raise
        return cls(made)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    async def send(self, data):
        await self._loop.sock_sendall(self._socket, data)

    async def first_status(self, within_s=None):
        """Of the answer that comes next; not a byte more is read than says it."""
        start = b""
        async with asyncio.timeout(within_s):
            while len(start) < 12:
                start += await self._some(12 - len(start))
        return int(start[9:12])

    async def answer(self):
        """(status, body), all of it read."""
        async with asyncio.timeout(LONGEST_S):
            return await self._whole()

    async def _whole(self):
        while b"\r\n\r\n" not in self._rest:
            self._rest += await self._some(1 << 16)
        head, _, body = self._rest.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)
        parts, there = [body], len(body)
        while there < length:
            parts.append(await self._some(1 << 20))
            there += len(parts[-1])
        everything = b"".join(parts)
        self._rest = everything[length:]
        return int(head[9:12]), everything[:length]

    async def read_on(self):
        """For ever, or until the other side closes."""
        while True:
            await self._some(1 << 16)

    async def parsed(self):
        status, body = await self.answer()
        return status, json.loads(body)

    async def _some(self, most):
        some = await self._loop.sock_recv(self._socket, most)
        if not some:
            raise EOFError
        return some
