"""The honest clients, in a process of their own so that their times are not the attackers': the kill
loop's, who play visits and write down what they were told, and a few people beside them. They audit the
server's books at the end.

Arguments are one JSON object; `siege` and `over` come on standard input, and one JSON object goes out."""

import asyncio
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "kill_loop"), os.path.join(HERE, "..", "clinic")]

from audit import Audit  # noqa: E402
from books import Books, open_the_books  # noqa: E402
from client import Client  # noqa: E402
from feed import Feed  # noqa: E402
from http_client import HttpClient  # noqa: E402
from measured import Measured, Service  # noqa: E402
from people import Follower, Wrong, doctor, monitor, patient  # noqa: E402
from plan import GRANTED, currency  # noqa: E402

CLIENTS = 12
HOUSEHOLD = 2


class Honest:
    def __init__(self, port, tokens, seed):
        self.draw = random.Random(seed)
        self.port = port
        self.tokens = tokens
        self.service = Service()
        self.books = [Books(n, n // HOUSEHOLD, currency(n), GRANTED) for n in range(CLIENTS)]
        self.going_on = True
        self.problems = []

    def http(self, token=None, kind=None):
        http = Measured(self.service, random.Random(self.draw.random()), token, kind)
        http.server_is_at(self.port)
        return http

    def still(self):
        return self.going_on

    async def play(self, orders):
        backend = self.http(self.tokens["backend"])
        await open_the_books(backend, self.books)
        clients = [Client(backend, books, random.Random(self.draw.random()), n % 4 == 0)
                   for n, books in enumerate(self.books)]
        some = self.books[0]
        playing = [asyncio.create_task(it) for it in (
            *(client.run(self.still) for client in clients),
            patient(self.http(self.tokens["patient"], "person"), some.patient, self.still),
            doctor(self.http(self.tokens["doctor"], "person"), some.doctor, self.still),
            doctor(self.http(self.tokens["backend"]), some.doctor, self.still),
            monitor(self.http(kind="probe"), self.still),
            Follower(self.service, self.port, self.tokens["follower"]).follow(self.still))]
        try:
            while await self.ordered(orders, playing) == "siege":
                self.service.besieged = True
            self.going_on = False
            await asyncio.wait_for(asyncio.gather(*playing), 60)
        finally:
            for task in playing:
                task.cancel()
        return sum(client.answers for client in clients)

    @staticmethod
    async def ordered(orders, playing):
        """The next order; whoever of those playing ends before has found something wrong."""
        order = asyncio.create_task(orders.readline())
        done, _ = await asyncio.wait([order, *playing], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {order}:
            await task
        return (await order).decode().strip()

    async def audit(self):
        auditor = HttpClient(self.tokens["auditor"])
        auditor.server_is_at(self.port)
        feed = Feed(auditor)
        audit = Audit(auditor, feed, self.books)
        await audit.at_the_end("bill_all")
        for source in (audit, feed, *self.books):
            self.problems += source.problems
        return {"records": feed.last, "comparisons": audit.compared,
                "units": sum(told["sessions_used"] for books in self.books for told in books.sessions.values()),
                "sessions": sum(len(books.sessions) for books in self.books)}

    def report(self):
        return {"seconds": [[kind, besieged, sorted(seconds)]
                            for (kind, besieged), seconds in self.service.seconds.items()],
                "lists": self.service.lists, "unserved": self.service.unserved, "problems": self.problems}


async def standard_input():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main():
    told = json.loads(sys.argv[1])
    honest = Honest(told["port"], told["tokens"], told["seed"])
    counted = {}
    try:
        counted["answers"] = await honest.play(await standard_input())
        counted.update(await honest.audit())
    except (Wrong, RuntimeError, TimeoutError) as error:
        honest.problems.append(f"{type(error).__name__}: {error}")
    print(json.dumps({**honest.report(), "counted": counted}))


if __name__ == "__main__":
    asyncio.run(main())
