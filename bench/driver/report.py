"""RESULTS.md."""


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
        if not value:
            continue
        figures = [samples.median(system, shape, clients, name) for name in ("p50_us", "p99_us",
                                                                            "p999_us")]
        lines.append((-value, [system, number(value), spread(samples.all(system, shape, clients)),
                               number(base / value) if base else "-", *map(number, figures)]))
    return rows(["system", "deductions/s", "spread", "Toll over HTTP is x times", "p50 us", "p99 us",
                 "p99.9 us"], [line for _, line in sorted(lines)])


def clients_table(samples, shape, systems):
    by_system = {system: samples.by_clients(system, shape) for system in systems}
    counts = sorted({count for values in by_system.values() for count in values})
    return rows(["clients", *systems],
                [[str(count), *(number(by_system[system].get(count)) for system in systems)]
                 for count in counts])


def markdown(about, table, samples, charts):
    quick = ", quick mode: short runs, fewer sessions, less exact" if about["quick"] else ""
    parts = [
        "# Results\n",
        f"Made by `bench/compare` in {about['minutes']} minutes{quick}. {about['cpu']}, "
        f"{about['cores']} cores, Linux {about['kernel']}; {about['rounds']} rounds of "
        f"{about['seconds']} s a run, everything interleaved; medians, and the spread from the worst to "
        f"the best round. Load average before it began: {about['load_before']}. The books of every run "
        "agreed, or there would be no figures.\n",
        "What each figure means, and the settings of the peers: [README.md](README.md). All samples: "
        "[results.json](results.json).\n",
        "## The goals\n", goals_table(table)]
    for shape, title in (("hot", "One hot subscription"), ("uniform", "10,000 subscriptions")):
        parts += [f"## {title}, 64 clients\n", systems_table(samples, shape)]
    parts += ["## By number of clients, hot\n",
              clients_table(samples, "hot", ["toll in process", "postgres-application"])]
    parts += [f"![{name}]({name})\n" for name in charts]
    return "\n".join(parts)
