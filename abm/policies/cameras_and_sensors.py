"""Cameras and sensors on towers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, line_miles, years_param
from agents.contest import probability
from agents.param import param

_CONTRACT = "drivers/costs.csv IFT contract, up to 50 towers"
_PLAN = (
    "drivers/costs.csv Arizona Border Surveillance Technology Plan, 10-year life cycle (GAO-12-22)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CamerasAndSensors(Policy):
    """Adds towers along the uncovered line. Each further tower adds less.

    A covered mile costs as much as in the Arizona Technology Plan. Towers detect people, but agents
    must respond. If all agents are busy, a further tower only turns undetected got-aways into known
    got-aways.
    """

    id = "cameras_and_sensors"
    title = "Cameras and sensors"
    arm = "sensors_fence"
    claim = (
        "Technology, above all cameras and sensors, should help agents to detect and stop more "
        "crossings."
    )
    mechanism = (
        "Towers are built over three years in proportion to the line without surveillance, and "
        "overlap more as their number grows. Agents there detect as many people as a larger staff "
        "would, but each detection needs an agent who responds."
    )
    expect = "Detections rise most where coverage was low; undetected got-aways fall."
    fails_when = (
        "Response is the constraint and not detection: agents cannot respond to the detections, "
        "and undetected got-aways become known got-aways."
    )
    lever_names = ("sensors",)
    high = 20.0
    monotone: ClassVar = {"GOT_AWAY_UNDETECTED": -1}
    failing: ClassVar = {"border_patrol.response": 0.05, "supply_level": 3.0}
    switched_off: ClassVar = {"contest.sensor_gain": 0.0}

    towers: float = amount_param(150.0, "towers", "Towers built at dose 1.", high=2_000.0)
    contract: float = param(
        145.3e6,
        unit="$",
        low=100e6,
        high=600e6,
        doc="Cost of the contract for towers, including maintenance (2014 dollars).",
        source=_CONTRACT,
    )
    contract_towers: float = param(
        50.0,
        unit="towers",
        low=15.0,
        high=50.0,
        doc="Towers of the contract.",
        source=_CONTRACT,
    )
    contract_years: float = years_param(
        9.0,
        "Years of the contract, with maintenance.",
        high=20.0,
        source=f"{_CONTRACT}; nine years (Defense Daily, 2019)",
    )
    plan: float = param(
        1.5e9,
        unit="$",
        low=0.5e9,
        high=3e9,
        doc="Life-cycle cost of the plan to cover the rest of Arizona's line, operators included "
        "(2011 dollars).",
        source=f"{_PLAN}; drawn from half to twice as much [A]",
        draw_range=(0.75e9, 3e9),
    )
    plan_years: float = years_param(10.0, "Years of the plan.", high=30.0, source=_PLAN)
    plan_miles: float = param(
        334.0,
        unit="miles",
        low=50.0,
        high=387.0,
        doc="Line of the plan: 387 miles of Arizona less the 53 that SBInet covered.",
        source="drivers/barrier_miles.csv SBInet_border_miles_covered 2011 (GAO-14-368)",
    )
    watch: float = param(
        3.6,
        unit="miles/tower",
        low=0.5,
        high=20.0,
        doc="Line that a single tower covers.",
        source="[A] 55 towers cover 200 miles (Defense Daily, 2019)",
    )
    build_days: float = days_param(
        1_095.0,
        "Days until all towers operate; they are paid as they operate.",
        source="[A] faster than the record: 15 of 53 towers stood 41 months after the contract "
        "(drivers/barrier_miles.csv IFT_towers_deployed 2017)",
    )
    line_miles: tuple[float, ...] = line_miles()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost for the covered miles, including the contract for towers."""
        contract = self.towers * self.contract / self.contract_towers / self.contract_years
        plan = self.towers * self.watch * self.plan / self.plan_years / self.plan_miles
        parts = (
            (contract, "Towers and maintenance, spread over the contract.", _CONTRACT),
            (plan - contract, "Sites, links, operators and other equipment of the plan.", _PLAN),
        )
        return tuple(
            Cost("us", dollars, purpose, source, ramp_days=self.build_days)
            for dollars, purpose, source in parts
            if dollars > 0.0
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Cover the same share of the uncovered line in every sector."""
        unwatched = 1.0 - np.array(inputs.settings.border_patrol.sensors_base)
        miles = float((unwatched * np.array(self.line_miles)).sum())
        reach = self.towers * dose * self.ramp(day, self.build_days) * self.watch
        levers.sensors += unwatched * probability(reach / max(miles, 1e-9))
