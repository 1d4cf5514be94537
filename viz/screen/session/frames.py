"""Frames of a run: one record per day, daily series, and the journeys of some people.

The screen stores frames instead of models, so that a visitor can go back in time. A
``FrameRecorder`` reads the model after each day and writes to its ``FrameLog``.
"""

from __future__ import annotations

import copy
import math
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm import measures
from agents.labels import SECTORS
from agents.outcomes import Event, Status
from viz.screen.session.agent_log import AgentLog
from viz.screen.session.journeys import JourneyLog
from viz.screen.widgets.world import frame_dtype

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel
    from abm.scenario import Scenario

WEEK = 7
_CAUGHT = Event.APPREHENDED_US
_AWAY = [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED]
_UNDER_WAY = [Status.TRAVELLING, Status.KIDNAPPED, Status.HELD_MEXICO, Status.HELD_US]
_DAILY_EVENTS = {
    "got_aways": [*_AWAY, Event.PORT_ENTRY],
    "unlawful_entries": [*_AWAY, Event.PORT_ENTRY, Event.RELEASED_US],
    "apprehended_us": [_CAUGHT],
    "apprehended_mexico": [Event.APPREHENDED_MEXICO],
    "deaths": [],  # filled with expected deaths
    "kidnapped": [Event.KIDNAPPED],
    "extorted": [Event.EXTORTED],
    "returned_unscreened": [Event.RETURNED_UNSCREENED],
    "set_out": [Event.SET_OUT],
    "in_transit": [],  # filled with the people under way at the end of the day
}
#: Names of the daily series in the order of ``FrameLog.daily``, in persons or events per day.
DAILY_FIGURES = tuple(_DAILY_EVENTS)
#: Daily series with a chart, on the page and in a replay.
CHARTED = ("got_aways", "unlawful_entries", "apprehended_mexico", "deaths")
#: 1 where a daily series counts an event, shape (events, len(DAILY_FIGURES)).
_COUNTED = np.array([[int(e in events) for events in _DAILY_EVENTS.values()] for e in Event])
_DEATHS, _IN_TRANSIT, _KIDNAPPED = map(DAILY_FIGURES.index, ("deaths", "in_transit", "kidnapped"))


def policies_begin(scenarios: Sequence[Scenario]) -> int:
    """Return the day, from 1, on which the earliest policy of any scenario begins.

    It is 1 if no policies exist, or if a policy has no start date.
    """
    policies = [(policy, scenario) for scenario in scenarios for policy in scenario.policies]
    days = ((policy.start - s.start).days + 1 if policy.start else 1 for policy, s in policies)
    return max(1, min(days, default=1))


class FrameLog:
    """Recorded days of one run. Arrays are filled up to ``len(log)``.

    Attributes:
        days: length of the run.
        dtype: `frame_dtype` of the world.
        frames: one `dtype` record per day, as bytes.
        daily: daily series, shape (days, len(DAILY_FIGURES)).
        journey_log: journeys of the followed people.
        agent_log: state and decisions of the other agents by week.
        began: day, from 1, from which frames count human costs.
    """

    def __init__(
        self, days: int, dtype: np.dtype, frames: Sequence[bytes] = (), ledger: Ledger | None = None
    ) -> None:
        """Allocate the arrays for all days.

        Args:
            days: number of days in the run.
            dtype: type of a frame.
            frames: frames that are already recorded.
            ledger: ledger of the run. Without it, `dollars` returns NaN.
        """
        self.days, self.dtype, self.frames = days, dtype, list(frames)
        self.daily = np.zeros((days, len(DAILY_FIGURES)), np.float32)
        self.journey_log, self.agent_log, self.began = JourneyLog(), AgentLog(), 1
        self._ledger = ledger

    def __len__(self) -> int:
        """Return the number of recorded days."""
        return len(self.frames)

    def frame(self, day: int) -> bytes:
        """Return a day's frame, or b"" if it is not recorded. Human costs count from `began`."""
        if not 1 <= day <= len(self.frames):
            return b""
        if self.began == 1:
            return self.frames[day - 1]
        days = (day, min(day, self.began - 1))
        record, before = (np.frombuffer(self.frames[d - 1], self.dtype).copy() for d in days)
        for name in ("dead", "kidnapped"):
            record[name] -= np.minimum(record[name], before[name])
        return record.tobytes()

    def record(self, day: int) -> np.void | None:
        """Return the frame of a day as a record, or None if the day is not recorded."""
        frame = self.frame(day)
        return np.frombuffer(frame, self.dtype)[0] if frame else None

    def series(self, name: str) -> np.ndarray:
        """Return the daily series `name`, one of `DAILY_FIGURES`, for all recorded days."""
        return self.daily[: len(self), DAILY_FIGURES.index(name)]

    def dollars(self, day: int) -> tuple[float, float]:
        """Return the dollars that policies spent up to a day, and the dollars planned until then.

        Args:
            day: the last day to include.

        Returns:
            Both sums over all payers. They are NaN if no ledger exists, or if the day has not
            been recorded yet.
        """
        if self._ledger is None or not 1 <= day <= len(self):
            return math.nan, math.nan
        ledger = _until(self._ledger, day)
        spent = math.fsum(measures.dollars(ledger).values())
        return spent, spent + math.fsum(measures.dollars_unspent(ledger).values())


def _until(ledger: Ledger, day: int) -> Ledger:
    """Return a copy of a ledger that ends with `day` and shares the arrays."""
    earlier = copy.copy(ledger)
    earlier.day = day
    return earlier


class FrameRecorder:
    """Recorder of one model, which writes a frame per day."""

    def __init__(self, model: BorderModel) -> None:
        """Start recording a model whose warm-up is over."""
        dtype = frame_dtype(model.world.n_legs, model.world.n_places)
        self.model = model
        self.log = FrameLog(model.settings.days, dtype, ledger=model.ledger)
        self._field_max = {name: np.iinfo(dtype[name].base).max for name in dtype.names or ()}
        self._totals = deque([(model.ledger.day, *self._flow_and_sector())])
        # These attributes hold totals since the start.
        self._dead, self._kidnapped = np.zeros(len(SECTORS) + 1), 0.0

    def _flow_and_sector(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the persons on each leg and the events in each sector since the start."""
        return self.model.ledger.flow.copy(), self.model.ledger.by_sector.sum(axis=2)

    def record(self) -> bytes:
        """Record the days simulated since the last call, and return the frame of the last day."""
        model, ledger, log, day = self.model, self.model.ledger, self.log, self.model.ledger.day
        days = slice(len(log), day)
        self._totals.append((day, *self._flow_and_sector()))
        while len(self._totals) > 2 and self._totals[1][0] <= day - WEEK:
            self._totals.popleft()
        log.daily[days] = daily_figures(ledger, days.start)
        self._dead += ledger.expected_deaths[days].sum(axis=0)
        self._kidnapped += float(log.daily[days, _KIDNAPPED].sum())
        frame = self._frame(day).tobytes()
        log.frames += [frame] * (day - days.start)
        log.journey_log.update(model, day)
        log.agent_log.update(model, day)
        return frame

    def _frame(self, day: int) -> np.ndarray:
        """Build the record of a day, with flows and counts at the line for the last week.

        If days were not recorded one by one, the weekly values are means over a longer period.
        """
        model, record = self.model, np.zeros((), self.log.dtype)
        (first, *before), (last, *after) = self._totals[0], self._totals[-1]
        share = min(1.0, WEEK / max(1, last - first))
        flow, sector = (share * (b - a) for a, b in zip(before, after, strict=True))
        values = {
            "day": day,
            "flow": flow[:, :2].sum(axis=1) / max(1, min(last - first, WEEK)),
            "stopped": flow[:, 2],
            "caught": sector[_CAUGHT],
            "away": sector[_AWAY].sum(axis=0),
            "dead": 1000.0 * self._dead,
            "kidnapped": self._kidnapped,
            "officers": model.forces.standing_officers(),
            "cells": _cells(model),
            "agents": model.patrol.on_the_line(),
        }
        for name, value in values.items():
            record[name] = np.maximum(0, np.minimum(np.rint(value), self._field_max[name]))
        return record


def daily_figures(ledger: Ledger, first: int = 0) -> np.ndarray:
    """Compute the daily series with the definitions of ``abm.measures``.

    Args:
        ledger: ledger of a run.
        first: first day to include, from 0.

    Returns:
        float32, shape (days, len(DAILY_FIGURES)).
    """
    days = slice(first, ledger.day)
    figures = (ledger.events[days].sum(axis=(2, 3)) @ _COUNTED).astype(np.float32)
    figures[:, _DEATHS] = ledger.expected_deaths[days].sum(axis=1)
    figures[:, _IN_TRANSIT] = ledger.stock[days].sum(axis=1)[:, _UNDER_WAY].sum(axis=1)
    return figures


def got_aways_by_sector(ledger: Ledger) -> dict[str, float]:
    """Return got-aways between ports by sector, in persons per year over the recorded days."""
    persons = ledger.by_sector[_AWAY].sum(axis=(0, 2)) * (365.0 / max(1, ledger.day))
    return dict(zip(SECTORS, persons.tolist(), strict=True))


def _cells(model: BorderModel) -> np.ndarray:
    """Count the cells of all organisations by place. A moving cell counts at its last place."""
    places = [cell.place for agent in model.market.agents.values() for cell in agent.cells]
    return np.bincount(places, minlength=model.world.n_places)
