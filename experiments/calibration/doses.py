"""Doses of the episode of 2014, by member, from the Mexican series of interceptions.

A dose is determined from Mexican interceptions only, so all figures at the U.S. line remain
predictions. Members differ in their responses, so the same series needs another dose in each of
them and under each of the three supplies. Interceptions have a maximum as a function of effort:
doses are increased from a small value, and the dose with the closest ratio is selected. If the
series cannot be reached, the stored rise is lower than the observed one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from abm.world import geography
from experiments import scenarios, statistics
from experiments.calibration.draw_store import content_hash
from experiments.case import Case
from experiments.run import run_one

POLICY = "southern_border_control"
#: Supply series of the episode of 2014 by letter.
SUPPLIES = {
    "a": "to_june_2014_level_2013",
    "b": "to_june_2014_mean_24",
    "c": "to_june_2014_mean_12",
}
DAYS = 942  # 1 October 2012 to 30 April 2015
FIRST_DOSE, SLOPE = 2.0, 0.6  # first dose tried, and rise of ln interceptions with ln(1 + dose)
LOWEST, HIGHEST = 0.1, 6.0
TRIES = 3
_SHARES = "mexico/mexico_share_of_apprehensions.csv"


@dataclass(frozen=True)
class DoseTask:
    """A member whose doses are to be determined."""

    key: str
    settings: dict[str, Any]
    scale: int
    seed: int


@dataclass(frozen=True)
class Doses:
    """Doses by supply (a, b, c), and the rise of Mexican interceptions under each."""

    key: str
    doses: dict[str, float]
    rises: dict[str, float]


def observed_rise() -> float:
    """Return Mexico's interceptions of October 2014 to April 2015 over those of the year before."""
    before, after = (
        float(geography.rows_where(_SHARES, period=period)[0]["mexico"])
        for period in ("Oct 2013-Apr 2014", "Oct 2014-Apr 2015")
    )
    return after / before


def find_doses(task: DoseTask) -> Doses:
    """Determine the doses of a member under the three supplies."""
    doses, rises = {}, {}
    for letter, supply in SUPPLIES.items():
        doses[letter], rises[letter] = _dose(task, supply)
    return Doses(task.key, doses, rises)


def _dose(task: DoseTask, supply: str) -> tuple[float, float]:
    """Return the tried dose whose rise is nearest to the observed one, and its rise."""
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
    """Simulate the rise of Mexican interceptions under a dose.

    Args:
        task: settings, scale and seed.
        supply: name of the supply series.
        dose: dose of Mexico's plan.

    Returns:
        Interceptions of the second winter over those of the first.
    """
    changes = {"scale": task.scale, "supply": supply, "days": DAYS} | task.settings
    scenario = with_dose(scenarios.find("history_2014").with_settings(changes), dose)
    run = run_one(Case(scenario, task.seed))
    before, after = (
        statistics.total(run, "apprehended_mexico", window)
        for window in (statistics.WINTER_BEFORE, statistics.WINTER_AFTER)
    )
    return max(after, 1.0) / max(before, 1.0)


def with_dose(scenario: Any, dose: float) -> Any:
    """Return the scenario with another dose of Mexico's plan.

    Args:
        scenario: a scenario with the policy ``POLICY``.
        dose: the dose.

    Returns:
        The changed scenario.
    """
    uses = tuple(replace(use, dose=dose) if use.id == POLICY else use for use in scenario.policies)
    return scenario.with_settings({"policies": uses})


def dose_task(name: str, settings: Mapping[str, Any], scale: int, seed: int) -> DoseTask:
    """Return a task for settings, without those of the run itself.

    Args:
        name: first part of the key.
        settings: dotted settings of a member.
        scale: persons per simulated migrant.
        seed: seed of the runs.

    Returns:
        The task; its key identifies all inputs.
    """
    own = {path: value for path, value in settings.items() if path not in ("days", "scale")}
    return DoseTask(f"{name}-{content_hash(own, scale, seed)}", own, scale, seed)
