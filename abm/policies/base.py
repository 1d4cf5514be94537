"""Base class of policies: frozen objects with parameters, dates, a dose, and dollars by payer.

A policy acts only through levers and has no state. Its effect on a day depends only on the day and
on the base year. Dose 1 is the full programme as declared.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from agents.labels import AREAS
from agents.levers import Levers
from agents.param import SettingError, check, params_of, plain, status_of

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.routes import World

#: Names that a policy's module imports.
__all__ = ["Cost", "Inputs", "Levers", "Payer", "Policy"]

LARGEST_EFFECT = 100.0  # upper bound of `Policy.effect`
UNMEASURED = "no measured effect"
ARMS = (
    "agents",
    "sensors_fence",
    "ports",
    "consequences",
    "southern_border",
    "institutions",
    "legal_accords",
    "governance",
    "baseline",
)

Payer = Literal["us", "mexico", "users"]

#: Parameters that give the days, from the start, over which a policy is introduced.
BUILDING = (
    "build_days",
    "certify_days",
    "days_to_hire",
    "enrol_days",
    "hire_days",
    "join_days",
    "move_days",
    "ramp_days",
    "set_up_days",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost item of a policy.

    Attributes:
        payer: "us", "mexico" or "users".
        dollars_per_year: dollars a year at dose 1.
        purpose: what the money buys, for tables.
        source: source of the amount.
        lever: lever that the money changes, if agencies may deliver less of it than policies
            request. Dollars are then spent in proportion to the delivered share.
        ramp_days: days from the start over which spending grows to the yearly rate.
    """

    payer: Payer
    dollars_per_year: float
    purpose: str
    source: str
    lever: str = ""
    ramp_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Inputs that a policy may read: the world, the scenario, staff and Mexico's cooperation.

    Attributes:
        world: places and legs.
        settings: the scenario.
        us_base: Border Patrol agents in the base year, shape (sectors,).
        mx_base: Mexican officers in the base year, shape (places,).
        ports_base: CBP officers in the base year, shape (ports,), or empty.
        booths_base: booths in the base year, shape (ports,), or empty.
        cooperation: Mexico's participation from 0 to 1, by area in agents.labels.AREAS.
    """

    world: World
    settings: Scenario
    us_base: np.ndarray
    mx_base: np.ndarray
    ports_base: np.ndarray = field(default_factory=lambda: np.zeros(0))
    booths_base: np.ndarray = field(default_factory=lambda: np.zeros(0))
    cooperation: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(AREAS, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An instrument in use at a dose between two dates.

    A subclass sets the class attributes, declares its parameters with `param`, and implements
    `costs` and `_pull`.

    Attributes:
        dose: multiple of the declared full programme that is planned and paid for.
        start: first day in force, proleptic Gregorian ordinal.
        end: day after the last day in force, proleptic Gregorian ordinal.
        effect: effect per unit of dose, as a ratio to the declared effect, see `delivered_dose`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    arm: ClassVar[str]
    needs_mexico: ClassVar[bool] = False
    area: ClassVar[str] = ""  # entry of agents.labels.AREAS, if it needs Mexico
    claim: ClassVar[str]  # the brief's claim, paraphrased
    mechanism: ClassVar[str]
    expect: ClassVar[str]
    fails_when: ClassVar[str]
    lever_names: ClassVar[tuple[str, ...]] = ()
    #: Levers that the policy changes only if a parameter differs from its declared value.
    optional_levers: ClassVar[tuple[str, ...]] = ()
    low: ClassVar[float] = 0.0  # minimum dose
    high: ClassVar[float] = 1.0  # maximum dose
    #: Whether uses in force on the same day are independent. Their summed dose then has no bound.
    overlaps: ClassVar[bool] = False
    monotone: ClassVar[Mapping[str, int]] = MappingProxyType({})  # sign of its effect, by event
    judged_by: ClassVar[str] = "got_aways"  # outcome that shows success
    #: Settings, by dotted path, under which the policy fails as `fails_when` states. The path
    #: `policies.ID.NAME` sets a parameter of the policy.
    failing: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    #: Plausible settings, by dotted path, under which a policy acts that has no effect by default.
    acting: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    #: Settings, by dotted path, that switch off the mechanism through which the policy acts.
    switched_off: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    dose_note: ClassVar[str] = ""  # sentence that compares dose 1 with the base year
    requires: ClassVar[tuple[str, ...]] = ()  # specifications of policies that it needs
    years: ClassVar[int] = 3  # years over which the policy is evaluated
    #: Published study of this instrument, not of another force. Empty if no effect was measured.
    evaluated: ClassVar[str] = ""
    acts_when: ClassVar[str] = ""  # what `acting` assumes, in words
    #: Why a government may buy the instrument in a study. "brief": the brief names it. "used": a
    #: government used it before 2020. "no hearing": a government used it in 2019-20, and it removes
    #: the hearing in the United States. "event": no budget buys it, because the measured response
    #: followed an event (an election), not dollars.
    basis: ClassVar[Literal["brief", "used", "no hearing", "event"]] = "brief"
    #: Parameters that remove the part that the United States can buy without Mexico.
    without_us_part: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    dose: float
    start: int
    end: int
    effect: float = 1.0

    def __post_init__(self) -> None:
        """Raise SettingError if a parameter, the dose or the effect is outside its bounds."""
        for name, declared in params_of(type(self)).items():
            value = check(f"policies.{self.id}.{name}", declared, getattr(self, name))
            object.__setattr__(self, name, value)  # The class is frozen.
        if not self.low <= self.dose <= self.high:
            reason = f"a dose of {plain(self.dose)} is out of range"
            raise SettingError(f"policies.{self.id}.dose", reason, self.dose_hint())
        if not 0.0 <= self.effect <= LARGEST_EFFECT:
            reason = f"{plain(self.effect)} is out of range"
            hint = f"Give a number between 0 and {plain(LARGEST_EFFECT)}."
            raise SettingError(f"policies.{self.id}.effect", reason, hint)

    @property
    def delivered_dose(self) -> float:
        """Return the dose at which levers are set: `dose * effect`, at most `high`.

        Dollars follow `dose`, and agency limits (:mod:`agents.agency_params`) apply to staff and
        tempo at `dose`. With an effect of 2, an agency hires the same officers and works the same
        hours, and each officer achieves twice as much. With an effect of 0, the money is spent and
        no lever changes.
        """
        return min(self.dose * self.effect, self.high)

    @classmethod
    def full_programme(cls) -> Self:
        """Return the policy at dose 1, with arbitrary dates, for descriptions only."""
        return cls(dose=1.0, start=1, end=2)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost items at dose 1."""
        return ()

    @property
    def full_dollars(self) -> float:
        """Return dollars a year at dose 1, summed over payers."""
        return sum(cost.dollars_per_year for cost in self.costs)

    def dollars(self) -> dict[str, float]:
        """Return dollars a year at the policy's dose, by payer."""
        by_payer: dict[str, float] = {}
        for cost in _costs(self):
            by_payer[cost.payer] = by_payer.get(cost.payer, 0.0) + cost.dollars_per_year * self.dose
        return by_payer

    def spent_shares(
        self, day: int, inputs: Inputs, delivered: Mapping[str, float]
    ) -> dict[str, float]:
        """Return the share of the planned dollars that is spent on a day, by payer.

        Args:
            day: the day, proleptic Gregorian ordinal.
            inputs: state that the policy may read.
            delivered: share of all policies' requests that agencies deliver, by lever.

        Returns:
            Shares from 0 to 1, exactly 1 if agencies deliver everything.
        """
        planned: dict[str, float] = {}
        spent: dict[str, float] = {}
        possible = self.deliverable(inputs)
        for cost in _costs(self):
            share = delivered.get(cost.lever, 1.0) * possible
            if cost.ramp_days > 0.0:
                share *= self.ramp(day, cost.ramp_days)
            planned[cost.payer] = planned.get(cost.payer, 0.0) + cost.dollars_per_year
            spent[cost.payer] = spent.get(cost.payer, 0.0) + cost.dollars_per_year * share
        return {payer: spent[payer] / max(planned[payer], 1e-9) for payer in planned}

    def deliverable(self, inputs: Inputs) -> float:
        """Return the physically possible share of the dose, from 0 to 1."""
        return 1.0

    def check_end(self) -> None:
        """Raise SettingError if the end date contradicts a parameter."""

    def active(self, day: int) -> bool:
        """Return whether the policy is in force on an ordinal day."""
        return self.start <= day < self.end

    def apply(self, levers: Levers, day: int, inputs: Inputs) -> None:
        """Add the policy's effect to the day's levers, if the policy is in force.

        If the policy needs Mexico, its dose is multiplied by Mexico's cooperation.

        Args:
            levers: the day's levers, changed in place.
            day: ordinal of the day.
            inputs: state that the policy may read.
        """
        dose = self.delivered_dose * (inputs.cooperation[self.area] if self.needs_mexico else 1.0)
        if dose > 0.0 and self.active(day):
            self._pull(levers, day, inputs, dose)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Change the policy's levers. The policy is in force, and the dose is above 0."""

    def ramp(self, day: int, days: float) -> float:
        """Return the share of a programme that is built or hired on a day.

        Args:
            day: ordinal of the day.
            days: days from the start until completion.

        Returns:
            Share, which grows linearly from the start to 1.
        """
        return min(1.0, (day - self.start + 1) / max(days, 1.0))

    def ramp_end(self, days: float) -> int:
        """Return the first ordinal day on which a `ramp` over `days` days is complete."""
        return self.start + math.ceil(max(days, 1.0)) - 1

    def days_until_complete(self) -> float:
        """Return the days until everything is built, hired and paid in full."""
        periods = [getattr(self, name) for name in BUILDING if hasattr(self, name)]
        return max([0.0, *periods, *(cost.ramp_days for cost in self.costs)])

    def describe(self) -> dict[str, Any]:
        """Return the policy's description in JSON types, with costs at dose 1."""
        columns = ("payer", "dollars_per_year", "purpose", "source")
        costs = [{name: getattr(cost, name) for name in columns} for cost in self.costs]
        numbers = self._numbers()
        sources = dict.fromkeys(item["source"] for item in (*costs, *numbers))
        return {
            "id": self.id,
            "title": self.title,
            "arm": self.arm,
            "needs_mexico": self.needs_mexico,
            "claim": self.claim,
            "mechanism": self.mechanism,
            "dose_note": self.dose_note,
            "levers": [*self.lever_names, *self.optional_levers],
            "expect": self.expect,
            "cost": costs,
            "source": list(sources),
            "fails_when": self.fails_when,
            "acts_when": self.acts_when,
            "evaluated": self.evaluated or UNMEASURED,
            "judged_by": self.judged_by,
            "failing": dict(self.failing),
            "acting": dict(self.acting),
            "switched_off": dict(self.switched_off),
            "requires": list(self.requires),
            "years": self.years,
            "dose_bounds": [self.low, self.high],
            "numbers": numbers,
        }

    def _numbers(self) -> list[dict[str, Any]]:
        """Return declaration and value of every parameter."""
        return [
            {
                "name": name,
                "value": getattr(self, name),
                "unit": p.unit,
                "low": p.low,
                "high": p.high,
                "doc": p.doc,
                "source": p.source_text,
                "status": status_of(p.source_text),
                "assumed": p.assumed,
            }
            for name, p in params_of(type(self)).items()
        ]

    def dose_hint(self) -> str:
        """Return a sentence for error messages with the bounds of dose and dollars."""
        hint = f"Give a dose between {plain(self.low)} and {plain(self.high)}"
        yearly = self.full_dollars
        if yearly <= 0.0:
            return f"{hint}."
        low, high = money(self.low * yearly), money(self.high * yearly)
        example = money(min(250e6, self.high * yearly)).removeprefix("$")
        hint += f", or dollars between {low} and {high} a year"
        return f"{hint}; for dollars per year write {example}."


@functools.lru_cache(maxsize=256)
def _costs(policy: Policy) -> tuple[Cost, ...]:
    """Return a policy's cost items. The cache is safe, because policies are immutable."""
    return policy.costs


def money(dollars: float) -> str:
    """Return dollars in a short form, for example $540.9M."""
    for suffix, size in (("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if dollars >= size:
            return f"${dollars / size:.4g}{suffix}"
    return f"${dollars:.0f}"
