"""Counts since the policies began, and their change from A to B over the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from abm.measures import OUTCOMES
from experiments.runs.intervals import mean_interval
from experiments.runs.significance import Finding
from viz.screen.session.frames import DAILY, FrameLog
from viz.screen.session.replicates import FEWEST, Replicates, finding_over_seeds
from viz.screen.session.session import Session

#: Daily figures that count events.
COUNTED = tuple(name for name in DAILY if name in OUTCOMES)
_COLUMNS = [DAILY.index(name) for name in COUNTED]

type _Range = tuple[float | None, float | None, float | None, int]


@dataclass(frozen=True)
class Change:
    """A figure since the policies began, in A and in B.

    Attributes:
        name: a name of `COUNTED`.
        a, b: persons or events in the run on the screen; b is NaN if there is one world.
        human: whether it is a human cost.
        median, low, high: mean change from A to B in percent of A, with its 90 % interval over the
            seeds (`experiments.runs.intervals.mean_interval`); None with fewer than three runs, or
            if A has none.
        runs: number of seeds.
    """

    name: str
    a: float
    b: float
    human: bool
    median: float | None = None
    low: float | None = None
    high: float | None = None
    runs: int = 0

    @property
    def finding(self) -> Finding:
        """What is known about the change by the rule of reports, once all seeds have finished."""
        bounds = (self.median, self.low, self.high)
        return finding_over_seeds(100.0, *bounds, self.runs)  # in percent, so of a level of 100

    @property
    def clear(self) -> bool:
        """Whether the change is meaningful."""
        return self.finding in (Finding.MORE, Finding.FEWER)

    @property
    def single(self) -> float:
        """The change in the run on the screen, in percent; NaN if it is not defined."""
        if self.a == self.b == 0:
            return 0.0
        return 100.0 * (self.b - self.a) / self.a if self.a > 0 else math.nan


def policies_began(session: Session) -> int:
    """Return the day, from 1, on which the first policy of A or B begins.

    Args:
        session: the session of the worlds.

    Returns:
        1 for policies without a date, and if there are none.
    """
    worlds = [world for world in range(session.worlds) if session.choice.value.policies(world)]
    return min((world_began(session, world) for world in worlds), default=1)


def world_began(session: Session, world: int) -> int:
    """Return the day, from 1, on which the first policy of world A (0) or B (1) begins."""
    scenario = session.choice.value.scenario(world)
    days = [(one.start - scenario.start).days + 1 if one.start else 1 for one in scenario.policies]
    return max(1, min(days, default=1))


def changes_since(session: Session, day: int) -> list[Change]:
    """Compare A with B from the day on which the policies began to a later day.

    Args:
        session: the session of the worlds.
        day: the last day to count; before the policies began, there are no counts (NaN).

    Returns:
        One change for each name of `COUNTED`.
    """
    began, nothing = policies_began(session), np.full(len(COUNTED), np.nan)
    logs = session.logs if day >= began else []
    counts = [_counts(log, began, day) for log in logs] or [nothing]
    a, b = counts if len(counts) == 2 else (counts[0], nothing)
    if session.worlds == 2:
        ranges = _ranges(*_totals(session.replicates.value, began, day))
    else:
        ranges = _ranges(*np.zeros((2, 0, len(COUNTED))))
    return [
        Change(name, float(a[k]), float(b[k]), OUTCOMES[name].human, *ranges[k])
        for k, name in enumerate(COUNTED)
    ]


def _counts(log: FrameLog, began: int, day: int) -> np.ndarray:
    """Return the counts of a run by name."""
    days = log.daily[began - 1 : max(0, min(day, len(log)))]
    return days.sum(axis=0, dtype=float)[_COLUMNS]


def _totals(replicates: Replicates, began: int, day: int) -> np.ndarray:
    """Return counts of A and B, shape (2, seeds, names); no seeds before the policies began."""
    totals = replicates.totals
    last = min(day, totals.shape[2] - 1)
    if last < began:
        return np.zeros((2, 0, len(COUNTED)))
    return (totals[:, :, last] - totals[:, :, began - 1])[:, :, _COLUMNS]


def _ranges(a: np.ndarray, b: np.ndarray) -> list[_Range]:
    """Return mean change, interval and number of seeds of every name.

    As in reports (`experiments.comparison.compare`), the change is the mean of the paired
    differences in percent of the median of A.
    """
    seeds = len(a)
    if seeds < FEWEST:
        return [(None, None, None, seeds)] * len(COUNTED)
    change, level = b - a, np.median(a, axis=0)
    scale = np.where(level > 0, 100.0 / np.where(level > 0, level, 1.0), np.nan)
    scale[(change == 0).all(axis=0)] = 0.0
    bounds = scale * np.array(mean_interval(change))
    known = np.isfinite(bounds).all(axis=0)
    return [
        (*ends, seeds) if one else (None, None, None, seeds)
        for ends, one in zip(bounds.T.tolist(), known, strict=True)
    ]
