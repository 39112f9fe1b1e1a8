"""The OpenAPI document as the checks use it: references resolved, validators made once for each schema."""
import json
import re
import urllib.parse

import jsonschema

METHODS = ("get", "put", "patch", "post", "delete", "head", "options", "trace")


def one_of(validator, branches, instance, schema):
    """oneOf that goes to the branch which the discriminator names, and so says what is wrong there."""
    discriminator = schema.get("discriminator")
    if not discriminator:
        yield from jsonschema.Draft202012Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)
        return
    name = discriminator["propertyName"]
    value = instance.get(name) if isinstance(instance, dict) else None
    chosen = [b for b in branches if b["properties"][name]["const"] == value]
    if len(chosen) != 1:
        yield jsonschema.ValidationError(f"{value!r} is no {name} that the document knows")
        return
    yield from validator.descend(instance, chosen[0])


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"oneOf": one_of})


class Operation:
    def __init__(self, method, path, node, item):
        self.method, self.path, self.node = method.upper(), path, node
        self.name = f"{self.method} {path}"
        self.parameters = {(p["in"], p["name"]): p for p in item.get("parameters", []) + node.get("parameters", [])}
        self.responses = node["responses"]
        self.body = node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")

    def of(self, place):
        return {name: p for (where, name), p in self.parameters.items() if where == place}


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.raw = json.load(file)
        self.targets = {}
        self.resolved = self.resolve(self.raw)
        self.validators = {}
        self.operations = [Operation(method, path, node, item)
                           for path, item in self.resolved["paths"].items()
                           for method, node in item.items() if method in METHODS]
        self.patterns = []
        for path in self.resolved["paths"]:
            text = re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(path))
            self.patterns.append((path, re.compile(text)))

    def target(self, reference):
        node = self.raw
        for token in reference.removeprefix("#/").split("/"):
            node = node[token.replace("~1", "/").replace("~0", "~")]
        return node

    def resolve(self, node):
        """The node with what it refers to in its place, so that validating follows no references."""
        if isinstance(node, list):
            return [self.resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {key: self.resolve(value) for key, value in node.items()}
        reference = node["$ref"]
        if reference not in self.targets:
            self.targets[reference] = self.resolve(self.target(reference))
        return self.targets[reference]

    def errors(self, schema, value):
        """What is wrong with the value, each with the place."""
        validator = self.validators.get(id(schema))
        if validator is None:
            validator = self.validators[id(schema)] = Validator(schema)
        return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(value)]

    def path_of(self, target):
        """(path, ids) of a request's target, or (None, []); a fixed segment wins over {id}."""
        text = re.sub(r"^[a-z]+://[^/]*", "", target).split("?")[0]
        found = []
        for path, pattern in self.patterns:
            match = pattern.fullmatch("/".join(urllib.parse.unquote(s).replace("/", "%2F") for s in text.split("/")))
            if match:
                found.append((match.re.groups, path, list(match.groups())))
        return min(found)[1:] if found else (None, [])

    def operation(self, method, path):
        return next((o for o in self.operations if (o.method, o.path) == (method, path)), None)
