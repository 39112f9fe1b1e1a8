#!/usr/bin/env python3
"""Whether the programs are hardened as cmake/Hardening.cmake asks: what the linker made is looked at, not the
flags that it was given.

    tests/hardening/hardening.py PROGRAM..."""

import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def calls(symbols, pattern):
    return re.search(pattern, symbols) is not None


def checks(program):
    """Each property, and whether the program has it."""
    header = output("readelf", "--file-header", "--wide", program)
    segments = output("readelf", "--program-headers", "--wide", program)
    dynamic = output("readelf", "--dynamic", "--wide", program)
    symbols = output("readelf", "--dyn-syms", "--wide", program)
    code = output("objdump", "--disassemble", "--no-show-raw-insn", program)
    stack = re.search(r"GNU_STACK.*", segments)
    yield "position independent", "DYN" in header and re.search(r"FLAGS_1.*\bPIE\b", dynamic)
    yield "read-only relocations", "GNU_RELRO" in segments
    yield "all symbols bound at the start", re.search(r"FLAGS.*\bBIND_NOW\b|FLAGS_1.*\bNOW\b", dynamic)
    yield "no executable stack", stack and "RWE" not in stack[0]
    yield "no segment both written and executed", not re.search(r"LOAD.*\bRWE\b", segments)
    yield "stack protector", calls(symbols, r"__stack_chk_fail\b")
    yield "fortified calls", calls(symbols, r"__\w+_chk\b(?<!__stack_chk)")
    yield "checked containers", calls(symbols, r"__glibcxx_assert_fail")
    # A probe of each page of a large frame, and a mark where an indirect call may lead.
    yield "stack clash protection", re.search(r"or[ql] +\$0x0,(?:0x\w+)?\(%rsp", code)
    yield "control flow protection", len(re.findall(r"\bendbr64\b", code)) > 1000


def main():
    bad = 0
    for program in sys.argv[1:]:
        for name, has in checks(program):
            if not has:
                print(f"{program}: not there: {name}")
                bad += 1
    if bad:
        sys.exit(1)
    print(f"{len(sys.argv) - 1} programs, all hardened")


if __name__ == "__main__":
    main()
