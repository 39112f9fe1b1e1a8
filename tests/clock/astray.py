#!/usr/bin/env python3
"""A wall clock that is wrong at a start, and one that steps by hours while the server runs: under the real server,
whose clock is moved by libfaketime, and whose kernel says of it what the test wants. Nobody is charged for time that
did not pass, billing never stands still, and an operator decides.

    tests/clock/astray.py TOLLD TOLLCTL KERNEL_CLOCK_LIBRARY

Without Debian's packages faketime and libtcmalloc-minimal4 it says so and is skipped (exit 77)."""

import contextlib
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from judge import ms  # noqa: E402
from tolld import Server, require, wait_until  # noqa: E402
from wall import Wall, preloaded  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
NOT_BELIEVED = 75
HOUR_S = 3600
YEAR_S = 400 * 24 * HOUR_S
SLACK_MS = 60_000  # of a busy machine, far less than any step here
POLICY = {"interval_s": 1, "min_billable_s": {"text": 0, "voice": 0, "video": 0}, "ring_timeout_s": 1_000_000}
SUBSCRIPTION = {"patient_id": "p1", "units": {"voice": 1_000_000_000}, "ends_at": "2900-01-01T00:00:00Z"}


class Place:
    """A data directory, the clocks of its machine, and one call that goes on and on."""

    def __init__(self, programs, directory):
        self.tolld, self.tollctl, self.library = programs
        self.wall = Wall(directory)
        self.data = os.path.join(directory, "data")
        self.kernel_file = os.path.join(directory, "kernel")
        self.policy = os.path.join(directory, "policy.json")
        with open(self.policy, "w", encoding="utf-8") as file:
            json.dump(POLICY, file)
        self.kernel("not synchronised")
        self.server = None
        self.asked = 0

    def kernel(self, says):
        with open(self.kernel_file + ".new", "w", encoding="utf-8") as file:
            file.write(says)
        os.rename(self.kernel_file + ".new", self.kernel_file)

    def environment(self):
        environment = self.wall.environment()
        environment["LD_PRELOAD"] += ":" + self.library
        return dict(environment, TOLL_KERNEL_CLOCK=self.kernel_file)

    def start(self, *options):
        self.server = Server(self.tolld, self.data, "--policy", self.policy, *options,
                             environment=self.environment())
        return self.server

    def open(self):
        self.start()
        self.server.change("PUT", "/v1/subscriptions/s1", SUBSCRIPTION)
        self.server.change("POST", "/v1/sessions", {"id": "c1", "channel": "voice", "patient_id": "p1", "doctor_id": "d1"})
        self.server.change("POST", "/v1/sessions/c1/activate", {})
        self.goes_on()

    def done(self):
        return self.server.get("/v1/sessions/c1")["auto_deductions_processed"]

    def goes_on(self):
        """The call is charged for another interval."""
        before = self.done()
        wait_until("the call is charged", lambda: self.done() > before)

    def server_now(self):
        self.asked += 1
        body = self.server.change("PUT", f"/v1/subscriptions/now{self.asked}", SUBSCRIPTION)
        return ms(body["starts_at"])

    def is_near(self, expected, what):
        """Server time and what it should be, by a clock that was read before and after."""
        before = expected()
        now = self.server_now()
        require(before - SLACK_MS <= now <= expected() + SLACK_MS, f"{what}: {now}, not {before}")

    def refused_start(self, *options):
        done = subprocess.run([self.tolld, "--data", self.data, "--listen", "127.0.0.1:0", "--auth", "off", "--policy",
                               self.policy, *options], env=self.environment(), capture_output=True, text=True, check=False)
        require(done.returncode == NOT_BELIEVED and done.stdout == "", f"{done.returncode}: {done.stdout}{done.stderr}")
        return done.stderr

    def clock(self, *options, expected=0):
        done = subprocess.run([self.tollctl, "clock", "--data", self.data, *options], capture_output=True, text=True,
                              check=False)
        require(done.returncode == expected, f"{options}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def log(self, kind=None):
        done = subprocess.run([self.tollctl, "log", "--data", self.data], capture_output=True, text=True, check=True)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return [event for event in events if kind in (None, event["type"])]

    def is_astray(self, word):
        reason = f'"reason":"clock_{word}"'
        wait_until(f"the clock is {word}", lambda: reason in self.server.said())
        require(self.server.get("/readyz") == {"status": "degraded", "reason": f"clock_{word}"}, "/readyz")
        require(self.server.ask("GET", "/readyz?strict")[0] == 503, "/readyz?strict")
        require(self.server.metric(f'toll_degraded{{reason="clock_{word}"}} ') == 1, "toll_degraded")
        require(self.server.metric("toll_clock_astray_seconds ") * (1 if word == "ahead" else -1) > HOUR_S / 2,
                "toll_clock_astray_seconds")

    def is_followed(self):
        wait_until("the wall clock is followed", lambda: self.server.get("/readyz") == {"status": "ready"})
        require(self.server.metric("toll_clock_astray_seconds ") == 0, "toll_clock_astray_seconds")


def a_start_does_not_believe_a_clock_that_nobody_keeps_right(place):
    place.open()
    place.server.kill()
    before = place.log()
    place.wall.move(YEAR_S)
    said = place.refused_start("--wait-for-clock", "0")
    for instant in (ms(before[-1]["at"]), place.wall.now()):
        day = datetime.datetime.fromtimestamp(instant / 1000, datetime.timezone.utc).strftime("%Y-%m-%d")
        require(day in said, f"{day} is not in {said}")
    require("not synchronised" in said, said)
    place.kernel("refused")
    require("adjtimex" in place.refused_start("--wait-for-clock", "0"), "it does not say what failed")
    require(place.log() == before, "a start that is refused has written")
    # It waits, and goes on as soon as the clock is put right.
    place.kernel("not synchronised")
    with waiting(place, "--wait-for-clock", "600"):
        place.wall.move(-YEAR_S)
    place.goes_on()
    require(place.done() < HOUR_S, "it is charged for time that did not pass")


def a_start_believes_a_clock_that_is_kept_right(place):
    place.open()
    require(place.server.terminate() == 0, place.server.said())
    place.wall.move(3 * HOUR_S)
    place.refused_start("--wait-for-clock", "0")
    with waiting(place, "--wait-for-clock", "600"):
        place.kernel("synchronised")
    place.is_near(place.wall.now, "after three hours")
    require('"kernel_clock":"synchronised"' in place.server.said(), place.server.said())


def an_operator_has_a_start_believe_it(place):
    place.open()
    place.server.kill()
    last = ms(place.log()[-1]["at"])
    place.wall.move(3 * HOUR_S)
    with waiting(place, "--wait-for-clock", "600"):
        place.clock("--resume", expected=1)
        place.clock("--accept")
    place.is_near(place.wall.now, "after three hours")
    (accepted,) = place.log("clock_accepted")
    require(last <= ms(accepted["from"]) < last + HOUR_S * 1000 < ms(accepted["at"]), f"{accepted}, {last}")


def an_hour_and_less_is_believed(place):
    place.open()
    place.server.kill()
    place.wall.move(HOUR_S / 2)
    place.start("--wait-for-clock", "0")
    place.is_near(place.wall.now, "after half an hour")


def an_empty_directory_and_a_test_clock_are_exempt(place):
    place.wall.move(YEAR_S)
    place.open()
    place.server.change("POST", "/v1/sessions/c1/end", {})  # or it would be charged for decades
    require(place.server.terminate() == 0, place.server.said())
    place.start("--test-clock", "2099-01-01T00:00:00Z", "--adopt-clock", "--wait-for-clock", "0")


def a_step_ahead_is_not_followed(place):
    place.open()
    place.wall.move(2 * HOUR_S)
    place.is_astray("ahead")
    place.is_near(lambda: place.wall.now() - 2 * HOUR_S * 1000, "after a step of two hours")
    place.goes_on()
    require(place.done() < HOUR_S, "it is charged for time that did not pass")
    place.wall.move(-2 * HOUR_S)
    place.is_followed()
    require("follows the wall clock" in place.clock(), "the wall clock is back")
    require(place.log("clock_accepted") == [], "nobody has accepted anything")


def a_step_ahead_is_accepted(place):
    place.open()
    place.wall.move(2 * HOUR_S)
    place.is_astray("ahead")
    require("is not followed" in place.clock(), "tollctl clock")
    place.clock("--resume", expected=1)
    place.clock("--accept")
    place.is_followed()
    place.is_near(place.wall.now, "accepted")
    wait_until("two hours are charged", lambda: place.done() >= 2 * HOUR_S)
    (accepted,) = place.log("clock_accepted")
    require(ms(accepted["at"]) - ms(accepted["from"]) > HOUR_S * 1000, str(accepted))
    place.clock("--accept", expected=1)


def a_step_back_does_not_make_billing_stand_still(place):
    place.open()
    place.wall.move(-2 * HOUR_S)
    place.is_astray("behind")
    place.goes_on()
    place.is_near(lambda: place.wall.now() + 2 * HOUR_S * 1000, "after a step back")
    place.wall.move(2 * HOUR_S)
    place.is_followed()


def it_is_resumed_and_stays_so(place):
    place.open()
    require(place.server.terminate() == 0, place.server.said())
    place.wall.move(-2 * HOUR_S)
    ahead = lambda: place.wall.now() + 2 * HOUR_S * 1000  # noqa: E731
    place.start()
    place.is_astray("behind")
    place.goes_on()
    place.clock("--resume")
    place.is_followed()
    (resumed,) = place.log("clock_resumed")
    require(abs(resumed["offset_ms"] - 2 * HOUR_S * 1000) < SLACK_MS, str(resumed))
    place.is_near(ahead, "resumed")
    place.goes_on()
    place.server.kill()
    place.start("--wait-for-clock", "0")
    require("loses 1 s in 1,000" in place.clock(), "it is forgotten")
    place.is_near(ahead, "after a restart")
    place.goes_on()
    # The wall clock is put right: that the two have met is on record as well.
    place.wall.move(2 * HOUR_S)
    wait_until("they have met", lambda: [event["offset_ms"] for event in place.log("clock_resumed")][1:] == [0])
    place.is_near(place.wall.now, "put right")


@contextlib.contextmanager
def waiting(place, *options):
    """Around what a start waits for: the server is there afterwards."""
    place.server = Server(place.tolld, place.data, "--policy", place.policy, *options,
                          environment=place.environment(), wait=False)
    yield
    place.server.wait_for_it()


CASES = (a_start_does_not_believe_a_clock_that_nobody_keeps_right, a_start_believes_a_clock_that_is_kept_right,
         an_operator_has_a_start_believe_it, an_hour_and_less_is_believed,
         an_empty_directory_and_a_test_clock_are_exempt, a_step_ahead_is_not_followed, a_step_ahead_is_accepted,
         a_step_back_does_not_make_billing_stand_still, it_is_resumed_and_stays_so)


def main():
    programs = sys.argv[1:4]
    chosen = [case for case in CASES if not sys.argv[4:] or case.__name__ in sys.argv[4:]]
    if preloaded() is None:
        print("SKIPPED: no libfaketime or no tcmalloc; tools/install-packages brings both")
        sys.exit(SKIPPED)
    for case in chosen:
        directory = tempfile.mkdtemp(prefix="toll-astray-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        place = Place(programs, directory)
        try:
            case(place)
            if place.server.lives():
                require(place.server.terminate() == 0, place.server.said())
            subprocess.run([place.tollctl, "verify", "--data", place.data], check=True, stdout=subprocess.DEVNULL)
        finally:
            if place.server is not None:
                place.server.kill()
            shutil.rmtree(directory)
        print(case.__name__.replace("_", " "), flush=True)


if __name__ == "__main__":
    main()
