"""Run cases in background processes that all visitors share.

The workers have a low priority, so that the server process stays responsive. A case whose result is
stored or packaged is answered at once, and no case runs twice at a time. A class that takes one
lesson therefore waits at most once. Lessons run first, then first answers, one visitor at a time,
then finer runs in turns (`RunRequest.rank`). This module does not depend on Solara: the thread of a
visitor iterates over a `RunRequest`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from queue import SimpleQueue

from experiments.runs.case import Case, Failure
from experiments.sweeps.backend import Backend, ExecutorGone, Work
from experiments.sweeps.executors import ProcessBackend, cores
from viz.screen.session.summaries import Key, RunSummary, SummaryOrFailure, packaged, summarise_run
from viz.screen.session.threads import start_thread

_MEMORY = 1024  # results in memory, of about 15 kB each for a year
#: [A] Seconds without work after which a worker ends. A new worker needs seconds to start.
_IDLE = 900.0
_CHECK = 0.5  # seconds between checks of requests that may not start yet
#: [A] Niceness of a worker, which leaves it a tenth of a core if the screen needs all cores.
_NICENESS = 10


class RunRequest:
    """Cases that a visitor waits for. Iterating yields each case with its result, in any order.

    The iteration ends after the first failure.

    Attributes:
        cases: cases to run.
        may_start: returns whether a case may start now, and is called often from another thread.
            None for runs that a visitor requested.
        n_first: number of cases in a first answer.
        results: results that have not been read. None ends the iteration.
    """

    def __init__(
        self, cases: Sequence[Case], may_start: Callable[[], bool] | None = None, n_first: int = 0
    ) -> None:
        self.cases, self.may_start, self.n_first = cases, may_start, n_first
        self.results: SimpleQueue[tuple[Case, SummaryOrFailure] | None] = SimpleQueue()
        self._waiting, self._cancelled = deque(cases), False
        scenarios = {id(case.scenario): case.scenario for case in cases}
        self._digests = {number: scenario.digest for number, scenario in scenarios.items()}

    def __iter__(self) -> Iterator[tuple[Case, SummaryOrFailure]]:
        """Wait for each result. End after the last result or after a cancellation."""
        return islice(iter(self.results.get, None), len(self.cases))

    @property
    def rank(self) -> int:
        """Return 0 for requested runs, 1 for a first answer, else 2. The lowest rank runs next."""
        if self.may_start is None:
            return 0
        return 1 if len(self.cases) - len(self._waiting) < self.n_first else 2

    def cancel(self) -> None:
        """Drop the cases that have not started, and end the iteration."""
        self._cancelled = True
        self.results.put(None)

    def first(self) -> Case | None:
        """Return the next case to run, or None if there is none."""
        return self._waiting[0] if self._waiting and not self._cancelled else None

    def answer(self, case: Case, result: SummaryOrFailure) -> None:
        """Deliver the result of a case. A failure drops the cases that follow."""
        self.results.put((case, result))
        if isinstance(result, Failure):  # Cancel before the worker takes the next case.
            self.cancel()

    def remove_first(self) -> None:
        """Remove the next case."""
        self._waiting.popleft()

    def key(self, case: Case) -> Key:
        """Return the digest of a case's settings and its seed."""
        return self._digests[id(case.scenario)], case.seed


class Background:
    """Queue of requests and the worker processes that run them, for use from any thread.

    Args:
        run: runs a case in a worker.
        idle: seconds without work after which a worker ends.
        backend: returns the backend of one worker.
        workers: number of workers.
    """

    def __init__(
        self,
        run: Callable[[Case], SummaryOrFailure] = summarise_run,
        idle: float = _IDLE,
        backend: Callable[[], Backend] = lambda: ProcessBackend(1, ahead=0, niceness=_NICENESS),
        workers: int = 1,
    ) -> None:
        self._idle, self._open_backend, self._workers = idle, backend, workers
        self._work = Work(run, self._answer, Failure.of)
        self._requests: list[RunRequest] = []  # in the order in which requests take turns
        self._memory: OrderedDict[Key, RunSummary] = OrderedDict()
        self._wake = threading.Condition()
        self._backends: dict[threading.Thread, Backend | None] = {}
        self._running: dict[Key, RunRequest] = {}  # request of each running case
        self._ending = False

    def submit(self, cases: Sequence[Case]) -> RunRequest:
        """Queue cases that a visitor requested. Requests take turns, case by case."""
        return self.queue(RunRequest(tuple(cases)))

    def queue(self, request: RunRequest) -> RunRequest:
        """Queue a request, unless all its cases are answered from memory, and return it."""
        with self._wake:
            if self._first_missing(request) is None:
                return request
            self._requests.append(request)
            if not self._backends:
                self._ending = False
            while len(self._backends) < self._workers:
                self._backends[start_thread(self._run, name="background")] = None
            self._wake.notify_all()
        return request

    def ahead(self, request: RunRequest) -> int:
        """Return how many requests run before a request."""
        with self._wake:
            order = [queued for queued in self._order() if queued.first()]
            return order.index(request) if request in order else 0

    def end(self) -> None:
        """End the workers at once and cancel all requests."""
        with self._wake:
            self._ending, requests = True, [*self._requests, *self._running.values()]
            backends = list(self._backends.values())
            self._wake.notify_all()
        for request in requests:
            request.cancel()
        for backend in backends:
            if isinstance(backend, ProcessBackend):
                backend.stop()

    # ---- the threads, one for each worker -------------------------------------------------------
    def _run(self) -> None:
        """Run queued cases until none has arrived for the idle time."""
        backend = self._open_backend()
        with self._wake:
            self._backends[threading.current_thread()] = backend
        try:
            backend.run(iter(self._next, None), self._work)
        except ExecutorGone:
            with self._wake:
                self._running.clear()
                self._finish()
        finally:
            if isinstance(backend, ProcessBackend):
                backend.close()

    def _next(self) -> Case | None:
        """Wait for the next case. Return None after the idle time or `end`."""
        with self._wake:
            while not self._ending:
                if (case := self._turn()) is not None:
                    return case
                had_requests = bool(self._requests)  # None of these requests may start yet.
                woken = self._wake.wait(_CHECK if had_requests else self._idle)
                if not (woken or had_requests or self._requests):
                    break
            self._finish()
            return None

    def _finish(self) -> None:
        """Cancel all requests and forget this thread. The next request starts a new worker."""
        for request in self._requests:
            request.cancel()
        self._requests.clear()
        del self._backends[threading.current_thread()]

    def _order(self) -> list[RunRequest]:
        """Return the queued requests in the order in which they run."""
        return sorted(self._requests, key=attrgetter("rank"))

    def _turn(self) -> Case | None:
        """Return the next case that may start, and move its request behind others of its rank.

        A request for a first answer is not moved, so that each first answer is completed in turn.
        """
        for request in self._order():
            case = self._first_missing(request)
            if case is None:
                self._requests.remove(request)
            elif (key := request.key(case)) in self._running:
                continue
            elif request.may_start is None or request.may_start():
                request.remove_first()
                self._running[key] = request
                if request.rank != 1:
                    self._requests.remove(request)
                    self._requests.append(request)
                return case
        return None

    def _first_missing(self, request: RunRequest) -> Case | None:
        """Answer the next cases from memory, and return the first case that must run, or None."""
        while (case := request.first()) is not None:
            if (summary := self._stored(request.key(case))) is None:
                return case
            request.remove_first()
            request.answer(case, summary)
        return None

    def _stored(self, key: Key) -> RunSummary | None:
        """Return a result from memory or from the package, or None."""
        if key in self._memory:
            self._memory.move_to_end(key)
        return self._memory.get(key) or packaged().get(key)

    def stored[P: Hashable](self, cases: Mapping[P, Case]) -> dict[P, RunSummary] | None:
        """Return the results by the keys of `cases`, or None if any case must run."""
        with self._wake:
            summaries = {
                at: self._stored((case.scenario.digest, case.seed)) for at, case in cases.items()
            }
        results = {at: summary for at, summary in summaries.items() if summary}
        return results if len(results) == len(cases) else None

    def _answer(self, case: Case, result: SummaryOrFailure) -> None:
        """Deliver a result and store it. The least recently used results are dropped."""
        with self._wake:
            key = case.scenario.digest, case.seed
            request = self._running.pop(key, None)
            if isinstance(result, RunSummary):
                self._memory[key] = result
                while len(self._memory) > _MEMORY:
                    self._memory.popitem(last=False)
            self._wake.notify_all()  # Other requests may wait for the same case.
        if request:
            request.answer(case, result)


#: The workers of this process: one per run of a first answer [A], but at most one per core.
BACKGROUND = Background(workers=min(6, cores()))
