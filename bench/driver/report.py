"""RESULTS.md."""

import goals


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return f"{int(round(value, -digits)):,}"
    return f"{value:.3g}"


def rows(heads, lines):
    return "\n".join("| " + " | ".join(line) + " |"
                     for line in [heads, ["---"] * len(heads), *lines]) + "\n"


def goals_table(table):
    return rows(["figure", "measured", "at least", "aim", ""],
                [[row["figure"], number(row["measured"]), number(row["at_least"]),
                  number(row["aim"]), row["state"]] for row in table])


def spread(values):
    return f"{number(min(values))} - {number(max(values))}" if values else "-"


def systems_table(samples, shape, clients=64):
    base = samples.median("toll over HTTP", shape, clients)
    lines = []
    for system in samples.systems(shape):
        value = samples.median(system, shape, clients)
        if not value or "," in system:  # other work than deductions
            continue
        of = lambda name: samples.median(system, shape, clients, name)
        lines.append((-value, [system, number(value), spread(samples.all(system, shape, clients)),
                               number(of("units_per_s_rows")), number(base / value) if base else "-",
                               *map(number, map(of, ("p50_us", "p99_us", "p999_us")))]))
    return rows(["system", "deductions/s", "spread", "rows caught up", "Toll over HTTP is x times",
                 "p50 us", "p99 us", "p99.9 us"], [line for _, line in sorted(lines)])


def again(samples, system, shape):
    """Where the system was at its best."""
    system += goals.AT_BEST
    return "; ".join(f"{number(samples.median(system, shape, clients))} "
                     f"({spread(samples.all(system, shape, clients))}) at {clients}"
                     for clients in samples.best_clients(system, shape)) or "-"


def clients_table(samples, shape, systems):
    by_system = {system: samples.by_clients(system, shape) for system in systems}
    by_system = {system: {count: value for count, value in values.items() if count}
                 for system, values in by_system.items() if len(values) > 1}
    counts = sorted({count for values in by_system.values() for count in values})
    best = lambda values: max(values, key=values.get)
    lines = [[str(count), *(number(values.get(count)) for values in by_system.values())]
             for count in counts]
    lines.append(["best", *(f"{number(max(values.values()))} at {best(values)}"
                            for values in by_system.values())])
    lines.append(["measured again", *(again(samples, system, shape) for system in by_system)])
    return rows(["clients", *by_system], lines)


def figures_table(samples, heads, keys, figures):
    """One line for each (label, system, shape, clients) that was measured."""
    lines = [[label, *(number(samples.median(system, shape, clients, figure)) for figure in figures)]
             for label, system, shape, clients in keys if samples.has(system, shape, clients)]
    return rows(heads, lines)


def http_table(samples):
    keys = [(f"{system}, {shape}, {clients}", system, shape, clients)
            for system, shape, clients in samples.keys()
            if system == "livez" or system.startswith("toll over HTTP")]
    return figures_table(
        samples, ["phase, shape, connections", "requests/s", "deductions/s", "p50 us", "p99 us",
                  "p99.9 us", "records/sync", "server CPU us", "client CPU us"], keys,
        ["requests_per_s", "units_per_s", "p50_us", "p99_us", "p999_us", "records_per_sync",
         "server_cpu_us", "client_cpu_us"])


def engine_table(samples):
    keys = [(f"{shape}, {clients}", system, shape, clients)
            for system, shape, clients in samples.keys()
            if system == "toll in process" and clients]
    return figures_table(
        samples, ["shape, clients", "deductions/s", "rows caught up", "records/sync", "p50 us",
                  "p99 us", "p99.9 us", "CPU s/million", "of it clients"], keys,
        ["units_per_s", "units_per_s_rows", "records_per_sync", "p50_us", "p99_us", "p999_us",
         "cpu_s_per_million", "of_it_clients"])


def sessions_table(samples):
    """Live sessions: throughput, memory, and the way back after kill -9."""
    lines = []
    counts = {int(system.split()[1]) for system, *_ in samples.keys() if system.endswith(" sessions")}
    counts |= {clients for system, _, clients in samples.keys() if system == "recovery"}
    for count in sorted(counts):
        running = lambda clients, figure: samples.median(f"toll, {count} sessions", "uniform",
                                                         clients, figure)
        back = lambda figure: samples.median("recovery", "uniform", count, figure)
        after = running(0, "rss_mib_after")
        lines.append([f"{count:,}", *map(number, (
            running(64, "units_per_s"), running(64, "units_per_s_rows"),
            running(1024, "units_per_s"), running(1024, "units_per_s_rows"),
            running(0, "rss_bytes_per_session"), after and after * 2**20 / count,
            running(0, "written_bytes_per_unit"),
            back("restart_s"), back("due_s"), back("catch_up_per_s")))])
    return rows(["live sessions", "deductions/s, 64 clients", "rows caught up",
                 "deductions/s, 1,024 clients", "rows caught up", "bytes of memory each",
                 "after the work", "bytes written per deduction", "restart s", "restart with all overdue s",
                 "catch-up/s"], lines)


def timers_table(samples):
    keys = [(f"{clients:,}", system, shape, clients) for system, shape, clients in samples.keys()
            if system == "timers"]
    names = ["due_over_s", "late_p50_ms", "late_p90_ms", "late_p99_ms", "late_max_ms", "load_per_s",
             "load_p99_us", "load_max_us", "server_cores"]
    return figures_table(samples, ["timers", *(name.replace("_", " ") for name in names)], keys, names)


def markdown(about, table, samples, charts):
    quick = ", quick mode: short runs, fewer sessions, less exact" if about["quick"] else ""
    peers = sorted({system for system, *_ in samples.keys()
                    if "," not in system
                    and not system.startswith(("toll", "livez", "recovery", "timers"))})
    parts = [
        "# Results\n",
        f"Made by `{about['command']}` on {about['date']} from commit {about['commit']}, in "
        f"{about['minutes']} minutes{quick}. {about['cpu']}, {about['cores']} cores, "
        f"{about['memory_gib']} GiB, Linux {about['kernel']}; {about['rounds']} rounds of "
        f"{about['seconds']} s a run, ours and theirs in turn; medians, and the spread from the worst to "
        "the best round. Then Toll in process and PostgreSQL's transaction, in turn, where each was at its "
        "best, for twice as long; and what takes long, fewer times: live sessions (each run four times as "
        "long), recovery, timers, bytes written. One fsync of 256 bytes took "
        f"{number(samples.median('toll in process', 'hot', 0, 'fsync_us'))} us here: the ratios are those "
        f"of such a disk. Load average before it began: {about['load_before']}. The books of every run "
        "agreed, and Toll's journals and rows were verified, or there would be no figures.\n",
        "What each figure means, and the settings of the peers: [README.md](README.md). Where the time "
        "goes: [PERFORMANCE.md](../docs/PERFORMANCE.md). All samples: [results.json](results.json).\n",
        "## The goals\n", goals_table(table)]
    for shape, title in (("hot", "One hot subscription"), ("uniform", "10,000 subscriptions")):
        parts += [f"## {title}, 64 clients\n", systems_table(samples, shape), f"![{title}]({shape}.svg)\n"]
    parts += ["## By number of clients, hot\n",
              clients_table(samples, "hot", ["toll in process", "toll over HTTP", *peers]),
              "![by number of clients](clients.svg)\n",
              "## In process\n", engine_table(samples), "## Over HTTP\n", http_table(samples),
              "## Live sessions, and the way back after kill -9\n", sessions_table(samples),
              "## Timers by the real clock, under mixed days from 64 connections\n",
              timers_table(samples),
              "## The commands\n",
              "<!-- not run: it takes hours; bench/compare runs it -->\n```sh",
              *(f"build/bench/{words}" for words in about["commands"]), "```"]
    text = "\n".join(parts) + "\n"
    for name in ("hot", "uniform", "clients"):
        if f"{name}.svg" not in charts:
            text = "\n".join(line for line in text.split("\n") if f"({name}.svg)" not in line)
    return text
