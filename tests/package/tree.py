"""A fresh Debian tree that programs run in: chroot, without systemd."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

SOURCES = "/etc/apt/sources.list.d/debian.sources"
DATA = "/var/lib/toll"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Tree:
    """Made in `place` from the mirror of this machine, and as its apt is configured. In a mount namespace of our own,
    so that nothing stays mounted."""

    def __init__(self, place):
        self.root = os.path.join(place, "tree")
        self.servers = []
        mirror = [SOURCES] if os.path.exists(SOURCES) else []
        subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "bookworm", self.root, *mirror],
                       check=True)
        for file in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copyfile(file, self.inside(file))
        self.write("/etc/apt/apt.conf.d/50host", output("apt-config", "dump", "Acquire"))
        self.run("apt-get", "update", "-q")
        subprocess.run(["mount", "-t", "proc", "proc", self.inside("/proc")], check=True)

    def leave(self):
        for server in self.servers:
            server.kill()
        subprocess.run(["umount", self.inside("/proc")], check=True)

    def inside(self, path):
        return self.root + path

    def read(self, path):
        with open(self.inside(path), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text):
        with open(self.inside(path), "w", encoding="utf-8") as file:
            file.write(text)

    def command(self, *command, user=None):
        environment = ["env", "-i", f"PATH={PATH}", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        as_user = [f"--userspec={user}:{user}"] if user else []
        return [*environment, "chroot", *as_user, self.root, *command]

    def run(self, *command, code=0):
        """What it prints, in any order of output and errors."""
        done = subprocess.run(self.command(*command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        require(done.returncode == code, f"{command}: exit {done.returncode}\n{done.stdout}")
        return done.stdout

    def downloads(self, package):
        """Name and bytes of everything that apt would fetch to install it."""
        said = self.run("apt-get", "install", "--print-uris", "-qqy", package)
        return {name: int(size) for name, size in re.findall(r"^'http\S+' (\S+) (\d+) ", said, re.MULTILINE)}


class Installed(Server):
    """The ExecStart line of the unit, as its user and on a free port. Ask it only what a token may."""

    def __init__(self, tree, token=None):
        self.token = token
        self.log = tempfile.TemporaryFile("a+b")
        line = re.search(r"^ExecStart=(.*)$", tree.read("/usr/lib/systemd/system/tolld.service"), re.MULTILINE)[1]
        command = tree.command("/usr/bin/env", "TOLL_LISTEN=127.0.0.1:0", *line.split(), user="toll")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        tree.servers.append(self)
        self.wait_for_it()
