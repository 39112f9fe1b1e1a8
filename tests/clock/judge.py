"""What a journal may say about intervals, whatever the wall clock did: none early, none twice, none left out,
and forgiven only in an outage, as the policy has it. What fell due before a server was ready is done by then."""

import datetime


def ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Call:
    def __init__(self, activated):
        self.activated = activated
        self.done = 0  # intervals charged or forgiven
        self.over = False
        self.charged_in_outage = 0


class Judge:
    """`ends`: for each outage the earliest and the latest instant of its last sign of life."""

    def __init__(self, interval_ms, downtime, ends):
        self.interval_ms = interval_ms
        self.ends = ends
        self.cap = {"bill_all": None, "forgive": 0}.get(downtime, None)
        if downtime.startswith("cap:"):
            self.cap = int(downtime[4:])
        self.calls = {}
        self.outage_since = None
        self.over = []  # outages: (since, until)
        self.ready_at = 0
        self.charged = self.forgiven = self.outages = 0
        self.problems = []

    def read(self, lines):
        for event in lines:
            handler = getattr(self, "_" + event["type"], None)
            if handler is not None:
                handler(event)

    def _outage_began(self, event):
        self.outage_since = ms(event["since"])
        earliest, latest = self.ends[self.outages]
        self._require(earliest <= self.outage_since <= latest, event,
                      f"the server was there until {latest}")
        self.outages += 1
        for call in self.calls.values():
            # What it still did after its last sign of life is in the outage as well.
            before = self._boundaries(call, self.outage_since)
            call.charged_in_outage = max(0, call.done - before) + self._in_merged(call)

    def _boundaries(self, call, until):
        return max(0, until - call.activated) // self.interval_ms

    def _in_merged(self, call):
        """Outages with less than an interval of service between them are one, and have one cap."""
        inside, later = 0, self.outage_since
        for since, until in reversed(self.over):
            if later - until >= self.interval_ms:
                break
            inside += self._boundaries(call, until) - self._boundaries(call, since)
            later = since
        return inside

    def _ready(self, event):
        if self.outage_since is not None:
            self.over.append((self.outage_since, ms(event["at"])))
        self.outage_since = None
        self.ready_at = ms(event["at"])

    def _activated(self, event):
        self.calls[event["session_id"]] = Call(ms(event["at"]))

    def _charged(self, event):
        self._intervals(event, event["interval"], event["units"], forgiven=False)

    def _forgiven(self, event):
        self._intervals(event, event["interval"], event["intervals"], forgiven=True)

    def _ended(self, event):
        call = self.calls.get(event["session_id"])
        if call is None:
            return
        if event["interval"] is not None:
            self._intervals(event, event["interval"], 1, forgiven=False)
        due = (ms(event["ended_at"]) - call.activated) // self.interval_ms
        self._require(call.done == due, event, f"{due} intervals had passed, {call.done} are done")
        call.over = True

    def _intervals(self, event, first, count, forgiven):
        call = self.calls[event["session_id"]]
        for interval in range(first, first + count):
            boundary = call.activated + interval * self.interval_ms
            self._require(not call.over, event, "the session is over")
            self._require(interval == call.done + 1, event,
                          f"interval {interval} follows {call.done}")
            self._require(boundary <= ms(event["at"]), event, f"interval {interval} is early")
            self._require(self.outage_since is not None or boundary > self.ready_at, event,
                          f"interval {interval} was due when the server was ready")
            in_outage = self.outage_since is not None and boundary > self.outage_since
            if forgiven:
                right = in_outage and self.cap is not None and call.charged_in_outage >= self.cap
                self._require(right, event, f"interval {interval} is forgiven")
                self.forgiven += 1
            else:
                call.charged_in_outage += in_outage
                right = not in_outage or self.cap is None or call.charged_in_outage <= self.cap
                self._require(right, event, f"interval {interval} is charged")
                self.charged += 1
            call.done = interval

    def _require(self, right, event, what):
        if not right:
            self.problems.append(f"{what}: {event}")
