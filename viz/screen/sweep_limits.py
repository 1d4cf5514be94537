"""Limits on sweeps that are started on the screen, declared for one user and for a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.param import param

_DAYS = 365.0


def _cap(default: float, unit: str, doc: str) -> Any:
    """Declare a limit [A]."""
    return param(default, unit=unit, low=1, high=1e15, doc=doc)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCaps:
    """Limits on one sweep, and on the folder of all sweeps."""

    runs: int = _cap(10_000, "runs", "Runs of one sweep.")
    levels: int = _cap(30, "values", "Values of one row of the form.")
    seeds: int = _cap(200, "seeds", "Seeds of one sweep.")
    migrants: int = _cap(
        10_000_000_000, "simulated migrants", "In all runs of a sweep: about a day on two cores."
    )
    folders: int = _cap(150, "folders", "Sweeps in the folder; a list has 200 at most.")
    workers: int = _cap(64, "processes", "Runs at a time; never more than there are cores.")


SWEEPS_ALONE = SweepCaps()
"""For a single user on their own machine."""

SWEEPS_CLASS = SweepCaps(runs=200, levels=10, seeds=10, migrants=20_000_000, folders=40, workers=1)
"""For a class: about five minutes of one core, so that the worlds of the others stay fast."""


def migrants_in(per_year: int, days: int, runs: int) -> int:
    """Return the simulated migrants of a sweep.

    Args:
        per_year: of one run, in its first year or the shorter time that it lasts.
        days: days of a run.
        runs: number of runs.
    """
    return round(per_year * max(1.0, days / _DAYS) * runs)
