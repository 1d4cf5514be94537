"""``twoborders bench``: run times and reproducibility on this machine, each with its bound."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

from experiments import bench, bench_field, bench_start, bench_sweep
from experiments.bench import BOUNDS, DIGEST_SEED, BenchError, Measurement, digests, machine
from viz.bench import page, screen, visitors
from viz.cli import console
from viz.cli.command_options import BenchOptions
from viz.cli.run_options import check_known
from viz.cli.shell import FAILED, OK, PARTLY, json_head, log, print_result
from viz.figures.numbers import plain

DIGESTS, FIELD = "digests", "field"
_FIELD_COLUMNS = (
    "engine",
    "people",
    "agent-days",
    "not\nmoving",
    "CPU s",
    "agent-days\nper CPU s",
    "peak\nMB",
    "bytes\nper\nrow",
)


@dataclass
class _Results:
    """Results of the parts: figures, digests, the comparison with the field, and failures."""

    figures: list[Measurement] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    in_field: bench_field.FieldResult | None = None
    failed: list[str] = field(default_factory=list)

    def fail(self, part: str, reason: object) -> None:
        """Record and print the failure of a part."""
        self.failed.append(f"{part}: {reason}")
        log(f"warning: {self.failed[-1]}")


def command(options: BenchOptions) -> int:
    """Run and print the parts; return 1 if records differ or all parts failed, 3 if some failed."""
    known = bench.PARTS | bench_start.parts(options.full) | bench_sweep.PARTS | _PARTS
    names = (*known, FIELD, DIGESTS)
    for part in options.parts:
        check_known("--part", part, names)
    results = _Results()
    for part in options.parts or names:
        log(f"measuring {part} ...")
        try:
            if part == DIGESTS:
                results.digests = digests()
            elif part == FIELD:
                _measure_field(results)
            else:
                results.figures += known[part]()
        except BenchError as error:
            results.fail(part, error)
    print_result(_study(results), options.as_json, lambda: _print_tables(results))
    figures = results.figures
    if results.failed:
        return PARTLY if figures or results.digests else FAILED
    return FAILED if any(f.unit == "records" and not f.good for f in figures) else OK


def _measure_field(results: _Results) -> None:
    """Measure the field; report a missing package as a failure and measure the other rows."""
    results.in_field = bench_field.measure()
    results.figures += results.in_field.measurements()
    if results.in_field.flee is None:
        results.fail(FIELD, bench_field.MISSING)


def _compare() -> list[Measurement]:
    """Measure the default comparison, from the start of the process."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _time("compare", "--out", folder)
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", BOUNDS["compare_wall"])]


def _help() -> list[Measurement]:
    """Measure `twoborders --help`; the shortest of three times counts."""
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


def _study(results: _Results) -> dict[str, Any]:
    """Return the measurements, their bounds, the digests, the field and the machine."""
    keys = ("name", "value", "unit", "bound", "least", "good", "detail")
    figures = [
        {"ok" if key == "good" else key: getattr(f, key) for key in keys} for f in results.figures
    ]
    head = {key: value for key, value in json_head("bench").items() if key != "note"}
    found = {"figures": figures, "digests": results.digests, "failed": list(results.failed)}
    rows = results.in_field.as_json() if results.in_field else {}
    return head | {"machine": machine()} | found | rows


def _print_tables(results: _Results) -> None:
    """Print the machine, then tables of the field, of measurements and bounds, and of digests."""
    console.line("Machine: " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    if results.in_field:
        _print_field(results.in_field)
    marks, rows = {True: "ok", False: "MISSED", None: ""}, []
    for f in results.figures:
        name = f"{f.name}\n({f.detail})" if f.detail else f.name
        rows.append((name, plain(f.value), f.unit, _bound(f), marks[f.good]))
    if rows:
        console.table("", ("measurement", "value", "unit", "bound", ""), rows)
    if results.digests:
        title = f"Digests of the daily records, seed {DIGEST_SEED}"
        console.table(title, ("scenario", "digest"), list(results.digests.items()))


def _bound(figure: Measurement) -> str:
    """Return the bound of a figure as text, with three digits if it is below 100."""
    if figure.bound is None:
        return "-"
    number = plain(figure.bound) if figure.bound >= 100 else f"{figure.bound:.3g}"
    return f"{'>=' if figure.least else '<='} {number}"


def _print_field(found: bench_field.FieldResult) -> None:
    """Print the rows of the field."""
    flee = f", Flee {found.flee}" if found.flee else ""
    title = f"A year on one core, smallest CPU time of {found.repeats} runs{flee}"
    slow = [row for row in found.rows if row.runs != found.repeats]
    title += "".join(f"; {row.runs} runs of {row.engine}, {row.people:,} people" for row in slow)
    console.table(title, _FIELD_COLUMNS, bench_field.table(found.rows))
