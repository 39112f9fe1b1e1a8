"""The small world of the loop: short intervals, so that most kills meet something that is due."""

import datetime

INTERVAL_S = 1
RATES = {"MWK": 350000, "USD": 300}
CLIENTS = 24
HOUSEHOLD = 2  # clients who share a subscription
GRANTED = 6  # of each channel: they run out and top up

POLICY = {
    "interval_s": INTERVAL_S,
    "min_billable_s": {"text": 0, "voice": 1, "video": 1},
    "response_window_s": 1,
    "ring_timeout_s": 1,
    "waiting_limit_s": 2,
}


def _ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def expected_units(session):
    """The rules' total, from the times alone; what an outage made free included."""
    if session["activated_at"] is None:
        return 0
    elapsed = _ms(session["ended_at"]) - _ms(session["activated_at"])
    completed = elapsed // (INTERVAL_S * 1000)
    if session["end_reason"] == "exhausted":
        return completed
    billable = elapsed >= POLICY["min_billable_s"][session["channel"]] * 1000
    return completed + (1 if billable else 0)


def currency(number):
    return "USD" if number % 5 == 0 else "MWK"
