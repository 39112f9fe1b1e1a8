#!/usr/bin/env python3
"""A log that was removed, emptied, cut off or replaced by an older one, after kill -9: a start and verify refuse
it, with both numbers, and what is missing can be put back or given up.

    tests/files/witness.py TOLLD TOLLCTL"""

import glob
import os
import re
import shutil
import time

from place import fingerprint, play, require


def grants(server, first, count):
    for n in range(first, first + count):
        server.change("PUT", f"/v1/subscriptions/s{n}", {
            "patient_id": "p1", "units": {"voice": 3}, "ends_at": "2900-01-01T00:00:00Z"})


def logs(place):
    return [path for path in glob.glob(os.path.join(place.data, "*.log")) if os.path.getsize(path) > 0]


def witnessed(place):
    """What the witness says: for this test alone, a look into the file."""
    with open(os.path.join(place.data, "witness"), encoding="ascii") as file:
        return max(int(number) for number in re.findall(r"^toll-witness 1 \w+ (\d+):", file.read(), re.MULTILINE))


def killed(place, count=5):
    """Acknowledged, then witnessed within a second, then kill -9; the last acknowledged record."""
    server = place.serve()
    grants(server, 0, count)
    head = int(server.metric("toll_journal_durable_seq "))
    deadline = time.monotonic() + 30
    while os.path.exists(os.path.join(place.data, "witness")) and witnessed(place) < head:
        require(time.monotonic() < deadline, "the witness does not come")
    server.kill()
    return head


def lacking(place, what, found, known):
    """All that reads the journal refuses; nothing changes."""
    said = place.refused(what, f"ends at record {found},")
    require(f"knows record {known}:" in said and f"--after {found}" in said, said)
    before = fingerprint(place.data)
    for command in (["verify", "--data", place.data], ["log", "--data", place.data], ["rebuild", "--data", place.data],
                    ["backup", "--data", place.data, "--to", place.inside("refused")]):
        ended = place.control(*command)
        require(ended.returncode == 1 and f"ends at record {found}," in ended.stderr, f"{what}: {command} {ended}")
    require(fingerprint(place.data) == before, f"{what}: something was changed")


def removed(place):
    first = int(place.done("verify", "--data", place.data).split("records:")[0].split()[-1])
    head = killed(place)
    kept = place.inside("kept")
    os.mkdir(kept)
    for path in logs(place):
        shutil.copy2(path, kept)
    for what in ("removed", "emptied"):
        for path in logs(place):
            os.remove(path) if what == "removed" else os.truncate(path, 0)
        lacking(place, what, first, head)
        for name in os.listdir(kept):
            shutil.copy2(os.path.join(kept, name), place.data)
    server = place.serve()
    require(int(server.metric("toll_journal_durable_seq ")) >= head, "put back, and not all is there")
    require(server.terminate() == 0, server.said())
    place.done("verify", "--data", place.data)


def cut_off(place):
    head = killed(place, 20)
    path = max(logs(place), key=os.path.getsize)
    os.truncate(path, os.path.getsize(path) // 2)
    place.refused("half of it", f"knows record {head}:")


def older(place):
    server = place.serve()
    grants(server, 0, 3)
    then = int(server.metric("toll_journal_durable_seq "))
    copies = {path: open(path, "rb").read() for path in logs(place)}
    grants(server, 3, 5)
    server.kill()
    for path, content in copies.items():
        with open(path, "wb") as file:
            file.write(content)
    # Nothing is refused before the witness has heard of more: it lags by less than a second.
    known = witnessed(place) if os.path.exists(os.path.join(place.data, "witness")) else then + 5
    if known > then:
        lacking(place, "an older copy", then, known)


def given_up(place):
    first = int(place.done("verify", "--data", place.data).split("records:")[0].split()[-1])
    head = killed(place)
    for path in logs(place):
        os.remove(path)
    before = fingerprint(place.data)
    for wrong in (0, first + 1, head):
        ended = place.control("give-up", "--data", place.data, "--after", str(wrong))
        require(ended.returncode == 1 and f"ends at record {first}, not" in ended.stderr, ended)
    require(fingerprint(place.data) == before, "something was changed")
    place.done("give-up", "--data", place.data, "--after", str(first))
    place.done("verify", "--data", place.data)
    server = place.serve("--existing")
    events = server.get("/v1/events?limit=500")["items"]
    said = next(event for event in events if event["type"] == "history_given_up")
    require((said["seq"], said["after"], said["lost_to"]) == (first + 1, first, head), said)
    grants(server, 0, 1)  # which is free again
    require(server.terminate() == 0, server.said())
    place.done("verify", "--data", place.data)
    place.done("backup", "--data", place.data, "--to", place.inside("backup"))
    again = place.control("give-up", "--data", place.data, "--after", str(first + 1))
    require(again.returncode == 1 and "ing is" in again.stderr, again)


if __name__ == "__main__":
    play(removed, cut_off, older, given_up)
