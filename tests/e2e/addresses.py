#!/usr/bin/env python3
"""One address has so many connections and no more, an IPv6 one its whole /64; loopback and trusted proxies are exempt.

    addresses.py TOLLD TOLLCTL

Runs in a network of its own, where the loopback device has further addresses.
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tolld

MOST = 5
ADDRESSES = ("192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1")


def in_a_network_of_its_own():
    """False when this machine does not allow one."""
    if os.environ.get("TOLL_OWN_NETWORK"):
        return True
    for rights in ([], ["--user", "--map-root-user"]):
        command = ["unshare", "--net", *rights]
        up = subprocess.run([*command, "ip", "link", "set", "lo", "up"], stderr=subprocess.DEVNULL, check=False)
        if up.returncode == 0:
            os.execvpe("unshare", [*command, sys.executable, "-B", *sys.argv],
                       {**os.environ, "TOLL_OWN_NETWORK": "1"})
    return False


def connect(source, server, target):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    client = socket.socket(family)
    client.settimeout(30)
    client.bind((source, 0))
    client.connect((target, server.port))
    return client


def status(client):
    """Of the answer that comes by itself, or to a question."""
    try:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n")
        return int(client.recv(4096).split()[1])
    except ConnectionError:
        return None


def main():
    if not in_a_network_of_its_own():
        print("skipped: no network of its own can be made here")
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ADDRESSES:
        length = "128" if ":" in address else "32"
        subprocess.run(["ip", "address", "add", f"{address}/{length}", "dev", "lo"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        token = tolld.make_token(sys.argv[2], folder + "/data", "m", "read")
        server = tolld.Server(sys.argv[1], folder + "/data", "--max-connections-per-address", str(MOST),
                              "--trusted-proxy", "198.51.100.0/24", "--trusted-proxy", "2001:db8:0:2::/64",
                              token=token, listen="[::]:0")
        kept = []

        def fill(source, limited, already=0):
            target = source if source.startswith("127") or ":" in source else "192.0.2.1"
            for _ in range(MOST - already):
                kept.append(connect(source, server, target))
                tolld.require(status(kept[-1]) == 200, f"{source} is not served")
            more = connect(source, server, target)
            with more:
                got = status(more)
                tolld.require(got == (503 if limited else 200), f"one more of {source}: {got}")

        try:
            fill("192.0.2.1", True)
            fill("192.0.2.2", True)
            fill("198.51.100.1", False)
            fill("127.0.0.1", False)
            fill("2001:db8:0:1::1", True)
            fill("2001:db8:0:1::2", True, already=MOST)
            fill("2001:db8:0:2::1", False)
            for one in kept[:MOST]:
                tolld.require(status(one) == 200, "a connection that was there is not served any more")
                one.close()
            tolld.require(server.metric('toll_limits_reached_total{limit="connections_of_address",role="none"}') >= 4,
                          "the metrics do not count what was refused")
            tolld.require(server.terminate() == 0, "it does not end well")
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
