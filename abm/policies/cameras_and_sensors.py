"""Cameras and sensors on towers."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Cost, Policy, Seen
from abm.policies.line_miles import line_miles
from agents.param import param

if TYPE_CHECKING:
    from agents.levers import Levers

_CONTRACT = "drivers/costs.csv IFT contract, up to 50 towers"


@dataclass(frozen=True, slots=True, kw_only=True)
class CamerasAndSensors(Policy):
    """Adds towers along the uncovered line; each further tower covers less of it."""

    id = "cameras_and_sensors"
    title = "Cameras and sensors"
    arm = "sensors_fence"
    needs_mexico = False
    claim = (
        "Technology, above all cameras and sensors, should help agents to detect and stop more "
        "crossings."
    )
    mechanism = (
        "Towers are distributed in proportion to the line without surveillance; their coverage "
        "overlaps more as their number grows. Agents on covered line detect as many people as a "
        "larger staff would."
    )
    expect = "Detections rise most where coverage was low; undetected got-aways fall."
    fails_when = (
        "Response is the constraint and not detection: agents cannot respond to the detections, "
        "and undetected got-aways become known got-aways."
    )
    lever_names = ("sensors",)
    high = 20.0
    monotone = MappingProxyType({"GOT_AWAY_UNDETECTED": -1})
    judged_by = "got_aways"
    failing = MappingProxyType({"border_patrol.response": 0.15})

    towers: float = param(
        150.0,
        unit="towers",
        low=0.0,
        high=2_000.0,
        doc="Towers built at dose 1.",
    )
    contract: float = param(
        145.3e6,
        unit="$",
        low=100e6,
        high=600e6,
        doc="Cost of the contract for towers, including maintenance.",
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
    contract_years: float = param(
        7.0,
        unit="years",
        low=1.0,
        high=20.0,
        doc="Years of maintenance in the contract.",
    )
    watch: float = param(
        6.5,
        unit="miles/tower",
        low=0.5,
        high=20.0,
        doc="Line that a single tower covers.",
    )
    build_days: float = param(
        180.0,
        unit="days",
        low=1.0,
        high=1_825.0,
        doc="Days until all towers operate.",
    )
    line_miles: tuple[float, ...] = line_miles()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the price of a tower-year multiplied by the number of towers."""
        tower_year = self.contract / self.contract_towers / self.contract_years
        return (
            Cost(
                payer="us",
                dollars_per_year=self.towers * tower_year,
                what="Towers and maintenance, spread over the contract.",
                source=f"{_CONTRACT}; years [A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Cover the same share of the uncovered line in every sector."""
        unwatched = 1.0 - np.array(seen.settings.border_patrol.sensors_base)
        miles = float((unwatched * np.array(self.line_miles)).sum())
        reach = self.towers * dose * self.ramp(day, self.build_days) * self.watch
        levers.sensors += unwatched * -np.expm1(-reach / max(miles, 1e-9))
