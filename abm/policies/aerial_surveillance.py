"""Surveillance of the line by unmanned aircraft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, line_miles
from agents.contest import probability
from agents.param import param

_FY2013 = 0.147  # share of time in the air, fleet of FY2013
_AUDIT = "DHS OIG-15-17 (24 December 2014), FY2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class AerialSurveillance(Policy):
    """Flies unmanned aircraft, which watch the line only for a part of the day."""

    id = "aerial_surveillance"
    title = "Surveillance from the air"
    arm = "sensors_fence"
    claim = "Technology should help agents to detect and stop crossings in open and rugged country."
    mechanism = (
        "While an aircraft watches a part of the line, agents there detect as many people as a "
        "larger staff would. Hours and line overlap more as the fleet grows."
    )
    expect = "A small rise of detections at a high price per mile."
    fails_when = (
        "Response is the constraint and not detection: agents cannot respond to what an aircraft "
        "sees."
    )
    acts_when = "24 aircraft instead of 10 fly 16 hours a day, the goal of the programme."
    lever_names = ("sensors",)
    high = 8.0
    monotone: ClassVar = {"GOT_AWAY_UNDETECTED": -1}
    #: The fleet has 24 aircraft instead of 10, as authorised but not bought (R. Alles, cbp.gov, 6
    #: January 2015). They fly 16 hours a day, the programme's goal (OIG-15-17), for $681M a year.
    acting: ClassVar = {
        "policies.aerial_surveillance.dose": 2.4,
        "policies.aerial_surveillance.airborne": 0.667,
    }
    failing: ClassVar = {"border_patrol.response": 0.15}
    switched_off: ClassVar = {"contest.sensor_gain": 0.0}

    miles: float = amount_param(
        170.0,
        "miles",
        "Line that the fleet of dose 1 covers while it is in the air.",
        high=1_954.0,
        source=f"{_AUDIT}: operations focus on about 170 miles of the southwest border",
    )
    airborne: float = amount_param(
        _FY2013,
        "share of time",
        "Share of the time in which the fleet is in the air.",
        high=1.0,
        source=f"{_AUDIT}: 22 % of the goal of 16 hours a day",
    )
    fleet_dollars: float = param(
        62.5e6,
        unit="$/year",
        low=10e6,
        high=500e6,
        doc="Cost of the fleet of dose 1 at the hours of FY2013; it rises in proportion to the "
        "hours.",
        source=f"{_AUDIT}: at least $62.5 million, $12,255 per flight hour; drawn up to twice as "
        "much [A]",
        draw_range=(62.5e6, 125e6),
    )
    build_days: float = days_param(365.0, "Days until the fleet operates.")
    line_miles: tuple[float, ...] = line_miles()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of aircraft, crews and ground stations."""
        return (
            Cost(
                "us",
                self.fleet_dollars * self.airborne / _FY2013,
                "Aircraft, crews and ground stations.",
                _AUDIT,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Watch the same share of the unwatched line in every sector."""
        unwatched = 1.0 - np.array(inputs.settings.border_patrol.sensors_base)
        miles = float((unwatched * np.array(self.line_miles)).sum())
        reach = self.miles * self.airborne * dose * self.ramp(day, self.build_days)
        levers.sensors += unwatched * probability(reach / max(miles, 1e-9))
