"""The server under siege: so much address space and no more, and tokens of several roles."""

import subprocess

from field import ADDRESS_SPACE, MAX_STREAMS
from server import Server


class Besieged(Server):
    def __init__(self, tolld, tollctl, directory, policy, most_connections):
        super().__init__(tolld, tollctl, directory, policy)
        self.command = ["prlimit", f"--as={ADDRESS_SPACE}", tolld, "--data", self.data, "--listen", "127.0.0.1:0",
                        "--policy", policy, "--max-connections", str(most_connections),
                        "--max-streams", str(MAX_STREAMS)]
        self.memory = {}  # the last that was seen

    def token(self, name, role):
        return subprocess.run([self.tollctl, "token", "create", "--data", self.data, "--name", name, "--role", role],
                              check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def lives(self):
        """Whether it is still there; if so, its peaks of memory, in MiB, are looked at."""
        if self.process.returncode is not None:
            return False
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                for line in status:
                    name, _, value = line.partition(":")
                    if name in ("VmHWM", "VmPeak"):
                        self.memory[name] = int(value.split()[0]) // 1024
        except (OSError, ValueError):
            pass  # it is about to end
        return True
