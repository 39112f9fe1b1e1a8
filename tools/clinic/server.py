"""tolld as a child process on a private data directory."""

import asyncio
import os
import signal
import time


class Server:
    def __init__(self, program, directory, client):
        self.program = program
        self.data = os.path.join(directory, "data")
        self.policy = os.path.join(directory, "policy.json")
        self.log = os.path.join(directory, "tolld.log")
        self.client = client
        self.process = None

    async def start(self):
        with open(self.log, "ab") as log:
            # A session of its own, so that Ctrl-C reaches the clinic first and not both at once.
            self.process = await asyncio.create_subprocess_exec(
                self.program, "--data", self.data, "--listen", "127.0.0.1:0", "--auth", "off",
                "--policy", self.policy, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True)
        line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
        if not line.startswith("listening on "):
            raise RuntimeError("tolld did not start:\n" + self.last_words())
        self.client.server_is_at(int(line.rsplit(":", 1)[1]))

    async def kill_and_restart(self):
        """kill -9 with requests on their way; gives the seconds until it listens again."""
        self.client.when_busy = self.process.kill
        await self.process.wait()
        self.client.server_is_gone()
        await asyncio.sleep(1)  # units fall due while nobody is there
        began = time.monotonic()
        await self.start()
        return time.monotonic() - began

    async def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), 15)
        self.client.server_is_gone()
        return status

    async def clean_up(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-15:])
