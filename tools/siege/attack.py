"""What all attackers have in common: many workers who do the same again and again, and a count of what
they got."""

import asyncio
import collections


class Attack:
    name = ""
    pause_s = 0.0  # of a worker, between two goes
    fits = frozenset()  # the statuses that such a client may get

    def __init__(self, port, workers):
        self.port = port
        self.workers = workers
        self.got = collections.Counter()  # statuses and ends
        self.problems = collections.Counter()
        self.open = self.most_open = 0  # connections, as far as it matters

    async def once(self, worker):
        raise NotImplementedError

    def judge(self, seconds):
        """Adds to the problems what can only be said once it is over."""

    async def run(self):
        async with asyncio.TaskGroup() as group:
            for worker in range(self.workers):
                group.create_task(self._again_and_again(worker))

    async def _again_and_again(self, worker):
        while True:
            try:
                await self.once(worker)
            except EOFError:
                self.got["closed"] += 1
            except TimeoutError:
                self.got["no answer"] += 1
            except OSError:
                self.got["cut off"] += 1
            await asyncio.sleep(self.pause_s)

    def took(self, status):
        self.got[status] += 1
        if status not in self.fits:
            self.problems[f"got {status}"] += 1

    def opened(self):
        self.open += 1
        self.most_open = max(self.most_open, self.open)

    def left(self):
        self.open -= 1
