"""Breaks the code in one place after another, each time in the same private copy of the tree, builds it,
runs who has to notice, and prints a table: what was broken, what caught it, how fast.

    tools/mutations                 all places
    tools/mutations --only TEXT     those whose description contains the text; may be said several times
    tools/mutations --list          only says which there are
    tools/mutations --tree FOLDER   keeps the copy there, and the next run builds only what differs

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
LONGEST_S = 600


def copy_tree(to):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, names.decode().split("\0")):
        here, there = ROOT / name, to / name
        if here.is_file() and not (there.is_file() and there.read_bytes() == here.read_bytes()):
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here, there)
            shutil.copymode(here, there)


def build(tree, targets):
    # A compiler cache that knows the original tree knows this copy as well.
    env = {**os.environ, "CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}
    if not (tree / "build/build.ninja").exists():
        subprocess.run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"],
                       cwd=tree, env=env, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(["cmake", "--build", "build", "--target", *targets], cwd=tree, env=env,
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("it does not build:\n" + done.stdout[-3000:])


def targets(catchers):
    return sorted({target for catcher in catchers for target in CATCHERS[catcher][0]})


def stop(process):
    """On SIGTERM a catcher takes the servers with it that it has started; some never come back from it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(process.pid, number)
        try:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            pass


def watch(tree, catcher):
    """Seconds until it noticed, and what it said; None if it passes."""
    _, command = CATCHERS[catcher]
    left = tree / "build/left"
    left.mkdir(exist_ok=True)
    began = time.monotonic()
    noticed = None
    said = []
    process = subprocess.Popen(command, cwd=tree / "build", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True,
                               env={**os.environ, "TMPDIR": str(left)})
    signal.signal(signal.SIGALRM, lambda *_: stop(process))
    signal.alarm(LONGEST_S)
    try:
        for line in process.stdout:
            said.append(line)
            if noticed is None and re.search(r"goes wrong: |FAILED", line):
                noticed = time.monotonic() - began
        status = process.wait()
    finally:
        signal.alarm(0)
        if process.poll() is None:
            stop(process)
    took = time.monotonic() - began
    if noticed is None and took >= LONGEST_S:
        return took, "it hangs"
    return None if status == 0 else (noticed or took, "".join(said))


def finding(said):
    """The story's length and its end, or the first failed check."""
    mismatch = re.search("MISMATCH (.*)", said)
    if mismatch:
        return mismatch.group(1)[:110]
    wrong = re.search(r"^WRONG: (.*)", said, re.MULTILINE)
    if wrong:
        story = said[:wrong.start()].split("What happened:")[0]
        steps = len(re.findall(r"^ +\d+\. ", story, re.MULTILINE))
        seed = re.search(r"seed (\d+) goes wrong", said)
        return f"seed {seed.group(1) if seed else '?'}, {steps} steps: {wrong.group(1)[:110]}"
    failed = re.search(r"FAILED:\s*\n\s*(.*)\n(?:with expansion:\n((?:  .*\n)*))?", said)
    if not failed:
        return said.strip().splitlines()[-1][:110]
    invariant = re.search(r"invariant violated: .*", said)
    if invariant:
        return invariant.group(0)[:190]
    test = re.findall(r"^-{79}\n(?!\.\./|/)(.*)\n", said[:failed.start()], re.MULTILINE)
    thrown = re.search(r"due to unexpected exception with message:\n\s*(.*)", said[failed.start():])
    if thrown:
        return f"{test[-1] if test else '?'}: {thrown.group(1)}"[:190]
    expansion = " ".join((failed.group(2) or "").split()).removesuffix(' == ""').strip('"')
    return f"{test[-1] if test else '?'}: {expansion if ' ' in expansion else failed.group(1)}"[:190]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", help="places whose description contains this")
    parser.add_argument("--list", action="store_true", help="say which places there are, and do nothing")
    parser.add_argument("--tree", help="a folder for the private copy, kept; a temporary one when absent")
    options = parser.parse_args()
    places = [place for place in PLACES if any(text in place[0] for text in options.only or [""])]
    for what, file, text, _, _ in places:
        if (ROOT / file).read_text().count(text) != 1:
            print(f"{what}: the place in {file} is not there any more", file=sys.stderr)
            return 2
    if options.list:
        print(*(f"{what} ({file})" for what, file, *_ in places), sep="\n")
        return 0
    missed = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="toll-mutations-") as folder:
        tree = pathlib.Path(options.tree or folder).resolve()
        copy_tree(tree)
        used = {catcher for *_, catchers in places for catcher in catchers}
        build(tree, targets(used))
        for catcher in used:  # who notices what is not there notices everything
            if caught := watch(tree, catcher):
                sys.exit(f"{catcher} goes wrong where nothing is broken: {finding(caught[1])}")
        print("| mutation | caught by | after | what it says |\n|---|---|---|---|", flush=True)
        for what, file, text, instead, catchers in places:
            original = (tree / file).read_text()
            (tree / file).write_text(original.replace(text, instead))
            build(tree, targets(catchers))
            for catcher in catchers:
                caught = watch(tree, catcher)
                missed += caught is None
                seconds, says = (f"{caught[0]:.1f} s", finding(caught[1])) if caught else ("-", "NOT NOTICED")
                escaped = says.replace("|", "\\|")  # it would end the cell
                print(f"| {what} | {catcher} | {seconds} | {escaped} |", flush=True)
            (tree / file).write_text(original)
    print(f"\n{len(places)} places broken, {missed} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
