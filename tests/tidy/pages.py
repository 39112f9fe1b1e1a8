#!/usr/bin/env python3
"""The pages that people read: no cell of a table is longer than 200 characters, and every link leads somewhere.

    tests/tidy/pages.py ROOT"""

import pathlib
import re
import sys

LONGEST_CELL = 200
MOST_LINES = 120  # of the README
CELL = re.compile(r"(?<!\\)\|")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~)")


def lines_outside_fences(text):
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            inside = not inside
        elif not inside and not line.startswith("    "):
            yield number, line


def anchors(text):
    """As GitHub makes them: small letters, what is no word or space left out, spaces as hyphens."""
    for _, line in lines_outside_fences(text):
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            yield words.replace(" ", "-")


def faults(page, text, read):
    """`read(path)` is the text of another file, None if it is not there."""
    for number, line in lines_outside_fences(text):
        if line.startswith("|"):
            for cell in CELL.split(line.strip().strip("|")):
                if len(cell) > LONGEST_CELL:
                    yield f"{page}:{number}: a cell of {len(cell)} characters: {cell.strip()[:60]} ..."
        for found in LINK.finditer(line):
            target = found[1] or found[2]
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            other = text if not path else read(page.parent / path)
            if other is None:
                yield f"{page}:{number}: {target} leads nowhere"
            elif anchor and anchor not in set(anchors(other)):
                yield f"{page}:{number}: {target}: there is no such heading"


def check_itself():
    def read(path):
        return "# A b: c\n" if path == pathlib.Path("docs/there.md") else None

    page = pathlib.Path("docs/page.md")
    for right in ("[x](there.md)", "[x](there.md#a-b-c)", "[x](https://nowhere.invalid)", "|" + "x" * 200 + "| y |",
                  "# Here\n[x](#here)", "```\n[x](none.md)\n```", "    [x](none.md)"):
        assert not list(faults(page, right, read)), right
    for wrong in ("[x](none.md)", "![x](none.svg)", "[x](there.md#b)", "[x](#b)", "| " + "x" * 199 + " | y |"):
        assert len(list(faults(page, wrong, read))) == 1, wrong


def main():
    check_itself()
    root = pathlib.Path(sys.argv[1])
    built = re.compile(r"(^|/)(build[^/]*|node_modules|vendor|\.[^/]+)/")
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.md"))
    names = [path for path in paths if not built.search(path)]

    def read(path):
        whole = root / path
        if whole.is_dir():
            return ""
        return whole.read_text(errors="replace") if whole.exists() else None

    first = len((root / "README.md").read_text().splitlines())
    found = [f"README.md: {first} lines"] if first >= MOST_LINES else []
    found += [fault for name in names for fault in faults(pathlib.Path(name), (root / name).read_text(), read)]
    print("\n".join(found) if found else f"{len(names)} pages")
    sys.exit(bool(found))


main()
