"""The clients' books against the server: after every restart with what may be under way, at the end of a
round exactly."""

import collections

from plan import RATES, expected_units

MOVES = {"requested": [], "approved": ["approved"], "rejected": ["rejected"],
         "paid": ["approved", "paid"]}


class Audit:
    def __init__(self, http, feed, books):
        self.http = http
        self.feed = feed
        self.books = books
        self.problems = []
        self.compared = 0

    def check(self, right, what):
        self.compared += 1
        if not right:
            self.problems.append(what)

    async def get(self, target):
        status, body = await self.http.request("GET", target)
        if status != 200:
            raise RuntimeError(f"GET {target}: {status} {body}")
        return body

    async def after_restart(self):
        await self.feed.read_on()
        for name in {books.subscription for books in self.books}:
            self._topups(name, [books for books in self.books if books.subscription == name])
        for books in self.books:
            self._sessions(books)
            self._withdrawals(books)
            for told in list(books.sessions.values())[-2:]:
                await self._survived(books, told)

    def _listed(self, who, told, found, pending):
        """Everything acknowledged is there, nothing is there twice, and nothing else but what is
        being asked for."""
        told, found = collections.Counter(list(told)), collections.Counter(found)
        self.check(not told - found, f"{who}: acknowledged and not there: {told - found}")
        self.check((found - told).total() <= pending,
                   f"{who}: there and never acknowledged: {found - told}, {pending} asked for")

    def _topups(self, name, members):
        self._listed(f"top-ups of {name}", [units for books in members for units in books.topups],
                     self.feed.topups[name], sum(books.pending == "top up" for books in members))

    def _sessions(self, books):
        self._listed(f"sessions of {books.patient}", books.sessions,
                     self.feed.sessions[books.patient], books.pending == "start")

    def _withdrawals(self, books):
        self._listed(f"withdrawals of {books.doctor}", books.withdrawals,
                     self.feed.withdrawals[books.doctor], books.pending == "withdraw")
        for name, told in books.withdrawals.items():
            expected, found = MOVES[told["status"]], self.feed.moves[name]
            self.check(found[:len(expected)] == expected and len(found) <= len(expected) + (
                books.pending in ("approve", "reject", "pay")),
                       f"{name}: was told {told['status']}, found {found}")

    async def _survived(self, books, told):
        """What was told is a lower bound while a session lives, and the truth once it is over."""
        name = told["id"]
        now = await self.get(f"/v1/sessions/{name}")
        text = f"{name}: was told {told}, is {now}"
        for counter in ("sessions_used", "auto_deductions_processed", "units_refunded"):
            self.check(now[counter] >= told[counter], text)
        if told["activated_at"] is not None:
            self.check(now["activated_at"] == told["activated_at"], text)
        if told["status"] not in ("waiting", "active"):
            self.check(now == told or books.pending == "refund", text)
        units = self.feed.units[name]
        self.check(len(units) == len(set(units)), f"{name}: a unit is taken twice: {units}")

    async def at_the_end(self, downtime_policy):
        """Nothing is under way any more: every unit and every amount, exactly."""
        await self.after_restart()
        taken = collections.Counter()
        back = collections.Counter()
        for books in self.books:
            earned = 0
            for told in books.sessions.values():
                session = await self._session(books, told, downtime_policy)
                key = (books.subscription, session["channel"])
                taken[key] += session["sessions_used"]
                back[key] += session["units_refunded"]
                earned += session["sessions_used"] - session["units_refunded"]
            await self._wallet(books, earned * RATES[books.currency])
        for name in {books.subscription for books in self.books}:
            await self._subscription(name, taken, back)

    async def _session(self, books, told, downtime_policy):
        name = told["id"]
        statement = await self.get(f"/v1/sessions/{name}/statement")
        session, lines = statement["session"], statement["lines"]
        self.check(session == told, f"{name}: was told {told}, is {session}")
        rate = RATES[books.currency]
        units, used, refunded, forgiven = [], 0, 0, 0
        for line in lines:
            self.check(line["pay"] == {"amount": line["units"] * rate * (
                -1 if line["kind"] == "refund" else 1), "currency": books.currency},
                       f"{name}: line {line}")
            if line["kind"] == "refund":
                refunded += line["units"]
                continue
            units.append("manual" if line["kind"] == "manual" else line["interval"])
            forgiven += line["kind"] == "forgiven"
            used += line["units"]
        self.check(units == self._grid(session), f"{name}: the lines are {units}")
        self.check(self.feed.units[name] == units, f"{name}: the events say {self.feed.units[name]}")
        self.check(used == session["sessions_used"] and used + forgiven == expected_units(session),
                   f"{name}: {used} used, {forgiven} forgiven, {session}")
        self.check(forgiven == 0 or downtime_policy != "bill_all", f"{name}: {forgiven} forgiven")
        self.check(set(books.claimed.get(name, [])) <= set(units),
                   f"{name}: answers claimed {books.claimed.get(name)}, the lines are {units}")
        self.check(refunded == session["units_refunded"] == sum(books.refunds.get(name, [])) ==
                   sum(self.feed.refunds[name]), f"{name}: refunds {books.refunds.get(name)}, {session}")
        return session

    @staticmethod
    def _grid(session):
        manual = ["manual"] if session["manual_deduction_applied"] else []
        return list(range(1, session["auto_deductions_processed"] + 1)) + manual

    async def _wallet(self, books, earned):
        total = collections.Counter()
        for withdrawal in books.withdrawals.values():
            total[withdrawal["status"]] += withdrawal["amount"]
        if not books.sessions:
            return
        wallet = await self.get(f"/v1/doctors/{books.doctor}/wallet")
        pending = total["requested"] + total["approved"]
        right = {"doctor_id": books.doctor, "currency": books.currency, "earned": earned,
                 "withdrawn": total["paid"], "pending": pending,
                 "balance": earned - total["paid"] - pending}
        self.check(wallet == right, f"wallet {wallet}, by the clients' books {right}")

    async def _subscription(self, name, taken, back):
        members = [books for books in self.books if books.subscription == name]
        granted = members[0].granted + sum(sum(books.topups) for books in members)
        units = (await self.get(f"/v1/subscriptions/{name}"))["units"]
        for channel, row in units.items():
            key = (name, channel)
            free = granted + back[key] - taken[key]
            right = {"granted": granted, "taken": taken[key], "refunded": back[key], "held": 0,
                     "free": free, "remaining": free}
            self.check(row == right and free >= 0, f"{name}/{channel}: {row}, not {right}")
