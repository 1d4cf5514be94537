"""Background runs of the same worlds on several seeds: the range of a difference over seeds.

A first answer comes from a few seeds at a coarse scale, within about a second. Nine seeds at the
scale of the page replace it when all have finished. `SeedRuns` starts and stops the runs of a
visitor, `Replicates` holds their results.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from abm.scenario import Scenario
from experiments.runs.case import Case, Failure
from experiments.runs.intervals import sample_quantiles
from experiments.runs.pairs import FEWEST_PAIRS, Difference
from viz.screen.session.background import Background, RunRequest
from viz.screen.session.frames import DAILY
from viz.screen.session.live_traits import weekly_means
from viz.screen.session.summaries import RunSummary, SummaryOrFailure
from viz.screen.session.visitors import VisitorLimits
from viz.screen.words import one_line

SEEDS = 9  # seeds per world, including the seed on the screen; an answer needs all
#: [A] finest scale of a first answer, which uses the fewest seeds that give an interval.
QUICK_SCALE = 200
_INNER = (0.05, 0.95)  # quantiles of levels: of nine runs the lowest and the highest
#: Common name of the scenarios on other seeds, so that equal policies in both worlds are run once.
_NAME = "world"

Place = tuple[int, int]  # world (0: A, 1: B) and seed


def cases(
    scenarios: Sequence[Scenario], seed: int, count: int = SEEDS, scale: int = 1
) -> dict[Place, Case]:
    """Return all worlds' runs, seed by seed.

    Args:
        scenarios: the scenario by world.
        seed: the first seed.
        count: number of seeds.
        scale: least persons per simulated migrant.

    Returns:
        Cases by world and seed.
    """
    named = [dataclasses.replace(s, name=_NAME, scale=max(scale, s.scale)) for s in scenarios]
    places = [(world, seed + k) for k in range(count) for world in range(len(named))]
    return {(world, seed): Case(named[world], seed) for world, seed in places}


@dataclass(frozen=True)
class Replicates:
    """Finished runs by world (0: A, 1: B) and seed.

    Attributes:
        summaries: the results.
        error: why a run failed, or "" if none did.
        finer: for a first answer, the runs that replace it when all have finished.
    """

    summaries: Mapping[Place, RunSummary] = field(default_factory=dict)
    error: str = ""
    finer: Replicates | None = None

    @cached_property
    def seeds(self) -> list[int]:
        """List the seeds on which both worlds have finished."""
        return sorted(s for world, s in self.summaries if not world and (1, s) in self.summaries)

    @property
    def finished(self) -> int:
        """Return on how many of the `SEEDS` both worlds have finished."""
        return len((self.finer or self).seeds)

    @cached_property
    def totals(self) -> np.ndarray:
        """Sum the daily figures up to each day, on the seeds that both worlds have finished.

        Shape (2, seeds, days + 1, len(DAILY)); day 0 is before the first.
        """
        if not self.seeds:
            return np.zeros((2, 0, 1, len(DAILY)))
        daily = [[self.summaries[world, s].daily for s in self.seeds] for world in (0, 1)]
        sums = np.cumsum(daily, axis=2, dtype=float)
        return np.concatenate([np.zeros_like(sums[:, :, :1]), sums], axis=2)

    def with_run(self, world: int, seed: int, summary: RunSummary) -> Replicates:
        """Return replicates with another run.

        Args:
            world: A (0) or B (1).
            seed: the run's seed.
            summary: its results.
        """
        return dataclasses.replace(self, summaries={**self.summaries, (world, seed): summary})

    @cached_property
    def band(self) -> Callable[[int, str], np.ndarray]:
        """Return `_band`, which computes every range once: charts read it twice a second."""
        return cache(self._band)

    def _band(self, world: int, name: str) -> np.ndarray:
        """Compute the range of a daily figure, as seven-day means.

        Args:
            world: A (0) or B (1).
            name: a name of ``DAILY``.

        Returns:
            Low values, then high values, empty with fewer than three runs.
        """
        column, runs = DAILY.index(name), self.summaries.items()
        days = [run.daily[:, column] for (at, _), run in runs if at == world]
        if len(days) < FEWEST_PAIRS:
            return np.zeros(0, np.float32)
        return sample_quantiles([weekly_means(line) for line in days], _INNER).ravel()

    def means(self, name: str) -> list[float]:
        """Return the mean of a yearly outcome in A and in B, NaN without runs."""
        runs = [[self.summaries[k, s].outcomes[name] for s in self.seeds] for k in (0, 1)]
        return [math.fsum(values) / len(values) if values else math.nan for values in runs]


def kind_of(change: Difference | None) -> str:
    """Return "more" or "fewer" for a meaningful change over all seeds, otherwise "same".

    The rule of reports (`experiments.runs.pairs`) is applied once, to all `SEEDS`: if it were
    applied after every seed, chance would have several attempts.
    """
    meaningful = change is not None and change.pairs >= SEEDS and change.is_meaningful
    return change.finding.value if change and meaningful else "same"


class SeedRuns:
    """The background runs of one visitor's worlds on several seeds; safe to use from any thread.

    The state changes under a lock that is never held while pages are rendered: a thread that
    renders may wait for another one that renders.

    Attributes:
        state: the newest results.
    """

    def __init__(
        self,
        background: Background,
        limits: VisitorLimits,
        kernel: str,
        on_change: Callable[[], object],
    ) -> None:
        """Prepare the runs of a visitor.

        Args:
            background: the worker that runs them.
            limits: the visitors of the server; the runs do not count, and wait if it is busy.
            kernel: the visitor's id.
            on_change: called after each new result, in the thread that collects them.
        """
        self.state = Replicates()
        self._background, self._limits, self._kernel = background, limits, kernel
        self._on_change = on_change
        self._lock = threading.Lock()
        self._plans: list[dict[Place, Case]] = []  # plans of the first answer and of the finer runs
        self._results = [Replicates(), Replicates()]
        self._request: RunRequest | None = None

    def set_scenarios(self, scenarios: Sequence[Scenario], seed: int) -> None:
        """Stop runs and keep the results of unchanged worlds.

        `start` runs the missing ones.

        Args:
            scenarios: the scenario by world.
            seed: the first seed.
        """
        plans = [cases(scenarios, seed, FEWEST_PAIRS, QUICK_SCALE), cases(scenarios, seed)]
        stored = [self._background.stored(plan) for plan in plans]
        with self._lock:
            self._cancel()
            old, self._plans = self._plans or [{}, {}], plans
            for stage, (before, plan) in enumerate(zip(old, plans, strict=True)):
                summaries = self._results[stage].summaries.items()
                same = {place: run for place, run in summaries if before[place] == plan.get(place)}
                self._results[stage] = Replicates(stored[stage] or same)
            self._combine()

    def start(self) -> None:
        """Run the missing seeds, unless they run or have failed, or the visitor has left.

        The finer runs follow the first answer.
        """
        with self._lock:
            complete = not self._plans or self.state.finished >= SEEDS
            if complete or self._request or self.state.error or self._kernel not in self._limits:
                return
            missing = [
                (stage, place, case)
                for stage, plan in enumerate(self._plans)
                for place, case in plan.items()
                if place not in self._results[stage].summaries
            ]
            n_first = sum(not stage for stage, _, _ in missing)
            runs = [case for _, _, case in missing]
            request = RunRequest(runs, lambda: not self._limits.is_busy, n_first)
            self._request = self._background.queue(request)
        places = {id(case): (stage, place) for stage, place, case in missing}
        threading.Thread(target=self._gather, args=(request, places), daemon=True).start()

    def prepare(self) -> None:
        """Run a first answer of these worlds, also if their answer is stored.

        The answer to a change then needs only runs of the changed world, in workers that have
        started. The first answers of other visitors come before these runs.
        """
        runs = [case for plan in self._plans[:1] for case in plan.values()]
        self._background.queue(RunRequest(runs, lambda: not self._limits.is_busy))

    @property
    def ahead(self) -> int:
        """Return how many visitors come first: all with running worlds while the server is busy."""
        running = self._limits.n_running if self._limits.is_busy else 0
        return running + self._background.ahead(self._request) if self._request else 0

    def end(self) -> None:
        """Stop the runs; `set_scenarios` must be called before the next `start`."""
        with self._lock:
            self._cancel()
            self._plans, self._results = [], [Replicates(), Replicates()]

    def _cancel(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.cancel()

    def _gather(self, request: RunRequest, places: Mapping[int, tuple[int, Place]]) -> None:
        """Collect results until all are there, one has failed, or the request is cancelled."""
        try:
            for case, result in request:
                if not self._take(request, *places[id(case)], result):
                    break
                self._on_change()
        finally:  # also after an error of the screen; the next `start` continues
            request.cancel()
            with self._lock:
                if self._request is request:
                    self._request = None

    def _take(
        self, request: RunRequest, stage: int, place: Place, result: SummaryOrFailure
    ) -> bool:
        """Add a result, and return False if the request was replaced."""
        with self._lock:
            if self._request is not request:
                return False
            if isinstance(result, Failure):
                self.state = dataclasses.replace(self.state, error=one_line(result))
                self._cancel()
            else:
                self._results[stage] = self._results[stage].with_run(*place, result)
                self._combine()
            return True

    def _combine(self) -> None:
        """Show the finer runs when all have finished, and the first answer before."""
        quick, finer = self._results
        self.state = finer if len(finer.seeds) >= SEEDS else dataclasses.replace(quick, finer=finer)
