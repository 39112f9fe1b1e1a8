#!/usr/bin/env python3
"""Makes a small data directory that holds every kind of record, for versions to come.

    tests/upgrade/make.py TOLLD tests/upgrade/NAME [--killed] [--ends]

To be run by the last version that writes a format, once stopped and once killed, and kept: NAME/data is the
directory, NAME/expected.json what its server said of it: every event, and every entity. With --ends there are also
subscriptions whose end was changed, before their rollover, after it, and across the creation of a session."""

import datetime
import json
import os
import shutil
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

MINUTE = 60_000
FAR = "2030-01-01T00:00:00Z"
BEGIN = "2026-01-01T00:00:00Z"
OUTAGE = datetime.timedelta(hours=5)
KINDS = {"granted", "changed", "topped_up", "doctor_registered", "created", "deadline_set", "activated",
         "charged", "forgiven", "ended", "expired", "missed", "refunded", "withdrawal_requested",
         "withdrawal_approved", "withdrawal_rejected", "withdrawal_paid", "policy_recorded",
         "outage_began", "ready", "batch_answered", "clock_advanced", "outage_judged"}
ENTITIES = ["/v1/sessions", *(f"/v1/sessions/c{n}/statement" for n in range(1, 8)),
            *(f"/v1/subscriptions/s{n}" for n in (1, 2, 3)),
            *(f"/v1/doctors/d{n}/wallet{more}" for n in (1, 2) for more in ("", "/entries")),
            "/v1/patients/p1/balance", "/v1/sessions?status=ended", "/v1/sessions?patient_id=p1",
            "/v1/sessions?doctor_id=d2"]
ENDS = [*(f"/v1/subscriptions/s{n}" for n in (4, 5, 6)), "/v1/sessions/c8/statement", "/v1/doctors/d3/wallet"]
REPLAYED = ("POST", "/v1/subscriptions/s1/topups", {"units": {"voice": 5}}, "top-up-1")


def events(server):
    found = []
    while True:
        page = server.get(f"/v1/events?limit=500&after={len(found)}")["items"]
        if not page:
            return found
        found += page


def said(server, targets):
    return {target: server.get(target) for target in targets}


def begin(server, name, channel, patient, doctor):
    server.change("POST", "/v1/sessions", {"id": name, "channel": channel, "patient_id": patient,
                                           "doctor_id": doctor, "external_ref": "ref-" + name})


def post(server, target, body=None, key=None):
    return server.change("POST", "/v1/" + target, body or {}, key)


def advance(server, minutes, key=None):
    post(server, "test/clock", {"advance_ms": minutes * MINUTE}, key)


def changed_ends(server):
    """Two and a half hours."""
    def grant(name, patient, hours, rollover_days):
        server.change("PUT", f"/v1/subscriptions/{name}", {
            "patient_id": patient, "units": {"text": 20}, "starts_at": BEGIN,
            "ends_at": f"2026-01-01T0{hours}:00:00Z", "rollover_days": rollover_days})

    def end_at(name, hours):
        server.change("PATCH", f"/v1/subscriptions/{name}", {"ends_at": f"2026-01-01T0{hours}:00:00Z"})

    grant("s4", "p4", 2, 1)
    grant("s5", "p4", 2, 1)
    grant("s6", "p5", 5, 0)
    end_at("s4", 3)  # before its rollover
    advance(server, 130)
    end_at("s5", 4)  # after it
    begin(server, "c8", "text", "p5", "d3")
    post(server, "sessions/c8/activate")
    advance(server, 5)
    end_at("s6", 1)  # before the session was created
    advance(server, 15)


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
    ends = "--ends" in how
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    policy = os.path.join(place, "policy.json")
    with open(policy, "w", encoding="utf-8") as file:
        json.dump({"downtime_policy": "forgive"}, file)
    data = os.path.join(place, "data")
    server = Server(tolld, data, "--test-clock", BEGIN, "--policy", policy)
    if ends:
        changed_ends(server)
    before_the_outage(server)
    back = datetime.datetime.fromisoformat(server.get("/v1/test/clock")["now"].replace("Z", "+00:00")) + OUTAGE
    server.kill()
    again = back.strftime("%Y-%m-%dT%H:%M:%SZ")
    server = Server(tolld, data, "--test-clock", again, "--policy", policy, "--accept-outage", again + "=forgive")
    after_the_outage(server)
    kinds = {event["type"] for event in events(server)}
    require(kinds == KINDS, f"the kinds differ: {kinds ^ KINDS}")
    expected = {"now": server.get("/v1/test/clock")["now"], "events": events(server),
                "entities": said(server, ENTITIES + ENDS if ends else ENTITIES)}
    with open(os.path.join(place, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=0, sort_keys=True)
    if "--killed" in how:
        server.kill()
    else:
        require(server.terminate() == 0, server.said())
    for folder, _, names in os.walk(data):
        for name in names:
            if name.startswith("OPTIONS") or name in ("LOCK", "ballast"):
                os.remove(os.path.join(folder, name))


if __name__ == "__main__":
    main()
