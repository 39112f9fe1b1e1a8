#!/usr/bin/env python3
"""Clients who ask and do not read: what they cost the server is bounded, and others are served as ever.

    unread.py TOLLD TOLLCTL

4,352 connections of four tokens and of nobody, on each route that answers more than 4 KiB, to a server with 1 GiB of
address space. Then memory is taken away from it: it ends, as with a broken disk.
"""
import json
import pathlib
import resource
import select
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tolld

PLACES = 4096
STRANGERS = 256
TOKENS = 4
OF_TOKEN = PLACES // TOKENS - 1  # one place of each is for this test's own questions
TEXT = "\U0001F600"  # four bytes
SESSIONS = 300
MIB = 1 << 20
IN_ALL = 64 * MIB
PATIENCE_S = 120
ENOUGH_CLOSED = 500  # for those who come later: from then on it goes round in circles


def long_id(name):
    return name + "-" + "x" * (63 - len(name))


def fill(server):
    """Something long for each route."""
    refs = {"payment_ref": TEXT * 255, "plan": TEXT * 255, "ends_at": "2099-01-01T00:00:00Z"}
    members = [long_id(f"m{i}") for i in range(1000)]
    server.change("PUT", "/v1/subscriptions/s", {"patient_id": "p", "members": members,
                                                 "units": {"text": 10_000, "voice": 10_000}, **refs})
    server.change("PUT", "/v1/subscriptions/own", {"patient_id": "own", "units": {}, "ends_at": refs["ends_at"]})
    for i in range(100):
        server.change("PUT", "/v1/subscriptions/" + long_id(f"s{i}"), {"patient_id": "many", "units": {"text": 1},
                                                                      **refs})
    for i in range(SESSIONS):
        server.change("POST", "/v1/sessions", {"id": f"c{i}", "channel": "text", "patient_id": "p", "doctor_id": "d",
                                               "external_ref": TEXT * 255})
        server.change("POST", f"/v1/sessions/c{i}/activate", {})
        server.change("POST", f"/v1/sessions/c{i}/end", {"reason": TEXT * 1000})
    server.change("POST", "/v1/sessions", {"id": "long", "channel": "voice", "patient_id": "p", "doctor_id": "d"})
    server.change("POST", "/v1/sessions/long/activate", {})
    for _ in range(30):
        server.change("POST", "/v1/test/clock", {"advance_ms": 250 * 600_000, "run_timers": False})
        server.change("POST", "/v1/sessions/long/deduct", {})


def pages(server, target, field="items"):
    """All pages of a list, which are neither too long nor empty."""
    items, cursor, count, joint = [], None, 0, "&" if "?" in target else "?"
    while count == 0 or cursor is not None:
        status, page, headers = server.ask("GET", target + (f"{joint}cursor={cursor}" if cursor else ""))
        tolld.require(status == 200 and page[field], f"{target}: {status}")
        tolld.require(int(headers["Content-Length"]) <= MIB, f"{target}: a page of {headers['Content-Length']} bytes")
        items += page[field]
        cursor, count = page["next_cursor"], count + 1
    tolld.require(count > 1, f"{target} is not long enough for this test")
    return items


def check_pages(server):
    sessions = pages(server, "/v1/sessions?limit=500")
    tolld.require([one["id"] for one in sessions] == [f"c{i}" for i in range(SESSIONS)] + ["long"], "sessions are lost")
    lines = pages(server, "/v1/sessions/long/statement", "lines")
    tolld.require([line["interval"] for line in lines] == list(range(1, 7501)), "lines are lost")
    after, seen = 0, []
    while True:
        status, page, headers = server.ask("GET", f"/v1/events?limit=500&after={after}")
        tolld.require(status == 200 and int(headers["Content-Length"]) <= MIB, "a page of events is too long")
        seen += [event["seq"] for event in page["items"]]
        if not page["items"]:
            break
        after = page["next_after"]
        tolld.require(after == seen[-1], "next_after is not the last event's")
    tolld.require(seen == list(range(1, len(seen) + 1)), "events are lost")
    pages(server, "/v1/doctors/d/wallet/entries?limit=200")


class Client:
    """Asks and never reads; its kernel takes next to nothing, and so does the server's for it. It leaves with a reset,
    so that the server knows at once."""

    def __init__(self, server, request):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.setblocking(False)
        self.rest = request
        self.go_on()

    def go_on(self):
        try:
            while self.rest:
                self.rest = self.rest[self.socket.send(self.rest):]
        except BlockingIOError:
            pass
        except OSError:
            self.rest = b""  # closed by the server
        return self.rest


def request(method, target, token, body=None):
    head = f"{method} {target} HTTP/1.1\r\nHost: t\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body is None:
        return (head + "\r\n").encode()
    return (head + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


class Honest:
    """Somebody else, on one connection that stays."""

    def __init__(self, server, token):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
        self.token = token
        self.count = 0

    def ask(self, method, target, body=None):
        self.socket.sendall(request(method, target, self.token, body))
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = self.socket.recv(65536)
            tolld.require(more, f"{method} {target}: no answer")
            answer += more
        head, text = answer.split(b"\r\n\r\n", 1)
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(text) < length:
            text += self.socket.recv(65536)
        return int(head.split()[1]), text.decode()

    def ask_again(self, *asked):
        """Where as many requests are under way as there may be, whoever is told so comes again."""
        until = time.monotonic() + PATIENCE_S
        while True:
            status, text = self.ask(*asked)
            if '"code":"overloaded"' not in text or time.monotonic() > until:
                return status, text

    def is_served(self, requests_may_be_too_many):
        ask = self.ask_again if requests_may_be_too_many else self.ask
        self.count += 1
        status, text = ask("GET", "/v1/doctors/d/wallet")
        tolld.require(status == 200, f"a wallet: {status} {text}")
        status, text = ask("POST", "/v1/subscriptions/own/topups", '{"units":{"video":1}}')
        tolld.require(status == 201 and json.loads(text)["units"]["video"]["granted"] == self.count,
                      f"a change: {status} {text}")
        status, text = ask("GET", "/v1/sessions?limit=1")
        tolld.require(status == 200, f"a list: {status} {text}")

    def figures(self):
        status, text = self.ask("GET", "/metrics")
        tolld.require(status == 200, f"figures: {status}")
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines()
                                                       if not line.startswith("#"))}


def answered(figures, route):
    return sum(value for name, value in figures.items()
               if name.startswith("toll_requests_total{") and f'route="{route}"' in name)


def closed(figures):
    return figures['toll_limits_reached_total{limit="answers",role="none"}']


def besiege(server, honest, tokens, method, target, route, body, times, aside):
    """All clients ask, and nobody reads: at last strangers come too. The most bytes that were seen to wait. What is
    served aside leaves the engine's room for requests free, so that nobody else's request is one too many."""
    before = honest.figures()
    whose = [token for token in tokens for _ in range(OF_TOKEN)]
    clients = [Client(server, request(method, target, token, body) * times) for token in whose]
    sending = [client for client in clients if client.rest]
    most, until = 0, time.monotonic() + PATIENCE_S
    while True:
        if sending:
            ready = set(select_writable(sending))
            sending = [client for client in sending if client not in ready or client.go_on()]
        honest.is_served(not aside)
        figures = honest.figures()
        most = max(most, figures["toll_answer_bytes_waiting"])
        tolld.require(most <= IN_ALL, f"{route}: {most} bytes wait")
        count = answered(figures, route) - answered(before, route)
        if count >= len(whose) or closed(figures) - closed(before) >= ENOUGH_CLOSED:
            break
        tolld.require(server.lives(), "the server is gone")
        tolld.require(time.monotonic() < until, f"{route}: only {count} were answered")
    clients += [Client(server, request("GET", "/openapi.json", None) * 10) for _ in range(STRANGERS)]
    for _ in range(3):
        honest.is_served(not aside)
    for client in clients:
        client.socket.close()
    while honest.figures()["toll_connections"] > 2:
        tolld.require(time.monotonic() < until, "connections stay")
    return most


def select_writable(clients):
    poll = select.poll()
    by_number = {client.socket.fileno(): client for client in clients}
    for number in by_number:
        poll.register(number, select.POLLOUT)
    return [by_number[number] for number, _ in poll.poll(0)]


def take_memory_away(program, folder):
    """The server's own limit becomes what it has now; then it is asked to keep bodies."""
    server = tolld.Server(program, folder + "/other")
    try:
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
        size = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmSize"))
        resource.prlimit(server.process.pid, resource.RLIMIT_AS, (size, size))
        head = ("PUT /v1/subscriptions/x HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                f"Content-Length: {256 * 1024}\r\n\r\n").encode()
        clients, until = [], time.monotonic() + PATIENCE_S
        while server.lives():
            tolld.require(time.monotonic() < until, "it lives without memory")
            try:
                clients.append(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
                clients[-1].sendall(head + b" " * (250 * 1024))
            except OSError:
                pass
        tolld.require(server.process.returncode == 70, f"it ended with {server.process.returncode}")
        tolld.require('"event":"out_of_memory"' in server.said(), "it does not say why")
    finally:
        server.kill()


def main():
    program, tollctl = sys.argv[1:3]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 2 * PLACES:
        print(f"skipped: a process may have {hard} files open here, and {2 * PLACES} are needed")
        return 77
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        tokens = [tolld.make_token(tollctl, data, f"t{i}", "service") for i in range(TOKENS)]
        own = tolld.make_token(tollctl, data, "own", "admin")
        server = tolld.Server(program, data, "--rate-limit", "0", "--max-streams", str(PLACES), "--test-clock",
                              "2026-01-01T00:00:00Z", token=own, before=["prlimit", f"--as={1 << 30}"])
        try:
            fill(server)
            check_pages(server)
            honest = Honest(server, own)
            batch = json.dumps({"items": 40 * [{"session_id": long_id("none")}]})
            for method, target, route, body, times, aside in (
                    ("GET", "/v1/sessions?limit=500", "/v1/sessions", None, 10, True),
                    ("GET", "/v1/sessions/long/statement", "/v1/sessions/{id}/statement", None, 10, True),
                    ("GET", "/v1/doctors/d/wallet/entries?limit=500", "/v1/doctors/{id}/wallet/entries", None, 10, True),
                    ("GET", "/v1/events?limit=500", "/v1/events", None, 10, True),
                    ("GET", "/v1/events/stream", "/v1/events/stream", None, 1, True),
                    ("GET", "/v1/subscriptions/s", "/v1/subscriptions/{id}", None, 10, False),
                    ("PATCH", "/v1/subscriptions/s", "/v1/subscriptions/{id}", '{"status":"active"}', 10, False),
                    ("GET", "/v1/patients/many/balance", "/v1/patients/{id}/balance", None, 3, False),
                    ("GET", "/v1/sessions/c1", "/v1/sessions/{id}", None, 20, False),
                    ("POST", "/v1/deductions", "/v1/deductions", batch, 3, False),
                    ("GET", "/metrics", "/metrics", None, 10, True),
                    ("GET", "/openapi.json", "/openapi.json", None, 10, True)):
                began = time.monotonic()
                most = besiege(server, honest, tokens, method, target, route, body, times, aside)
                print(f"{method} {target}: {most / MIB:.1f} MiB waited at most, {time.monotonic() - began:.1f} s",
                      flush=True)
            honest.socket.close()
            status, _, _ = server.ask("GET", "/v1/sessions/c1")
            tolld.require(status == 200, "the server does not go on")
            tolld.require(server.terminate() == 0, "it does not end well")
        finally:
            server.kill()
        take_memory_away(program, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
