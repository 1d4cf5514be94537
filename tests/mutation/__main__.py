"""Mutation tests: change the code in small steps and check that a test fails for each change.

    uv run --group dev python -m tests.mutation --write

runs a sample of the mutants of every target and writes the score to
docs/background/reliability.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.mutation import report
from tests.mutation.mutants import Mutant, mutants_of, sample
from tests.mutation.report import Outcome
from tests.mutation.runner import ROOT, Workshop
from tests.mutation.targets import TARGETS

SAMPLE, SEED = 18, 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the required score is reached."""
    options = _parser().parse_args(arguments)
    size = None if options.all else options.sample
    chosen = {name: sample(mutants_in(name), size, options.seed) for name in options.modules}
    if options.list:
        for name, mutants in chosen.items():
            print(*(f"{name}: {mutant.key}" for mutant in mutants), sep="\n")
        return 0
    exceptions = report.read_exceptions()
    outcomes = list(_run(chosen, exceptions, options.results, options.again))
    text = report.section(outcomes, options.seed, exceptions)
    print(text)
    if options.write:
        report.write_page(text)
    return 0 if report.score(outcomes).share >= report.REQUIRED else 1


def mutants_in(name: str) -> list[Mutant]:
    """Return all mutants of a target."""
    files = TARGETS[name].files
    return [m for f in files for m in mutants_of(f, (ROOT / f).read_text(encoding="utf-8"))]


def _run(
    chosen: dict[str, list[Mutant]],
    exceptions: report.Exceptions,
    results: Path | None,
    again: bool,
) -> Iterator[Outcome]:
    """Run all mutants that are not equivalent and have no stored result; print each result."""
    stored = report.read_results(results)
    if again:
        stored = {key: killed_by for key, killed_by in stored.items() if killed_by}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshop = Workshop(Path(folder))
        for name, mutants in chosen.items():
            for k, mutant in enumerate(mutants, 1):
                if mutant.key in exceptions.equivalent:
                    yield Outcome(name, mutant, None)
                    continue
                if mutant.key in stored:
                    yield Outcome(name, mutant, stored[mutant.key])
                    continue
                outcome = Outcome(name, mutant, workshop.killed_by(TARGETS[name], mutant))
                report.add_result(results, outcome)
                by = f"killed by {outcome.killed_by}" if outcome.killed_by else "SURVIVED"
                line = f"{name} {k}/{len(mutants)} {mutant.key} (line {mutant.line}): {by}"
                print(line, file=sys.stderr, flush=True)
                yield outcome


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    add = parser.add_argument
    add("--modules", nargs="+", choices=TARGETS, default=list(TARGETS), help="targets to run")
    add("--sample", type=int, default=SAMPLE, help=f"mutants per target (default {SAMPLE})")
    add("--all", action="store_true", help="run every mutant (hours)")
    add("--seed", type=int, default=SEED, help=f"seed of the sample (default {SEED})")
    add("--list", action="store_true", help="print the names of the mutants and do not run them")
    add("--results", type=Path, help="file of results; mutants that it has are not run again")
    add("--again", action="store_true", help="run the survivors in the file of results again")
    add("--write", action="store_true", help="write the score to docs/background/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
