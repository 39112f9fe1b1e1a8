#!/usr/bin/env python3
"""The server behind Debian's nginx and HAProxy, with the configurations that docs/PROXIES.md prints.

    tests/proxies/proxies.py TOLLD TOLLCTL PAGE"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from relay import Relay  # noqa: E402
from tolld import Server, make_token, require, wait_until  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
PATIENCE = 40  # seconds: a bound, and not a promise
NGINX, HAPROXY = "/etc/nginx/nginx.conf", "/etc/haproxy/haproxy.cfg"
REQUESTS = 20


def recipes(page, make):
    found = re.findall(rf"^```{make.__name__}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    require(found, f"no recipe for {make.__name__}")
    return found


def moved(text, listen, port):
    """The recipe with the ports of this test."""
    for old, new in (("127.0.0.1:8080", f"127.0.0.1:{port}"), ("listen 80;", f"listen 127.0.0.1:{listen};"),
                     ("bind :80", f"bind 127.0.0.1:{listen}")):
        text = text.replace(old, new)
    require(f":{listen}" in text and f":{port}" in text, text)
    return text


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def nginx(folder, text):
    """Debian's configuration, with files of this test in the place of the system's, and the recipe as its site."""
    conf = pathlib.Path(NGINX).read_text()
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    for pattern, new in ((r"^user .*;$", ""), (r"^pid .*;$", f"pid {folder}/pid;"), (r"_log /var/log/nginx/(\S+);", rf"_log {folder}/\1;"),
                         (r"include /etc/nginx/conf.d/\*.conf;", temporary), (r"include /etc/nginx/sites-enabled/\*;", f"include {folder}/site;")):
        conf, count = re.subn(pattern, new, conf, flags=re.MULTILINE)
        require(count, f"{NGINX} has no {pattern}")
    (folder / "site").write_text(text)
    (folder / "nginx.conf").write_text(conf)
    return ["nginx", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]


def haproxy(folder, text):
    """The defaults of Debian's configuration, and the recipe behind them."""
    defaults = re.search(r"^defaults\n(?:[ \t].*\n|\n)*", pathlib.Path(HAPROXY).read_text(), re.MULTILINE)
    (folder / "haproxy.cfg").write_text(f"global\n\tstats socket {folder}/socket\n\n{defaults[0]}\n{text}")
    return ["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


@contextlib.contextmanager
def running(make, text, port):
    """The proxy with this recipe in front of a port: where it listens, and its folder."""
    listen = free_port()
    with tempfile.TemporaryDirectory(prefix="toll-proxies-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx's workers are somebody else when root starts it
        with open(folder / "said", "wb") as said:
            process = subprocess.Popen(make(folder, moved(text, listen, port)), stdout=said, stderr=said)
        try:
            def listens():
                require(process.poll() is None, (folder / "said").read_text())
                with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", listen)):
                    return True

            wait_until("the proxy listens", listens)
            yield listen, folder
        finally:
            process.terminate()
            process.wait(PATIENCE)


def requests(listen, server, relay, kept):
    """All kinds of them, and, if connections are kept, over fewer than there are requests."""
    client = http.client.HTTPConnection("127.0.0.1", listen, timeout=PATIENCE)
    before = relay.accepted

    def ask(method, target, body=None):
        client.request(method, target, body, {**server.who("own"), "Content-Type": "application/json"})
        answer = client.getresponse()
        return answer.status, answer.read(), answer.headers

    for number in range(REQUESTS):
        status, body, _ = ask("PUT", f"/v1/doctors/d{listen}-{number}", "{}")
        require(status == 201, body)
    made = relay.accepted - before
    require((made < REQUESTS) == kept, f"{made} connections to the server for {REQUESTS} requests")
    require(ask("GET", "/readyz")[:2] == (200, b'{"status":"ready"}'), "GET")
    require(ask("HEAD", "/readyz")[:2] == (200, b""), "HEAD")
    status, body, headers = ask("OPTIONS", "/readyz")
    require((status, body, headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS"), (status, body, headers.items()))
    require(ask("GET", "/v1/sessions/none")[0] == 404, "an error")
    client.close()


def stream(listen, server):
    """An event reaches a client that waits for it, with nothing behind it that would push it out."""
    head = server.get("/v1/events?limit=500")["next_after"]
    client = http.client.HTTPConnection("127.0.0.1", listen, timeout=PATIENCE)
    client.request("GET", f"/v1/events/stream?after={head}", headers={**server.who("own")})
    answer = client.getresponse()
    require(answer.status == 200, answer.status)
    for number in range(3):
        doctor = f"s{listen}-{number}"
        server.change("PUT", f"/v1/doctors/{doctor}", {})
        line = b""
        while not line.startswith(b"data: "):
            line = answer.readline()
            require(line, "the stream ended")
        require(json.loads(line[6:])["doctor_id"] == doctor, line)
    client.close()


def check_result(folder):
    """What HAProxy thinks of the server: its status, and how the last check ended."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(f"{folder}/socket")
        control.sendall(b"show stat\n")
        text = b"".join(iter(lambda: control.recv(65536), b"")).decode()
    names, *rows = [line.split(",") for line in text.lstrip("# ").splitlines() if line]
    row = next(dict(zip(names, row)) for row in rows if row[1] == "tolld")
    return row["status"].split()[0], row["check_status"], row["check_code"]


def health_checks(page, text, server):
    """Each line of the page's table, in the place of the recipe's."""
    lines = re.findall(r"^\| `(option httpchk[^`]*)`", page, re.MULTILINE)
    require([line.split()[2:] for line in lines] == [["GET", "/readyz"], ["HEAD", "/readyz"], []] and lines[0] in text, lines)
    for line, code in zip(lines, ("200", "200", "204")):
        with running(haproxy, text.replace(lines[0], line), server.port) as (_, folder):
            wait_until(line, lambda: check_result(folder)[1] not in ("", "INI"))
            require(check_result(folder) == ("UP", "L7OK", code), f"{line}: {check_result(folder)}")


def main():
    tolld, tollctl, page = *map(os.path.abspath, sys.argv[1:3]), pathlib.Path(sys.argv[3]).read_text()
    os.environ["PATH"] += ":/usr/sbin"
    missing = [name for name in ("nginx", "haproxy") if not shutil.which(name)]
    if missing:
        print(f"SKIPPED: not installed: {missing}")
        sys.exit(SKIPPED)
    sites, (behind_haproxy,) = recipes(page, nginx), recipes(page, haproxy)
    proxies = ((nginx, sites[0], True), (nginx, sites[1], False), (haproxy, behind_haproxy, True))
    with tempfile.TemporaryDirectory(prefix="toll-proxies-") as folder:
        data = os.path.join(folder, "data")
        server = Server(tolld, data, token=make_token(tollctl, data, "a", "admin"))
        relay = Relay(server.port)
        try:
            for make, text, kept in proxies:
                with running(make, text, relay.port) as (listen, _):
                    requests(listen, server, relay, kept)
                    stream(listen, server)
            health_checks(page, behind_haproxy, server)
        finally:
            relay.close()
            server.kill()
    print(f"{len(proxies)} recipes")


main()
