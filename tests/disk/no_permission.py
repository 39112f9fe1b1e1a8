#!/usr/bin/env python3
"""Directories that may not be written or read: the server says which and why, and changes nothing.

    tests/disk/no_permission.py TOLLD TOLLCTL [--mounted]

Run by root it lets nobody start the server, whom permissions bind. --mounted: a read-only file system instead
of permissions; that needs to be allowed to mount, else it says so and is skipped (exit 77)."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

import disk
from disk import fingerprint, require

NOBODY = 65534


class Place:
    """A directory with a little in it, and the programs copied to where nobody may run them."""

    def __init__(self, tolld, tollctl, drop_root):
        self.prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                       "--clear-groups"] if drop_root else []
        self.directory = tempfile.mkdtemp(prefix="toll-permission-", dir="/var/tmp")
        os.chmod(self.directory, 0o755)
        self.tolld = shutil.copy(tolld, self.directory)
        self.tollctl = shutil.copy(tollctl, self.directory)
        self.data = os.path.join(self.directory, "data")
        server = disk.Server(self.tolld, self.data)
        server.change("PUT", "/v1/subscriptions/s1", {
            "patient_id": "p1", "units": {"text": 3}, "ends_at": "2100-01-01T00:00:00Z"})
        require(server.terminate() == 0, "tolld ended badly")
        os.remove(os.path.join(self.data, "ballast"))  # only takes up room
        self.give_to(NOBODY)

    def give_to(self, user):
        if self.prefix:
            for folder, _, names in os.walk(self.data):
                for path in [folder, *(os.path.join(folder, name) for name in names)]:
                    os.chown(path, user, user)

    def start(self, data):
        return subprocess.run([*self.prefix, self.tolld, "--data", data, "--listen", "127.0.0.1:0",
                               "--auth", "off"], capture_output=True, text=True, timeout=30)

    def refused(self, what, data=None, named=None):
        """Exit 1 with a sentence that names the directory, and nothing in it changed."""
        data = data or self.data
        before = fingerprint(self.data)
        ended = self.start(data)
        require(ended.returncode == 1, f"{what}: status {ended.returncode}: {ended.stderr}")
        require((named or data) in ended.stderr and ended.stdout == "", f"{what}: {ended.stderr}")
        require(fingerprint(self.data) == before, f"{what}: something was changed")
        print(f"{what}: {ended.stderr.strip().splitlines()[-1]}", flush=True)

    def verify(self):
        return subprocess.run([*self.prefix, self.tollctl, "verify", "--data", self.data],
                              capture_output=True, text=True, timeout=60)


def permissions(place):
    rows, = glob.glob(os.path.join(place.data, "rows.*"))
    for directory in (place.data, rows):
        name = os.path.relpath(directory, place.directory)
        os.chmod(directory, 0o555)
        place.refused(f"{name} is read-only")
        require(place.verify().returncode == 0, f"{name} may only be read, and cannot be verified")
        os.chmod(directory, 0o000)
        place.refused(f"{name} is closed")
        verified = place.verify()
        require(verified.returncode == 1 and directory in verified.stderr
                and "ermission denied" in verified.stderr, f"{name} is closed: {verified}")
        os.chmod(directory, 0o755)
    for directory in (place.data, rows):
        for name in sorted(os.listdir(directory)):
            if not name.endswith((".log", ".sst")) and name not in ("CURRENT", "LOCK", "LOCK.toll"):
                continue
            path = os.path.join(directory, name)
            os.chmod(path, 0o000)
            place.refused(f"{os.path.relpath(path, place.directory)} is closed")
            os.chmod(path, 0o644)
    place.refused("the directory cannot be made", os.path.join(place.directory, "no", "data"))
    place.refused("the directory is a file", place.tolld)


def read_only_file_system(place):
    subprocess.run(["mount", "--bind", place.data, place.data], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", place.data], check=True)
    try:
        place.refused("the file system is read-only")
        require(place.verify().returncode == 0, "a read-only file system cannot be verified")
    finally:
        subprocess.run(["umount", place.data], check=True)


def opens_afterwards(place):
    place.give_to(os.getuid())
    server = disk.Server(place.tolld, place.data)
    units = server.get("/v1/subscriptions/s1")["units"]["text"]
    require(units["granted"] == units["free"] == 3, units)
    require(server.terminate() == 0, "tolld ended badly")


def main():
    mounted = "--mounted" in sys.argv
    if mounted:
        disk.in_own_mount_namespace()
    place = Place(*sys.argv[1:3], drop_root=os.getuid() == 0 and not mounted)
    try:
        (read_only_file_system if mounted else permissions)(place)
        opens_afterwards(place)
    finally:
        shutil.rmtree(place.directory)


if __name__ == "__main__":
    main()
