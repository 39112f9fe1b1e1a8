#!/usr/bin/env python3
"""What a start says of its options, its files and its address, and that nothing of it is silent.

    tests/files/starts.py TOLLD TOLLCTL FAULTY_DISK_LIBRARY"""

import json
import os
import re
import socket
import stat
import subprocess
import sys
import time

from place import Server, play, require, wait_until

FAULTY_DISK = os.path.abspath(sys.argv.pop(3))


def modes_in(directory):
    """Everything in it that others than its owner may do something with."""
    found = []
    for folder, _, names in os.walk(directory):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
                found.append(path)
    return found


def modes(place):
    """Whatever the umask is."""
    data, backup, again = place.inside("open"), place.inside("backup"), place.inside("again")
    loose = ["sh", "-c", 'umask 000 && exec "$@"', "sh"]
    server = Server(place.tolld, data, before=loose)
    place.servers.append(server)
    server.change("PUT", "/v1/doctors/d1", {})
    require(server.terminate() == 0, server.said())
    require(not modes_in(data), modes_in(data))
    require("data_directory_open" not in server.said(), server.said())
    for arguments in (["token", "create", "--data", data, "--name", "a", "--role", "read"],
                      ["backup", "--data", data, "--to", backup], ["restore", "--from", backup, "--data", again]):
        subprocess.run([*loose, place.tollctl, *arguments], check=True, capture_output=True)
    for made in (data, backup, again):
        require(not modes_in(made), modes_in(made))
    os.chmod(data, 0o755)
    said = place.run(place.tolld, "--data", data, "--auth", "off", "--check").stderr
    require("data_directory_open" in said and f"chmod 700 {data}" in said, said)


def one_component(place):
    """A wrong word in the path makes no tree."""
    wrong = place.inside("wrong/path")
    for command in ([place.tolld, "--auth", "off", "--listen", "127.0.0.1:0"], [place.tollctl, "init"],
                    [place.tollctl, "token", "create", "--name", "a", "--role", "read"]):
        ended = place.run(*command, "--data", wrong)
        require(ended.returncode == 1 and wrong in ended.stderr, ended)
        require(not os.path.exists(place.inside("wrong")), command)
    require(place.control("backup", "--data", place.data, "--to", wrong).returncode == 1, "a backup")
    require(not os.path.exists(place.inside("wrong")), "a backup")


def named_files(place):
    """A file that the line names and that is not there ends the start; one by default need not be there."""
    none = place.inside("none")
    key, certificate = certificate_of(place, "20990101000000Z")
    for options in (["--token-file", none], ["--jwt-secret-file", none], ["--jwt-public-key", none], ["--policy", none],
                    ["--tls-cert", none, "--tls-key", key], ["--tls-cert", certificate, "--tls-key", none]):
        for more in ([], ["--check"]):
            ended = place.run(place.tolld, "--data", place.data, "--listen", "127.0.0.1:0", *options, *more)
            require(ended.returncode == 1 and none in ended.stderr, ended)
    for data in (place.data, place.inside("my data")):
        hint = json.loads(place.run(place.tolld, "--data", data, "--check").stderr.splitlines()[-1])["make_one_with"]
        made = subprocess.run(["sh", "-c", hint.replace("tollctl", place.tollctl, 1)], capture_output=True, text=True, check=True)
        require(made.stdout.startswith("toll_"), made)


def strange_paths(place):
    """A path that cannot be followed is said to be one, and ends nothing by a signal."""
    too_long = place.inside("a" * 300)
    for more in ([], ["--check"]):
        ended = place.run(place.tolld, "--data", too_long, "--listen", "127.0.0.1:0", *more)
        require(ended.returncode == 1 and "too long" in ended.stderr, ended)
    ended = place.control("token", "list", "--data", too_long)
    require(ended.returncode == 1 and "too long" in ended.stderr, ended)


def certificate_of(place, until):
    """Its key, and itself: until then."""
    key, request, file = place.inside("key.pem"), place.inside("request.pem"), place.inside(f"cert-{until}.pem")
    config = place.inside("ca.cnf")
    with open(config, "w", encoding="ascii") as out:
        out.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={place.inside('index')}\nnew_certs_dir={place.directory}\n"
                  f"rand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
    with open(place.inside("index"), "w", encoding="ascii"):
        pass
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", request, "-subj", "/CN=localhost"], check=True, capture_output=True)
    subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-keyfile", key, "-in", request, "-out", file, "-config", config,
                    "-startdate", "20200101000000Z", "-enddate", until, "-notext"], check=True, capture_output=True)
    return key, file


def expired(place):
    for until, over in (("20990101000000Z", False), ("20210101000000Z", True)):
        key, file = certificate_of(place, until)
        checked = place.run(place.tolld, "--data", place.data, "--auth", "off", "--tls-cert", file, "--tls-key", key, "--check")
        require(checked.returncode == 0 and ("certificate_expired" in checked.stderr) == over, checked)
        server = place.serve("--tls-cert", file, "--tls-key", key)
        require(("certificate_expired" in server.said()) == over, server.said())
        shown = subprocess.run(["curl", "-sk", f"https://127.0.0.1:{server.port}/metrics"], capture_output=True, text=True,
                               check=True).stdout
        name = "toll_certificate_expiry_timestamp_seconds "
        value = next(line for line in shown.splitlines() if line.startswith(name))
        require(float(value[len(name):]) == (1609459200 if over else 4070908800), value)
        require(server.terminate() == 0, server.said())
    require("toll_certificate_expiry" not in plain_metrics(place), "a certificate without TLS")


def plain_metrics(place):
    server = place.serve()
    shown = subprocess.run(["curl", "-s", f"http://127.0.0.1:{server.port}/metrics"], capture_output=True, text=True,
                           check=True).stdout
    require(server.terminate() == 0, server.said())
    return shown


def ask_raw(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request.encode())
        received = b""
        while part := client.recv(65536):
            received += part
    head, _, body = received.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head, body


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def recovering(place):
    """While it recovers the address is taken: it lives, and is not ready."""
    port = free_port()
    slow = dict(os.environ, LD_PRELOAD=FAULTY_DISK, TOLL_FAULT="slow:/:1500")
    server = Server(place.tolld, place.data, listen=f"127.0.0.1:{port}", environment=slow, wait=False)
    place.servers.append(server)

    def taken():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except ConnectionRefusedError:
            return False

    wait_until("the address is taken", taken)
    get = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    status, head, body = ask_raw(port, get.format("/livez"))
    require(status == 200 and json.loads(body) == {"status": "ok"}, head + body)
    for request in (get.format("/readyz"), get.format("/readyz?strict"), get.format("/v1/sessions"),
                    "POST /v1/deductions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"):
        status, head, body = ask_raw(port, request)
        require(status == 503 and json.loads(body)["code"] == "recovering", request + head + body)
        require("\r\nRetry-After: " in head and "\r\nConnection: close" in head, head)
    status, head, body = ask_raw(port, "HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    require(status == 200 and not body, head + body)
    require(ask_raw(port, "nonsense\r\n\r\n")[0] == 400, "nonsense")
    require(server.process.poll() is None and "started" not in server.said(), "it was ready all the time")
    held = socket.create_connection(("127.0.0.1", port))  # who says nothing does not keep the server from serving
    server.wait_for_it()
    require(server.ask("GET", "/readyz")[0] == 200, "it is ready")
    responses = server.get("/openapi.json")["components"]["responses"]
    for name in ("Unavailable", "UnavailableForWrites", "NotReady"):
        schema = responses[name]["content"]["application/problem+json"]["schema"]
        require("recovering" in schema["properties"]["code"]["enum"], f"the document does not say it: {name}")
    held.close()


def taken_address(place):
    """An address that is taken ends the start before the data directory is looked at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        new = place.inside("new")
        ended = place.run(place.tolld, "--data", new, "--auth", "off", "--listen", listen)
    require(ended.returncode == 1 and f"cannot listen on {listen}" in ended.stderr, ended)
    require(not os.path.exists(new), "it made a directory")


def words(place):
    """A line that is wrong ends with 2, and names what is wrong."""
    data = ["--data", place.data]
    for program, line, named in (
            (place.tolld, [], "--data"), (place.tolld, ["--bogus"], "--bogus"), (place.tolld, [*data, "more"], "more"),
            (place.tolld, [*data, "--listen", "1:99999"], "port 99999 is out of range"),
            (place.tolld, [*data, "--listen", "nonsense"], "nonsense is not HOST:PORT"),
            (place.tolld, [*data, "--threads", "0"], "--threads"), (place.tolld, [*data, "--threads", "many"], "many"),
            (place.tolld, [*data, "--tls-cert", "c.pem"], "--tls-key"), (place.tolld, ["--data", ""], "no directory is named"),
            (place.tolld, ["--data"], "--data needs a value"), (place.tollctl, [], "a command is missing"),
            (place.tollctl, ["nothing"], '"nothing"'), (place.tollctl, ["token", "nothing"], '"nothing"'),
            (place.tollctl, ["verify"], "--data"), (place.tollctl, ["verify", *data, "--bogus"], "--bogus")):
        ended = place.run(program, *line)
        require(ended.returncode == 2 and named in ended.stderr and not ended.stdout, f"{line}: {ended}")
        require(len(ended.stderr.splitlines()) == 2, ended.stderr)
    for program in (place.tolld, place.tollctl):
        name = os.path.basename(program)
        version = place.run(program, "--version")
        require(version.returncode == 0 and version.stdout.startswith(name + " "), version)
    for words in every_help(place):
        helped = place.run(*words, "--help")
        require(helped.returncode == 0 and not helped.stderr, helped)
        require(all(len(line) <= 80 for line in helped.stdout.splitlines()), helped.stdout)
        for noise in (" in [", " INT", " UINT", " TEXT", "Excludes", "Needs", "REQUIRED"):
            require(noise not in helped.stdout, f"{words}: {noise}")


def every_help(place):
    """Both programs, and each command of tollctl that the help above it names."""
    found = [[place.tolld], [place.tollctl]]
    for words in found:  # which grows meanwhile
        _, _, commands = place.run(*words, "--help").stdout.partition("Subcommands:")
        found += [[*words, command] for command in re.findall(r"^  ([a-z-]+)$", commands, re.MULTILINE)]
    require(len(found) > 12, found)
    return found


def one_version(place):
    server = place.serve()
    version = place.run(place.tolld, "--version").stdout.split()[1]
    started = next(json.loads(line) for line in server.said().splitlines() if '"started"' in line)
    require(started["version"] == version, started)
    require(server.get("/openapi.json")["info"]["version"] == version, "the document")
    require(server.metric(f'toll_build_info{{version="{version}"}} ') == 1, "the metric")
    require(place.run(place.tollctl, "--version").stdout.split()[1] == version, "tollctl")


def sources(place):
    """The line comes before the environment, and that before the file."""
    file = place.inside("tolld.conf")

    def level(line=None, variable=None, written=None):
        """At which level it logs: `started` is there at info, `running_as_root` and its like also at warn."""
        with open(file, "w", encoding="ascii") as out:
            out.write(f"data={place.data}\nauth=off\nlisten=127.0.0.1:0\n")
            if written:
                out.write(f"log-level={written}\n")
        environment = dict(os.environ, TOLL_CONFIG=file)
        if variable:
            environment["TOLL_LOG_LEVEL"] = variable
        process = subprocess.Popen([place.tolld, *(["--log-level", line] if line else [])], env=environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        require(process.stdout.readline().startswith("listening"), "it starts")
        process.terminate()
        said = process.communicate(timeout=30)[1]
        return '"started"' in said

    require(level(), "by default info")
    require(not level(written="error"), "the file")
    require(level(written="error", variable="info"), "the environment before the file")
    require(not level(written="info", variable="error"), "the environment before the file")
    require(level(written="error", variable="error", line="info"), "the line before both")
    for wrong, named in (("treads=1\n", "treads is not an option"), ("threads=many\n", "many")):
        with open(file, "w", encoding="ascii") as out:
            out.write(f"data={place.data}\n" + wrong)
        ended = place.run(place.tolld, "--config", file, "--auth", "off", "--listen", "127.0.0.1:0")
        require(ended.returncode == 2 and named in ended.stderr, ended)
    ended = place.run(place.tolld, "--config", place.inside("none"), "--data", place.data)
    require(ended.returncode == 2 and place.inside("none") in ended.stderr, ended)
    several = subprocess.run([place.tolld, "--data", place.data, "--check"], capture_output=True, text=True, check=False,
                             env=dict(os.environ, TOLL_TRUSTED_PROXY="10.0.0.0/8 nonsense"))
    require(several.returncode == 2 and "nonsense" in several.stderr, several)


def check(place):
    """All of it is tried, and nothing is touched: a server may run, the address be taken, the data not be there."""
    server = place.serve()
    listen = f"127.0.0.1:{server.port}"
    ended = place.run(place.tolld, "--data", place.data, "--auth", "off", "--listen", listen, "--check")
    require(ended.returncode == 0 and "usable" in ended.stdout, ended)
    new = place.inside("new")
    require(place.run(place.tolld, "--data", new, "--check").returncode == 0 and not os.path.exists(new), "the data")
    policy = place.inside("policy.json")
    with open(policy, "w", encoding="ascii") as out:
        out.write('{"interval_s": -1}')
    ended = place.run(place.tolld, "--data", new, "--policy", policy, "--check")
    require(ended.returncode == 1 and "interval_s" in ended.stderr and not ended.stdout, ended)
    ended = place.run(place.tolld, "--data", new, "--auth", "off", "--listen", "0.0.0.0:80", "--check")
    require(ended.returncode == 1 and "--auth off" in ended.stderr, ended)


def clocks(place):
    """A history that a test clock made does not go on with the wall clock, or the other way round, unless it is said;
    wherever the history goes."""
    # A wall clock that is far beyond what is recorded would not be believed.
    standing = ["--test-clock", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())]

    def refused(data, *options):
        ended = place.run(place.tolld, "--data", data, "--auth", "off", "--listen", "127.0.0.1:0", *options)
        require(ended.returncode == 1 and "--adopt-clock" in ended.stderr, ended)

    def taken(data, *options):
        server = Server(place.tolld, data, *options)
        place.servers.append(server)
        require(server.terminate() == 0, server.said())

    refused(place.data, *standing)
    tested = place.inside("tested")
    server = Server(place.tolld, tested, *standing)
    place.servers.append(server)
    server.change("PUT", "/v1/doctors/d1", {})
    place.done("backup", "--data", tested, "--to", place.inside("backup"))
    require(server.terminate() == 0, server.said())
    place.done("restore", "--from", place.inside("backup"), "--data", place.inside("restored"))
    place.done("rebuild", "--data", tested)
    for data in (tested, place.inside("restored"), tested + ".old"):
        refused(data)
        taken(data, *standing)
    taken(tested, "--adopt-clock")
    taken(tested)
    refused(tested, *standing)
    taken(place.data, "--adopt-clock", *standing)
    refused(place.data)
    made = place.inside("made")  # nobody's clock yet
    place.done("init", "--data", made)
    taken(made, *standing)
    refused(made)


play(clocks, modes, one_component, named_files, strange_paths, expired, recovering, taken_address, words, one_version, sources, check)
