#!/usr/bin/env python3
"""One server at a time uses a directory, whatever is removed from it; one whose directory goes away ends; and
--existing makes none.

    tests/files/locks.py TOLLD TOLLCTL"""

import glob
import os
import shutil
import signal
import subprocess
import sys

from place import fingerprint, play, require

GONE = 74


def locks(place):
    names = ["LOCK.toll", "LOCK", *(os.path.join(os.path.basename(rows), "LOCK")
                                    for rows in glob.glob(os.path.join(place.data, "rows.*")))]
    require(len(names) == 3, names)
    server = place.serve()
    server.process.send_signal(signal.SIGSTOP)  # so that nothing else changes anything
    try:
        place.refused("in use", "in use")
        for name in names:
            os.remove(os.path.join(place.data, name))
            place.refused(f"in use without {name}", "in use")
        for command in ("verify", "rebuild"):
            ended = place.control(command, "--data", place.data)
            require(ended.returncode == 1 and ("in use" in ended.stderr or "LOCK.toll" in ended.stderr),
                    f"{command}: {ended}")
    finally:
        server.process.send_signal(signal.SIGCONT)
    server.change("PUT", "/v1/doctors/d2", {})
    require(server.terminate() == 0, server.said())


def locked_by_rocksdb_alone(place):
    """As by an earlier version whose LOCK.toll was removed, or by a tool of RocksDB's."""
    os.remove(os.path.join(place.data, "LOCK.toll"))
    for path in [os.path.join(place.data, "LOCK"), *glob.glob(os.path.join(place.data, "rows.*", "LOCK"))]:
        # In a process of its own: closing any descriptor of the file would give the lock up.
        code = "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX); " \
               "print('locked', flush=True); sys.stdin.read()"
        holder = subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            require(holder.stdout.readline() == b"locked\n", "the lock cannot be taken")
            place.refused(f"{path} is locked", "in use")
        finally:
            holder.communicate()


def tokens(place):
    """Are made while the server runs, and the lock for it is no lock on the directory."""
    server = place.serve()
    made = place.control("token", "create", "--data", place.data, "--name", "a", "--role", "read")
    require(made.returncode == 0 and made.stdout.startswith("toll_"), made)
    require(os.path.exists(os.path.join(place.data, "tokens.lock")), os.listdir(place.data))
    require(server.terminate() == 0, server.said())


def gone(place):
    """A server whose directory was moved, removed or replaced ends."""
    away = place.data + ".away"

    def moved():
        os.rename(place.data, away)

    def removed():
        shutil.copytree(place.data, away)
        shutil.rmtree(place.data)

    def replaced():
        shutil.copytree(place.data, away)
        os.rename(place.data, place.data + ".first")
        shutil.copytree(away, place.data)

    for what in (moved, removed, replaced):
        server = place.serve()
        what()
        require(server.process.wait(30) == GONE, f"{what.__name__}: {server.process.returncode} {server.said()}")
        require("directory_gone" in server.said(), server.said())
        if what is not replaced:
            require(not os.path.exists(place.data), f"{what.__name__}: it was made again")
        for name in (place.data, place.data + ".first"):
            shutil.rmtree(name, ignore_errors=True)
        os.rename(away, place.data)
    server = place.serve()
    require(server.get("/v1/doctors/d1/wallet") and server.terminate() == 0, server.said())


def existing(place):
    os.rename(place.data, place.data + ".away")
    place.refused("no directory", "tollctl init", "--existing")
    os.mkdir(place.data)
    place.refused("an empty directory", "tollctl init", "--existing")
    made = place.control("init", "--data", place.data)
    require(made.returncode == 0, made)
    before = fingerprint(place.data)
    again = place.control("init", "--data", place.data)
    require(again.returncode == 1 and "has a journal" in again.stderr and fingerprint(place.data) == before, again)
    for _ in range(2):
        server = place.serve("--existing")
        server.change("PUT", "/v1/doctors/d1", {})
        require(server.terminate() == 0, server.said())
    verified = place.control("verify", "--data", place.data)
    require(verified.returncode == 0, verified)


if __name__ == "__main__":
    play(locks, locked_by_rocksdb_alone, tokens, gone, existing)
