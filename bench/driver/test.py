#!/usr/bin/env python3
"""RESULTS.md, its goals and its charts are what the driver makes of results.json: nobody has written into
them by hand, and the driver still works."""

import json
import pathlib
import tempfile

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


def main():
    results = json.loads((BENCH / "results.json").read_text())
    samples = Samples.from_json(results["samples"])
    assert samples.as_json() == results["samples"], "samples are lost"
    large = 100_000 if results["machine"]["quick"] else 1_000_000
    table = goals.table(samples, large)
    assert table == results["goals"], "other goals"
    assert not [row for row in table if row["state"] == "not measured"], table
    with tempfile.TemporaryDirectory() as folder:
        names = charts.write(samples, pathlib.Path(folder))
        for name in names:
            same(name, (pathlib.Path(folder) / name).read_text())
    same("RESULTS.md", report.markdown(results["machine"], table, samples, names))


if __name__ == "__main__":
    main()
