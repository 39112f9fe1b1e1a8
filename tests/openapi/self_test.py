#!/usr/bin/env python3
"""Shows that the checks can fail: self_test.py OPENAPI_JSON. Each planted fault must be seen, and the clean ones must pass."""
import copy
import json
import sys
import tempfile

import check_document
from check_exchanges import Checker
from document import Document

PROBLEM = {"type": "urn:toll:problem:session_over", "title": "Conflict", "status": 409, "detail": "Over.", "code": "session_over"}
HEADERS = {"content-type": "application/json", "content-length": "1", "x-request-id": "r-1", "cache-control": "no-store",
           "x-content-type-options": "nosniff"}
WALLET = {"doctor_id": "d1", "currency": "MWK", "balance": -5, "earned": 0, "withdrawn": 5, "pending": 0}


def plant(document, change):
    raw = copy.deepcopy(document.raw)
    change(raw)
    with tempfile.NamedTemporaryFile("w+", suffix=".json") as file:
        json.dump(raw, file)
        file.flush()
        return Document(file.name)


def operation(raw, path="/livez", method="get"):
    return raw["paths"][path][method]


DOCUMENT_FAULTS = {
    check_document.check_official: lambda raw: raw["info"].pop("version"),
    check_document.check_schemas: lambda raw: raw["components"]["schemas"]["Id"].update(type="text"),
    check_document.check_references: lambda raw: raw["components"]["schemas"].update(Unused={"type": "string"}),
    check_document.check_alone: lambda raw: operation(raw)["responses"]["400"].update(description="Another one."),
    check_document.check_operations: lambda raw: operation(raw).update(operationId="get_readyz"),
    check_document.check_errors: lambda raw: raw["components"]["schemas"]["ErrorCode"]["oneOf"].pop(),
    check_document.check_closed: lambda raw: raw["components"]["schemas"]["Wallet"].pop("additionalProperties"),
    check_document.check_examples: lambda raw: operation(raw)["responses"]["200"]["content"]["application/json"]["example"].update(status="no"),
}


def exchange(method="GET", target="/v1/doctors/d1/wallet", status=200, body=WALLET, headers=(), request=""):
    kind = {"content-type": "application/problem+json"} if status >= 400 else {}
    return {"test": "", "method": method, "target": target, "request_type": "", "request_body": request, "status": status,
            "headers": {**HEADERS, **kind, **dict(headers)}, "body": json.dumps(body)}


def refused(status, code, **more):
    return exchange(status=status, body={**PROBLEM, "status": status, "code": code}, **more)


def streamed(kind, body):
    return {**exchange("GET", "/v1/events/stream", headers={"content-type": "text/event-stream", "x-accel-buffering": "no"}),
            "body": f"id: 4\nevent: {kind}\ndata: {json.dumps(body)}\n\n"}


READY = {"seq": 4, "at": "2026-01-01T00:00:00.000Z", "type": "ready"}
CLEAN = (
    streamed("ready", READY),
    exchange(),
    refused(404, "doctor_not_found"),
    refused(404, "not_found", target="/nothing"),
    refused(405, "method_not_allowed", method="PUT", headers={"allow": "GET, HEAD, OPTIONS"}),
    refused(400, "invalid_request", method="", target=""),
    refused(409, "session_over", method="POST", target="/v1/sessions/c1/activate"),
    {**exchange("OPTIONS", status=204, headers={"allow": "GET, HEAD, OPTIONS"}), "body": ""},
    {**exchange("HEAD"), "body": ""},
    exchange("POST", "/v1/sessions/c1/end", body={**PROBLEM, "code": "session_not_found", "status": 404}, status=404, request="[]"),
    exchange("GET", "/v1/events?after=3", body={"items": [], "next_after": 3}),
)
FAULTY = {
    "another list of methods": {**exchange("OPTIONS", status=204, headers={"allow": "GET, HEAD, OPTIONS, PUT"}), "body": ""},
    "an answer that may be kept": exchange(headers={"cache-control": "max-age=60"}),
    "a streamed field": streamed("ready", {**READY, "extra": 1}),
    "a stream that contradicts itself": streamed("charged", READY),
    "an unknown route that is granted": exchange(target="/v1/doctors/d1/purse"),
    "a known route that is not found": refused(404, "not_found"),
    "a status": exchange(status=202),
    "a code": refused(404, "no_doctor"),
    "a further field": exchange(body={**WALLET, "extra": 1}),
    "a missing field": exchange(body={k: v for k, v in WALLET.items() if k != "balance"}),
    "a wrong type": exchange(body={**WALLET, "balance": "5"}),
    "null": exchange(body={**WALLET, "currency": None}),
    "a content type": exchange(headers={"content-type": "text/html"}),
    "a further header": exchange(headers={"x-secret": "1"}),
    "a missing header": refused(503, "overloaded"),
    "Allow": refused(405, "method_not_allowed", method="PUT", headers={"allow": "GET, HEAD, OPTIONS, POST"}),
    "an event of an unknown type": exchange("GET", "/v1/events", body={"items": [{"seq": 1, "type": "sold"}], "next_after": 1}),
    "a parameter": exchange("GET", "/v1/events?from=3", body={"items": [], "next_after": 3}),
    "a parameter's range": exchange("GET", "/v1/events?limit=501", body={"items": [], "next_after": 3}),
    "an id in a path": exchange(target="/v1/doctors/a$b/wallet"),
    "a field of a request": exchange("PUT", "/v1/doctors/d1", request='{"name": "x"}', body={"doctor_id": "d1", "currency": "MWK"}),
    "a body with HEAD": exchange("HEAD"),
}


def main():
    document = Document(sys.argv[1])
    wrong = [f"a clean document is faulty: {fault}" for fault in check_document.faults(document)]
    for check, change in DOCUMENT_FAULTS.items():
        if not list(check(plant(document, change))):
            wrong.append(f"{check.__name__} does not see its fault")
    for clean in CLEAN:
        wrong += [f"{clean['method']} {clean['target']} {clean['status']}: {fault}" for fault in Checker(document).check(clean)]
    for what, faulty in FAULTY.items():
        if not list(Checker(document).check(faulty)):
            wrong.append(f"not seen: {what}")
    if len(list(Checker(document).check_coverage())) < len(document.operations):
        wrong.append("nothing was seen, and nothing is missing")
    print(*wrong, f"{len(DOCUMENT_FAULTS) + len(FAULTY) + 1} faults planted, {len(wrong)} not seen", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
