"""Those who ask for long answers: as fast as they can, or without ever reading one."""

import asyncio
import contextlib
import random
import time

from attack import Attack
from field import MAX_STREAMS
from wire import LONGEST_S, Wire, request

HELD_S = 12  # less than what a stream may stall


class Greedy(Attack):
    name = "greedy readers"
    fits = frozenset({200, 429, 503})

    def __init__(self, port, workers, token, lists):
        super().__init__(port, workers)
        self.token = token
        self.lists = lists
        self.pages = []  # when each of them was there

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            while True:
                await wire.send(request("GET", random.choice(self.lists), self.token))
                status, _ = await wire.answer()
                self.took(status)
                if status == 200:
                    self.pages.append(time.monotonic())
                else:
                    await asyncio.sleep(0.05)


class Unread(Attack):
    """Asks for more than fits anywhere, reads twelve bytes, and stays."""

    fits = frozenset({200, 429, 503})
    pause_s = 0.5
    requests_each = 8

    def __init__(self, name, port, workers, tokens, lists):
        super().__init__(port, workers * len(tokens))
        self.name = name
        self.tokens = tokens
        self.lists = lists

    async def once(self, worker):
        token = self.tokens[worker % len(self.tokens)]
        asked = [request("GET", random.choice(self.lists), token) for _ in range(self.requests_each)]
        with await Wire.connect(self.port, narrow=True) as wire:
            await wire.send(b"".join(asked))
            self.opened()
            try:
                self.took(await wire.first_status(LONGEST_S))
                await asyncio.sleep(random.uniform(0.5, 1.5) * HELD_S)
            finally:
                self.left()


class UnreadStreams(Attack):
    name = "streams that nobody reads"
    fits = frozenset({200, 429, 503})
    pause_s = 0.5

    def __init__(self, port, workers, token):
        super().__init__(port, workers)
        self.token = token

    async def once(self, worker):
        with await Wire.connect(self.port, narrow=True) as wire:
            await wire.send(request("GET", "/v1/events/stream?after=0", self.token))
            status = await wire.first_status(LONGEST_S)
            self.took(status)
            if status == 200:
                await asyncio.sleep(random.uniform(0.5, 1) * HELD_S)


class StreamHoard(UnreadStreams):
    """He reads, and so knows how many he has."""

    name = "streams, as many as there are"

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            await wire.send(request("GET", "/v1/events/stream?after=0", self.token))
            status = await wire.first_status(LONGEST_S)
            self.took(status)
            if status != 200:
                return
            self.opened()
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HELD_S):
                        await wire.read_on()
            finally:
                self.left()

    def judge(self, seconds):
        most = MAX_STREAMS // 8 + 2  # the server may know a moment earlier that one has gone
        if self.most_open > most:
            self.problems[f"had {self.most_open} streams of {MAX_STREAMS} at once"] += 1
