#!/usr/bin/env python3
"""Makes a small data directory that holds every kind of record, for versions to come.

    tests/upgrade/make.py TOLLD tests/upgrade/NAME [--killed]

To be run by the last version that writes a format, once stopped and once killed, and kept: NAME/data is the
directory, NAME/expected.json what its server said of it: every event, and every entity."""

import json
import os
import shutil
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

MINUTE = 60_000
FAR = "2030-01-01T00:00:00Z"
CLOCKS = ("2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z")
KINDS = {"granted", "changed", "topped_up", "doctor_registered", "created", "deadline_set", "activated",
         "charged", "forgiven", "ended", "expired", "missed", "refunded", "withdrawal_requested",
         "withdrawal_approved", "withdrawal_rejected", "withdrawal_paid", "policy_recorded",
         "outage_began", "ready", "batch_answered", "clock_advanced"}
ENTITIES = ["/v1/sessions", *(f"/v1/sessions/c{n}/statement" for n in range(1, 8)),
            *(f"/v1/subscriptions/s{n}" for n in (1, 2, 3)),
            *(f"/v1/doctors/d{n}/wallet{more}" for n in (1, 2) for more in ("", "/entries")),
            "/v1/patients/p1/balance", "/v1/sessions?status=ended", "/v1/sessions?patient_id=p1",
            "/v1/sessions?doctor_id=d2"]
REPLAYED = ("POST", "/v1/subscriptions/s1/topups", {"units": {"voice": 5}}, "top-up-1")


def events(server):
    found = []
    while True:
        page = server.get(f"/v1/events?limit=500&after={len(found)}")["items"]
        if not page:
            return found
        found += page


def said(server):
    return {target: server.get(target) for target in ENTITIES}


def begin(server, name, channel, patient, doctor):
    server.change("POST", "/v1/sessions", {"id": name, "channel": channel, "patient_id": patient,
                                           "doctor_id": doctor, "external_ref": "ref-" + name})


def post(server, target, body=None, key=None):
    return server.change("POST", "/v1/" + target, body or {}, key)


def advance(server, minutes, key=None):
    post(server, "test/clock", {"advance_ms": minutes * MINUTE}, key)


def before_the_outage(server):
    units = {"text": 20, "voice": 3, "video": 20}
    server.change("PUT", "/v1/subscriptions/s1", {
        "patient_id": "p1", "members": ["m1"], "units": units, "ends_at": FAR, "plan": "family",
        "payment_ref": "pay-1", "rollover_days": 30})
    server.change("PUT", "/v1/subscriptions/s2", {"patient_id": "p1", "units": units, "ends_at": FAR})
    server.change("PUT", "/v1/subscriptions/s3", {"patient_id": "p2", "units": units, "ends_at": FAR})
    server.change("PATCH", "/v1/subscriptions/s3", {"members": ["m2", "m3"],
                                                    "ends_at": "2029-01-01T00:00:00Z"})
    server.change("PUT", "/v1/doctors/d2", {"currency": "USD"})
    begin(server, "c1", "voice", "p1", "d1")
    post(server, "sessions/c1/activate")
    advance(server, 25, key="clock-1")
    post(server, "sessions/c1/end", {"ended_by": "patient", "reason": "done"}, key="end-1")
    post(server, "sessions/c1/refunds", {"units": 1, "reason": "bad line"}, key="refund-1")
    server.change(*REPLAYED)
    begin(server, "c2", "text", "p2", "d2")
    post(server, "sessions/c2/messages", {"from": "patient"})
    advance(server, 6)  # expired
    begin(server, "c3", "video", "p2", "d2")
    advance(server, 2)  # missed
    begin(server, "c4", "voice", "m1", "d2")
    post(server, "sessions/c4/activate")
    advance(server, 35)
    post(server, "test/clock", {"advance_ms": 6 * MINUTE, "run_timers": False})
    post(server, "deductions", {"items": [{"session_id": "c4"}, {"session_id": "nobody"}]}, key="batch-1")
    post(server, "sessions/c4/end")
    for status in (["approve", "pay"], ["reject"], ["approve"], []):
        withdrawal = post(server, "doctors/d1/withdrawals", {"amount": 1000, "currency": "MWK"})
        for move in status:
            post(server, f"withdrawals/{withdrawal['id']}/{move}")
    begin(server, "c5", "text", "p1", "d1")
    post(server, "sessions/c5/activate")


def after_the_outage(server):
    post(server, "sessions/c5/end", {"ended_by": "doctor"})
    server.change("PATCH", "/v1/subscriptions/s2", {"status": "disabled"})
    begin(server, "c6", "text", "p1", "d1")
    post(server, "sessions/c6/activate")
    advance(server, 11)
    begin(server, "c7", "text", "p2", "d2")  # both live


def main():
    tolld, place, *how = sys.argv[1:]
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    policy = os.path.join(place, "policy.json")
    with open(policy, "w", encoding="utf-8") as file:
        json.dump({"downtime_policy": "forgive"}, file)
    data = os.path.join(place, "data")
    server = Server(tolld, data, "--test-clock", CLOCKS[0], "--policy", policy)
    before_the_outage(server)
    server.kill()
    server = Server(tolld, data, "--test-clock", CLOCKS[1], "--policy", policy)
    after_the_outage(server)
    kinds = {event["type"] for event in events(server)}
    require(kinds == KINDS, f"the kinds differ: {kinds ^ KINDS}")
    expected = {"now": server.get("/v1/test/clock")["now"], "events": events(server),
                "entities": said(server)}
    with open(os.path.join(place, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=0, sort_keys=True)
    if how == ["--killed"]:
        server.kill()
    else:
        require(server.terminate() == 0, server.said())
    for folder, _, names in os.walk(data):
        for name in names:
            if name.startswith("OPTIONS") or name in ("LOCK", "ballast"):
                os.remove(os.path.join(folder, name))


if __name__ == "__main__":
    main()
