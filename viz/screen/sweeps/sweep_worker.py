"""The process of one sweep, and the thread that reads its messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from viz.screen.session.threads import start_thread
from viz.screen.sweeps.sweep_process import SweepOrder, spawn
from viz.screen.sweeps.sweep_quota import SweepRefused

PATIENCE = 1.5  # seconds between SIGTERM and SIGKILL
_CHECK = 1.0  # seconds between calls of `check` without messages


@dataclass(eq=False)
class SweepWorker:
    """A sweep that runs; the functions are called in its thread.

    Attributes:
        process: the process.
        on_message: receives every message of the process.
        check: called after every message, and every second without one.
        on_end: receives the exit code.
    """

    process: BaseProcess
    on_message: Callable[[tuple[Any, ...]], None]
    check: Callable[[], None]
    on_end: Callable[[int | None], None]

    def stop(self) -> None:
        """Send SIGTERM to the process, and kill it if it does not end; return at once."""
        self.process.terminate()
        with contextlib.suppress(RuntimeError):  # without a further thread it is not killed
            start_thread(_kill_late, self.process)

    def join(self) -> None:
        """Wait for the end of a process that was stopped."""
        self.process.join(PATIENCE + 1.0)

    def read(self, messages: Connection) -> None:
        """Pass on messages until the process ends."""
        with contextlib.suppress(EOFError, OSError), messages:
            while True:
                if messages.poll(_CHECK):
                    self.on_message(messages.recv())
                self.check()
        self.process.join()
        self.on_end(self.process.exitcode)


def start_worker(
    target: Callable[..., None],
    order: SweepOrder,
    *,
    on_message: Callable[[tuple[Any, ...]], None],
    check: Callable[[], None],
    on_end: Callable[[int | None], None],
) -> SweepWorker:
    """Start the process of a sweep and a thread that reads its messages.

    Args:
        target: the function that the process runs.
        order: the sweep.
        on_message: see `SweepWorker`.
        check: see `SweepWorker`.
        on_end: see `SweepWorker`; not called if this function raises an error.

    Returns:
        The worker.

    Raises:
        SweepRefused: the process or the thread cannot be started.
    """
    try:
        process, messages = spawn(target, order)
    except Exception:  # of the machine, such as too many processes, or of pickle
        raise SweepRefused("process") from None
    worker = SweepWorker(process, on_message, check, on_end)
    try:
        start_thread(worker.read, messages, name="sweep")
    except RuntimeError:
        messages.close()
        process.kill()
        process.join()
        raise SweepRefused("process") from None
    return worker


def _kill_late(process: BaseProcess) -> None:
    """Kill a process that does not end after SIGTERM; its workers end with it."""
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
