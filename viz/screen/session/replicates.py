"""Background runs of the same worlds on other seeds: how a difference ranges over seeds.

`SeedRuns` starts and stops the runs of a visitor, `Replicates` holds their results.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from abm.scenario import Scenario
from experiments.runs.case import Case, Failure
from experiments.runs.intervals import sample_quantiles
from experiments.runs.pairs import FEWEST_PAIRS, Difference, by_key, difference
from viz.screen.session.background import Background, RunRequest
from viz.screen.session.frames import DAILY
from viz.screen.session.live_traits import weekly_means
from viz.screen.session.summaries import RunSummary, SummaryOrFailure
from viz.screen.session.visitors import VisitorLimits
from viz.screen.words import one_line

SEEDS = 9  # of each world, including its own; all are needed for an answer
_INNER = (0.05, 0.95)  # quantiles of levels: of nine runs the lowest and the highest
#: Name of every scenario that is run on other seeds, so that equal policies are run once, whichever
#: world they are in.
_NAME = "world"

Place = tuple[int, int]  # world (0: A, 1: B) and seed


def cases(scenarios: Sequence[Scenario], seed: int) -> list[Case]:
    """List all worlds' runs, seed by seed.

    Args:
        scenarios: the scenario by world.
        seed: the first seed.

    Returns:
        `SEEDS` cases for each scenario.
    """
    named = [dataclasses.replace(scenario, name=_NAME) for scenario in scenarios]
    return [Case(scenario, seed + k) for k in range(SEEDS) for scenario in named]


@dataclass(frozen=True)
class Replicates:
    """Finished runs by world (0: A, 1: B) and seed.

    Attributes:
        summaries: the results.
        error: why a run failed, or "" if none did.
    """

    summaries: Mapping[Place, RunSummary] = field(default_factory=dict)
    error: str = ""
    _bands: dict[tuple[int, str], np.ndarray] = field(
        init=False, compare=False, repr=False, default_factory=dict
    )

    @cached_property
    def seeds(self) -> list[int]:
        """List the seeds on which both worlds have finished."""
        return sorted(s for world, s in self.summaries if not world and (1, s) in self.summaries)

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
        summaries = {**self.summaries, (world, seed): summary}
        return dataclasses.replace(self, summaries=summaries)

    def band(self, world: int, name: str) -> np.ndarray:
        """Compute the range of a daily figure, as seven-day means.

        Args:
            world: A (0) or B (1).
            name: a name of ``DAILY``.

        Returns:
            Low values, then high values, empty with fewer than three runs.
        """
        if (world, name) not in self._bands:  # charts read it twice a second
            self._bands[world, name] = self._band(world, name)
        return self._bands[world, name]

    def _band(self, world: int, name: str) -> np.ndarray:
        column, runs = DAILY.index(name), self.summaries.items()
        days = [run.daily[:, column] for (at, _), run in runs if at == world]
        if len(days) < FEWEST_PAIRS:
            return np.zeros(0, np.float32)
        return sample_quantiles([weekly_means(line) for line in days], _INNER).ravel()

    def change(self, name: str) -> Difference:
        """Return B minus A in a yearly outcome, over the seeds that both worlds have finished."""
        outcomes = {place: run.outcomes[name] for place, run in self.summaries.items()}
        changes = (((0, seed), outcomes[1, seed] - outcomes[0, seed]) for seed in self.seeds)
        return difference(math.nan, by_key(changes), ensemble=False)


def kind_of(change: Difference | None) -> str:
    """Return "more" or "fewer" for a meaningful change over all seeds, otherwise "same".

    The rule of reports (`experiments.runs.pairs`) is applied once, to all `SEEDS`: if it were
    applied after every seed, chance would have several attempts.
    """
    meaningful = change is not None and change.pairs >= SEEDS and change.is_meaningful
    return change.finding.value if change and meaningful else "same"


class SeedRuns:
    """The background runs of one visitor's worlds on other seeds; safe to use from any thread.

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
        self._cases: dict[Place, Case] = {}
        self._request: RunRequest | None = None

    def choose(self, scenarios: Sequence[Scenario], seed: int) -> None:
        """Stop runs and keep the results of unchanged worlds.

        `start` runs the missing ones.

        Args:
            scenarios: the scenario by world.
            seed: the first seed.
        """
        places = [(world, seed + k) for k in range(SEEDS) for world in range(len(scenarios))]
        planned = dict(zip(places, cases(scenarios, seed), strict=True))
        with self._lock:
            self._cancel()
            old, self._cases = self._cases, planned
            same = {place for place in planned if old.get(place) == planned[place]}
            summaries = {
                place: summary for place, summary in self.state.summaries.items() if place in same
            }
            self.state = Replicates(summaries)

    def start(self) -> None:
        """Run what is missing, unless it is under way or has failed, or the visitor has left."""
        with self._lock:
            missing = [place for place in self._cases if place not in self.state.summaries]
            busy = self._request is not None or self.state.error
            if busy or not missing or self._kernel not in self._limits:
                return
            cases = [self._cases[place] for place in missing]
            self._request = request = RunRequest(cases, lambda: not self._limits.is_busy)
            self._background.queue(request)
        gather = threading.Thread(target=self._gather, args=(request, missing), daemon=True)
        gather.start()

    def end(self) -> None:
        """Stop the runs; `choose` must be called before the next `start`."""
        with self._lock:
            self._cancel()
            self._cases = {}

    def _cancel(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.cancel()

    def _gather(self, request: RunRequest, places: Sequence[Place]) -> None:
        """Collect results until all are there, one has failed, or the request is cancelled."""
        try:
            for place, (_, result) in zip(places, request, strict=False):
                if not self._take(request, place, result):
                    break
                self._on_change()
        finally:  # also after an error of the screen; the next `start` continues
            request.cancel()
            with self._lock:
                if self._request is request:
                    self._request = None

    def _take(self, request: RunRequest, place: Place, result: SummaryOrFailure) -> bool:
        """Add a result, and return False if the request was replaced."""
        with self._lock:
            if self._request is not request:
                return False
            if isinstance(result, Failure):
                self.state = dataclasses.replace(self.state, error=one_line(result))
                self._cancel()
            else:
                self.state = self.state.with_run(*place, result)
            return True
