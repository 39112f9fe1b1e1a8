"""The real tolld as a child process of a test in Python."""

import hashlib
import http.client
import json
import os
import subprocess
import tempfile
import time


def require(right, what):
    if not right:
        raise AssertionError(what)


def fingerprint(directory):
    """Every file below it, and what is in it."""
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


def wait_until(what, condition):
    """Asks again and again; the time is a bound, and not a promise."""
    deadline = time.monotonic() + 60
    while not condition():
        require(time.monotonic() < deadline, f"in vain: {what}")
        time.sleep(0.02)


def make_token(tollctl, data, name, role):
    command = [tollctl, "token", "create", "--data", data, "--name", name, "--role", role]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode().strip()


class Server:
    """With a token it asks for tokens, and this is the one that ask() shows. `before` is a command that runs it."""

    def __init__(self, program, data, *options, environment=None, token=None, listen="127.0.0.1:0", before=(),
                 wait=True):
        """Without `wait` it may not be ready yet, or never be: wait_for_it() comes later."""
        self.token = token  # who asks; none: everybody may do everything
        self.log = tempfile.TemporaryFile("a+b")  # said() moves the place at which the server writes
        auth = [] if token else ["--auth", "off"]
        self.process = subprocess.Popen([*before, program, "--data", data, "--listen", listen, *auth, *options],
                                        stdout=subprocess.PIPE, stderr=self.log, env=environment)
        if wait:
            self.wait_for_it()

    def wait_for_it(self):
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on "):
            self.process.wait()
            raise AssertionError("tolld did not start: " + self.said())
        self.port = int(line.rsplit(":", 1)[1])

    def who(self, token):
        token = self.token if token == "own" else token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method, target, body=None, key=None, token="own"):
        """Status, parsed body and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = self.who(token)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None, answer.headers

    def get(self, target):
        status, body, _ = self.ask("GET", target)
        require(status == 200, f"GET {target}: {status} {body}")
        return body

    def change(self, method, target, body, key=None):
        status, answer, _ = self.ask(method, target, body, key)
        require(status in (200, 201), f"{method} {target}: {status} {answer}")
        return answer

    def metric(self, name):
        """The number behind `name`, labels included, in /metrics."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/metrics", headers=self.who("own"))
        text = connection.getresponse().read().decode()
        connection.close()
        line = next((line for line in text.splitlines() if line.startswith(name)), None)
        require(line, f"there is no {name}")
        return float(line[len(name):])

    def lives(self):
        return self.process.poll() is None

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.process.terminate()
        return self.process.wait(30)
