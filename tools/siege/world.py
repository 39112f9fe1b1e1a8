"""What there is to be read when the siege begins: lists and single answers that are long."""

import asyncio

from http_client import HttpClient

PAIRS = 24
SESSIONS_EACH = 40
LONG = 1000 * "\x01"  # six bytes each in JSON
CROWD = [f"member-{n:04}-{50 * 'm'}" for n in range(1000)]


async def build(port, token):
    http = HttpClient(token)
    http.server_is_at(port)
    await _put(http, "crowded", CROWD[0], CROWD[1:])
    for n in range(60):
        await _put(http, f"one-of-many-{n}", "many", CROWD[:100])
    await asyncio.gather(*(_pair(http, n) for n in range(PAIRS)))
    http.leave()


async def _put(http, name, patient, members=()):
    await _done(http, (201,), "PUT", f"/v1/subscriptions/{name}", {
        "patient_id": patient, "members": list(members), "units": {"text": 1_000_000},
        "ends_at": "2100-01-01T00:00:00Z", "plan": 255 * "\x01"})


async def _pair(http, n):
    await _put(http, f"old-{n}", f"old-{n}")
    for number in range(SESSIONS_EACH):
        place = f"/v1/sessions/old-{n}.{number}"
        await _done(http, (201,), "POST", "/v1/sessions", {
            "id": f"old-{n}.{number}", "channel": "text", "patient_id": f"old-{n}", "doctor_id": f"old-{n}"})
        # On a machine that halts for seconds its deadline may have passed.
        await _done(http, (200, 409), "POST", place + "/activate", {})
        await _done(http, (200,), "POST", place + "/end", {"reason": LONG})


async def _done(http, right, method, target, body):
    status, answer = await http.request(method, target, body)
    if status not in right:
        raise RuntimeError(f"{method} {target}: {status} {answer}")


LISTS = ["/v1/sessions?limit=500", "/v1/events?limit=500", "/v1/sessions?status=ended&limit=500"]
# Everything that answers more than 4 KiB and needs a token.
LONG_ANSWERS = [*LISTS, "/v1/doctors/old-0/wallet/entries?limit=500", "/v1/sessions?patient_id=old-1&limit=500",
                "/v1/subscriptions/crowded", "/v1/patients/many/balance", "/metrics"]
OPEN_PAGES = ["/openapi.json", "/docs"]
SMALL = "/v1/doctors/old-0/wallet"
PERSON = "old-2"  # who asks for his own balance
