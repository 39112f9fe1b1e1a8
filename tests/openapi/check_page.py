#!/usr/bin/env python3
"""Opens /docs of a real server in a browser: check_page.py TOLLD OPENAPI_JSON

The page shows every operation of the document and the codes of its refusals, and nothing that it loads comes from elsewhere.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from document import Document

BROWSER = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
           "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
           "--virtual-time-budget=10000", "--dump-dom"]


def serve(tolld, folder):
    command = [tolld, "--data", f"{folder}/data", "--listen", "127.0.0.1:0", "--auth", "off"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return server, "http://" + server.stdout.readline().split()[-1]


def requested(log, server):
    """Every address that the page asked for; what the browser wants for itself has no page as its initiator."""
    log = json.loads(log.read_text())
    kind = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    starts = [event.get("params", {}) for event in log["events"] if event["type"] == kind]
    return {start["url"] for start in starts if start.get("initiator") == server}


def refusals(document):
    """The codes of each refusal that not every operation has."""
    for operation in document.operations:
        for status in {"402", "404", "409"} & set(operation.responses):
            code = operation.responses[status]["content"]["application/problem+json"]["schema"]["properties"]["code"]
            yield code.get("enum") or [code["const"]]


def faults(page, urls, server, document):
    shown = set(re.findall(r'<article id="([a-z_]+)"', page))
    wanted = {operation.node["operationId"] for operation in document.operations}
    if shown != wanted:
        yield f"operations that only the page or only the document has: {sorted(shown ^ wanted)}"
    if page.count('class="endpoint"') != len(wanted):
        yield "an operation has no method and path"
    types = re.findall(r'class="type">([^<]*)<', page)
    for code in set(sum(refusals(document), [])):
        if not any(re.search(rf"\b{code}\b", text) for text in types):
            yield f"the code {code} is not shown"
    if page.count('class="name">detail<') < len(list(refusals(document))):
        yield "a refusal has only the fields that are its own"
    elsewhere = sorted(url for url in urls if not url.startswith(f"{server}/"))
    if elsewhere:
        yield f"requests to elsewhere: {elsewhere}"
    if f"{server}/openapi.json" not in urls:
        yield "the browser did not ask for the document"


def open_page(address, folder):
    """The page as the browser has built it, and what it asked for."""
    log = pathlib.Path(folder) / "net.json"
    browser = BROWSER + [f"--user-data-dir={folder}/profile", f"--log-net-log={log}", f"{address}/docs"]
    done = subprocess.run(browser, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60, check=True)
    return done.stdout, requested(log, address)


def main():
    document = Document(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        server, address = serve(sys.argv[1], folder)
        try:
            page, urls = open_page(address, folder)
        finally:
            server.terminate()
            server.wait(20)
    found = list(faults(page, urls, address, document))
    print(*found, f"{len(page)} characters shown, {len(urls)} requests by the page, {len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
