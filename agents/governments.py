"""The two governments: areas of cooperation, their costs, and Mexico's participation.

By default Mexico always participates. A strategic Mexico participates in an area only while aid and
the domestic benefit of cooperation cover its spending and the cost to its sovereignty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np

from agents.labels import AREAS
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment

N_AREAS = len(AREAS)
US, MEXICO = "United States", "Mexico"
STANCES = ("willing", "strategic")
_CLOSE = 0.01  # participation this close to 0 or 1 is set to 0 or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernmentParams:
    """Mexico's stance and valuations."""

    mexico: str = param(
        "willing",
        unit="name",
        low=0,
        high=0,
        choices=STANCES,
        doc="Whether Mexico always participates, or only while it benefits.",
        source="[S] rule of the Mexican government",
    )
    sovereignty: tuple[float, ...] = param(
        (20e6, 10e6, 40e6, 30e6, 10e6),
        unit="$/year",
        low=0.0,
        high=5e9,
        labels=AREAS,
        doc="Cost to Mexico's sovereignty of full cooperation in an area, in dollars.",
    )
    kidnapping_worth: float = param(
        50_000.0,
        unit="$",
        low=0.0,
        high=5e6,
        doc="Value to Mexico of a kidnapping averted.",
    )
    revenue_worth: float = param(
        0.5,
        unit="$ per $",
        low=0.0,
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
        doc="Speed at which Mexico's participation moves to its target.",
    )


@dataclass(frozen=True, slots=True)
class Talks:
    """What both governments know at the quarterly talks about cooperation.

    Attributes:
        dollars: $ a year that each pays at full participation, by name of the government and area.
        in_force: whether a policy is in force, by area.
        kidnappings_averted: persons a year fewer than in the base year; may be negative.
        revenue_averted: $ a year less for organisations and officials than in the base year.
    """

    dollars: dict[str, np.ndarray]
    in_force: np.ndarray
    kidnappings_averted: float
    revenue_averted: float


class Government(mesa.Agent):
    """A government, without a cell; every quarter it decides on cooperation (`negotiate`).

    Attributes:
        name: "United States" or "Mexico".
        params: valuations of a strategic government.
        strategic: whether it participates only while it benefits; otherwise it always does.
        participation: participation by area; one dict for both governments, changed in place.
        dollars: $ a year spent on cooperation at full participation, by area.
        sovereignty: $ a year of sovereignty cost at full cooperation, by area.
    """

    def __init__(
        self,
        environment: Environment,
        name: str,
        params: GovernmentParams,
        participation: dict[str, float],
        *,
        sovereignty: np.ndarray,
        strategic: bool = False,
    ) -> None:
        """Create a government without spending.

        Args:
            environment: the model as agents see it.
            name: "United States" or "Mexico".
            params: valuations of a strategic government.
            participation: participation by area, shared.
            sovereignty: $ a year of sovereignty cost at full cooperation, by area.
            strategic: whether it participates only while it benefits.
        """
        super().__init__(environment)
        self.name, self.params, self.strategic = name, params, strategic
        self.participation, self.sovereignty = participation, sovereignty
        self.dollars = np.zeros(N_AREAS)
        self._quarters = np.zeros(N_AREAS, int)  # quarters in force, by area

    def negotiate(self, talks: Talks) -> None:
        """Quarterly: take over the spending; a strategic government reviews its participation.

        It assesses an area once the area has been in force for more than `patience` quarters.

        Args:
            talks: dollars, policies in force and results of cooperation.
        """
        self.dollars = talks.dollars[self.name]
        if not self.strategic:
            return
        self._quarters = np.where(talks.in_force, self._quarters + 1, 0)
        received = sum(paid for name, paid in talks.dollars.items() if name != self.name)
        gain = received + self.domestic_benefit(talks)
        assessed = self._quarters > self.params.patience
        self._move(~assessed | self.takes_part(gain))

    def takes_part(self, gain: np.ndarray) -> np.ndarray:
        """Return whether `gain` ($ a year by area) covers spending and sovereignty, by area."""
        return gain >= self.dollars + self.sovereignty

    def domestic_benefit(self, talks: Talks) -> np.ndarray:
        """Return the domestic benefit of cooperation by area, split by both countries' dollars."""
        p = self.params
        worth = p.kidnapping_worth * talks.kidnappings_averted
        worth += p.revenue_worth * talks.revenue_averted
        dollars = sum(talks.dollars.values(), np.zeros(N_AREAS)) * talks.in_force
        if dollars.sum() <= 0.0:
            dollars = talks.in_force.astype(float)
        return worth * dollars / max(float(dollars.sum()), 1e-9)

    def _move(self, target: np.ndarray) -> None:
        """Move participation towards 0 or 1 by the share `speed`."""
        for area, wanted in zip(AREAS, target, strict=True):
            share = self.participation[area]
            share += self.params.speed * (float(wanted) - share)
            self.participation[area] = float(wanted) if abs(share - wanted) < _CLOSE else share


class Governments:
    """Both governments and their cooperation.

    Attributes:
        us, mexico: the agents.
        cooperation: participation in [0, 1] by area of agents.labels.AREAS; one dict for the whole
            run, changed in place.
        in_force: whether a policy is in force, by area.
    """

    def __init__(self, environment: Environment, params: GovernmentParams) -> None:
        """Start with full cooperation.

        Args:
            environment: the model as agents see it.
            params: Mexico's stance and valuations.
        """
        self.environment, self.params = environment, params
        self.cooperation: dict[str, float] = dict.fromkeys(AREAS, 1.0)
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
        self.in_force = np.zeros(N_AREAS, bool)

    @property
    def vector(self) -> np.ndarray:
        """Participation by area, in the order of agents.labels.AREAS."""
        return np.array([self.cooperation[area] for area in AREAS])

    @property
    def sovereignty_cost(self) -> float:
        """$ a year that present cooperation costs Mexico in sovereignty."""
        return float((self.vector * self.mexico.sovereignty)[self.in_force].sum())

    def quarter(
        self,
        paid: np.ndarray,
        aid: np.ndarray,
        *,
        kidnappings_averted: float = 0.0,
        revenue_averted: float = 0.0,
        in_force: np.ndarray | None = None,
    ) -> None:
        """Quarterly: hold the talks, after which both governments decide on cooperation.

        Args:
            paid: $ a year that Mexico pays at full participation, by area.
            aid: $ a year that it receives at full participation, by area.
            kidnappings_averted: persons a year fewer than in the base year; may be negative.
            revenue_averted: $ a year less for organisations and officials than in the base year.
            in_force: whether a policy is in force, by area; None: the areas with dollars.
        """
        dollars = {US: np.array(aid, float), MEXICO: np.array(paid, float)}
        with_dollars = dollars[MEXICO] + dollars[US] > 0.0
        self.in_force = with_dollars if in_force is None else np.array(in_force, bool)
        talks = Talks(dollars, self.in_force, kidnappings_averted, revenue_averted)
        self.environment.agents_of(Government).do("negotiate", talks)
