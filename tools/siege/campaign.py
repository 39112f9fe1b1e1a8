"""One siege from the first token to the last audit."""

import asyncio
import bisect
import json
import os
import statistics
import sys
import time

import world
from besieged import Besieged
from crowds import Hoard, Hurry, Idle, PersonsHoard
from field import PEACE_S
from plan import POLICY
from readers import Greedy, StreamHoard, Unread, UnreadStreams
from slow import Fat, Slow
from strangers import WrongTokens
from texts import NoRequests, Texts

ROLES = {"admin": "admin", "backend": "service", "follower": "service", "auditor": "read",
         "patient": "patient:p0", "doctor": "doctor:d0",
         # theirs
         "greedy": "read", "deaf-1": "read", "deaf-2": "service", "deaf-3": "read", "hoarder": "read",
         "listener": "read",
         "forms": "service", "dripper": "service", "person": f"patient:{world.PERSON}",
         "hasty": "patient:old-3"}
GREEDY = 60
MOST_OVERTAKEN = 10  # pages of one principal, while another waits for his: in turns it is a few


class Campaign:
    def __init__(self, args, directory, crowd):
        self.args = args
        self.crowd = crowd
        policy = os.path.join(directory, "policy.json")
        with open(policy, "w", encoding="utf-8") as file:
            json.dump(POLICY, file)
        self.server = Besieged(args.tolld, args.tollctl, directory, policy, crowd.most)
        self.attacks = []
        self.honest_said = {}
        self.problems = []
        self.seconds = 0.0
        self.began = 0.0
        self.overtaken = []

    async def play(self):
        tokens = {name: self.server.token(name, role) for name, role in ROLES.items()}
        await self.server.spawn()
        port = await self.server.listening()
        if port is None:
            raise RuntimeError("tolld did not start:\n" + self.server.last_words())
        await world.build(port, tokens["admin"])
        honest = await asyncio.create_subprocess_exec(
            sys.executable, "-B", os.path.join(os.path.dirname(os.path.abspath(__file__)), "honest.py"),
            json.dumps({"port": port, "tokens": tokens, "seed": self.args.seed}),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 30, start_new_session=True)
        try:
            said = asyncio.create_task(honest.stdout.read())
            await self._watch(PEACE_S, honest)
            honest.stdin.write(b"siege\n")
            await self._attack(port, tokens, honest)
            honest.stdin.write(b"over\n")
            await self._audited(honest, said)
        finally:
            if honest.returncode is None:
                honest.kill()
            await honest.wait()
        self._judge()
        await self._end()

    async def _attack(self, port, tokens, honest):
        crowd = self.crowd
        deaf = [tokens[name] for name in ("deaf-1", "deaf-2", "deaf-3")]
        greedy = Greedy(port, GREEDY, tokens["greedy"], world.LISTS)
        self.attacks = [
            greedy,
            Unread("lists that nobody reads", port, crowd.unread, deaf, world.LONG_ANSWERS),
            Unread("open pages that nobody reads", port, crowd.unread, [None], world.OPEN_PAGES),
            UnreadStreams(port, 24, tokens["deaf-1"]),
            StreamHoard(port, 24, tokens["listener"]),
            Idle(port, crowd.idle),
            Hoard("a backend that hoards connections", port, crowd.hoarded, tokens["hoarder"], world.SMALL,
                  crowd.quarter),
            PersonsHoard(port, crowd.of_a_person, tokens["person"], f"/v1/patients/{world.PERSON}/balance"),
            Hurry(port, 2, tokens["hasty"], "/v1/patients/old-3/balance"),
            Slow(port, crowd.slow, tokens["dripper"]),
            Fat(port, crowd.fat),
            WrongTokens(port, 16, tokens["admin"], world.LISTS),
            Texts(port, 4, tokens["forms"]),
            NoRequests(port, 4)]
        self.attacks = [it for it in self.attacks
                        if not self.args.only or any(text in it.name for text in self.args.only)]
        self.began = time.monotonic()
        attacking = [asyncio.create_task(attack.run()) for attack in self.attacks]
        try:
            await self._watch(60 * self.args.minutes, honest)
        finally:
            self.seconds = time.monotonic() - self.began
            for task in attacking:
                task.cancel()
            ended = await asyncio.gather(*attacking, return_exceptions=True)
        self.problems += [f"an attacker fell: {it!r}" for it in ended if isinstance(it, Exception)]

    async def _watch(self, seconds, honest):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._must_live()
            if honest.returncode is not None:
                return  # it has found something, and says so
            await asyncio.sleep(0.25)

    def _must_live(self):
        if not self.server.lives():
            said = self.server.last_words().splitlines()
            raise RuntimeError(f"tolld ended by itself, status {self.server.process.returncode}, {said[-1:]}")

    async def _audited(self, honest, said):
        while not said.done():
            self._must_live()
            await asyncio.wait([said], timeout=0.5)
        await asyncio.wait_for(honest.wait(), 10)
        self.honest_said = json.loads(said.result() or "{}")
        if not self.honest_said:
            self.problems.append(f"the honest clients fell, status {honest.returncode}")

    def _judge(self):
        said = self.honest_said
        self.problems += said.get("problems", [])
        self.problems += ["not served " + it for it in said.get("unserved", [])]
        for attack in self.attacks:
            attack.judge(self.seconds)
            self.problems += [f"{attack.name}: {what}, {times} times" for what, times in attack.problems.items()]
            if isinstance(attack, Greedy):
                self.overtaken = [bisect.bisect(attack.pages, ended) - bisect.bisect(attack.pages, began)
                                  for began, ended in said.get("lists", [])]
        if self.overtaken and statistics.median(self.overtaken) > MOST_OVERTAKEN:
            self.problems.append(f"lists are not in turns: {self.overtaken_text()} pages of one reader while "
                                 "another waited for his")

    def overtaken_text(self):
        return f"{statistics.median(self.overtaken):g}, {max(self.overtaken)}" if self.overtaken else "-"

    async def _end(self):
        self._must_live()
        status = await self.server.terminate()
        if status != 0:
            self.problems.append(f"tolld ended with status {status} on SIGTERM")
        wrong = self.server.verify()
        if wrong:
            self.problems.append(f"tollctl verify: {wrong}")
