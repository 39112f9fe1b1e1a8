#!/usr/bin/env python3
"""Readers who ask for list after list, and somebody else who wants to see wallets that nobody has seen lately.

    greedy.py TOLLD TOLLCTL

Prints how long the wallets take, with and without the readers; a busy machine says nothing about that, so only the
answers are judged.
"""
import http.client
import multiprocessing
import pathlib
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tolld

READERS = 60
SESSIONS = 600
WALLETS = 200
CLOCK = ("--test-clock", "2026-01-01T00:00:00Z")
TARGETS = ("/v1/sessions?limit=500", "/v1/sessions?limit=500&status=ended", "/v1/events?limit=500",
           "/v1/sessions?patient_id=p&status=active")


def get(connection, token, target):
    connection.request("GET", target, headers={"Authorization": "Bearer " + token})
    answer = connection.getresponse()
    return answer.status, answer.read()


def read_greedily(port, token, reading, over, lists):
    def read(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not over.is_set():
            status, text = get(connection, token, TARGETS[number % len(TARGETS)])
            tolld.require(status == 200, f"a list: {status} {text}")
            with lists.get_lock():
                lists.value += 1
            if lists.value >= READERS:
                reading.set()

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()


def wallets_ms(port, token, numbers):
    """How long each takes, one after the other."""
    connection, took = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for number in numbers:
        began = time.monotonic()
        status, text = get(connection, token, f"/v1/doctors/d{number}/wallet")
        took.append((time.monotonic() - began) * 1000)
        tolld.require(status == 200, f"a wallet: {status} {text}")
    return sorted(took)


def show(what, took):
    print(f"{what}: p50 {took[len(took) // 2]:.1f} ms, p99 {took[len(took) * 99 // 100]:.1f} ms, "
          f"worst {took[-1]:.1f} ms")


def main():
    program, tollctl = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        greedy = tolld.make_token(tollctl, data, "greedy", "read")
        other = tolld.make_token(tollctl, data, "other", "service")
        server = tolld.Server(program, data, *CLOCK, token=other)
        try:
            server.change("PUT", "/v1/subscriptions/s", {"patient_id": "p", "units": {"text": 10_000},
                                                         "ends_at": "2099-01-01T00:00:00Z"})
            for i in range(SESSIONS):
                server.change("POST", "/v1/sessions", {"id": f"c{i}", "channel": "text", "patient_id": "p",
                                                       "doctor_id": f"d{i}", "external_ref": "r" * 250})
                server.change("POST", f"/v1/sessions/c{i}/activate", {})
                server.change("POST", f"/v1/sessions/c{i}/end", {"reason": "r" * 1000})
            server.kill()  # so that no wallet is in memory
            server = tolld.Server(program, data, *CLOCK, token=other)
            show("wallets, nobody else", wallets_ms(server.port, other, range(WALLETS)))
            reading, over, lists = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Value("q", 0)
            readers = multiprocessing.Process(target=read_greedily,
                                              args=(server.port, greedy, reading, over, lists))
            readers.start()
            tolld.require(reading.wait(120), "the readers do not read")
            before, began = lists.value, time.monotonic()
            took = wallets_ms(server.port, other, range(WALLETS, 2 * WALLETS))
            show(f"wallets, {READERS} greedy readers who got {(lists.value - before) / (time.monotonic() - began):.0f} "
                 "lists/s", took)
            over.set()
            readers.join(120)
            tolld.require(readers.exitcode == 0, "the readers were not served")
            tolld.require(server.terminate() == 0, "it does not end well")
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
