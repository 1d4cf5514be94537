"""The two governments: cooperation by area, its costs, and Mexico's participation and effort.

By default, Mexico always participates and keeps the base year's effort. A strategic Mexico takes
part in an area only as long as aid and the domestic benefit of cooperation exceed its spending and
the cost to its sovereignty. It raises its forces' tempo as long as the expected tranche of
conditional aid exceeds the cost.
"""

from __future__ import annotations

import math
from collections import UserDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Self

import mesa
import numpy as np

from agents.environment import OfTheWorld, bounded, read_only, sealed
from agents.labels import AREAS
from agents.param import Param, check, check_name, param, plain

if TYPE_CHECKING:
    from agents.environment import Environment

N_AREAS = len(AREAS)
US, MEXICO = "United States", "Mexico"
STANCES = ("willing", "strategic")
_SOUTH = AREAS.index("southern_border")
_MIN_ERROR = 0.01  # log sd; interceptions never follow tempo exactly
_ONLY_MEXICO = "only Mexico has it, so set it for model.governments.mexico"
_ONLY_STRATEGIC = "only a strategic Mexico has it, so set model.governments.mexico.strategic first"
_CLOSE = 0.01  # distance at which participation becomes 0 or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernmentParams:
    """Mexico's stance and valuations."""

    mexico: str = param(
        "willing",
        unit="name",
        choices=STANCES,
        doc="Whether Mexico always participates, or only while it benefits.",
        source="[S] rule of the Mexican government",
    )
    sovereignty: tuple[float, ...] = param(
        (20e6, 10e6, 40e6, 30e6, 10e6),
        unit="$/year",
        high=5e9,
        labels=AREAS,
        doc="Cost to Mexico's sovereignty of full cooperation in an area, in dollars.",
    )
    kidnapping_worth: float = param(
        50_000.0,
        unit="$",
        high=5e6,
        doc="Value to Mexico of a kidnapping averted.",
    )
    revenue_worth: float = param(
        0.5,
        unit="$ per $",
        high=10.0,
        doc="Value to Mexico of a dollar of criminal revenue averted.",
    )
    patience: int = param(
        2,
        unit="quarters",
        low=0,
        high=40,
        doc="Quarters that an area is in force before Mexico assesses its benefit.",
    )
    speed: float = param(
        0.5,
        unit="per quarter",
        low=0.01,
        high=1.0,
        doc="Speed at which Mexico's participation and effort move to their targets.",
    )
    effort_margin: float = param(
        0.5,
        unit="share of the target",
        high=3.0,
        doc="Tempo above the target of conditional aid at which a strategic Mexico aims.",
        source="[A] after mexico/mx_inm_monthly.csv, interceptions of 2014-15",
    )
    tempo_cost: float = param(
        19_500.0,
        unit="$/officer-year",
        high=150_000.0,
        doc="Cost of doubling an officer's tempo.",
        source="[S] follows from other numbers: wage and effort_share of southern_border_control",
    )
    aid_worth: float = param(
        0.5,
        unit="$ per $",
        high=2.0,
        doc="Value to Mexico of a dollar of conditional aid, which is in kind and arrives late.",
        source="[A] no estimate in these units (looked in Temple 2010, Handbook of Development "
        "Economics 5, section 2.4)",
    )
    grievance_gain: float = param(
        0.5,
        unit="share",
        doc="Trust in payment that is lost when a tranche is refused although the effort was made.",
        source="[A] no estimate found",
    )
    grievance_half_life: float = param(
        18.0,
        unit="months",
        low=1.0,
        high=240.0,
        doc="Half-life of lost trust.",
    )
    withdrawal: float = param(
        0.3,
        unit="share",
        doc="Share of the base year's tempo that Mexico withdraws when all trust is lost.",
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """Conditional aid as Mexico sees it.

    Attributes:
        tranche: dollars a year that are withheld until effort has been verified.
        target: tempo, as a ratio to the base year, at which tranches are paid.
        error: log standard deviation of the error with which effort is measured.
        officers: number of officers whose tempo Mexico determines.
    """

    tranche: float
    target: float
    error: float
    officers: float

    def pays(self, tempo: float) -> float:
        """Return the probability that a tranche is paid at a tempo, a ratio to the base year."""
        gap = math.log(max(tempo, 1e-9) / max(self.target, 1e-9))
        return 0.5 * math.erfc(-gap / (max(self.error, _MIN_ERROR) * math.sqrt(2.0)))


@dataclass(frozen=True, slots=True)
class Talks:
    """What both governments know at the quarterly talks about cooperation.

    Attributes:
        dollars: dollars a year that each government pays at full participation, arrays by area, by
            the government's name.
        in_force: whether a policy is in force, by area.
        kidnappings_averted: fall in persons kidnapped a year since the base year. It may be
            negative.
        revenue_averted: fall in the revenue of organisations and officials since the base year, $ a
            year.
    """

    dollars: dict[str, np.ndarray]
    in_force: np.ndarray
    kidnappings_averted: float
    revenue_averted: float


def _is_mexico(government: Government) -> bool:
    return government.name == MEXICO


def _is_strategic(government: Government) -> bool:
    return _is_mexico(government) and government.strategic


_STRATEGIC = Param(value=False, unit="yes or no", low=0, high=1, doc="Mexico's stance.")
_EFFORT = Param(value=0.0, unit="share", low=-1.0, high=10.0, doc="Tempo above the base year.")
_PARTICIPATION = Param(value=1.0, unit="share", low=0.0, high=1.0, doc="Share of a programme.")
_GRIEVANCE = Param(value=0.0, unit="share", low=0.0, high=1.0, doc="Lost trust.")
_SOVEREIGNTY = GovernmentParams.__dataclass_fields__["sovereignty"].metadata["param"]


class Participation(UserDict[str, float]):
    """Participation by area, 0 to 1. Values can change. Areas cannot be added or deleted."""

    def __setitem__(self, area: str, share: float) -> None:
        """Set the participation in an area, or raise SettingError."""
        path = f"participation[{plain(area)}]"
        super().__setitem__(check_name(path, area, AREAS), check(path, _PARTICIPATION, share))

    def __delitem__(self, area: str) -> NoReturn:
        """Raise TypeError, because every area needs a participation."""
        raise TypeError("an area of cooperation cannot be deleted: set its participation to 0")

    def __ior__(self, other: Any) -> Self:
        """Set the participation in several areas."""
        self.update(other)
        return self


class Government(OfTheWorld, mesa.Agent):
    """A government, an agent without a cell. Each quarter, it decides on cooperation (`negotiate`).

    Attributes:
        name: "United States" or "Mexico".
        params: a strategic government's valuations.
        strategic: whether it participates only while it benefits. A government that is not
            strategic always participates.
        participation: participation by area, one object shared by both governments, changed in
            place.
        dollars: dollars a year that it spends on cooperation at full participation, by area.
        sovereignty: sovereignty cost at full cooperation, $ a year, by area.
        effort: its forces' tempo above the base year, as a share, negative below the base year.
        grievance: lost trust in the payment of tranches, 0 to 1, from refusals despite a met
            target.
    """

    _decisions = (
        *("negotiate", "domestic_benefit", "advance_month", "learn_verdict"),
        *("choose_effort", "best_effort", "effort_dollars"),
    )
    _instead = "to end cooperation, set participation[area] to 0 or use the policy no_cooperation"
    name = read_only("a run has two governments")
    params = read_only("build another BorderModel with settings such as governments.patience")
    participation = read_only("change its entries, participation[area], instead")
    dollars = read_only("the policies of the scenario determine it")
    effort = bounded(_EFFORT, _is_mexico, _ONLY_MEXICO)
    strategic = bounded(_STRATEGIC, _is_mexico, _ONLY_MEXICO)
    grievance = bounded(_GRIEVANCE, _is_strategic, _ONLY_STRATEGIC)
    sovereignty = bounded(_SOVEREIGNTY, _is_strategic, _ONLY_STRATEGIC)

    def __init__(
        self,
        environment: Environment,
        name: str,
        params: GovernmentParams,
        participation: Participation,
        *,
        sovereignty: np.ndarray,
        strategic: bool = False,
    ) -> None:
        """Create a government without spending.

        Args:
            environment: the model as agents see it.
            name: "United States" or "Mexico".
            params: a strategic government's valuations.
            participation: participation by area, shared.
            sovereignty: sovereignty cost at full cooperation, $ a year, by area.
            strategic: whether it participates only while it benefits.
        """
        super().__init__(environment)
        self.name, self.params, self.strategic = name, params, strategic
        self.participation, self.sovereignty = participation, sealed(sovereignty)
        self.dollars = sealed(np.zeros(N_AREAS))
        self._quarters = np.zeros(N_AREAS, int)  # quarters in force, by area
        self.effort = self.grievance = 0.0
        self._tempo, self._months = 0.0, 0  # sum of tempo, and months, since the last verification

    def __repr__(self) -> str:
        """Return the name."""
        return f"<{type(self).__name__} {self.name}>"

    def negotiate(self, talks: Talks) -> None:
        """Update the spending once a quarter. A strategic government reviews its participation.

        It assesses an area after the area has been in force for more than `patience` quarters.

        Args:
            talks: dollars, policies in force and results of cooperation.
        """
        self.dollars = sealed(talks.dollars[self.name])
        if not self.strategic:
            return
        self._quarters = np.where(talks.in_force, self._quarters + 1, 0)
        received = sum(paid for name, paid in talks.dollars.items() if name != self.name)
        gain = received + self.domestic_benefit(talks)
        assessed = self._quarters > self.params.patience
        self._move(~assessed | (gain >= self.dollars + self.sovereignty))

    def domestic_benefit(self, talks: Talks) -> np.ndarray:
        """Return the domestic benefit from cooperation, $ a year, split over areas by dollars."""
        p = self.params
        worth = p.kidnapping_worth * talks.kidnappings_averted
        worth += p.revenue_worth * talks.revenue_averted
        dollars = sum(talks.dollars.values(), np.zeros(N_AREAS)) * talks.in_force
        if dollars.sum() <= 0.0:
            dollars = talks.in_force.astype(float)
        return worth * dollars / max(float(dollars.sum()), 1e-9)

    def _move(self, target: np.ndarray) -> None:
        """Move participation towards 0 or 1 by the share `speed`."""
        for area, limit in zip(AREAS, target.astype(float).tolist(), strict=True):
            share = self.participation[area]
            share += self.params.speed * (limit - share)
            self.participation[area] = limit if abs(share - limit) < _CLOSE else share

    # ---- effort under conditional aid -----------------------------------------------------------
    def advance_month(self, fatigue_half_life: float) -> None:
        """Add the month's tempo to its sum. Let a raised tempo and lost trust decay by a month.

        Args:
            fatigue_half_life: half-life of a raised tempo, in months.
        """
        self._tempo += 1.0 + self.effort
        self._months += 1
        if self.effort > 0.0:
            self.effort *= 0.5 ** (1.0 / fatigue_half_life)
        self.grievance *= 0.5 ** (1.0 / self.params.grievance_half_life)

    def choose_effort(self, offer: Offer) -> None:
        """Move a strategic government's effort towards the best effort, once a quarter.

        Args:
            offer: conditional aid in the quarter.
        """
        if not self.strategic:
            return
        target = self.best_effort(offer) - self.params.withdrawal * self.grievance
        self.effort += self.params.speed * (target - self.effort)
        if abs(self.effort - target) < _CLOSE**2:
            self.effort = target

    def best_effort(self, offer: Offer) -> float:
        """Return the additional tempo that maximises the expected tranche less the cost of effort.

        Mexico compares the base year's tempo with full effort, which is `effort_margin` above the
        target. A share s of full effort raises the probability of payment in proportion and costs C
        s^2, so the marginal cost rises:

            s = min(1, aid_worth * tranche * (pays(full) - pays(1)) * (1 - grievance) / (2 C))

        Args:
            offer: conditional aid in the quarter.

        Returns:
            Tempo above the base year, 0 or more.
        """
        p = self.params
        full = max(0.0, offer.target * (1.0 + p.effort_margin) - 1.0)
        chance = max(0.0, offer.pays(1.0 + full) - offer.pays(1.0))
        gain = p.aid_worth * offer.tranche * chance * (1.0 - self.grievance)
        if gain <= 0.0:
            return 0.0
        cost = full * (p.tempo_cost * offer.officers + float(self.sovereignty[_SOUTH]))
        return full * min(1.0, gain / max(2.0 * cost, 1e-9))

    def effort_dollars(self, officers: float) -> float:
        """Return what the officers' additional tempo costs, $ a year, 0 below the base year."""
        return max(0.0, self.effort) * self.params.tempo_cost * officers

    def learn_verdict(self, *, refused: bool, target: float) -> None:
        """Reduce trust if a half-year's tranche was refused although Mexico had met the target.

        Args:
            refused: whether the half-year's tranche was refused.
            target: tempo, as a ratio to the base year, at which tranches are paid.
        """
        reached = self._months > 0 and self._tempo >= target * self._months
        self._tempo, self._months = 0.0, 0
        if self.strategic and refused and reached:
            self.grievance += self.params.grievance_gain * (1.0 - self.grievance)


class Governments:
    """Both governments, and their cooperation.

    Attributes:
        us, mexico: the agents.
        cooperation: participation by area in agents.labels.AREAS. One object lasts for the whole
            run and is changed in place.
    """

    def __init__(self, environment: Environment, params: GovernmentParams) -> None:
        """Create both governments, with full cooperation.

        Args:
            environment: the model as agents see it.
            params: Mexico's stance and valuations.
        """
        self.cooperation = Participation(dict.fromkeys(AREAS, 1.0))
        kind = environment.class_of(Government)
        self.us = kind(environment, US, params, self.cooperation, sovereignty=np.zeros(N_AREAS))
        self.mexico = kind(
            environment,
            MEXICO,
            params,
            self.cooperation,
            sovereignty=np.array(params.sovereignty),
            strategic=params.mexico == "strategic",
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute once. Raise AttributeError if the attribute exists."""
        if name in vars(self):
            raise AttributeError(
                f"governments.{name} cannot be replaced: set attributes of a government, or give "
                "the class as agent_classes"
            )
        super().__setattr__(name, value)
