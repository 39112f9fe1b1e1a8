"""Breaks the code in one place after another, each time in the same private copy of the tree, builds it,
runs who has to notice, and prints a table: what was broken, what caught it, how fast.

    tools/mutations                 all places
    tools/mutations --only TEXT     those whose description contains the text
    tools/mutations --list          only says which there are

Exits 1 if anything was not noticed, and 2 if a place is not in the code any more.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from places import CATCHERS, PLACES

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_S = 400


def copy_tree(to):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def build(tree, targets):
    # A compiler cache that knows the original tree knows this copy as well.
    env = {**os.environ, "CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}
    if not (tree / "build/build.ninja").exists():
        subprocess.run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                        "-DTOLL_BENCH=OFF"], cwd=tree, env=env, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(["cmake", "--build", "build", "--target", *targets], cwd=tree, env=env,
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("it does not build:\n" + done.stdout[-3000:])


def watch(tree, catcher):
    """Seconds until it noticed, and what it said; None if it did not."""
    _, command = CATCHERS[catcher]
    began = time.monotonic()
    noticed = None
    said = []
    process = subprocess.Popen(command, cwd=tree / "build", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.alarm(LONGEST_S)
    for line in process.stdout:
        said.append(line)
        if noticed is None and re.search(r"goes wrong: |FAILED", line):
            noticed = time.monotonic() - began
    status = process.wait()
    signal.alarm(0)
    if status == 0:
        return None
    return noticed or time.monotonic() - began, "".join(said)


def finding(said):
    """The story's length and its end, or the first failed check."""
    wrong = re.search(r"^WRONG: (.*)", said, re.MULTILINE)
    if wrong:
        story = said[:wrong.start()].split("What happened:")[0]
        steps = len(re.findall(r"^ +\d+\. ", story, re.MULTILINE))
        seed = re.search(r"seed (\d+) goes wrong", said)
        return f"seed {seed.group(1) if seed else '?'}, {steps} steps: {wrong.group(1)[:110]}"
    failed = re.search(r"FAILED:\s*\n\s*(.*)", said)
    return (failed.group(1) if failed else said.strip().splitlines()[-1])[:110]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="places whose description contains this")
    parser.add_argument("--list", action="store_true", help="say which places there are, and do nothing")
    options = parser.parse_args()
    places = [place for place in PLACES if options.only in place[0]]
    for what, file, text, _, _ in places:
        if (ROOT / file).read_text().count(text) != 1:
            print(f"{what}: the place in {file} is not there any more", file=sys.stderr)
            return 2
    if options.list:
        print(*(f"{what} ({file})" for what, file, *_ in places), sep="\n")
        return 0
    missed = 0
    with tempfile.TemporaryDirectory(prefix="toll-mutations-") as folder:
        tree = pathlib.Path(folder)
        copy_tree(tree)
        print("| mutation | caught by | after | what it says |\n|---|---|---|---|", flush=True)
        for what, file, text, instead, catchers in places:
            original = (tree / file).read_text()
            (tree / file).write_text(original.replace(text, instead))
            build(tree, [CATCHERS[catcher][0] for catcher in catchers])
            for catcher in catchers:
                caught = watch(tree, catcher)
                missed += caught is None
                seconds, says = (f"{caught[0]:.1f} s", finding(caught[1])) if caught else ("-", "NOT NOTICED")
                print(f"| {what} | {catcher} | {seconds} | {says} |", flush=True)
            (tree / file).write_text(original)
    print(f"\n{len(places)} places broken, {missed} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
