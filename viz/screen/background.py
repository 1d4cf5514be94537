"""Runs that are played behind the screen, in a process of their own, for whoever asks.

The server's own process stays free for the screen. All visitors share one worker, taking turns; a
case that somebody has asked for before is not played again, so a class that does one lesson waits
once. Nothing here knows Solara: an `RunRequest` is iterated in a thread of the visitor.
"""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from experiments.pool import Failure, failure, kill, start_worker
from experiments.run import Case

if TYPE_CHECKING:
    import numpy as np

_KEPT = 1024  # answers that are kept, some 15 kB each for a year
_IDLE = 45.0  # seconds without work after which the worker ends


@dataclass(frozen=True, eq=False)
class RunSummary:
    """What is kept of a run in the background.

    ``daily``: float32, shape (days, len(viz.screen.frames.DAILY)). ``outcomes``: per year, by
    `abm.measures.outcomes`; ``rates`` by `abm.measures.rates`; NaN where one is not defined.
    ``sectors``: got-aways between ports, persons a year, by sector of the U.S. line.
    """

    daily: np.ndarray
    outcomes: dict[str, float]
    rates: dict[str, float] = field(default_factory=dict)
    sectors: dict[str, float] = field(default_factory=dict)


SummaryOrFailure = RunSummary | Failure


def summarise_run(case: Case) -> SummaryOrFailure:
    """Play a case; what goes wrong is an answer, too."""
    try:
        from abm import measures
        from abm.model import BorderModel
        from viz.screen.frames import daily_figures, got_aways_by_sector

        model = BorderModel(case.scenario, rng=case.seed)
        model.run_for(case.scenario.days)
        ledger = model.ledger
        return RunSummary(
            daily_figures(ledger),
            _floats(measures.outcomes(ledger)),
            _floats(measures.rates(ledger)),
            got_aways_by_sector(ledger),
        )
    except Exception as error:
        return failure(case, error)


def _floats(values: dict[str, Any]) -> dict[str, float]:
    """Plain floats, no numpy scalars."""
    return {name: float(value) for name, value in values.items()}


@dataclass(eq=False)
class RunRequest:
    """Cases that somebody waits for; iterating gives case and answer, in order, as they come."""

    cases: Sequence[Case]
    _waiting: deque[Case] = field(init=False)
    _come: queue.SimpleQueue[tuple[Case, SummaryOrFailure] | None] = field(
        default_factory=queue.SimpleQueue
    )

    def __post_init__(self) -> None:
        """Nothing is there yet."""
        self._waiting = deque(self.cases)

    def __iter__(self) -> Iterator[tuple[Case, SummaryOrFailure]]:
        """Wait for each answer; end with the last, or when it is cancelled."""
        for _ in self.cases:
            told = self._come.get()
            if told is None:
                return
            yield told

    def cancel(self) -> None:
        """Nobody waits any longer."""
        self._waiting.clear()
        self._come.put(None)

    def next_case(self) -> Case | None:
        """The next to be played; None if there is none."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def tell(self, case: Case, answer: SummaryOrFailure) -> None:
        """An answer has come."""
        self._come.put((case, answer))


class Background:
    """One worker for all; safe to ask from any thread."""

    def __init__(
        self, play: Callable[[Case], SummaryOrFailure] = summarise_run, idle: float = _IDLE
    ) -> None:
        self._play, self._idle = play, idle
        self._turns: deque[RunRequest] = deque()
        self._known: OrderedDict[str, SummaryOrFailure] = OrderedDict()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pool: ProcessPoolExecutor | None = None
        self.played = 0  # runs that took the worker

    def submit(self, cases: Sequence[Case]) -> RunRequest:
        """Have cases played, after those of others who asked before, in turns."""
        asked = RunRequest(tuple(cases))
        with self._wake:
            self._turns.append(asked)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                # it serves everybody, so it takes along the page of nobody; see viz.screen.visitors.attach
                setattr(self._thread, "current_context", None)  # noqa: B010
                self._thread.start()
            self._wake.notify()
        return asked

    def end(self) -> None:
        """End the worker at once; whoever waits is told that nothing more comes."""
        with self._wake:
            turns, self._idle = list(self._turns), 0.0
            self._wake.notify()
        for asked in turns:
            asked.cancel()
        if (pool := self._pool) is not None:
            kill(pool)

    @property
    def is_idle(self) -> bool:
        """Whether there is neither work nor a worker."""
        return self._thread is None

    def _work(self) -> None:
        """Play what is asked for until nobody has asked for a while."""
        while (turn := self._next()) is not None:
            asked, case = turn
            asked.tell(case, self._answer(case))

    def _next(self) -> tuple[RunRequest, Case] | None:
        """Whose turn it is and what to play; None after a long rest."""
        with self._wake:
            while True:
                while self._turns:
                    asked = self._turns.popleft()
                    if (case := asked.next_case()) is not None:
                        self._turns.append(asked)
                        return asked, case
                if not self._wake.wait_for(lambda: bool(self._turns), timeout=self._idle):
                    self._rest()
                    return None

    def _rest(self) -> None:
        """End the worker; the next who asks gets another."""
        self._thread = None
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _answer(self, case: Case) -> SummaryOrFailure:
        """What is known already, or a run; a worker that dies is told and replaced."""
        if (known := self._known.get(case.digest)) is not None:
            self._known.move_to_end(case.digest)
            return known
        try:
            answer = self._worker().submit(self._play, case).result()
        except BrokenExecutor as error:
            self._pool = None
            return failure(case, error)
        except Exception as error:
            return failure(case, error)
        self.played += 1
        self._known[case.digest] = answer
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return answer

    def _worker(self) -> ProcessPoolExecutor:
        """The pool of one process; spawned, since this process has threads."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=start_worker)
        return self._pool


BACKGROUND = Background()
"""The worker of this process."""
