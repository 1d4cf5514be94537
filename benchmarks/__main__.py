"""``python -m benchmarks``: run times and memory on this machine, each with its bound."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial

from benchmarks import cluster, commands, drawing, engines, page, screen, start, sweeps, visitors
from benchmarks.measurement import BenchmarkError, Measurement, machine

#: Parts in output order. The comparison with another model at equal size comes first.
PARTS: dict[str, Callable[[], list[Measurement]]] = {
    "engines": engines.measure,
    "commands": commands.commands,
    "days": commands.days,
    "first": commands.first,
    "compare": start.compare,
    "million": start.million,
    "sweep": sweeps.overhead,
    "processes": sweeps.processes,
    "shards": sweeps.shards,
    "cluster": cluster.measure,
    "page": page.measure,
    "screen": screen.measure,
    "drawing": drawing.measure,
    "visitors": visitors.measure,
}


def main(words: Sequence[str] | None = None) -> int:
    """Measure the selected parts and print their figures.

    Args:
        words: command-line arguments (default: the process's arguments).

    Returns:
        0, or 1 if a part failed. A missed bound is printed but is not a failure.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add_option = parser.add_argument
    add_option("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    add_option("--against", metavar="COMMIT", help="compare commands with another commit instead")
    add_option("--repeats", type=int, default=10, help="with --against: repetitions (default 10)")
    add_option("--json", action="store_true", help="print JSON instead of lines")
    options = parser.parse_args(words)
    figures: list[Measurement] = []
    failures: list[str] = []
    compared = partial(commands.against, options.against, options.repeats)
    parts = {"against": compared} if options.against else PARTS
    for part in options.part if options.part and not options.against else parts:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        try:
            figures += parts[part]()
        except BenchmarkError as error:
            failures.append(f"{part}: {error}")
            print(f"warning: {failures[-1]}", file=sys.stderr)
    if options.json:
        rows = [asdict(figure) | {"good": figure.good} for figure in figures]
        print(json.dumps({"machine": machine(), "figures": rows, "failed": failures}, indent=2))
    else:
        print("\n".join(table(figures)))
    return int(bool(failures))


def table(figures: Iterable[Measurement]) -> list[str]:
    """Return the machine and one line per measurement, with details indented below it."""
    lines = [", ".join(f"{name} {value}" for name, value in machine().items())]
    for figure in figures:
        bound = "" if figure.bound is None else f"{'<>'[figure.is_minimum]}= {figure.bound:,.4g}"
        missed = "MISSED" if figure.good is False else ""
        value = f"{figure.value:,.4g} {figure.unit}"
        lines.append(f"{figure.name:<80} {value:>24}  {bound:<10} {missed}".rstrip())
        lines += [f"    {figure.detail}"] if figure.detail else []
    return lines


if __name__ == "__main__":
    sys.exit(main())
