#!/usr/bin/env python3
"""The unit for systemd: systemd understands it and rates its sandbox, and the server takes its options.

    tests/hardening/unit.py UNIT TOLLD TOLLCTL

Skipped (exit 77) where systemd-analyze is not installed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

# Tenths; 100 is a service that may do everything, and 13 is what is left of ours: it uses the network of
# this machine, and asks the kernel about its clock, by a call that could set it if there were a capability.
MOST_EXPOSURE = 13


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)
    require(done.returncode == 0, f"{arguments}: {done.stdout[-3000:]}{done.stderr}")
    return done.stdout + done.stderr


def exit_codes(unit):
    return set(re.search(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)[1].split())


def start_with_options_of(unit, tolld, tollctl, place):
    """In another place and on another port; with the directory of a new installation, and never without."""
    options = re.search(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)[1].split()
    for own in ("--data", "--listen"):
        at = options.index(own)
        del options[at:at + 2]
    data = os.path.join(place, "data")
    refused = subprocess.run([tolld, "--data", data, "--listen", "127.0.0.1:0", *options], capture_output=True,
                             timeout=30)
    require(str(refused.returncode) in exit_codes(unit) and not os.path.exists(data), refused)
    subprocess.run([tollctl, "init", "--data", data], check=True, capture_output=True)
    server = Server(tolld, data, *options)
    require(server.terminate() == 0, server.said())


def setting(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def clock_may_be_asked(unit):
    """By a start that is ordered behind the clock, waits for it, and is tried again without a limit."""
    require("time-sync.target" in setting(unit, "After")[0].split(), "it does not come after time-sync.target")
    require(setting(unit, "Wants") == ["time-sync.target"], "nothing brings time-sync.target")
    require(setting(unit, "ProtectClock") in ([], ["no"]), "ProtectClock forbids adjtimex")
    waits = int(re.search(r"--wait-for-clock (\d+)", setting(unit, "ExecStart")[0])[1])
    require(waits > int(setting(unit, "StartLimitIntervalSec")[0]), "starts that give up would reach their limit")
    require("75" not in setting(unit, "RestartPreventExitStatus")[0].split(), "75 is not tried again")
    require(setting(unit, "Restart") == ["on-failure"], "it is not tried again")


def main():
    path, tolld, tollctl = sys.argv[1:4]
    if shutil.which("systemd-analyze") is None:
        print("SKIPPED: no systemd-analyze")
        sys.exit(77)
    with open(path, encoding="utf-8") as file:
        unit = file.read()
    clock_may_be_asked(unit)
    place = tempfile.mkdtemp(prefix="toll-unit-", dir="/var/tmp")
    try:
        copy = os.path.join(place, "tolld.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(unit.replace("/usr/bin/tolld", os.path.abspath(tolld)))
        said = analyze("verify", copy)
        require(copy not in said and "tolld.service:" not in said, said)
        said = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}", copy)
        require({"1", "74"} <= exit_codes(unit), "a directory that is gone is not left alone")
        require(re.search(r"^LimitCORE=0$", unit, re.MULTILINE), "a core would be written")
        start_with_options_of(unit, tolld, tollctl, place)
        print(said.strip().splitlines()[-1])
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
