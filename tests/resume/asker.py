"""Script of ``twoborders ask`` and ``optimise`` with artificial runs, which tests kill.

A run takes some milliseconds, and its result depends on policies and seed. ``PAUSE`` is the number
of milliseconds. Everything but the runs is that of the commands: stages, folders, executors, files.
"""

from __future__ import annotations

import math
import os
import sys
import time

import numpy as np

from abm.policies import make
from experiments.runs.case import Case, RunResult
from experiments.studies.optimise import surrogate
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.trials import PAYERS, Evaluator
from viz.cli import long_study
from viz.cli.app import app

MONTHS = [f"{2012 + (9 + k) // 12}-{(9 + k) % 12 + 1:02d}" for k in range(120)]
EFFECT = {True: 0.16, False: 0.08}  # on log entries, with and without the need of Mexico


def artificial(case: Case) -> RunResult:
    """Return entries that fall with dollars, at diminishing returns, and vary by seed."""
    time.sleep(float(os.environ.get("PAUSE", "0")) / 1000.0)
    scenario, gain = case.scenario, 0.0
    spent: dict[str, float] = {}
    for use in scenario.policies:
        policy = make(use, scenario.start, scenario.start)
        dollars = policy.dollars_at_one * policy.delivered_dose
        gain += EFFECT[policy.needs_mexico] * math.log1p(dollars / 1e8)
        for payer, yearly in policy.dollars().items():
            spent[payer] = spent.get(payer, 0.0) + yearly
    noise = abs(1.0 + 0.1 * np.random.default_rng(case.seed).standard_normal())
    series = dict.fromkeys(OUTCOMES, np.full(120, 25_000.0 * noise * math.exp(-gain)))
    series |= {f"spent_{p}": np.full(120, spent.get(p, 0.0) / 12.0) for p in PAYERS}
    return RunResult(
        case=case.digest,
        name="artificial",
        seed=case.seed,
        start="2012-10-01",
        days=scenario.days,
        scale=1,
        persons={},
        events={},
        rates={},
        outcomes={"dollars": 0.0},
        sector_shares={},
        interceptions_by_state={},
        deaths_per_10000={},
        months=MONTHS,
        series=series | {"deaths": np.full(120, 60.0)},
        leg_flow=np.zeros(1),
        dollars={payer: paid * scenario.days / 365.25 for payer, paid in spent.items()},
        digest="",
    )


def evaluator(*words: object, **given: object) -> Evaluator:
    """Return an evaluator whose runs are artificial."""
    return Evaluator(*words, **given | {"run_case": artificial})  # type: ignore[arg-type]


def main() -> None:
    """Run a command with artificial runs and a short optimiser."""
    surrogate.lengths = lambda width: 2.0
    surrogate._POPULATION, surrogate._GENERATIONS = 16, 5
    long_study.Evaluator = evaluator
    app(sys.argv[1:])


if __name__ == "__main__":
    main()
