"""Outcomes as a function of the dollars spent on an instrument, in three states of cooperation.

A U.S. instrument is run at a series of budgets, from zero to its maximum dose: in the given
scenario, with an added cooperation programme, and with cooperation withdrawn. All points share
their seeds and, with an ensemble, their members. The dollars, agents or miles that reach a goal are
interpolated on straight lines between neighbouring budgets, separately for each replicate. Nothing
is extrapolated: if the highest budget does not reach a goal, the required dollars are infinite.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from abm.measures import ENTRIES, HUMAN_COSTS
from abm.policies import policies_of, policy_class, registry
from abm.policies.base import Policy, money
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.own_code import is_class_text
from agents.param import check_name
from experiments.calibration.members import EnsembleSample
from experiments.runs.intervals import Interval
from experiments.runs.pairs import REPS
from experiments.runs.study_inputs import read_budgets, read_names, with_policies
from experiments.scenarios import find
from experiments.studies.published import published
from experiments.sweeps.design import POLICY, Design, Listed, ParameterSet
from experiments.sweeps.store import SweepResults

SCALE = 100  # persons per simulated migrant
#: Default budgets, $ per year.
BUDGETS = (0.0, 100e6, 250e6, 500e6, 1e9, 2e9, 4e9)
#: Name of the scenario whose portfolio counts as an instrument.
PORTFOLIO = "us_only"
INSTRUMENTS = ("patrol_surge", "fence", "cameras_and_sensors", "patrol_effort", PORTFOLIO)
#: Parameter that gives how many countable units an instrument buys at dose 1.
UNITS = {"patrol_surge": "agents", "fence": "miles", "cameras_and_sensors": "towers"}


#: Dollars a year per 1 % less migration, as published studies imply, by instrument. No published
#: study isolates sensors or overtime.
PUBLISHED = {item: figure for (item, _), figure in published("dollars_per_percent").items()}
BASE_YEAR, COOPERATION, WITHDRAWN = "base_year", "cooperation", "withdrawn"


@dataclass(frozen=True)
class Instrument:
    """A policy, or several policies that share a budget in fixed proportions.

    Attributes:
        id, title: key and name in the output.
        shares: shares of the budget by policy, which sum to 1.
        full_dollars: $ per year at dose 1, by policy.
        max_dollars: $ per year at the maximum dose, by policy.
        unit: countable unit that the budget buys. Empty if there is none.
        units_per_dollar: units per dollar a year. NaN if the instrument has no unit.
    """

    id: str
    title: str
    shares: Mapping[str, float]
    full_dollars: Mapping[str, float]
    max_dollars: Mapping[str, float]
    unit: str = ""
    units_per_dollar: float = math.nan

    @property
    def maximum(self) -> float:
        """Dollars per year when every policy has its maximum dose."""
        return math.fsum(self.max_dollars.values())

    def doses(self, budget: float) -> dict[str, float]:
        """Return every policy's dose at a budget in $ per year, up to the maximum.

        A policy whose share of the budget would exceed its maximum dose gets the maximum dose. All
        other policies divide the remaining dollars in proportion to their shares.
        """
        spent = _split(min(budget, self.maximum), self.shares, self.max_dollars)
        return {name: dollars / self.full_dollars[name] for name, dollars in spent.items()}


def instrument(name: str) -> Instrument:
    """Create an instrument by its name.

    Args:
        name: a value from ``INSTRUMENTS``, another policy, or a user's class (module:Class).

    Returns:
        The instrument.

    Raises:
        SettingError: the name is unknown, or the policy costs nothing or needs Mexico.
    """
    if not is_class_text(name):
        check_name("--instrument", name, dict.fromkeys((*INSTRUMENTS, *registry())))
    dollars = {name: 1.0}
    if name == PORTFOLIO:
        dollars = {spec.id: float(spec.dollars or 0.0) for spec in find(PORTFOLIO).policies}
    policies = {policy: policy_class(policy).full_programme() for policy in dollars}
    for policy, programme in policies.items():
        if programme.needs_mexico or programme.full_dollars <= 0.0:
            why = "it needs Mexico" if programme.needs_mexico else "it costs nothing"
            hint = "Give a policy of the United States that costs dollars."
            raise SettingError("--instrument", f"{policy} has no curve: {why}", hint)
    shares = {policy: part / math.fsum(dollars.values()) for policy, part in dollars.items()}
    full = {policy: programme.full_dollars for policy, programme in policies.items()}
    max_dollars = {policy: full[policy] * policies[policy].high for policy in policies}
    title = policies[name].title if name in policies else "Portfolio of the United States alone"
    unit = UNITS.get(name, "")
    ratio = getattr(policies[name], unit) / full[name] if unit else math.nan
    return Instrument(name, title, shares, full, max_dollars, unit, ratio)


@dataclass(frozen=True)
class State:
    """A state of cooperation.

    Attributes:
        id, title: key and name in the output.
        specs: policies added to the scenario.
        dollars: cost of these policies over all payers, $ per year.
    """

    id: str
    title: str
    specs: tuple[PolicySpec, ...]
    dollars: float


def states(scenario: Scenario) -> tuple[State, ...]:
    """Return the three states of cooperation.

    Raise ``SettingError`` if the scenario already contains a policy of one of them.
    """
    programme = find(COOPERATION).policies
    withdrawn = (parse_policy("no_cooperation"),)
    _check_free(scenario, {spec.id for spec in (*programme, *withdrawn)}, "cooperation is varied")
    dollars = sum(sum(policy.dollars().values()) for policy in policies_of(scenario, programme))
    title = f"With a cooperation programme, {money(dollars)} a year"
    return (
        State(BASE_YEAR, "Cooperation as in the base year", (), 0.0),
        State(COOPERATION, title, programme, dollars),
        State(WITHDRAWN, "Cooperation withdrawn", withdrawn, 0.0),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePlan:
    """The planned runs: instruments at budgets in three states of a scenario.

    In every state, point 0 has no instrument and belongs to all curves.

    Attributes:
        scenario: the scenario without instruments.
        instruments: the instruments that are varied.
        budgets: $ per year.
        reps: seeds per point (and member).
        seed: the first seed.
        members: parameter sets of the ensemble.

    Raises:
        SettingError: the scenario already contains a policy that the plan varies.
    """

    scenario: Scenario = field(default_factory=Scenario)
    instruments: tuple[Instrument, ...]
    budgets: tuple[float, ...] = BUDGETS
    reps: int = REPS
    seed: int = 1
    members: tuple[ParameterSet, ...] = ()

    def __post_init__(self) -> None:
        """Raise ``SettingError`` if the scenario already contains a varied policy."""
        varied = {policy for instrument in self.instruments for policy in instrument.shares}
        _check_free(self.scenario, varied, "its dose is varied")

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The states of cooperation."""
        return states(self.scenario)

    def ladder(self, instrument: Instrument) -> tuple[float, ...]:
        """Return an instrument's budgets in $ per year: all below its maximum, and the maximum."""
        fits = {budget for budget in self.budgets if budget < instrument.maximum}
        return tuple(sorted(fits | {0.0, instrument.maximum}))

    @cached_property
    def points(self) -> tuple[tuple[str, float], ...]:
        """Instrument and dollars at every point. The first point has no instrument."""
        steps = (
            (instrument.id, b)
            for instrument in self.instruments
            for b in self.ladder(instrument)
            if b > 0.0
        )
        return (("", 0.0), *steps)

    @property
    def columns(self) -> dict[str, list[float]]:
        """Doses at all points by path, in the form that a design lists."""
        by_id = {instrument.id: instrument for instrument in self.instruments}
        doses = [by_id[name].doses(b) if name else {} for name, b in self.points]
        varied = chain.from_iterable(instrument.shares for instrument in self.instruments)
        return {POLICY + policy: [at.get(policy, 0.0) for at in doses] for policy in varied}

    @cached_property
    def designs(self) -> dict[str, Design]:
        """One design per state, by state id."""
        sample = Listed(self.columns)
        return {
            state.id: Design(
                name=f"curve_{state.id}",
                sample=sample,
                reps=self.reps,
                seed=self.seed,
                scenario=with_policies(self.scenario, state.specs),
                members=self.members,
            )
            for state in self.states
        }


def plan_curves(
    scenario: Scenario,
    sample: EnsembleSample | None = None,
    *,
    instruments: Iterable[str | type[Policy]] = (),
    budgets: Iterable[str | float] = (),
    **seeds: int,
) -> CurvePlan:
    """Plan the curves of instruments at a series of budgets.

    Args:
        scenario: the scenario without instruments.
        sample: ensemble members, or None for one parameter set.
        instruments: names or classes of policies. Empty for ``INSTRUMENTS``.
        budgets: $ per year, as numbers or texts such as 250M. Empty for ``BUDGETS``.
        seeds: ``reps`` and ``seed`` of the plan.

    Raises:
        SettingError: an instrument or a budget is invalid.
    """
    names = read_names(instruments, "--instrument") or INSTRUMENTS
    return CurvePlan(
        scenario=scenario,
        instruments=tuple(map(instrument, names)),
        budgets=read_budgets(budgets, "--budget", zero=True) or BUDGETS,
        members=tuple(map(ParameterSet, sample.chosen, sample.settings)) if sample else (),
        **seeds,
    )


def _split(
    budget: float, shares: Mapping[str, float], max_dollars: Mapping[str, float]
) -> dict[str, float]:
    """Divide a budget in proportion to shares, limited by the maximum dollars of each policy."""
    spent: dict[str, float] = {}
    while len(spent) < len(shares):
        remaining = budget - math.fsum(spent.values())
        open_share = math.fsum(share for name, share in shares.items() if name not in spent)
        proportional = {
            name: remaining * s / open_share for name, s in shares.items() if name not in spent
        }
        full = {
            name: max_dollars[name]
            for name, dollars in proportional.items()
            if dollars >= max_dollars[name]
        }
        spent |= full or proportional
    return spent


def _check_free(scenario: Scenario, names: Collection[str], why: str) -> None:
    """Raise ``SettingError`` if the scenario has a policy that the curves vary."""
    for spec in scenario.policies:
        if spec.id in names:
            hint = "Give a scenario without it, such as baseline."
            raise SettingError("--scenario", f"it has {spec.id} already, and {why}", hint)


#: Outcomes of the curves. Flows are always accompanied by human costs.
OUTCOMES = ("apprehension_probability", *ENTRIES, *HUMAN_COSTS)
PRICED = "got_aways"  # outcome to which dollars per percent refer
PROBABILITIES = (0.5, 0.7, 0.9)
CUTS = (0.10, 0.25, 0.50)

_SPENT = "dollars"  # outcome that counts the dollars spent a year


# ---- curves --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CurveLine:
    """One instrument in one state: every replicate's outcomes at every budget.

    Attributes:
        instrument, state: the varied instrument and the state of cooperation.
        dollars: $ per year on the instrument, ascending from 0, shape (budgets,).
        levels: by outcome, shape (budgets, replicates). NaN where a run failed or an outcome is
            undefined.
        base: outcomes of the same replicates in the base-year state at zero dollars, by outcome,
            shape (replicates,).
        spent: $ per year spent on the instrument, shape (budgets, replicates). Less than the budget
            if an agency cannot deliver the whole programme.
    """

    instrument: Instrument
    state: State
    dollars: np.ndarray
    levels: Mapping[str, np.ndarray]
    base: Mapping[str, np.ndarray]
    spent: np.ndarray

    def dollars_per_percent(self) -> list[Interval]:
        """Return $ per year spent for each 1 % fall in got-aways from zero dollars, by budget.

        Got-aways are compared within the same state of cooperation. The price is infinite if they
        do not fall, and undefined at zero dollars.
        """
        return _prices(self.spent, self._percent_fewer)

    def dollars_per_next_percent(self) -> list[Interval]:
        """Return $ for each further 1 % fall in got-aways, for each step between budgets."""
        first = np.zeros((1, self.spent.shape[1]))
        steps = (np.diff(x, axis=0, prepend=first) for x in (self.spent, self._percent_fewer))
        return _prices(*steps)

    @property
    def _percent_fewer(self) -> np.ndarray:
        """Averted share of the got-aways at zero dollars, in percent, shaped like ``spent``."""
        levels = self.levels[PRICED]
        return 100.0 * (1.0 - levels / _positive(levels[0]))

    @property
    def amounts(self) -> np.ndarray:
        """Units that the dollars buy, shape (budgets,). NaN if the instrument has no unit."""
        return self.dollars * self.instrument.units_per_dollar

    def intervals(self, outcome: str) -> list[Interval]:
        """Return an outcome's interval over replicates, for each budget."""
        return [Interval.with_infinity(row) for row in self.levels[outcome]]

    def changes(self, outcome: str) -> list[Interval]:
        """Return an outcome's paired change in percent of the base-year state at zero dollars."""
        relative = 100.0 * (self.levels[outcome] / _positive(self.base[outcome]) - 1.0)
        return [Interval.with_infinity(row) for row in relative]


def _positive(levels: np.ndarray) -> np.ndarray:
    """Return levels, with NaN in place of values that are not above zero."""
    return np.where(levels > 0.0, levels, math.nan)


def _prices(dollars: np.ndarray, percent: np.ndarray) -> list[Interval]:
    """Return the interval of dollars per percent over replicates, for each budget."""
    price = np.divide(dollars, percent, out=np.full(percent.shape, math.inf), where=percent > 0.0)
    price[np.isnan(percent) | (dollars <= 0.0)] = math.nan
    return [Interval.with_infinity(row) for row in price]


def read_curves(plan: CurvePlan, folder: str | Path) -> list[CurveLine]:
    """Read the curves of a plan from its sweeps.

    Args:
        plan: the planned runs.
        folder: parent folder of the sweeps, one for each state.

    Returns:
        One line per instrument and state, ordered like the plan.

    Raises:
        SettingError: a state has no sweep.
    """
    tables = _tables(plan, Path(folder))
    base = {name: tables[name].loc[BASE_YEAR].to_numpy()[0] for name in OUTCOMES}
    lines = []
    for instrument in plan.instruments:
        points = [0, *(i for i, (name, _) in enumerate(plan.points) if name == instrument.id)]
        for state in plan.states:
            values = {name: tables[name].loc[state.id].to_numpy()[points] for name in tables}
            spent = values.pop(_SPENT)
            dollars = np.array(plan.ladder(instrument))
            lines.append(CurveLine(instrument, state, dollars, values, base, spent - spent[0]))
    return lines


def _tables(plan: CurvePlan, folder: Path) -> dict[str, pd.DataFrame]:
    """Return every outcome by state and point (rows), and by member and seed (columns).

    Cells without a run are NaN. A member that was drawn twice has only one column.
    """
    frames = []
    for state in plan.states:
        with SweepResults(folder / state.id) as store:
            frames.append(store.frame().assign(state=state.id))
    runs = pd.concat(frames, ignore_index=True)
    runs["member"] = runs.get("member", 0)
    keys, names = ["state", "point", "member", "seed"], [*OUTCOMES, _SPENT]
    cells = runs.drop_duplicates(keys).set_index(keys).reindex(columns=names).astype(float)
    rows = pd.MultiIndex.from_product([list(plan.designs), range(len(plan.points))])
    replicates = ["member", "seed"]
    return {
        name: pd.DataFrame(cells[name].unstack(replicates)).reindex(rows).sort_index(axis=1)
        for name in names
    }


# ---- goals ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """A goal: a level that an outcome reaches from below, or a relative cut in the outcome.

    Attributes:
        outcome: outcome name.
        level: level to reach, in the outcome's unit. NaN if the goal is a cut.
        cut: relative fall from the level at zero dollars, 0 to 1. 0 if the goal is a level.
        of: a cut's reference: "base_year" (the same for all states, which makes states comparable)
            or "same_state" (which isolates the instrument's effect).
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
        goal: level or cut to reach.
        dollars: $ per year on the instrument, over replicates. Infinite for a replicate that does
            not reach the goal.
        n_reached: number of replicates that reach the goal.
        replicates: number of replicates with a result at every budget.
        max_dollars: the highest budget, $ per year.
    """

    goal: Goal
    dollars: Interval
    n_reached: int
    replicates: int
    max_dollars: float


def requirement(line: CurveLine, goal: Goal) -> Requirement:
    """Compute the dollars that a goal requires, over replicates with a value at every budget.

    Args:
        line: an instrument in a state.
        goal: level or cut to reach.

    Returns:
        The requirement.
    """
    table, target = line.levels[goal.outcome], goal.target(line)
    complete = np.isfinite(table).all(axis=0) & np.isfinite(target)
    dollars = [
        first_reached(line.dollars, levels, aim, rising=goal.rising)
        for levels, aim in zip(table.T[complete], target[complete], strict=True)
    ]
    n_reached = sum(map(math.isfinite, dollars))
    interval = Interval.with_infinity(dollars)
    return Requirement(goal, interval, n_reached, len(dollars), float(line.dollars[-1]))


def first_reached(
    dollars: Sequence[float] | np.ndarray,
    levels: Sequence[float] | np.ndarray,
    target: float,
    *,
    rising: bool,
) -> float:
    """Return the lowest budget at which the linear interpolation reaches a target.

    Args:
        dollars: budgets, ascending, shape (n,).
        levels: outcome at each budget, shape (n,).
        target: the level to reach.
        rising: whether the target is reached from below. Otherwise it is reached from above.

    Returns:
        Dollars. Infinite if no budget reaches the target.
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
