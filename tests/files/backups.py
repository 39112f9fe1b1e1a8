#!/usr/bin/env python3
"""A backup names its history, a restored directory knows nobody, and all files belong to the directory's owner.

    tests/files/backups.py TOLLD TOLLCTL"""

import os
import re
import shutil
import stat

from place import play, require

NOBODY = 65534


def own(path, user):
    for folder, _, names in os.walk(path):
        for name in [".", *names]:
            os.chown(os.path.join(folder, name), user, user)


def owners(path):
    return {os.lstat(os.path.join(folder, name)).st_uid for folder, _, names in os.walk(path) for name in [".", *names]}


def back_up(place, backup="backup"):
    said = place.done("backup", "--data", place.data, "--to", place.inside(backup))
    found = re.search(r"^history +(\d+:[0-9a-f]{64})\b", said, re.MULTILINE)
    require(found, said)
    return found[1]


def history(place):
    first = back_up(place)
    server = place.serve()
    for n in range(3):
        server.change("PUT", f"/v1/doctors/x{n}", {})
    require(server.terminate() == 0, server.said())
    second = back_up(place)
    number, digest = second.split(":")
    require(int(number) > int(first.split(":")[0]), second)
    wrong = {f"{int(number) + 1}:{digest}": f"ends at record {number},",
             f"{number}:{first.split(':')[1]}": f"differ at record {number}",
             f"{int(number) - 1}:{digest}": f"differ at record {int(number) - 1}",
             f"{number}:{digest[1:]}": "is not SEQ:DIGEST", number: "is not SEQ:DIGEST", "": "--expect"}
    restored = place.inside("restored")
    commands = {"backup": ["verify", "--data", place.inside("backup")], "data": ["verify", "--data", place.data],
                "restore": ["restore", "--from", place.inside("backup"), "--data", restored]}
    for name, command in commands.items():
        for expected, why in wrong.items():
            ended = place.control(*command, "--expect", expected)
            require(ended.returncode != 0 and why in ended.stderr and not os.path.exists(restored),
                    f"{name} {expected}: {ended}")
        for expected in (first, second):
            place.done(*command, "--expect", expected)
            shutil.rmtree(restored, ignore_errors=True)
    # Whoever can write the backup makes another one, which is right in itself.
    shutil.rmtree(place.data)
    server = place.serve()
    for n in range(9):
        server.change("PUT", f"/v1/doctors/y{n}", {})
    require(server.terminate() == 0, server.said())
    back_up(place, "forged")
    place.done("verify", "--data", place.inside("forged"))
    for command in (["verify", "--data"], ["restore", "--data", restored, "--from"]):
        ended = place.control(*command, place.inside("forged"), "--expect", second)
        require(ended.returncode == 1 and "another one" in ended.stderr, ended)


def tokens(place):
    for name, role in (("backend", "service"), ("phone", "patient:p1")):
        place.done("token", "create", "--data", place.data, "--name", name, "--role", role)
    place.done("backup", "--data", place.data, "--to", place.inside("backup"))
    without, with_them = place.inside("without"), place.inside("with")
    said = place.done("restore", "--from", place.inside("backup"), "--data", without)
    require("backend (service)" in said and "phone (patient:p1)" in said and "--with-tokens" in said, said)
    require("tokens" not in os.listdir(without), os.listdir(without))
    said = place.done("restore", "--from", place.inside("backup"), "--data", with_them, "--with-tokens")
    require("unknown" not in said, said)
    with open(os.path.join(place.data, "tokens"), "rb") as old, open(os.path.join(with_them, "tokens"), "rb") as new:
        require(old.read() == new.read(), "other tokens")
    place.done("rebuild", "--data", place.data)
    require("tokens" in os.listdir(place.data), "a rebuilt directory is the same server's")


def ownership(place):
    if os.getuid() != 0:
        print("not root: whose files are is not tried")
        return
    os.chmod(place.directory, 0o755)
    place.done("token", "create", "--data", place.data, "--name", "a", "--role", "read")
    own(place.data, NOBODY)
    place.done("backup", "--data", place.data, "--to", place.inside("backup"))
    place.done("backup", "--data", place.data, "--to", place.inside("backup"))
    backup = place.inside("backup")
    require(owners(backup) == {NOBODY}, f"backup: {owners(backup)}")
    new = place.inside("new")
    place.done("restore", "--from", backup, "--data", new, "--with-tokens")
    require(owners(new) == {NOBODY}, f"restore: {owners(new)}")
    empty = place.inside("empty")
    os.mkdir(empty, 0o700)
    os.chown(empty, 1, 1)
    place.done("restore", "--from", backup, "--data", empty, "--with-tokens")
    require(owners(empty) == {1}, f"restore to an empty directory: {owners(empty)}")
    require(stat.S_IMODE(os.stat(empty).st_mode) == 0o700, oct(os.stat(empty).st_mode))
    place.done("rebuild", "--data", empty)
    require(owners(empty) == {1}, f"rebuild: {owners(empty)}")
    place.done("token", "create", "--data", empty, "--name", "b", "--role", "read")
    require(owners(empty) == {1}, f"token create: {owners(empty)}")
    first = place.inside("first")
    os.mkdir(first)
    os.chown(first, 1, 1)
    place.done("init", "--data", first)
    require(owners(first) == {1}, f"init: {owners(first)}")


if __name__ == "__main__":
    play(history, tokens, ownership)
