#!/usr/bin/env python3
"""RESULTS.md, its goals and its charts are what the driver makes of results.json: nobody has written into
them by hand. And the driver measures every goal, in both modes, if each program says something."""

import importlib.util
import json
import pathlib
import tempfile
import types

import charts
import goals
import report
from samples import Samples

BENCH = pathlib.Path(__file__).resolve().parents[1]


def same(name, made):
    kept = (BENCH / name).read_text()
    for number, (found, expected) in enumerate(zip(kept.splitlines(), made.splitlines()), 1):
        assert found == expected, f"{name}:{number}: {found!r}, the driver says {expected!r}"
    assert kept == made, f"{name} has {len(kept)} bytes, not {len(made)}"


def load_driver():
    path = pathlib.Path(__file__).with_name("__main__.py")
    spec = importlib.util.spec_from_file_location("driver", path)
    driver = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(driver)
    return driver


def made_up(figures):
    """What the programs could have answered: 1 for each figure."""
    def program(name, *arguments):
        options = dict(zip(arguments[::2], map(str, arguments[1::2])))
        several = lambda option: options.get(option, "0").split(",")
        if name == "bench_recovery":
            return [{**figures, "sessions": int(count)} for count in several("--sessions")]
        clients = several("--connections" if "--connections" in options else "--clients")
        rows = [{**figures, "shape": shape, "phase": phase, "clients": int(count),
                 "connections": int(count)}
                for shape in several("--shape") for phase in several("--phase") for count in clients]
        if name != "bench_contention":
            return rows
        return [{**figures, "shape": shape, "runs": [row for row in rows if row["shape"] == shape]}
                for shape in several("--shape")]
    return program


def measures_everything(quick, results):
    driver = load_driver()
    options = types.SimpleNamespace(quick=quick, rounds=1, seconds=1, due_over=600)
    servers = types.SimpleNamespace(running={"postgres", "mariadb", "redis"}, where=str)
    harness = driver.Harness(options, "", servers)
    harness.program = made_up({name: 1.0 for group in results["samples"] for name in group
                               if name not in ("system", "shape", "clients")})
    harness.round()
    harness.at_best()
    harness.once()
    table = goals.table(harness.samples, harness.large)
    assert not [row for row in table if row["state"] == "not measured"], table
    about = {**results["machine"], "quick": quick}
    assert "not measured" not in report.markdown(about, table, harness.samples, [])


def main():
    results = json.loads((BENCH / "results.json").read_text())
    samples = Samples.from_json(results["samples"])
    assert samples.as_json() == results["samples"], "samples are lost"
    large = 100_000 if results["machine"]["quick"] else 1_000_000
    table = goals.table(samples, large)
    assert table == results["goals"], "other goals"
    assert not [row for row in table if row["state"] == "not measured"], table
    for quick in (False, True):
        measures_everything(quick, results)
    with tempfile.TemporaryDirectory() as folder:
        names = charts.write(samples, pathlib.Path(folder))
        for name in names:
            same(name, (pathlib.Path(folder) / name).read_text())
    same("RESULTS.md", report.markdown(results["machine"], table, samples, names))


if __name__ == "__main__":
    main()
