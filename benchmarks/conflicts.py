"""Simulate the conflicts of the Flee data set with this model and with Flee, and compare both.

``python -m benchmarks.conflicts CLONE`` reads a clone of https://github.com/djgroen/flee, runs
Flee's own script from it, and prints the comparison as JSON, the record for the table in
``docs/guides/worlds.md``. Both programs use the same routes, populations, conflict dates, closed
borders, capacities, registered people and numbers of simulated people. Nothing is fitted.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.model import BorderModel
from abm.scenario import load_scenario
from abm.world.errors import WorldError
from abm.world.routes import load_world
from abm.world.tables import one_of, whole_number, words
from agents.labels import COUNTRIES
from benchmarks.measurement import ROOT, BenchmarkError

EXAMPLES = ROOT / "docs" / "examples"
#: Folder in `conflict_validation` by folder in `conflict_input`.
CONFLICTS = {
    "mali": "mali2012",
    "car": "car2013",
    "burundi": "burundi2015",
    "ssudan": "ssudan2014",
    "ethiopia": "ethiopia2020",
    "syria": "syria2013",
}
SEEDS = 3
PEOPLE = 2_000  # approximate number of simulated people per run
MAX_SCALE = 1_000  # maximum persons per simulated person
FULL = 0.95  # share of a camp's capacity at which Flee turns people away
OURS, FLEE = _BOTH = "Two Borders", "Flee"
_PARTS = (0.25, 0.5, 0.75, 1.0)  # parts of the period after which shares are stored
_RUN_FLEE = """
import random, runpy, sys
import numpy
seed, script = int(sys.argv[1]), sys.argv[2]
random.seed(seed)
numpy.random.seed(seed)
sys.argv = sys.argv[2:]
runpy.run_path(script, run_name="__main__")
"""
_converter: dict[str, Any] = runpy.run_path(str(EXAMPLES / "flee_world.py"))
convert, read_date, read_rows = (_converter[name] for name in ("convert", "read_date", "read_rows"))

type People = Mapping[str, np.ndarray]  # persons by camp, shape (days,)


def registered(folder: Path, conflict: Any, corrections: Path) -> People:
    """Return the people registered in each camp by day, as Flee reads them.

    Args:
        folder: folder of `conflict_validation` with `data_layout.csv`.
        conflict: the conflict, for its days.
        corrections: `registration_corrections.csv`. Numbers before a date in this file are scaled
            so that they continue to the corrected number at that date.

    Returns:
        Persons by camp, shape (days,), interpolated between the dates on record.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    schema = {"name": words, "date": read_date, "kind": str}
    fixes = read_rows(corrections, schema, lambda row: row["name"], heads=False)
    schema = {"name": words, "file": words, "second": str}
    rows = read_rows(folder / "data_layout.csv", schema, lambda row: row["name"], heads=False)
    rows = rows[1:]  # The first row is the total.
    camps = {row["name"]: _persons(folder, row, conflict.first) for row in rows}
    if missing := [name for name in conflict.camps if name not in camps]:
        raise WorldError("data_layout.csv", reason=f"no row of {missing[0]}: add it")
    for row in fixes:
        persons = camps[row.read("name", one_of(camps, "camp"))]
        if (day := (row["date"] - conflict.first).days) < 0 or day not in persons.index:
            raise row.error("date", "expected a date of the camp's file since the first day")
        at = [*persons.index].index(day)
        persons.iloc[:at] *= persons.iloc[at] / max(1.0, persons.iloc[at - 1])
    days = np.arange(conflict.days)
    return {name: np.interp(days, persons.index, persons) for name, persons in camps.items()}


def _persons(folder: Path, row: Any, first: datetime.date) -> pd.Series:
    """Return a camp's persons by day.

    As in Flee, two files are added: the next number in the first file and the last number in the
    second.
    """
    one, *others = (_series(folder / row[key], first) for key in ("file", "second") if row[key])
    for other in others:
        days = np.union1d(one.index, other.index)
        days = days[days <= min(one.index[-1], other.index[-1])]
        one = one.reindex(days, method="bfill") + other.reindex(days, method="ffill").bfill()
    return one


def _series(path: Path, first: datetime.date) -> pd.Series:
    """Return a file's persons by day. The first row may be a header."""
    schema = {"date": read_date, "persons": whole_number(0, 10**9, "persons")}
    rows = read_rows(path, schema, lambda row: row["date"], heads=False)
    if not rows:
        raise WorldError(path.name, reason="no rows: expected dates and persons")
    for before, row in pairwise(rows):
        if row["date"] < before["date"]:
            raise row.error("date", "earlier than the row above: sort the rows by date")
    days = [(row["date"] - first).days for row in rows]
    return pd.Series([float(row["persons"]) for row in rows], days)


def departures(conflict: Any, people: People) -> People:
    """Return the persons who leave each place of conflict by day, shape (days,).

    On each day, as many persons leave as all camps together register. After a fall in the total,
    nobody leaves until the total is reached again, as in Flee. Places share departures in
    proportion to their population.
    """
    total = np.maximum.accumulate(np.sum(list(people.values()), axis=0))
    weight = {n: conflict.places[n]["population"] * level for n, level in conflict.level.items()}
    rate = np.diff(total, prepend=total[0]) / np.maximum(sum(weight.values()), 1e-9)
    return {name: rate * value for name, value in weight.items()}


def simulate(conflict: Any, people: People, folder: Path, scale: int, seed: int) -> People:
    """Simulate a conflict in its world.

    Args:
        conflict: the result of the converter.
        people: persons registered in each camp by day.
        folder: folder of the world.
        scale: persons per simulated person.
        seed: seed for all draws.

    Returns:
        Persons in each camp at the end of each day: the first day's persons and all arrivals.
    """
    template = load_scenario((EXAMPLES / "mali" / "scenario.toml").read_text(encoding="utf-8"))
    settings = {"start": conflict.first, "days": conflict.days, "scale": scale}
    world = load_world(folder)
    scenario = template.with_settings(settings | {"world": str(folder)})
    model = BorderModel(scenario, rng=seed, world=world)
    index = {world.place_names[i]: i for i in range(world.n_places)}
    home, base = model.network.homes.place[model.supply.strata[:, 0]], model.supply.base
    kinds = base / np.bincount(home, base)[home]
    leaving = np.zeros((conflict.days, world.n_places))
    for name, persons in departures(conflict, people).items():
        leaving[:, index[name]] = persons
    into = {name: world.head == index[name] for name in conflict.camps}
    inside = {name: np.full(conflict.days, people[name][0]) for name in into}
    closed, full = set[tuple[str, str]](), set[str]()
    for day in range(conflict.days):
        today = conflict.closed(day, full)
        for pair in today - closed:
            model.close_leg(*pair)
        for pair in closed - today:
            model.open_leg(*pair)
        closed, base[:] = today, kinds * leaving[day, home]
        model.supply.set_drivers(np.ones(len(COUNTRIES)))
        model.run_for(1)
        for name, legs in into.items():
            inside[name][day] += model.ledger.flow[legs].sum()
            if 0 < FULL * conflict.places[name]["population"] <= inside[name][day]:
                full.add(name)
    return inside


def simulate_flee(clone: Path, name: str, people: People, scale: int, seed: int) -> People:
    """Run Flee's script with the settings of its repository, and return persons in camps by day.

    Args:
        clone: a clone of Flee's repository.
        name: folder of the conflict in `conflict_input`.
        people: persons registered in each camp by day, which Flee must read too.
        scale: persons per agent, which is `hasten` in Flee.
        seed: seed of Python's and NumPy's generators.

    Raises:
        BenchmarkError: Flee failed, or reads other numbers of registered people.
    """
    settings = (clone / "flee" / "simsetting.yml").read_text(encoding="utf-8")
    folders = [clone / "conflict_input" / name, clone / "conflict_validation" / CONFLICTS[name]]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "simsetting.yml")
        file.write_text(settings.replace("hasten: 1", f"hasten: {scale}"), encoding="utf-8")
        script = (str(seed), str(clone / "runscripts" / "run.py"))
        process = subprocess.run(
            [sys.executable, "-c", _RUN_FLEE, *script, *map(str, folders), "0", str(file)],
            env=os.environ | {"PYTHONPATH": str(clone)},
            capture_output=True,
            text=True,
            check=False,
        )
    if process.returncode:
        raise BenchmarkError(f"Flee, {name}: {process.stderr.strip().splitlines()[-1]}")
    days = list(csv.DictReader(io.StringIO(process.stdout)))
    sim, data = (
        {camp: scale * np.array([float(day[f"{camp} {kind}"]) for day in days]) for camp in people}
        for kind in ("sim", "data")
    )
    for camp, persons in data.items():
        if (np.abs(persons - people[camp]) > 1.01 * scale).any():  # Flee truncates decimals.
            raise BenchmarkError(f"Flee, {name}: it reads other numbers for {camp}")
    return sim


def differences(inside: People, people: People) -> dict[str, float]:
    """Return Flee's averaged relative difference, over all days.

    Args:
        inside: persons in camps in a run.
        people: persons registered in the same camps.

    Returns:
        `plain` compares numbers of persons. `rescaled`, which is the default in Flee, compares them
        after scaling the total over all camps to the registered total.
    """
    simulated, real = (np.array([row[name] for name in inside]) for row in (inside, people))
    total = np.maximum(real.sum(axis=0), 1.0)
    rescaled = simulated * total / np.maximum(simulated.sum(axis=0), 1.0)
    gaps = {"rescaled": rescaled - real, "plain": simulated - real}
    return {name: float((np.abs(gap).sum(axis=0) / total).mean()) for name, gap in gaps.items()}


def compare(clone: Path, name: str, seeds: int = SEEDS) -> dict[str, Any]:
    """Convert a conflict, simulate it with both programs and compare them with the register.

    Args:
        clone: a clone of Flee's repository.
        name: folder of the conflict in `conflict_input`.
        seeds: number of runs per program.

    Returns:
        An entry for the record: differences by program and seed, and shares by camp and program.
    """
    source = clone / "conflict_input" / name
    with tempfile.TemporaryDirectory() as folder:
        conflict = convert(source, Path(folder))
        registry = clone / "conflict_validation" / CONFLICTS[name]
        people = registered(registry, conflict, source / "registration_corrections.csv")
        in_camps = {camp: people[camp] for camp in conflict.camps}
        total = sum(map(np.sum, departures(conflict, people).values()))
        scale = min(MAX_SCALE, max(1, round(total / PEOPLE)))
        runs = {OURS: [], FLEE: []}
        for seed in range(1, seeds + 1):
            runs[OURS].append(simulate(conflict, people, Path(folder), scale, seed))
            runs[FLEE].append(simulate_flee(clone, name, in_camps, scale, seed))
    at = [round(part * conflict.days) - 1 for part in _PARTS]
    entry: dict[str, Any] = {"days": conflict.days, "scale": scale, "people": round(total)}
    entry["seeds"] = list(range(1, seeds + 1))
    entry |= {"left_out": conflict.left_out, "shown_days": [day + 1 for day in at]}
    entry["differences"] = {
        program: [differences(run, people) for run in of_seed] for program, of_seed in runs.items()
    }
    entry["shares"] = {"registered": _shares(in_camps, at)}
    for program, of_seed in runs.items():
        mean = {n: np.mean([run[n] for run in of_seed], axis=0) for n in conflict.camps}
        entry["shares"][program] = _shares(mean, at)
    return entry


def _shares(people: People, days: Sequence[int]) -> dict[str, list[float]]:
    """Return each camp's share of all people in camps, on some days."""
    total = sum(persons[days] for persons in people.values())
    return {n: [round(float(x), 4) for x in persons[days] / total] for n, persons in people.items()}


def conflicts_markdown(record: Mapping[str, Any]) -> str:
    """Return both tables from a record, misses first.

    Args:
        record: the output of the command.
    """
    entries: dict[str, dict[str, Any]] = record["conflicts"]

    def seeds(name: str, program: str, measure: str) -> list[float]:
        return [run[measure] for run in entries[name]["differences"][program]]

    def excess(name: str) -> float:
        ours, theirs = (np.mean(seeds(name, program, "rescaled")) for program in (OURS, FLEE))
        return float(ours - theirs)

    ordered = sorted(entries, key=excess, reverse=True)
    misses = [name for name in ordered if excess(name) > 0.0]
    larger = f"{len(misses)} of {len(ordered)} conflicts" + f" ({', '.join(misses)})" * any(misses)
    heads = ["conflict", "days", "departures", "scale", "seeds"]
    heads += [f"{program}, {measure}" for measure in ("rescaled", "plain") for program in _BOTH]
    rows = [
        [name, *(f"{entries[name][key]:,}" for key in ("days", "people", "scale"))]
        + [str(len(entries[name]["seeds"]))]
        + [_span(seeds(name, program, m)) for m in ("rescaled", "plain") for program in _BOTH]
        for name in ordered
    ]
    camps = ["conflict", "camp", *(f"{part:.0%}" for part in _PARTS)]
    shares = [row for name in ordered for row in _share_rows(name, entries[name]["shares"])]
    return (
        f"The rescaled difference is larger than Flee's in {larger}.\n\n{_table(heads, rows)}\n"
        f"{_table(camps, shares)}"
    )


def _span(values: Sequence[float]) -> str:
    """Return the mean over seeds, with the range if there are several seeds."""
    spread = f" ({min(values):.2f}-{max(values):.2f})" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{spread}"


def _share_rows(name: str, shares: Mapping[str, Mapping[str, Sequence[float]]]) -> list[list[str]]:
    """Return one row per camp: percent registered, here and in Flee, the largest miss first."""
    real, ours, theirs = (shares[key] for key in ("registered", *_BOTH))

    def miss(camp: str) -> float:
        return sum(abs(a - b) for a, b in zip(ours[camp], real[camp], strict=True))

    rows = []
    for camp in sorted(real, key=miss, reverse=True):
        days = zip(real[camp], ours[camp], theirs[camp], strict=True)
        cells = ["/".join(f"{100 * share:.0f}" for share in three) for three in days]
        rows.append(["" if rows else name, camp.replace("_", " "), *cells])
    return rows


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the record as JSON.

    Args:
        arguments: command-line arguments (default: the arguments of the process).
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conflicts", description=__doc__)
    parser.add_argument("clone", type=Path, help="a clone of Flee's repository")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"runs (default {SEEDS})")
    parser.add_argument("--only", action="append", choices=CONFLICTS, help="only this conflict")
    options = parser.parse_args(arguments)
    git = ["git", "-C", str(options.clone), "rev-parse", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    record: dict[str, Any] = {"command": "python -m benchmarks.conflicts CLONE", "flee": commit}
    record["conflicts"] = {}
    for name in options.only or CONFLICTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        record["conflicts"][name] = compare(options.clone, name, options.seeds)
    print(json.dumps(record, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
