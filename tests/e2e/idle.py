#!/usr/bin/env python3
"""Thousands of connections that say nothing: they cost the server little memory, others are served as ever, and in
the end (120 s) they are closed.

    idle.py TOLLD [CONNECTIONS] [--to-the-end]
"""
import pathlib
import resource
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tolld

ROUNDS = 500
MOST_KIB = 16  # for a connection; 6 were seen


def resident_kib(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def connect(server):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    tolld.require(connection.recv(4096).startswith(b"HTTP/1.1 200 "), "a new connection is not served")
    return connection


def worst_ms(connection):
    """Of so many requests on one connection, one after the other: the slowest."""
    worst = 0
    for _ in range(ROUNDS):
        began = time.monotonic()
        connection.sendall(b"GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n")
        tolld.require(connection.recv(4096).startswith(b"HTTP/1.1 200 "), "a list is not served")
        worst = max(worst, time.monotonic() - began)
    return worst * 1000


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    to_the_end = "--to-the-end" in sys.argv
    wanted = int(words[1]) if len(words) > 1 else 10_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = wanted * 4 // 3 + 400  # the server keeps a quarter for its files
    if hard != resource.RLIM_INFINITY and hard < needed:
        print(f"skipped: a process may have {hard} files open here, and {needed} are needed")
        return 77
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        server = tolld.Server(words[0], folder + "/data", "--max-connections", str(wanted + 10))
        try:
            active = connect(server)
            before, alone = resident_kib(server), worst_ms(active)
            idle = [connect(server) for _ in range(wanted)]
            after, together = resident_kib(server), worst_ms(active)
            for connection in idle[:: max(1, wanted // 100)]:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
                tolld.require(connection.recv(4096).startswith(b"HTTP/1.1 200 "), "an idle one is not served")
            print(f"{wanted} idle connections: {before / 1024:.1f} MiB before, {after / 1024:.1f} MiB with them, "
                  f"{(after - before) / wanted:.1f} KiB each")
            tolld.require(after - before < MOST_KIB * wanted, "idle connections cost too much memory")
            print(f"worst of {ROUNDS} lists on another connection: {alone:.2f} ms before, {together:.2f} ms with them")
            if to_the_end:
                began = time.monotonic()
                for connection in idle:
                    connection.settimeout(200)
                    tolld.require(connection.recv(1) == b"", "a byte that nobody asked for")
                print(f"all closed by the server {time.monotonic() - began:.0f} s later")
                tolld.require(server.get("/livez")["status"] == "ok", "the server is gone")
            server.terminate()
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
