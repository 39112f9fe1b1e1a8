"""What one client was told: its side of the books. An answer is written down before the next request goes
out, so at any moment at most one request of each client is neither known to be done nor known not to be."""


class Books:
    def __init__(self, number, household, currency, granted):
        self.patient = f"p{number}"
        self.doctor = f"d{number}"
        self.subscription = f"s{household}"
        self.currency = currency
        self.granted = granted
        self.pending = None  # what is being asked for
        self.topups = []  # units of each, as acknowledged
        self.sessions = {}  # id -> newest acknowledged state
        self.claimed = {}  # session -> the intervals and "manual" that answers said they took
        self.refunds = {}  # session -> units of each
        self.withdrawals = {}  # id -> newest acknowledged state
        self.problems = []

    def told(self, session):
        self.sessions[session["id"]] = session

    def claims(self, body):
        """An answer of deduct or end says which units it took; no other answer may say the same."""
        session, manual = body["session"], body.get("manual_unit", False)
        intervals = body["deducted"] - (1 if manual else 0)
        last = session["auto_deductions_processed"]
        mine = self.claimed.setdefault(session["id"], set())
        for unit in [*range(last - intervals + 1, last + 1), *(["manual"] if manual else [])]:
            if unit in mine:
                self.problems.append(f"{session['id']}: two answers claim unit {unit}")
            mine.add(unit)
        self.told(session)

    def taken_back(self):
        return sum(sum(units) for units in self.refunds.values())


async def open_the_books(http, all_books):
    """Each household's subscription and each doctor, before anybody plays."""
    for name in {books.subscription for books in all_books}:
        members = [books for books in all_books if books.subscription == name]
        await _created(http, f"/v1/subscriptions/{name}", {
            "patient_id": members[0].patient, "members": [books.patient for books in members],
            "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2100-01-01T00:00:00Z",
            "units": dict.fromkeys(("text", "voice", "video"), members[0].granted)})
    for books in all_books:
        await _created(http, f"/v1/doctors/{books.doctor}", {"currency": books.currency})


async def _created(http, target, body):
    status, answer = await http.request("PUT", target, body)
    if status != 201:
        raise RuntimeError(f"PUT {target}: {status} {answer}")
