#!/usr/bin/env python3
"""A doctor with very many wallet entries: pages in constant memory and constant time.

    tests/e2e/long_wallet.py build/tolld [ENTRIES]

One call of ENTRIES intervals (default 1,000,000) is charged by its timer, one entry each, while the
test clock is moved. Then the doctor's entries, the statement of the call and the feed are read from
end to end. Fails if an entry is lost or repeated, if the entries do not sum to the balance, or if
reading makes the server grow by more than 64 MiB.
"""

import json
import shutil
import sys
import tempfile
import time
import urllib.request

from scale import Server

INTERVAL_MS = 600_000
RATE = 350_000
GROWTH_MIB = 64


class Api:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}/v1"

    def ask(self, method, target, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + target, data, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


class Reading:
    """Walks a list, watching the server's memory and the time of each page."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.seconds = []
        self.worst_mib = server.rss_mib()

    def page(self, api, target):
        began = time.monotonic()
        page = api.ask("GET", target)
        self.seconds.append(time.monotonic() - began)
        self.worst_mib = max(self.worst_mib, self.server.rss_mib())
        return page

    def pages(self, api, target, field):
        cursor = ""
        while cursor is not None:
            page = self.page(api, f"{target}?limit=500" + (cursor and f"&cursor={cursor}"))
            yield from page[field]
            cursor = page["next_cursor"]

    def events(self, api):
        after = 0
        while (page := self.page(api, f"/events?limit=500&after={after}"))["items"]:
            yield from page["items"]
            after = page["next_after"]

    def report(self, rows):
        print(f"{self.name}: {rows} in {len(self.seconds)} pages, {sum(self.seconds):.1f} s; first "
              f"{self.seconds[0] * 1000:.1f} ms, last {self.seconds[-1] * 1000:.1f} ms, worst "
              f"{max(self.seconds) * 1000:.1f} ms; server at most {self.worst_mib:.0f} MiB")


def check(good, what):
    if not good:
        raise SystemExit("wrong: " + what)


def read_entries(api, server, count):
    reading = Reading(server, "wallet entries")
    total, found, last = 0, 0, None
    for entry in reading.pages(api, "/doctors/d1/wallet/entries", "items"):
        check(last is None or entry["seq"] < last, f"entry {entry['seq']} after {last}")
        last = entry["seq"]
        total += entry["amount"]
        found += 1
    check(found == count, f"{found} entries")
    check(total == api.ask("GET", "/doctors/d1/wallet")["balance"], f"a sum of {total}")
    reading.report(found)
    return reading.worst_mib


def read_statement(api, server, count):
    reading = Reading(server, "lines of the statement")
    found = 0
    for line in reading.pages(api, "/sessions/c1/statement", "lines"):
        found += 1
        check(line["interval"] == found, f"interval {line['interval']} at line {found}")
    check(found == count, f"{found} lines")
    reading.report(found)
    return reading.worst_mib


def read_events(api, server, count):
    reading = Reading(server, "events")
    last, charged = 0, 0
    for event in reading.events(api):
        check(event["seq"] == last + 1, f"event {event['seq']} after {last}")
        last = event["seq"]
        charged += event["type"] == "charged"
    check(charged == count, f"{charged} charged")
    reading.report(last)
    return reading.worst_mib


def fill(api, count):
    api.ask("PUT", "/subscriptions/s1", {"patient_id": "p1", "units": {"voice": count + 1},
                                         "ends_at": "2100-01-01T00:00:00Z"})
    api.ask("POST", "/sessions",
            {"id": "c1", "channel": "voice", "patient_id": "p1", "doctor_id": "d1"})
    api.ask("POST", "/sessions/c1/activate")
    began = time.monotonic()
    for done in range(0, count, 10_000):
        api.ask("POST", "/test/clock", {"advance_ms": INTERVAL_MS * min(10_000, count - done)})
    return time.monotonic() - began


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    data = tempfile.mkdtemp(prefix="toll-long-wallet-", dir="/var/tmp")
    server = None
    try:
        server = Server(program, data, "2026-01-01T00:00:00Z")
        api = Api(server.port)
        print(f"empty: {server.rss_mib():.0f} MiB")
        took = fill(api, count)
        before = server.rss_mib()
        check(api.ask("GET", "/doctors/d1/wallet")["balance"] == count * RATE, "the balance")
        print(f"{count} entries, made in {took:.1f} s: {before:.0f} MiB")
        worst = max(read(api, server, count) for read in (read_entries, read_statement, read_events))
        return 0 if worst <= before + GROWTH_MIB else 1
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
