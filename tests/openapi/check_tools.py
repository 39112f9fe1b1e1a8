#!/usr/bin/env python3
"""Has others' programs read the document: check_tools.py TOLLD TOLLCTL OPENAPI_JSON

Spectral and Redocly find nothing in it. Prism stands in front of a real server, and no answer is other than the document says,
errors included. Where npm's registry is not reached it says so and is skipped (exit 77).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from document import Document  # noqa: E402
from npm import SKIPPED, install  # noqa: E402
from story import START, STEPS, ask, play  # noqa: E402
from tolld import Server, make_token, require, wait_until  # noqa: E402

PACKAGES = ("@stoplight/prism-cli@5.16.0", "@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3")
# What Node's HTTP server does not pass on, what takes seconds, and what a server with tokens never answers.
NOT_THROUGH_PRISM = {"408", "417", "421", "431"}
END = "2027-01-01T00:00:00Z"
GRANT = {"patient_id": "p1", "units": {"text": 10}, "ends_at": END}
KEY = ("-H", "Idempotency-Key: k1")
# (method, target, status, body, who, further words for curl), after the story.
REFUSED = (
    ("PUT", "/v1/subscriptions/s9", 400, {**GRANT, "units": {"text": -1}}),
    ("GET", "/v1/sessions?limit=501", 400),
    ("GET", "/v1/events", 401, None, "nobody"),
    ("POST", "/v1/sessions", 402, {"id": "c9", "channel": "voice", "patient_id": "p9", "doctor_id": "d1"}),
    ("GET", "/v1/events", 403, None, "patient:p1"),
    ("GET", "/v1/sessions/c9", 404),
    ("GET", "/v1/subscriptions/s9", 404),
    ("GET", "/v1/doctors/d9/wallet", 404),
    ("POST", "/v1/withdrawals/w9/pay", 404),
    ("POST", "/v1/sessions/c1/activate", 409),
    ("POST", "/v1/sessions/c1/deduct", 409, {}),
    ("POST", "/v1/sessions/c1/refunds", 409, {"units": 100, "reason": "all"}),
    ("POST", "/v1/sessions", 409, {"id": "c1", "channel": "text", "patient_id": "p1", "doctor_id": "d1"}),
    ("PUT", "/v1/subscriptions/s1", 409, GRANT),
    ("PUT", "/v1/doctors/d1", 409, {"currency": "USD"}),
    ("POST", "/v1/doctors/d1/withdrawals", 409, {"amount": 1, "currency": "USD"}),
    ("POST", "/v1/subscriptions/s1/topups", 409, {"units": {"text": 1000000000}}),
    ("POST", "/v1/sessions/c1/end", 413, {"reason": "x" * 70000}),
    ("POST", "/v1/sessions/c1/end", 415, {}, "admin", ("-H", "Content-Type: text/plain")),
    ("POST", "/v1/subscriptions/s1/topups", 201, {"units": {"text": 1}}, "admin", KEY),
    ("POST", "/v1/subscriptions/s1/topups", 422, {"units": {"text": 2}}, "admin", KEY),
    *[("GET", "/v1/patients/p1/balance", None, None, "patient:p1")] * 3,
)


def run(*command):
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **quiet}, timeout=120)


def spectral(programs, document, folder):
    rules = folder / "spectral.yaml"
    rules.write_text('extends: ["spectral:oas"]')
    done = run(programs / "spectral", "lint", "--ruleset", rules, "--fail-severity", "hint", "--format", "json", document)
    found = json.loads(done.stdout[:done.stdout.rindex("]") + 1] or "[]")
    yield from (f"Spectral: {'/'.join(map(str, one['path']))}: {one['message']}" for one in found)
    if done.returncode and not found:
        yield f"Spectral: {done.stderr}"


def redocly(programs, document):
    done = run(programs / "redocly", "lint", "--extends", "recommended", "--format", "json", document)
    found = json.loads(done.stdout)["problems"] if done.stdout else []
    yield from (f"Redocly: {one['location'][0].get('pointer')}: {one['message']}" for one in found)
    if done.returncode and not found:
        yield f"Redocly: {done.stderr}"


class Prism:
    """In front of the server, with the document."""

    def __init__(self, programs, document, url, log):
        command = [programs / "prism", "proxy", document, url, "--port", "0"]
        with open(log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        self.url = None

        def listens():
            found = re.search(r"listening on (http://\S+)", log.read_text())
            self.url = found and found[1]
            return self.url or self.process.poll() is not None

        wait_until("Prism listens", listens)
        require(self.url, log.read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait()


def violations(headers, status):
    """What Prism says of an answer; of a request, too, where the server has taken it."""
    for one in json.loads(headers.get("sl-violations", "[]")):
        if one["location"][0] == "response" or status < 300:
            yield f"{'/'.join(map(str, one['location']))}: {one['message']}"


def through(prism, document, tokens):
    """The story, which no stream is part of: Prism shows an answer when it has ended. Then what is refused."""
    steps = [step for step in STEPS if "/stream" not in step[1]]
    seen = set()
    for name, (status, headers, answer), _ in play(document, lambda *what: ask(prism.url, *what[:2], tokens["admin"], what[2]), steps):
        if not name.endswith(f" {status}"):
            yield f"{name}: {status} {answer}"
        yield from (f"Prism: {name}: {said}" for said in violations(headers, status))
    for method, target, wanted, body, who, extra in ((*one, *(None, "admin", ())[len(one) - 3:]) for one in REFUSED):
        status, headers, answer = ask(prism.url, method, target, tokens.get(who, who), body, extra)
        seen.add(str(status))
        if wanted not in (status, None):
            yield f"{method} {target}: {status} and not {wanted}: {answer}"
        yield from (f"Prism: {method} {target} {status}: {said}" for said in violations(headers, status))
    wanted = {status for operation in document.operations for status in operation.responses if status.startswith("4")}
    if missing := wanted - seen - NOT_THROUGH_PRISM:
        yield f"not seen through Prism: {sorted(missing)}"


def main():
    tolld, tollctl, path = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        packages = install(folder, *PACKAGES)
        if not packages:
            return SKIPPED
        programs = packages / ".bin"
        found = [*spectral(programs, path, folder), *redocly(programs, path)]
        data = str(folder / "data")
        tokens = {role: make_token(tollctl, data, f"t{i}", role) for i, role in enumerate(("admin", "patient:p1"))}
        limits = ("--person-rate-limit", "1", "--person-rate-burst", "1")
        server = Server(tolld, data, "--test-clock", START, *limits, token=tokens["admin"])
        prism = None
        try:
            prism = Prism(programs, path, f"http://127.0.0.1:{server.port}", folder / "prism.log")
            found += through(prism, Document(path), tokens)
        finally:
            if prism:
                prism.stop()
            server.kill()
    print(*found, f"{len(STEPS) + len(REFUSED)} requests through Prism, {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
