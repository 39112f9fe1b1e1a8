#!/usr/bin/env python3
"""Data directories that earlier versions wrote: this one opens them, says the same of everything, remembers
their idempotency keys, and verifies.

    tests/upgrade/upgrade.py TOLLD TOLLCTL DIRECTORY..."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from make import REPLAYED, Server, events, require, said


def check(tolld, tollctl, kept, place):
    with open(os.path.join(kept, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    data = os.path.join(place, "data")
    shutil.copytree(os.path.join(kept, "data"), data)
    options = ("--test-clock", expected["now"], "--policy", os.path.join(kept, "policy.json"))
    server = Server(tolld, data, *options)
    try:
        found = events(server)
        require(found[:len(expected["events"])] == expected["events"], "the events are others")
        for target, body in said(server).items():
            require(body == expected["entities"][target],
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


def main():
    tolld, tollctl, *directories = sys.argv[1:]
    for kept in directories:
        place = tempfile.mkdtemp(prefix="toll-upgrade-", dir="/var/tmp")
        try:
            check(tolld, tollctl, kept, place)
        finally:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
