"""The books of the server against what the clients were told and what the rules say."""

import datetime

from plan import INTERVAL_S, POLICY, RATES, currency


def _ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def expected_units(session):
    """The rules' total, from the times alone."""
    if session["activated_at"] is None:
        return 0
    elapsed = _ms(session["ended_at"]) - _ms(session["activated_at"])
    completed = elapsed // (INTERVAL_S * 1000)
    if session["end_reason"] == "exhausted":
        return completed
    billable = elapsed >= POLICY["min_billable_s"][session["channel"]] * 1000
    return completed + (1 if billable else 0)


class Audit:
    def __init__(self, client, ledger, subscriptions):
        self.client = client
        self.ledger = ledger
        self.subscriptions = subscriptions
        self.problems = list(ledger.problems)
        self.outcomes = {}
        self.charged = 0
        self.paid = dict.fromkeys(RATES, 0)

    def check(self, right, what):
        if not right:
            self.problems.append(what)

    async def get(self, target):
        status, body = await self.client.request("GET", target)
        self.check(status == 200, f"GET {target}: {status} {body}")
        return body

    async def run(self):
        taken, earned = {}, {}
        for told in self.ledger.sessions.values():
            await self._session(told, taken, earned)
        for name, grant in self.subscriptions.items():
            await self._subscription(name, grant, taken)
        for doctor, amount in earned.items():
            wallet = await self.get(f"/v1/doctors/{doctor}/wallet")
            self.check(wallet["balance"] == wallet["earned"] == amount,
                       f"{doctor}: wallet {wallet}, statements say {amount}")
            self.paid[wallet["currency"]] += wallet["balance"]

    async def _session(self, told, taken, earned):
        name = told["id"]
        statement = await self.get(f"/v1/sessions/{name}/statement")
        session, lines = statement["session"], statement["lines"]
        reason = session["end_reason"] or session["status"]
        self.outcomes[reason] = self.outcomes.get(reason, 0) + 1
        if session["status"] in ("waiting", "active"):
            self.problems.append(f"{name}: still {session['status']}")
            return
        if told["status"] in ("ended", "expired", "missed"):
            self.check(session == told, f"{name}: was told {told}, is {session}")
        units = ["manual" if line["kind"] == "manual" else line["interval"] for line in lines]
        self.check(len(units) == len(set(units)), f"{name}: a unit is charged twice: {units}")
        self.check(sorted(map(str, units)) == sorted(map(str, self._grid(session))),
                   f"{name}: charged {units}")
        self.check(len(lines) == session["sessions_used"] == expected_units(session),
                   f"{name}: {len(lines)} lines, {session['sessions_used']} used, "
                   f"{expected_units(session)} due by the rules")
        missing = self.ledger.acknowledged.get(name, set()) - set(units)
        self.check(not missing, f"{name}: acknowledged and not on the statement: {missing}")
        rate = {"amount": RATES[currency(session["doctor_id"])],
                "currency": currency(session["doctor_id"])}
        earned.setdefault(session["doctor_id"], 0)
        for line in lines:
            self.check(line["units"] == 1 and line["pay"] == rate, f"{name}: line {line}")
            key = (line["subscription_id"], session["channel"])
            taken[key] = taken.get(key, 0) + 1
            earned[session["doctor_id"]] += line["pay"]["amount"]
            self.charged += 1

    @staticmethod
    def _grid(session):
        manual = ["manual"] if session["manual_deduction_applied"] else []
        return list(range(1, session["auto_deductions_processed"] + 1)) + manual

    async def _subscription(self, name, grant, taken):
        units = (await self.get(f"/v1/subscriptions/{name}"))["units"]
        for channel, granted in grant["units"].items():
            row = units[channel]
            used = taken.get((name, channel), 0)
            self.check(row["granted"] == granted and row["taken"] == used and row["held"] == 0 and
                       row["free"] == granted - used >= 0, f"{name}/{channel}: {row}, used {used}")
