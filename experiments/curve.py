"""How much of an instrument: curves of dollars, each under three states of cooperation.

Every instrument of the United States is played at a ladder of budgets, from nothing to its largest
dose, in the scenario as it is, with a cooperation programme added, and with cooperation withdrawn.
All points share their seeds, and with an ensemble their members. ``experiments.goal_seek`` reads off
the curves what a goal takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from abm.policies.base import Policy, money
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import meant, plain
from experiments.compare import REPS, policies_of, with_uses
from experiments.design import Design, Listed, ParameterSet
from experiments.design.factors import POLICY, full_programme
from experiments.scenarios import find
from experiments.sweep import Swept, sweep

#: Dollars a year where nobody says how many.
BUDGETS = (0.0, 100e6, 250e6, 500e6, 1e9, 2e9, 4e9)
#: Single instruments, and the portfolio of a packaged scenario.
PORTFOLIO = "us_only"
INSTRUMENTS = ("patrol_surge", "fence", "cameras_and_sensors", "patrol_effort", PORTFOLIO)
#: What a dose buys, where it can be counted: the number of the policy that says how many at dose 1.
UNITS = {"patrol_surge": "agents", "fence": "miles", "cameras_and_sensors": "towers"}
BASE_YEAR, COOPERATION, WITHDRAWN = "base_year", "cooperation", "withdrawn"


@dataclass(frozen=True)
class Instrument:
    """A policy, or several in fixed shares of the money: what a budget buys of each.

    ``shares``: of the money, by policy, adding up to 1. ``yearly``: $ a year at dose 1. ``most``:
    $ a year at the largest dose. ``unit`` and ``a_dollar``: what can be counted, and how much of
    it a dollar a year buys; no unit where nothing can.
    """

    id: str
    title: str
    shares: Mapping[str, float]
    yearly: Mapping[str, float]
    most: Mapping[str, float]
    unit: str = ""
    a_dollar: float = math.nan

    @property
    def maximum(self) -> float:
        """Dollars a year when every policy is at its largest dose."""
        return math.fsum(self.most.values())

    def doses(self, budget: float) -> dict[str, float]:
        """Dose of every policy at a budget, $ a year up to the maximum.

        A policy that its share would carry over its largest dose stays there, and the others get
        what is left in proportion to theirs.
        """
        spent = _split(min(budget, self.maximum), self.shares, self.most)
        return {name: dollars / self.yearly[name] for name, dollars in spent.items()}


def instrument(name: str, where: str = "--instrument") -> Instrument:
    """An instrument by its name; raises ``SettingError``."""
    if name not in INSTRUMENTS:
        hint = f"{meant(name, INSTRUMENTS)}Instruments: {', '.join(INSTRUMENTS)}."
        raise SettingError(where, f"there is no curve of {plain(name)}", hint)
    dollars = {name: 1.0}
    if name == PORTFOLIO:
        dollars = {use.id: float(use.dollars or 0.0) for use in find(PORTFOLIO).policies}
    made = {policy: full_programme(policy, where) for policy in dollars}
    shares = {policy: part / math.fsum(dollars.values()) for policy, part in dollars.items()}
    yearly = {policy: one.dollars_at_one for policy, one in made.items()}
    most = {policy: one.dollars_at_one * one.high for policy, one in made.items()}
    title = made[name].title if name in made else "Portfolio of the United States alone"
    return Instrument(name, title, shares, yearly, most, *_counted(name, made.get(name)))


@dataclass(frozen=True)
class State:
    """A state of cooperation: what is laid over the scenario, and its $ a year, all payers."""

    id: str
    title: str
    uses: tuple[PolicySpec, ...]
    dollars: float


def states(scenario: Scenario) -> tuple[State, ...]:
    """The three states; raises ``SettingError`` for a scenario that has one of them already."""
    programme = find(COOPERATION).policies
    withdrawn = (parse_policy("no_cooperation"),)
    _check_free(scenario, {use.id for use in (*programme, *withdrawn)}, "cooperation is varied")
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
class Plan:
    """What is played: instruments at budgets, $ a year, in three states of a scenario.

    Point 0 of every state has no instrument and is in every curve. Raises ``SettingError``.
    """

    scenario: Scenario = field(default_factory=Scenario)
    instruments: tuple[Instrument, ...]
    budgets: tuple[float, ...] = BUDGETS
    reps: int = REPS
    seed: int = 1
    members: tuple[ParameterSet, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        for budget in self.budgets:
            if not 0.0 <= budget < math.inf:
                raise SettingError("--budget", f"{plain(budget)} is no budget", "Give dollars.")
        used = {policy for one in self.instruments for policy in one.shares}
        _check_free(self.scenario, used, "its dose is varied")

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The states of cooperation."""
        return states(self.scenario)

    def ladder(self, one: Instrument) -> tuple[float, ...]:
        """Dollars a year at which an instrument is played: those it can spend, and its maximum."""
        fits = {budget for budget in self.budgets if budget < one.maximum}
        return tuple(sorted(fits | {0.0, one.maximum}))

    @cached_property
    def points(self) -> tuple[tuple[str, float], ...]:
        """Instrument and dollars of every point; the first has none."""
        steps = ((one.id, b) for one in self.instruments for b in self.ladder(one) if b > 0.0)
        return (("", 0.0), *steps)

    @property
    def columns(self) -> dict[str, list[float]]:
        """Doses by path and point, as a design lists them."""
        known = {one.id: one for one in self.instruments}
        doses = [known[name].doses(b) if name else {} for name, b in self.points]
        used = dict.fromkeys(policy for one in self.instruments for policy in one.shares)
        return {POLICY + policy: [at.get(policy, 0.0) for at in doses] for policy in used}

    def design(self, state: State) -> Design:
        """The design of one state."""
        return Design(
            name=f"curve_{state.id}",
            sample=Listed(self.columns),
            reps=self.reps,
            seed=self.seed,
            scenario=with_uses(self.scenario, state.uses),
            members=self.members,
        )


def play(
    plan: Plan,
    folder: str | Path,
    *,
    resume: bool = False,
    jobs: int | None = None,
    executor: str = "processes",
    on_start: Callable[[str, int, int], object] | None = None,
    on_result: Callable[[Any], object] | None = None,
    command: Sequence[str] = (),
) -> list[Swept]:
    """Play what the ledgers of the folder, one a state, do not hold yet.

    ``on_start`` hears of every state: its id, runs planned, runs found. ``jobs``, ``executor``,
    ``resume``, ``command`` and what is raised are as in ``experiments.sweep.sweep``.
    """
    designs = [plan.design(state) for state in plan.states]  # all are checked before any is played

    def begun(state: State) -> Callable[[int, int], object]:
        return lambda planned, found: on_start(state.id, planned, found) if on_start else None

    return [
        sweep(
            design,
            Path(folder) / state.id,
            executor=executor,
            jobs=jobs,
            resume=resume,
            on_start=begun(state),
            on_result=on_result,
            command=command,
        )
        for state, design in zip(plan.states, designs, strict=True)
    ]


def _split(
    budget: float, shares: Mapping[str, float], most: Mapping[str, float]
) -> dict[str, float]:
    """Dollars by policy, in proportion to their shares as long as nothing is over its most."""
    spent: dict[str, float] = {}
    while len(spent) < len(shares):
        rest = budget - math.fsum(spent.values())
        whole = math.fsum(share for name, share in shares.items() if name not in spent)
        wish = {name: rest * s / whole for name, s in shares.items() if name not in spent}
        full = {name: most[name] for name, dollars in wish.items() if dollars >= most[name]}
        spent |= full or wish
    return spent


def _counted(name: str, policy: Policy | None) -> tuple[str, float]:
    """The unit of what an instrument buys, and how much of it a dollar a year buys."""
    unit = UNITS.get(name, "")
    if policy is None or not unit:
        return "", math.nan
    return unit, getattr(policy, unit) / policy.dollars_at_one


def _check_free(scenario: Scenario, names: Collection[str], why: str) -> None:
    """Refuse a scenario that has in force already what the curves add."""
    for use in scenario.policies:
        if use.id in names:
            hint = "Give a scenario without it, such as baseline."
            raise SettingError("--scenario", f"it has {use.id} already, and {why}", hint)
