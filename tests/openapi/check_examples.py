#!/usr/bin/env python3
"""Compares every example of an answer in the document with what a real server answers: check_examples.py TOLLD TOLLCTL OPENAPI_JSON"""
import os
import pathlib
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from document import Document  # noqa: E402
from story import REFUSED, START, STEPS, ask, comparable, play  # noqa: E402
from tolld import Server, make_token  # noqa: E402


def shown(document):
    """Every example of an answer, by what identifies it."""
    for operation in document.operations:
        for status, response in operation.responses.items():
            for media in response.get("content", {}).values():
                if "example" in media:
                    yield id(media), f"{operation.name} {status}"


def faults(document, send):
    missing = dict(shown(document))
    for name, (status, _, answer), media in play(document, send, STEPS + REFUSED):
        if not name.endswith(f" {status}"):
            yield f"{name}: {status} {answer}"
        if "example" in media:
            missing.pop(id(media), None)
            if comparable(answer) != comparable(media["example"]):
                yield f"{name}: the example is not the answer\n    {media['example']}\n    {answer}"
    yield from (f"{name}: its example was compared with no answer" for name in missing.values())


def main():
    document = Document(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        data = str(pathlib.Path(folder) / "data")
        token = make_token(sys.argv[2], data, "a", "admin")
        server = Server(sys.argv[1], data, "--test-clock", START, token=token)
        try:
            found = list(faults(document, lambda *what: ask(f"http://127.0.0.1:{server.port}", what[0], what[1], token, what[2])))
        finally:
            server.kill()
    print(*found, f"{len(dict(shown(document)))} examples, {len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
