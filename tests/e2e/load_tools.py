#!/usr/bin/env python3
"""The tools that people reach for first, ab and wrk, against a fresh server with one token: each request succeeds.

    tests/e2e/load_tools.py TOLLD TOLLCTL"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, make_token, require  # noqa: E402


def run(*command):
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    require(ended.returncode == 0, f"{command}: {ended}")
    return ended.stdout


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found[1]) if found else None


def main():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        data = os.path.join(folder, "data")
        token = make_token(sys.argv[2], data, "backend", "service")
        server = Server(sys.argv[1], data, token=token)
        try:
            server.change("PUT", "/v1/doctors/d1", {})
            url = f"http://127.0.0.1:{server.port}/v1/doctors/d1/wallet"
            header = f"Authorization: Bearer {token}"
            said = run("ab", "-q", "-k", "-n", "20000", "-c", "100", "-H", header, url)
            require(number(r"Complete requests: +(\d+)", said) == 20000, said)
            require(number(r"Failed requests: +(\d+)", said) == 0 and "Non-2xx" not in said, said)
            said = run("wrk", "-t", "1", "-c", "100", "-d", "2s", "-H", header, url)
            require(number(r"(\d+) requests in", said) > 0, said)
            require("Non-2xx" not in said and "Socket errors" not in said, said)
            # The judge can fail: with a limit both see refusals.
            require("Non-2xx" in run("ab", "-q", "-n", "10", "-H", "Authorization: Bearer wrong", url), "ab sees nothing")
        finally:
            server.kill()


main()
