"""Doses of the episode of 2014, member by member: Mexico's interceptions follow the Mexican series.

A dose is set on what Mexico did and on nothing else, so everything at the U.S. line stays a
prediction. Members differ in how people answer, so the same series takes another dose in each, and
under each of the three supplies. Interceptions have a maximum in effort: doses are tried one after
the other from below and the nearest is kept, so that a series out of reach is seen as a ratio that
falls short.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from abm.world import geography
from experiments import scenarios, statistics
from experiments.calibration.draw_store import content_hash
from experiments.run import Case, run_one

POLICY = "southern_border_control"
DAYS = 942  # 1 October 2012 to 30 April 2015
FIRST_DOSE, SLOPE = 2.0, 0.6  # first dose tried, and rise of ln interceptions with ln(1 + dose)
LOWEST, HIGHEST = 0.1, 6.0
TRIES = 3
_SHARES = "mexico/mexico_share_of_apprehensions.csv"


@dataclass(frozen=True)
class DoseTask:
    """A member whose doses are to be found."""

    key: str
    settings: dict[str, Any]
    scale: int
    seed: int


@dataclass(frozen=True)
class Doses:
    """Doses by supply (a, b, c), and the rise of Mexican interceptions that each gave."""

    key: str
    doses: dict[str, float]
    rises: dict[str, float]


def observed_rise() -> float:
    """Mexico's interceptions of October 2014 to April 2015 over those of a year before."""
    before, after = (
        float(geography.rows_where(_SHARES, period=period)[0]["mexico"])
        for period in ("Oct 2013-Apr 2014", "Oct 2014-Apr 2015")
    )
    return after / before


def find_doses(task: DoseTask) -> Doses:
    """Find the doses of a member, by default under all three supplies."""
    from experiments.episodes import SUPPLIES

    doses, rises = {}, {}
    for letter, supply in SUPPLIES.items():
        doses[letter], rises[letter] = _dose(task, supply)
    return Doses(task.key, doses, rises)


def _dose(task: DoseTask, supply: str) -> tuple[float, float]:
    """The dose tried that came nearest, and its rise."""
    aim = math.log(observed_rise())
    at, slope = math.log1p(FIRST_DOSE), SLOPE
    tried: list[tuple[float, float]] = []
    for _ in range(TRIES):
        tried.append((at, math.log(simulated_rise(task, supply, math.expm1(at)))))
        if len(tried) > 1 and abs(tried[-1][0] - tried[-2][0]) > 1e-6:
            (x0, r0), (x1, r1) = tried[-2:]
            slope = max(0.2, (r1 - r0) / (x1 - x0))
        at += (aim - tried[-1][1]) / slope
        at = min(math.log1p(HIGHEST), max(math.log1p(LOWEST), at))
    nearest = min(tried, key=lambda one: abs(one[1] - aim))
    return round(math.expm1(nearest[0]), 4), math.exp(nearest[1])


def simulated_rise(task: DoseTask, supply: str, dose: float) -> float:
    """The rise of Mexican interceptions under a dose."""
    changes = {"scale": task.scale, "supply": supply, "days": DAYS} | task.settings
    scenario = with_dose(scenarios.find("history_2014").with_settings(changes), dose)
    run = run_one(Case(scenario, task.seed))
    before, after = (
        statistics.total(run, "apprehended_mexico", window)
        for window in (statistics.WINTER_BEFORE, statistics.WINTER_AFTER)
    )
    return max(after, 1.0) / max(before, 1.0)


def with_dose(scenario: Any, dose: float) -> Any:
    """The scenario with another dose of Mexico's plan."""
    uses = tuple(replace(use, dose=dose) if use.id == POLICY else use for use in scenario.policies)
    return scenario.with_settings({"policies": uses})


def dose_task(name: str, settings: Mapping[str, Any], scale: int, seed: int) -> DoseTask:
    """A task for these settings; those of the run itself are left out."""
    own = {path: value for path, value in settings.items() if path not in ("days", "scale")}
    return DoseTask(f"{name}-{content_hash(own, scale, seed)}", own, scale, seed)
