#!/usr/bin/env python3
"""Compares what the end-to-end tests saw with the document: check_exchanges.py OPENAPI_JSON DIRECTORY

The directory has what tests/support/exchange_log wrote. Each answer must be one that the document names: operation, status, code,
headers, and every field; each request that was granted must be one that it allows. And nothing in the document may be untested:
every success of every operation was seen.
"""
import collections
import copy
import json
import pathlib
import re
import sys
import urllib.parse

from document import Document

# Of any answer of any server; the document names the others.
PLAIN_HEADERS = {"connection", "content-length", "content-type", "date", "transfer-encoding"}
# What may meet a request that is no operation of the document.
STRAY = ("InvalidRequest", "Unauthenticated", "Forbidden", "NotFound", "RequestTimeout", "PayloadTooLarge", "UnsupportedMediaType",
         "ExpectationFailed", "MisdirectedRequest", "RateLimited", "HeadersTooLarge", "UnavailableForWrites")
# For people: no part of the API.
PAGE = re.compile(r"/(docs(/|$)|$)")
SHAPE = str.maketrans("123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", "0" * 9 + "A" * 25)


def shape(text):
    """Values that differ in digits and capitals only are checked once."""
    return text.translate(SHAPE)


def meant(text):
    """A request's body without what says nothing: members that are null; [] at the top is {}."""
    def without_nulls(value):
        if isinstance(value, dict):
            return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
        return [without_nulls(item) for item in value] if isinstance(value, list) else value

    return without_nulls(json.loads(text or "{}")) or {}


def typed(schema, text):
    """A parameter or header as the type that its schema wants, where it can be read as one."""
    wants_number = isinstance(schema, dict) and schema.get("type") == "integer"
    return int(text) if wants_number and re.fullmatch(r"-?\d+", text) else text


def events(stream):
    """What `data` says in each block of server-sent events; None where `id` and `event` say something else."""
    for block in re.findall(r"^id: (\d+)\nevent: (.*)\ndata: (.*)\n$", stream, re.MULTILINE):
        event = json.loads(block[2])
        yield event if block[:2] == (str(event["seq"]), event["type"]) else None


def fields_of(problem):
    return problem["content"]["application/problem+json"]["schema"]["properties"]


def method_not_allowed(like):
    """Of no operation, so the document says it in words only."""
    response = copy.deepcopy(like)
    fields_of(response).update(status={"const": 405}, code={"const": "method_not_allowed"})
    response["headers"]["Allow"] = {"required": True, "schema": {"pattern": "^[A-Z]+(, [A-Z]+)*$"}}
    return response


class Checker:
    def __init__(self, document):
        self.document = document
        self.stray = {}
        for name in STRAY:
            response = document.resolved["components"]["responses"][name]
            self.stray[str(fields_of(response)["status"]["const"])] = response
        self.stray["405"] = method_not_allowed(self.stray["404"])
        self.seen_items = set()
        self.seen = collections.Counter()  # (operation, status)
        self.codes = set()  # (operation, status, code)
        self.refused, self.passed = collections.Counter(), collections.Counter()  # 400s by operation

    def thin(self, value, where):
        """The value without the items of arrays that look like one that was checked at this place before."""
        if isinstance(value, dict):
            return {key: self.thin(inner, f"{where}/{key}") for key, inner in value.items()}
        if not isinstance(value, list):
            return value
        kept = []
        for item in value:
            key = (where, shape(json.dumps(item)))
            if key not in self.seen_items:
                self.seen_items.add(key)
                kept.append(self.thin(item, where + "[]"))
        return kept

    def check(self, exchange):
        """What is wrong with one exchange."""
        document = self.document
        path, ids = document.path_of(exchange["target"])
        if exchange["method"] == "OPTIONS" and exchange["status"] == 204:
            yield from self.check_options(exchange, path)
            return
        head = exchange["method"] == "HEAD"
        operation = document.operation("GET" if head else exchange["method"], path)
        status = str(exchange["status"])
        if operation is None:
            if exchange["status"] == 404 and path:
                yield f"404, but the document has {path}"
            if exchange["status"] == 405:
                yield from self.check_allow(exchange, path)
            response = self.stray.get(status)
        else:
            response = operation.responses.get(status)
            self.seen[operation.name, status] += not head
        if response is None:
            yield f"status {status} is not in the document"
            return
        yield from self.check_headers(response, exchange["headers"])
        if head:
            if exchange["body"]:
                yield "an answer to HEAD has a body"
            return
        yield from self.check_body(response, exchange, operation.name if operation else "")
        if operation is None:
            return
        if status.startswith("2"):
            yield from self.check_request(operation, exchange, ids)
        elif status == "400" and operation.body:
            (self.passed if self.body_passes(operation, exchange) else self.refused)[operation.name] += 1

    def check_options(self, exchange, path):
        yield from self.check_allow(exchange, path)
        if exchange["body"]:
            yield "an answer without content has a body"

    def check_allow(self, exchange, path):
        """Every path answers OPTIONS, and HEAD as GET, so the document does not say it at each."""
        methods = {o.method for o in self.document.operations if o.path == path}
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        if set(exchange["headers"].get("allow", "").split(", ")) != allowed:
            yield f"Allow is {exchange['headers'].get('allow')!r}, the document has {sorted(methods)}"

    def check_headers(self, response, headers):
        documented = {name.lower(): header for name, header in response.get("headers", {}).items()}
        for name, header in documented.items():
            if name not in headers:
                if header.get("required"):
                    yield f"the header {name} is missing"
                continue
            for error in self.document.errors(header["schema"], typed(header["schema"], headers[name])):
                yield f"header {name}: {error}"
        for name in set(headers) - set(documented) - PLAIN_HEADERS:
            yield f"the header {name} is not in the document"

    def check_body(self, response, exchange, name):
        kind = exchange["headers"].get("content-type", "").split(";")[0]
        if kind not in response["content"]:
            yield f"the content type {kind} is not in the document"
            return
        schema = response["content"][kind]["schema"]
        if kind == "text/event-stream":
            values = [(self.document.resolved["components"]["schemas"]["Event"], event) for event in events(exchange["body"])]
        elif kind.endswith("json"):
            values = [(schema, json.loads(exchange["body"]))]
        else:
            values = [(schema, exchange["body"])]
        for wanted, value in values:
            if isinstance(value, dict) and "code" in value:
                self.codes.add((name, str(exchange["status"]), value["code"]))
            yield from self.document.errors(wanted, self.thin(value, f"{name} {exchange['status']}"))

    def check_request(self, operation, exchange, ids):
        for (name, parameter), value in zip(operation.of("path").items(), ids):
            for error in self.document.errors(parameter["schema"], value):
                yield f"granted, but {name} in the path: {error}"
        query = urllib.parse.parse_qsl(exchange["target"].partition("?")[2], keep_blank_values=True)
        for name, value in query:
            parameter = operation.of("query").get(name)
            if not parameter:
                yield f"granted, but the query parameter {name} is not in the document"
                continue
            for error in self.document.errors(parameter["schema"], typed(parameter["schema"], value)):
                yield f"granted, but {name}: {error}"
        body = meant(exchange["request_body"])
        if operation.body is None:
            if body:
                yield "granted, but the document has no body"
            return
        for error in self.document.errors(operation.body, self.thin(body, f"{operation.name} request")):
            yield f"granted, but body {error}"

    def body_passes(self, operation, exchange):
        try:
            body = meant(exchange["request_body"])
        except (ValueError, RecursionError):
            return False
        return not self.document.errors(operation.body, body)

    def check_coverage(self):
        for operation in self.document.operations:
            for status in operation.responses:
                if status.startswith("2") and not self.seen[operation.name, status]:
                    yield f"{operation.name}: no test has seen {status}"
            if operation.body and self.passed[operation.name] and not self.refused[operation.name]:
                yield f"{operation.name}: the document would have allowed every body that was refused"


def read(directory):
    """The exchanges, each shape once; those that tests of several processes share come once as well."""
    shapes, total = set(), 0
    for path in sorted(pathlib.Path(directory).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
            total += 1
            key = (exchange["method"], exchange["status"],
                   shape(json.dumps([exchange[k] for k in ("target", "request_type", "request_body", "body")])))
            if key not in shapes:
                shapes.add(key)
                yield exchange


def main():
    checker = Checker(Document(sys.argv[1]))
    checked, faults = 0, []
    for exchange in read(sys.argv[2]):
        if PAGE.match(exchange["target"]):
            continue
        checked += 1
        for fault in checker.check(exchange):
            faults.append(f"{fault}\n    in {exchange['test']!r}: {exchange['method']} {exchange['target'][:200]} "
                          f"{exchange['request_body'][:200]}\n    -> {exchange['status']} {exchange['body'][:400]}")
    faults += checker.check_coverage()
    print(*faults[:50], sep="\n")
    print(f"{checked} exchanges of {len(checker.seen)} kinds, {len(checker.codes)} refusals by operation and code; "
          f"bad bodies: {sum(checker.refused.values())} refused by the document as well, "
          f"{sum(checker.passed.values())} by the server only; {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
