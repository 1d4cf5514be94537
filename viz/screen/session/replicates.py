"""Run the worlds on further seeds in the background, for the range of a difference over seeds.

A first answer from a few seeds at a coarse scale takes about a second. Nine seeds at the page's
scale replace this answer when all of them have finished. `SeedRuns` starts and stops the runs of
a visitor, and `Replicates` holds their results.
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
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.live_traits import weekly_means
from viz.screen.session.summaries import RunSummary, SummaryOrFailure
from viz.screen.session.visitors import VisitorLimits
from viz.screen.words import one_line

SEEDS = 9  # number of seeds in an answer, including the seed on the screen
#: [A] Finest scale of a first answer, which uses as few seeds as an interval requires.
QUICK_SCALE = 200
_INNER = (0.05, 0.95)  # quantiles of a band, which are the extremes of nine runs
#: Common name of both scenarios. If their policies are equal, they have one digest and run once.
_NAME = "world"

Place = tuple[int, int]  # world (0: A, 1: B) and seed


def cases(
    scenarios: Sequence[Scenario], seed: int, count: int = SEEDS, scale: int = 1
) -> dict[Place, Case]:
    """Return the cases of all worlds on several seeds, sorted by seed.

    Args:
        scenarios: scenario of each world.
        seed: first seed.
        count: number of seeds.
        scale: minimum number of persons per simulated migrant.

    Returns:
        Cases by world and seed.
    """
    named = [dataclasses.replace(s, name=_NAME, scale=max(scale, s.scale)) for s in scenarios]
    places = [(world, seed + k) for k in range(count) for world in range(len(named))]
    return {(world, seed): Case(named[world], seed) for world, seed in places}


@dataclass(frozen=True)
class Replicates:
    """Results of finished runs.

    Attributes:
        summaries: results by world (0: A, 1: B) and seed.
        error: message of a failed run, or "".
        finer: runs that replace a first answer when all of them have finished.
    """

    summaries: Mapping[Place, RunSummary] = field(default_factory=dict)
    error: str = ""
    finer: Replicates | None = None

    @cached_property
    def seeds(self) -> list[int]:
        """List the seeds on which the runs of both worlds have finished."""
        return sorted(s for world, s in self.summaries if not world and (1, s) in self.summaries)

    @property
    def finished(self) -> int:
        """Return how many of the `SEEDS` have finished at the page's scale."""
        return len((self.finer or self).seeds)

    @cached_property
    def totals(self) -> np.ndarray:
        """Return running totals of the daily series, for seeds on which both worlds have finished.

        The shape is (2, seeds, days + 1, len(DAILY_FIGURES)). Day 0 precedes the first day.
        """
        if not self.seeds:
            return np.zeros((2, 0, 1, len(DAILY_FIGURES)))
        daily = [[self.summaries[world, s].daily for s in self.seeds] for world in (0, 1)]
        sums = np.cumsum(daily, axis=2, dtype=float)
        return np.concatenate([np.zeros_like(sums[:, :, :1]), sums], axis=2)

    def with_run(self, world: int, seed: int, summary: RunSummary) -> Replicates:
        """Return a copy with the result of another run.

        Args:
            world: A (0) or B (1).
            seed: seed of the run.
            summary: result of the run.
        """
        return dataclasses.replace(self, summaries={**self.summaries, (world, seed): summary})

    @cached_property
    def band(self) -> Callable[[int, str], np.ndarray]:
        """Return `_band` with a cache, because charts read it twice per second."""
        return cache(self._band)

    def _band(self, world: int, name: str) -> np.ndarray:
        """Compute the range over seeds of a daily series, as seven-day means.

        Args:
            world: A (0) or B (1).
            name: a name in ``DAILY_FIGURES``.

        Returns:
            Low values of all days, then high values. The array is empty if there are too few runs
            for an interval.
        """
        column, runs = DAILY_FIGURES.index(name), self.summaries.items()
        days = [run.daily[:, column] for (at, _), run in runs if at == world]
        if len(days) < FEWEST_PAIRS:
            return np.zeros(0, np.float32)
        return sample_quantiles([weekly_means(line) for line in days], _INNER).ravel()

    def means(self, name: str) -> list[float]:
        """Return the mean of a yearly outcome in A and in B, or NaN if no seed has finished."""
        runs = [[self.summaries[k, s].outcomes[name] for s in self.seeds] for k in (0, 1)]
        return [math.fsum(values) / len(values) if values else math.nan for values in runs]


def kind_of(change: Difference | None) -> str:
    """Return "more" or "fewer" for a meaningful change over all seeds, otherwise "same".

    The rule in `experiments.runs.pairs` is applied only to all `SEEDS` together. Applying it after
    every seed would find changes by chance more often.
    """
    meaningful = change is not None and change.pairs >= SEEDS and change.is_meaningful
    return change.finding.value if change and meaningful else "same"


class SeedRuns:
    """Background runs of a visitor's worlds on several seeds, for use from any thread.

    The lock for the state is never held while pages are rendered, because a thread that renders may
    wait for another thread that renders.

    Attributes:
        state: newest results.
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
            background: workers that run the cases.
            limits: visitors of the server. The runs do not count against their limits, and they
                wait if the server is busy.
            kernel: id of the visitor.
            on_change: called after each new result, in the thread that collects the results.
        """
        self.state = Replicates()
        self._background, self._limits, self._kernel = background, limits, kernel
        self._on_change = on_change
        self._lock = threading.Lock()
        self._plans: list[dict[Place, Case]] = []  # cases of the first answer and of the finer runs
        self._results = [Replicates(), Replicates()]
        self._request: RunRequest | None = None

    def set_scenarios(self, scenarios: Sequence[Scenario], seed: int) -> None:
        """Stop all runs, and keep the results of unchanged worlds. `start` runs the missing cases.

        Args:
            scenarios: scenario of each world.
            seed: first seed.
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
        """Queue the missing cases, beginning with the first answer.

        Nothing is queued if runs are queued already, a run has failed, or the visitor has left.
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
        """Run a first answer for these worlds even if their finer answer is stored.

        When the visitor later changes one world, only the cases of this world must run, and the
        workers have already started. First answers of other visitors run before these cases.
        """
        runs = [case for plan in self._plans[:1] for case in plan.values()]
        self._background.queue(RunRequest(runs, lambda: not self._limits.is_busy))

    @property
    def ahead(self) -> int:
        """Return how many visitors come first, including visitors who keep the server busy."""
        running = self._limits.n_running if self._limits.is_busy else 0
        return running + self._background.ahead(self._request) if self._request else 0

    def end(self) -> None:
        """Stop the runs. `set_scenarios` must be called before the next `start`."""
        with self._lock:
            self._cancel()
            self._plans, self._results = [], [Replicates(), Replicates()]

    def _cancel(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.cancel()

    def _gather(self, request: RunRequest, places: Mapping[int, tuple[int, Place]]) -> None:
        """Collect results until all runs have finished, a run fails or the request is cancelled."""
        try:
            for case, result in request:
                if not self._take(request, *places[id(case)], result):
                    break
                self._on_change()
        finally:  # This also runs after an error of the screen, so that `start` is not blocked.
            request.cancel()
            with self._lock:
                if self._request is request:
                    self._request = None

    def _take(
        self, request: RunRequest, stage: int, place: Place, result: SummaryOrFailure
    ) -> bool:
        """Store a result, or return False if the request has been replaced."""
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
        """Set the state to the finer runs if all have finished, otherwise to the first answer."""
        quick, finer = self._results
        self.state = finer if len(finer.seeds) >= SEEDS else dataclasses.replace(quick, finer=finer)
