#!/usr/bin/env python3
"""The page of metrics, the alert rules and the dashboard, compared with what a real server shows.

    tests/monitoring/monitoring.py TOLLD ROOT"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from tolld import Server, require  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
PROMETHEUS_OWN = {"up"}
PROMETHEUS_LABELS = {"instance", "job", "le"}
ROW = re.compile(r"^\| `((?:toll|process)_\w+)` \| (\w+) \|([^|]*)\| [^|]+ \| [^|]+ \|$", re.MULTILINE)
METRIC = re.compile(r"\b(?:(?:toll|process)_\w+|up)\b")
LABELS = re.compile(r"\{([^}]*)\}|\bby \(([^)]*)\)")


def certificate(folder):
    files = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def scrape(tolld, folder):
    """With TLS, after a refusal and a session that was paid and refunded: then every family is there."""
    cert, key = certificate(folder)
    server = Server(tolld, str(folder / "data"), "--tls-cert", str(cert), "--tls-key", str(key))
    try:
        get = ["curl", "-sS", "--fail", "--cacert", cert, "--connect-to", f"localhost:443:127.0.0.1:{server.port}"]
        subprocess.run([*get, "https://localhost/livez"], check=True, capture_output=True)
        refused = subprocess.run([*get, "https://localhost/v1/sessions/none"], capture_output=True, text=True, check=False)
        require("404" in refused.stderr, refused)

        def send(method, path, **body):
            subprocess.run([*get, "-X", method, f"https://localhost/v1/{path}", "--json", json.dumps(body)], check=True, capture_output=True)

        send("PUT", "subscriptions/s1", patient_id="p1", units={"text": 2}, ends_at="2099-01-01T00:00:00Z")
        send("POST", "sessions", id="c1", channel="text", patient_id="p1", doctor_id="d1")
        send("POST", "sessions/c1/messages", **{"from": "patient"})
        send("POST", "sessions/c1/messages", **{"from": "doctor"})
        send("POST", "sessions/c1/end")
        send("POST", "sessions/c1/refunds", units=1, reason="by mistake")
        subprocess.run([*get, "https://localhost/v1/sessions"], check=True, capture_output=True)  # all of it is in the rows then
        shown = subprocess.run([*get, "https://localhost/metrics"], check=True, capture_output=True, text=True).stdout
        for counted in ('toll_sessions_ended_total{reason="hangup"} 1', 'toll_sessions_ended_total{reason="missed"} 0',
                        'toll_money_earned_total{currency="MWK"} 350000', 'toll_money_refunded_total{currency="MWK"} 350000'):
            require(f"\n{counted}\n" in shown, counted)
        return shown
    finally:
        server.kill()


def families(text):
    """{name: (type, labels)}"""
    found = {}
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
        series = re.findall(rf"^{name}(?:_count)?(?:\{{(.*)\}})? ", text, re.MULTILINE)
        require(series, f"{name} has no series")
        found[name] = kind, {label for one in series for label in re.findall(r'(\w+)="', one)}
    return found


def series_of(shown):
    """{name of a series: labels}"""
    for name, (kind, labels) in shown.items():
        for end in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            yield name + end, labels


def check_page(page, shown):
    written = {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in ROW.findall(page)}
    for name in sorted(written.keys() | shown.keys()):
        if written.get(name) != shown.get(name):
            yield f"{name}: the page says {written.get(name)}, the server {shown.get(name)}"


def check_query(query, known):
    names = set(METRIC.findall(query))
    if not names:
        yield f"no metric in {query}"
    if unknown := names - known.keys() - PROMETHEUS_OWN:
        yield f"{sorted(unknown)} in {query}"
    labels = set().union(*(known.get(name, set()) for name in names)) | PROMETHEUS_LABELS
    for matched, grouped in LABELS.findall(query):
        used = set(re.findall(r"(\w+)\s*[=!]", matched)) | set(re.findall(r"\w+", grouped))
        yield from (f"the label {label} in {query}" for label in sorted(used - labels))


def promtool(*words):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"promtool {' '.join(map(str, words))}: {done.stdout}{done.stderr}"


def check_rules(root, page, known):
    """Each alert is tested, firing and silent, and the page names it."""
    path, test = root / "packaging/prometheus/toll.rules.yml", root / "tests/monitoring/rules_test.yml"
    yield from promtool("check", "rules", path)
    yield from promtool("test", "rules", test)
    rules = [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]
    expected = {(case["alertname"], bool(case.get("exp_alerts")))
                for one in yaml.safe_load(test.read_text())["tests"] for case in one["alert_rule_test"]}
    for rule in rules:
        yield from (f"{rule['alert']}: {fault}" for fault in check_query(rule["expr"], known))
        for fires in (True, False):
            if (rule["alert"], fires) not in expected:
                yield f"{rule['alert']}: no test in which it {'fires' if fires else 'is silent'}"
    if len(rules) * 2 != len(expected):
        yield "a test of an alert that is not there"
    named, there = set(re.findall(r"`(Toll\w+)`", page)), {rule["alert"] for rule in rules}
    yield from (f"{name} is in the page or in the rules only" for name in sorted(named ^ (there - {"TollDown"})))


def queries(dashboard):
    for panel in dashboard["panels"]:
        require(panel["targets"], panel["title"])
        for target in panel["targets"]:
            yield target["expr"]


def check_dashboard(root, folder, known):
    dashboard = json.loads((root / "packaging/grafana/toll.json").read_text())
    exprs = list(queries(dashboard))
    for expr in exprs:
        yield from (f"dashboard: {fault}" for fault in check_query(expr, known))
    # As rules, so that promtool reads them.
    plain = [expr.replace("$__rate_interval", "5m") for expr in exprs]
    rules = folder / "dashboard.yml"
    rules.write_text(json.dumps({"groups": [{"name": "d", "rules": [{"record": f"q{i}", "expr": e} for i, e in enumerate(plain)]}]}))
    yield from promtool("check", "rules", rules)


def check_configuration(root, page, folder):
    """The page's own configuration, with its files in other places."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (folder / "toll.token").write_text("toll_x")
    for file, there in (("toll.rules.yml", root / "packaging/prometheus/toll.rules.yml"), ("toll.token", folder / "toll.token")):
        require(f"/etc/prometheus/{file}" in block, block)
        block = block.replace(f"/etc/prometheus/{file}", str(there))
    (folder / "prometheus.yml").write_text(block)
    yield from promtool("check", "config", folder / "prometheus.yml")


def main():
    if not shutil.which("promtool"):
        print("SKIPPED: promtool is not installed")
        sys.exit(SKIPPED)
    root = pathlib.Path(sys.argv[2]).resolve()
    page = (root / "docs/METRICS.md").read_text()
    with tempfile.TemporaryDirectory(prefix="toll-monitoring-") as name:
        folder = pathlib.Path(name)
        shown = families(scrape(os.path.abspath(sys.argv[1]), folder))
        known = dict(series_of(shown))
        found = [*check_page(page, shown), *check_rules(root, page, known), *check_dashboard(root, folder, known),
                 *check_configuration(root, page, folder)]
    print(*found, f"{len(shown)} families, {len(found)} faults", sep="\n")
    sys.exit(bool(found))


main()
