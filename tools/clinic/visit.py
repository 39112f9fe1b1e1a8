"""One consultation, played by two phones and a call server that trust nobody."""

import asyncio
import datetime
import time

from plan import INTERVAL_S


class Ledger:
    """What the clients were told: the other side of the books."""

    def __init__(self):
        self.sessions = {}  # id -> newest acknowledged state
        self.acknowledged = {}  # id -> the intervals and "manual" that answers claimed
        self.problems = []
        self.attempts = 0
        self.duplicates_refused = 0
        self.units = 0
        self.starts_refused = {}
        self.finished = 0

    def told(self, session):
        self.sessions[session["id"]] = session

    def attempt(self, answer):
        """An answer of deduct or end: which units it says that it took."""
        status, body = answer
        self.attempts += 1
        if status == 409 or (status == 200 and body["deducted"] == 0):
            self.duplicates_refused += 1
        if status == 409:
            return
        if status != 200:
            self.problems.append(f"unexpected answer {status}: {body}")
            return
        session, manual = body["session"], body.get("manual_unit", False)
        intervals = body["deducted"] - (1 if manual else 0)
        last = session["auto_deductions_processed"]
        claimed = list(range(last - intervals + 1, last + 1)) + (["manual"] if manual else [])
        mine = self.acknowledged.setdefault(session["id"], set())
        for unit in claimed:
            if unit in mine:
                self.problems.append(f"{session['id']}: two answers claim unit {unit}")
            mine.add(unit)
        self.units += body["deducted"]


class Consultation:
    def __init__(self, visit, client, ledger):
        self.visit = visit
        self.client = client
        self.ledger = ledger
        self.path = "/v1/sessions/" + visit.id

    async def play(self):
        if await self._start():
            if self.visit.fate == "talk" and await self._activate():
                await self._talk()
            elif self.visit.fate == "unanswered":
                await self._ring_in_vain()
            else:
                await self._hang_up()
        self.ledger.finished += 1

    async def _start(self):
        visit = self.visit
        body = {"id": visit.id, "channel": visit.channel, "patient_id": visit.patient,
                "doctor_id": visit.doctor}
        starts = [self.client.request("POST", "/v1/sessions", body)]
        if visit.double_start == "same":
            starts.append(self.client.request("POST", "/v1/sessions", body))
        if visit.double_start == "other":
            starts.append(self._start_other(dict(body, id=visit.id + "-other")))
        answers = await asyncio.gather(*starts)
        for status, answer in answers:
            if status in (200, 201):
                self.ledger.told(answer)
            else:
                code = answer.get("code", str(status))
                self.ledger.starts_refused[code] = self.ledger.starts_refused.get(code, 0) + 1
        if all(status > 201 for status, _ in answers):
            return False
        # If the other phone's start won, the visit goes on under its id.
        winner = next(answer["id"] for status, answer in answers if status <= 201)
        self.path = "/v1/sessions/" + winner
        return True

    async def _start_other(self, body):
        # The second phone is a moment later, so that either may win.
        await asyncio.sleep(0)
        return await self.client.request("POST", "/v1/sessions", body)

    async def _activate(self):
        if self.visit.channel == "text":
            await self._tell("/messages", {"from": "patient"})
            first = self._tell("/messages", {"from": "doctor"})
            again = self._tell("/messages", {"from": "doctor"})
        else:
            first, again = self._tell("/activate"), self._tell("/activate")
        session = (await asyncio.gather(first, again))[0]
        return session is not None and session["activated_at"] is not None

    async def _tell(self, action, body=None):
        status, answer = await self.client.request("POST", self.path + action, body or {})
        if status == 200:
            self.ledger.told(answer)
            return answer
        if status != 409:
            self.ledger.problems.append(f"{self.path}{action}: {status} {answer}")
        return None

    async def _talk(self):
        _, session = await self.client.request("GET", self.path)
        activated = datetime.datetime.fromisoformat(session["activated_at"].replace("Z", "+00:00"))
        began = activated.timestamp()
        boundary = 1
        while boundary * INTERVAL_S < self.visit.length_s:
            await self._until(began + boundary * INTERVAL_S)
            await self._chase()
            boundary += 1
        # Many lengths are whole intervals: these hang-ups meet the timer on the boundary.
        await self._until(began + self.visit.length_s)
        await asyncio.gather(self._chase(), self._hang_up())

    async def _chase(self):
        """Both phones, the call server and a retry go for the unit that the timer takes anyway."""
        target = self.path + "/deduct"
        if self.visit.loses_answers:
            await self.client.send_and_hang_up("POST", target, {"triggered_by": "lost"})
        answers = await asyncio.gather(
            *(self.client.request("POST", target, {"triggered_by": who})
              for who in ("patient-phone", "doctor-phone", "call-server", "retry")),
            self.client.request("GET", self.path))
        for answer in answers[:-1]:
            self.ledger.attempt(answer)

    async def _hang_up(self):
        target = self.path + "/end"
        body = {"ended_by": self.visit.ended_by}
        if self.visit.loses_answers:
            await self.client.send_and_hang_up("POST", target, body)
        answers = await asyncio.gather(
            self.client.request("POST", target, body),
            self.client.request("POST", target, {"ended_by": "server"}),
            self.client.request("POST", target, body))
        for answer in answers:
            self.ledger.attempt(answer)
            if answer[0] == 200:
                self.ledger.told(answer[1]["session"])

    async def _ring_in_vain(self):
        if self.visit.channel == "text":
            await self._tell("/messages", {"from": "patient"})
        await asyncio.sleep(2.5)
        await self._hang_up()

    @staticmethod
    async def _until(instant):
        await asyncio.sleep(max(0.0, instant - time.time()))
