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


def on_board(wanted: np.ndarray, hired: float, most: float) -> np.ndarray:
    """Return the staff of policies that is at work today.

    Staff that policies remove leaves at once; staff that they add is hired at a limited rate, the
    same share of what is asked for at every place.

    Args:
        wanted: staff beyond the staffing table that all policies ask for, by place; may be
            negative.
        hired: net number on board yesterday, at least 0.
        most: net number that can be hired in a day.

    Returns:
        Staff by place; equal to `wanted` where the limit does not bind.
    """
    joining, leaving = np.maximum(wanted, 0.0), np.minimum(wanted, 0.0)
    return leaving + joining * hired_share(float(joining.sum()), hired - float(leaving.sum()), most)


def hired_share(wanted: float, hired: float, most: float) -> float:
    """Return the share of the wanted staff that is on board.

    Args:
        wanted: staff that is asked for, at least 0.
        hired: staff on board yesterday.
        most: staff that can be hired in a day.

    Returns:
        Share from 0 to 1; exactly 1 where the limit does not bind.
    """
    return 1.0 if wanted <= hired + most else max(hired + most, 0.0) / wanted


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
