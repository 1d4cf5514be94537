"""Counts since the policies began, and their change from A to B over the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from abm.measures import OUTCOMES
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import Difference, Finding
from viz.figures.numbers import MISSING, NBSP, ranged_percent, signed
from viz.screen.session.frames import DAILY, FrameLog
from viz.screen.session.replicates import FEWEST, Replicates, finding_over_seeds, kind_of
from viz.screen.session.session import Session
from viz.screen.words import Words

#: Daily figures that count events.
COUNTED = tuple(name for name in DAILY if name in OUTCOMES)
_COLUMNS = [DAILY.index(name) for name in COUNTED]


@dataclass(frozen=True)
class PeriodCount:
    """A figure since the policies began, in A and in B.

    Attributes:
        name: a name of `COUNTED`.
        a, b: persons or events in the run on the screen.
        change: difference of B from A over the seeds; None with fewer than three runs, or if A has
            none.
    """

    name: str
    a: float
    b: float
    change: Difference | None = None

    @property
    def human(self) -> bool:
        """Whether it is a human cost."""
        return OUTCOMES[self.name].human

    @property
    def percent(self) -> Interval | None:
        """The change relative to A, in percent."""
        return self.change.percent if self.change else None

    @property
    def finding(self) -> Finding:
        """The finding on the change by the rule that reports use, once all seeds have finished."""
        return finding_over_seeds(self.change)

    @property
    def kind(self) -> str:
        """Whether B has meaningfully "more", "fewer", or neither ("same")."""
        return kind_of(self.finding)

    @property
    def single(self) -> float:
        """The change in the run on the screen, in percent, or NaN if it is not defined."""
        if self.a == self.b == 0:
            return 0.0
        return 100.0 * (self.b - self.a) / self.a if self.a > 0 else math.nan


def policies_began(session: Session) -> int:
    """Return the day, from 1, on which the first policy of A or B begins.

    Args:
        session: the session that holds the worlds.

    Returns:
        1 for policies without a date, and if there are none.
    """
    worlds = [world for world in (0, 1) if session.choice.value.policies(world)]
    return min((world_began(session, world) for world in worlds), default=1)


def world_began(session: Session, world: int) -> int:
    """Return the day, from 1, on which the first policy of world A (0) or B (1) begins."""
    scenario = session.choice.value.scenario(world)
    days = [
        (policy.start - scenario.start).days + 1 if policy.start else 1
        for policy in scenario.policies
    ]
    return max(1, min(days, default=1))


def changes_since(session: Session, day: int) -> list[PeriodCount]:
    """Compare A with B from the day on which the policies began to a later day.

    Args:
        session: the session that holds the worlds.
        day: the last day to count; before the policies began, there are no counts (NaN).

    Returns:
        One figure for each name of `COUNTED`.
    """
    began, nothing = policies_began(session), np.full(len(COUNTED), np.nan)
    logs = session.logs if day >= began else []
    a, b = [_counts(log, began, day) for log in logs] or [nothing, nothing]
    changes = _differences(*_totals(session.replicates.value, began, day))
    return [
        PeriodCount(name, float(a[k]), float(b[k]), changes[k]) for k, name in enumerate(COUNTED)
    ]


def _counts(log: FrameLog, began: int, day: int) -> np.ndarray:
    """Return a run's counts by name."""
    days = log.daily[began - 1 : max(0, min(day, len(log)))]
    return days.sum(axis=0, dtype=float)[_COLUMNS]


def _totals(replicates: Replicates, began: int, day: int) -> np.ndarray:
    """Return counts of A and B, shape (2, seeds, names); no seeds before the policies began."""
    totals = replicates.totals
    last = min(day, totals.shape[2] - 1)
    if last < began:
        return np.zeros((2, 0, len(COUNTED)))
    return (totals[:, :, last] - totals[:, :, began - 1])[:, :, _COLUMNS]


def _differences(a: np.ndarray, b: np.ndarray) -> list[Difference | None]:
    """Return the paired difference of every name, for all names at once, as every frame needs it.

    As in reports (`experiments.comparison.compare`), it is the mean over the seeds in percent of
    the median of A.
    """
    seeds = len(a)
    if seeds < FEWEST:
        return [None] * len(COUNTED)
    levels, bounds = np.median(a, axis=0).tolist(), np.array(mean_interval(b - a)).T.tolist()
    changes = (
        Difference(level, Interval(mean, math.nan, math.nan, low, high), pairs=seeds)
        for level, (mean, low, high) in zip(levels, bounds, strict=True)
    )
    return [change if change.percent else None for change in changes]


def change_texts(t: Words, count: PeriodCount) -> tuple[str, str]:
    """Return the change in percent and its range.

    Args:
        t: words in the display language.
        count: the figure.

    Returns:
        The texts; with few seeds the change in the run on the screen, and that it is of this run.
    """
    if not count.a + count.b > 0.0:  # NaN before the policies begin
        return MISSING, ""
    if count.percent:
        figure, low, high = ranged_percent(count.percent)
        return figure, t("since.range").format(low=low, high=high)
    if math.isfinite(count.single):
        return f"{signed(count.single, 0)}{NBSP}%", t("since.this_run")
    return MISSING, t("since.no_change")
