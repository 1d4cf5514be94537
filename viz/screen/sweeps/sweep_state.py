"""How far a sweep is, as an immutable value, and a counter of changes that pages wait for."""

from __future__ import annotations

import threading
from dataclasses import dataclass

STARTING, RUNNING, STOPPING = "starting", "running", "stopping"
STOPPED_PHASE, COMPLETE, BROKEN = "stopped", "complete", "broken"
ACTIVE = (STARTING, RUNNING, STOPPING)


@dataclass(frozen=True, slots=True)
class SweepState:
    """How far a sweep is that this server started.

    Attributes:
        name: of the sweep.
        phase: one of the phases above.
        planned, done, failed: runs of the sweep; failed ones are of this start.
        jobs: runs at a time.
        owner: kernel of the visitor who started it.
        error: why it ended, in English; a key of ``sweep_new.error`` after an "@".
        stored: runs that the store held before this start.
        began: time on the clock of the server at which the runs began.
    """

    name: str
    phase: str = STARTING
    planned: int = 0
    done: int = 0
    failed: int = 0
    jobs: int = 1
    owner: str = ""
    error: str = ""
    stored: int = 0
    began: float = 0.0

    @property
    def is_active(self) -> bool:
        """Return whether the process runs."""
        return self.phase in ACTIVE

    def seconds_left(self, now: float) -> float | None:
        """Estimate the time until the end from the runs of this start; None before the first."""
        finished = self.done - self.stored + self.failed
        if not finished:
            return None
        left = self.planned - self.done - self.failed
        return (now - self.began) / finished * max(0, left)


class Changes:
    """A counter that threads wait for."""

    def __init__(self) -> None:
        self.number = 0
        self._condition = threading.Condition()

    def add(self) -> None:
        """Count a change and wake all threads."""
        with self._condition:
            self.number += 1
            self._condition.notify_all()

    def wait(self, known: int, seconds: float) -> int:
        """Wait until the number differs from the known one, or for a time; return the number."""
        with self._condition:
            self._condition.wait_for(lambda: self.number != known, seconds)
            return self.number
