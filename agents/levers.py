"""What a policy may pull. Policies touch the world through these arrays and in no other way.

Every lever is an addition to the base year: zero everywhere is the world without policies. Levers
are set back to zero each morning and pulled afresh, so a policy needs no memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever: what it acts on, unit, meaning."""

    by: str  # "sector", "place", "leg" or "whole"
    unit: str
    doc: str


LEVERS: dict[str, Lever] = {
    "us_officers": Lever("sector", "agents", "Border Patrol agents beyond the staffing table."),
    "us_effort": Lever("sector", "share", "Border Patrol tempo above 1."),
    "sensors": Lever("sector", "share of line", "Line newly under cameras and sensors."),
    "fence": Lever("sector", "share of line", "Line newly fenced."),
    "leg_cost": Lever("leg", "$", "Extra cost of travelling a leg."),
    "leg_delay": Lever("leg", "days", "Extra days on a leg."),
    "leg_danger": Lever("leg", "share", "Relative rise of the risk of dying on a leg."),
    "mx_effort": Lever("place", "share", "Mexican tempo of operations above 1."),
    "mx_officers": Lever("place", "officers", "Mexican officers at new fixed posts."),
    "gendarmes": Lever("whole", "officers", "Rural gendarmes, in companies that move."),
    "map_noise": Lever("whole", "share", "Reduction of the noise in both sides' flow maps."),
    "map_lag": Lever("whole", "share", "Reduction of the delay of both sides' flow maps."),
    "leak": Lever("whole", "probability", "Chance that plans reach the organisations."),
    "decapitation": Lever("whole", "per year", "Added hazard that an organisation loses its head."),
    "beds": Lever("whole", "persons", "Detention places beyond the base year."),
    "courts": Lever("whole", "persons a day", "Prosecutions beyond the base year."),
    "no_cooperation": Lever("whole", "share", "Share of cooperation with Mexico switched off."),
}


class Levers:
    """Today's levers as float64 arrays, one attribute per name in :data:`LEVERS`.

    Shapes: (sectors,), (places,), (legs,) or (1,) by what the lever acts on.
    """

    __slots__ = ("_arrays", *LEVERS)

    us_officers: np.ndarray
    us_effort: np.ndarray
    sensors: np.ndarray
    fence: np.ndarray
    leg_cost: np.ndarray
    leg_delay: np.ndarray
    leg_danger: np.ndarray
    mx_effort: np.ndarray
    mx_officers: np.ndarray
    gendarmes: np.ndarray
    map_noise: np.ndarray
    map_lag: np.ndarray
    leak: np.ndarray
    decapitation: np.ndarray
    beds: np.ndarray
    courts: np.ndarray
    no_cooperation: np.ndarray

    def __init__(self, *, sectors: int, places: int, legs: int) -> None:
        """All levers at zero."""
        size = {"sector": sectors, "place": places, "leg": legs, "whole": 1}
        self._arrays = {name: np.zeros(size[lever.by]) for name, lever in LEVERS.items()}
        for name, array in self._arrays.items():
            object.__setattr__(self, name, array)

    def reset(self) -> None:
        """Back to the base year."""
        for array in self._arrays.values():
            array.fill(0.0)

    def copy(self) -> dict[str, np.ndarray]:
        """A snapshot by name, for tests and inspection."""
        return {name: array.copy() for name, array in self._arrays.items()}
