"""Doses for Mexico's measures in 2014 and 2019 and supply levels, by member.

A dose is determined from Mexican interceptions only, so all figures at the U.S. line after the
last known month remain predictions. Members differ in their responses, so the same series needs
another dose in each member and under each supply. Interceptions peak at some
effort, so two doses may give the same ratio. The smaller one is selected: the doses in ``LADDER``
are tried in increasing order until one exceeds the observed ratio, and the dose is interpolated
between the last two. If no dose gives the observed ratio, the one with the closest ratio is
selected. The episode is then listed in ``corners``, and the stored ratio (``rises``) shows the
difference.

A supply that follows the record multiplies candidates by recorded apprehensions over
FY2013 apprehensions. A run in another year has other apprehensions per candidate, because
kinds, release, Mexican effort and agents' time differ from FY2013. The level is the factor
on the candidates in each group (``migrants.known_level``) under which the run reproduces the
apprehensions of the last twelve known months. It is corrected after every run in the search, by the
ratio in these months alone. No later month at the line is read.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from abm.policies import registry
from abm.scenario import Scenario
from abm.supply_series import find_series
from abm.world import geography
from agents.labels import GROUPS, TERMS
from agents.migrants.migrant_params import MigrantParams
from agents.param import params_of
from experiments import scenarios
from experiments.calibration.draws import Task, content_hash
from experiments.calibration.supply_fit import mean_supply
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.validation import statistics
from experiments.validation.targets import month_after

if TYPE_CHECKING:
    from abm.scenario.policy_specs import PolicySpec
    from experiments.runs.case import RunResult

#: Supply series of the episode of 2014 by letter.
SUPPLIES = {
    "a": "to_june_2014_level_2013",
    "b": "to_june_2014_mean_24",
    "c": "to_june_2014_mean_12",
    "d": "to_june_2014_mean_24",
}
CONTINUED = "d"  # the series that the estimated terms of supply move from its last month on
#: Bounds of a dose. The tempo of operations has constant returns and ends at mexico.tempo_cap, a
#: dose of 3.9 of southern_border_control. Higher doses add posts only, and the record has hardly
#: more staff. The highest dose of 2019 is 26,000 of the Guard and forces; 25,000 were deployed in
#: the whole of Mexico in June 2019 (mexico/cooperation_inputs.csv).
LOWEST, HIGHEST = 0.0, 4.0
LADDER = (1.0, 2.5, HIGHEST)  # doses that are tried first
CLOSE = 0.02  # difference from the observed log ratio at which the search ends
INTERPOLATIONS = 3
LEVELS = 3  # runs that correct a new level before the search
#: Most runs of an episode: levels, the ladder and its lower bound, interpolations, the last run.
TRIES = LEVELS + len(LADDER) + 1 + INTERPOLATIONS + 1
LEVEL_PATH = "migrants.known_level"
LEVEL_MONTHS = 12  # last known months in which a run reproduces the record
_MAX_STEP = 4.0  # largest correction of a level after one run
#: Numbers of a policy that rise in proportion where a dose exceeds the largest one of the policy.
_BEYOND = {
    "southern_border_control": ("rise", "posted", "guard"),
    "no_cooperation": ("effort_lost",),
}


@dataclass(frozen=True, slots=True)
class ObservedSeries:
    """Mexican interceptions before and after a change, from the rows of a packaged table.

    Attributes:
        file: table.
        value: column with the interceptions.
        column: column that selects the rows. ``before`` and ``after`` are its values. Several rows
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
        """Return mean interceptions after the change divided by the mean before it."""
        return self._mean(self.after) / self._mean(self.before)

    def _mean(self, keys: tuple[str, ...]) -> float:
        """Return the mean value over the rows with the given keys."""
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
        start: first day of the use whose dose is determined.
        scenario: the historical scenario's name, which uses the policy.
        supply: supply series name.
        days: days to simulate from the scenario's start, to the end of the window ``after``.
        before, after: first and last month whose interceptions are compared.
        series: observed interceptions in both windows.
        along: a policy whose dose changes in proportion. Empty if there is none.
        terms: whether the estimated terms of supply act after the last known month.
    """

    policy: str
    start: datetime.date
    scenario: str
    supply: str
    days: int
    before: statistics.Window
    after: statistics.Window
    series: ObservedSeries
    along: str = ""
    terms: bool = False

    @property
    def supply_settings(self) -> dict[str, Any]:
        """Settings by dotted path with which the episode's supply replaces the scenario's."""
        return {"supply": self.supply} | (continued_terms() if self.terms else {})

    @property
    def known(self) -> statistics.Window:
        """First and last known month in which a run reproduces the record."""
        year, month = find_series(self.supply).last_month or (0, 0)
        last = f"{year:04d}-{month:02d}"
        return month_after(last, 1 - LEVEL_MONTHS), last


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
        start=datetime.date(2014, 7, 7),
        scenario="history_2014",
        supply=supply,
        days=942,  # 1 October 2012 to 30 April 2015
        before=statistics.WINTER_BEFORE,
        after=statistics.WINTER_AFTER,
        series=_WINTERS,
        terms=letter == CONTINUED,
    )
    for letter, supply in SUPPLIES.items()
} | {
    "2019": DoseEpisode(
        policy="southern_border_control",
        start=datetime.date(2019, 6, 7),
        scenario="history_2019",
        supply="to_may_2019_mean_12",
        days=730,  # 1 October 2017 to 30 September 2019
        before=("2019-04", "2019-05"),
        after=("2019-06", "2019-09"),
        series=_SUMMER_2019,
        along="no_cooperation",  # effort lost until June 2019 and added then
    )
}
#: Earlier episodes whose doses a run of an episode also uses.
EARLIER = {"2019": (CONTINUED,)}


@dataclass(frozen=True)
class DoseTask(Task):
    """A member whose doses are to be determined, in the episodes' scenarios.

    Attributes:
        settings: settings of the member by dotted path.
        scale: persons per simulated migrant.
    """

    settings: Mapping[str, Any] = MappingProxyType({})
    scale: int = 1


@dataclass(frozen=True)
class Doses:
    """Doses and levels of a member, by key in ``EPISODES``.

    Attributes:
        key: identifies all inputs.
        doses: selected doses.
        rises: Mexican interception ratio under each.
        corners: episodes in which no dose gives the observed ratio.
        levels: factor on each group's candidates.
        known: simulated over recorded apprehensions in the last known months, by group.
    """

    digest: ClassVar[str] = ""
    cost: ClassVar[dict[str, float]] = {}

    key: str
    doses: dict[str, float]
    rises: dict[str, float]
    corners: tuple[str, ...] = ()
    levels: dict[str, tuple[float, ...]] = field(default_factory=dict)
    known: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def frame_values(self) -> dict[str, float]:
        """Doses in the frame's row."""
        return self.doses


#: Fields that a member stores.
MEMBER_FIELDS = ("doses", "rises", "corners", "levels")


@dataclass(frozen=True, slots=True)
class Simulated:
    """Figures from an episode's run.

    Attributes:
        rise: monthly interceptions in Mexico after the change over those before it.
        known: simulated over recorded apprehensions in the last known months, by group.
    """

    rise: float
    known: tuple[float, ...] = (1.0,) * len(GROUPS)


class _Search:
    """The search for a member's dose and level in an episode."""

    def __init__(
        self,
        task: DoseTask,
        episode: DoseEpisode,
        level: tuple[float, ...],
        earlier: Mapping[str, float],
    ) -> None:
        """Start without a run.

        Args:
            task: settings, scale and seed.
            episode: the episode.
            level: factor on each group's candidates in the first run.
            earlier: doses in earlier episodes.
        """
        self.task, self.episode, self.level, self.earlier = task, episode, level, earlier
        self.excess: dict[float, float] = {}  # log of the simulated over the observed ratio
        self.corner = False

    def simulate(self, dose: float) -> Simulated:
        """Run the episode. Correct the level for the next run."""
        result = simulate(self.task, self.episode, dose, self.level, self.earlier)
        steps = np.clip(np.array(result.known), 1.0 / _MAX_STEP, _MAX_STEP)
        bounds = params_of(MigrantParams)["known_level"]
        level = np.clip(np.array(self.level) / steps, bounds.low, bounds.high)
        self.level = tuple(round(float(factor), 4) for factor in level)
        return result

    def above(self, dose: float) -> bool:
        """Return whether a dose exceeds the observed ratio."""
        if dose not in self.excess:
            rise = self.simulate(dose).rise
            self.excess[dose] = math.log(rise / self.episode.series.rise())
        return self.excess[dose] > 0.0

    def dose(self) -> float:
        """Return the simulated dose whose rise is nearest to the observed one."""
        excess = self.excess
        low, high = self._bracket()
        self.corner = low == high
        for _ in range(INTERPOLATIONS):
            if low == high or min(map(abs, excess.values())) <= CLOSE:
                break
            share = excess[low] / (excess[low] - excess[high])
            between = math.expm1(math.log1p(low) + share * (math.log1p(high) - math.log1p(low)))
            low, high = (low, between) if self.above(between) else (between, high)
        dose = min(excess, key=lambda tried: abs(excess[tried]))
        self.corner = self.corner and abs(excess[dose]) > CLOSE
        return round(dose, 4)

    def _bracket(self) -> tuple[float, float]:
        """Return the largest dose below the observed ratio, and the next dose or the same one."""
        low = LOWEST
        for dose in LADDER:
            if self.above(dose):
                if low == LOWEST and self.above(LOWEST):
                    return LOWEST, LOWEST
                return low, dose
            if low > LOWEST and self.excess[dose] < self.excess[low]:
                break  # interceptions fall beyond their maximum
            low = dose
        return low, low


def find_doses(task: DoseTask) -> Doses:
    """Determine a member's doses and levels in all episodes."""
    result = Doses(task.key, {}, {})
    corners, level = [], (1.0,) * len(GROUPS)
    for key, episode in EPISODES.items():
        earlier = {name: result.doses[name] for name in EARLIER.get(key, ())}
        new = bool(earlier) or not result.levels  # supplies of 2014 have the same known months
        search = _Search(task, episode, (1.0,) * len(GROUPS) if new else level, earlier)
        for _ in range(LEVELS if new else 0):
            search.simulate(LADDER[0])
        result.doses[key] = search.dose()
        result.levels[key] = level = search.level
        last = search.simulate(result.doses[key])
        result.rises[key], result.known[key] = last.rise, last.known
        corners += [key] if search.corner else []
    return replace(result, corners=tuple(corners))


def simulate(
    task: DoseTask,
    episode: DoseEpisode,
    dose: float,
    level: Sequence[float],
    earlier: Mapping[str, float] = MappingProxyType({}),
) -> Simulated:
    """Simulate an episode under a dose and a supply level.

    Args:
        task: settings, scale and seed.
        episode: the episode.
        dose: its policy's dose.
        level: factor on each group's candidates.
        earlier: doses in earlier episodes whose policies the scenario also uses.

    Returns:
        Monthly interceptions in the window after the change over interceptions before it,
        and apprehensions in the last known months over the record.
    """
    changes = {"scale": task.scale, "days": episode.days, **episode.supply_settings}
    changes |= task.settings
    scenario = scenarios.find(episode.scenario).with_settings(changes | {LEVEL_PATH: list(level)})
    scenario = with_doses(scenario, earlier, *earlier)
    run = run_one(Case(with_dose(scenario, episode, dose), task.seed))
    before, after = (_monthly(run, window) for window in (episode.before, episode.after))
    return Simulated(max(after, 1.0) / max(before, 1.0), known_levels(run, episode.known))


@functools.cache
def continued_terms() -> dict[str, Any]:
    """Return the supply terms with which series (d) goes on after June 2014, as settings by path.

    They are the means of the estimate to that month, relative to their values then, without the
    drift, which has no cause, and without a random level.
    """
    last = find_series(SUPPLIES[CONTINUED]).last_month or (0, 0)
    terms: dict[str, Any] = dict.fromkeys(("drift", "level_sd", "surge_sd"), [0.0] * len(GROUPS))
    terms["since"] = [last[0] + last[1] / 12.0] * len(TERMS)
    terms["awareness_speed"] = scenarios.find("history").supply_terms.awareness_speed
    return mean_supply(last) | {f"supply_terms.{name}": value for name, value in terms.items()}


def known_levels(run: RunResult, window: statistics.Window) -> tuple[float, ...]:
    """Return simulated over recorded apprehensions in known months, by group.

    Args:
        run: run result.
        window: first and last month.

    Returns:
        Ratios in the order of ``agents.labels.GROUPS``. NaN if the run does not cover the months.
    """
    simulated = [statistics.total(run, f"apprehended_us_{group}", window) for group in GROUPS]
    columns = statistics.GROUPS.values()
    months = [geography.monthly_by_citizenship(column, *window) for column in columns]
    recorded = [sum(value for *_, value in each) for each in months]
    return tuple(max(s, 1.0) / r for s, r in zip(simulated, recorded, strict=True))


def _monthly(run: Any, window: statistics.Window) -> float:
    """Return the mean monthly interceptions in Mexico in a window."""
    months = sum(window[0] <= month <= window[1] for month in run.months)
    return statistics.total(run, "apprehended_mexico", window) / max(months, 1)


def with_dose(scenario: Scenario, episode: DoseEpisode, dose: float) -> Scenario:
    """Return the scenario with another dose of an episode's policy.

    A dose above the policy's largest one is the largest one with larger numbers. The policy
    that goes along changes in proportion.

    Args:
        scenario: a scenario that uses the policy. Otherwise it is returned unchanged.
        episode: the episode.
        dose: the dose.

    Returns:
        The changed scenario.
    """
    first = (episode.policy, episode.start)
    doses = [use.dose for use in scenario.policies if (use.id, use.start) == first]
    if not doses:
        return scenario
    share = dose / doses[0] if doses[0] else 1.0
    uses = [
        _with_dose(use, dose) if (use.id, use.start) == first else use for use in scenario.policies
    ]
    uses = [
        _with_dose(use, (use.dose or 0.0) * share) if use.id == episode.along else use
        for use in uses
    ]
    return scenario.with_settings({"policies": tuple(uses)})


def _with_dose(use: PolicySpec, dose: float) -> PolicySpec:
    """Return a policy with another dose, at most its largest one, and larger numbers beyond it."""
    high = registry()[use.id].high
    if dose <= high:
        return replace(use, dose=dose)
    return _scaled(replace(use, dose=high), _BEYOND[use.id], dose / high)


def _scaled(use: PolicySpec, names: Sequence[str], factor: float) -> PolicySpec:
    """Return a policy whose numbers are multiplied by a factor, up to their bounds."""
    kind, numbers = registry()[use.id], dict(use.numbers)
    full = kind.full_programme()
    for name in names:
        number = numbers.get(name)
        base = float(number if isinstance(number, float | int) else getattr(full, name))
        numbers[name] = round(min(base * factor, params_of(kind)[name].high), 6)
    return replace(use, numbers=tuple(numbers.items()))


def with_doses(
    scenario: Scenario,
    doses: Mapping[str, float],
    *keys: str,
    levels: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> Scenario:
    """Return the scenario with a member's doses, and with its supply levels.

    Args:
        scenario: a scenario with the policies of the episodes.
        doses: the member's doses by key in ``EPISODES``.
        *keys: episodes whose dose is used. A missing dose leaves the scenario's dose.
        levels: factors on each group's candidates by key. A missing one leaves the scenario's
            factors.

    Returns:
        The changed scenario.
    """
    for key in keys:
        if key in doses:
            scenario = with_dose(scenario, EPISODES[key], doses[key])
        if key in levels:
            scenario = scenario.with_settings({LEVEL_PATH: list(levels[key])})
    return scenario


def dose_task(name: str, settings: Mapping[str, Any], scale: int, seed: int) -> DoseTask:
    """Return a task for settings, without the run's settings.

    Args:
        name: the key's first part.
        settings: dotted member settings.
        scale: persons per simulated migrant.
        seed: seed for the runs.

    Returns:
        The task. Its key identifies all inputs.
    """
    fixed = {path: value for path, value in settings.items() if path not in ("days", "scale")}
    key = f"{name}-{content_hash(fixed, scale, seed, repr(EPISODES))}"
    return DoseTask(Scenario(), seed, key, fixed, scale)
