"""Wrong tokens of every kind, on requests that would be dear."""

import asyncio
import base64
import json
import random

from attack import Attack
from wire import Wire, request

# Nearly equal names, so that comparing them takes long.
MANY_MEMBERS = json.dumps({40 * "a" + str(n): n for n in range(255)}).encode()


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(name):
    claims = {"sub": "p0", "user_type": "admin", "exp": 4_000_000_000}
    return ".".join((part({"alg": name, "typ": "JWT"}), part(claims), ""))


class WrongTokens(Attack):
    name = "wrong tokens"
    fits = frozenset({401, 431, 503})
    pause_s = 0.1

    def __init__(self, port, workers, right_token, lists):
        super().__init__(port, workers)
        head, _, secret = right_token.rpartition("_")
        self.tokens = [
            "", "x", 5000 * "y", "toll_", unsigned("none"), unsigned("HS256") + "AAAA",
            head + "_" + secret[::-1], right_token[:-1], right_token + "a", 16_500 * "z"]
        self.asked = [("GET", target, b"") for target in lists] + [
            ("POST", "/v1/sessions", MANY_MEMBERS), ("PUT", "/v1/subscriptions/mine", MANY_MEMBERS),
            ("POST", "/v1/test/clock", b'{"advance_ms":1000000}'), ("GET", "/metrics", b"")]

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            for _ in range(50):
                method, target, body = random.choice(self.asked)
                await wire.send(request(method, target, random.choice(self.tokens), body))
                self.took((await wire.answer())[0])
                await asyncio.sleep(0.01)
