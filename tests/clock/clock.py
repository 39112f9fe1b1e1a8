#!/usr/bin/env python3
"""A wall clock that steps forward and back and is slewed, a server that is suspended, stopped and killed: under
the real server, whose clock is moved by libfaketime. Nobody may be charged early or twice, and what is due by
the latest time that the clock ever showed is charged, or forgiven as `downtime_policy` says.

    tests/clock/clock.py TOLLD TOLLCTL [--rounds N] [--seed S]

Without Debian's packages faketime and libtcmalloc-minimal4 it says so and is skipped (exit 77)."""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from judge import Judge, ms  # noqa: E402
from tolld import Server, require, wait_until  # noqa: E402
from wall import Wall, preloaded  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
INTERVAL_MS = 1000
CALLS = 6
DOWNTIME = ("bill_all", "forgive", "cap:1")
BIG_STEP_S = 1.0  # is logged and counted
POLICY = {"interval_s": 1, "min_billable_s": {"text": 0, "voice": 0, "video": 0},
          "ring_timeout_s": 1_000_000}


class Clinic:
    """Calls that go on and on, on one data directory, and phones that ask for every unit."""

    def __init__(self, args, directory, draw, downtime):
        self.args = args
        self.draw = draw
        self.downtime = downtime
        self.wall = Wall(directory)
        self.data = os.path.join(directory, "data")
        self.policy = os.path.join(directory, "policy.json")
        with open(self.policy, "w", encoding="utf-8") as file:
            json.dump(dict(POLICY, downtime_policy=self.downtime), file)
        self.server = None
        self.steps = {}  # direction -> [fewest, most] that the server must have counted
        self.ends = []  # of the server: when its last sign of life can have been
        self.calls = {}  # place -> (session, activated at)
        self.started = 0
        self.told = 0  # the latest instant that an answer named
        self.over = False

    def start(self):
        # How far the clock is behind what is recorded, which is what was told at least, and at most what it has shown.
        at_most = self.wall.at_most() - self.wall.now()
        self.server = Server(self.args.tolld, self.data, "--policy", self.policy,
                             environment=self.wall.environment())
        at_least = self.told - self.wall.now()
        self.steps = {"forward": [0, 0], "back": [at_least > BIG_STEP_S * 1000, at_most > 500]}

    def open(self):
        self.start()
        for place in range(CALLS):
            self.server.change("PUT", f"/v1/subscriptions/s{place}", {
                "patient_id": f"p{place}", "units": {"voice": 1_000_000_000},
                "starts_at": "2000-01-01T00:00:00Z", "ends_at": "2900-01-01T00:00:00Z"})
            self.call(place)

    def call(self, place):
        self.started += 1
        name = f"c{self.started}"
        self.server.change("POST", "/v1/sessions", {
            "id": name, "channel": "voice", "patient_id": f"p{place}", "doctor_id": f"d{place}"})
        body = self.server.change("POST", f"/v1/sessions/{name}/activate", {})
        self.calls[place] = (name, self.not_before(body["activated_at"]))

    def hang_up(self, place):
        body = self.server.change("POST", f"/v1/sessions/{self.calls[place][0]}/end", {})
        self.not_before(body["session"]["ended_at"])

    def not_before(self, instant):
        """Server time does not go back, nor does it across restarts."""
        require(ms(instant) >= self.told, f"{instant} comes after {self.told}")
        self.told = ms(instant)
        return self.told

    def phones(self):
        """Both phones ask all the time; nobody hears them while the server is away."""
        while not self.over:
            for name, _ in list(self.calls.values()):
                try:
                    self.server.ask("POST", f"/v1/sessions/{name}/deduct", {})
                except OSError:
                    pass
            time.sleep(0.02)

    def done_intervals(self, place):
        """Never more than have passed by the latest time that the clock has shown."""
        name, activated = self.calls[place]
        done = self.server.get(f"/v1/sessions/{name}")["auto_deductions_processed"]
        passed = (self.wall.at_most() - activated) // INTERVAL_MS
        require(done <= passed, f"{name}: {done} intervals are done, {passed} have passed")
        return done

    def catches_up(self):
        """Whatever has passed by server time is done soon, and the big steps are counted."""
        now = self.wall.at_least()
        for place, (_, activated) in self.calls.items():
            wait_until(f"call {place} is charged up to now",
                       lambda: self.done_intervals(place) >= (now - activated) // INTERVAL_MS)
        for direction, (fewest, most) in self.steps.items():
            name = f'toll_clock_steps_total{{direction="{direction}"}} '
            wait_until(f"{fewest} steps {direction} are counted",
                       lambda: self.server.metric(name) >= fewest)
            counted = self.server.metric(name)
            require(counted <= most, f"{name}, not {most}")
            sign = "-" if direction == "back" else "[1-9]"
            line = re.compile(rf'"clock_stepped".*"by_ms":{sign}')
            wait_until(f"{counted} steps {direction} are logged",
                       lambda: len(line.findall(self.server.said())) == counted)

    def step(self, seconds, move=None):
        (move or self.wall.move)(seconds)
        if abs(seconds) > BIG_STEP_S:
            counted = self.steps["forward" if seconds > 0 else "back"]
            counted[0] += 1
            counted[1] += 1

    # The moves.

    def forward(self):
        self.step(self.draw.choice([0.3, 1.5, 7.3, 60, 290]))

    def back(self):
        self.step(-self.draw.choice([0.3, 1.5, 2.7, 4]))

    def an_hour(self):
        """Forward or back, and again where it was: meanwhile server time goes on, and so does every call."""
        seconds = self.draw.choice([-3600, 3600])
        self.step(seconds, self.wall.move_too_far)
        self.catches_up()
        self.somebody_hangs_up()
        time.sleep(1.2)
        self.catches_up()
        self.step(-seconds)

    def slewed(self):
        rate = self.draw.choice([-0.2, 0.2])
        for _ in range(100):
            self.wall.move(rate * 0.02)
            time.sleep(0.02)

    def suspended(self):
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(self.draw.uniform(1.2, 3))
        if self.draw.random() < 0.5:
            self.step(self.draw.choice([5, -3]))
        self.server.process.send_signal(signal.SIGCONT)

    def killed(self):
        if self.draw.random() < 0.5:
            self.server.process.send_signal(signal.SIGSTOP)
            self.was_there()
            time.sleep(self.draw.uniform(0.5, 2))
            self.server.kill()
        else:
            self.server.kill()
            self.was_there()
        self.away()

    def stopped(self):
        require(self.server.terminate() == 0, self.server.said())
        self.was_there()
        self.away()

    def was_there(self):
        """A sign of life is a second old at most; on a busy machine it may be written a little later."""
        latest = self.wall.at_most()
        self.ends.append((latest - 5000, latest))

    def away(self):
        """For longer than an interval, also by a clock that was behind."""
        behind_s = (self.wall.at_most() - self.wall.now()) / 1000
        self.wall.move(self.draw.choice([0, behind_s, behind_s, 30.5, -4]))
        time.sleep(self.draw.uniform(1, 2))
        self.start()

    def somebody_hangs_up(self):
        place = self.draw.randrange(CALLS)
        self.hang_up(place)
        self.call(place)

    def play(self, rounds):
        self.open()
        phones = threading.Thread(target=self.phones)
        phones.start()
        try:
            for _ in range(rounds):
                moves = [self.forward, self.back, self.an_hour, self.slewed, self.suspended,
                         self.killed, self.stopped]
                self.draw.shuffle(moves)
                for move in moves:
                    move()
                    self.catches_up()
                    self.somebody_hangs_up()
        finally:
            self.over = True
            phones.join()
        for place in self.calls:
            self.hang_up(place)
        require(self.server.terminate() == 0, self.server.said())
        subprocess.run([self.args.tollctl, "verify", "--data", self.data], check=True,
                       stdout=subprocess.DEVNULL)

    def judge(self):
        log = subprocess.run([self.args.tollctl, "log", "--data", self.data], check=True,
                             capture_output=True, text=True)
        judge = Judge(INTERVAL_MS, self.downtime, self.ends)
        judge.read(map(json.loads, log.stdout.splitlines()))
        require(not judge.problems, "\n".join(judge.problems[:10]))
        return judge


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tolld")
    parser.add_argument("tollctl")
    parser.add_argument("--rounds", type=int, default=1,
                        help="of seven moves under each downtime_policy (default 1)")
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and printed")
    args = parser.parse_args()
    if preloaded() is None:
        print("SKIPPED: no libfaketime or no tcmalloc; tools/install-packages brings both")
        return SKIPPED
    seed = random.SystemRandom().randrange(1 << 31) if args.seed is None else args.seed
    print(f"seed {seed}", flush=True)
    draw = random.Random(seed)
    for downtime in DOWNTIME:
        play_and_judge(args, draw, downtime)
    return 0


def play_and_judge(args, draw, downtime):
    directory = tempfile.mkdtemp(prefix="toll-clock-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    clinic = Clinic(args, directory, draw, downtime)
    try:
        clinic.play(args.rounds)
        judge = clinic.judge()
    finally:
        if clinic.server is not None:
            clinic.server.process.send_signal(signal.SIGCONT)
            clinic.server.kill()
    print(f"{downtime}: {7 * args.rounds} moves, {len(judge.calls)} calls, {judge.charged} intervals "
          f"charged, {judge.outages} outages, {judge.forgiven} forgiven", flush=True)
    shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
