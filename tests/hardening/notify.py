#!/usr/bin/env python3
"""What systemd is told of the server's life (Type=notify), by a socket of our own.

    tests/hardening/notify.py TOLLD FAULTY_DISK_LIBRARY"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402


class Manager:
    """What systemd is to the server: it hears, and waits for what it wants to hear."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(60)

    def environment(self, **more):
        return dict(os.environ, NOTIFY_SOCKET=self.name, **more)

    def hear(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def hear_but_patience(self):
        """What comes after the requests for more time, and how many of those there were."""
        for asked in range(10_000):
            heard = self.hear()
            if "EXTEND_TIMEOUT_USEC" not in heard:
                return heard, asked
            require(int(heard["EXTEND_TIMEOUT_USEC"]) > 0 and len(heard) == 1, heard)
        raise AssertionError("it asks for ever")


def reload(server, manager):
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    server.process.send_signal(signal.SIGHUP)
    heard = manager.hear()
    require(heard.pop("RELOADING") == "1", heard)
    require(before <= int(heard.pop("MONOTONIC_USEC")) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, heard)
    require(not heard, heard)
    require(manager.hear() == {"READY": "1"}, "it has not reloaded")


def life(tolld, data, manager):
    server = Server(tolld, data, environment=manager.environment())
    try:
        heard, asked = manager.hear_but_patience()
        require(heard == {"READY": "1"} and asked >= 1, (heard, asked))
        require(server.ask("GET", "/readyz")[0] == 200, "it said that it serves")
        reload(server, manager)
        reload(server, manager)
        server.process.send_signal(signal.SIGTERM)
        require(manager.hear() == {"STOPPING": "1"}, "it has not said that it stops")
        require(server.process.wait(30) == 0, server.said())
        require("notify_failed" not in server.said(), server.said())
    finally:
        server.kill()


def recovery(tolld, data, manager, library):
    """As long as it recovers it asks for more time, and does not say that it serves."""
    slow = manager.environment(LD_PRELOAD=library, TOLL_FAULT="slow:/:700")
    server = Server(tolld, data, environment=slow, wait=False)
    try:
        heard, asked = manager.hear_but_patience()
        require(heard == {"READY": "1"} and asked >= 2, (heard, asked))
        server.wait_for_it()
    finally:
        server.kill()


def nobody_hears(tolld, data):
    """It serves all the same, and says so."""
    server = Server(tolld, data, environment=dict(os.environ, NOTIFY_SOCKET="/nowhere/notify"))
    require(server.terminate() == 0 and "notify_failed" in server.said(), server.said())
    server = Server(tolld, data, environment=dict(os.environ, NOTIFY_SOCKET="@" + "n" * 200))
    require(server.terminate() == 0 and "notify_failed" in server.said(), server.said())


def failed_start(tolld, data, manager):
    """A start that cannot be says nothing."""
    ended = subprocess.run([tolld, "--data", data + "-none", "--existing", "--auth", "off", "--listen", "127.0.0.1:0"],
                           env=manager.environment(), capture_output=True, timeout=60)
    require(ended.returncode == 1, ended)
    manager.socket.setblocking(False)
    try:
        while heard := manager.hear():
            require(set(heard) == {"EXTEND_TIMEOUT_USEC"}, heard)
    except BlockingIOError:
        pass
    manager.socket.settimeout(60)


def main():
    tolld, library = (os.path.abspath(path) for path in sys.argv[1:3])
    place = tempfile.mkdtemp(prefix="toll-notify-", dir="/var/tmp")
    data = os.path.join(place, "data")
    try:
        for name in (os.path.join(place, "notify"), f"@toll-{os.getpid()}"):
            life(tolld, data, Manager(name))
        manager = Manager(os.path.join(place, "slow"))
        failed_start(tolld, data, manager)
        recovery(tolld, data, manager, library)
        nobody_hears(tolld, data)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
