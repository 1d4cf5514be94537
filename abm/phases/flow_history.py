"""Recent flows, demand and apprehensions, which later decisions use."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from abm.network_setup import mexican_legs
from abm.world.vocabulary import MX_ZONES, SECTORS
from agents.labels import COUNTRIES, CRITERIA
from agents.migrants.columns import MAX_ORIGINS, N_NATIONS, N_SECTORS
from agents.outcomes import N_GROUPS, N_KINDS

if TYPE_CHECKING:
    from abm.world.routes import World

LAGS = 120  # days of stored apprehensions
#: Means of persons per day: people who needed a bed or a court (one week), foreigners released and
#: people sent to wait in Mexico (four weeks), and encounters in Mexico if all officers were free
#: (two weeks).
MEANS = ("beds", "courts", "releases", "waiting", "met_in_mexico")
#: Values of recent days and weeks that later days read, and sums over the month and the quarter.
HISTORY = np.dtype(
    [
        ("days", "i8"),  # completed days
        ("apprehended", "f8", (LAGS, N_SECTORS)),  # persons, with day d in row d % LAGS
        ("applied", "f8", (N_NATIONS,)),  # persons a day who joined the legal queue, four-week mean
        ("calls", "f8", (N_SECTORS,)),  # calls on agents a day, two-week mean
        ("hours", "f8", (N_SECTORS,)),  # agents' hours a day for people in custody, two-week mean
        *((mean, "f8") for mean in MEANS),
        ("fee_share", "f8", (len(COUNTRIES) - 1,)),  # share of foreigners' fees, without Mexico
        ("revenue", "f8", (len(COUNTRIES),)),  # criminal revenue of the month, $, Mexico last
        ("settled", "i8", (MAX_ORIGINS,)),  # persons who settled this month, by community
        ("released", "i8", (MAX_ORIGINS, N_KINDS)),  # persons released this month
        *((name, "f8") for name in ("kidnapped", "intercepted")),  # persons this month
        ("adults", "f8", (2, N_GROUPS)),  # candidates and U.S. arrivals this week
        ("quarter", "f8", (len(CRITERIA),)),  # sums over the quarter, by criterion
    ],
    align=True,
)


def _mean(name: str) -> property:
    """Return a property that reads a mean from the record as a float."""
    return property(lambda history: float(history.record[name][0]))


class FlowHistory:
    """Running means over recent weeks, and past values that agencies see with a delay.

    Attributes:
        record: values that the daily kernels update, one record with dtype :data:`HISTORY`.
        flow: four-week mean of persons a day by leg, shape (legs, 3): Mexicans, foreigners, and
            persons stopped by Mexico.
        baseline_flow: mean flow over the last warm-up year, in the same shape.
        beds, courts: one-week means of persons a day who needed a bed or a court.
        releases, waiting: four-week means of foreigners released, and of people sent to wait in
            Mexico, in persons a day.
        applied: four-week mean of persons a day who joined the queue of the legal channel, by
            nation.
        custody_hours: two-week mean of agents' hours a day for people in custody, shape (sectors,).
        baseline_hours: mean of `custody_hours` over the last warm-up year.
        calls: two-week mean of calls on agents a day (evaders detected, surrenders), by sector.
        met_in_mexico: two-week mean of the persons a day whom officers in Mexico would encounter if
            all officers were free.
        baseline_met: mean of `met_in_mexico` over the last warm-up year.
        weeks: copies of `flow` from the ends of the last 14 weeks.
        line_sector: sector by leg, -1 for legs that do not cross the line.
        zone: Mexican zone by leg, -1 for legs on which Mexico stops no one.
        place_zone: Mexican zone by place, 0 outside Mexico.
    """

    beds, courts, releases, waiting, met_in_mexico = map(_mean, MEANS)

    def __init__(self, world: World) -> None:
        """Start with zero flows and demand."""
        self.flow = np.zeros((world.n_legs, 3))
        self.baseline_flow = np.zeros((world.n_legs, 3))
        self.record = np.zeros(1, HISTORY)
        self.applied, self.calls, self.custody_hours, self._apprehended = (
            self.record[name][0] for name in ("applied", "calls", "hours", "apprehended")
        )
        self.baseline_hours = np.zeros(len(SECTORS))
        self.baseline_met, self._baseline_days = 0.0, 0
        self.weeks: deque[np.ndarray] = deque(maxlen=14)
        self._head, self._places = world.head, world.n_places
        self.line_sector = np.where(world.is_line, world.leg_sector, -1)
        self.zone = np.where(mexican_legs(world), world.leg_zone, -1)
        zones = [MX_ZONES.index(z) if z in MX_ZONES else 0 for z in world.zone]
        self.place_zone = np.array(zones)

    def update_baseline(self, traffic: np.ndarray) -> None:
        """Include a day from the last warm-up year in the baseline means.

        Args:
            traffic: persons on the day by leg, shape (legs, 3).
        """
        self._baseline_days += 1
        self.baseline_flow += (traffic - self.baseline_flow) / self._baseline_days
        hours = self.custody_hours - self.baseline_hours
        self.baseline_hours = self.baseline_hours + hours / self._baseline_days
        self.baseline_met += (self.met_in_mexico - self.baseline_met) / self._baseline_days

    def attempts(self) -> np.ndarray:
        """Return how many persons a day try to cross between ports, shape (sectors,)."""
        return self._by_sector(self.flow)

    def baseline_attempts(self) -> np.ndarray:
        """Return attempts a day, mean over the last warm-up year, shape (sectors,)."""
        return self._by_sector(self.baseline_flow)

    def _by_sector(self, flow: np.ndarray) -> np.ndarray:
        line = self.line_sector >= 0
        return np.bincount(self.line_sector[line], flow[line, :2].sum(axis=1), len(SECTORS))

    def apprehensions(self, lag: float) -> np.ndarray:
        """Return the apprehensions in a past week.

        Args:
            lag: days between the end of the week and today. Values above 90 count as 90.

        Returns:
            Persons by sector, shape (sectors,), zero before the first week.
        """
        last = int(self.record["days"][0]) - int(min(max(lag, 0), 90))
        days = np.arange(max(0, last - 7), max(0, last))
        return np.add.reduce(self._apprehended.take(days, 0, mode="wrap"))

    def traffic_into(self, lag: int) -> np.ndarray:
        """Return how many foreigners a day moved into each place, mean over four weeks.

        Args:
            lag: days between the end of the four weeks and today.

        Returns:
            Persons a day, shape (places,).
        """
        weeks = min(lag // 7, len(self.weeks) - 1)
        flow = self.weeks[-1 - weeks] if weeks >= 0 else self.flow
        into = np.zeros(self._places)
        np.add.at(into, self._head, flow[:, 1])
        return into
