"""The blocks of a page that somebody may paste, and what the line before each says of it:

    <!-- runs: PATH OF A TEST -->    that test takes the block from the page and runs it
    <!-- not run: REASON -->         no test does"""

import re
from typing import NamedTuple

FENCE = re.compile(r"^(```+|~~~+)\s*(\S*)\s*$")
MARK = re.compile(r"^<!-- (runs|not run): (.+) -->$")


class Block(NamedTuple):
    line: int  # of its first line, from 1
    language: str  # "" where the fence names none, None where spaces take the place of a fence
    mark: str  # "runs", "not run" or None
    what: str  # the test or the reason
    text: str


def blocks(page):
    """Each block of this text, in order. A line with four spaces begins one if nothing stands before it."""
    lines = page.splitlines()
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        before = lines[at - 1] if at else ""
        begin = at
        at += 1
        if fence:
            while at < len(lines) and lines[at].rstrip() != fence[1]:
                at += 1
            mark = MARK.match(before)
            text = "".join(f"{line}\n" for line in lines[begin + 1:at])
            yield Block(begin + 2, fence[2], mark and mark[1], mark and mark[2], text)
            at += 1
        elif lines[begin].startswith("    ") and not before.strip():
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                at += 1
            yield Block(begin + 1, None, None, None, "".join(f"{line[4:]}\n" for line in lines[begin:at]))
