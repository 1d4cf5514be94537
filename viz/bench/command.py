"""``twoborders bench``: run times and reproducibility on this machine, each with its bound."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from experiments import bench, bench_start, bench_sweep
from experiments.bench import BOUNDS, DIGEST_SEED, BenchError, Measurement, digests, machine
from viz.bench import page, screen, visitors
from viz.cli import console
from viz.cli.command_options import BenchOptions
from viz.cli.run_options import check_known
from viz.cli.shell import FAILED, OK, PARTLY, json_head, log, print_result
from viz.figures.numbers import plain

DIGESTS = "digests"


def command(options: BenchOptions) -> int:
    """Run and print the parts; return the exit code, 1 if records differ, 3 if a part failed."""
    known = bench.PARTS | bench_start.parts(options.full) | bench_sweep.PARTS | _PARTS
    names = (*known, DIGESTS)
    for part in options.parts:
        check_known("--part", part, names)
    figures: list[Measurement] = []
    failed: list[str] = []
    found: dict[str, str] = {}
    for part in options.parts or names:
        log(f"measuring {part} ...")
        try:
            if part == DIGESTS:
                found = digests()
            else:
                figures += known[part]()
        except BenchError as error:
            failed.append(f"{part}: {error}")
            log(f"warning: {failed[-1]}")
    tables = partial(_print_tables, figures, found)
    print_result(_study(figures, found, failed), options.as_json, tables)
    if failed:
        return PARTLY if figures or found else FAILED
    return FAILED if any(f.unit == "records" and not f.good for f in figures) else OK


def _compare() -> list[Measurement]:
    """Measure the default comparison, from the start of the process."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _time("compare", "--out", folder)
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", BOUNDS["compare_wall"])]


def _help() -> list[Measurement]:
    """Measure the help, the shortest of three times."""
    wall = min(_time("--help") for _ in range(3))
    return [Measurement("`twoborders --help`", wall, "s", BOUNDS["help_wall"])]


def _time(*words: str) -> float:
    """Return the wall seconds of a command in a new process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "viz.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"twoborders {' '.join(words)} ended with {done.returncode}: {last}")
    return time.perf_counter() - start


_PARTS = {
    "compare": _compare,
    "help": _help,
    "page": page.measure,
    "screen": screen.measure,
    "visitors": visitors.measure,
}


def _study(
    figures: Sequence[Measurement], found: Mapping[str, str], failed: Sequence[str]
) -> dict[str, Any]:
    """Return the measurements, their bounds, the digests and the machine."""
    keys = ("name", "value", "unit", "bound", "least", "good", "detail")
    rows = [{"ok" if key == "good" else key: getattr(f, key) for key in keys} for f in figures]
    head = {key: value for key, value in json_head("bench").items() if key != "note"}
    results = {"figures": rows, "digests": found, "failed": list(failed)}
    return head | {"machine": machine()} | results


def _print_tables(figures: Sequence[Measurement], found: Mapping[str, str]) -> None:
    """Print the machine, a table of measurements and bounds, and a table of digests."""
    console.line("Machine: " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    marks, rows = {True: "ok", False: "MISSED", None: ""}, []
    for f in figures:
        name = f"{f.name}\n({f.detail})" if f.detail else f.name
        bound = "-" if f.bound is None else f"{'>=' if f.least else '<='} {plain(f.bound)}"
        rows.append((name, plain(f.value), f.unit, bound, marks[f.good]))
    if rows:
        console.table("", ("measurement", "value", "unit", "bound", ""), rows)
    if found:
        title = f"Digests of the daily records, seed {DIGEST_SEED}"
        console.table(title, ("scenario", "digest"), list(found.items()))
