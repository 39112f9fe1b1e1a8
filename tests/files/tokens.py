#!/usr/bin/env python3
"""Revoked is revoked: `token revoke --wait` returns when the server has it, and tokens of a file that cannot be
read are refused after a minute, with 503 and never with 401, and that is an outage; keys that cannot be used
leave the old ones.

    tests/files/tokens.py TOLLD TOLLCTL"""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time

from place import play, require


SECRET = "0" * 40
POLICY = json.dumps({"interval_s": 1, "downtime_policy": "forgive"})


def status(server, token):
    """Of a GET with a token: 404 if it is somebody's."""
    return server.ask("GET", "/v1/sessions/none", token=token)[0]


def until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        require(time.monotonic() < deadline, f"it does not come: {what}")
        time.sleep(0.02)


def create(place, name, role="read"):
    return place.done("token", "create", "--data", place.data, "--name", name, "--role", role).strip()


def revoke_waits(place):
    admin = create(place, "admin")
    server = place.serve(token=admin)
    for round in range(5):
        token = create(place, "phone")
        until("the new token", lambda: status(server, token) == 404)
        if round % 2:
            place.done("token", "revoke", "--data", place.data, "--name", "admin")  # two changes at once
        place.done("token", "revoke", "--data", place.data, "--name", "phone", "--wait")
        require(status(server, token) == 401, f"round {round}: revoked, and still taken")
        if round % 2:
            admin = create(place, "admin")
    token = create(place, "phone")
    until("the new token", lambda: status(server, token) == 404)
    server.process.send_signal(signal.SIGSTOP)
    waiting = subprocess.Popen([place.tollctl, "token", "revoke", "--data", place.data, "--name", "phone", "--wait"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until("the change", lambda: "phone" not in place.done("token", "list", "--data", place.data))
    require(waiting.poll() is None, "it does not wait for a server that stands still")
    server.process.send_signal(signal.SIGCONT)
    require(waiting.wait(60) == 0 and status(server, token) == 401, waiting.communicate())
    require(server.terminate() == 0, server.said())
    create(place, "phone")
    place.done("token", "revoke", "--data", place.data, "--name", "phone", "--wait")  # without a server


def events(server, type):
    """Of one type, read with a token that is in no file."""
    code, page, _ = server.ask("GET", "/v1/events?limit=500", token=sign(SECRET))
    require(code == 200, f"{code} {page}")
    return [event for event in page["items"] if event["type"] == type]


def unreadable(place):
    admin = create(place, "admin", "admin")
    policy, secret = write(place, "policy.json", POLICY), write(place, "secret", SECRET)
    server = place.serve("--policy", policy, "--jwt-secret-file", secret, token=admin)
    server.change("PUT", "/v1/subscriptions/s", {"patient_id": "p", "units": {"text": 1000},
                                                 "ends_at": "2099-01-01T00:00:00Z"})
    server.change("POST", "/v1/sessions", {"id": "x", "channel": "text", "patient_id": "p", "doctor_id": "d1"})
    server.change("POST", "/v1/sessions/x/activate", {})
    at_start = len(events(server, "outage_began"))
    file = os.path.join(place.data, "tokens")
    os.rename(file, file + ".away")
    os.mkdir(file)  # which opens, and cannot be read
    errors = 'toll_files_unusable_total{file="tokens"} '
    until("the third try", lambda: server.metric(errors) >= 3)
    require(server.metric("toll_tokens_unreadable_seconds ") > 0, "no metric")
    unknown = "toll_" + "0" * 12 + "_" + "0" * 64
    code, body, headers = server.ask("GET", "/v1/sessions/none", token=unknown)
    require((code, body["code"]) == (503, "tokens_unreadable") and headers["Retry-After"], f"{code} {body}")
    require(status(server, "x.y.z") == status(server, None) == 401, "who shows no token of the file is nobody")
    seen = {404}
    until("the end of patience", lambda: seen.add(status(server, admin)) or 503 in seen, 120)
    require(seen == {404, 503}, seen)
    require(server.ask("GET", "/readyz", token=None)[1]["reason"] == "tokens_unreadable", "it does not say so")
    until("the outage", lambda: status(server, admin) == 503 and len(events(server, "outage_began")) > at_start)
    require(not events(server, "forgiven"), "a boundary does not wait")
    os.rmdir(file)
    os.rename(file + ".away", file)
    until("the file to be read", lambda: status(server, admin) == 404)
    until("the end of the outage", lambda: server.get("/readyz") == {"status": "ready"})
    began, ready, forgiven = (events(server, type)[-1] for type in ("outage_began", "ready", "forgiven"))
    require(began["seq"] < forgiven["seq"] < ready["seq"], f"{began} {forgiven} {ready}")
    charged = events(server, "charged")
    require(len(charged) > 50 and charged[0]["seq"] < began["seq"], f"{len(charged)} charged")
    require(server.metric("toll_tokens_unreadable_seconds ") == 0, "a metric that stays")
    os.remove(file)  # is no way to revoke nobody's
    server.process.send_signal(signal.SIGHUP)
    until("the file to be missed", lambda: server.metric("toll_tokens_unreadable_seconds ") > 0)
    require(server.said().count("tokens_unusable") == 2, server.said())


def write(place, name, text):
    with open(place.inside(name), "w", encoding="ascii") as file:
        os.chmod(place.inside(name), 0o600)
        file.write(text)
    return place.inside(name)


def sign(secret):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    signed = ".".join(part(json.dumps(value).encode()) for value in (
        {"alg": "HS256"}, {"sub": "x", "user_type": "read", "exp": 32503680000}))
    return signed + "." + part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def keys(place):
    admin = create(place, "admin")
    file = place.inside("secret")
    with open(file, "w", encoding="ascii") as secret:
        os.chmod(file, 0o600)
        secret.write("1" * 40)
    server = place.serve("--jwt-secret-file", file, token=admin)
    require(status(server, sign("1" * 40)) == 404, "the first key")
    errors = 'toll_files_unusable_total{file="jwt_keys"} '
    for n, content in enumerate(["short", None, "2" * 40]):
        os.remove(file) if content is None else open(file, "w", encoding="ascii").write(content)
        server.process.send_signal(signal.SIGHUP)
        if n < 2:
            until("the error", lambda: server.metric(errors) == n + 1)
            require(server.said().count("jwt_keys_kept") == n + 1, server.said())
            require(status(server, sign("1" * 40)) == 404, "the first key does not stay")
    # The file was made again with another mode, which is refused too.
    until("the error", lambda: server.metric(errors) == 3)
    os.chmod(file, 0o600)
    server.process.send_signal(signal.SIGHUP)
    until("the new key", lambda: status(server, sign("2" * 40)) == 404)
    require(status(server, sign("1" * 40)) == 401, "the first key stays")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(play(revoke_waits, unreadable, keys))
