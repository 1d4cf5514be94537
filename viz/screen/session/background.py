"""Background runs in warm worker processes, shared by all visitors.

The server's process stays free for the screen: the workers have a lower priority. A case that was
run before or is packaged is answered without a turn, so that a class that takes one lesson waits at
most once, and no case is run twice at a time. Lessons come first, then the first answers of
visitors, one after the other, then finer runs in turns (`RunRequest.rank`). This module does not
depend on Solara: a visitor's thread iterates over a `RunRequest`.
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

_MEMORY = 1024  # results in memory, some 15 kB each for a year
#: [A] seconds without work after which a worker ends; another one needs seconds to start.
_IDLE = 900.0
_CHECK = 0.5  # seconds between checks of requests that may not start yet
#: [A] niceness of a worker: about a tenth of a core if the screen needs all of them.
_NICENESS = 10


class RunRequest:
    """Cases that a visitor waits for. Iterating yields each case with its result, in any order.

    The first failure is the last result.

    Attributes:
        cases: the cases.
        may_start: whether a case may start now. Called often, from another thread. None for runs
            that a visitor requested.
        n_first: how many of the cases make up a first answer.
        results: the results that were not read yet, None ends the iteration.
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
        """Wait for each result. End after the last one or on cancellation."""
        return islice(iter(self.results.get, None), len(self.cases))

    @property
    def rank(self) -> int:
        """Return 0 for requested runs, 1 for a first answer, 2 for others; the lowest is next."""
        if self.may_start is None:
            return 0
        return 1 if len(self.cases) - len(self._waiting) < self.n_first else 2

    def cancel(self) -> None:
        """Drop the cases that have not started and end the iteration."""
        self._cancelled = True
        self.results.put(None)

    def first(self) -> Case | None:
        """Return the next case to run, None if there is none."""
        return self._waiting[0] if self._waiting and not self._cancelled else None

    def answer(self, case: Case, result: SummaryOrFailure) -> None:
        """Deliver the result of a case. After a failure the cases that follow are dropped."""
        self.results.put((case, result))
        if isinstance(result, Failure):  # checked here, before the worker takes the next request
            self.cancel()

    def remove_first(self) -> None:
        """Remove the next case."""
        self._waiting.popleft()

    def key(self, case: Case) -> Key:
        """Return a digest for a case's settings, and its seed."""
        return self._digests[id(case.scenario)], case.seed


class Background:
    """Worker processes for all visitors. Safe to use from any thread.

    Args:
        run: runs a case, in a worker.
        idle: seconds without work after which a worker ends.
        backend: opens a worker.
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
        self._requests: list[RunRequest] = []  # in the order of execution
        self._memory: OrderedDict[Key, RunSummary] = OrderedDict()
        self._wake = threading.Condition()
        self._backends: dict[threading.Thread, Backend | None] = {}
        self._running: dict[Key, RunRequest] = {}  # request by running case
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
        """Return how many requests come before one."""
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
        """Run queued cases until there were none for the idle time."""
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
        """Return the next case, None after the idle time or at the end."""
        with self._wake:
            while not self._ending:
                if (case := self._turn()) is not None:
                    return case
                had_requests = bool(self._requests)  # some of them cannot start yet
                woken = self._wake.wait(_CHECK if had_requests else self._idle)
                if not (woken or had_requests or self._requests):
                    break
            self._finish()
            return None

    def _finish(self) -> None:
        """Cancel all requests. The next one starts another thread and worker."""
        for request in self._requests:
            request.cancel()
        self._requests.clear()
        del self._backends[threading.current_thread()]

    def _order(self) -> list[RunRequest]:
        """Return the queued requests, the next one first."""
        return sorted(self._requests, key=attrgetter("rank"))

    def _turn(self) -> Case | None:
        """Return the next case that may start. Its request lets others of its rank go first.

        A first answer is completed before the next one begins.
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
        """Answer a request's next cases from memory. Return the first one that must be run."""
        while (case := request.first()) is not None:
            if (summary := self._stored(request.key(case))) is None:
                return case
            request.remove_first()
            request.answer(case, summary)
        return None

    def _stored(self, key: Key) -> RunSummary | None:
        """Return a result from memory or the package."""
        if key in self._memory:
            self._memory.move_to_end(key)
        return self._memory.get(key) or packaged().get(key)

    def stored[P: Hashable](self, cases: Mapping[P, Case]) -> dict[P, RunSummary] | None:
        """Return results by the cases' places, None if a case must be run."""
        with self._wake:
            summaries = {
                at: self._stored((case.scenario.digest, case.seed)) for at, case in cases.items()
            }
        results = {at: summary for at, summary in summaries.items() if summary}
        return results if len(results) == len(cases) else None

    def _answer(self, case: Case, result: SummaryOrFailure) -> None:
        """Store a result, without the least recent ones that do not fit, and deliver it."""
        with self._wake:
            key = case.scenario.digest, case.seed
            request = self._running.pop(key, None)
            if isinstance(result, RunSummary):
                self._memory[key] = result
                while len(self._memory) > _MEMORY:
                    self._memory.popitem(last=False)
            self._wake.notify_all()  # wakes requests with the same case
        if request:
            request.answer(case, result)


#: [A] as many workers as a first answer has runs, or as there are cores.
BACKGROUND = Background(workers=min(6, cores()))
"""The workers of this process."""
