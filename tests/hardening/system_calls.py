#!/usr/bin/env python3
"""Every system call of a server that works is one that its unit lets through: strace sees them, systemd says
what is in the sets of the filter.

    tests/hardening/system_calls.py UNIT TOLLD

Skipped (exit 77) where strace or systemd-analyze is not installed, or nobody may trace."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

# Before the server is itself: systemd's own, which no filter stops.
BEFORE = {"execve"}


def calls_of(name):
    """A set of systemd's, the sets in it included; or the call itself."""
    if not name.startswith("@"):
        return {name}
    done = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True)
    listed = [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")]
    return set().union(*(calls_of(line) for line in listed if not line.startswith("#")))


def allowed(unit):
    calls = set()
    for names in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = set().union(*(calls_of(name) for name in names.lstrip("~").split()))
        calls = calls - named if names.startswith("~") else calls | named
    return calls


def work(server, call):
    server.change("PUT", "/v1/subscriptions/s1", {
        "patient_id": "p1", "units": {"voice": 3}, "starts_at": "2020-01-01T00:00:00Z",
        "ends_at": "2900-01-01T00:00:00Z"})
    server.change("POST", "/v1/sessions", {"id": call, "channel": "voice", "patient_id": "p1", "doctor_id": "d1"})
    server.change("POST", f"/v1/sessions/{call}/activate", {})
    server.change("POST", f"/v1/sessions/{call}/end", {})
    for target in ("/v1/events", f"/v1/sessions/{call}/statement"):
        server.get(target)
    server.metric("toll_live_sessions ")


def made(tolld, place):
    """The calls of two lives: one that makes its directory, and one that finds it."""
    traced = os.path.join(place, "traced")
    log = os.path.join(place, "calls")
    with open(traced, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec strace -f -qq -A -o {log} {os.path.abspath(tolld)} "$@"\n')
    os.chmod(traced, 0o755)
    for call in ("c1", "c2"):
        server = Server(traced, os.path.join(place, "data"))
        pid = server.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            child = int(file.read().split()[0])
        try:
            work(server, call)
        finally:
            os.kill(child, signal.SIGTERM)  # strace ends with it
        require(server.process.wait() == 0, server.said())
    with open(log, encoding="utf-8", errors="replace") as file:
        return set(re.findall(r"^\d+ +(\w+)\(", file.read(), re.MULTILINE))


def main():
    path, tolld = sys.argv[1:3]
    if None in (shutil.which("systemd-analyze"), shutil.which("strace")) or \
            subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode != 0:
        print("SKIPPED: no systemd-analyze, no strace, or nobody may trace")
        sys.exit(77)
    with open(path, encoding="utf-8") as file:
        filtered = allowed(file.read())
    place = tempfile.mkdtemp(prefix="toll-calls-", dir="/var/tmp")
    try:
        calls = made(tolld, place)
    finally:
        shutil.rmtree(place)
    require({"fdatasync", "accept", "futex"} <= calls, f"not all was seen: {calls}")
    require(calls & {"adjtimex", "clock_adjtime"}, "the kernel was not asked whether its clock is right")
    stopped = calls - filtered - BEFORE
    require(not stopped, f"the filter stops {sorted(stopped)}")
    print(f"{len(calls)} calls of {len(filtered)} that are allowed")


if __name__ == "__main__":
    main()
