"""Second baseline: Mexico does not cooperate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import share_param


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCooperation(Policy):
    """Disables policies that need Mexico, and Mexican operations that rely on cooperation."""

    id = "no_cooperation"
    title = "No cooperation with Mexico"
    arm = "baseline"
    claim = "Lasting border security needs a reliable partner in Mexico."
    mechanism = (
        "Policies that need Mexico have no effect and no cost, Mexican operations lose a share "
        "of their tempo, and both sides' maps of flows become noisier and later."
    )
    expect = "More people reach the line; the rise of entries depends on additional U.S. measures."
    fails_when = (
        "Few people are stopped in Mexico initially, or U.S. capacity replaces Mexican "
        "interdiction: then the loss of the partner changes little."
    )
    lever_names = ("no_cooperation", "mx_effort", "map_noise", "map_lag")
    failing: ClassVar = pools_of(2011)  # Mexico may stop foreigners only: 12 % in 2011

    effort_lost: float = share_param(
        0.3, "Share of the tempo of Mexican operations that depends on cooperation."
    )
    map_worse: float = share_param(
        0.5, "Relative increase of noise and delay in both sides' maps of flows.", high=3.0
    )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Disable cooperation and degrade the maps."""
        levers.no_cooperation += min(1.0, dose)
        levers.mx_effort -= np.where(inputs.mx_base > 0.0, self.effort_lost * dose, 0.0)
        levers.map_noise -= self.map_worse * dose
        levers.map_lag -= self.map_worse * dose
