"""The morning, drawn from a seed: who has which subscriptions, who consults whom and how it goes."""

import dataclasses
import random

INTERVAL_S = 2
QUARTER_S = 3.0  # a quarter of an hour of the clinic, on the server's clock
QUARTERS = 16
PER_QUARTER = 21
RATES = {"MWK": 350000, "USD": 300}

POLICY = {
    "interval_s": INTERVAL_S,
    "min_billable_s": {"text": 0, "voice": 1, "video": 1},
    "response_window_s": 2,
    "ring_timeout_s": 2,
    "waiting_limit_s": 5,
}


@dataclasses.dataclass
class Visit:
    """One consultation as it is going to happen."""

    id: str
    at: float  # seconds after the clinic opens
    channel: str
    patient: str
    doctor: str
    fate: str  # talk, unanswered, cancelled
    length_s: float  # of the conversation
    double_start: str  # none, same, other: what the second phone sends
    ended_by: str
    loses_answers: bool


def subscriptions():
    """Per family of ten patients: plain, stacked, shared, short and no subscriptions."""
    result = {}

    def add(name, patient, units, starts_at, members=()):
        result[name] = {
            "patient_id": patient, "members": list(members),
            "units": {"text": units, "voice": units, "video": units},
            "starts_at": f"2020-{starts_at}T00:00:00Z",
            "ends_at": "2100-01-01T00:00:00Z", "payment_ref": "pay-" + name}

    for family in range(PER_QUARTER * 8 // 10 + 1):
        p = [f"p{family * 10 + i}" for i in range(10)]
        for i in (0, 1, 2):
            add(f"plain-{p[i]}", p[i], 30, "01-01")
        for i in (3, 4):
            add(f"older-{p[i]}", p[i], 1, "01-01")
            add(f"newer-{p[i]}", p[i], 6, "02-01")
        add(f"shared-{family}", p[5], 5, "01-01", p[5:8])
        add(f"short-{p[8]}", p[8], 1, "01-01")
        # The tenth has none.
    return result


def visits(seed):
    draw = random.Random(seed)
    result = []
    for quarter in range(QUARTERS):
        for n in range(PER_QUARTER):
            # A doctor comes round again after four quarters, a patient after eight.
            doctor = f"d{quarter % 4 * PER_QUARTER + n}"
            patient = f"p{quarter % 8 * PER_QUARTER + n}"
            fate = draw.choices(["talk", "unanswered", "cancelled"], [84, 10, 6])[0]
            intervals = draw.choice([0.3, 0.7, 1, 1, 1.5, 2, 2, 2.4, 3, 3, 3.5])
            result.append(Visit(
                id=f"visit-{quarter:02}-{n:02}",
                at=max(0.0, quarter * QUARTER_S + draw.gauss(0, 0.15)),
                channel=draw.choice(["text", "voice", "video"]), patient=patient, doctor=doctor,
                fate=fate, length_s=intervals * INTERVAL_S,
                double_start=draw.choices(["none", "same", "other"], [60, 25, 15])[0],
                ended_by=draw.choice(["patient", "doctor", "server"]),
                loses_answers=draw.random() < 0.4))
    return result


def currency(doctor):
    return "USD" if int(doctor[1:]) % 7 == 0 else "MWK"


def clinic_time(elapsed_s):
    minutes = int(8 * 60 + elapsed_s / QUARTER_S * 15)
    return f"{minutes // 60:02}:{minutes % 60:02}"
