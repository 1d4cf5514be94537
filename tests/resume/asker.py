"""Run ``twoborders ask`` or ``optimise`` with artificial runs, as a script that tests kill.

A run takes ``PAUSE`` milliseconds, and its result depends on policies and seed. Everything except
the runs is the code of the commands: stages, folders, executors and files.
"""

from __future__ import annotations

import os
import sys
import time

from experiments.runs.case import Case, RunResult
from experiments.studies.optimise import study, surrogate
from experiments.studies.optimise.trials import Evaluator
from tests.unit.conftest import World
from viz.cli.app import app

WORLD = World(us=0.08, mexico=0.16)


def artificial(case: Case) -> RunResult:
    """Return entries that fall with dollars, at diminishing returns, and vary by seed."""
    time.sleep(float(os.environ.get("PAUSE", "0")) / 1000.0)
    return WORLD(case)


def evaluator(*words: object, **given: object) -> Evaluator:
    """Return an evaluator whose runs are artificial."""
    return Evaluator(*words, **given | {"run_case": artificial})  # type: ignore[arg-type]


def main() -> None:
    """Run a command with artificial runs and a short optimiser."""
    surrogate.lengths = lambda width: 2.0
    surrogate._POPULATION, surrogate._GENERATIONS = 16, 5
    study.Evaluator = evaluator
    app(sys.argv[1:])


if __name__ == "__main__":
    main()
