"""Dollars, agents or miles that reach a goal, by interpolation on the curves of an instrument.

Each replicate is evaluated separately, on straight lines between neighbouring budgets. Nothing is
extrapolated: a goal that the largest budget does not reach needs infinitely many dollars.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.measures import HUMAN_COSTS
from experiments.runs.intervals import Interval
from experiments.studies.curve import BASE_YEAR, CurvePlan, Instrument, State
from experiments.sweeps.store import SweepResults

#: Outcomes of the curves; human costs are always included with flows.
OUTCOMES = (
    "apprehension_probability",
    "got_aways",
    "unlawful_entries",
    *HUMAN_COSTS,
)
PRICED = "got_aways"  # outcome of the dollars per percent
PROBABILITIES = (0.5, 0.7, 0.9)
CUTS = (0.10, 0.25, 0.50)

_SPENT = "dollars"  # outcome with the dollars spent a year
Replicate = tuple[int, int]  # member (0 without an ensemble), seed
Rows = dict[tuple[Replicate, int], Mapping[str, Any]]  # rows of a frame by replicate and point


# ---- curves --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CurveLine:
    """One instrument in one state: outcomes of every replicate at every budget.

    Attributes:
        instrument, state: the varied instrument and the state of cooperation.
        dollars: $ per year on the instrument, ascending from 0, shape (budgets,).
        levels: by outcome, shape (budgets, replicates); NaN where a run failed or an outcome is
            undefined.
        base: the same replicates in the base-year state at zero dollars, by outcome, shape
            (replicates,).
        total_spent: $ per year spent on all policies, shape (budgets, replicates); None if all
            dollars are spent.
    """

    instrument: Instrument
    state: State
    dollars: np.ndarray
    levels: Mapping[str, np.ndarray]
    base: Mapping[str, np.ndarray]
    total_spent: np.ndarray | None = None

    @property
    def spent(self) -> np.ndarray:
        """Dollars per year that are spent on the instrument, shape (budgets, replicates).

        Less than the budget where an agency cannot deliver the whole programme.
        """
        if self.total_spent is None:
            return np.repeat(self.dollars[:, None], self.levels[PRICED].shape[1], axis=1)
        return self.total_spent - self.total_spent[0]

    def dollars_per_percent(self) -> list[Interval]:
        """Return $ per year spent per 1 % fewer got-aways than at zero dollars, for each budget.

        Got-aways are compared with the same state of cooperation. The price is infinite where they
        do not fall, and undefined at zero dollars.
        """
        levels = self.levels[PRICED]
        return _prices(self.spent, 100.0 * (1.0 - levels / _positive(levels[0])))

    def dollars_per_next_percent(self) -> list[Interval]:
        """Return the same for the step from the budget before, which shows decreasing returns."""
        levels, first = self.levels[PRICED], np.zeros((1, self.levels[PRICED].shape[1]))
        fewer = 100.0 * (1.0 - levels / _positive(levels[0]))
        steps = [np.diff(values, axis=0, prepend=first) for values in (self.spent, fewer)]
        return _prices(*steps)

    @property
    def joint_dollars(self) -> np.ndarray:
        """Dollars per year including the cost of the state, all payers."""
        return self.dollars + self.state.dollars

    @property
    def amounts(self) -> np.ndarray:
        """Units that the dollars buy; NaN for an instrument without a unit."""
        return self.dollars * self.instrument.units_per_dollar

    def intervals(self, outcome: str) -> list[Interval]:
        """Return the interval of an outcome over replicates, for each budget."""
        return [Interval.with_infinity(row) for row in self.levels[outcome]]

    def changes(self, outcome: str) -> list[Interval]:
        """Return the paired change in percent of the base-year state at zero dollars."""
        base = np.where(self.base[outcome] > 0.0, self.base[outcome], math.nan)
        relative = 100.0 * (self.levels[outcome] / base - 1.0)
        return [Interval.with_infinity(row) for row in relative]


def _positive(levels: np.ndarray) -> np.ndarray:
    """Return levels, NaN where they are not above zero."""
    return np.where(levels > 0.0, levels, math.nan)


def _prices(dollars: np.ndarray, percent: np.ndarray) -> list[Interval]:
    """Return dollars per percent over replicates, for each budget; both (budgets, replicates)."""
    price = np.divide(dollars, percent, out=np.full(percent.shape, math.inf), where=percent > 0.0)
    price[np.isnan(percent) | (dollars <= 0.0)] = math.nan
    return [Interval.with_infinity(row) for row in price]


def read_curves(plan: CurvePlan, folder: str | Path) -> list[CurveLine]:
    """Read the curves of a plan from its sweeps.

    Args:
        plan: the planned runs.
        folder: the parent of the folders of the states.

    Returns:
        One line per instrument and state, in the order of the plan.

    Raises:
        SettingError: a state has no sweep.
    """
    rows = {state.id: _rows(Path(folder) / state.id) for state in plan.states}
    replicates = sorted({replicate for found in rows.values() for replicate, _ in found})
    points = range(len(plan.points))
    tables = {
        state: {name: _table(found, name, points, replicates) for name in (*OUTCOMES, _SPENT)}
        for state, found in rows.items()
    }
    base = {name: tables[BASE_YEAR][name][0] for name in OUTCOMES}
    return [
        CurveLine(
            one,
            state,
            np.array(plan.ladder(one)),
            {name: tables[state.id][name][_points_of(plan, one)] for name in OUTCOMES},
            base,
            tables[state.id][_SPENT][_points_of(plan, one)],
        )
        for one in plan.instruments
        for state in plan.states
    ]


def _points_of(plan: CurvePlan, one: Instrument) -> list[int]:
    """Return the points of an instrument, in the order of its budgets."""
    return [0, *(i for i, (name, _) in enumerate(plan.points) if name == one.id)]


def _rows(folder: Path) -> Rows:
    """Read the rows of a sweep; a member that was drawn twice is included once."""
    with SweepResults(folder) as store:
        rows = store.frame().to_dict("records")
    return {((int(r.get("member", 0)), int(r["seed"])), int(r["point"])): r for r in rows}


def _table(
    rows: Rows, outcome: str, points: Sequence[int], replicates: Sequence[Replicate]
) -> np.ndarray:
    """Return an outcome, shape (points, replicates); NaN without a run."""
    return np.array(
        [
            [rows.get((replicate, point), {}).get(outcome, math.nan) for replicate in replicates]
            for point in points
        ],
        dtype=float,
    )


# ---- goals ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """A level of an outcome that is reached from below, or a relative cut of it.

    Attributes:
        outcome: name of the outcome.
        level: the level; NaN for a cut.
        cut: share of the level at zero dollars, 0 to 1; 0 for a level.
        of: the reference of a cut: "base_year" (the same for all states, so that they can be
            compared) or "same_state" (the effect of the instrument alone).
    """

    outcome: str
    level: float = math.nan
    cut: float = 0.0
    of: str = ""

    @property
    def rising(self) -> bool:
        """Whether the goal is reached from below."""
        return not self.cut

    def target(self, line: CurveLine) -> np.ndarray:
        """Return the level to reach, shape (replicates,)."""
        if self.rising:
            return np.full(line.levels[self.outcome].shape[1], self.level)
        start = line.base if self.of == BASE_YEAR else {n: t[0] for n, t in line.levels.items()}
        return (1.0 - self.cut) * start[self.outcome]


GOALS = (
    *(Goal("apprehension_probability", level=p) for p in PROBABILITIES),
    *(Goal("got_aways", cut=cut, of=of) for of in (BASE_YEAR, "same_state") for cut in CUTS),
)


@dataclass(frozen=True)
class Requirement:
    """Dollars that a goal requires.

    Attributes:
        goal: the goal.
        dollars: $ per year on the instrument, over replicates; infinite where it is not reached.
        reached: number of replicates that reach the goal.
        replicates: number of replicates with a result at every budget.
        max_dollars: the largest budget, $ per year.
    """

    goal: Goal
    dollars: Interval
    reached: int
    replicates: int
    max_dollars: float


def requirements(line: CurveLine, goals: Iterable[Goal] = GOALS) -> list[Requirement]:
    """Compute the requirement of every goal.

    Args:
        line: an instrument in a state.
        goals: the goals.

    Returns:
        One requirement per goal.
    """
    return [requirement(line, goal) for goal in goals]


def requirement(line: CurveLine, goal: Goal) -> Requirement:
    """Compute the dollars that a goal requires, over the replicates with a value at every budget.

    Args:
        line: an instrument in a state.
        goal: the goal.

    Returns:
        The requirement.
    """
    table, target = line.levels[goal.outcome], goal.target(line)
    complete = np.isfinite(table).all(axis=0) & np.isfinite(target)
    dollars = [
        first_reached(line.dollars, levels, aim, rising=goal.rising)
        for levels, aim in zip(table.T[complete], target[complete], strict=True)
    ]
    reached = sum(map(math.isfinite, dollars))
    interval = Interval.with_infinity(dollars)
    return Requirement(goal, interval, reached, len(dollars), float(line.dollars[-1]))


def first_reached(
    dollars: Sequence[float] | np.ndarray,
    levels: Sequence[float] | np.ndarray,
    target: float,
    *,
    rising: bool,
) -> float:
    """Find the least dollars at which the linear interpolation reaches a target.

    Args:
        dollars: budgets, ascending, shape (n,).
        levels: outcome at each budget, shape (n,).
        target: the level to reach.
        rising: whether the target is reached from below (else from above).

    Returns:
        Dollars; infinity if the target is not reached at any budget.
    """
    x, gap = np.asarray(dollars, dtype=float), np.asarray(levels, dtype=float) - target
    gap = gap if rising else -gap
    reached = np.flatnonzero(gap >= 0.0)
    if not reached.size:
        return math.inf
    k = int(reached[0])
    if k == 0:
        return float(x[0])
    share = -gap[k - 1] / (gap[k] - gap[k - 1])
    return float(x[k - 1] + share * (x[k] - x[k - 1]))
