"""Honest people beside the backend: a patient and a doctor with tokens of their own, somebody who looks
whether the server is well, and somebody who follows its events."""

import asyncio
import time

from field import PATIENCE_S

FOLLOWED_S = 5  # then from another connection
LONGEST_LINE = 1 << 20


class Wrong(Exception):
    """An answer that is not what it should be."""


def require(right, what):
    if not right:
        raise Wrong(what)


async def patient(http, name, going_on):
    while going_on():
        status, balance = await http.request("GET", f"/v1/patients/{name}/balance")
        require(status == 200 and balance["patient_id"] == name, balance)
        status, page = await http.request("GET", f"/v1/sessions?patient_id={name}&limit=5")
        require(status == 200 and all(it["patient_id"] == name for it in page["items"]), page)


async def doctor(http, name, going_on):
    while going_on():
        status, wallet = await http.request("GET", f"/v1/doctors/{name}/wallet")
        require(status == 200 and wallet["doctor_id"] == name, wallet)
        status, page = await http.request("GET", f"/v1/doctors/{name}/wallet/entries")
        require(status == 200 and "items" in page, page)


async def monitor(http, going_on):
    """No token, and each time a connection of its own."""
    while going_on():
        for target in ("/livez", "/readyz"):
            http.leave()
            status, _ = await http.request("GET", target)
            require(status == 200, f"{target}: {status}")


class Follower:
    """Event by event, none missing and none twice, from one connection after another."""

    def __init__(self, service, port, token):
        self.service = service
        self.port = port
        self.token = token
        self.last = 0

    async def follow(self, going_on):
        while going_on():
            began = time.monotonic()
            writer = None
            try:
                async with asyncio.timeout(PATIENCE_S):
                    reader, writer = await self._open()
                self.service.served("stream", began)
                while going_on() and time.monotonic() < began + FOLLOWED_S:
                    await self._event(reader)
            except (OSError, EOFError, ValueError) as error:
                self.service.refused("GET /v1/events/stream", f"{type(error).__name__} {error}")
                await asyncio.sleep(0.5)
            finally:
                if writer is not None:
                    writer.close()

    async def _open(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LONGEST_LINE)
        try:
            # HTTP/1.0: the events as they are, not in chunks.
            writer.write(f"GET /v1/events/stream?after={self.last} HTTP/1.0\r\nHost: siege\r\n"
                         f"Authorization: Bearer {self.token}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split(b" ", 2)[1] != b"200":
                raise ValueError(head.split(b"\r\n", 1)[0].decode())
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def _event(self, reader):
        async with asyncio.timeout(30):  # a comment comes sooner
            line = await reader.readline()
        if not line:
            raise EOFError("the stream ended")
        if line.startswith(b"id: "):
            seq = int(line[4:])
            require(seq == self.last + 1, f"event {seq} follows {self.last}")
            self.last = seq
