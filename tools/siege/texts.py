"""Texts of random bytes, random characters and any length, in each field that takes a text."""

import asyncio
import json
import os
import random

from attack import Attack
from field import LABEL, REASON, TRIGGER
from wire import LONGEST_S, Wire, request

ANY = [*range(0x20), 0x22, 0x5C, 0x7F, 0xE9, 0x2028, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF]
MARK = b"@text@"


def right(most):
    return "".join(chr(random.choice(ANY)) for _ in range(random.randint(1, most)))


def escaped(text):
    return json.dumps(text, ensure_ascii=random.random() < 0.5).encode()


def wrong(most):
    """Something in a text's place that is too long or no text: bytes of JSON, or not even that."""
    kind = random.randrange(4)
    if kind == 0:
        return escaped(right(most) + most * "x")
    if kind == 1:
        return escaped(10_000 * "\u20ac")
    if kind == 2:
        return b'"' + os.urandom(random.randint(0, most)).replace(b'"', b"'").replace(b"\\", b"/") + b'\xff"'
    return b'"' + b"\\ud800" * random.randint(1, 20) + b'"'


class Texts(Attack):
    """A session each time: what is taken must be there afterwards, character by character."""

    name = "texts of random bytes"
    fits = frozenset({200, 201, 400, 409, 503})
    pause_s = 0.02

    def __init__(self, port, workers, token):
        super().__init__(port, workers)
        self.token = token
        self.sessions = 0
        self.compared = 0

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            await self._try(wire, "PUT", f"/v1/subscriptions/texts-{worker}", LABEL, {
                "patient_id": f"texts-{worker}", "units": {"text": 1_000_000_000},
                "ends_at": "2100-01-01T00:00:00Z"}, "plan")
            while True:
                await self._session(wire, worker)

    async def _session(self, wire, worker):
        self.sessions += 1
        start = {"channel": "text", "patient_id": f"texts-{worker}", "doctor_id": f"texts-{worker}"}
        reference, session = await self._try(wire, "POST", "/v1/sessions", LABEL, start, "external_ref")
        if session is None:
            return
        place = "/v1/sessions/" + session["id"]
        await self._ask(wire, "POST", place + "/activate")
        await self._try(wire, "POST", place + "/deduct", TRIGGER, {}, "triggered_by")
        reason, ended = await self._try(wire, "POST", place + "/end", REASON, {}, "reason")
        if ended is None:
            return
        await self._try(wire, "POST", place + "/refunds", REASON, {"units": 1}, "reason")
        status, found = await self._ask(wire, "GET", place)
        if status == 200:
            self.compared += 1
            # Somebody may have been first: a session is over within its time, whoever ends it.
            if found["external_ref"] != reference or found["reason"] not in (reason, None):
                self.problems["a text is not what was taken"] += 1

    async def _try(self, wire, method, target, most, body, field):
        """What is wrong first, which must be refused; then what is right."""
        with_mark = json.dumps({**body, field: MARK.decode()}).encode()
        for _ in range(2):
            bad = with_mark.replace(b'"' + MARK + b'"', wrong(most))
            status, _ = await self._answered(wire, method, target, bad)
            if status in (200, 201):
                self.problems[f"a wrong {field} was taken"] += 1
        text = right(most)
        status, answer = await self._answered(wire, method, target,
                                              with_mark.replace(b'"' + MARK + b'"', escaped(text)))
        return text, answer if status in (200, 201) else None

    async def _ask(self, wire, method, target):
        return await self._answered(wire, method, target, b"")

    async def _answered(self, wire, method, target, body):
        await wire.send(request(method, target, self.token, body))
        status, answer = await wire.parsed()
        self.took(status)
        await asyncio.sleep(self.pause_s)
        return status, answer


class NoRequests(Attack):
    """Random bytes where a request should be."""

    name = "random bytes for a request"
    fits = frozenset({400, 408, 431, 503})
    pause_s = 0.2

    async def once(self, worker):
        with await Wire.connect(self.port) as wire:
            await wire.send(os.urandom(random.randint(1, 20_000)) + b"\r\n\r\n")
            self.took(await wire.first_status(LONGEST_S))
