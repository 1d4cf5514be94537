"""Immediate expulsion of apprehended people, without a sanction and without a hearing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, share_param, transport_cost
from agents.labels import KINDS

_FLIGHT = "[A] after drivers/costs.csv, ICE Air charter, per flight hour: six hours, 100 people"
_CASES = "[A] share at dose 1 of the apprehensions of FY2013 in us/sw_monthly_by_citizenship.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expulsion(Policy):
    """Expels a share of apprehended people instead of releasing, removing or prosecuting them.

    The United States can expel people alone, so the policy does not need Mexico. The share of
    foreigners returned to the line is multiplied by Mexico's participation in accords. All other
    foreigners are returned to their country.
    """

    id = "expulsion"
    title = "Expulsion without a hearing"
    arm = "consequences"
    basis = "no hearing"
    claim = (
        "What happens to people after an apprehension decides whether they try again; this "
        "instrument removes sanctions and hearings."
    )
    mechanism = (
        "A share of the people apprehended is returned within a day or two, Mexicans to the line, "
        "foreigners to their country, without sanction or hearing, so that another attempt from "
        "the line costs little."
    )
    expect = (
        "Releases fall and fewer families set out. Expelled people try again soon, so "
        "apprehensions and attempts rise. People in need of protection are returned without a "
        "hearing."
    )
    fails_when = (
        "All are returned to the line and almost all try again: with a probability q of being "
        "stopped, each person makes 1 / (1 - q) attempts, and most enter in the end."
    )
    lever_names = ("expulsion_mexican", "expulsion_foreign", "expelled_to_line")
    monotone: ClassVar = {"RETURNED_UNSCREENED": 1}
    judged_by = "unlawful_entries"
    failing: ClassVar = {
        "migrants.expulsion_deterrence": 0.0,
        "migrants.retry_fatigue": 0.0,
        "policies.expulsion.foreigners_to_line": 1.0,
    }

    mexicans: tuple[float, ...] = share_param(
        (0.8, 0.8, 0.0), "Share of apprehended Mexicans who are expelled at dose 1.", labels=KINDS
    )
    foreigners: tuple[float, ...] = share_param(
        (0.4, 0.4, 0.0), "Share of apprehended foreigners who are expelled at dose 1.", labels=KINDS
    )
    mexicans_to_line: float = share_param(
        1.0, "Share of expelled Mexicans who are returned to the line instead of their home."
    )
    foreigners_to_line: float = share_param(
        0.0, "Share of expelled foreigners whom Mexico accepts at the line if it cooperates fully."
    )
    ramp_days: float = days_param(
        30.0, "Days until expulsion applies along the whole line.", high=730.0
    )
    mexican_cases: float = amount_param(
        200_000.0,
        "cases/year",
        "Expulsions of Mexicans per year at dose 1.",
        high=2_000_000.0,
        source=_CASES,
    )
    foreign_cases: float = amount_param(
        50_000.0,
        "cases/year",
        "Expulsions of foreigners per year at dose 1.",
        high=2_000_000.0,
        source=_CASES,
    )
    bus: float = transport_cost(40.0, "Transport of a person to a bridge by bus.")
    flight: float = transport_cost(
        500.0,
        "Transport of a person to the country of origin by air.",
        high=5e3,
        source=_FLIGHT,
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of buses for expelled Mexicans and flights for expelled foreigners."""
        return (
            Cost("us", self.mexican_cases * self.bus, "Buses to the line.", "[A]"),
            Cost(
                "us",
                self.foreign_cases * self.flight,
                "Flights to the countries of origin.",
                _FLIGHT,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Set the expelled shares by kind, and the shares returned to the line."""
        ready = dose * self.ramp(day, self.ramp_days)
        mexicans, foreigners = np.array(self.mexicans) * ready, np.array(self.foreigners) * ready
        levers.expulsion_mexican += mexicans
        levers.expulsion_foreign += foreigners
        to_line = self.foreigners_to_line * inputs.cooperation["accords"]
        levers.expelled_to_line += (
            mexicans.mean() * self.mexicans_to_line,
            foreigners.mean() * to_line,
        )
