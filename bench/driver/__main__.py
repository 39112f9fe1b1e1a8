"""Toll and its peers, interleaved, several rounds; medians, spread, ratios, charts.

    bench/compare [--quick] [--rounds N] [--seconds S] [--due-over S] [--output DIR]
                  [--directory DIR]
"""

import argparse
import datetime
import itertools
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile
import time

import charts
import goals
import report
import servers
from samples import Samples

HERE = pathlib.Path(__file__).resolve().parents[1]
HTTP, POSTGRES = goals.HTTP, goals.POSTGRES
PEERS = ("postgres-application", "postgres-function", "mariadb-application", "mariadb-function",
         "redis", "rocksdb", "mutex")


timers_per_s = 100_000 / 600


class Harness:
    def __init__(self, options, folder, running):
        self.options, self.folder, self.running = options, folder, running
        self.large = 100_000 if options.quick else 1_000_000
        self.samples = Samples()
        self.commands = []  # each once, without what is the harness's own

    def program(self, name, *arguments):
        """Runs a bench; its books agree, or everything ends here. Returns its figures."""
        words = " ".join([name, *map(str, arguments)])
        if words not in self.commands:
            self.commands.append(words)
        out = pathlib.Path(self.folder) / "figures.json"
        command = [str(pathlib.Path(self.options.programs) / name), *map(str, arguments), "--json",
                   str(out)]
        if name != "bench_peers":
            command += ["--verify", "--directory", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return json.loads(out.read_text())

    def contention(self, shapes, clients, *arguments, system="toll in process", seconds=None):
        for result in self.program("bench_contention", "--shape", shapes, "--clients", clients,
                                   "--seconds", seconds or self.options.seconds, *arguments):
            for run in result["runs"]:
                self.samples.add(system, run["shape"], run["clients"], run)
            self.samples.add(system, result["shape"], 0,
                             {key: value for key, value in result.items()
                              if isinstance(value, (int, float))})

    def http(self, shapes, phases, connections):
        for row in self.program("bench_http", "--shape", shapes, "--phase", phases, "--connections",
                                connections, "--seconds", self.options.seconds):
            system = {"deduct": HTTP, "livez": "livez"}.get(row["phase"], f"{HTTP}, {row['phase']}")
            self.samples.add(system, row["shape"], row["connections"], row)

    def open_loop(self, shapes):
        """Requests at an even pace, each timed from the instant at which it was due."""
        for row in self.program("bench_http", "--shape", shapes, "--phase", "deduct", "--connections",
                                "64", "--rate", goals.RATE, "--seconds", self.options.seconds):
            self.samples.add(goals.OPEN_LOOP, row["shape"], row["connections"], row)

    def peer(self, name, shapes, clients, system=None, seconds=None):
        for row in self.program("bench_peers", "--peer", name, "--where", self.running.where(name),
                                "--shape", shapes, "--clients", clients,
                                "--seconds", seconds or self.options.seconds):
            self.samples.add(system or name, row["shape"], row["clients"], row)

    def round(self):
        """Ours and theirs in turn, so that a slow minute of the machine meets both."""
        quick = self.options.quick
        peers = [name for name in PEERS
                 if name in ("rocksdb", "mutex") or name.split("-")[0] in self.running.running]
        ours = [lambda: self.contention("hot", "64,1,4,16,256,1024,4096"),
                lambda: self.http("hot", "livez,deduct,end,mixed,livez", "64"),
                lambda: self.contention("uniform", "64,1024,4096"),
                lambda: self.http("uniform", "livez,deduct,livez", "64"),
                lambda: self.contention("zipf,ten", "64")]
        ours.append(lambda: self.http("hot", "deduct", "1" if quick else "1,16,256,1024"))
        if not quick:
            ours += [lambda: self.http("zipf,ten", "livez,deduct", "64"),
                     lambda: self.open_loop("hot,uniform")]
        theirs = [lambda name=name: self.peer(name, "hot,uniform", "64") for name in peers]
        sweep = "1,2,4,8,16,32" if quick else "1,2,4,8,16,32,128,256"
        longer = lambda name: sweep + (",512,1024" if name == "redis" else "")  # it is best with many
        theirs += [lambda name=name: self.peer(name, "hot", longer(name)) for name in peers
                   if not quick or name == POSTGRES]
        jobs = [job for pair in itertools.zip_longest(theirs, ours) for job in pair if job]
        for number, job in enumerate(jobs, 1):
            print(f"  {number} of {len(jobs)}", end="\r", file=sys.stderr, flush=True)
            job()

    def at_best(self):
        """The largest of several noisy figures is too large: where each is at its best it is measured
        again, ours and theirs in turn; theirs at the two best places."""
        if "postgres" not in self.running.running:
            return
        best = lambda system, count: ",".join(map(str, self.samples.best_clients(system, "hot")[:count]))
        seconds = 2 * self.options.seconds
        for _ in range(max(3, self.options.rounds)):
            self.contention("hot", best(goals.IN_PROCESS, 1), seconds=seconds,
                            system=goals.IN_PROCESS + goals.AT_BEST)
            self.peer(POSTGRES, "hot", best(POSTGRES, 2), seconds=seconds,
                      system=POSTGRES + goals.AT_BEST)

    def once(self):
        """What takes too long to be repeated in every round."""
        quick = self.options.quick
        turns = 1 if quick else 3
        for sessions in (*(1_000, self.large) * turns, *(() if quick else (10_000, 100_000))):
            self.contention("uniform", "64,1024", "--sessions", sessions,
                            system=f"toll, {sessions} sessions", seconds=4 * self.options.seconds)
        for shape in ("hot", "uniform"):
            self.contention(shape, "64", system=goals.ONLY_64)
        for row in self.program("bench_recovery", "--sessions",
                                "1000,100000" if quick else "1000,100000,1000000"):
            self.samples.add("recovery", "uniform", row["sessions"], row)
        due_over = self.options.due_over
        timers = round(due_over * timers_per_s)
        for row in self.program("bench_http", "--timers", timers, "--due-over", due_over):
            self.samples.add("timers", "real clock", timers, row)

    def write(self, about, output):
        """What there is so far."""
        table = goals.table(self.samples, self.large)
        (output / "results.json").write_text(json.dumps(
            {"machine": about, "goals": table, "samples": self.samples.as_json()}, indent=1) + "\n")
        names = charts.write(self.samples, output)
        (output / "RESULTS.md").write_text(report.markdown(about, table, self.samples, names))
        return f"{report.goals_table(table)}\n{output}/RESULTS.md, results.json, {', '.join(names)}"


def machine(options):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii")
                if line.startswith("model name")), platform.machine())
    memory_kb = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    git = lambda *words: subprocess.run(
        ["git", "-C", str(HERE), *words], capture_output=True, text=True, check=False).stdout.strip()
    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory_kb / 2**20),
            "kernel": platform.release(), "date": datetime.date.today().isoformat(),
            "commit": (git("rev-parse", "--short", "HEAD") or "unknown") + changed,
            "command": " ".join(["bench/compare", *sys.argv[1:]]),
            "rounds": options.rounds, "seconds": options.seconds, "quick": options.quick,
            "load_before": pathlib.Path("/proc/loadavg").read_text().split()[0]}


def main():
    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under 3 minutes, less exact")
    parser.add_argument("--rounds", type=int, help="default 5, quick 2")
    parser.add_argument("--seconds", type=float, help="of each run: default 5, quick 0.5")
    parser.add_argument("--due-over", type=int, metavar="S",
                        help="timers become due for so long, 167 a second: default 600, quick 10")
    parser.add_argument("--programs", default="build/bench", help="folder of the benches")
    parser.add_argument("--output", default=str(HERE), help="folder of RESULTS.md and the rest")
    parser.add_argument("--directory", help="where the data goes: a folder on the disk to measure")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.5 if options.quick else 5)
    options.due_over = options.due_over or (10 if options.quick else 600)

    # Whoever ends it, its servers end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    output = pathlib.Path(options.output)
    output.mkdir(parents=True, exist_ok=True)  # a wrong one is told now, not after an hour
    began = time.monotonic()
    about = machine(options)
    with tempfile.TemporaryDirectory(prefix="toll-compare-", dir=options.directory) as folder:
        pathlib.Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        with servers.Servers(folder, servers.installed()) as running:
            harness = Harness(options, folder, running)
            try:
                for number in range(options.rounds):
                    print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
                    harness.round()
                print("each at its best", file=sys.stderr)
                harness.at_best()
                print("recovery, timers, many sessions", file=sys.stderr)
                harness.once()
            finally:  # an hour's figures are worth keeping when what comes last fails
                about["commands"] = [words.replace(folder, "FOLDER") for words in harness.commands]
                about["minutes"] = round((time.monotonic() - began) / 60, 1)
                print(harness.write(about, output))


if __name__ == "__main__":
    main()
