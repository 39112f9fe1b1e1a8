"""The server's feed of facts, read on after every restart: what was seen once must be seen again, and what
it says is counted for comparison with the clients' books."""

import collections

OVERLAP = 300  # events read again after a restart
PAGE = 500


class Feed:
    def __init__(self, http):
        self.http = http
        self.last = 0
        self.seen = collections.deque(maxlen=OVERLAP)
        self.problems = []
        self.sessions = collections.defaultdict(list)  # patient -> ids, as created
        self.topups = collections.defaultdict(list)  # subscription -> units of each
        self.refunds = collections.defaultdict(list)  # session -> units of each record
        self.withdrawals = collections.defaultdict(list)  # doctor -> ids, as requested
        self.moves = collections.defaultdict(list)  # withdrawal -> what became of it
        self.units = collections.defaultdict(list)  # session -> what was taken or forgiven

    async def read_on(self):
        await self._compare_what_was_seen()
        while True:
            items = await self._page(self.last)
            for event in items:
                self._add(event)
            if not items:  # a page may be short and still not be the last
                return

    async def _page(self, after):
        status, body = await self.http.request("GET", f"/v1/events?after={after}&limit={PAGE}")
        if status != 200:
            raise RuntimeError(f"the feed after {after}: {status} {body}")
        return body["items"]

    async def _compare_what_was_seen(self):
        if not self.seen:
            return
        again = await self._page(self.seen[0]["seq"] - 1)
        if again[:len(self.seen)] != list(self.seen):
            self.problems.append(f"events {self.seen[0]['seq']} to {self.last} were seen and are not the "
                                 "same any more")

    def _add(self, event):
        if event["seq"] != self.last + 1:
            self.problems.append(f"event {event['seq']} follows {self.last}")
        self.last = event["seq"]
        self.seen.append(event)
        kind = event["type"]
        if kind == "created":
            self.sessions[event["patient_id"]].append(event["session_id"])
        elif kind == "topped_up":
            self.topups[event["subscription_id"]].append(event["units"]["text"])
        elif kind == "refunded":
            self.refunds[event["session_id"]].append(event["units"])
        elif kind == "withdrawal_requested":
            self.withdrawals[event["doctor_id"]].append(event["withdrawal_id"])
        elif kind.startswith("withdrawal_"):
            self.moves[event["withdrawal_id"]].append(event["status"])
        elif kind == "charged":
            first = event["interval"]
            self.units[event["session_id"]] += range(first, first + event["units"])
        elif kind == "forgiven":
            first = event["interval"]
            self.units[event["session_id"]] += range(first, first + event["intervals"])
        elif kind in ("ended", "missed", "expired") and event["units"] > 0:
            self.units[event["session_id"]].append(event["interval"] or "manual")
