"""The two governments: areas of cooperation, what they cost, and whether Mexico takes part.

Mexico is willing as a rule. Where it is strategic, it takes part in an area only while aid and
what cooperation is worth at home cover its own spending and the cost to its sovereignty.
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
STANCES = ("willing", "strategic")
_CLOSE = 0.01  # participation this close to none or all is none or all


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernmentParams:
    """Mexico's stance, and what it weighs."""

    mexico: str = param(
        "willing",
        unit="name",
        low=0,
        high=0,
        choices=STANCES,
        doc="Whether Mexico always takes part, or only while it pays.",
    )
    sovereignty: tuple[float, ...] = param(
        (20e6, 10e6, 40e6, 30e6, 10e6),
        unit="$/year",
        low=0.0,
        high=5e9,
        labels=AREAS,
        doc="What full cooperation in an area costs Mexico in sovereignty, in dollars.",
    )
    kidnapping_worth: float = param(
        50_000.0,
        unit="$",
        low=0.0,
        high=5e6,
        doc="What a kidnapping averted is worth to Mexico.",
    )
    revenue_worth: float = param(
        0.5,
        unit="$ per $",
        low=0.0,
        high=10.0,
        doc="What a dollar of criminal revenue averted is worth to Mexico.",
    )
    patience: int = param(
        2,
        unit="quarters",
        low=0,
        high=40,
        doc="Quarters of an area in force before Mexico judges whether it pays.",
    )
    speed: float = param(
        0.5,
        unit="per quarter",
        low=0.01,
        high=1.0,
        doc="How fast Mexico's participation moves to where it should be.",
    )


class Government(mesa.Agent):
    """A government, on no cell.

    Attributes:
        name: "United States" or "Mexico".
        dollars: what it spends a year on cooperation at full participation, by area.
        sovereignty: $ a year that full cooperation costs it beside, by area.
    """

    def __init__(self, environment: Environment, name: str, sovereignty: np.ndarray) -> None:
        """Spends nothing yet."""
        super().__init__(environment)
        self.name, self.sovereignty = name, sovereignty
        self.dollars = np.zeros(N_AREAS)

    def takes_part(self, gain: np.ndarray) -> np.ndarray:
        """Whether `gain` ($ a year by area) covers spending and sovereignty, by area."""
        return gain >= self.dollars + self.sovereignty


class Governments:
    """Both governments and how far they cooperate.

    Attributes:
        us, mexico: the agents.
        cooperation: participation in [0, 1] by area of agents.labels.AREAS; one dict for the
            whole run, changed in place.
        in_force: whether a policy is in force, by area.
    """

    def __init__(self, environment: Environment, params: GovernmentParams) -> None:
        """Full cooperation."""
        self.params = params
        self.us = Government(environment, "United States", np.zeros(N_AREAS))
        self.mexico = Government(environment, "Mexico", np.array(params.sovereignty))
        self.cooperation: dict[str, float] = dict.fromkeys(AREAS, 1.0)
        self.in_force = np.zeros(N_AREAS, bool)
        self._quarters = np.zeros(N_AREAS, int)  # in force so far, by area

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
        """Quarterly: Mexico looks at what cooperation costs and brings, and moves.

        Args:
            paid: $ a year that Mexico pays at full participation, by area.
            aid: $ a year that it receives at full participation, by area.
            kidnappings_averted: persons a year fewer than in the base year; may be negative.
            revenue_averted: $ a year less for organisations and officials than in the base year.
            in_force: whether a policy is in force, by area; those with dollars if left out.
        """
        self.mexico.dollars, self.us.dollars = np.array(paid, float), np.array(aid, float)
        with_dollars = self.mexico.dollars + self.us.dollars > 0.0
        self.in_force = with_dollars if in_force is None else np.array(in_force, bool)
        if self.params.mexico == "willing":
            return
        self._quarters = np.where(self.in_force, self._quarters + 1, 0)
        gain = self.us.dollars + self._domestic_benefit(kidnappings_averted, revenue_averted)
        judged = self._quarters > self.params.patience
        self._move(~judged | self.mexico.takes_part(gain))

    def _domestic_benefit(self, kidnappings: float, revenue: float) -> np.ndarray:
        """What cooperation brings at home, by area: shared out by the dollars of both."""
        p = self.params
        worth = p.kidnapping_worth * kidnappings + p.revenue_worth * revenue
        dollars = (self.us.dollars + self.mexico.dollars) * self.in_force
        if dollars.sum() <= 0.0:
            dollars = self.in_force.astype(float)
        return worth * dollars / max(float(dollars.sum()), 1e-9)

    def _move(self, target: np.ndarray) -> None:
        """Participation goes part of the way to all or nothing."""
        for area, wanted in zip(AREAS, target, strict=True):
            share = self.cooperation[area]
            share += self.params.speed * (float(wanted) - share)
            self.cooperation[area] = float(wanted) if abs(share - wanted) < _CLOSE else share
