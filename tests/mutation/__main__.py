"""Mutation tests: change the code in small steps and check that a test fails for each change.

    uv run --group dev python -m tests.mutation --write

runs a sample of the mutants of every target and writes the score to
docs/background/reliability.md.

    uv run --group dev python -m tests.mutation --unseen 120 --seed 20 --write

runs mutants that no earlier sample contains, drawn from all targets together, and writes their
score and its interval to the same page. It is an estimate of the score of all mutants.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.mutation import report
from tests.mutation.mutants import Mutant, mutants_of, sample
from tests.mutation.report import Outcome
from tests.mutation.runner import ROOT, Workshop
from tests.mutation.targets import TARGETS

SAMPLE, SEED = 18, 1
Chosen = dict[str, list[Mutant]]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the required score is reached."""
    options = _parser().parse_args(arguments)
    if options.unseen:
        return _unseen(options)
    size = None if options.all else options.sample
    chosen = {name: sample(mutants_in(name), size, options.seed) for name in options.modules}
    if options.list:
        return _list(chosen)
    exceptions = report.read_exceptions()
    outcomes = list(_run(chosen, exceptions, options.results, options.again))
    return _finish(outcomes, report.section(outcomes, options.seed, exceptions), options)


def _unseen(options: argparse.Namespace) -> int:
    """Run mutants that no earlier sample contains."""
    left = unseen_mutants(options.modules)
    chosen = sample_of_all(left, options.unseen, options.seed)
    if options.remember:
        keys = (mutant.key for mutants in chosen.values() for mutant in mutants)
        report.add_seen(keys, f"seed {options.seed}, {options.unseen} of all unseen mutants")
    if options.list or options.remember:
        return _list(chosen)
    exceptions = report.read_exceptions()
    outcomes = list(_run(chosen, exceptions, options.results, options.again))
    total = sum(len(mutants_in(name)) for name in options.modules)
    text = report.unseen_section(
        outcomes, options.seed, sum(map(len, left.values())), total, exceptions
    )
    return _finish(outcomes, text, options)


def _list(chosen: Chosen) -> int:
    """Print the names of a sample."""
    for name, mutants in chosen.items():
        for mutant in mutants:
            print(f"{name}: {mutant.key}")
    return 0


def _finish(outcomes: list[Outcome], text: str, options: argparse.Namespace) -> int:
    """Print a section, write it if this is wanted, and return the code of the command."""
    print(text)
    if options.write:
        report.write_page(text, unseen=bool(options.unseen))
    return 0 if report.score(outcomes).share >= report.REQUIRED else 1


def mutants_in(name: str) -> list[Mutant]:
    """Return all mutants of a target."""
    files = TARGETS[name].files
    return [m for f in files for m in mutants_of(f, (ROOT / f).read_text(encoding="utf-8"))]


def unseen_mutants(names: Iterable[str]) -> Chosen:
    """Return the mutants of targets without those of earlier samples.

    Args:
        names: names of targets.

    Returns:
        Mutants by target. Those of the sample that `--write` runs by default count as seen, also
        if the code has changed since the list of earlier samples was written.
    """
    seen, left = report.read_seen(), {}
    for name in names:
        mutants = mutants_in(name)
        usual = {mutant.key for mutant in sample(mutants, SAMPLE, SEED)}
        left[name] = [mutant for mutant in mutants if mutant.key not in seen | usual]
    return left


def sample_of_all(mutants: Chosen, size: int, seed: int) -> Chosen:
    """Return a sample of all targets together, in which every mutant has the same chance.

    Args:
        mutants: mutants by target.
        size: number of mutants.
        seed: seed of the choice.

    Returns:
        The sample by target, without targets of which it contains no mutant.
    """
    every = [mutant for own in mutants.values() for mutant in own]
    chosen = {mutant.key for mutant in sample(every, size, seed)}
    parts = {name: [m for m in own if m.key in chosen] for name, own in mutants.items()}
    return {name: own for name, own in parts.items() if own}


def _run(
    chosen: Chosen,
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
    add("--unseen", type=int, default=0, help="mutants of all targets, in no earlier sample")
    add("--remember", action="store_true", help="add the unseen sample to seen.txt; do not run")
    add("--all", action="store_true", help="run every mutant (hours)")
    add("--seed", type=int, default=SEED, help=f"seed of the sample (default {SEED})")
    add("--list", action="store_true", help="print the names of the mutants and do not run them")
    add("--results", type=Path, help="file of results; mutants that it has are not run again")
    add("--again", action="store_true", help="run the survivors in the file of results again")
    add("--write", action="store_true", help="write the score to docs/background/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
