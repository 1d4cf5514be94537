"""The process in which a sweep of the screen runs, and the one in which a run is timed.

The process has separate workers, as that of ``twoborders sweep`` has, and a lower priority than
the screen. SIGTERM ends it at once; finished runs are stored by then. It also ends with the server.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from abm.scenario import Scenario, SettingError
from experiments.sweeps.sweep_writer import RunRecord
from viz.screen.words import one_line

STOPPED = 3  # exit code of a process that received SIGTERM
#: [A] niceness of the process and its workers: about a third of a core if others need all of them.
_NICENESS = 5
_DAYS = 60  # of the timed run


class Stopped(BaseException):
    """The process received SIGTERM; a run cannot catch it as one of its errors."""


@dataclass(frozen=True, slots=True)
class SweepOrder:
    """The sweep that a process runs.

    Attributes:
        folder: folder of the sweep.
        text: the design; empty for that of the store, which continues.
        jobs: runs at a time.
        command: the command that continues the sweep, stored as provenance.
    """

    folder: str
    text: str
    jobs: int
    command: Sequence[str] = ()


def spawn(target: Callable[..., None], *arguments: Any) -> tuple[BaseProcess, Connection]:
    """Start a process with one end of a pipe as its last argument; return it and the other end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    with contextlib.ExitStack() as on_error, theirs:  # closed so that the process ends the pipe
        on_error.callback(ours.close)
        process = context.Process(target=target, args=(*arguments, theirs))
        process.start()
        on_error.pop_all()
    return process, ours


def run_sweep(order: SweepOrder, messages: Connection) -> None:
    """Run or continue a sweep.

    Args:
        order: what to run.
        messages: receives ("start", planned, stored), ("run", whether it has a result), and
            ("error", text).
    """
    _prepare()
    try:
        _run_sweep(order, messages)
    except Stopped:
        sys.exit(STOPPED)
    except Exception as error:
        known = isinstance(error, SettingError)
        messages.send(("error", one_line(error) if known else type(error).__name__))
        sys.exit(1)


def _run_sweep(order: SweepOrder, messages: Connection) -> None:
    from experiments.sweeps.design import read
    from experiments.sweeps.design.stored import stored_design
    from experiments.sweeps.sweep import sweep

    design = read(order.text) if order.text else stored_design(order.folder)
    sweep(
        design,
        order.folder,
        executor="processes",
        jobs=order.jobs,
        on_start=lambda planned, stored: messages.send(("start", planned, stored)),
        on_result=lambda answer: messages.send(("run", isinstance(answer, RunRecord))),
        command=order.command,
    )


def time_one_run(scenario: Scenario, messages: Connection) -> None:
    """Time a run of a scenario; send a ``RunTime``, or nothing if it cannot be run."""
    from experiments.sweeps.design.plan import LARGEST_SEED
    from experiments.sweeps.timed_trial import compile_and_load, time_run

    _prepare()
    try:
        timed = scenario.with_settings({"days": _DAYS})
        compile_and_load(timed, LARGEST_SEED)
        messages.send(time_run(timed, LARGEST_SEED))
    except (Stopped, SettingError):
        sys.exit(1)


def _prepare() -> None:
    """Yield to the screen, leave Ctrl-C to the server, and end on SIGTERM or with the server."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _stop(*_: object) -> None:
    """Raise once; later signals would interrupt the end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def _end_with(parent: BaseProcess) -> None:
    """Stop this process when its parent ends, also if the parent is killed."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
