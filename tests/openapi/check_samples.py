#!/usr/bin/env python3
"""Runs the programs that /docs prints, each against the server that shows it: check_samples.py TOLLD TOLLCTL OPENAPI_JSON

Every operation by curl, PHP and JavaScript, in an order in which each is granted. A language that is not installed is left out.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from browser import Browser  # noqa: E402
from document import Document  # noqa: E402
from story import START  # noqa: E402
from tolld import Server, make_token  # noqa: E402

CLIENTS = pathlib.Path(__file__).resolve().parents[2] / "clients"
WITHDRAWAL = "01kdyvgy001ma63shd0ez9n9y7"  # what the document has for an id that the server makes
LANGUAGES = {"curl": ("sh", "sample.sh"), "PHP": ("php", "sample.php"), "JavaScript": ("node", "sample.mjs")}
PRINTED = """((language) => {
  [...document.querySelectorAll(".choice")].find((choice) => choice.textContent === language).click();
  return [...document.querySelectorAll("article")].map((article) => [article.id, article.querySelector(".code").textContent]);
})"""


def text_session(server):
    server.change("POST", "/v1/sessions", {"id": "t1", "channel": "text", "patient_id": "p1", "doctor_id": "d2"})


def half_an_hour(server):
    server.change("POST", "/v1/test/clock", {"advance_ms": 1800000})


# What is printed, by operation; between that, what the next one needs. The feed comes last: it never ends by itself.
ORDER = ("get_livez", "get_readyz", "get_openapi", "get_metrics", "get_clock", "put_subscription", "get_subscription",
         "top_up_subscription", "get_balance", "start_session", "activate_session", "get_session", "list_sessions", text_session,
         "send_message", "advance_clock", "deduct_units", "deduct_batch", half_an_hour, "end_session", "refund_units", "get_statement",
         "put_doctor", "get_wallet", "list_entries", "request_withdrawal", "approve_withdrawal", "pay_withdrawal",
         "request_withdrawal", "reject_withdrawal", "patch_subscription", "list_events", "stream_events")


def workshop(folder):
    """A folder in which the programs find the clients, and in which curl fails when it is refused."""
    folder.mkdir()
    (folder / "vendor").mkdir()
    (folder / "vendor/autoload.php").write_text(f"<?php require '{CLIENTS}/php/toll.php';")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/toll-client").symlink_to(CLIENTS / "js")
    (folder / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
    return folder


def last_withdrawal(server):
    events = server.get("/v1/events?limit=500")["items"]
    return next((event["withdrawal_id"] for event in reversed(events) if event["type"] == "withdrawal_requested"), WITHDRAWAL)


def execute(program, name, code, folder, token):
    """What went wrong; of the feed, until the first event."""
    file = folder / LANGUAGES[program][1]
    file.write_text(code)
    environment = {**os.environ, "TOLL_TOKEN": token, "CURL_HOME": str(folder)}
    with subprocess.Popen([LANGUAGES[program][0], file], cwd=folder, env=environment, text=True, start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if name == "stream_events":
            seen = next((line for line in process.stdout if "8" in line), None)
            os.killpg(process.pid, signal.SIGTERM)  # curl is a child of the shell
            said, failed = process.communicate()[1], not seen
        else:
            output, said = process.communicate(timeout=60)
            failed, said = process.returncode != 0 or not output.strip(), said + output
    if failed:
        yield f"{program}, {name}: {said[-600:]}\n{code}"


def faults(program, browser, server, folder):
    tab = browser.tab()
    tab.open(f"http://127.0.0.1:{server.port}/docs")
    printed = dict(tab.run(f"{PRINTED}({program!r})"))
    for step in ORDER:
        if callable(step):
            step(server)
            continue
        code = printed[step].replace(WITHDRAWAL, last_withdrawal(server)) if "withdrawal" in step else printed[step]
        wrong = list(execute(program, step, code, folder, server.token))
        yield from wrong
        if wrong:
            return  # what comes next needs what this one does


def main():
    tolld, tollctl, path = map(os.path.abspath, sys.argv[1:])
    missing = {operation.node["operationId"] for operation in Document(path).operations} - set(ORDER)
    found = [f"not run: {sorted(missing)}"] if missing else []
    programs = [name for name, (program, _) in LANGUAGES.items() if shutil.which(program)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, Browser(name) as browser:
        for program in programs:
            folder = pathlib.Path(name) / program
            token = make_token(tollctl, f"{folder}.data", "a", "admin")
            server = Server(tolld, f"{folder}.data", "--test-clock", START, token=token)
            try:
                found += faults(program, browser, server, workshop(folder))
            finally:
                server.kill()
    print(*found, f"{len(ORDER) - 2} programs in each of {', '.join(programs)}; {len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
