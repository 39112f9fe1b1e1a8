"""Requests to a real server, in an order in which each answer is the example that the document has for it.

A step is (method, target, status). It sends the request that the document has as its example, or the fourth value: then it only
prepares what comes after it, unless it is a GET, and its answer is compared with nothing. The test clock stands at START before it.
"""
import json
import re
import subprocess

START = "2026-01-01T00:00:00Z"
# What the server makes, and no document can know.
MADE = re.compile(r"\b[0-9a-hjkmnp-tv-z]{26}\b")


def later(ms, **more):
    return "POST", "/v1/test/clock", 200, {"advance_ms": ms, **more}


S1, C1, T1, D1 = "/v1/subscriptions/s1", "/v1/sessions/c1", "/v1/sessions/t1", "/v1/doctors/d1"
STEPS = (
    ("GET", "/livez", 200),
    ("GET", "/readyz", 200),
    ("PUT", S1, 201),
    ("PUT", S1, 200),
    ("GET", S1, 200),
    ("PATCH", S1, 200),
    ("PATCH", S1, 200, {"status": "active"}),
    ("POST", f"{S1}/topups", 201),
    ("GET", "/v1/patients/p1/balance", 200),
    ("POST", "/v1/sessions", 201),
    ("POST", "/v1/sessions", 201, {"id": "t1", "channel": "text", "patient_id": "p1", "doctor_id": "d2"}),
    later(5000),
    ("POST", f"{C1}/activate", 200),
    ("GET", "/v1/events?after=7&limit=1", 200),
    ("GET", "/v1/events/stream?after=7", 200),
    ("POST", "/v1/sessions", 200),
    ("POST", f"{T1}/messages", 200),
    ("POST", f"{T1}/end", 200, {}),
    ("POST", "/v1/test/clock", 200),
    ("GET", "/v1/test/clock", 200),
    ("GET", f"{D1}/wallet/entries", 200),
    later(600000, run_timers=False),
    ("POST", f"{C1}/deduct", 200),
    ("GET", C1, 200),
    ("GET", f"{C1}/statement", 200),
    later(600000, run_timers=False),
    ("POST", "/v1/deductions", 200),
    later(300000),
    ("POST", f"{C1}/end", 200),
    ("GET", "/v1/sessions?doctor_id=d1", 200),
    ("POST", f"{C1}/refunds", 201),
    ("PUT", "/v1/doctors/d3", 201),
    ("PUT", "/v1/doctors/d3", 200),
    later(113095000),
    ("POST", f"{D1}/withdrawals", 201),
    ("GET", f"{D1}/wallet", 200),
    ("POST", f"{D1}/withdrawals", 201),
    later(3600000),
    ("POST", "/v1/withdrawals/{0}/approve", 200),
    ("POST", "/v1/withdrawals/{1}/reject", 200),
    later(3600000),
    ("POST", "/v1/withdrawals/{0}/pay", 200),
)
# A request that the server does not take, and whose answer has an example.
REFUSED = (("PUT", "/v1/subscriptions/s9", 400, {"patient_id": "p1", "units": {"text": -1}, "ends_at": "2027-01-01T00:00:00Z"}),)


def comparable(value):
    return json.loads(MADE.sub("(made)", json.dumps(value)))


def ask(url, method, target, token, body=None, extra=()):
    """Status, headers in lower case and body of the answer, as curl sees them; of a stream the first event."""
    command = ["curl", "-sS", "-N", "-i", "--max-time", "60", "-X", method, *extra, "-H", f"Authorization: Bearer {token}"]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "--data-binary", body if isinstance(body, str) else json.dumps(body)]
    with subprocess.Popen([*command, url + target], stdout=subprocess.PIPE) as curl:
        head = b""
        while not head.endswith(b"\r\n\r\n") and (line := curl.stdout.readline()):
            head += line
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if line)}
        if headers.get("content-type") == "text/event-stream":
            text = "".join(iter(lambda: curl.stdout.readline().decode(), "\n")) + "\n"
            curl.terminate()
        else:
            text = curl.stdout.read().decode()
    is_json = headers.get("content-type", "").split(";")[0].endswith("json")
    return int(lines[0].split()[1]), headers, json.loads(text) if is_json else text


def play(document, send, steps=STEPS):
    """Yields each step with its operation, the answer, and the example that the answer has to be, if it has to be one."""
    withdrawals = []
    for step in steps:
        method, target, wanted = step[:3]
        target = target.format(*withdrawals)
        operation = document.operation(method, document.path_of(target)[0])
        content = operation.node.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = step[3] if len(step) > 3 else content.get("example")
        status, headers, answer = send(method, target, body)
        if target.endswith("/withdrawals") and status == 201:
            withdrawals.append(answer["id"])
        response = operation.responses[str(wanted)]
        media = response["content"].get(headers.get("content-type", ""), {})
        shown = len(step) == 3 or wanted >= 400
        yield f"{method} {target} {wanted}", (status, headers, answer), media if shown else {}
