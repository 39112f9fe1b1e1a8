"""tolld as a child process that is killed: also before it listens."""

import asyncio
import os
import subprocess
import time


class Server:
    def __init__(self, tolld, tollctl, directory, policy):
        self.data = os.path.join(directory, "data")
        self.log = os.path.join(directory, "tolld.log")
        self.tollctl = tollctl
        self.command = [tolld, "--data", self.data, "--listen", "127.0.0.1:0", "--auth", "off",
                        "--policy", policy]
        self.process = None
        self.start_s = 0.1  # how long the last start took

    async def spawn(self):
        with open(self.log, "ab") as log:
            # A session of its own, so that Ctrl-C reaches the loop first and not both at once.
            self.process = await asyncio.create_subprocess_exec(
                *self.command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=log, start_new_session=True)

    async def listening(self):
        """The port, once it listens; None if it ended before."""
        began = time.monotonic()
        line = (await asyncio.wait_for(self.process.stdout.readline(), 60)).decode()
        if not line.startswith("listening on "):
            return None
        self.start_s = time.monotonic() - began
        return int(line.rsplit(":", 1)[1])

    async def kill_after(self, seconds):
        """The kill comes from a process of its own: one from here would wait until the clients, who
        share this thread, have heard what there is to hear."""
        killer = await asyncio.create_subprocess_exec(
            "sh", "-c", 'sleep "$0" && kill -9 "$1"', f"{seconds:.4f}", str(self.process.pid))
        await killer.wait()
        return await self.process.wait()

    async def clean_up(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def terminate(self):
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    def verify(self):
        """What `tollctl verify` says against the directory; nothing if it is right."""
        found = subprocess.run([self.tollctl, "verify", "--data", self.data], timeout=120,
                               capture_output=True, text=True)
        return None if found.returncode == 0 else found.stdout + found.stderr

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-15:])
