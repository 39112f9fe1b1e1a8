"""Makes the one JSON document that the server shows from the YAML files beside this script.

    bundle.py OUT VERSION

Each file is read with shared.yaml in front, whose anchors all of them use. What shared.yaml itself says, and every key at the
top that begins with x-, stays out of the document; a key that two files give is an error. What stands beside a `$ref` here is
beside an `allOf` of it there: many tools read nothing beside a `$ref`.
"""
import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).parent
# The order in which a reader of the document meets the operations.
FILES = ("api", "subscriptions", "sessions", "doctors", "events", "server", "session_schemas", "event_schemas", "values",
         "errors", "problems")


def merge(into, part, where):
    for key, value in part.items():
        if isinstance(into.get(key), dict) and isinstance(value, dict):
            merge(into[key], value, f"{where}/{key}")
        elif key in into:
            sys.exit(f"{where}/{key} is given twice")
        else:
            into[key] = value


def apart(node):
    """The node with every reference standing alone."""
    if isinstance(node, list):
        return [apart(item) for item in node]
    if not isinstance(node, dict):
        return node
    beside = {key: apart(value) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return beside
    alone = {"$ref": node["$ref"]}
    return {"allOf": [alone], **beside} if beside else alone


def bundle():
    shared = (HERE / "shared.yaml").read_text()
    document = {}
    for name in FILES:
        part = yaml.safe_load(shared + (HERE / f"{name}.yaml").read_text())
        # Anchors make equal objects the same one: through JSON each place gets its own.
        part = json.loads(json.dumps({k: v for k, v in part.items() if not k.startswith("x-")}))
        merge(document, part, "#")
    for path in document["paths"].values():
        for operation in path.values():
            if "responses" in operation:
                operation["responses"] = dict(sorted(operation["responses"].items()))
    return apart(document)


def main():
    known = {f"{name}.yaml" for name in FILES + ("shared",)}
    unknown = {path.name for path in HERE.glob("*.yaml")} - known
    if unknown:
        sys.exit(f"not in FILES: {', '.join(sorted(unknown))}")
    document = bundle()
    document["info"]["version"] = sys.argv[2]
    pathlib.Path(sys.argv[1]).write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


main()
