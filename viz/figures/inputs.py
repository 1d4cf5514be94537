"""What the report needs to know: plain records, filled by whoever ran the model.

Keys of outcomes are free, but these are recognised by name: ``got_aways`` and
``unlawful_entries`` (the two primary outcomes), ``returned_unscreened`` and ``deaths``
(always printed beside the prices, ``dollars_per_averted_...``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.measures import outcome_definitions

PRIMARY = ("got_aways", "unlawful_entries")
PRICES = tuple(outcome_definitions.PRICES)
BESIDE_PRICES = outcome_definitions.BESIDE_PRICES


@dataclass(frozen=True)
class MapData:
    """Places, legs between them and the outlines underneath."""

    place_names: list[str]
    place_kinds: list[str]
    lat: np.ndarray
    lon: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    leg_mode: list[str]
    basemap: dict[str, Any]


@dataclass(frozen=True)
class Interval:
    """A median with its 50 % and 90 % ranges."""

    median: float
    low50: float
    high50: float
    low90: float
    high90: float


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome of one arm, per year: the baseline level and the paired difference.

    Where the baseline is NaN (an outcome that only a policy has, like dollars per averted
    entry), ``difference`` and its bounds are the arm's own value. ``alike``: in how many of the
    ``pairs`` the difference has the sign of the median; 0 of 0 where that is not told.
    """

    baseline: float
    difference: float
    low50: float
    high50: float
    low90: float
    high90: float
    alike: int = field(default=0, kw_only=True)
    pairs: int = field(default=0, kw_only=True)

    @property
    def interval(self) -> Interval:
        """The difference as an interval."""
        return Interval(self.difference, self.low50, self.high50, self.low90, self.high90)

    @property
    def percent(self) -> Interval | None:
        """The difference in percent of the baseline; None where that has no meaning."""
        if not np.isfinite(self.baseline) or self.baseline <= 0:
            return None
        factor = 100.0 / self.baseline
        bounds = (self.difference, self.low50, self.high50, self.low90, self.high90)
        with np.errstate(over="ignore", invalid="ignore"):
            values = [float(np.float64(b) * factor) for b in bounds]
        return Interval(*values) if np.isfinite(values[0]) else None


@dataclass(frozen=True)
class OutcomeInfo:
    """How an outcome is called and read: ``good`` is -1 fewer is better, +1 more, 0 neither.

    ``group`` is the title under which it stands in the table; without one it stands with the
    costs to people or with the others.
    """

    label: str
    unit: str
    doc: str
    good: int
    human: bool = False
    group: str = ""


@dataclass(frozen=True)
class ArmReport:
    """One policy, or the baseline, as simulated: flows, monthly series, yearly outcomes.

    ``depth``: interdictions a year from south to north, by the words for where they happen.
    """

    id: str
    title: str
    claim: str
    mechanism: str
    cost_text: str
    dose: float
    dollars: dict[str, float]
    leg_flow: np.ndarray
    series: dict[str, np.ndarray]
    outcomes: dict[str, OutcomeRow]
    depth: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EnsembleInfo:
    """Which parameter sets were played: so many `members` out of the ``of`` that survived.

    ``effective``: how many of equal weight the whole ensemble is worth. ``varied``: numbers that
    differ between members. ``held``: paths that the ensemble varies and this comparison does not.
    """

    members: int
    of: int
    effective: float
    digest: str
    varied: int
    held: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UntilInfo:
    """Pairs were added until the mean change was known: how well, of what, with how many.

    ``width``: asked for, in percent of the baseline. ``outcomes``: labels. ``most``: pairs that
    were allowed. ``widest``: width at the end. ``stopped``: as ``experiments.sequential`` says.
    ``means``: policy, outcome, mean change and the bounds of its 90 % interval, in percent.
    """

    width: float
    outcomes: list[str]
    most: int
    pairs: int
    widest: float
    stopped: str
    means: list[tuple[str, str, float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class CompareReport:
    """A comparison: one baseline, some arms, and what a reader needs to judge them.

    ``reps``: runs of the baseline, over all seeds and, with an ``ensemble``, members.
    """

    title: str
    question: str
    scenario: str
    start: str
    days: int
    scale: int
    seeds: list[int]
    reps: int
    months: list[str]
    map: MapData
    baseline: ArmReport
    arms: list[ArmReport]
    outcome_info: dict[str, OutcomeInfo]
    caveats: list[str]
    command: str
    version: str
    digest: str
    assumptions: list[tuple[str, str, str]]
    targets: list[tuple[str, float, float, str]]
    policy_dates: list[tuple[str, str]] = field(default_factory=list)
    ensemble: EnsembleInfo | None = None
    until: UntilInfo | None = None
