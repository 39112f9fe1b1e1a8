"""What the tests of files share: a place of their own, and the programs in it."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, fingerprint, require, wait_until  # noqa: E402


class Place:
    """A data directory that a server has used."""

    def __init__(self, tolld, tollctl):
        self.tolld, self.tollctl = os.path.abspath(tolld), os.path.abspath(tollctl)
        self.directory = tempfile.mkdtemp(prefix="toll-files-", dir="/var/tmp")
        self.data = os.path.join(self.directory, "data")
        self.servers = []
        server = self.serve()
        server.change("PUT", "/v1/doctors/d1", {})
        require(server.terminate() == 0, server.said())

    def inside(self, name):
        return os.path.join(self.directory, name)

    def serve(self, *options, token=None):
        self.servers.append(Server(self.tolld, self.data, *options, token=token))
        return self.servers[-1]

    def leave(self):
        for server in self.servers:
            server.kill()
        shutil.rmtree(self.directory)

    def run(self, program, *arguments):
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=40)

    def control(self, *arguments):
        return self.run(self.tollctl, *arguments)

    def done(self, *arguments):
        """What tollctl prints."""
        ended = self.control(*arguments)
        require(ended.returncode == 0, ended)
        return ended.stdout

    def start(self, *options):
        return self.run(self.tolld, "--data", self.data, "--listen", "127.0.0.1:0", "--auth", "off", *options)

    def refused(self, what, why, *options):
        """A start: exit 1 with a reason, and nothing has changed."""
        before = fingerprint(self.directory)
        try:
            ended = self.start(*options)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{what}: it starts") from None
        require(ended.returncode == 1 and why in ended.stderr and not ended.stdout, f"{what}: {ended}")
        require(fingerprint(self.directory) == before, f"{what}: something was changed")
        return ended.stderr


def play(*parts):
    """Each part in a place of its own."""
    failed = 0
    for part in parts:
        place = Place(*sys.argv[1:3])
        try:
            part(place)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            print(f"{part.__name__}: {error}", flush=True)
            failed += 1
        finally:
            place.leave()
    sys.exit(failed)
