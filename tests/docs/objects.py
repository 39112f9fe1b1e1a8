#!/usr/bin/env python3
"""The objects of docs/API.md against the server's own document: the same fields, none more and none fewer.

    tests/docs/objects.py ROOT TOLLD"""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(1, str(ROOT / "tests/support"))

from tolld import Server, require  # noqa: E402

# What stands in the line before a table: the schemas that have its fields, one for each of its names.
OBJECTS = {"An error is": "Problem", "A **subscription**": "Subscription", "The **counters**": "ChannelUnits", "A **balance**": "Balance",
           "A **wallet**": "Wallet", "An **entry**": "Entry", "A **withdrawal**": "Withdrawal", "**Start**": "SessionStart",
           "**Deduct**": "Deducted", "**End**": "EndedNow", "**A batch**": "BatchItemRefused", "A **session**": "Session",
           "A **line**": "Line", "**`POST /v1/test/clock`**": "ClockStep", "### `PUT /v1/subscriptions/{id}`": "SubscriptionGrant",
           "### `PATCH /v1/subscriptions/{id}`": "SubscriptionChange"}


def tables(page):
    """The line before each table of fields, and the names in its first column."""
    for before, rows in re.findall(r"^(\S.*)\n\n\| field[^|]* \| type \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE):
        yield before, {name for cell in re.findall(r"^\| ([^|]*) \|", rows, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}


def differences(page, schemas):
    found = list(tables(page))
    for begin, schema in OBJECTS.items():
        fields = [names for before, names in found if before.startswith(begin)]
        if len(fields) != 1:
            yield f"{begin}: {len(fields)} tables"
        elif fields[0] != set(schemas[schema]["properties"]):
            yield f"{begin}: {sorted(fields[0] ^ set(schemas[schema]['properties']))} is in one of page and document only"


def check_itself():
    page = "A **wallet**:\n\n| field | type | meaning |\n|---|---|---|\n| `a`, `b` | id | x `c` |\n| `d` | text | y |\n"
    assert list(tables(page)) == [("A **wallet**:", {"a", "b", "d"})]


def main():
    check_itself()
    with tempfile.TemporaryDirectory(prefix="toll-objects-") as folder:
        server = Server(sys.argv[2], f"{folder}/data")
        try:
            schemas = server.get("/openapi.json")["components"]["schemas"]
        finally:
            server.terminate()
    found = list(differences((ROOT / "docs/API.md").read_text(), schemas))
    require(not found, "\n".join(found))
    print(f"{len(OBJECTS)} objects")


main()
