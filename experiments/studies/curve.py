"""Outcomes as a function of the dollars spent on an instrument, in three states of cooperation.

Every instrument of the United States is run at a series of budgets, from zero to its largest dose:
in the given scenario, with an added cooperation programme, and with cooperation withdrawn. All
points share their seeds and, with an ensemble, their members. ``experiments.studies.goal_seek``
computes from the curves how many dollars reach a goal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from abm.policies import policies_of
from abm.policies.base import Policy, money
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import meant, plain
from experiments.comparison.compare import REPS, with_policies
from experiments.scenarios import find
from experiments.sweeps.design import Design, Listed, ParameterSet
from experiments.sweeps.design.factors import POLICY, full_programme
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.sweep import SweepSummary, sweep

#: Default budgets, $ per year.
BUDGETS = (0.0, 100e6, 250e6, 500e6, 1e9, 2e9, 4e9)
#: The scenario whose portfolio is an instrument.
PORTFOLIO = "us_only"
INSTRUMENTS = ("patrol_surge", "fence", "cameras_and_sensors", "patrol_effort", PORTFOLIO)
#: Countable units that an instrument buys: the parameter of the policy with the number at dose 1.
UNITS = {"patrol_surge": "agents", "fence": "miles", "cameras_and_sensors": "towers"}


@dataclass(frozen=True)
class PublishedPrice:
    """Dollars a year per 1 % less migration that published studies imply.

    Attributes:
        low, high: $ per year; infinite where a study finds no effect.
        source: studies, and how the figures follow from them.
    """

    low: float
    high: float
    source: str


_GATHMANN = (
    "Gathmann (2004, King Center WP 227): enforcement more than tripled, migration -10 %. Low: the "
    "Border Patrol's budget rose by $837M (1990-2000); high: 10.4 % of the budget of FY2013 (an "
    "elasticity of -0.1). Gathmann (2008) finds no effect"
)
#: By instrument. No study of sensors or of overtime alone was found.
PUBLISHED = {
    "patrol_surge": PublishedPrice(84e6, 361e6, _GATHMANN),
    "fence": PublishedPrice(
        18e6,
        288e6,
        "Low: Feigenberg (2020), $1,870 a deterred migrant and 86,000 a quarter for a fully fenced "
        "line, up to -35 %; high: Allen, Dobbin and Morten (2018), $2.3 billion, flows -0.8 %, at "
        "10 % of the cost a year",
    ),
}
BASE_YEAR, COOPERATION, WITHDRAWN = "base_year", "cooperation", "withdrawn"


@dataclass(frozen=True)
class Instrument:
    """A policy, or several policies that share a budget in fixed proportions.

    Attributes:
        id, title: for output.
        shares: of the budget, by policy, summing to 1.
        dollars_at_one: $ per year at dose 1, by policy.
        max_dollars: $ per year at the largest dose, by policy.
        unit: countable unit that the budget buys; empty without one.
        units_per_dollar: units per dollar a year; NaN without a unit.
    """

    id: str
    title: str
    shares: Mapping[str, float]
    dollars_at_one: Mapping[str, float]
    max_dollars: Mapping[str, float]
    unit: str = ""
    units_per_dollar: float = math.nan

    @property
    def maximum(self) -> float:
        """Dollars per year when every policy has its largest dose."""
        return math.fsum(self.max_dollars.values())

    def doses(self, budget: float) -> dict[str, float]:
        """Return the dose of every policy at a budget, $ per year up to the maximum.

        A policy whose share exceeds its largest dose gets that dose; the others divide the rest in
        proportion to their shares.
        """
        spent = _split(min(budget, self.maximum), self.shares, self.max_dollars)
        return {name: dollars / self.dollars_at_one[name] for name, dollars in spent.items()}


def instrument(name: str, where: str = "--instrument") -> Instrument:
    """Create an instrument by its name.

    Args:
        name: one of ``INSTRUMENTS``.
        where: the option or setting that an error message names.

    Returns:
        The instrument.

    Raises:
        SettingError: the name is unknown.
    """
    if name not in INSTRUMENTS:
        hint = f"{meant(name, INSTRUMENTS)}Instruments: {', '.join(INSTRUMENTS)}."
        raise SettingError(where, f"there is no curve of {plain(name)}", hint)
    dollars = {name: 1.0}
    if name == PORTFOLIO:
        dollars = {spec.id: float(spec.dollars or 0.0) for spec in find(PORTFOLIO).policies}
    policies = {policy: full_programme(policy, where) for policy in dollars}
    shares = {policy: part / math.fsum(dollars.values()) for policy, part in dollars.items()}
    at_one = {policy: one.dollars_at_one for policy, one in policies.items()}
    most = {policy: one.dollars_at_one * one.high for policy, one in policies.items()}
    title = policies[name].title if name in policies else "Portfolio of the United States alone"
    return Instrument(name, title, shares, at_one, most, *_unit(name, policies.get(name)))


@dataclass(frozen=True)
class State:
    """A state of cooperation.

    Attributes:
        id, title: for output.
        specs: policies added to the scenario.
        dollars: cost of these policies, $ per year, all payers.
    """

    id: str
    title: str
    specs: tuple[PolicySpec, ...]
    dollars: float


def states(scenario: Scenario) -> tuple[State, ...]:
    """Return the three states; raise ``SettingError`` if the scenario has one of them already."""
    programme = find(COOPERATION).policies
    withdrawn = (parse_policy("no_cooperation"),)
    _check_free(scenario, {spec.id for spec in (*programme, *withdrawn)}, "cooperation is varied")
    dollars = sum(sum(one.dollars().values()) for one in policies_of(scenario, programme))
    return (
        State(BASE_YEAR, "Cooperation as in the base year", (), 0.0),
        State(
            COOPERATION,
            f"With a cooperation programme, {money(dollars)} a year",
            programme,
            dollars,
        ),
        State(WITHDRAWN, "Cooperation withdrawn", withdrawn, 0.0),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePlan:
    """The planned runs: instruments at budgets in three states of a scenario.

    Point 0 of every state has no instrument and belongs to every curve.

    Attributes:
        scenario: the scenario without instruments.
        instruments: the instruments that are varied.
        budgets: $ per year.
        reps: seeds per point (and member).
        seed: the first seed.
        members: parameter sets of the ensemble.

    Raises:
        SettingError: a budget is invalid, or the scenario has a varied policy already.
    """

    scenario: Scenario = field(default_factory=Scenario)
    instruments: tuple[Instrument, ...]
    budgets: tuple[float, ...] = BUDGETS
    reps: int = REPS
    seed: int = 1
    members: tuple[ParameterSet, ...] = ()

    def __post_init__(self) -> None:
        """Check budgets and scenario."""
        for budget in self.budgets:
            if not 0.0 <= budget < math.inf:
                hint = "Give dollars per year, for example 250M."
                raise SettingError("--budget", f"invalid budget {plain(budget)}", hint)
        varied = {policy for one in self.instruments for policy in one.shares}
        _check_free(self.scenario, varied, "its dose is varied")

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The states of cooperation."""
        return states(self.scenario)

    def ladder(self, one: Instrument) -> tuple[float, ...]:
        """Return the budgets of an instrument, $ per year: those it can spend, and its maximum."""
        fits = {budget for budget in self.budgets if budget < one.maximum}
        return tuple(sorted(fits | {0.0, one.maximum}))

    @cached_property
    def points(self) -> tuple[tuple[str, float], ...]:
        """Instrument and dollars of every point; the first point has no instrument."""
        steps = ((one.id, b) for one in self.instruments for b in self.ladder(one) if b > 0.0)
        return (("", 0.0), *steps)

    @property
    def columns(self) -> dict[str, list[float]]:
        """Doses of all points, by path, as a design lists them."""
        known = {one.id: one for one in self.instruments}
        doses = [known[name].doses(b) if name else {} for name, b in self.points]
        varied = dict.fromkeys(policy for one in self.instruments for policy in one.shares)
        return {POLICY + policy: [at.get(policy, 0.0) for at in doses] for policy in varied}

    def design(self, state: State) -> Design:
        """Return the design of one state."""
        return Design(
            name=f"curve_{state.id}",
            sample=Listed(self.columns),
            reps=self.reps,
            seed=self.seed,
            scenario=with_policies(self.scenario, state.specs),
            members=self.members,
        )


def run_curves(
    plan: CurvePlan,
    folder: str | Path,
    *,
    resume: bool = False,
    jobs: int | None = None,
    executor: ExecutorInput = None,
    on_start: Callable[[str, int, int], object] | None = None,
    on_result: Callable[[Any], object] | None = None,
    command: Sequence[str] = (),
) -> list[SweepSummary]:
    """Run the missing runs of a plan; each state is a sweep in its own folder.

    Args:
        plan: the planned runs.
        folder: the parent of the folders of the states.
        resume, jobs, executor, on_result, command: as in ``experiments.sweeps.sweep.sweep``.
        on_start: called once per state with (id of the state, planned runs, stored runs).

    Returns:
        The counts of each state.

    Raises:
        SettingError, ExecutorGone: as in ``experiments.sweeps.sweep.sweep``.
    """
    designs = [plan.design(state) for state in plan.states]  # all are checked before any run

    def start_callback(state: State) -> Callable[[int, int], object]:
        return lambda planned, stored: on_start(state.id, planned, stored) if on_start else None

    return [
        sweep(
            design,
            Path(folder) / state.id,
            executor=executor,
            jobs=jobs,
            resume=resume,
            on_start=start_callback(state),
            on_result=on_result,
            command=command,
        )
        for state, design in zip(plan.states, designs, strict=True)
    ]


def _split(
    budget: float, shares: Mapping[str, float], most: Mapping[str, float]
) -> dict[str, float]:
    """Divide a budget in proportion to shares, limited by the largest dollars of each policy."""
    spent: dict[str, float] = {}
    while len(spent) < len(shares):
        rest = budget - math.fsum(spent.values())
        whole = math.fsum(share for name, share in shares.items() if name not in spent)
        proportional = {name: rest * s / whole for name, s in shares.items() if name not in spent}
        full = {name: most[name] for name, dollars in proportional.items() if dollars >= most[name]}
        spent |= full or proportional
    return spent


def _unit(name: str, policy: Policy | None) -> tuple[str, float]:
    """Return the unit that an instrument buys, and the units per dollar a year."""
    unit = UNITS.get(name, "")
    if policy is None or not unit:
        return "", math.nan
    return unit, getattr(policy, unit) / policy.dollars_at_one


def _check_free(scenario: Scenario, names: Collection[str], why: str) -> None:
    """Raise if the scenario has a policy that the curves vary."""
    for spec in scenario.policies:
        if spec.id in names:
            hint = "Give a scenario without it, such as baseline."
            raise SettingError("--scenario", f"it has {spec.id} already, and {why}", hint)
