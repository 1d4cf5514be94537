"""Background runs in one worker process, shared by all visitors.

The server's process stays free for the screen. Visitors share the worker in turns, and a case that
was run before is answered from memory, so that a class that takes one lesson waits once. This
module does not depend on Solara: a visitor's thread iterates over a `RunRequest`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from experiments.pool import Failure, failure, kill, start_worker
from experiments.run import Case

if TYPE_CHECKING:
    import numpy as np

_MEMORY = 1024  # results in memory, some 15 kB each for a year
_IDLE = 45.0  # seconds without work after which the worker ends


@dataclass(frozen=True, eq=False)
class RunSummary:
    """The results of a background run.

    Attributes:
        daily: float32, shape (days, len(viz.screen.frames.DAILY)).
        outcomes: per year, by `abm.measures.outcomes`; NaN where not defined.
        rates: by `abm.measures.rates`; NaN where not defined.
        sectors: got-aways between ports, persons a year, by sector of the U.S. line.
    """

    daily: np.ndarray
    outcomes: dict[str, float]
    rates: dict[str, float] = field(default_factory=dict)
    sectors: dict[str, float] = field(default_factory=dict)


SummaryOrFailure = RunSummary | Failure


def summarise_run(case: Case) -> SummaryOrFailure:
    """Run a case and return its summary, or the failure."""
    try:
        from abm import measures
        from abm.model import BorderModel
        from viz.screen.frames import daily_figures, got_aways_by_sector

        model = BorderModel(case.scenario, rng=case.seed)
        model.run_for(case.scenario.days)
        ledger = model.ledger
        return RunSummary(
            daily_figures(ledger),
            _plain_floats(measures.outcomes(ledger)),
            _plain_floats(measures.rates(ledger)),
            got_aways_by_sector(ledger),
        )
    except Exception as error:
        return failure(case, error)


def _plain_floats(values: dict[str, Any]) -> dict[str, float]:
    """Convert numpy scalars to floats."""
    return {name: float(value) for name, value in values.items()}


class RunRequest:
    """Cases that a visitor waits for; iterating yields each case with its result, in order."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = cases
        self.results: SimpleQueue[tuple[Case, SummaryOrFailure] | None] = SimpleQueue()
        self._waiting = deque(cases)

    def __iter__(self) -> Iterator[tuple[Case, SummaryOrFailure]]:
        """Wait for each result; end after the last one or on cancellation."""
        return islice(iter(self.results.get, None), len(self.cases))

    def cancel(self) -> None:
        """Drop the cases that have not started and end the iteration."""
        self._waiting.clear()
        self.results.put(None)

    def next_case(self) -> Case | None:
        """Return and remove the next case to run; None if there is none."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None


class Background:
    """One worker process for all visitors; safe to use from any thread."""

    def __init__(
        self, run: Callable[[Case], SummaryOrFailure] = summarise_run, idle: float = _IDLE
    ) -> None:
        self._run, self._idle = run, idle
        self._turns: deque[RunRequest] = deque()
        self._known: OrderedDict[str, SummaryOrFailure] = OrderedDict()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, cases: Sequence[Case]) -> RunRequest:
        """Queue cases; requests take turns, case by case."""
        request = RunRequest(tuple(cases))
        with self._wake:
            self._turns.append(request)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                # the thread belongs to no page; see viz.screen.visitors.attach
                setattr(self._thread, "current_context", None)  # noqa: B010
                self._thread.start()
            self._wake.notify()
        return request

    def end(self) -> None:
        """End the worker at once and cancel all requests."""
        with self._wake:
            requests, self._idle = list(self._turns), 0.0
            self._wake.notify()
        for request in requests:
            request.cancel()
        if (pool := self._pool) is not None:
            kill(pool)

    @property
    def is_idle(self) -> bool:
        """Return whether there is neither work nor a worker."""
        return self._thread is None

    def _work(self) -> None:
        """Run queued cases until there were none for the idle time."""
        while (turn := self._next()) is not None:
            request, case = turn
            request.results.put((case, self._result(case)))

    def _next(self) -> tuple[RunRequest, Case] | None:
        """Return the next request and its case; None after the idle time."""
        with self._wake:
            while True:
                while self._turns:
                    request = self._turns.popleft()
                    if (case := request.next_case()) is not None:
                        self._turns.append(request)
                        return request, case
                if not self._wake.wait_for(lambda: bool(self._turns), timeout=self._idle):
                    self._stop_worker()
                    return None

    def _stop_worker(self) -> None:
        """End the worker; the next request starts another one."""
        self._thread = None
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _result(self, case: Case) -> SummaryOrFailure:
        """Return the known result or run the case; a worker that dies is a failure."""
        if (known := self._known.get(case.digest)) is not None:
            self._known.move_to_end(case.digest)
            return known
        try:
            result = self._worker().submit(self._run, case).result()
        except Exception as error:
            if isinstance(error, BrokenExecutor):
                self._pool = None
            return failure(case, error)
        self._known[case.digest] = result
        while len(self._known) > _MEMORY:
            self._known.popitem(last=False)
        return result

    def _worker(self) -> ProcessPoolExecutor:
        """Return the pool of one process, spawned because this process has threads."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=start_worker)
        return self._pool


BACKGROUND = Background()
"""The worker of this process."""
