#!/usr/bin/env python3
"""The unit for systemd and its configuration: systemd understands it and rates its sandbox, and the server takes its
options.

    tests/hardening/unit.py UNIT CONFIGURATION TOLLD TOLLCTL

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


def start_with_options_of(configuration, tolld, tollctl, place):
    """In another place and on another port; with the directory of a new installation, and never without."""
    file, data = os.path.join(place, "tolld.conf"), os.path.join(place, "data")
    with open(file, "w", encoding="utf-8") as out:
        out.write(re.sub(r"^data=.*$", f"data={data}", re.sub(r"^listen=.*$", "listen=127.0.0.1:0", configuration,
                                                              flags=re.MULTILINE), flags=re.MULTILINE))
    return_code = subprocess.run([tolld, "--config", file], capture_output=True, timeout=30).returncode
    require(return_code == 1 and not os.path.exists(data), return_code)
    subprocess.run([tollctl, "init", "--data", data], check=True, capture_output=True)
    server = Server(tolld, data, "--config", file)
    require(server.terminate() == 0, server.said())


def setting(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def commented_options_are_options(configuration, tolld):
    """Those that an operator has to uncomment as well."""
    known = subprocess.run([tolld, "--help"], check=True, capture_output=True, text=True).stdout
    for name in re.findall(r"^#?([a-z-]+)=", configuration, re.MULTILINE):
        require(re.search(rf"^  --{name}\b", known, re.MULTILINE), f"{name} is not an option")


def clock_may_be_asked(unit, configuration):
    """By a start that is ordered behind the clock, waits for it, and is tried again without a limit."""
    require("time-sync.target" in setting(unit, "After")[0].split(), "it does not come after time-sync.target")
    require(setting(unit, "Wants") == ["time-sync.target"], "nothing brings time-sync.target")
    require(setting(unit, "ProtectClock") in ([], ["no"]), "ProtectClock forbids adjtimex")
    waits = int(setting(configuration, "wait-for-clock")[0])
    require(waits > int(setting(unit, "StartLimitIntervalSec")[0]), "starts that give up would reach their limit")
    require("75" not in setting(unit, "RestartPreventExitStatus")[0].split(), "75 is not tried again")
    require(setting(unit, "Restart") == ["on-failure"], "it is not tried again")


def main():
    path, configuration_path, tolld, tollctl = sys.argv[1:5]
    if shutil.which("systemd-analyze") is None:
        print("SKIPPED: no systemd-analyze")
        sys.exit(77)
    with open(path, encoding="utf-8") as file:
        unit = file.read()
    with open(configuration_path, encoding="utf-8") as file:
        configuration = file.read()
    require(setting(unit, "ExecStart") == ["/usr/bin/tolld --config /etc/toll/tolld.conf"], "another configuration")
    require(setting(unit, "Type") == ["notify"], "systemd does not wait for it")
    require("AF_UNIX" in setting(unit, "RestrictAddressFamilies")[0].split(), "it cannot tell systemd")
    clock_may_be_asked(unit, configuration)
    commented_options_are_options(configuration, tolld)
    place = tempfile.mkdtemp(prefix="toll-unit-", dir="/var/tmp")
    try:
        copy = os.path.join(place, "tolld.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(unit.replace("/usr/bin/tolld", os.path.abspath(tolld)))
        said = analyze("verify", "--man=no", copy)  # nothing is installed here
        require(copy not in said and "tolld.service:" not in said, said)
        said = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}", copy)
        require({"1", "2", "74"} <= exit_codes(unit), "a directory that is gone is not left alone")
        require(re.search(r"^LimitCORE=0$", unit, re.MULTILINE), "a core would be written")
        start_with_options_of(configuration, tolld, tollctl, place)
        print(said.strip().splitlines()[-1])
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
