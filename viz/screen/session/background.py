"""Background runs in one worker process, shared by all visitors.

The server's process stays free for the screen: the worker has a lower priority. Visitors share the
worker in turns, and a case that was run before is answered from memory without a turn, so that a
class that takes one lesson waits once. Runs that no visitor requested (`RunRequest.may_start`) come
after all others, and leave the processor idle for most of the time while worlds run on the screen.
This module does not depend on Solara: a visitor's thread iterates over a `RunRequest`.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from experiments.runs.run import Case
from experiments.sweeps.pool import Failure, failure, kill, start_worker
from viz.screen.session.threads import start_thread
from viz.screen.session.visitors import VISITOR_LIMITS

if TYPE_CHECKING:
    import numpy as np

_MEMORY = 1024  # results in memory, some 15 kB each for a year
_IDLE = 45.0  # seconds without work after which the worker ends
_CHECK = 0.5  # seconds between checks of a worker, and of requests that may not start yet
_ATTEMPTS = 2  # runs of a case whose worker dies
#: [A] niceness of the worker: about a tenth of a core if the screen needs all of them.
_NICENESS = 10
#: [A] seconds of rest for each second of work while worlds run on the screen. Niceness alone does
#: not help where two threads share a core: one frame in twenty was later than 136 to 162 ms, and
#: than 129 ms with the rests (two worlds of 100,000 people a year, two cores).
_REST = 3.0


@dataclass(frozen=True, eq=False)
class RunSummary:
    """The results of a background run.

    Attributes:
        daily: float32, shape (days, len(viz.screen.session.frames.DAILY)).
        outcomes: per year, by `abm.measures.outcomes`; NaN where not defined.
        rates: by `abm.measures.rates`; NaN where not defined.
        sectors: got-aways between ports, persons a year, by sector of the U.S. line.
    """

    daily: np.ndarray
    outcomes: dict[str, float]
    rates: dict[str, float] = field(default_factory=dict)
    sectors: dict[str, float] = field(default_factory=dict)


SummaryOrFailure = RunSummary | Failure
Key = tuple[str, int]  # digest of the settings, and seed


class Rests:
    """Rests of the worker, which the server's process switches on and off."""

    is_on: Any = None  # an event that both processes share; None outside of a worker

    @classmethod
    def after(cls, seconds: float) -> None:
        """Rest after some seconds of work, if rests are on."""
        if cls.is_on is not None and cls.is_on.is_set():
            time.sleep(_REST * seconds)


def summarise_run(case: Case) -> SummaryOrFailure:
    """Run a case and return its summary, or the failure; equal warm-ups are simulated once."""
    try:
        from abm import measures
        from experiments.runs.warmup import start_model
        from viz.screen.session.frames import daily_figures, got_aways_by_sector

        model = start_model(case.scenario, case.seed)
        for _ in range(case.scenario.days):
            began = time.perf_counter()
            model.run_for(1)
            Rests.after(time.perf_counter() - began)
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
    """Cases that a visitor waits for; iterating yields each case with its result, in order.

    The first failure is the last result.

    Attributes:
        cases: the cases.
        may_start: whether a case may start now; called often, from another thread. None for runs
            that a visitor requested; others start only if no requested run waits.
        results: the results that were not read yet; None ends the iteration.
    """

    def __init__(self, cases: Sequence[Case], may_start: Callable[[], bool] | None = None) -> None:
        self.cases, self.may_start = cases, may_start
        self.results: SimpleQueue[tuple[Case, SummaryOrFailure] | None] = SimpleQueue()
        self._waiting, self._cancelled = deque(cases), False
        scenarios = {id(case.scenario): case.scenario for case in cases}
        self._digests = {number: scenario.digest for number, scenario in scenarios.items()}

    def __iter__(self) -> Iterator[tuple[Case, SummaryOrFailure]]:
        """Wait for each result; end after the last one or on cancellation."""
        return islice(iter(self.results.get, None), len(self.cases))

    def cancel(self) -> None:
        """Drop the cases that have not started and end the iteration."""
        self._cancelled = True
        self.results.put(None)

    def first(self) -> Case | None:
        """Return the next case to run; None if there is none."""
        return self._waiting[0] if self._waiting and not self._cancelled else None

    def answer(self, case: Case, result: SummaryOrFailure) -> None:
        """Deliver the result of a case; after a failure the cases that follow are dropped."""
        self.results.put((case, result))
        if isinstance(result, Failure):  # here, so that the worker starts no other one meanwhile
            self.cancel()

    def remove_first(self) -> None:
        """Remove the next case."""
        self._waiting.popleft()

    def key(self, case: Case) -> Key:
        """Return the digest of a case's settings, and its seed."""
        return self._digests[id(case.scenario)], case.seed


class Background:
    """One worker process for all visitors; safe to use from any thread.

    Args:
        run: runs a case, in the worker.
        idle: seconds without work after which the worker ends.
        is_watched: returns whether worlds run on the screen.
    """

    def __init__(
        self,
        run: Callable[[Case], SummaryOrFailure] = summarise_run,
        idle: float = _IDLE,
        is_watched: Callable[[], bool] = lambda: False,
    ) -> None:
        self._run, self._idle, self._is_watched = run, idle, is_watched
        self._rests: Any = None  # the event of `Rests`
        self._requests: list[RunRequest] = []  # the next one first
        self._known: OrderedDict[Key, RunSummary] = OrderedDict()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._ending = False

    def submit(self, cases: Sequence[Case]) -> RunRequest:
        """Queue cases that a visitor requested; requests take turns, case by case."""
        return self.queue(RunRequest(tuple(cases)))

    def queue(self, request: RunRequest) -> RunRequest:
        """Queue a request and return it."""
        with self._wake:
            self._requests.append(request)
            if self._thread is None:
                self._ending = False
                self._thread = start_thread(self._work, name="background")
            self._wake.notify()
        return request

    def end(self) -> None:
        """End the worker at once and cancel all requests."""
        with self._wake:
            self._ending, requests = True, list(self._requests)
            self._wake.notify()
        for request in requests:
            request.cancel()
        if (pool := self._pool) is not None:
            kill(pool)

    @property
    def is_idle(self) -> bool:
        """Return whether there is neither work nor a worker."""
        return self._thread is None

    # ---- the thread -----------------------------------------------------------------------------
    def _work(self) -> None:
        """Run queued cases until there were none for the idle time."""
        while (turn := self._next()) is not None:
            request, case = turn
            result = self._result(request, case)
            if isinstance(result, RunSummary):
                self._remember(request.key(case), result)
            request.answer(case, result)

    def _next(self) -> tuple[RunRequest, Case] | None:
        """Return the next request and its case; None after the idle time or at the end."""
        with self._wake:
            while not self._ending:
                if (turn := self._turn()) is not None:
                    return turn
                had_requests = bool(self._requests)  # which may not start yet
                woken = self._wake.wait(_CHECK if had_requests else self._idle)
                if not (woken or had_requests or self._requests):
                    break
            for request in self._requests:
                request.cancel()
            self._requests.clear()
            self._stop_worker()
            return None

    def _turn(self) -> tuple[RunRequest, Case] | None:
        """Return the next case that may start; the request goes to the end of the queue."""
        for request in sorted(self._requests, key=lambda one: one.may_start is not None):
            case = self._first_unknown(request)
            if case is None:
                self._requests.remove(request)
            elif request.may_start is None or request.may_start():
                request.remove_first()
                self._requests.remove(request)
                self._requests.append(request)
                return request, case
        return None

    def _first_unknown(self, request: RunRequest) -> Case | None:
        """Answer the next cases of a request from memory; return the first one that must be run."""
        while (case := request.first()) is not None:
            key = request.key(case)
            if (known := self._known.get(key)) is None:
                return case
            self._known.move_to_end(key)
            request.remove_first()
            request.answer(case, known)
        return None

    def _remember(self, key: Key, summary: RunSummary) -> None:
        """Store a result; drop the least recent ones that do not fit."""
        self._known[key] = summary
        while len(self._known) > _MEMORY:
            self._known.popitem(last=False)

    # ---- the worker -----------------------------------------------------------------------------
    def _result(self, request: RunRequest, case: Case) -> SummaryOrFailure:
        """Run a case; if its worker dies, run it again in another worker."""
        error: Exception = BrokenExecutor("the worker has ended")
        for _ in range(_ATTEMPTS):
            if self._ending:
                break
            try:
                return self._run_in_worker(request, case)
            except BrokenExecutor as broken:
                self._pool, error = None, broken
            except Exception as other:
                return failure(case, other)
        return failure(case, error)

    def _run_in_worker(self, request: RunRequest, case: Case) -> SummaryOrFailure:
        """Run a case in the worker; raise ``BrokenExecutor`` if the worker dies."""
        pool = self._worker()
        self._set_rests(request)
        future = pool.submit(self._run, case)
        dead_before = False
        while not wait([future], timeout=_CHECK).done:
            # a worker that dies while it sends an answer leaves the pool waiting for the rest
            dead = is_dead(pool)
            if self._ending or (dead and dead_before):
                kill(pool)
                raise BrokenExecutor("the worker has ended")
            dead_before = dead
            self._set_rests(request)
        return future.result()

    def _set_rests(self, request: RunRequest) -> None:
        """Pause the worker if no visitor requested the run and worlds run on the screen."""
        if self._rests is None:
            return
        if request.may_start is not None and self._is_watched():
            self._rests.set()
        else:
            self._rests.clear()

    def _worker(self) -> ProcessPoolExecutor:
        """Return the pool of one process, spawned because this process has threads."""
        if self._pool is None:
            context = get_context("spawn")
            self._rests = context.Event()
            self._pool = ProcessPoolExecutor(
                1, context, initializer=_start_worker, initargs=(self._rests,)
            )
        return self._pool

    def _stop_worker(self) -> None:
        """End the worker; the next request starts another one."""
        self._thread = None
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def is_dead(pool: ProcessPoolExecutor) -> bool:
    """Return whether a worker of a pool has ended."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    return any(process.exitcode is not None for process in processes)


def _start_worker(rests: Any) -> None:
    """Prepare the worker process, which yields to the screen."""
    Rests.is_on = rests
    start_worker()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)


BACKGROUND = Background(is_watched=lambda: VISITOR_LIMITS.n_running > 0)
"""The worker of this process."""
