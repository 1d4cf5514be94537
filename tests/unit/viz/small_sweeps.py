"""Small sweeps of the screen, and functions that wait for their end."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from experiments.sweeps.design import read
from experiments.sweeps.sweep import sweep
from viz.screen.session.choice import Choice
from viz.screen.sweeps import sweep_process
from viz.screen.sweeps.sweep_limits import SWEEPS_ALONE
from viz.screen.sweeps.sweep_plan import Form, FormRow, SweepPlan, plan_sweep
from viz.screen.sweeps.sweep_process import SweepOrder
from viz.screen.sweeps.sweep_quota import SweepRefused
from viz.screen.sweeps.sweep_runs import SweepRuns
from viz.screen.words import Words

WAIT = 300.0  # seconds; for machines that are busy with other work
NAME = "sweep/tiny"
ROWS = (
    FormRow("policy.southern_border_control|dose", values="0; 100"),
    FormRow("migrants.retry_removed", values="20; 40"),
)


def tiny(name: str = "tiny", seeds: int = 1) -> SweepPlan:
    """Four short runs a seed."""
    form = Form(name=name, rows=ROWS, seeds=f"{seeds}", days="3", scale="1000")
    return plan_sweep(Words("en"), form, Choice(), SWEEPS_ALONE, 10**9)


def waiting(order: SweepOrder, messages: Connection) -> None:
    """A process that stores nothing and runs until it is stopped."""
    messages.send(("start", 4, 0))
    time.sleep(WAIT)


def fork_stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the processes of sweeps from one that has imported this module.

    A process that imports everything for itself takes one and a half seconds of a core. This is for
    stand-ins such as `waiting`, which take the place of `run_sweep`.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():  # not on Windows
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        monkeypatch.setattr(sweep_process.multiprocessing, "get_context", lambda _: context)


def wait_until(runs: SweepRuns, condition: Callable[[], bool]) -> None:
    """Wait for a change of state."""
    number, late = -1, time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < late
        number = runs.changes.wait(number, 1.0)


def ended(runs: SweepRuns, name: str = NAME) -> str:
    """Wait for the end of a sweep; return its last phase."""
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
    """Run a few runs of a design as the command does, then interrupt it."""

    def stop(_: object) -> None:
        nonlocal runs
        runs -= 1
        if not runs:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(read(text), folder, executor="serial", on_result=stop)
