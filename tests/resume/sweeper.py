"""Run a sweep and print a line for every stored run, as a script that tests kill.

Results are artificial, so that hundreds of runs take a second. They depend on scenario and seed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.runs.case import Case, Failure, RunResult
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid, Shard
from experiments.sweeps.store_writer import RunRecord
from experiments.sweeps.sweep import sweep
from tests.made_results import made_result

DOSES = (0.0, 0.5, 1.0, 1.5)


def design(reps: int) -> Design:
    """Return a design of four points."""
    sample = Grid({"policy.fence": DOSES})
    return Design(name="sweeper", sample=sample, scenario=find("classroom"), reps=reps)


FREE = 3  # number of seeds that do not wait
# Dose and seed: the first case kills its worker, the second raises an error.
DEADLY, WRONG = (0.5, 2), (1.0, 3)


def dose_of(case: Case) -> float:
    """Return the dose of a case."""
    return sum(spec.dose or 0.0 for spec in case.scenario.policies)


def failing(case: Case) -> RunResult:
    """Act as ``artificial``, but one run ends its process and another run raises an error."""
    if (dose_of(case), case.seed) == DEADLY:
        os._exit(9)
    if (dose_of(case), case.seed) == WRONG:
        raise ValueError("made to fail")
    return artificial(case)


def waiting(case: Case) -> RunResult:
    """Act as ``artificial``, but most runs wait until the file in the variable GO exists."""
    while case.seed > FREE and not Path(os.environ["GO"]).exists():
        time.sleep(0.02)
    return artificial(case)


def artificial(case: Case) -> RunResult:
    """Return an artificial result after 5 to 25 ms."""
    dose = dose_of(case)
    time.sleep(0.005 + 0.001 * (case.seed * 7919 % 20))
    value = float(np.sin(case.seed) + dose)
    return made_result(
        case,
        outcomes={"got_aways": value, "undefined": float("nan")},
        series={"got_aways": np.arange(400.0) * value},  # large enough to fill the pipe
        leg_flow=np.full(30_000, value),
        digest=f"{value:.17g}",
        cost={"cpu_s": time.process_time(), "wall_s": time.perf_counter()},
    )


def print_result(answer: RunRecord | Failure) -> None:
    """Print the key and worker of a stored run, or its failure."""
    message = {"failed": str(answer)}
    if isinstance(answer, RunRecord):
        message = {"key": answer.key, "worker": int(answer.worker.rpartition(":")[2])}
    print(json.dumps(message), flush=True)


def main(folder: Path, reps: int, executor: str, function="artificial", shard: str = "") -> None:
    """Continue the sweep, or a shard of the sweep, in a folder."""
    # A shell starts background jobs, and therefore their children, with interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    planned = replace(design(reps), shard=Shard.read(shard) if shard else None)
    print(json.dumps({"begins": os.getpid()}), flush=True)
    sweep(
        planned, folder, executor=executor, jobs=2, run=globals()[function], on_result=print_result
    )
    print(json.dumps({"ends": os.getpid()}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
