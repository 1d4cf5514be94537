"""``twoborders bench``: run times and reproducibility on this machine, each with its bound."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

from agents.param import SettingError, meant
from experiments import bench_sweep
from experiments.bench import BOUNDS, DIGEST_SEED, PARTS, BenchError, Measurement, digests, machine
from viz import bench as screens
from viz.cli import console
from viz.cli.command_options import BenchOptions
from viz.cli.shell import FAILED, OK, PARTLY, json_head, log, print_json
from viz.figures.numbers import plain

DIGESTS = "digests"


def command(options: BenchOptions) -> int:
    """Run the parts and print their measurements.

    Returns the exit code: 1 if records differ, 3 if a part raised an error.
    """
    known = PARTS | bench_sweep.PARTS | {"compare": _compare, "help": _help} | screens.PARTS
    names = (*known, DIGESTS)
    for part in options.parts:
        if part not in names:
            hint = meant(part, names) + f"Give one of {', '.join(names)}."
            raise SettingError("--part", f"{part!r} is not a part of the bench", hint)
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
    if options.as_json:
        _print_json(figures, found, failed)
    else:
        _print_tables(figures, found)
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
    done = subprocess.run(
        [sys.executable, "-m", "viz.cli", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"twoborders {' '.join(words)} ended with {done.returncode}: {last}")
    return time.perf_counter() - start


def _print_json(
    figures: Sequence[Measurement], found: Mapping[str, str], failed: Sequence[str]
) -> None:
    """Print the measurements, their bounds, the digests and the machine as JSON."""
    rows = [
        {
            "name": f.name,
            "value": f.value,
            "unit": f.unit,
            "bound": f.bound,
            "ok": f.good,
            "detail": f.detail,
        }
        for f in figures
    ]
    head = {key: value for key, value in json_head("bench").items() if key != "note"}
    results = {"figures": rows, "digests": found, "failed": list(failed)}
    print_json(head | {"machine": machine()} | results)


def _print_tables(figures: Sequence[Measurement], found: Mapping[str, str]) -> None:
    """Print the machine, a table of measurements and bounds, and a table of digests."""
    console.line("Machine: " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    marks = {True: "ok", False: "MISSED", None: ""}
    rows = [
        (
            f.name + (f"\n({f.detail})" if f.detail else ""),
            plain(f.value),
            f.unit,
            "-" if f.bound is None else plain(f.bound),
            marks[f.good],
        )
        for f in figures
    ]
    if rows:
        console.table("", ("measurement", "value", "unit", "at most", ""), rows)
    if found:
        title = f"Digests of the daily records, seed {DIGEST_SEED}"
        console.table(title, ("scenario", "digest"), list(found.items()))
