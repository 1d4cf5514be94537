"""Rescue beacons on remote terrain at the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twoborders import Cost, Policy, param


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueBeacons(Policy):
    """Install beacons far from help; each additional beacon reaches fewer people."""

    id = "rescue_beacons"
    title = "Rescue beacons"
    arm = "sensors_fence"
    claim = "Much of the line is rugged, and deaths there are part of what security costs."
    mechanism = "Beacons on remote line legs lower the risk of dying, with falling returns."
    expect = "Deaths fall on remote legs; flows, fees and apprehensions do not change."
    fails_when = "Most deaths happen away from the beacons, or people fear using one."
    lever_names = ("leg_danger",)
    high = 4.0
    judged_by = "deaths"
    failing: ClassVar = {"policies.rescue_beacons.saved": 0.0}

    beacons: float = param(
        100.0, unit="beacons", low=0.0, high=1_000.0, doc="Beacons installed at dose 1."
    )
    cost_per_beacon: float = param(
        50_000.0, unit="$/year", low=0.0, high=500_000.0, doc="Upkeep and response."
    )
    saved: float = param(0.4, unit="share", low=0.0, high=0.9, doc="Largest reduction of the risk.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of all beacons and of the teams that respond to them."""
        return (Cost("us", self.beacons * self.cost_per_beacon, "Beacons.", "[A]"),)

    def _pull(self, levers: Any, day: int, inputs: Any, dose: float) -> None:
        """Lower the danger of remote line legs."""
        world = inputs.world
        remote = world.is_line & (world.remoteness[world.head] >= 2)
        levers.leg_danger[remote] -= self.saved * -np.expm1(-dose)
