"""``twoborders bench``: run times and reproducibility on this machine, each with its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments import bench_sweep
from experiments.bench import DIGEST_SEED, PARTS, BenchError, Measurement, digests, machine
from viz import bench as screens
from viz.bench import cli_times
from viz.cli import console
from viz.cli.command_options import BenchOptions
from viz.cli.run_options import check_known
from viz.cli.shell import FAILED, OK, PARTLY, json_head, log, print_json
from viz.figures.numbers import plain

DIGESTS = "digests"


def command(options: BenchOptions) -> int:
    """Run the parts and print their measurements.

    Returns the exit code: 1 if records differ, 3 if a part raised an error.
    """
    known = PARTS | bench_sweep.PARTS | cli_times.PARTS | screens.PARTS
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
    if options.as_json:
        _print_json(figures, found, failed)
    else:
        _print_tables(figures, found)
    if failed:
        return PARTLY if figures or found else FAILED
    return FAILED if any(f.unit == "records" and not f.good for f in figures) else OK


def _print_json(
    figures: Sequence[Measurement], found: Mapping[str, str], failed: Sequence[str]
) -> None:
    """Print the measurements, their bounds, the digests and the machine as JSON."""
    keys = ("name", "value", "unit", "bound", "good", "detail")
    rows = [{"ok" if key == "good" else key: getattr(f, key) for key in keys} for f in figures]
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
