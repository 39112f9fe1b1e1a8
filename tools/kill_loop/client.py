"""One client: a patient, a doctor, two phones and the doctor's accountant, all of them impatient."""

import asyncio

from plan import INTERVAL_S, RATES


class Client:
    """Plays visits until it is told to stop; leaves nothing open behind it."""

    def __init__(self, http, books, draw, slow):
        self.slow = slow
        self.http = http
        self.books = books
        self.draw = draw
        self.visits = 0
        self.keys = 0
        self.answers = 0

    def new_key(self):
        self.keys += 1
        return f"{self.books.patient}-{self.keys}"

    async def ask(self, what, method, target, body, key=None):
        """Sends one request until it is answered; some answers are lost on purpose first."""
        self.books.pending = what
        if self.draw.random() < 0.1:
            await self.http.send_and_hang_up(method, target, body, key)
        status, answer = await self.http.request(method, target, body, key)
        self.answers += 1
        if status >= 400 and status not in (402, 409):
            self.books.problems.append(f"{method} {target}: {status} {answer}")
        return status, answer

    def done(self):
        self.books.pending = None

    async def run(self, going_on):
        while going_on():
            await self.visit()
            self.visits += 1

    async def visit(self):
        session = await self.start()
        # Few visits take their time, so that at any instant requests are on their way.
        patience = 0.5 if self.slow else 0.01
        if self.draw.random() < patience / 3:
            await asyncio.sleep(self.draw.uniform(0, 1.5) * INTERVAL_S)
        else:
            await self.talk(session, self.draw.randint(1, 3) if self.draw.random() < patience else 0)
        await self.hang_up(session)
        if self.draw.random() < 0.3:
            await self.refund(session)
        if self.draw.random() < 0.4:
            await self.withdraw()

    async def start(self):
        """A new session, named by the client or by the server."""
        body = {"channel": self.draw.choice(["text", "voice", "video"]),
                "patient_id": self.books.patient, "doctor_id": self.books.doctor}
        key = None
        if self.draw.random() < 0.5:
            body["id"] = f"{self.books.patient}.{self.visits:06}"
        else:
            key = self.new_key()
        while True:
            status, answer = await self.ask("start", "POST", "/v1/sessions", body, key)
            if status in (200, 201):
                self.books.told(answer)
                self.done()
                return answer["id"]
            if status != 402:
                raise RuntimeError(f"start of {body}: {answer}")
            # The same request again, because one whose answer was lost may still be on its way.
            self.done()
            await self.top_up()

    async def talk(self, session, attempts_to_deduct):
        await self.step(session, "activate")
        for _ in range(attempts_to_deduct):
            await asyncio.sleep(self.draw.uniform(0.2, 1.0) * INTERVAL_S)
            # A boundary is raced by the timer, and by a second phone.
            attempts = self.draw.choice([1, 1, 2])
            answers = await asyncio.gather(*(
                self.ask("deduct", "POST", f"/v1/sessions/{session}/deduct", {})
                for _ in range(attempts)))
            self.take_down(answers)

    async def step(self, session, name):
        status, answer = await self.ask(name, "POST", f"/v1/sessions/{session}/{name}", {})
        if status == 200:
            self.books.told(answer)
        self.done()

    async def hang_up(self, session):
        who = self.draw.choice([["patient"], ["doctor"], ["patient", "doctor"]])
        keyed = self.draw.random() < 0.5
        answers = await asyncio.gather(*(
            self.ask("end", "POST", f"/v1/sessions/{session}/end", {"ended_by": by},
                     self.new_key() if keyed else None) for by in who))
        self.take_down(answers)

    def take_down(self, answers):
        for status, answer in answers:
            if status == 200:
                self.books.claims(answer)
        self.done()

    async def refund(self, session):
        units = self.draw.choice([1, 1, 2])
        status, answer = await self.ask("refund", "POST", f"/v1/sessions/{session}/refunds",
                                        {"units": units, "reason": "sorry"}, self.new_key())
        if status == 201:
            self.books.refunds.setdefault(session, []).append(units)
            self.books.told(answer["session"])
        self.done()

    async def withdraw(self):
        amount = self.draw.choice([1, 2]) * RATES[self.books.currency] // 2
        status, answer = await self.ask(
            "withdraw", "POST", f"/v1/doctors/{self.books.doctor}/withdrawals",
            {"amount": amount, "currency": self.books.currency}, self.new_key())
        moves = self.draw.choice([[], ["reject"], ["approve"], ["approve", "pay"]])
        if status == 201:
            self.books.withdrawals[answer["id"]] = answer
        self.done()
        for move in moves if status == 201 else []:
            status, answer = await self.ask(
                move, "POST", f"/v1/withdrawals/{answer['id']}/{move}", {}, self.new_key())
            if status == 200:
                self.books.withdrawals[answer["id"]] = answer
            else:
                self.books.problems.append(f"{move}: {status} {answer}")
            self.done()

    async def top_up(self):
        units = dict.fromkeys(("text", "voice", "video"), self.draw.choice([2, 3, 5]))
        status, answer = await self.ask(
            "top up", "POST", f"/v1/subscriptions/{self.books.subscription}/topups",
            {"units": units}, self.new_key())
        if status == 201:
            self.books.topups.append(units["text"])
        else:
            self.books.problems.append(f"top-up: {status} {answer}")
        self.done()
