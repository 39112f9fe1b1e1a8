"""What the disk tests share: a small file system of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, fingerprint, require  # noqa: E402, F401

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def in_own_mount_namespace(*more):
    """Starts the script again where it may mount: mounts vanish with it, however it ends."""
    if os.environ.get("TOLL_OWN_MOUNTS"):
        return
    own = ["unshare", *(["--mount"] if os.getuid() == 0 else ["--map-root-user", "--mount"]), *more]
    environment = dict(os.environ, TOLL_OWN_MOUNTS="1")
    try:
        allowed = subprocess.run([*own, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                                 capture_output=True, text=True)
    except OSError as error:
        skip(f"no unshare: {error}")
    if allowed.returncode != 0:
        skip(f"may not mount a file system here: {allowed.stderr.strip()}")
    sys.exit(subprocess.run([*own, sys.executable, "-B", *sys.argv], env=environment).returncode)


def wait_until(what, condition):
    """Asks again and again; the time is a bound, and not a promise."""
    deadline = time.monotonic() + 30
    while not condition():
        require(time.monotonic() < deadline, f"in vain: {what}")
        time.sleep(0.05)


class SmallDisk:
    """A file system of so many MiB, mounted until the process ends."""

    def __init__(self, mib, kind):
        self.place = tempfile.mkdtemp(prefix="toll-disk-", dir="/var/tmp")
        self.mount = os.path.join(self.place, "mount")
        os.mkdir(self.mount)
        if kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", self.mount]
        else:
            image = os.path.join(self.place, "image")
            with open(image, "wb") as file:
                file.truncate(mib << 20)
            subprocess.run([f"mkfs.{kind}", "-q", "-m", "0", image], check=True)
            command = ["mount", "-o", "loop", image, self.mount]
        subprocess.run(command, check=True)
        self.filler = os.path.join(self.mount, "filler")

    def free_mib(self):
        found = os.statvfs(self.mount)
        return found.f_bavail * found.f_frsize >> 20

    def fill(self, leave_mib):
        """Somebody else's file takes what is free but so much."""
        found = os.statvfs(self.mount)
        with open(self.filler, "ab", buffering=0) as file:
            size = os.path.getsize(self.filler) + found.f_bavail * found.f_frsize - (leave_mib << 20)
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                pass
            if leave_mib > 0:
                return
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        os.remove(self.filler)

    def close(self):
        subprocess.run(["umount", "-l", self.mount], check=False)
        shutil.rmtree(self.place, ignore_errors=True)
