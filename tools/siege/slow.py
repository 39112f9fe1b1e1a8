"""Those whose requests take for ever to arrive, a byte at a time or all but the last byte."""

import asyncio
import random

from attack import Attack
from wire import Wire, request

DRIP_S = 0.5
FAT = 250 * 1024  # bytes of a body of which 256 KiB are allowed


class Slow(Attack):
    """Half of a head, or a body by its bytes, with no token, a wrong one or a right one."""

    name = "slow bodies"
    fits = frozenset({401, 408, 503})
    pause_s = 1.0

    def __init__(self, port, workers, token):
        super().__init__(port, workers)
        self.token = token

    async def once(self, worker):
        if worker % 3 == 0:
            start, byte = b"POST /v1/sessions HTTP/1.1\r\nHost: siege\r\nX-Slow: ", b"a"
        else:
            token = self.token if worker % 3 == 1 else "toll_0123456789ab_" + 43 * "x"
            start, byte = request("POST", "/v1/sessions", token, 60_000 * b" ")[:-60_000], b" "
        await asyncio.sleep(random.uniform(0, 3))
        with await Wire.connect(self.port) as wire:
            self.opened()
            drip = asyncio.create_task(self._drip(wire, start, byte))
            try:
                self.took(await wire.first_status())
            finally:
                drip.cancel()
                self.left()

    @staticmethod
    async def _drip(wire, start, byte):
        try:
            await wire.send(start)
            while True:
                await asyncio.sleep(DRIP_S)
                await wire.send(byte)
        except OSError:
            pass  # whoever reads notices as well


class Fat(Attack):
    """Strangers who make the server keep as much of a request as it takes, and wait."""

    name = "strangers' fat bodies"
    fits = frozenset({401, 408, 503})
    pause_s = 6.0

    def __init__(self, port, workers):
        super().__init__(port, workers)
        whole = request("PUT", "/v1/subscriptions/fat", "toll_0123456789ab_" + 43 * "x", FAT * b" ")
        self.nearly_all = whole[:-64]

    async def once(self, worker):
        await asyncio.sleep(random.uniform(0, 3))
        with await Wire.connect(self.port) as wire:
            self.opened()
            sending = asyncio.create_task(self._send(wire, self.nearly_all))
            try:
                self.took(await wire.first_status())
            finally:
                sending.cancel()
                self.left()

    @staticmethod
    async def _send(wire, data):
        try:
            await wire.send(data)
        except OSError:
            pass
