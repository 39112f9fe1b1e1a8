#!/usr/bin/env python3
"""clang-tidy over the sources of the rooms, as the build compiles them, with the checks of .clang-tidy.

    tests/analysis/clang_tidy.py TREE BUILD"""

import json
import os
import subprocess
import sys
import tempfile

ROOMS = ("billing", "access", "persistence", "actors", "http", "tools")


def file_by_file(tree, build, place):
    """A unity build compiles other files; these are ours, with the headers that `build` generated."""
    subprocess.run(["cmake", "-S", tree, "-B", place, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                    "-DTOLL_TESTS=OFF", "-DTOLL_BENCH=OFF"], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(place, "compile_commands.json")
    with open(path, encoding="utf-8") as file:
        commands = file.read().replace(place, os.path.realpath(build))
    with open(path, "w", encoding="utf-8") as file:
        file.write(commands)
    return json.loads(commands)


def main():
    tree, build = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as place:
        commands = file_by_file(tree, build, place)
        compiled = {os.path.relpath(entry["file"], tree) for entry in commands}
        sources = sorted(source for source in compiled if source.split(os.sep)[0] in ROOMS)
        assert "actors/session.cpp" in sources, sources
        # GCC's warning that clang does not know.
        done = subprocess.run(["clang-tidy", "--quiet", "-p", place,
                               "--extra-arg=-Wno-unknown-warning-option", *sources],
                              cwd=tree, capture_output=True, text=True)
    print(done.stdout)
    if done.returncode != 0:
        print(done.stderr)
        sys.exit(1)
    print(f"{len(sources)} sources, nothing found")


if __name__ == "__main__":
    main()
