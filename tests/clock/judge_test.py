#!/usr/bin/env python3
"""The judge of the clock test notices what it is for: short journals, right and wrong."""

import sys
import unittest

from judge import Judge

INTERVAL_MS = 1000


def at(ms):
    return f"1970-01-01T00:00:{ms // 1000:02}.{ms % 1000:03}Z"


def event(kind, ms, **more):
    return dict(more, type=kind, at=at(ms), session_id="c1")


def charged(ms, interval):
    return event("charged", ms, interval=interval, units=1)


def forgiven(ms, first, count):
    return event("forgiven", ms, interval=first, intervals=count)


def began(ms, since):
    return event("outage_began", ms, since=at(since))


def ended(ms, last=None):
    return event("ended", ms, interval=last, ended_at=at(ms))


CALL = [event("activated", 0), charged(1000, 1), charged(2000, 2)]
BACK = [*CALL, began(5500, 2100)]  # intervals 3, 4 and 5 passed meanwhile

# The server was ready at 5600.
CAPPED = [*BACK, charged(5500, 3), forgiven(5500, 4, 2), event("ready", 5600), charged(6000, 6)]

RIGHT = {
    "bill_all": [
        [*CALL, ended(2500)],
        [*CALL, ended(3000, 3)],
        [*BACK, charged(5500, 3), charged(5500, 4), charged(5500, 5), event("ready", 5600), charged(6000, 6), ended(6100)],
    ],
    "forgive": [
        [*BACK, forgiven(5500, 3, 3), event("ready", 5600), charged(6000, 6), ended(6100)],
        [*BACK, forgiven(5500, 3, 3), event("ready", 5600), ended(5700)],
    ],
    "cap:1": [
        [*BACK, charged(5500, 3), forgiven(5500, 4, 2), event("ready", 5600), ended(5700)],
        [*CAPPED, began(8500, 6500), forgiven(8500, 7, 2), event("ready", 8600), ended(8700)],
        [*CAPPED, charged(7000, 7), began(9500, 7200), charged(9500, 8), forgiven(9500, 9, 1), event("ready", 9600), ended(9700)],
    ],
}

WRONG = {
    "early": ("bill_all", [*CALL, charged(2999, 3)]),
    "twice": ("bill_all", [*CALL, charged(2500, 2)]),
    "left out": ("bill_all", [*CALL, charged(4000, 4)]),
    "not done at the end": ("bill_all", [*CALL, ended(3000)]),
    "after the end": ("bill_all", [*CALL, ended(2500), charged(3000, 3)]),
    "forgiven without an outage": ("forgive", [*CALL, forgiven(3000, 3, 1)]),
    "forgiven though all is billed": ("bill_all", [*BACK, forgiven(5500, 3, 3)]),
    "a new cap for an outage that is one with the last": ("cap:1", [*CAPPED, began(8500, 6500), charged(8500, 7)]),
    "one cap for outages that are apart": ("cap:1", [*CAPPED, charged(7000, 7), began(9500, 7200), forgiven(9500, 8, 2)]),
    "charged in an outage that is forgiven": ("forgive", [*BACK, charged(5500, 3)]),
    "charged beyond the cap": ("cap:1", [*BACK, charged(5500, 3), charged(5500, 4)]),
    "forgiven below the cap": ("cap:1", [*BACK, forgiven(5500, 3, 3)]),
    "charged when the outage is over": ("forgive", [*BACK, event("ready", 5600), charged(5700, 3)]),
    "billed, but when the outage is over": ("bill_all", [*BACK, event("ready", 5600), charged(5700, 3)]),
    "forgiven when the outage is over": ("forgive", [*BACK, event("ready", 5600), forgiven(5700, 3, 3)]),
    "an outage from before its last sign of life": ("bill_all", [*CALL, began(5500, 1900)]),
}


def problems(downtime, lines):
    judge = Judge(INTERVAL_MS, downtime, [(2000, 2200), (6000, 7300)])
    judge.read(lines)
    return judge.problems


class JudgeTest(unittest.TestCase):
    def test_right(self):
        for downtime, journals in RIGHT.items():
            for lines in journals:
                self.assertEqual(problems(downtime, lines), [], (downtime, lines))

    def test_wrong(self):
        for what, (downtime, lines) in WRONG.items():
            self.assertNotEqual(problems(downtime, lines), [], what)


if __name__ == "__main__":
    sys.exit(unittest.main())
