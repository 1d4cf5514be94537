"""A sweep that somebody will kill: run as a script, it tells of every run that was entered.

Its runs are made up, so that hundreds of them take a second, and depend on scenario and seed alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from experiments.design import Design, Grid
from experiments.pool import Failure
from experiments.run import Case, RunResult
from experiments.scenarios import find
from experiments.sweep import sweep
from experiments.sweep_writer import RunRecord

DOSES = (0.0, 0.5, 1.0, 1.5)


def design(reps: int) -> Design:
    """Four points with so many seeds."""
    sample = Grid({"policy.fence": DOSES})
    return Design(name="sweeper", sample=sample, scenario=find("classroom"), reps=reps)


FREE = 3  # seeds that wait for nobody
DEADLY, WRONG = (0.5, 2), (1.0, 3)  # dose and seed of what kills its worker, and of what raises


def dose_of(case: Case) -> float:
    """The dose that a case plays."""
    return sum(use.dose or 0.0 for use in case.scenario.policies)


def ill(case: Case) -> RunResult:
    """As ``made_up``, but one run ends its process and another one raises."""
    if (dose_of(case), case.seed) == DEADLY:
        os._exit(9)
    if (dose_of(case), case.seed) == WRONG:
        raise ValueError("a wheel came off")
    return made_up(case)


def held(case: Case) -> RunResult:
    """As ``made_up``, but most runs wait until there is the file that somebody else makes."""
    while case.seed > FREE and not Path(os.environ["GO"]).exists():
        time.sleep(0.02)
    return made_up(case)


def made_up(case: Case) -> RunResult:
    """A run in no time; it takes 5 to 25 ms."""
    dose = dose_of(case)
    time.sleep(0.005 + 0.001 * (case.seed * 7919 % 20))
    value = float(np.sin(case.seed) + dose)
    series = {"got_aways": np.arange(400.0) * value}  # an answer that fills the pipe
    return RunResult(
        case=case.digest,
        name="made up",
        seed=case.seed,
        start="2012-10-01",
        days=1,
        scale=1,
        persons={},
        events={},
        rates={},
        outcomes={"got_aways": value, "undefined": float("nan")},
        sector_shares={},
        interceptions_by_state={},
        deaths_per_10000={},
        months=[],
        series=series,
        leg_flow=np.full(30_000, value),
        dollars={},
        digest=f"{value:.17g}",
        cost={"cpu_s": time.process_time(), "wall_s": time.perf_counter()},
    )


def tell(answer: RunRecord | Failure) -> None:
    """Say at once what was entered, and by whom it was played."""
    told = {"failed": str(answer)}
    if isinstance(answer, RunRecord):
        told = {"key": answer.key, "worker": int(answer.worker.rpartition(":")[2])}
    print(json.dumps(told), flush=True)


def main(folder: Path, reps: int, executor: str, play: str = "made_up") -> None:
    """Go on with the sweep in a folder."""
    planned = design(reps)
    print(json.dumps({"begins": os.getpid()}), flush=True)
    sweep(planned, folder, executor=executor, jobs=2, play=globals()[play], on_result=tell)
    print(json.dumps({"ends": os.getpid()}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
