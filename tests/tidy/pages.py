#!/usr/bin/env python3
"""The pages that people read: no cell of a table is longer than 200 characters, every link leads somewhere, what a
command names is there, and every block that somebody may paste is run by a test, or says that it is not
(tests/support/blocks.py).

    tests/tidy/pages.py ROOT"""

import pathlib
import re
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from blocks import MARK, blocks  # noqa: E402

RUNS_ALL = "tests/docs/commands.py"  # runs every block that names it, of any page
LONGEST_CELL = 200
MOST_LINES = 120  # of the README
CELL = re.compile(r"(?<!\\)\|")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~)")
SPAN = re.compile(r"`([^`]+)`")
ROOMS = "access|actors|bench|billing|clients|cmake|docs|http|packaging|persistence|tests|tools"
PATH = re.compile(rf"(?:^| |\.\./)((?:{ROOMS})/[\w./*-]+)(?![\w{{]|/\{{)")
SELECTED = re.compile(r"(?:ctest|tools/test)\b.*? -R (?:'([^']+)'|(\w+))")
TEST = re.compile(r"(?:add_test\(NAME|toll_test\()\s*(\w+)")


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


def unmarked(page, text, read):
    """`read(path)` is the text of a file below the root, None if it is not there."""
    for block in blocks(text):
        where = f"{page}:{block.line}"
        if not block.language:
            yield f"{where}: a block in fences that name its language; `text` is for what nobody pastes"
        elif block.mark == "runs":
            test = read(pathlib.Path(block.what))
            if test is None:
                yield f"{where}: {block.what}, which is to run it, is not there"
            elif block.what != RUNS_ALL and page.name not in test:
                yield f"{where}: {block.what}, which is to run it, does not name {page.name}"
        elif block.language != "text" and not block.mark:
            yield f"{where}: a block that says neither what runs it nor why nothing does"
    marked = sum(1 for _, line in lines_outside_fences(text) if MARK.match(line))
    if marked != sum(1 for block in blocks(text) if block.mark):
        yield f"{page}: a mark with no block behind it"


def named(text):
    """Each command of the page, as its words: what stands in backquotes, and the lines of blocks for a shell."""
    for number, line in lines_outside_fences(text):
        yield from ((number, span) for span in SPAN.findall(line))
    for block in blocks(text):
        if block.language == "sh":
            yield from enumerate(block.text.splitlines(), block.line)


def missing(page, text, there, tests):
    """`there(pattern)` says whether the tree has such a file; `tests` are the names that ctest knows."""
    for number, command in named(text):
        for path in PATH.findall(command):
            if not there(path.rstrip(".,")):
                yield f"{page}:{number}: there is no {path}"
        for quoted, plain in SELECTED.findall(command):
            if not any(re.search(quoted or plain, name) for name in tests):
                yield f"{page}:{number}: no test is called {quoted or plain}"


def check_names():
    def faults_of(text):
        return list(missing("page.md", text, lambda path: path in ("tools/demo", "tools/test", "tests/a.py"), ["upgrade", "unit"]))

    for right in ("`tools/demo` and `../tests/a.py --x`", "`ctest -R upgrade`", "```sh\ntools/demo\n```", "tools/x",
                  "`ctest --test-dir build -R '^unit$'`", "```text\ntools/x\n```", "`build/x`"):
        assert not faults_of(right), right
    for wrong in ("`tools/x`", "`ctest -R hut`", "```sh\ntools/demo tests/b.py\n```", "`tools/test -R '^uni$'`"):
        assert len(faults_of(wrong)) == 1, wrong


def check_marks():
    def read(path):
        return {"tests/a.py": "of page.md", RUNS_ALL: ""}.get(path.as_posix())

    page = pathlib.Path("docs/page.md")
    for right in ("```text\nx\n```", "<!-- runs: tests/a.py -->\n```sh\nx\n```", "a\n    b", "```text\n\n    x\n```",
                  f"<!-- runs: {RUNS_ALL} -->\n```sh\nx\n```", "<!-- not run: long -->\n```sh\nx\n```"):
        assert not list(unmarked(page, right, read)), right
    for wrong in ("```\nx\n```", "```sh\nx\n```", "a\n\n    x\n", "<!-- runs: tests/b.py -->\n```sh\nx\n```",
                  "<!-- not run: -->\n```sh\nx\n```", "<!-- runs: tests/a.py -->\n\n"):
        assert len(list(unmarked(page, wrong, read))) == 1, wrong
    assert len(list(unmarked(pathlib.Path("other.md"), "<!-- runs: tests/a.py -->\n```sh\nx\n```", read))) == 1


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
    check_marks()
    check_names()
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
    tests = [name for file in root.glob("tests/**/CMakeLists.txt") for name in TEST.findall(file.read_text())]
    tests += TEST.findall((root / "bench/CMakeLists.txt").read_text())
    for name in names:
        found += missing(name, (root / name).read_text(), lambda path: any(root.glob(path)), tests)
    found += [fault for name in names for fault in unmarked(pathlib.Path(name), (root / name).read_text(), read)]
    print("\n".join(found) if found else f"{len(names)} pages")
    sys.exit(bool(found))


main()
