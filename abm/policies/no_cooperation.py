"""The other baseline: Mexico no longer takes part."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Policy, Seen
from agents.param import param

if TYPE_CHECKING:
    from agents.levers import Levers


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCooperation(Policy):
    """Switches off whatever needs Mexico, and what Mexico does for the sake of cooperation."""

    id = "no_cooperation"
    title = "No cooperation with Mexico"
    arm = "baseline"
    needs_mexico = False
    claim = (
        "Border security that lasts needs a dependable partner in Mexico: without one, what the "
        "U.S. does at its own line is not enough."
    )
    mechanism = (
        "Policies that need Mexico pull nothing and cost nothing, Mexican operations lose a "
        "share of their tempo, and both sides' maps of flows get noisier and later."
    )
    expect = "More people reach the line; how many more enter depends on what the U.S. adds."
    fails_when = (
        "Few people are stopped in Mexico to begin with, or U.S. capacity takes up the rest: "
        "then losing the partner changes little."
    )
    lever_names = ("no_cooperation", "mx_effort", "map_noise", "map_lag")
    failing = MappingProxyType({"migrants.pool.northern_triangle": 0.0})  # nobody to stop

    effort_lost: float = param(
        0.3,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Tempo of Mexican operations that is kept up only for cooperation.",
    )
    map_worse: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=3.0,
        doc="Relative rise of noise and delay in both sides' maps of flows.",
    )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Switch off; a negative reduction makes the maps worse."""
        levers.no_cooperation += min(1.0, dose)
        levers.mx_effort -= np.where(seen.mx_base > 0.0, self.effort_lost * dose, 0.0)
        levers.map_noise -= self.map_worse * dose
        levers.map_lag -= self.map_worse * dose
