"""Limits of an agency, for both countries: the tempo that it can hold and the staff it can hire.

A tempo above `tempo_most` can be worked for some days, and one above `tempo_cap` on no day.
Policies set levers to the staff and tempo that they request; the limits apply to the sum of all
requests. The agency works within its limits, and the money for the rest is not spent. Requests are
those of the planned doses (`Levers.requested`): the effect of a policy multiplies what the
delivered staff and hours do, and changes neither what is hired or worked nor the dollars.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from agents.param import param

DAYS_A_YEAR = 365.0
REST = 0.5  # days above the limit for which a day at or below it compensates; [A]


class LimitParams(Protocol):
    """The parameters of an agency that limit it."""

    @property
    def limits(self) -> bool:
        """Whether tempo and hiring are limited."""
        ...

    @property
    def tempo_most(self) -> float:
        """Tempo that can be held indefinitely, 1 in the base year."""
        ...

    @property
    def tempo_days(self) -> float:
        """Days for which a higher tempo can be worked."""
        ...

    @property
    def tempo_cap(self) -> float:
        """Tempo that cannot be exceeded on any day, 1 in the base year."""
        ...


def limits_switch() -> Any:
    """Declare whether an agency is limited, as a field of its parameters."""
    return param(
        True,
        unit="yes or no",
        low=0,
        high=1,
        doc="Whether tempo and hiring are limited.",
        source="[S] switch",
    )


def days_of_high_tempo() -> Any:
    """Declare the days for which a high tempo can be worked, as a field of the parameters."""
    return param(
        90.0,
        unit="days",
        low=0.0,
        high=3_650.0,
        doc="Days for which a higher tempo can be worked before rest is needed.",
    )


def tempo_cap(default: float, source: str) -> Any:
    """Declare the tempo that cannot be exceeded, as a field of the parameters.

    Args:
        default: tempo, 1 in the base year.
        source: source of the value.
    """
    return param(
        default,
        unit="ratio",
        low=1.0,
        high=50.0,
        doc="Tempo of operations, over that of the base year, that cannot be exceeded on any day.",
        source=source,
    )


class AgencyLimits:
    """Limits of an agency and the state on which they depend.

    Attributes:
        params: parameters of the agency.
        days_above: days above the tempo that can be held, by place or sector.
    """

    def __init__(self, params: LimitParams, size: int) -> None:
        """Create the state of an agency that has rested.

        Args:
            params: parameters of the agency.
            size: number of places or sectors.
        """
        self.params, self.days_above = params, np.zeros(size)

    def binds_tempo(self, asked: np.ndarray) -> bool:
        """Return whether any place may be unable to work the tempo that is requested of it.

        A necessary condition, cheaper to check than the tempo: where the days of a high tempo are
        used up at one place, the request there may still be within `tempo_most`.

        Args:
            asked: lever: tempo beyond that of the base year, by place or sector.

        Returns:
            Whether limits apply, and the days of a high tempo are used up at a place or the
            largest request exceeds the cap.
        """
        p = self.params
        if not p.limits:
            return False
        used_up = float(np.maximum.reduce(self.days_above)) >= p.tempo_days
        return used_up or 1.0 + float(np.maximum.reduce(asked)) > p.tempo_cap

    def tempo(self, asked: np.ndarray, acting: np.ndarray | None = None) -> np.ndarray:
        """Return the tempo that is worked today; 1 in the base year.

        Args:
            asked: lever: tempo beyond that of the base year, by place or sector.
            acting: the same with the effects of policies, of which the share that is worked acts;
                default `asked`.

        Returns:
            Tempo in the same shape, at least 0.
        """
        worked = self._worked(asked)
        if acting is None or acting is asked:
            return worked
        share = np.divide(worked - 1.0, asked, out=np.ones_like(asked), where=asked > 0.0)
        return np.maximum(1.0 + acting * share, 0.0)

    def _worked(self, asked: np.ndarray) -> np.ndarray:
        """Return the requested tempo within the limits, at least 0."""
        wanted, p = np.maximum(1.0 + asked, 0.0), self.params
        if not np.count_nonzero(asked) or not self.binds_tempo(asked):  # no limit is below 1
            return wanted
        worked = worked_tempo(wanted, self.days_above, p.tempo_most, p.tempo_days)
        return np.minimum(worked, p.tempo_cap)

    def delivered_tempo(self, asked: np.ndarray, staff: np.ndarray) -> float:
        """Return the share of the additional tempo that is worked, weighted by staff.

        Args:
            asked: lever: tempo beyond that of the base year, by place or sector.
            staff: staff at work, in the same shape.

        Returns:
            Share from 0 to 1.
        """
        worked = staff * np.maximum(self._worked(asked) - 1.0, 0.0)
        return delivered_share(staff * asked, worked)

    def hired_share(self, wanted: np.ndarray, hired: float, most: float) -> float:
        """Return the share of the added staff that is on board today; 1 without limits.

        Args:
            wanted: requested staff beyond the staffing table, by place, shape (size,).
            hired: net number on board yesterday, at least 0.
            most: net number that can be hired in a day.

        Returns:
            Share from 0 to 1.
        """
        if not self.params.limits or not np.count_nonzero(wanted):
            return 1.0
        return hired_share(wanted, hired, most)

    def end_day(self, asked: np.ndarray) -> None:
        """Count the days above the limit of the tempo, at the end of a day.

        Args:
            asked: lever: tempo beyond that of the base year, by place or sector.
        """
        p = self.params
        if np.count_nonzero(asked) or np.count_nonzero(self.days_above):
            self.days_above = next_days_above(
                1.0 + asked, self.days_above, p.tempo_most, p.tempo_days
            )


def worked_tempo(
    wanted: np.ndarray, days_above: np.ndarray, most: float, days: float
) -> np.ndarray:
    """Return the tempo that is worked.

    Args:
        wanted: tempo requested by all sources, 1 in the base year.
        days_above: days above `most` without a compensating rest, in the same shape.
        most: tempo that can be held indefinitely.
        days: days for which a higher tempo can be worked.

    Returns:
        `wanted`, and at most `most` where the days are used up.
    """
    return np.where(days_above >= days, np.minimum(wanted, most), wanted)


def next_days_above(
    wanted: np.ndarray, days_above: np.ndarray, most: float, days: float
) -> np.ndarray:
    """Return the days above the limit after a day.

    They do not fall while a tempo above the limit is requested, so that a limited agency cannot
    return to the higher tempo before it has rested.

    Args:
        wanted: tempo requested by all sources, 1 in the base year.
        days_above: days above `most` at the start of the day, in the same shape.
        most: tempo that can be held indefinitely.
        days: days for which a higher tempo can be worked.

    Returns:
        Days in the same shape, from 0 to `days`.
    """
    rested = np.maximum(days_above - REST, 0.0)
    return np.where(wanted > most, np.minimum(days_above + 1.0, days), rested)


def hired_share(wanted: np.ndarray, hired: float, most: float) -> float:
    """Return the share of the added staff that is on board today.

    Args:
        wanted: staff beyond the staffing table that all policies request, by place; negative where
            policies remove staff.
        hired: net number on board yesterday, at least 0.
        most: net number that can be hired in a day.

    Returns:
        Share from 0 to 1; exactly 1 where the limit does not bind.
    """
    total = float(np.add.reduce(wanted))
    if total <= hired + most:
        return 1.0
    leaving = float(np.add.reduce(np.minimum(wanted, 0.0)))
    return max(hired + most - leaving, 0.0) / (total - leaving)


def on_board(wanted: np.ndarray, share: float) -> np.ndarray:
    """Return the staff of policies that is at work today, by place.

    Removed staff leaves at once; of the added staff, the same share is on board at every place.

    Args:
        wanted: staff beyond the staffing table that all policies request, by place.
        share: share of the added staff that is on board.

    Returns:
        Staff by place; `wanted` if the share is 1.
    """
    return wanted if share == 1.0 else np.where(wanted > 0.0, wanted * share, wanted)


def delivered_share(asked: np.ndarray, delivered: np.ndarray) -> float:
    """Return the share of an increase that is delivered.

    Args:
        asked: increase that policies request, by place; decreases do not count.
        delivered: the increase that is delivered, in the same shape.

    Returns:
        Share from 0 to 1; exactly 1 if nothing is cut.
    """
    increase = np.maximum(asked, 0.0)
    cut = np.clip(asked - delivered, 0.0, increase)
    if not np.count_nonzero(cut):
        return 1.0
    return 1.0 - float(np.add.reduce(cut)) / float(np.add.reduce(increase))
