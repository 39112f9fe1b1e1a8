#!/usr/bin/env python3
"""Writes CHANGELOG.md as Debian's tools read it:

    packaging/changelog.py CHANGELOG.md OUT.gz "NAME <ADDRESS>" """

import datetime
import email.utils
import gzip
import re
import sys
import textwrap

COLUMNS = 80


def item(text):
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
    return textwrap.fill(" ".join(plain.split()), COLUMNS, initial_indent="  * ", subsequent_indent="    ",
                         break_long_words=False, break_on_hyphens=False)


def version(heading, text, who):
    number, date = re.fullmatch(r"\[(\S+)\] - (\d{4}-\d\d-\d\d)", heading).groups()
    lines = [f"toll ({number}) unstable; urgency=medium", ""]
    for part in re.split(r"^### ", text, flags=re.MULTILINE):
        kind, _, rest = part.partition("\n")
        items = re.split(r"^\* ", rest, flags=re.MULTILINE)
        if len(items) > 1:
            lines += [f"  [ {kind} ]", *map(item, items[1:]), ""]
        elif part.strip():
            lines += [item(part), ""]
    at = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.timezone.utc)
    return "\n".join([*lines, f" -- {who}  {email.utils.format_datetime(at)}", ""])


def main():
    source, out, who = sys.argv[1:4]
    with open(source, encoding="utf-8") as file:
        versions = re.split(r"^## ", file.read(), flags=re.MULTILINE)[1:]
    text = "\n".join(version(*each.split("\n", 1), who) for each in versions)
    with open(out, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main()
