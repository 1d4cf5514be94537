"""Levers: the only arrays through which policies change the world.

Every lever is an addition to the base year. If all levers are zero, no policy acts. Levers are
reset to zero every morning and then set again, so policies need no memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.labels import COUNTRIES, CRITERIA, GROUPS, KINDS

MOST_NOTICE = 365  # maximum number of days from an announcement to its deadline


@dataclass(frozen=True, slots=True)
class Lever:
    """Declaration of one lever: its dimension, unit and meaning."""

    # One of "sector", "place", "leg", "port", "group", "kind", "country", "criterion", "deadline"
    # (days until a deadline, and group), or "whole" for a single entry.
    by: str
    unit: str
    doc: str


LEVERS: dict[str, Lever] = {
    "us_officers": Lever(
        "sector",
        "agents",
        "Border Patrol agents that policies request, hired within border_patrol.net_hiring.",
    ),
    "us_moved": Lever(
        "sector", "agents", "Agents moved from ports of entry; negative: moved to ports."
    ),
    "us_effort": Lever(
        "sector",
        "share",
        "Border Patrol tempo above 1 that policies request, within the limits of border_patrol.",
    ),
    "sensors": Lever("sector", "share of line", "Line newly under cameras and sensors."),
    "fence": Lever("sector", "share of line", "Line newly fenced."),
    "leg_cost": Lever("leg", "$", "Extra cost of travelling a leg."),
    "leg_delay": Lever("leg", "days", "Extra days on a leg."),
    "leg_danger": Lever("leg", "share", "Relative rise of the risk of dying on a leg."),
    "leg_closed": Lever("leg", "0 or 1", "Closure: above 0, nobody starts on the leg."),
    "mx_effort": Lever(
        "place",
        "share",
        "Mexican tempo above 1 that policies request, within the limits of mexico.",
    ),
    "mx_officers": Lever(
        "place",
        "officers",
        "Mexican officers at new posts that policies request, hired within mexico.hiring.",
    ),
    "gendarmes": Lever(
        "whole", "officers", "Rural gendarmes that policies request, hired within mexico.hiring."
    ),
    "map_noise": Lever("whole", "share", "Reduction of the noise in both sides' flow maps."),
    "map_lag": Lever("whole", "share", "Reduction of the delay of both sides' flow maps."),
    "leak": Lever("whole", "probability", "Chance that plans reach the organisations."),
    "decapitation": Lever("whole", "per year", "Added hazard that an organisation loses its head."),
    "beds": Lever("whole", "persons", "Detention places beyond the base year."),
    "courts": Lever("whole", "persons a day", "Prosecutions beyond the base year."),
    "no_cooperation": Lever("whole", "share", "Share of cooperation with Mexico switched off."),
    "asylum_officers": Lever("whole", "officers", "Asylum officers beyond the base year."),
    "wait_in_mexico": Lever(
        "whole", "share", "Persons released to U.S. proceedings who wait in Mexico instead."
    ),
    "wait_cases": Lever("whole", "cases/year", "Capacity for waits in Mexico; 0 for no limit."),
    "expulsion_mexican": Lever(
        "kind", "share", "Apprehended Mexicans who are expelled at once, without a sanction."
    ),
    "expulsion_foreign": Lever(
        "kind", "share", "Apprehended foreigners who are expelled at once, without a sanction."
    ),
    "expelled_to_line": Lever(
        "group", "share", "Apprehended persons who are expelled to the line, mean of the kinds."
    ),
    "transfers_south": Lever(
        "whole", "share", "People whom Mexico would return who are moved to its south instead."
    ),
    "news_restriction": Lever(
        "group", "per day", "Announcements of a restriction that reach people, times their size."
    ),
    "news_opening": Lever(
        "group", "per day", "Announcements of an opening that reach people, times their size."
    ),
    "news_release": Lever(
        "group",
        "per day",
        "Announced change of release, -1 none and 1 for all, times the news that reach people.",
    ),
    "deadline": Lever(
        "deadline", "size", "Announced restriction after a deadline, times the share who know it."
    ),
    "deadline_release": Lever(
        "deadline", "share", "Announced end of release after a deadline, times the same share."
    ),
    "readmission": Lever("whole", "share", "Share of detention time saved by readmission."),
    "port_officers": Lever("port", "officers", "CBP officers at a port beyond the base year."),
    "port_booths": Lever("port", "booths", "Inspection booths at a port beyond the base year."),
    "port_targeting": Lever(
        "whole", "share", "Relative rise of the hazard of detection in inspections."
    ),
    "trusted_travellers": Lever(
        "whole", "share", "Ordinary travellers who move to the trusted lane."
    ),
    "trusted_trucks": Lever("whole", "share", "Ordinary trucks that move to the trusted lane."),
    "validation": Lever("whole", "share", "Trusted shippers vouched for by Mexican officers."),
    "truck_time": Lever("whole", "share", "Reduction of the time a truck takes at a booth."),
    "toll": Lever("whole", "$", "Toll of a crossing in the ordinary lanes."),
    "asylum_slots": Lever(
        "whole",
        "persons a day",
        "Requests for protection that all ports take, beyond the base year.",
    ),
    "mx_watch": Lever(
        "leg", "share", "Relative rise of the hazard of interdiction on a leg in Mexico."
    ),
    "trainers": Lever("whole", "trainers", "Trainers of Mexican officers beyond the base year."),
    "mx_pay": Lever(
        "whole", "bribe units", "Rise of the bribe at which half of Mexico's officers are bought."
    ),
    "aid": Lever("whole", "$/year", "Money that enters the aid pipeline to Mexico."),
    "aid_conditional": Lever(
        "whole", "share", "Share of aid that is held back until Mexico's effort is verified."
    ),
    "verification": Lever(
        "whole", "share", "Reduction of the error with which effort is verified."
    ),
    "cell_hunt": Lever("whole", "per year", "Hazard that a cell at the line is broken up."),
    "pressure": Lever("whole", "per year", "Rate at which the funds of organisations are seized."),
    "us_sentences": Lever(
        "whole",
        "sentences/year",
        "Smugglers sentenced in the United States, within smugglers.us_sentences.",
    ),
    "mx_sentences": Lever(
        "whole", "sentences/year", "The same in Mexico, within smugglers.mx_sentences."
    ),
    "checks": Lever("whole", "share", "Hires in the U.S. whose right to work is checked."),
    "us_earnings": Lever("whole", "share", "Fall of U.S. earnings of people without papers."),
    "visas": Lever(
        "group", "visas/year", "Visas for workers beyond the record that policies request."
    ),
    "visas_by_country": Lever(
        "country",
        "visas/year",
        "The same for nationals of one country, or for the group if no community is of that "
        "country.",
    ),
    "petitions": Lever("whole", "$/year", "What employers would pay for all these visas."),
    "visa_fee": Lever("whole", "$", "Change of the fee of the legal channel."),
    "governance": Lever("country", "$/year", "Money for courts, police and public services."),
    "growth": Lever("country", "$/year", "Money for growth in a country of origin."),
    "jobs": Lever("country", "$/year", "Money for permanent jobs in the places that people leave."),
    "cash": Lever("country", "$/year", "Cash for families in the places that people leave."),
    "strategy": Lever("whole", "$/year", "Money of the adaptive strategy."),
    "criterion": Lever("criterion", "weight", "Weight of a criterion of that strategy."),
}


#: Levers that agencies' limits restrict, or for which dollars depend on delivery.
LIMITED = (
    *("us_officers", "us_moved", "us_effort", "mx_effort", "mx_officers", "gendarmes"),
    *("port_officers", "aid", "strategy", "us_sentences", "mx_sentences"),
)
_SHAPES = {  # shapes that do not depend on the world
    "whole": (),
    "group": (len(GROUPS),),
    "kind": (len(KINDS),),
    "country": (len(COUNTRIES),),
    "criterion": (len(CRITERIA),),
    "deadline": (MOST_NOTICE + 1, len(GROUPS)),
}

#: All levers with a shape that does not depend on the world.
LEVER_RECORD = np.dtype(
    [(name, "f8", _SHAPES[lever.by]) for name, lever in LEVERS.items() if lever.by in _SHAPES]
)


class Levers:
    """Today's levers as float64 arrays, one attribute per name in :data:`LEVERS`.

    Shapes by dimension: (sectors,), (places,), (legs,), (ports,), (2 groups,), (3 kinds,),
    (countries,), (criteria,), (days until a deadline, 2 groups) or (1,).

    Attributes:
        requested: the levers at planned doses, which determine dollars and agency limits. It is the
            same object unless a policy has an effect other than 1. It is then a separate object in
            which only the levers in :data:`LIMITED` are set.
        values: entries of all levers in sequence. The levers are views of this array.
        records: the levers in :data:`LEVER_RECORD`, in the same memory, as an array of one record.
    """

    __slots__ = ("_arrays", "_number", "_spare", "records", "requested", "values", *LEVERS)

    records: np.ndarray

    requested: Levers
    _spare: Levers | None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> np.ndarray:
            """Return a lever in :data:`LEVERS`."""
            ...

    def __init__(self, *, sectors: int, places: int, legs: int, ports: int = 0) -> None:
        """Create all levers at zero.

        Args:
            sectors, places, legs, ports: sizes of the dimensions.
        """
        of_world = {"sector": (sectors,), "place": (places,), "leg": (legs,), "port": (ports,)}
        shapes = {name: (_SHAPES | of_world)[lever.by] for name, lever in LEVERS.items()}
        ordered = dict.fromkeys([*(LEVER_RECORD.names or ()), *LEVERS])
        sizes = [math.prod(shapes[name]) for name in ordered]
        self._number = np.repeat(np.arange(len(sizes)), sizes)  # lever number by entry
        self.values = np.zeros(self._number.size)
        self.records = self.values[: LEVER_RECORD.itemsize // 8].view(LEVER_RECORD)
        self._arrays: dict[str, np.ndarray] = {}
        first = 0
        for name, size in zip(ordered, sizes, strict=True):
            last = first + size
            self._arrays[name] = self.values[first:last].reshape(shapes[name] or 1)
            object.__setattr__(self, name, self._arrays[name])
            first = last
        self.requested, self._spare = self, None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute. Levers can only be changed in place, as in `levers.beds += 10`."""
        if name in LEVERS and value is not self._arrays[name]:
            raise AttributeError(f"levers.{name} is changed in place, such as levers.{name} += 10")
        object.__setattr__(self, name, value)

    def reset(self) -> None:
        """Set all levers to zero, as in the base year, and make `requested` this object again."""
        self.values.fill(0.0)
        self.requested = self

    def separate_requests(self) -> Levers:
        """Make `requested` a separate object with all levers at zero, and return it."""
        if self._spare is None:
            self._spare = Levers(
                sectors=self.us_effort.size,
                places=self.mx_effort.size,
                legs=self.leg_cost.size,
                ports=self.port_officers.size,
            )
        self._spare.reset()
        self.requested = self._spare
        return self._spare

    def with_requests(self) -> tuple[Levers, ...]:
        """Return acting and requested levers, as one entry if both are the same object."""
        return (self,) if self.requested is self else (self, self.requested)

    def changed(self, before: np.ndarray) -> list[str]:
        """Return the names of all levers with changed entries.

        Args:
            before: earlier copy of `values`.
        """
        numbers = set(self._number[self.values != before].tolist())
        return [name for number, name in enumerate(self._arrays) if number in numbers]

    def copy(self) -> dict[str, np.ndarray]:
        """Return copies of all levers by name, for tests and inspection."""
        return {name: array.copy() for name, array in self._arrays.items()}
