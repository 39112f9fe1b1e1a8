"""kill -9 of the real server under load, at random instants, while it starts too. After each kill `tollctl
verify` reads what is left, and after each restart the clients' own lists are compared with the server.
See tools/kill-loop."""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clinic"))

from audit import Audit  # noqa: E402
from books import Books, open_the_books  # noqa: E402
from client import Client  # noqa: E402
from feed import Feed  # noqa: E402
from http_client import HttpClient  # noqa: E402
from plan import CLIENTS, GRANTED, HOUSEHOLD, POLICY, currency  # noqa: E402
from server import Server  # noqa: E402

KILLS_IN_A_ROUND = 50  # on one data directory
LONGEST_LOAD_S = 0.3
DOWNTIME = ("bill_all", "forgive", "cap:1")


class Figures:
    def __init__(self):
        self.kills = self.while_starting = self.answers = self.repeated = self.lost = 0
        self.visits = self.topups = self.withdrawals = self.refunds = self.units = 0
        self.records = self.compared = 0
        self.problems = []


class Round:
    """Some kills on one data directory, and an exact audit at the end."""

    def __init__(self, args, directory, draw, figures):
        self.draw = draw
        self.figures = figures
        self.http, self.auditor = HttpClient(), HttpClient()
        self.downtime = draw.choice(DOWNTIME)
        policy = os.path.join(directory, "policy.json")
        with open(policy, "w", encoding="utf-8") as file:
            json.dump(dict(POLICY, downtime_policy=self.downtime), file)
        self.server = Server(args.tolld, args.tollctl, directory, policy)
        self.books = [Books(n, n // HOUSEHOLD, currency(n), GRANTED) for n in range(CLIENTS)]
        self.feed = Feed(self.auditor)
        self.audit = Audit(self.auditor, self.feed, self.books)
        self.clients = [Client(self.http, books, random.Random(draw.random()), n % 4 == 0)
                        for n, books in enumerate(self.books)]
        self.going_on = True

    def problem(self, what):
        self.figures.problems.append(what)

    def collect(self):
        for source in (self.audit, self.feed, *self.books):
            self.figures.problems += source.problems
            source.problems.clear()

    async def start(self):
        await self.server.spawn()
        port = await self.server.listening()
        if port is None:
            raise RuntimeError("tolld did not start:\n" + self.server.last_words())
        self.auditor.server_is_at(port)
        return port

    async def kill_after(self, seconds):
        status = await self.server.kill_after(seconds)
        self.http.server_is_gone()
        self.auditor.server_is_gone()
        if status != -signal.SIGKILL:
            self.problem(f"tolld ended by itself, status {status}:\n{self.server.last_words()}")
        self.figures.kills += 1
        if os.path.exists(os.path.join(self.server.data, "CURRENT")):
            wrong = await asyncio.to_thread(self.server.verify)
            if wrong:
                self.problem(f"after kill {self.figures.kills}: {wrong}")

    async def kill_while_it_starts(self):
        """At any point between the first instruction and a little after it listens."""
        await self.server.spawn()
        listens = asyncio.create_task(self.server.listening())
        await self.kill_after(self.draw.uniform(0, 1.2) * self.server.start_s)
        self.figures.while_starting += await listens is None

    async def play(self, kills):
        port = await self.start()
        await open_the_books(self.auditor, self.books)
        playing = [asyncio.create_task(client.run(lambda: self.going_on)) for client in self.clients]
        try:
            for _ in range(kills):
                if self.draw.random() < 0.4 and self.server.process.returncode is not None:
                    await self.kill_while_it_starts()
                    continue
                if self.server.process.returncode is not None:
                    port = await self.start()
                    await self.audit.after_restart()
                    self.collect()
                    if self.figures.problems:
                        return
                self.http.server_is_at(port)
                await self.kill_after(self.draw.uniform(0, LONGEST_LOAD_S))
                broken = [task for task in playing if task.done()]
                if broken:
                    await broken[0]
            port = await self.start()
            self.going_on = False
            self.http.server_is_at(port)
            await asyncio.wait_for(asyncio.gather(*playing), 60)
        finally:
            for task in playing:
                task.cancel()
        await self.audit.at_the_end(self.downtime)
        self.collect()
        status = await self.server.terminate()
        if status != 0:
            self.problem(f"tolld ended with status {status} on SIGTERM")
        wrong = self.server.verify()
        if wrong:
            self.problem(f"after SIGTERM: {wrong}")
        self.count()

    def count(self):
        figures = self.figures
        for client, books in zip(self.clients, self.books):
            figures.answers += client.answers
            figures.visits += client.visits
            figures.topups += len(books.topups)
            figures.withdrawals += len(books.withdrawals)
            figures.refunds += sum(len(units) for units in books.refunds.values())
            figures.units += sum(told["sessions_used"] for told in books.sessions.values())
        figures.repeated += self.http.retries
        figures.lost += self.http.lost_on_purpose
        figures.records += self.feed.last
        figures.compared += self.audit.compared


def show(seed, figures, seconds):
    for name, value in (
            ("seed", seed), ("kills (SIGKILL)", figures.kills),
            ("  of these before it listened", figures.while_starting),
            ("requests answered", figures.answers), ("  repeated until then", figures.repeated),
            ("  lost on purpose", figures.lost), ("sessions", figures.visits),
            ("units taken", figures.units), ("top-ups", figures.topups),
            ("withdrawals", figures.withdrawals), ("refunds", figures.refunds),
            ("records in the journals", figures.records), ("comparisons", figures.compared),
            ("seconds", f"{seconds:.0f}"), ("discrepancies", len(figures.problems))):
        print(f"  {name:<30} {value}")
    for problem in figures.problems[:20]:
        print("  MISMATCH " + problem)


async def loop(args, directory, figures):
    draw = random.Random(args.seed)
    while figures.kills < args.kills and not figures.problems:
        place = tempfile.mkdtemp(dir=directory)
        a_round = Round(args, place, draw, figures)
        try:
            await a_round.play(min(KILLS_IN_A_ROUND, args.kills - figures.kills))
        except (RuntimeError, asyncio.TimeoutError) as error:
            a_round.problem(f"{type(error).__name__}: {error}")
        finally:
            a_round.collect()
            await a_round.server.clean_up()
        print(f"{figures.kills} kills, downtime_policy {a_round.downtime}, "
              f"{len(figures.problems)} discrepancies", flush=True)
        if not figures.problems:
            shutil.rmtree(place)


def main():
    parser = argparse.ArgumentParser(prog="tools/kill-loop", description=__doc__)
    parser.add_argument("--tolld", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tollctl", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kills", type=int, default=30, help="how many (default 30)")
    parser.add_argument("--seed", type=int, default=None,
                        help="what is done and when it is killed; default: drawn, and printed")
    args = parser.parse_args()
    if args.kills < 1:
        parser.error("--kills must be at least 1")
    if args.seed is None:
        args.seed = random.SystemRandom().randrange(1 << 31)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    print(f"seed {args.seed}", flush=True)
    # /var/tmp is on a disk where /tmp may be memory.
    directory = tempfile.mkdtemp(prefix="toll-kills-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    figures, began = Figures(), time.monotonic()
    try:
        asyncio.run(loop(args, directory, figures))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)
        return 130
    finally:
        show(args.seed, figures, time.monotonic() - began)
    if figures.problems:
        print(f"what is left is in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
