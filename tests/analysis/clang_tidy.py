#!/usr/bin/env python3
"""clang-tidy over the sources of the rooms, as the build compiles them, with the checks of .clang-tidy.

    tests/analysis/clang_tidy.py TREE BUILD"""

import json
import os
import subprocess
import sys

ROOMS = ("billing", "access", "persistence", "actors", "http", "tools")


def main():
    tree, build = sys.argv[1:3]
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        compiled = {os.path.relpath(entry["file"], tree) for entry in json.load(file)}
    sources = sorted(source for source in compiled if source.split(os.sep)[0] in ROOMS)
    # GCC's warning that clang does not know.
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build,
                           "--extra-arg=-Wno-unknown-warning-option", *sources],
                          cwd=tree, capture_output=True, text=True)
    print(done.stdout)
    if done.returncode != 0:
        print(done.stderr)
        sys.exit(1)
    print(f"{len(sources)} sources, nothing found")


if __name__ == "__main__":
    main()
