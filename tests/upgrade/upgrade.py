#!/usr/bin/env python3
"""Data directories that earlier versions wrote: this one opens them, says the same of everything, remembers
their idempotency keys, and verifies. The last one must be of today's format, or its next version could not tell.

    tests/upgrade/upgrade.py TOLLD TOLLCTL DIRECTORY..."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from make import REPLAYED, Server, events, require, said


def as_then(then, now):
    """Whether it says what it said, and what is new in it says nothing: false, 0, empty or null."""
    if isinstance(then, dict) and isinstance(now, dict):
        return (all(key in now and as_then(value, now[key]) for key, value in then.items())
                and not any(now[key] for key in now.keys() - then.keys()))
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(as_then, then, now))
    return then == now


def check(tolld, tollctl, kept, place):
    with open(os.path.join(kept, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    data = os.path.join(place, "data")
    shutil.copytree(os.path.join(kept, "data"), data)
    options = ("--test-clock", expected["now"], "--policy", os.path.join(kept, "policy.json"))
    server = Server(tolld, data, *options)
    try:
        found = events(server)
        require(as_then(expected["events"], found[:len(expected["events"])]), "the events are others")
        for target, body in said(server, expected["entities"]).items():
            require(as_then(expected["entities"][target], body),
                    f"{target}: was {expected['entities'][target]}, is {body}")
        status, body, headers = server.ask(*REPLAYED)
        require(status == 201 and headers["Idempotency-Replayed"] == "true", f"{status} {body}")
        require(server.change("POST", "/v1/sessions/c6/end", {})["deducted"] == 1, "it does not go on")
        require(server.terminate() == 0, server.said())
    finally:
        server.kill()
    subprocess.run([tollctl, "verify", "--data", data], check=True)
    print(f"{os.path.basename(kept)}: {len(expected['events'])} events, {len(expected['entities'])} "
          "answers, the same", flush=True)


def rows_of(data):
    return {name for name in os.listdir(data) if name.startswith("rows.")}


def of_today(tolld, kept):
    """A new server has rows of the same format as the directory that is kept."""
    place = tempfile.mkdtemp(prefix="toll-upgrade-", dir="/var/tmp")
    try:
        server = Server(tolld, os.path.join(place, "data"))
        server.terminate()
        today, last = rows_of(os.path.join(place, "data")), rows_of(os.path.join(kept, "data"))
        require(today == last, f"{kept} has {last}, a new server {today}: keep one of these, see make.py")
    finally:
        shutil.rmtree(place)


def main():
    tolld, tollctl, *directories = sys.argv[1:]
    for kept in directories:
        place = tempfile.mkdtemp(prefix="toll-upgrade-", dir="/var/tmp")
        try:
            check(tolld, tollctl, kept, place)
        finally:
            shutil.rmtree(place)
    of_today(tolld, directories[-1])


if __name__ == "__main__":
    main()
