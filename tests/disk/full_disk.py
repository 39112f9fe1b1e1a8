#!/usr/bin/env python3
"""A disk that somebody else fills, under the real server: changes are refused before anything is at risk, reads
and hang-ups go on, also after kill -9 and a start on the full disk, and service comes back by itself.

    tests/disk/full_disk.py TOLLD TOLLCTL [tmpfs|ext4]

Needs to be allowed to mount; else it says so and is skipped (exit 77)."""

import datetime
import json
import os
import shutil
import subprocess
import sys

import disk
from disk import require, wait_until

FAR = "2100-01-01T00:00:00Z"
LOW_WATER_MIB = 208
BALLAST_MIB = 64


class Clinic:
    """A few changes that were acknowledged, and whether they are still there."""

    def __init__(self, small_disk, tolld, name="data", downtime="bill_all"):
        self.disk = small_disk
        self.tolld = tolld
        self.data = os.path.join(small_disk.mount, name)
        self.policy = os.path.join(small_disk.place, name + ".json")
        with open(self.policy, "w", encoding="utf-8") as file:
            json.dump({"interval_s": 1, "min_billable_s": {"text": 0, "voice": 0, "video": 0},
                       "downtime_policy": downtime}, file)
        self.grants = []
        self.server = None

    def start(self):
        self.server = disk.Server(self.tolld, self.data, "--policy", self.policy)

    def begin(self, name):
        """A chat of somebody else on his own subscription."""
        self.server.change("PUT", f"/v1/subscriptions/of-{name}", {
            "patient_id": f"p-{name}", "units": {"text": 100_000}, "ends_at": FAR})
        self.server.change("POST", "/v1/sessions", {
            "id": name, "channel": "text", "patient_id": f"p-{name}", "doctor_id": f"d-{name}"})
        self.server.change("POST", f"/v1/sessions/{name}/activate", {})

    def events(self, kind):
        return [event for event in self.server.get("/v1/events?limit=500")["items"] if event["type"] == kind]

    def ballast_mib(self):
        try:
            return os.path.getsize(os.path.join(self.data, "ballast")) >> 20
        except FileNotFoundError:
            return 0

    def grant(self):
        name = f"s{len(self.grants)}"
        status, body, headers = self.server.ask("PUT", f"/v1/subscriptions/{name}", {
            "patient_id": name, "units": {"text": 100_000}, "ends_at": FAR})
        if status == 201:
            self.grants.append(name)
        return status, body, headers

    def refused(self):
        status, body, headers = self.grant()
        if status == 201:
            return False
        require(status == 503 and body["code"] == "disk_full", f"{status} {body}")
        require(int(headers["Retry-After"]) > 0, headers.items())
        return True

    def session(self):
        return self.server.get("/v1/sessions/t1")

    def all_there(self):
        for name in self.grants:
            self.server.get(f"/v1/subscriptions/{name}")
        require(self.server.lives(), self.server.said())

    def no_unit_is_taken_while_some_fall_due(self):
        """Timers wait: units become due, which takes seconds, and stay so."""
        before = self.session()
        wait_until("two more units fall due",
                   lambda: self.session()["units_due"] >= before["units_due"] + 2)
        require(self.session()["sessions_used"] == before["sessions_used"], self.session())

    def room_again(self):
        self.disk.empty()
        wait_until("writes are taken again", lambda: not self.refused())
        wait_until("what was due is taken", lambda: self.session()["units_due"] <= 1)
        self.all_there()


def nearly_full(clinic):
    clinic.disk.fill(leave_mib=LOW_WATER_MIB - 40)
    wait_until("writes are refused", clinic.refused)
    clinic.all_there()
    clinic.no_unit_is_taken_while_some_fall_due()
    clinic.room_again()


def full_to_the_last_byte(clinic):
    clinic.disk.fill(leave_mib=LOW_WATER_MIB - 40)
    wait_until("writes are refused", clinic.refused)
    clinic.disk.fill(leave_mib=0)
    require(clinic.disk.free_mib() == 0, clinic.disk.free_mib())
    clinic.all_there()
    clinic.no_unit_is_taken_while_some_fall_due()
    clinic.room_again()


def started_on_a_full_disk(clinic):
    clinic.disk.fill(leave_mib=LOW_WATER_MIB - 40)
    wait_until("writes are refused", clinic.refused)
    clinic.disk.fill(leave_mib=0)
    clinic.server.kill()
    clinic.start()
    require("ballast_given_up" in clinic.server.said(), clinic.server.said())
    require(clinic.refused(), "a write was taken at a start on a full disk")
    clinic.all_there()
    clinic.room_again()
    require(clinic.server.terminate() == 0, clinic.server.said())
    clinic.start()
    ballast = os.path.getsize(os.path.join(clinic.data, "ballast"))
    require(ballast == BALLAST_MIB << 20, f"the ballast is not back: {ballast}")


def stopped_on_a_full_disk(clinic):
    clinic.disk.fill(leave_mib=LOW_WATER_MIB - 40)
    wait_until("writes are refused", clinic.refused)
    clinic.disk.fill(leave_mib=0)
    # A compaction that was under way when the last byte went ends it as a broken disk.
    status = clinic.server.terminate()
    require(status == 0 or status == 70 and "No space left" in clinic.server.said(), clinic.server.said())
    clinic.start()
    clinic.all_there()
    clinic.room_again()


def milliseconds(time):
    return round(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)


def hung_up(clinic, name):
    """A hang-up in an outage that forgives: what fell before it is charged, nothing inside, and the manual unit."""
    ended = clinic.server.change("POST", f"/v1/sessions/{name}/end", {})["session"]
    since = milliseconds(clinic.events("outage_began")[-1]["since"])
    began, end = milliseconds(ended["activated_at"]), milliseconds(ended["ended_at"])
    before, all_of_them = (since - began) // 1000, (end - began) // 1000
    kinds = [line["kind"] for line in clinic.server.get(f"/v1/sessions/{name}/statement?limit=500")["lines"]]
    require(kinds == ["interval"] * before + ["forgiven"] * (all_of_them - before) + ["manual"],
            f"{name}: {before} before, {all_of_them} in all, but {kinds}")
    require(ended["sessions_used"] == before + 1, ended)


def degraded(clinic):
    status, body, _ = clinic.server.ask("GET", "/readyz")
    if body == {"status": "ready"}:
        return False
    require(status == 200 and body == {"status": "degraded", "reason": "disk_full"}, f"{status} {body}")
    status, body, _ = clinic.server.ask("GET", "/readyz?strict")
    require(status == 503 and body["code"] == "disk_full", f"{status} {body}")
    require(clinic.server.metric('toll_degraded{reason="disk_full"} ') == 1, "the metric does not say it")
    return True


def hang_ups(clinic):
    """The meter does not run on a full disk: hang-ups are taken until hardly anything is left, also after a kill -9."""
    for name in ("h1", "h2", "h3", "h4", "h5"):
        clinic.begin(name)
    wait_until("two units are taken", lambda: clinic.server.get("/v1/sessions/h5")["sessions_used"] >= 2)
    clinic.disk.fill(leave_mib=LOW_WATER_MIB - 40)
    wait_until("writes are refused", clinic.refused)
    wait_until("it is an outage", lambda: clinic.events("outage_began"))
    require(degraded(clinic), "it says that all is well")
    hung_up(clinic, "h1")
    clinic.disk.fill(leave_mib=0)
    hung_up(clinic, "h2")
    require(0 < clinic.ballast_mib() < BALLAST_MIB, f"the ballast has {clinic.ballast_mib()} MiB")
    clinic.disk.fill(leave_mib=0)
    clinic.server.kill()
    clinic.start()
    require(degraded(clinic) and clinic.refused(), "the outage is over on a full disk")
    hung_up(clinic, "h3")
    clinic.disk.fill(leave_mib=8)
    require(clinic.ballast_mib() == 0, f"the ballast has {clinic.ballast_mib()} MiB")
    status, body, _ = clinic.server.ask("POST", "/v1/sessions/h4/end", {})
    require(status == 503 and body["code"] == "disk_full", f"{status} {body}")
    require(len(clinic.events("outage_began")) == 1 and not clinic.events("ready"), "the outage was interrupted")
    clinic.disk.empty()
    wait_until("it is over", lambda: clinic.events("ready"))
    require(not degraded(clinic), "it is over, and it does not say so")
    h5 = clinic.server.get("/v1/sessions/h5")
    require(h5["auto_deductions_processed"] > h5["sessions_used"], h5)
    wait_until("units are taken again",
               lambda: clinic.server.get("/v1/sessions/h5")["sessions_used"] > h5["sessions_used"])
    clinic.server.change("POST", "/v1/sessions/h4/end", {})
    wait_until("the ballast is back", lambda: clinic.ballast_mib() == BALLAST_MIB)
    clinic.all_there()


def main():
    disk.in_own_mount_namespace()
    tolld, tollctl = sys.argv[1:3]
    small_disk = disk.SmallDisk(640, sys.argv[3] if len(sys.argv) > 3 else "tmpfs")
    clinic = Clinic(small_disk, tolld)
    try:
        clinic.start()
        require(clinic.grant()[0] == 201, "the first grant")
        clinic.server.change("POST", "/v1/sessions", {
            "id": "t1", "channel": "text", "patient_id": "s0", "doctor_id": "d1"})
        clinic.server.change("POST", "/v1/sessions/t1/activate", {})
        for story in (nearly_full, full_to_the_last_byte, started_on_a_full_disk,
                      stopped_on_a_full_disk):
            story(clinic)
            print(f"{story.__name__}: {clinic.session()['sessions_used']} units taken, "
                  f"{len(clinic.grants)} grants there", flush=True)
        ended = clinic.server.change("POST", "/v1/sessions/t1/end", {})["session"]
        lines = clinic.server.get("/v1/sessions/t1/statement")["lines"]
        require(len(lines) == ended["sessions_used"] and
                [line["interval"] for line in lines[:-1]] == list(range(1, len(lines))),
                "a unit is missing or there twice")
        require(clinic.server.terminate() == 0, clinic.server.said())
        subprocess.run([tollctl, "verify", "--data", clinic.data], check=True)
        shutil.rmtree(clinic.data)
        clinic = Clinic(small_disk, tolld, "forgiving", "forgive")
        clinic.start()
        hang_ups(clinic)
        print("hang_ups: taken, and nothing was charged inside", flush=True)
        require(clinic.server.terminate() == 0, clinic.server.said())
        subprocess.run([tollctl, "verify", "--data", clinic.data], check=True)
    finally:
        if clinic.server is not None:
            clinic.server.kill()
        small_disk.close()


if __name__ == "__main__":
    main()
