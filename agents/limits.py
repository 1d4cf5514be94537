"""Agency limits, for both countries: the tempo that it can hold and the staff it can hire.

A tempo above `tempo_most` can be worked for some days, and one above `tempo_cap` on no day.
Policies set levers to the staff and tempo that they request. The limits apply to all requests
together. The agency works within its limits, and the money for the rest is not spent. Requests
follow the planned doses (`Levers.requested`): a policy's effect multiplies what the delivered staff
and hours do, and changes neither what is hired or worked nor the dollars.
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
    """Declare the days for which a high tempo can be worked, as a parameter field."""
    return param(
        90.0,
        unit="days",
        low=0.0,
        high=3_650.0,
        doc="Days for which a higher tempo can be worked before rest is needed.",
    )


def tempo_cap(default: float, source: str) -> Any:
    """Declare the tempo that cannot be exceeded, as a parameter field.

    Args:
        default: tempo, 1 in the base year.
        source: where the value comes from.
    """
    return param(
        default,
        unit="ratio",
        low=1.0,
        high=50.0,
        doc="Largest tempo, over the base year, on any day.",
        source=source,
    )


class AgencyLimits:
    """Limits of an agency and the state on which they depend.

    Attributes:
        params: agency parameters.
        days_above: days above the tempo that can be held, by place or sector.
    """

    def __init__(self, params: LimitParams, size: int) -> None:
        """Create a rested agency's state.

        Args:
            params: agency parameters.
            size: places or sectors.
        """
        self.params, self.days_above = params, np.zeros(size)

    def binds_tempo(self, requested: np.ndarray) -> bool:
        """Return whether any place may be unable to work the requested tempo.

        A necessary condition, cheaper to check than the tempo: where the days with high tempo are
        used up at one place, the request there may still be within `tempo_most`.

        Args:
            requested: lever: tempo beyond the base year, by place or sector.

        Returns:
            Whether limits apply, and the days with high tempo are used up at a place or the largest
            request exceeds the cap.
        """
        p = self.params
        if not p.limits:
            return False
        used_up = float(np.maximum.reduce(self.days_above)) >= p.tempo_days
        return used_up or 1.0 + float(np.maximum.reduce(requested)) > p.tempo_cap

    def tempo(self, requested: np.ndarray, acting: np.ndarray | None = None) -> np.ndarray:
        """Return the tempo that is worked today, 1 in the base year.

        Args:
            requested: lever: tempo beyond the base year, by place or sector.
            acting: the same with policy effects, acting by the worked share, default `requested`.

        Returns:
            Tempo in the same shape, at least 0.
        """
        worked = self._worked(requested)
        if acting is None or acting is requested:
            return worked
        share = np.divide(
            worked - 1.0, requested, out=np.ones_like(requested), where=requested > 0.0
        )
        return np.maximum(1.0 + acting * share, 0.0)

    def _worked(self, requested: np.ndarray) -> np.ndarray:
        """Return the requested tempo within the limits, at least 0."""
        target, p = np.maximum(1.0 + requested, 0.0), self.params
        if not np.count_nonzero(requested) or not self.binds_tempo(
            requested
        ):  # no limit is below 1
            return target
        sustained = np.minimum(target, p.tempo_most)
        worked = np.where(self.days_above >= p.tempo_days, sustained, target)
        return np.minimum(worked, p.tempo_cap)

    def delivered_tempo(self, requested: np.ndarray, staff: np.ndarray) -> float:
        """Return the worked share of the additional tempo, weighted by staff.

        Args:
            requested: lever: tempo beyond the base year, by place or sector.
            staff: staff at work, in the same shape.

        Returns:
            Share from 0 to 1.
        """
        worked = staff * np.maximum(self._worked(requested) - 1.0, 0.0)
        return delivered_share(staff * requested, worked)

    def hired_share(self, target: np.ndarray, hired: float, capacity: float) -> float:
        """Return which share of added staff is on board today, 1 without limits.

        Args:
            target: requested staff beyond the staffing table, by place, shape (size,).
            hired: net number on board yesterday, at least 0.
            capacity: net number that can be hired in a day.

        Returns:
            Share from 0 to 1.
        """
        if not self.params.limits or not np.count_nonzero(target):
            return 1.0
        return hired_share(target, hired, capacity)

    def end_day(self, requested: np.ndarray) -> None:
        """Count the days above the tempo limit, when a day ends.

        They do not fall while a tempo above the limit is requested, so that a limited agency cannot
        return to the higher tempo before it has rested.

        Args:
            requested: lever: tempo beyond the base year, by place or sector.
        """
        p, days = self.params, self.days_above
        if np.count_nonzero(requested) or np.count_nonzero(days):
            rested, tired = np.maximum(days - REST, 0.0), np.minimum(days + 1.0, p.tempo_days)
            self.days_above = np.where(1.0 + requested > p.tempo_most, tired, rested)


def hired_share(target: np.ndarray, hired: float, capacity: float) -> float:
    """Return which share of added staff is on board today.

    Args:
        target: staff beyond the staffing table that all policies request, by place, negative where
            policies remove staff.
        hired: net number on board yesterday, at least 0.
        capacity: net number that can be hired in a day.

    Returns:
        Share from 0 to 1, exactly 1 where the limit does not bind.
    """
    total = float(np.add.reduce(target))
    if total <= hired + capacity:
        return 1.0
    leaving = float(np.add.reduce(np.minimum(target, 0.0)))
    return max(hired + capacity - leaving, 0.0) / (total - leaving)


def on_board(target: np.ndarray, share: float) -> np.ndarray:
    """Return the policies' staff at work today, by place.

    Removed staff leaves at once. Of added staff, the same share is on board at every place.

    Args:
        target: staff beyond the staffing table that all policies request, by place.
        share: on-board share of added staff.

    Returns:
        Staff by place, `target` if the share is 1.
    """
    return target if share == 1.0 else np.where(target > 0.0, target * share, target)


def delivered_share(requested: np.ndarray, delivered: np.ndarray) -> float:
    """Return the delivered share of an increase.

    Args:
        requested: increase that policies request, by place. Decreases do not count.
        delivered: the increase that is delivered, in the same shape.

    Returns:
        Share from 0 to 1, exactly 1 if nothing is cut.
    """
    increase = np.maximum(requested, 0.0)
    cut = np.clip(requested - delivered, 0.0, increase)
    if not np.count_nonzero(cut):
        return 1.0
    return 1.0 - float(np.add.reduce(cut)) / float(np.add.reduce(increase))
