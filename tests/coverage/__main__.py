"""Measure the branches of the model and of the experiments that tests take.

    uv run --group dev python -m tests.coverage --write

runs a part of the tests with kernels as plain Python functions, another part with compiled ones,
and writes the coverage of both to docs/background/reliability.md. The command fails if a package
has less than 95 %, or if a test fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.coverage import report
from tests.coverage.parts import PARTS
from tests.coverage.runner import TestsFailedError, measure_all


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the required coverage is reached."""
    options = _parser().parse_args(arguments)
    chosen = [part for part in PARTS if part.name in options.parts]
    with tempfile.TemporaryDirectory(prefix="coverage-") as temporary:
        folder = options.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            measured = measure_all(chosen, folder.resolve(), options.jobs)
        except TestsFailedError as failure:
            print(failure, file=sys.stderr)
            return 1
    counts = report.read_counts(measured)
    text = report.section(counts, report.read_reasons())
    print(text)
    if options.write:
        report.write_page(text)
    return 0 if report.is_enough(counts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.coverage", description=__doc__)
    add = parser.add_argument
    names = [part.name for part in PARTS]
    add("--parts", nargs="+", choices=names, default=names, help="parts to run (default: all)")
    add("--jobs", type=int, default=2, help="number of parts at a time (default 2)")
    add("--data", type=Path, help="folder of data; parts whose data it has are not run again")
    add("--write", action="store_true", help="write the table to docs/background/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
