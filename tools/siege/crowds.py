"""Those who take connections: without a word, or with a right token and then without another."""

import asyncio
import random

from attack import Attack
from field import PERSON_BURST, PERSON_CONNECTIONS, PERSON_RATE
from wire import Wire, request

# Of two sides, each hears a little later what the other has closed: the larger of the two.
SLACK = 1.05
LATE = 16


class Idle(Attack):
    name = "idle connections"
    fits = frozenset({408, 503})
    pause_s = 4.0

    async def once(self, worker):
        await asyncio.sleep(random.uniform(0, 3))  # not all in one moment
        with await Wire.connect(self.port) as wire:
            self.opened()
            try:
                self.took(await wire.first_status())
            finally:
                self.left()


class Hoard(Attack):
    """One principal who shows his token on each connection, and keeps it."""

    fits = frozenset({200, 429, 503})
    pause_s = 1.0

    def __init__(self, name, port, workers, token, target, allowed):
        super().__init__(port, workers)
        self.name = name
        self.token = token
        self.target = target
        self.allowed = allowed

    async def once(self, worker):
        await asyncio.sleep(random.uniform(0, 3))
        with await Wire.connect(self.port) as wire:
            await wire.send(request("GET", self.target, self.token))
            status, _ = await wire.answer()
            self.took(status)
            if status != 200:
                return
            self.opened()
            try:
                await wire.first_status()  # there comes none, until somebody closes
            finally:
                self.left()

    def judge(self, seconds):
        if self.most_open > max(SLACK * self.allowed, self.allowed + LATE):
            self.problems[f"had {self.most_open} connections at once, {self.allowed} allowed"] += 1


class PersonsHoard(Hoard):
    """A person's bucket is small as well: he comes more slowly."""

    pause_s = 8.0

    def __init__(self, port, workers, token, target):
        super().__init__("a person who hoards connections", port, workers, token, target, PERSON_CONNECTIONS)


class Hurry(Attack):
    name = "a person in a hurry"
    fits = frozenset({200, 429})

    def __init__(self, port, workers, token, target):
        super().__init__(port, workers)
        self.token = token
        self.target = target

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            while True:
                await wire.send(request("GET", self.target, self.token))
                self.took((await wire.answer())[0])
                await asyncio.sleep(0.005)

    def judge(self, seconds):
        allowed = round(SLACK * (PERSON_BURST + PERSON_RATE * (seconds + 1)))
        if self.got[200] > allowed:
            self.problems[f"was answered {self.got[200]} times in {seconds:.0f} s, {allowed} allowed"] += 1
