#!/usr/bin/env python3
"""Holds the tree to docs/STYLE.md.

    tidy.py                    checks the tree, prints what is untidy, exits 1 if anything is
    tidy.py --headers CXX      compiles alone every header that is not the first include of its own
                               source file (those that are, clang_tidy proves)
    tidy.py --self-test        shows that each check can fail, on small trees made for it
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOMS = ("billing", "access", "persistence", "actors", "http", "tools", "bench")
CODE = (".hpp", ".cpp")
TEXT = CODE + (".py", ".txt", ".cmake", ".md", ".sh", ".json", ".yaml", ".html", ".css", ".js", ".ts",
               ".php", "")
MAX_LINES = 400

# What each room may include: folders or single headers of the project, and libraries.
PROJECT = {
    "billing": ("billing/",),
    "access": ("access/", "billing/"),
    "persistence": ("persistence/", "billing/"),
    "actors": ("actors/", "billing/", "persistence/clock_request.hpp", "persistence/journal.hpp", "persistence/packed.hpp", "persistence/rows.hpp",
               "persistence/storage.hpp"),
    "http": ("http/", "access/", "billing/", "actors/command.hpp", "actors/answer.hpp", "actors/ask.hpp",
             "actors/engine.hpp", "actors/limits.hpp", "persistence/rows.hpp"),
    "tools": ("tools/", "access/", "persistence/", "billing/", "http/usage.hpp", "http/views.hpp",
              "http/json_writer.hpp", "http/time_format.hpp"),
    "bench": ("bench/", "actors/command.hpp", "actors/answer.hpp", "actors/ask.hpp",
              "actors/engine.hpp", "persistence/", "billing/"),
}
LIBRARIES = {
    "billing": (),
    "access": ("openssl/",),
    "persistence": ("rocksdb/", "openssl/", "boost/endian", "boost/unordered"),
    "actors": ("caf/", "boost/unordered"),
    "http": ("boost/", "nlohmann/", "openssl/", "spdlog/", "CLI/", "prometheus/"),
    "tools": ("CLI/", "spdlog/", "nlohmann/"),
    "bench": ("CLI/", "nlohmann/", "rocksdb/", "hiredis/", "libpq-fe.h", "mysql.h"),
}
HEAVY = {
    "CAF": ("caf/",),
    "RocksDB": ("rocksdb/",),
    "Beast": ("boost/beast", "boost/asio"),
    "JSON": ("nlohmann/",),
}
# Headers that other rooms read: they carry none of the heavy ones.
CONTRACTS = ("persistence/journal.hpp", "persistence/rows.hpp", "persistence/storage.hpp",
             "actors/command.hpp", "actors/answer.hpp", "actors/ask.hpp", "actors/engine.hpp",
             "actors/limits.hpp")

# What these print is the last that the process says.
LAST_WORDS = ("billing/assert.cpp", "persistence/disk_failure.cpp")

# Being slow is what it is for.
SLOW_DISK = "tests/support/faulty_disk.cpp"

# (what is banned, pattern, where it applies)
BANNED = (
    ("a sleep in a test", r"\b(sleep_for|sleep_until|usleep|nanosleep)\b",
     lambda path: path.startswith("tests/") and path.endswith(CODE) and path != SLOW_DISK),
    ("a coroutine", r"\bco_(await|yield|return)\b", lambda path: path.endswith(CODE)),
    ("CAF's await", r"[.>]await\(", lambda path: path.endswith(CODE)),
    ("using namespace std", r"using namespace std;", lambda path: path.endswith(CODE)),
    ("printf", r"\bf?printf\s*\(",
     lambda path: path.endswith(CODE) and path not in LAST_WORDS),
    ("the wall clock", r"(?<!rocksdb/)\bsystem_clock\b|\bgettimeofday\b|\bCLOCK_REALTIME\b",
     lambda path: path.endswith(CODE) and path != "actors/clock.cpp"),
    ("a promise to do it later", r"\b(TODO|FIXME|XXX|HACK)\b", lambda path: True),
    ("a path outside the project", r"\.\./shared|/work/", lambda path: True),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


class Tree:
    """The project's own text files, by path from its root."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = {}
        for folder, names, files in os.walk(self.root):
            names[:] = [n for n in names if not n.startswith((".", "build")) and n != "__pycache__"]
            for name in files:
                path = (pathlib.Path(folder) / name).relative_to(self.root).as_posix()
                if name.startswith(".") or pathlib.Path(name).suffix not in TEXT:
                    continue
                try:
                    self.files[path] = (self.root / path).read_text()
                except UnicodeDecodeError:
                    continue

    def code(self):
        return sorted(path for path in self.files if path.endswith(CODE))

    def includes(self, path):
        return [(kind == '"', name) for kind, name in INCLUDE.findall(self.files[path])]

    def heavy(self, path, seen=None):
        """The heavy families that a file includes, itself or through the project's headers."""
        seen = set() if seen is None else seen
        families = set()
        if path in seen or path not in self.files:
            return families
        seen.add(path)
        for own, name in self.includes(path):
            families |= {f for f, prefixes in HEAVY.items() if name.startswith(prefixes)}
            if own:
                families |= self.heavy(name, seen)
        return families


def check_rooms(tree):
    for path in tree.code():
        room = path.split("/")[0]
        if room not in ROOMS:
            continue
        for own, name in tree.includes(path):
            if own and not name.startswith(PROJECT[room]):
                yield f"{path}: includes {name}, which is not below {room}/"
            system = re.fullmatch(r"[a-z_0-9]+", name)
            if room != "billing":
                system = system or re.fullmatch(r"((sys|linux|netinet|arpa)/)?[a-z_0-9]+\.h", name)
            if not own and not system and not name.startswith(LIBRARIES[room] or ("\0",)):
                yield f"{path}: includes <{name}>, which {room}/ does not use"


def check_heavy(tree):
    for path in tree.code():
        families = tree.heavy(path)
        if len(families) > 1:
            yield f"{path}: {' and '.join(sorted(families))} in one file"
        if families and path in CONTRACTS:
            yield f"{path}: {families.pop()} in a header that other rooms read"


def check_length(tree):
    for path in sorted(tree.files):
        lines = tree.files[path].count("\n")
        if lines > MAX_LINES and not path.endswith((".md", ".json")):
            yield f"{path}: {lines} lines, more than {MAX_LINES}"


def check_banned(tree):
    for path in sorted(tree.files):
        if path == "tests/tidy/tidy.py":
            continue
        for number, line in enumerate(tree.files[path].splitlines(), 1):
            for what, pattern, applies in BANNED:
                if applies(path) and re.search(pattern, line):
                    yield f"{path}:{number}: {what}"


def check_headers(tree):
    for path in tree.code():
        if path.endswith(".hpp") and "\n#pragma once\n" not in "\n" + tree.files[path]:
            yield f"{path}: no #pragma once"
        if path.endswith(".hpp") and not tree.files[path].startswith("//"):
            yield f"{path}: does not say first what it is for"


CHECKS = (check_rooms, check_heavy, check_length, check_banned, check_headers)


def proved_by_build(tree, header):
    source = header[: -len(".hpp")] + ".cpp"
    return source in tree.files and tree.includes(source)[:1] == [(True, header)]


def compile_headers(root, compiler):
    tree = Tree(root)
    headers = [p for p in tree.code() if p.endswith(".hpp") and not proved_by_build(tree, p)]

    def compile_one(header):
        command = [compiler, "-std=c++20", "-fsyntax-only", "-DCAF_ENABLE_TYPE_ID_CHECKS", "-I.",
                   "-include", header, "-x", "c++", "/dev/null"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        return done.returncode == 0, f"{header}: does not compile alone\n{done.stderr[:600]}"

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [text for good, text in pool.map(compile_one, headers) if not good]
    print(*faults, f"{len(headers)} headers compiled alone, {len(faults)} faults", sep="\n")
    return 1 if faults else 0


def self_test():
    """Each tree has one fault that its check must see; the clean one has none."""
    clean = {"billing/a.hpp": '// A.\n#pragma once\n#include <map>\n',
             "actors/a.cpp": '#include <caf/all.hpp>\n#include "persistence/journal.hpp"\n',
             "persistence/journal.hpp": '// J.\n#pragma once\n#include "billing/a.hpp"\n',
             "persistence/s.cpp": '#include <rocksdb/db.h>\n#include <fcntl.h>\n',
             "billing/assert.cpp": 'void f() { std::fprintf(stderr, ""); }\n',
             "actors/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
             "README.md": "Toll\n"}
    faults = (
        (check_rooms, "billing/b.cpp", '#include "persistence/journal.hpp"\n'),
        (check_rooms, "billing/b.cpp", "#include <rocksdb/db.h>\n"),
        (check_rooms, "billing/b.cpp", "#include <unistd.h>\n"),
        (check_rooms, "persistence/b.cpp", '#include "actors/ask.hpp"\n'),
        (check_rooms, "persistence/b.cpp", "#include <caf/all.hpp>\n"),
        (check_rooms, "access/b.cpp", '#include "http/jwt.hpp"\n'),
        (check_rooms, "actors/b.cpp", '#include "persistence/keys.hpp"\n'),
        (check_rooms, "actors/b.cpp", '#include "http/router.hpp"\n'),
        (check_rooms, "http/b.cpp", '#include "actors/session.hpp"\n'),
        (check_rooms, "http/b.cpp", '#include "persistence/storage.hpp"\n'),
        (check_rooms, "tools/b.cpp", '#include "actors/engine.hpp"\n'),
        (check_rooms, "http/b.cpp", '#include "tests/support/server.hpp"\n'),
        (check_rooms, "tools/b.cpp", '#include "bench/load.hpp"\n'),
        (check_rooms, "bench/b.cpp", '#include "tests/support/server.hpp"\n'),
        (check_rooms, "bench/b.cpp", '#include "actors/session.hpp"\n'),
        (check_heavy, "http/b.cpp", "#include <boost/beast.hpp>\n#include <nlohmann/json.hpp>\n"),
        (check_heavy, "tests/b.cpp", '#include <rocksdb/db.h>\n#include "http/b.hpp"\n',
         "http/b.hpp", "// B.\n#pragma once\n#include <boost/asio/io_context.hpp>\n"),
        (check_heavy, "actors/ask.hpp", "// A.\n#pragma once\n#include <caf/all.hpp>\n"),
        (check_length, "tools/long", "\n" * 401),
        (check_banned, "tests/b.cpp", "std::this_thread::sleep_for(1s);\n"),
        (check_banned, "http/b.cpp", "co_await x;\n"),
        (check_banned, "actors/b.cpp", "request(x).await(f);\n"),
        (check_banned, "actors/b.cpp", "using namespace std;\n"),
        (check_banned, "http/b.cpp", 'printf("x");\n'),
        (check_banned, "http/b.cpp", "std::chrono::system_clock::now();\n"),
        (check_banned, "README.md", "TODO\n"),
        (check_banned, "README.md", "see ../shared/spec\n"),
        (check_banned, "tools/run", "cd /work/main\n"),
        (check_headers, "billing/b.hpp", "// B.\nint x;\n"),
        (check_headers, "billing/b.hpp", "#pragma once\n"),
    )

    def make(folder, files):
        for path, text in files.items():
            target = pathlib.Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return Tree(folder)

    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = make(folder, clean)
        for check in CHECKS:
            for text in check(tree):
                wrong += 1
                print(f"a clean tree is untidy: {text}")
        # B.hpp needs what it does not include: alone it cannot compile.
        make(folder, {"billing/alone.hpp": "// B.\n#pragma once\nstd::map<int, int> m;\n"})
        if compile_headers(folder, os.environ.get("CXX", "g++")) == 0:
            wrong += 1
            print("a header that needs another before it compiled alone")
    for check, *pairs in faults:
        with tempfile.TemporaryDirectory() as folder:
            tree = make(folder, {**clean, **dict(zip(pairs[::2], pairs[1::2]))})
            if not list(check(tree)):
                wrong += 1
                print(f"{check.__name__} does not see {pairs[1]!r} in {pairs[0]}")
    print(f"{len(faults) + 1} faults planted, {wrong} checks failed")
    return 1 if wrong else 0


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:2] == ["--headers"] and len(sys.argv) == 3:
        return compile_headers(root, sys.argv[2])
    if sys.argv[1:]:
        print(__doc__)
        return 2
    tree = Tree(root)
    untidy = [text for check in CHECKS for text in check(tree)]
    print(*untidy, f"{len(tree.files)} files read, {len(untidy)} untidy places", sep="\n")
    return 1 if untidy else 0


if __name__ == "__main__":
    sys.exit(main())
