"""Doses of Mexico's measures of 2014 and 2019, by member, from the Mexican series of interceptions.

A dose is determined from Mexican interceptions only, so all figures at the U.S. line remain
predictions. Members differ in their responses, so the same series needs another dose in each of
them and under each supply. Interceptions have a maximum as a function of effort, so two doses may
give the same ratio. The smaller one is selected: the doses of ``LADDER`` are tried in increasing
order until one exceeds the observed ratio, and the dose is interpolated between the last two. If no
dose gives the observed ratio, the one with the closest ratio is selected, and the stored ratio
(``rises``) shows the difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from abm.world import geography
from experiments import scenarios, statistics
from experiments.calibration.draw_store import content_hash
from experiments.case import Case
from experiments.run import run_one

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Supply series of the episode of 2014 by letter.
SUPPLIES = {
    "a": "to_june_2014_level_2013",
    "b": "to_june_2014_mean_24",
    "c": "to_june_2014_mean_12",
}
LOWEST, HIGHEST = 0.1, 6.0
LADDER = (1.0, 2.5, HIGHEST)  # doses that are tried first
CLOSE = 0.02  # difference from the observed log ratio at which the search ends
INTERPOLATIONS = 2
TRIES = len(LADDER) + INTERPOLATIONS  # most runs of a search


@dataclass(frozen=True, slots=True)
class ObservedSeries:
    """Mexican interceptions before and after a change, from the rows of a packaged table.

    Attributes:
        file: table.
        value: column of the interceptions.
        column: column that selects the rows; ``before`` and ``after`` are its values. Several rows
            are averaged.
        where: other columns that select the rows, and their values.
    """

    file: str
    value: str
    column: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()

    def rise(self) -> float:
        """Return mean interceptions after the change over those before it."""
        return self._mean(self.after) / self._mean(self.before)

    def _mean(self, keys: tuple[str, ...]) -> float:
        """Return the mean of rows."""
        rows = [
            geography.rows_where(self.file, **dict(self.where), **{self.column: key})[0]
            for key in keys
        ]
        return sum(float(row[self.value]) for row in rows) / len(rows)


@dataclass(frozen=True, slots=True)
class DoseEpisode:
    """An episode whose dose follows Mexican interceptions.

    Attributes:
        policy: instrument whose dose is determined.
        scenario: name of the historical scenario, which uses the policy.
        supply: name of the supply series.
        days: days to simulate from the start of the scenario, to the end of the window ``after``.
        before, after: first and last month whose interceptions are compared.
        series: observed interceptions in both windows.
    """

    policy: str
    scenario: str
    supply: str
    days: int
    before: statistics.Window
    after: statistics.Window
    series: ObservedSeries


_WINTERS = ObservedSeries(
    "mexico/mexico_share_of_apprehensions.csv",
    "mexico",
    "period",
    before=("Oct 2013-Apr 2014",),
    after=("Oct 2014-Apr 2015",),
)
_SUMMER_2019 = ObservedSeries(
    "mexico/mx_inm_monthly.csv",
    "apprehensions",
    "month",
    before=("2019-04", "2019-05"),
    after=("2019-06", "2019-07", "2019-08", "2019-09"),
    where=(("nationality", "Central America"),),
)
#: Episodes by key of ``Member.doses``: 2014 under each of three supplies, and 2019.
EPISODES: dict[str, DoseEpisode] = {
    letter: DoseEpisode(
        policy="southern_border_control",
        scenario="history_2014",
        supply=supply,
        days=942,  # 1 October 2012 to 30 April 2015
        before=statistics.WINTER_BEFORE,
        after=statistics.WINTER_AFTER,
        series=_WINTERS,
    )
    for letter, supply in SUPPLIES.items()
} | {
    "2019": DoseEpisode(
        policy="rural_gendarmerie",
        scenario="history_2019",
        supply="to_may_2019_mean_12",
        days=730,  # 1 October 2017 to 30 September 2019
        before=("2019-04", "2019-05"),
        after=("2019-06", "2019-09"),
        series=_SUMMER_2019,
    )
}


@dataclass(frozen=True)
class DoseTask:
    """A member whose doses are to be determined."""

    key: str
    settings: dict[str, Any]
    scale: int
    seed: int


@dataclass(frozen=True)
class Doses:
    """Doses by key of ``EPISODES``, and the ratio of Mexican interceptions under each."""

    key: str
    doses: dict[str, float]
    rises: dict[str, float]


def find_doses(task: DoseTask) -> Doses:
    """Determine the doses of a member in all episodes."""
    doses, rises = {}, {}
    for key, episode in EPISODES.items():
        doses[key], rises[key] = _dose(task, episode)
    return Doses(task.key, doses, rises)


def _dose(task: DoseTask, episode: DoseEpisode) -> tuple[float, float]:
    """Return the tried dose whose rise is nearest to the observed one, and its rise."""
    excess: dict[float, float] = {}  # log of the simulated over the observed ratio, by dose

    def above(dose: float) -> bool:
        if dose not in excess:
            rise = simulated_rise(task, episode, dose)
            excess[dose] = math.log(rise / episode.series.rise())
        return excess[dose] > 0.0

    low, high = _bracket(above, excess)
    for _ in range(INTERPOLATIONS):
        if low == high or min(map(abs, excess.values())) <= CLOSE:
            break
        share = excess[low] / (excess[low] - excess[high])
        between = math.expm1(math.log1p(low) + share * (math.log1p(high) - math.log1p(low)))
        low, high = (low, between) if above(between) else (between, high)
    dose = min(excess, key=lambda tried: abs(excess[tried]))
    return round(dose, 4), episode.series.rise() * math.exp(excess[dose])


def _bracket(above: Callable[[float], bool], excess: Mapping[float, float]) -> tuple[float, float]:
    """Return the largest dose below the observed ratio and the next one; equal if there is none."""
    low = 0.0
    for dose in LADDER:
        if above(dose):
            if low == 0.0 and above(LOWEST):
                return LOWEST, LOWEST
            return low or LOWEST, dose
        if low and excess[dose] < excess[low]:
            break  # interceptions fall beyond their maximum
        low = dose
    return low, low


def simulated_rise(task: DoseTask, episode: DoseEpisode, dose: float) -> float:
    """Simulate the rise of Mexican interceptions under a dose.

    Args:
        task: settings, scale and seed.
        episode: the episode.
        dose: dose of its policy.

    Returns:
        Monthly interceptions of the window after the change over those of the window before it.
    """
    changes = {"scale": task.scale, "supply": episode.supply, "days": episode.days} | task.settings
    scenario = scenarios.find(episode.scenario).with_settings(changes)
    run = run_one(Case(with_dose(scenario, episode.policy, dose), task.seed))
    before, after = (_monthly(run, window) for window in (episode.before, episode.after))
    return max(after, 1.0) / max(before, 1.0)


def _monthly(run: Any, window: statistics.Window) -> float:
    """Return the mean monthly interceptions in Mexico in a window."""
    months = sum(window[0] <= month <= window[1] for month in run.months)
    return statistics.total(run, "apprehended_mexico", window) / max(months, 1)


def with_dose(scenario: Scenario, policy: str, dose: float) -> Scenario:
    """Return the scenario with another dose of a policy.

    Args:
        scenario: a scenario that uses the policy; otherwise it is returned unchanged.
        policy: identifier of the policy.
        dose: the dose.

    Returns:
        The changed scenario.
    """
    uses = tuple(replace(use, dose=dose) if use.id == policy else use for use in scenario.policies)
    return scenario.with_settings({"policies": uses})


def with_doses(scenario: Scenario, doses: Mapping[str, float], *keys: str) -> Scenario:
    """Return the scenario with the doses of a member.

    Args:
        scenario: a scenario with the policies of the episodes.
        doses: doses of the member by key of ``EPISODES``.
        *keys: episodes whose dose is used; a missing dose leaves that of the scenario.

    Returns:
        The changed scenario.
    """
    for key in keys:
        if key in doses:
            scenario = with_dose(scenario, EPISODES[key].policy, doses[key])
    return scenario


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
    return DoseTask(f"{name}-{content_hash(own, scale, seed, repr(EPISODES))}", own, scale, seed)
