#!/usr/bin/env python3
"""The commands that the pages print, run as they stand there, page by page and in their order.

    tests/docs/commands.py ROOT PROGRAMS

PROGRAMS is the folder of `tolld` and `tollctl`. Run are the blocks behind `<!-- runs: tests/docs/commands.py -->`, all of a
page in one shell. A block of the language `text` with that line is what the block before it prints; `...` stands for
what is left out. A block of the language `json` is the policy that a server without a policy file records. A block that
begins with `tolld` starts a server, which serves the blocks behind it.

Every option that a page gives to a program must be one that the program's --help has.

The page's paths lead into a folder of the test's own, and its port to the server's. What a newcomer does with the package
is done before a page that uses /var/lib/toll: there is a journal, and a server on it. `sudo` and `runuser` run the command
as who runs the test; `systemctl` starts and stops the server."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(1, str(ROOT / "tests/support"))

from blocks import blocks  # noqa: E402
from tolld import Server, require, wait_until  # noqa: E402

ITSELF = "tests/docs/commands.py"
PATHS = re.compile(r"(?<![\w.])(?=/(tmp|var|backup|etc/toll)/)")
SERVES = re.compile(r"^(sudo )?(build/)?tolld (?!.*--(check|help|version)\b)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
PAGES_OF_OPTIONS = ["README.md", *(f"docs/{page}.md" for page in (
    "API", "DATA", "EVENTS", "FAILURES", "GLOSSARY", "METRICS", "OPERATIONS", "PRIVACY", "PROXIES", "RULES", "SECURITY", "START"))]
SHIMS = {
    "tolld": """case "$*" in *--check*|*--help*|*--version*) exec $PROGRAMS/tolld "$@" ;; esac
echo $$ > $HERE/pid
exec $PROGRAMS/tolld "$@" --listen 127.0.0.1:0 > $HERE/said 2>> $HERE/log""",
    "tollctl": 'exec $PROGRAMS/tollctl "$@"',
    "sudo": 'exec "$@"',
    "runuser": 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    # A program of the page that fails in the middle of a line is still a failure of the page.
    "curl": '/usr/bin/curl --fail-with-body "$@" || echo "curl $* ended with $?" >> $HERE/failures',
    "systemctl": """case "$1 $2" in
"stop tolld") pid=$(cat $HERE/pid); kill $pid
  while grep -qs "^$pid ([^)]*) [^Z]" /proc/$pid/stat; do sleep 0.05; done ;;
"start tolld") rm -f $HERE/said; setsid tolld --config $HERE/etc/toll/tolld.conf < /dev/null &
  until grep -qs "^listening on" $HERE/said; do kill -0 $! || exit 1; sleep 0.05; done
  sed -n '1s/.*://p' $HERE/said > $HERE/port ;;
*) echo "systemctl $*" >&2; exit 1 ;;
esac""",
}


class Reader:
    """Somebody who pastes one block after the other into one shell."""

    def __init__(self, folder, programs):
        self.here = pathlib.Path(folder)
        for place in ("tmp", "var/lib", "var/tmp", "backup", "etc/toll", "build", "shims"):
            (self.here / place).mkdir(parents=True, exist_ok=True)
        for name, text in SHIMS.items():
            shim = self.here / "shims" / name
            shim.write_text(f"#!/bin/bash\n{text}\n")
            shim.chmod(0o755)
        for name in ("tolld", "tollctl"):
            (self.here / "build" / name).symlink_to(self.here / "shims" / name)
        (self.here / "port").write_text("0")
        environment = {"HERE": str(self.here), "PROGRAMS": str(programs), "HOME": str(self.here), "LANG": "C.UTF-8",
                       "PATH": f"{self.here}/shims:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        self.shell = subprocess.Popen(["/bin/bash", "--norc"], cwd=folder, env=environment, stdin=subprocess.PIPE,
                                      stdout=open(self.here / "out", "wb"), stderr=subprocess.STDOUT)
        self.count, self.printed = 0, 0

    def feed(self, line):
        self.shell.stdin.write(line.encode() + b"\n")
        self.shell.stdin.flush()

    def done(self, script, background=False):
        """What it printed; the shell lives on with what the script has set."""
        self.count += 1
        name, mark = f"block{self.count}.sh", self.here / f"done{self.count}"
        text = script.replace(":8080", f":{(self.here / 'port').read_text().strip()}")
        (self.here / name).write_text(PATHS.sub(str(self.here), text))
        self.feed(f"set -eu -o pipefail; . ./{name}{' &' if background else ''}")
        self.feed(f"set +eu; touch {mark}")
        wait_until(script, lambda: mark.exists() or self.shell.poll() is not None)
        output = (self.here / "out").read_text()[self.printed:]
        self.printed += len(output)
        failures = self.here / "failures"
        require(mark.exists() and not failures.exists(),
                f"{output}{failures.read_text() if failures.exists() else ''}the shell ended with {self.shell.poll()}")
        return output

    def serve(self, script):
        self.stop_server()
        said = self.here / "said"
        said.unlink(missing_ok=True)
        self.done(script, background=True)

        def begun():
            require(self.shell.poll() is None, "the shell ended")
            return said.exists() and (said.read_text().startswith("listening on ") or not self.lives())

        wait_until(f"{script} serves", begun)
        require(said.read_text().startswith("listening on "), (self.here / "log").read_text())
        (self.here / "port").write_text(said.read_text().split("\n")[0].rsplit(":", 1)[1])

    def install(self, configuration):
        """What the package does."""
        (self.here / "etc/toll/tolld.conf").write_text(PATHS.sub(str(self.here), configuration))
        self.done("tollctl init --data /var/lib/toll\n")
        self.serve("tolld --config /etc/toll/tolld.conf\n")

    def pid(self):
        return int((self.here / "pid").read_text())

    def lives(self):
        """The server, which is a child of the shell: one that has ended may still wait to be noticed."""
        try:
            return pathlib.Path(f"/proc/{self.pid()}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
        except FileNotFoundError:
            return False

    def stop_server(self):
        if self.lives():
            os.kill(self.pid(), signal.SIGTERM)
            wait_until("the server ends", lambda: not self.lives())

    def leave(self):
        self.stop_server()
        self.shell.stdin.close()
        self.shell.terminate()
        self.shell.wait()


def default_policy(programs, folder):
    server = Server(programs / "tolld", f"{folder}/policy", "--test-clock", "2026-01-01T00:00:00Z")
    try:
        return next(event["policy"] for event in server.get("/v1/events")["items"] if event["type"] == "policy_recorded")
    finally:
        server.terminate()


def matches(output, printed):
    """Blank lines do not count."""
    output, printed = ("\n".join(line for line in text.splitlines() if line.strip()) for text in (output, printed))
    return re.fullmatch(re.escape(printed).replace(re.escape("..."), ".*"), output, re.DOTALL)


def follow(page, text, programs):
    """How many blocks of the page were run, and the first that does not work."""
    mine = [block for block in blocks(text) if block.mark == "runs" and block.what == ITSELF]
    ran, output = 0, ""
    with tempfile.TemporaryDirectory(prefix="toll-docs-") as folder:
        reader = Reader(folder, programs)
        try:
            if any("/var/lib/toll" in block.text for block in mine):
                reader.install((ROOT / "packaging/tolld.conf").read_text())
            for block in mine:
                if block.language == "text":
                    require(matches(output, block.text), f"it prints\n{output}")
                elif block.language == "json":
                    recorded = default_policy(programs, folder)
                    require(json.loads(block.text) == recorded, f"the default policy is\n{json.dumps(recorded)}")
                elif SERVES.match(block.text):
                    reader.serve(block.text)
                else:
                    output = reader.done(block.text)
                ran += 1
        except AssertionError as fault:
            return ran, f"{page}:{mine[ran].line}: {fault}\n{block.text}"
        finally:
            reader.leave()
    return ran, None


def helps(program, *commands):
    text = subprocess.run([program, *commands, "--help"], capture_output=True, check=True, text=True).stdout
    yield text
    below = re.search(r"\nSubcommands:\n(.*?)(\n\n|$)", text, re.DOTALL)
    for name in re.findall(r"^  (\S+)", below[1] if below else "", re.MULTILINE):
        yield from helps(program, *commands, name)


def unknown_options(page, known):
    """Of what stands in backquotes and begins with a program or an option, and of lines that begin with a program."""
    ours = re.compile(r"(--|(sudo |runuser -u toll -- |build/)*toll(d|ctl) ).*")
    texts = [text for text in re.findall(r"`([^`\n]+)`", page) if ours.fullmatch(text)]
    texts += [line for block in blocks(page) if block.language == "sh" for line in block.text.splitlines() if ours.fullmatch(line)]
    return sorted({option for text in texts for option in OPTION.findall(text)} - known)


def check_options(programs):
    known = {option for name in ("tolld", "tollctl") for text in helps(programs / name) for option in OPTION.findall(text)}
    require("--since-last" in known and "--listen" in known, known)
    assert unknown_options("`--data D` and `ls --x`\n```sh\nsudo tolld --nothing\n```", known) == ["--nothing"]
    for name in PAGES_OF_OPTIONS:
        unknown = unknown_options((ROOT / name).read_text(), known)
        require(not unknown, f"{name}: no program has {unknown}")


def check_itself():
    assert matches("a 1 b\nc\n", "a ... b\nc\n") and matches("x\n1\n2\ny", "x\n...\ny") and not matches("a\n", "b\n")
    assert SERVES.match("tolld --data D\n") and SERVES.match("build/tolld --data D") and not SERVES.match("tolld --check")


def main():
    check_itself()
    programs = pathlib.Path(sys.argv[2]).resolve()
    check_options(programs)
    total = 0
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("clients/*/*.md")]):
        text = page.read_text()
        if not any(block.what == ITSELF for block in blocks(text)):
            continue
        ran, fault = follow(page.relative_to(ROOT), text, programs)
        if fault:
            print(fault)
            sys.exit(1)
        print(f"{page.relative_to(ROOT)}: {ran} blocks")
        total += ran
    require(total, "no page has a block to run")


main()
