"""What a goal takes: dollars, agents, miles, read off curves between the budgets that were played.

A goal is looked for replicate by replicate, along straight lines between neighbouring budgets, and
never beyond the largest: what is not reached there is not reached, and counts as more than any sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.curve import BASE_YEAR, Instrument, Plan, State
from experiments.store import SweepResults

#: What is looked at; people are always beside flows.
OUTCOMES = (
    "apprehension_probability",
    "got_aways",
    "unlawful_entries",
    "deaths",
    "returned_unscreened",
)
PROBABILITIES = (0.5, 0.7, 0.9)
CUTS = (0.10, 0.25, 0.50)

Replicate = tuple[int, int]  # member (0 without an ensemble), seed
Runs = dict[tuple[Replicate, int], Mapping[str, Any]]  # outcomes by replicate and point


# ---- curves --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """Median and the range of nine replicates in ten."""

    median: float
    low90: float
    high90: float


@dataclass(frozen=True, eq=False)
class Line:
    """One instrument in one state: what every replicate showed at every budget.

    ``dollars``: $ a year on the instrument, ascending from 0. ``levels``: by outcome, shape
    (budgets, replicates), NaN where a run failed or an outcome is not defined. ``base``: the same
    replicates in the base-year state without a dollar, by outcome, shape (replicates,).
    """

    instrument: Instrument
    state: State
    dollars: np.ndarray
    levels: Mapping[str, np.ndarray]
    base: Mapping[str, np.ndarray]

    @property
    def joint(self) -> np.ndarray:
        """Dollars a year with what the state costs, all payers."""
        return self.dollars + self.state.dollars

    @property
    def amounts(self) -> np.ndarray:
        """What the dollars buy, in the instrument's unit; NaN where nothing can be counted."""
        return self.dollars * self.instrument.a_dollar

    def spreads(self, outcome: str) -> list[Spread]:
        """Levels of an outcome, budget by budget."""
        return [spread(row) for row in self.levels[outcome]]

    def changes(self, outcome: str) -> list[Spread]:
        """Paired change in percent of the base-year state without a dollar, budget by budget."""
        base = np.where(self.base[outcome] > 0.0, self.base[outcome], math.nan)
        return [spread(row) for row in 100.0 * (self.levels[outcome] / base - 1.0)]


def read(plan: Plan, folder: str | Path) -> list[Line]:
    """The curves that the ledgers hold, instrument by instrument, state by state."""
    runs = {state.id: _runs(Path(folder) / state.id) for state in plan.states}
    replicates = sorted({replicate for found in runs.values() for replicate, _ in found})
    points = range(len(plan.points))
    tables = {
        state: {name: _table(found, name, points, replicates) for name in OUTCOMES}
        for state, found in runs.items()
    }
    base = {name: table[0] for name, table in tables[BASE_YEAR].items()}
    return [
        Line(
            one,
            state,
            np.array(plan.ladder(one)),
            {name: table[_places(plan, one)] for name, table in tables[state.id].items()},
            base,
        )
        for one in plan.instruments
        for state in plan.states
    ]


def spread(values: Iterable[float]) -> Spread:
    """Median and range of those that are numbers; infinity is one, more than any other."""
    known = sorted(float(v) for v in values if not math.isnan(v))
    return Spread(*(_quantile(known, q) for q in (0.5, 0.05, 0.95)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """As numpy has it, and infinite where it lies on the way to infinity."""
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low if low == high else low + (place - math.floor(place)) * (high - low)


def _places(plan: Plan, one: Instrument) -> list[int]:
    """Points of an instrument, in the order of its ladder."""
    return [0, *(i for i, (name, _) in enumerate(plan.points) if name == one.id)]


def _runs(folder: Path) -> Runs:
    """What a ledger holds; a member that was drawn twice is there once."""
    with SweepResults(folder) as store:
        rows = store.frame().to_dict("records")
    return {((int(r.get("member", 0)), int(r["seed"])), int(r["point"])): r for r in rows}


def _table(
    runs: Runs, outcome: str, points: Sequence[int], replicates: Sequence[Replicate]
) -> np.ndarray:
    """An outcome, shape (points, replicates); NaN where there is no run."""
    return np.array(
        [
            [runs.get((replicate, point), {}).get(outcome, math.nan) for replicate in replicates]
            for point in points
        ],
        dtype=float,
    )


# ---- goals ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """A level of an outcome, or a cut of it by a share of what it is without a dollar.

    ``of``: the state of which the cut is: "base_year" (the same for all states, so that they can
    be set beside each other) or "same_state" (what the instrument does by itself).
    """

    outcome: str
    level: float = math.nan
    cut: float = 0.0
    of: str = ""

    @property
    def rising(self) -> bool:
        """Whether it is reached from below."""
        return not self.cut

    def target(self, line: Line) -> np.ndarray:
        """The level to be reached, by replicate."""
        if self.rising:
            return np.full(line.levels[self.outcome].shape[1], self.level)
        start = line.base if self.of == BASE_YEAR else {n: t[0] for n, t in line.levels.items()}
        return (1.0 - self.cut) * start[self.outcome]


GOALS = (
    *(Goal("apprehension_probability", level=p) for p in PROBABILITIES),
    *(Goal("got_aways", cut=cut, of=of) for of in (BASE_YEAR, "same_state") for cut in CUTS),
)


@dataclass(frozen=True)
class Need:
    """What a goal takes: $ a year on the instrument, infinite where it is not reached.

    ``reached``: replicates that reach it, out of ``of`` that were played at every budget. ``most``:
    the largest budget that was played.
    """

    goal: Goal
    dollars: Spread
    reached: int
    of: int
    most: float


def needs(line: Line, goals: Iterable[Goal] = GOALS) -> list[Need]:
    """What every goal takes of this instrument in this state."""
    return [need(line, goal) for goal in goals]


def need(line: Line, goal: Goal) -> Need:
    """Replicate by replicate, those that have a number at every budget."""
    table, target = line.levels[goal.outcome], goal.target(line)
    whole = np.isfinite(table).all(axis=0) & np.isfinite(target)
    found = [
        first_reached(line.dollars, levels, aim, rising=goal.rising)
        for levels, aim in zip(table.T[whole], target[whole], strict=True)
    ]
    reached = sum(map(math.isfinite, found))
    return Need(goal, spread(found), reached, len(found), float(line.dollars[-1]))


def first_reached(
    dollars: Sequence[float] | np.ndarray,
    levels: Sequence[float] | np.ndarray,
    target: float,
    *,
    rising: bool,
) -> float:
    """The least dollars at which the straight lines through the points reach a target.

    From below if `rising`, else from above. Infinite where they do not: nothing is extrapolated.
    """
    x, gap = np.asarray(dollars, dtype=float), np.asarray(levels, dtype=float) - target
    gap = gap if rising else -gap
    there = np.flatnonzero(gap >= 0.0)
    if not there.size:
        return math.inf
    k = int(there[0])
    if k == 0:
        return float(x[0])
    share = -gap[k - 1] / (gap[k] - gap[k - 1])
    return float(x[k - 1] + share * (x[k] - x[k - 1]))
