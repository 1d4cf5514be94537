"""Counts since the policies began, and their change from A to B over the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from abm.measures import OUTCOMES
from experiments.effects import is_clear
from experiments.intervals import Interval
from experiments.pairs import Difference
from viz.screen.frames import DAILY, FrameLog
from viz.screen.replicates import FEWEST, INNER, Replicates
from viz.screen.session import Session

#: Daily figures that count events.
COUNTED = tuple(name for name in DAILY if name in OUTCOMES)
_QUANTILES = (0.5, *INNER)
_COLUMNS = [DAILY.index(name) for name in COUNTED]

type _Range = tuple[float | None, float | None, float | None, int]


@dataclass(frozen=True)
class Change:
    """A figure since the policies began, in A and in B.

    Attributes:
        name: a name of `COUNTED`.
        a, b: persons or events in the run on the screen; b is NaN if there is one world.
        human: whether it is a human cost.
        median, low, high: change from A to B in percent over the seeds, with its 90 % range; None
            with fewer than three runs.
        runs: number of seeds with a change in percent.
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
    def clear(self) -> bool:
        """Whether the change is clear by the rule of reports (`experiments.effects.is_clear`)."""
        if self.median is None or self.low is None or self.high is None:
            return False
        bounds = Interval(self.median, math.nan, math.nan, self.low, self.high)
        return is_clear(Difference(100.0, bounds))  # in percent, so of a baseline of 100

    @property
    def single(self) -> float:
        """The change in the run on the screen, in percent; NaN if it is not defined."""
        return float(_percent(np.array(self.a), np.array(self.b)))


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
        day: the last day to count; before the policies began, all counts are zero.

    Returns:
        One change for each name of `COUNTED`.
    """
    began, nothing = policies_began(session), np.zeros(len(COUNTED))
    counts = [_counts(log, began, day) for log in session.logs] or [nothing] * session.worlds
    a, b = counts if len(counts) == 2 else (counts[0], np.full_like(nothing, np.nan))
    if session.worlds == 2:
        ranges = _ranges(_changes(session.replicates.value, began, day))
    else:
        ranges = _ranges(np.zeros((0, len(COUNTED))))
    return [
        Change(name, float(a[k]), float(b[k]), OUTCOMES[name].human, *ranges[k])
        for k, name in enumerate(COUNTED)
    ]


def _counts(log: FrameLog, began: int, day: int) -> np.ndarray:
    """Return the counts of a run by name."""
    days = log.daily[began - 1 : max(0, min(day, len(log)))]
    return days.sum(axis=0, dtype=float)[_COLUMNS]


def _changes(replicates: Replicates, began: int, day: int) -> np.ndarray:
    """Return changes in percent, shape (seeds, names); no seeds before the policies began."""
    totals = replicates.totals
    last = min(day, totals.shape[2] - 1)
    if last < began:
        return np.zeros((0, len(COUNTED)))
    a, b = (totals[:, :, last] - totals[:, :, began - 1])[:, :, _COLUMNS]
    return _percent(a, b)


def _percent(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the change from a to b in percent: 0 if both are 0, NaN if only a is."""
    known = np.where(a > 0, a, np.nan)
    return np.where((a == 0) & (b == 0), 0.0, 100.0 * (b - a) / known)


def _ranges(changes: np.ndarray) -> list[_Range]:
    """Return median, low and high value and number of the finite changes of every name."""
    if len(changes) >= FEWEST and np.isfinite(changes).all():  # all names at once
        bounds = np.quantile(changes, _QUANTILES, axis=0).T.tolist()
        return [(median, low, high, len(changes)) for median, low, high in bounds]
    return [_range(column[np.isfinite(column)]) for column in changes.T]


def _range(known: np.ndarray) -> _Range:
    """Return median, low and high value and number of changes; None with few."""
    if len(known) < FEWEST:
        return None, None, None, len(known)
    median, low, high = np.quantile(known, _QUANTILES).tolist()
    return median, low, high, len(known)
