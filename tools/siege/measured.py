"""How an honest client asks: once, for as long as he has patience. What is refused or comes too late was
not served, is written down, and is asked again."""

import asyncio
import collections
import time

from field import PATIENCE_S
from http_client import HttpClient, LostAnswer

PAUSE_S = 0.12  # on average, before each request
FRESH = 0.05  # how often all idle connections are closed, so that new ones must be had
REFUSALS = (401, 403, 408, 413, 421, 429, 431, 500, 502, 503, 504)


class Service:
    """What all honest clients got."""

    def __init__(self):
        self.besieged = False
        self.seconds = collections.defaultdict(list)  # (kind, besieged) -> of each answer
        self.lists = []  # from when to when, under siege
        self.unserved = []

    def served(self, kind, began):
        ended = time.monotonic()
        self.seconds[kind, self.besieged].append(ended - began)
        if kind == "list" and self.besieged:
            self.lists.append((began, ended))

    def refused(self, what, why):
        self.unserved.append(f"{'under siege' if self.besieged else 'in peace'}: {what}: {why}")


def kind_of(method, target):
    if method != "GET":
        return "change"
    return "list" if target.endswith("/entries") or target.startswith("/v1/sessions?") else "read"


class Measured(HttpClient):
    def __init__(self, service, draw, token=None, kind=None):
        super().__init__(token)
        self.service = service
        self.draw = draw
        self.kind = kind

    async def request(self, method, target, body=None, key=None):
        await asyncio.sleep(self.draw.uniform(0, 2 * PAUSE_S))
        if self.draw.random() < FRESH:
            self.leave()
        message = self._bytes(method, target, body, key)
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    status, answer = await self._once(message)
                if status not in REFUSALS:
                    self.service.served(self.kind or kind_of(method, target), began)
                    return status, answer
                why = f"{status} {answer}"
            except (LostAnswer, OSError) as error:
                why = f"{type(error).__name__} {error} after {time.monotonic() - began:.1f} s"
            self.service.refused(f"{method} {target}", why)
            await asyncio.sleep(0.5)
