#!/usr/bin/env python3
"""How much memory live sessions take, and how fast the server is back after kill -9.

    tests/e2e/scale.py build/tolld [SESSIONS [MEMBERS]]

Each session has a patient and a doctor of its own; MEMBERS patients share a subscription, by default
each has one, which is the most expensive case. Not part of the test run: it takes a minute. Fails above 1 GiB or 20 s for 200,000 sessions.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 8
BATCH = 64


class Server:
    def __init__(self, program, data, clock):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [program, "--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--test-clock",
             clock], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode()
        self.start_s = time.monotonic() - began
        if not line.startswith("listening on "):
            raise SystemExit("tolld did not start")
        self.port = int(line.rsplit(":", 1)[1])

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return kib / 1024

    def kill(self):
        self.process.kill()
        self.process.wait()


class Connection:
    """Sends requests in batches, one after another without waiting, and reads the answers in order."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb", 1 << 16)

    def send(self, requests):
        parts = []
        for method, target, body in requests:
            text = json.dumps(body).encode()
            parts.append(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                         f"application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        self.socket.sendall(b"".join(parts))

    def expect(self, count, status):
        for _ in range(count):
            got = int(self.file.readline().split()[1])
            length = 0
            while (line := self.file.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = self.file.read(length)
            if got != status:
                raise SystemExit(f"unexpected answer {got}: {body.decode()}")


def run_all(port, requests, status):
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    stride = CONNECTIONS * BATCH
    for start in range(0, len(requests), stride):
        sent = []
        for i, connection in enumerate(connections):
            batch = requests[start + i * BATCH:start + (i + 1) * BATCH]
            connection.send(batch)
            sent.append(len(batch))
        for connection, count in zip(connections, sent):
            connection.expect(count, status)


def main():
    program = sys.argv[1]
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    members = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    data = tempfile.mkdtemp(prefix="toll-scale-", dir="/var/tmp")
    server = None
    try:
        server = Server(program, data, "2026-01-01T00:00:00Z")
        grants = [("PUT", f"/v1/subscriptions/s{first}", {
            "patient_id": f"p{first}",
            "members": [f"p{i}" for i in range(first + 1, min(first + members, sessions))],
            "units": {"text": 100_000, "voice": 100_000}, "ends_at": "2030-01-01T00:00:00Z"})
            for first in range(0, sessions, members)]
        starts = [("POST", "/v1/sessions", {
            "id": f"c{i}", "channel": "text" if i % 2 else "voice", "patient_id": f"p{i}",
            "doctor_id": f"d{i}"}) for i in range(sessions)]
        activations = [("POST", f"/v1/sessions/c{i}/activate", {}) for i in range(sessions)]
        print(f"empty: {server.rss_mib():.0f} MiB")
        run_all(server.port, grants, 201)
        began = time.monotonic()
        run_all(server.port, starts, 201)
        run_all(server.port, activations, 200)
        took = time.monotonic() - began
        worst_mib = server.rss_mib()
        print(f"{sessions} live sessions, made in {took:.1f} s: {worst_mib:.0f} MiB")
        server.kill()
        worst_s = 0.0
        for name, clock in (("at once", "00:00"), ("10 minutes later, a unit each due", "00:10")):
            server = Server(program, data, f"2026-01-01T{clock}:00Z")
            worst_s = max(worst_s, server.start_s)
            worst_mib = max(worst_mib, server.rss_mib())
            print(f"restart after kill -9 {name}: ready in {server.start_s:.1f} s, "
                  f"{server.rss_mib():.0f} MiB")
            server.kill()
        return 0 if worst_mib <= 1024 and worst_s < 20 else 1
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
