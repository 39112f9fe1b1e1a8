#!/usr/bin/env python3
"""Checks the document itself: check_document.py OPENAPI_JSON

By the schema that the OpenAPI Initiative publishes for 3.1, and by what that schema cannot say: schemas are valid in themselves,
references lead somewhere, nothing is unused, answers are closed, and every example is one.
"""
import json
import pathlib
import re
import sys

import jsonschema

from document import Document

OFFICIAL = pathlib.Path(__file__).parent / "oas-3.1.schema.json"


def walk(node, where="#"):
    yield where, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from walk(value, f"{where}/{str(key).replace('~', '~0').replace('/', '~1')}")


def check_official(document):
    validator = jsonschema.Draft202012Validator(json.loads(OFFICIAL.read_text()))
    for error in validator.iter_errors(document.raw):
        yield f"#/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def schemas(document):
    """Every Schema Object that stands alone, as it is after references are resolved."""
    for name, schema in document.resolved["components"]["schemas"].items():
        yield f"#/components/schemas/{name}", schema
    for where, node in walk(document.resolved):
        if isinstance(node, dict) and "schema" in node and not re.search(r"/(example|examples|properties)(/|$)", where):
            yield f"{where}/schema", node["schema"]


def check_schemas(document):
    for where, schema in schemas(document):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{where}: {error.message[:300]}"


def check_references(document):
    used = set()
    for where, node in walk(document.raw):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            used.add(node["$ref"])
    for kind, parts in document.raw["components"].items():
        for name in parts:
            reference = f"#/components/{kind}/{name}"
            if kind != "securitySchemes" and reference not in used:
                yield f"{reference} is not used"


def check_alone(document):
    """Many tools read nothing beside a $ref, or put it in the place of what the reference says."""
    for where, node in walk(document.raw):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and len(node) > 1:
            yield f"{where}: more than a $ref"


def codes(response):
    """The codes that a refusal may have."""
    problem = response["content"].get("application/problem+json", {"schema": {}})["schema"]
    code = problem.get("properties", {}).get("code", {"enum": []})
    return code.get("enum") or [code["const"]] if problem else []


def check_operations(document):
    ids, tags = set(), {tag["name"] for tag in document.raw["tags"]}
    for operation in document.operations:
        identity = operation.node.get("operationId")
        if not identity or identity in ids:
            yield f"{operation.name}: operationId {identity} is missing or not unique"
        ids.add(identity)
        # As a heading: a sentence's case, and what to do and not what it does.
        if not re.fullmatch(r"[A-Z][a-z]*[^s] [^.]+", operation.node.get("summary", "")):
            yield f"{operation.name}: the summary is no name that a person would say"
        if not set(operation.node.get("tags", ())) & tags:
            yield f"{operation.name}: no tag of the list"
        if set(operation.of("path")) != set(re.findall(r"\{([^}]*)\}", operation.path)):
            yield f"{operation.name}: the parameters in the path are not those that are documented"
        if operation.method == "POST" and "Idempotency-Key" not in operation.of("header"):
            yield f"{operation.name}: no Idempotency-Key"
        if not any(status.startswith("2") for status in operation.responses):
            yield f"{operation.name}: no success"


def check_errors(document):
    """The table of codes has every code of the operations, with its status, and no other: but for the one that no operation has."""
    table = {branch["const"]: branch for branch in document.raw["components"]["schemas"]["ErrorCode"]["oneOf"]}
    used = {"method_not_allowed": 405}
    for operation in document.operations:
        for status, response in operation.responses.items():
            for code in codes(response):
                used[code] = int(status)
                if table.get(code, {}).get("x-status") != int(status):
                    yield f"{operation.name}: {status} {code} is not in the table of codes"
    for code, branch in table.items():
        if code not in used:
            yield f"{code} is the code of no operation"
        if not branch.get("description") or not branch.get("x-remedy"):
            yield f"{code}: nothing says what it means, or what to do"


def check_closed(document):
    """An answer with a field that is not in the document must fail."""
    for where, schema in schemas(document):
        if where.startswith("#/paths/~1openapi.json"):
            continue
        for inner, node in walk(schema, where):
            fields = isinstance(node, dict) and node.get("type") == "object"
            if fields and "additionalProperties" not in node:
                yield f"{inner}: not closed"


def check_examples(document):
    for where, node in walk(document.resolved):
        if not isinstance(node, dict) or re.search(r"/(example|examples|properties)(/|$)", where):
            continue
        if "example" in node and "schema" in node:
            for error in document.errors(node["schema"], node["example"]):
                yield f"{where}/example{error}"
    for where, schema in schemas(document):
        for example in schema.get("examples", ()) if isinstance(schema, dict) else ():
            for error in document.errors(schema, example):
                yield f"{where}/examples{error}"
    for operation in document.operations:
        media = [response["content"].get("application/json", {"example": 0})
                 for status, response in operation.responses.items() if status.startswith("2")]
        if operation.body and operation.body.get("properties"):
            media.append(operation.node["requestBody"]["content"]["application/json"])
        if operation.path != "/openapi.json" and not all("example" in one or "examples" in one for one in media):
            yield f"{operation.name}: a success or a body has no example"


CHECKS = (check_official, check_schemas, check_references, check_alone, check_operations, check_errors, check_closed, check_examples)


def faults(document):
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(document)]


def main():
    document = Document(sys.argv[1])
    found = faults(document)
    print(*found, f"{len(document.operations)} operations, {sum(1 for _ in schemas(document))} schemas, {len(found)} faults",
          sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
