#!/usr/bin/env python3
"""SIGHUP at any moment, from the first line of main to the end of a stop: it never ends the server.

    hang_up.py TOLLD
"""
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tolld

SESSIONS = 300


def catches_hang_ups(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return int(caught, 16) >> (signal.SIGHUP - 1) & 1


def hang_up_all_along(process, sent):
    """From when main has begun, a few times in each millisecond, until the process has ended."""
    while process.poll() is None and not catches_hang_ups(process.pid):
        pass
    while process.poll() is None:
        process.send_signal(signal.SIGHUP)
        sent[0] += 1
        time.sleep(0.0002)


def leave_work_for_a_start(program, data):
    server = tolld.Server(program, data)
    try:
        for number in range(SESSIONS):
            server.change("PUT", f"/v1/subscriptions/s{number}",
                          {"patient_id": f"p{number}", "units": {"text": 5}, "ends_at": "2099-01-01T00:00:00Z"})
            server.change("POST", "/v1/sessions", {"channel": "text", "patient_id": f"p{number}",
                                                   "doctor_id": f"d{number}"})
    finally:
        server.kill()


def certificate(folder):
    files = [f"{folder}/{name}.pem" for name in ("key", "certificate")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", files[0], "-out", files[1], "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return files


def said(log):
    log.seek(0)
    return log.read().decode()


def live_through(program, data, options, scheme, context=None):
    with tempfile.TemporaryFile("a+b") as log:
        process = subprocess.Popen([program, "--data", data, "--listen", "127.0.0.1:0", *options],
                                   stdout=subprocess.PIPE, stderr=log)
        sent = [0]
        flood = threading.Thread(target=hang_up_all_along, args=(process, sent))
        flood.start()
        try:
            line = process.stdout.readline().decode()
            tolld.require(line.startswith("listening on "), "it did not start")
            url = f"{scheme}://127.0.0.1:{line.rsplit(':', 1)[1].strip()}/livez"
            tolld.require(catches_hang_ups(process.pid), "SIGHUP ends it")
            while not said(log).count("reloading"):
                with urllib.request.urlopen(url, timeout=30, context=context) as answer:
                    tolld.require(answer.status == 200, "it does not serve")
            process.terminate()
            status = process.wait(60)
        finally:
            process.kill()
            flood.join()
        tolld.require(status == 0, f"SIGHUP during a stop: {status}\n{said(log)}")
        print(f"{scheme} {' '.join(options[:2])}: {sent[0]} times")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        leave_work_for_a_start(program, data)
        key, file = certificate(folder)
        trusting = ssl.create_default_context(cafile=file)
        live_through(program, data, ["--auth", "off"], "http")
        live_through(program, data, [], "http")
        live_through(program, data, ["--tls-cert", file, "--tls-key", key], "https", trusting)


if __name__ == "__main__":
    main()
