"""What happened lately, as today's decisions read it: flows, crowds, calls, the agencies' maps."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from abm.network_setup import mexican_legs
from abm.world.vocabulary import MX_ZONES, SECTORS
from agents.outcomes import Event

if TYPE_CHECKING:
    from abm.world.routes import World

MONTH = 28.0
_FORTNIGHT, _WEEK = 14.0, 7.0


class FlowHistory:
    """Running means over the last weeks, and the histories behind lagged maps.

    Attributes:
        flow: persons a day by leg: Mexicans, foreigners, stopped by Mexico; a four-week mean.
        usual: the same, mean of the last year of the warm-up.
        beds, courts, releases: persons a day for whom each was sought, or who were released.
        applied: persons a day who joined the legal channel, by group.
        calls: a day on agents by sector: evaders seen, surrenders.
        met_in_mexico: persons a day whom officers in Mexico met, or would have, had all been free.
    """

    def __init__(self, world: World) -> None:
        """Nothing has happened yet."""
        self.flow = np.zeros((world.n_legs, 3))
        self.usual = np.zeros((world.n_legs, 3))
        self.beds = self.courts = self.releases = 0.0
        self.applied = np.zeros(2)
        self.calls = np.zeros(len(SECTORS))
        self.met_in_mexico = 0.0
        self._usual_days = 0
        self._weeks: deque[np.ndarray] = deque(maxlen=14)  # flow, weekly
        self._caught: deque[np.ndarray] = deque(maxlen=120)  # apprehensions by sector, daily
        self._head, self._places = world.head, world.n_places
        self._line_sector = np.where(world.is_line, world.leg_sector, -1)
        self._leg_zone = np.where(mexican_legs(world), world.leg_zone, -1)
        zones = [MX_ZONES.index(z) if z in MX_ZONES else 0 for z in world.zone]
        self._place_zone = np.array(zones)

    def update(
        self,
        day_tallies: np.void,
        events: np.ndarray,
        seen: np.ndarray,
        weekly: bool,
        free: float = 1.0,
    ) -> None:
        """Fold a day that is over into the means and histories.

        Args:
            books: of the day.
            events: persons by event and group.
            seen: persons by leg, shape (legs, 3).
            weekly: whether the week is over.
            free: share of the people met in Mexico for whom an officer was free.
        """
        self.flow += (seen - self.flow) / MONTH
        self.beds += (float(day_tallies["asked_bed"]) - self.beds) / _WEEK
        self.courts += (float(day_tallies["asked_court"]) - self.courts) / _WEEK
        released = float(events[Event.RELEASED_US, 1] + events[Event.RELEASED_PORT, 1])
        self.releases += (released - self.releases) / MONTH
        met = float(events[Event.APPREHENDED_MEXICO].sum() + events[Event.EXTORTED].sum())
        self.met_in_mexico += (met / max(free, 0.01) - self.met_in_mexico) / _FORTNIGHT
        self.applied = self.applied + (events[Event.APPLIED] - self.applied) / MONTH
        self.calls = self.calls + (day_tallies["answered"] - self.calls) / _FORTNIGHT
        self._caught.append(
            day_tallies["by_sector"][Event.APPREHENDED_US].sum(axis=1).astype(float)
        )
        if weekly:
            self._weeks.append(self.flow.copy())

    def note_usual(self, seen: np.ndarray) -> None:
        """The usual flow, against which crowds are measured: the last year of the warm-up."""
        self._usual_days += 1
        self.usual += (seen - self.usual) / self._usual_days

    def attempts(self) -> np.ndarray:
        """Persons a day who try the line between ports, by sector; a four-week mean."""
        return self._by_sector(self.flow)

    def usual_attempts(self) -> np.ndarray:
        """The same, mean of the last year of the warm-up."""
        return self._by_sector(self.usual)

    def _by_sector(self, flow: np.ndarray) -> np.ndarray:
        on = self._line_sector >= 0
        persons = flow[on, :2].sum(axis=1)
        return np.bincount(self._line_sector[on], persons, len(SECTORS))

    def crowd_at_line(self) -> np.ndarray:
        """Flow over its usual value, by sector."""
        return _ratio(
            self.flow.sum(axis=1), self.usual.sum(axis=1), self._line_sector, len(SECTORS)
        )

    def crowd_in_mexico(self) -> np.ndarray:
        """Foreign flow over its usual value, by place, of the zone that the place lies in."""
        zone = _ratio(self.flow[:, 1], self.usual[:, 1], self._leg_zone, len(MX_ZONES))
        return zone[self._place_zone]

    def apprehensions(self, lag: float) -> np.ndarray:
        """Apprehensions of one week by sector, as old as the agency's map is (days)."""
        last = len(self._caught) - int(np.clip(lag, 0, 90))
        week = list(self._caught)[max(0, last - 7) : max(0, last)]
        return np.sum(week, axis=0) if week else np.zeros(len(SECTORS))

    def traffic_into(self, lag: int) -> np.ndarray:
        """Foreign persons a day into each place as of `lag` days ago, a four-week mean."""
        weeks = min(lag // 7, len(self._weeks) - 1)
        flow = self._weeks[-1 - weeks] if weeks >= 0 else self.flow
        into = np.zeros(self._places)
        np.add.at(into, self._head, flow[:, 1])
        return into


def _ratio(flow: np.ndarray, usual: np.ndarray, index: np.ndarray, n: int) -> np.ndarray:
    """Sum of flow over sum of usual flow by index, 1 where nothing is usual; -1 is left out."""
    on = index >= 0
    now, then = np.bincount(index[on], flow[on], n), np.bincount(index[on], usual[on], n)
    return np.where(then > 0.0, now / np.maximum(then, 1e-12), 1.0)
