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
    migrants: int = _cap(10_000_000_000, "simulated migrants", "In all runs of a sweep.")
    folders: int = _cap(150, "folders", "Sweeps in the folder; a list has 200 at most.")
    workers: int = _cap(64, "processes", "Runs at a time; never more than there are cores.")


SWEEPS_ALONE = SweepCaps()
"""For a single user on their own machine."""

SWEEPS_CLASS = SweepCaps(runs=200, levels=10, seeds=10, migrants=20_000_000, folders=40, workers=1)
"""For a class: one process, so that the worlds of the others stay fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCaps:
    """Limits on the sweeps of one visitor and of one client address, on a shared server.

    Sweeps run one at a time and in one process there, so that their time is also the largest
    processor time. The limits of an address leave a third of an hour to others.
    """

    seconds: float = _cap(
        600.0, "seconds", "Run time of one start; the sweep then stops and can be resumed."
    )
    visitor_seconds: float = _cap(1200.0, "seconds", "Run time of a visitor's sweeps in an hour.")
    address_seconds: float = _cap(
        2400.0, "seconds", "Run time in an hour of the sweeps from one client address."
    )
    visitor_sweeps: int = _cap(8, "sweeps", "New sweeps of one visitor in the folder.")
    address_sweeps: int = _cap(
        20, "sweeps", "New sweeps from one client address in the folder: half of it."
    )
    absence: float = _cap(
        120.0,
        "seconds",
        "Without a message from the page, until its sweep yields to another visitor.",
    )


TURNS = TurnCaps()
"""For a class."""


def migrants_in(per_year: int, days: int, runs: int) -> int:
    """Return the simulated migrants of a sweep.

    Args:
        per_year: of one run, in its first year or the shorter time that it lasts.
        days: days of a run.
        runs: number of runs.
    """
    return round(per_year * max(1.0, days / _DAYS) * runs)
