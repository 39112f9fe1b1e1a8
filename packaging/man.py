#!/usr/bin/env python3
"""Makes a manual page from what a program says of itself, and from docs/OPERATIONS.md:

    packaging/man.py PROGRAM OUT.1.gz OPERATIONS.md

Options and commands are those of --help, of every command; exit codes are the table of the page."""

import gzip
import os
import re
import subprocess
import sys

FILES = {"/etc/toll/tolld.conf": "Options of the server that the unit starts.",
         "/var/lib/toll": "Its data directory."}
SEE_ALSO = {"tolld": "tollctl(1)", "tollctl": "tolld(1)"}


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def help_of(program, *commands):
    return subprocess.run([program, *commands, "--help"], check=True, capture_output=True, text=True).stdout


class Help:
    """The parts of a help text."""

    def __init__(self, text):
        self.about, rest = text.split("\n\nUsage: ", 1)
        self.usage, rest = rest.split("\n\n", 1)
        self.groups, self.footer = [], ""
        lines = rest.split("\n")
        while lines:
            if re.fullmatch(r"\S.*:", lines[0]) and len(lines) > 1 and re.match(r"  \S", lines[1]) \
                    and not lines[0].startswith("Examples"):
                self.groups.append((lines.pop(0)[:-1], entries(lines)))
            elif not lines[0]:
                lines.pop(0)
            else:
                self.footer = "\n".join(lines).strip()
                break


def entries(lines):
    """Name and description of each, which are taken from the lines."""
    found = []
    while lines and lines[0].startswith("  "):
        line = lines.pop(0)
        if line.startswith("      "):
            found[-1][1].append(line.strip())
        else:
            found.append((line.strip(), []))
    return [(name, " ".join(text)) for name, text in found]


def tagged(pairs):
    for name, text in pairs:
        yield f".TP\n.B {escaped(name)}\n{escaped(text)}"


def footer(text):
    """Paragraphs, and commands as they are."""
    for part in text.split("\n\n"):
        yield ".PP"
        lines = part.split("\n")
        while lines:
            example = lines[0].startswith("  ")
            taken = []
            while lines and lines[0].startswith("  ") == example:
                taken.append(escaped(lines.pop(0).removeprefix("  ")))
            if example:
                yield "\n".join([".RS 4", ".nf", *taken, ".fi", ".RE"])
            else:
                yield "\n".join(taken)


def command_parts(program, shown, *commands):
    """A section part for each command, and for each of its own."""
    for name, _ in dict(shown.groups).get("Subcommands", []):
        own = Help(help_of(program, *commands, name))
        yield f".SS {' '.join([*commands, name])}\n{escaped(own.about)}"
        for _, pairs in own.groups:
            yield from tagged(pair for pair in pairs if pair[0] != "-h,--help")
        yield from command_parts(program, own, *commands, name)


def exit_codes(operations):
    """The rows of the table: code and meaning."""
    table = operations.split("| it ended with |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (\d+|a signal) \| (.*?) \|", table, re.MULTILINE)
    assert len(rows) > 5, rows
    return [(code, meaning.replace("`", "")) for code, meaning in rows]


def page(program, operations):
    name = os.path.basename(program)
    shown = Help(help_of(program))
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    about = " ".join(shown.about.split())
    yield f'.TH {name.upper()} 1 "" "toll {version}" "Toll"'
    yield f".SH NAME\n{name} \\- {escaped(about[0].lower() + about[1:].rstrip('.'))}"
    yield f".SH SYNOPSIS\n.B {escaped(shown.usage.replace('SUBCOMMAND', 'COMMAND'))}"
    if name == "tollctl":
        yield ".SH COMMANDS"
        yield from command_parts(program, shown)
    yield ".SH OPTIONS"
    for group, pairs in shown.groups:
        if group != "Subcommands":
            if group != "Options":
                yield f".SS {escaped(group)}"
            yield from tagged(pairs)
    yield ".SH NOTES"
    yield from footer(shown.footer)
    if name == "tolld":
        yield ".SH EXIT STATUS"
        yield from tagged(exit_codes(operations))
    yield ".SH FILES"
    yield from tagged(FILES.items())
    yield f".SH SEE ALSO\n{SEE_ALSO[name].replace('(1)', '')} (1), and the pages in /usr/share/doc/toll."


def main():
    program, out, operations = sys.argv[1:4]
    with open(operations, encoding="utf-8") as file:
        text = "\n".join(page(program, file.read())) + "\n"
    with open(out, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main()
