"""A comprehensive strategy that is judged by published criteria."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Payer, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import amount_param, dollars_param, share_param
from agents.labels import CRITERIA


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiCrimeStrategy(Policy):
    """Shifts money between instruments each quarter, according to their recent scores.

    The strategy needs both governments: without Mexico, no money is spent.
    """

    id = "anti_crime_strategy"
    title = "Comprehensive anti-crime strategy"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = (
        "Both governments should draw up one master plan for police, courts and armed forces, with "
        "criteria of security."
    )
    mechanism = (
        "Every quarter, both governments shift money towards the instruments after which the "
        "criteria improved most; the plan publishes the weights of the criteria."
    )
    expect = (
        "Money flows to the instruments that change the criteria, which may differ from the goals."
    )
    fails_when = (
        "The only criterion is apprehensions, and most people who are caught try again: "
        "apprehensions rise while got-aways and deaths hardly fall (Goodhart's law)."
    )
    acts_when = "Half of the people who arrive are foreigners, and the programme is fourfold."
    lever_names = ("strategy", "criterion")
    high = 5.0
    acting: ClassVar = {**pools_of(2016), "policies.anti_crime_strategy.dose": 4.0}
    failing: ClassVar = {
        "policies.anti_crime_strategy.criterion.apprehensions": 1.0,
        "policies.anti_crime_strategy.criterion.got_aways": 0.0,
        "policies.anti_crime_strategy.criterion.deaths": 0.0,
        "policies.anti_crime_strategy.criterion.seizures": 0.0,
        "migrants.retry_mexican": 0.95,
        "migrants.retry_prosecuted": 0.95,
        "migrants.retry_removed": 0.95,
        "migrants.retry_returned_by_mexico": 0.95,
        "migrants.retry_fatigue": 0.0,
    }

    portfolio: float = dollars_param(
        100e6, "Money that the strategy distributes over instruments at dose 1.", high=2e9
    )
    planning: float = dollars_param(10e6, "Planning and evaluation at dose 1.", high=100e6)
    us_share: float = share_param(0.7, "Share of all costs that the U.S. pays.")
    criterion: tuple[float, ...] = amount_param(
        (0.0, 0.5, 0.25, 0.25),
        "weight",
        "Weights of the criteria of success; only their proportions count.",
        high=1.0,
        labels=CRITERIA,
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return each government's share of the cost of portfolio and planning."""
        parts = (
            (self.portfolio, "Share of the portfolio.", "strategy"),
            (self.planning, "Share of planning and evaluation.", ""),
        )
        shares: tuple[tuple[Payer, float], ...] = (
            ("us", self.us_share),
            ("mexico", 1.0 - self.us_share),
        )
        return tuple(
            Cost(payer, total * share, purpose, "[A]", lever=lever)
            for payer, share in shares
            for total, purpose, lever in parts
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Fund the portfolio. If several strategies are in force, doses weight their criteria."""
        levers.strategy += self.portfolio * dose
        levers.criterion += dose * np.array(self.criterion) / max(sum(self.criterion), 1e-9)
