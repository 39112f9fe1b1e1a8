"""A morning at a clinic over real HTTP, and an audit of every unit at the end. See tools/demo."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from audit import Audit
from http_client import HttpClient
from plan import POLICY, QUARTER_S, QUARTERS, clinic_time, currency, subscriptions, visits
from server import Server
from visit import Consultation, Ledger


async def open_the_clinic(client, grants, plan):
    for doctor in {visit.doctor for visit in plan}:
        status, body = await client.request("PUT", f"/v1/doctors/{doctor}",
                                            {"currency": currency(doctor)})
        assert status == 201, body
    for name, grant in grants.items():
        status, body = await client.request("PUT", f"/v1/subscriptions/{name}", grant)
        assert status == 201, body


async def show_progress(began, ledger, total):
    """One line that changes on a terminal, one every five seconds elsewhere."""
    terminal = sys.stdout.isatty()
    while True:
        line = (f"{clinic_time(time.monotonic() - began)}  consultations over {ledger.finished}/"
                f"{total}  attempts {ledger.attempts}  units acknowledged {ledger.units}")
        print("\r" + line if terminal else line, end="" if terminal else "\n", flush=True)
        await asyncio.sleep(0.5 if terminal else 5)


async def play(server, client, ledger, plan):
    """The whole morning; gives how long the killed server was away."""
    began = time.monotonic()

    async def consult(visit):
        await asyncio.sleep(max(0.0, began + visit.at - time.monotonic()))
        await Consultation(visit, client, ledger).play()

    async def kill_half_way():
        # About one interval after a quarter hour many units are chased; the kill meets some of them.
        await asyncio.sleep(QUARTERS / 2 * QUARTER_S + POLICY["interval_s"] - 0.1)
        return await server.kill_and_restart()

    progress = asyncio.create_task(show_progress(began, ledger, len(plan)))
    tasks = [asyncio.create_task(consult(visit)) for visit in plan]
    killer = asyncio.create_task(kill_half_way())
    try:
        await asyncio.gather(killer, *tasks)
    finally:
        for task in (progress, killer, *tasks):
            task.cancel()
        print(flush=True)
    return killer.result()


def show_table(seed, ledger, audit, client, away_s, total):
    money = ", ".join(f"{amount / 100:,.2f} {name}" for name, amount in audit.paid.items())
    rows = [
        ("seed", seed),
        ("consultations planned", total),
        ("sessions, by outcome", ", ".join(f"{n} {k}" for k, n in sorted(audit.outcomes.items()))),
        ("units charged", audit.charged),
        ("  of these told to a client", ledger.units),
        ("paid to doctors", money),
        ("raced attempts (deduct, end)", ledger.attempts),
        ("  of these took nothing", ledger.duplicates_refused),
        ("answers lost on purpose", client.lost_on_purpose),
        ("starts refused", ", ".join(f"{n} {k}" for k, n in sorted(ledger.starts_refused.items()))),
        ("server killed (SIGKILL)", f"once, listening again after {away_s:.2f} s"),
        ("requests repeated meanwhile", client.retries),
        ("discrepancies", len(audit.problems)),
    ]
    for name, value in rows:
        print(f"  {name:<30} {value}")


async def morning(args, directory):
    client = HttpClient()
    server = Server(args.tolld, directory, client)
    with open(server.policy, "w", encoding="utf-8") as file:
        json.dump(POLICY, file)
    plan, grants, ledger = visits(args.seed), subscriptions(), Ledger()
    try:
        await server.start()
        print(f"clinic: {len(plan)} consultations, an interval is {POLICY['interval_s']} s, "
              f"seed {args.seed}", flush=True)
        await open_the_clinic(client, grants, plan)
        away_s = await play(server, client, ledger, plan)
        audit = Audit(client, ledger, grants)
        await audit.run()
        status = await server.terminate()
        audit.check(status == 0, f"tolld ended with status {status} on SIGTERM")
    except Exception:
        print(server.last_words(), file=sys.stderr)
        raise
    finally:
        await server.clean_up()
    show_table(args.seed, ledger, audit, client, away_s, len(plan))
    for problem in audit.problems[:20]:
        print("  MISMATCH " + problem)
    verify = subprocess.run([args.tollctl, "verify", "--data", server.data], timeout=60)
    return not audit.problems and verify.returncode == 0


def main():
    parser = argparse.ArgumentParser(prog="tools/demo")
    parser.add_argument("--tolld", required=True)
    parser.add_argument("--tollctl", required=True)
    parser.add_argument("--seed", type=int, default=20260101)
    args = parser.parse_args()
    # A terminated demo cleans up as an interrupted one does, also where a shell ignores Ctrl-C for it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # /var/tmp is on a disk where /tmp may be memory.
    directory = tempfile.mkdtemp(prefix="toll-demo-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    try:
        return 0 if asyncio.run(morning(args, directory)) else 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
