"""Limits of an agency, for both countries: the tempo that it can hold and the staff it can hire.

Policies set levers to what they ask for; the limits apply to the sum of all that is asked. The
agency works what its limits allow, and the money for the rest is not spent.
"""

from __future__ import annotations

import numpy as np

DAYS_A_YEAR = 365.0
REST = 0.5  # days above the limit that a day at or below it makes good; [A]


def worked_tempo(
    wanted: np.ndarray, days_above: np.ndarray, most: float, days: float
) -> np.ndarray:
    """Return the tempo that is worked.

    Args:
        wanted: tempo that all sources ask for, 1 in the base year.
        days_above: days above `most` that have not been made good by rest, in the same shape.
        most: tempo that can be held without end.
        days: days for which a higher tempo can be worked.

    Returns:
        `wanted`, and at most `most` where the days are used up.
    """
    return np.where(days_above >= days, np.minimum(wanted, most), wanted)


def next_days_above(
    wanted: np.ndarray, days_above: np.ndarray, most: float, days: float
) -> np.ndarray:
    """Return the days above the limit after a day.

    They do not fall while a tempo above the limit is asked for, so that a limited agency cannot
    return to the higher tempo before it has rested.

    Args:
        wanted, days_above, most, days: as in :func:`worked_tempo`.

    Returns:
        Days, from 0 to `days`.
    """
    rested = np.maximum(days_above - REST, 0.0)
    return np.where(wanted > most, np.minimum(days_above + 1.0, days), rested)


def hired_share(wanted: np.ndarray, hired: float, most: float) -> float:
    """Return the share of the staff that joins which is on board today.

    Args:
        wanted: staff beyond the staffing table that all policies ask for, by place; negative where
            policies remove staff.
        hired: net number on board yesterday, at least 0.
        most: net number that can be hired in a day.

    Returns:
        Share from 0 to 1; exactly 1 where the limit does not bind.
    """
    total = float(wanted.sum())
    if total <= hired + most:
        return 1.0
    leaving = float(np.minimum(wanted, 0.0).sum())
    return max(hired + most - leaving, 0.0) / (total - leaving)


def on_board(wanted: np.ndarray, share: float) -> np.ndarray:
    """Return the staff of policies that is at work today, by place.

    Staff that policies remove leaves at once; of the staff that they add, the same share is on
    board at every place.

    Args:
        wanted: staff beyond the staffing table that all policies ask for, by place.
        share: share of the staff that joins which is on board.

    Returns:
        Staff by place; `wanted` if the share is 1.
    """
    return wanted if share == 1.0 else np.where(wanted > 0.0, wanted * share, wanted)


def delivered_share(asked: np.ndarray, delivered: np.ndarray) -> float:
    """Return the share of an increase that is delivered.

    Args:
        asked: increase that policies ask for; decreases do not count.
        delivered: the increase that is delivered, in the same shape.

    Returns:
        Share from 0 to 1; exactly 1 if nothing is cut.
    """
    increase = np.maximum(asked, 0.0)
    cut = np.clip(asked - delivered, 0.0, increase)
    if not cut.any():
        return 1.0
    return 1.0 - float(cut.sum()) / float(increase.sum())
