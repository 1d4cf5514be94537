"""Small sweeps for the screen, and functions that wait for their end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from experiments.sweeps.backend import ExecutorGone, Work
from experiments.sweeps.design_files import read
from experiments.sweeps.sweep import sweep
from viz.screen.session.choice import Choice
from viz.screen.sweeps.sweep_plan import Form, FormRow, SweepPlan, plan_sweep
from viz.screen.sweeps.sweep_runs import SquareBackend, SweepRefused, SweepRuns
from viz.screen.words import Words

WAIT = 300.0  # seconds, long enough for a machine that is busy with other work
NAME = "sweep/tiny"
ROWS = (
    FormRow("policy.southern_border_control", values="0; 250"),
    FormRow("migrants.retry_removed", values="20; 40"),
)


def tiny(name: str = "tiny", seeds: int = 1) -> SweepPlan:
    """Return a design of four short runs per seed."""
    form = Form(name=name, rows=ROWS, seeds=f"{seeds}")
    return plan_sweep(Words("en"), form, Choice(days=3, scale=1000), 10**9)


class Waiting(SquareBackend):
    """A backend that runs nothing and waits until it is stopped."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.stopped = threading.Event()

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Wait for `stop`, then end as if the processes had been killed."""
        assert self.stopped.wait(WAIT)
        raise ExecutorGone("the runs were stopped")

    def stop(self) -> None:
        """End the wait in `run`."""
        self.stopped.set()


def wait_until(runs: SweepRuns, condition: Callable[[], bool]) -> None:
    """Wait until a condition on the runs holds."""
    number, late = -1, time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < late
        number = runs.changes.wait(number, 1.0)


def ended(runs: SweepRuns, name: str = NAME) -> str:
    """Wait until a sweep has ended; return its last phase."""
    wait_until(runs, lambda: not (state := runs.state(name)) or not state.is_active)
    state = runs.state(name)
    assert state is not None
    return state.phase


def key_of(call: Callable[[], object]) -> str:
    """Return the key of the refusal that a call raises."""
    with pytest.raises(SweepRefused) as caught:
        call()
    return caught.value.key


def interrupted(text: str, folder: Path, runs: int) -> None:
    """Run a few runs of a design as the command does, then interrupt the sweep."""

    def stop(_: object) -> None:
        nonlocal runs
        runs -= 1
        if not runs:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(read(text), folder, executor="serial", on_result=stop)
