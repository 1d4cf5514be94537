"""Doses for Mexico's measures in 2014 and 2019 and supply levels, by member.

A dose is determined from Mexican interceptions only, so all outcomes at the U.S. line after the
last known month remain predictions. Members differ in their responses, so the same series requires
a different dose for each member and each supply. Interceptions peak at some effort, so two doses
may produce the same ratio. The lower dose is selected: the doses in ``LADDER`` are tried in
increasing order until a dose exceeds the observed ratio. The result is interpolated between the
last two doses. If no dose reproduces the observed ratio, the dose with the closest ratio is
selected. The episode is then listed in ``corners``, and ``rises`` holds the ratio that the dose
produces.

A supply that follows the record multiplies candidates by recorded apprehensions over FY2013
apprehensions. Apprehensions per candidate differ between years, because migrants, release, Mexican
effort and agents' time differ from FY2013. The level is the factor on each group's candidates
(``migrants.known_level``) with which the run reproduces apprehensions in the last twelve known
months. It is corrected after every run in the search, only by the ratio in these months. No later
month at the line is read.
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

#: Supply series for the 2014 episode, by letter.
SUPPLIES = {
    "a": "to_june_2014_level_2013",
    "b": "to_june_2014_mean_24",
    "c": "to_june_2014_mean_12",
    "d": "to_june_2014_mean_24",
}
CONTINUED = "d"  # series that the estimated supply terms continue after its last month
#: Bounds on a dose. The operational tempo has constant returns and ends at mexico.tempo_cap, which
#: is dose 3.9 of southern_border_control. Higher doses only add posts, and the staff on record is
#: hardly larger than at this dose. The highest 2019 dose corresponds to 26,000 members of the Guard
#: and the armed forces. In June 2019, 25,000 were deployed in all of Mexico
#: (mexico/cooperation_inputs.csv).
LOWEST, HIGHEST = 0.0, 4.0
LADDER = (1.0, 2.5, HIGHEST)  # doses that are tried first, in this order
CLOSE = 0.02  # difference from the observed log ratio at which the search ends
INTERPOLATIONS = 3
LEVELS = 3  # runs that correct a new level before the search
#: Maximum number of runs per episode: levels, ladder, lower bound, interpolations and last run.
TRIES = LEVELS + len(LADDER) + 1 + INTERPOLATIONS + 1
LEVEL_PATH = "migrants.known_level"
LEVEL_MONTHS = 12  # last known months in which a run must reproduce the record
_MAX_STEP = 4.0  # maximum factor by which one run corrects a level
#: For each policy, the parameters that rise in proportion if a dose exceeds the policy's maximum.
_BEYOND = {
    "southern_border_control": ("rise", "posted", "guard"),
    "no_cooperation": ("effort_lost",),
}


@dataclass(frozen=True, slots=True)
class ObservedSeries:
    """Mexican interceptions before and after a change, from the rows of a packaged table.

    Attributes:
        file: path of the table.
        value: column with the interceptions.
        column: column that selects the rows.
        before, after: values in ``column``. Several rows are averaged.
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
        """Return the mean over the rows with some keys."""
        rows = [
            geography.rows_where(self.file, **dict(self.where), **{self.column: key})[0]
            for key in keys
        ]
        return sum(float(row[self.value]) for row in rows) / len(rows)


@dataclass(frozen=True, slots=True)
class DoseEpisode:
    """An episode whose dose is determined from Mexican interceptions.

    Attributes:
        policy: instrument whose dose is determined.
        start: first day of the period whose dose is determined.
        scenario: the historical scenario's name, which uses the policy.
        supply: supply series name.
        days: days to simulate, from the scenario's start to the end of the window ``after``.
        before, after: first and last month whose interceptions are compared.
        series: observed interceptions in both windows.
        along: another policy whose dose changes in proportion. Empty if there is none.
        terms: whether the estimated supply terms act after the last known month.
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
        """First and last month of the known year in which a run reproduces the record."""
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
#: Episodes by key in ``Member.doses``: 2014 with each supply in :data:`SUPPLIES`, and 2019.
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
        along="no_cooperation",  # effort that is lost until June 2019 and added afterwards
    )
}
#: For each episode, earlier episodes whose doses its runs use too.
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
    """A member's doses and levels, by key in ``EPISODES``.

    Attributes:
        key: identifies all inputs.
        doses: selected doses.
        rises: Mexican interceptions after the change divided by interceptions before it, at each
            dose.
        corners: episodes in which no dose reproduces the observed ratio.
        levels: factor on each group's candidates, by episode.
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
        """Doses by episode, for a row of the results frame."""
        return self.doses


#: Fields that a member stores.
MEMBER_FIELDS = ("doses", "rises", "corners", "levels")


@dataclass(frozen=True, slots=True)
class Simulated:
    """Ratios from an episode's run.

    Attributes:
        rise: monthly interceptions in Mexico after the change, divided by the mean before it.
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
        """Prepare the search. This makes no run.

        Args:
            task: settings, scale and seed.
            episode: episode with its policy, supply and windows.
            level: factor on each group's candidates in the first run.
            earlier: doses in earlier episodes.
        """
        self.task, self.episode, self.level, self.earlier = task, episode, level, earlier
        self.excess: dict[float, float] = {}  # log of simulated over observed ratio, by dose
        self.corner = False

    def simulate(self, dose: float) -> Simulated:
        """Run the episode, and correct the level for the next run."""
        result = simulate(self.task, self.episode, dose, self.level, self.earlier)
        steps = np.clip(np.array(result.known), 1.0 / _MAX_STEP, _MAX_STEP)
        bounds = params_of(MigrantParams)["known_level"]
        level = np.clip(np.array(self.level) / steps, bounds.low, bounds.high)
        self.level = tuple(round(float(factor), 4) for factor in level)
        return result

    def above(self, dose: float) -> bool:
        """Return whether a dose produces a ratio above the observed ratio."""
        if dose not in self.excess:
            rise = self.simulate(dose).rise
            self.excess[dose] = math.log(rise / self.episode.series.rise())
        return self.excess[dose] > 0.0

    def dose(self) -> float:
        """Search, and return the simulated dose whose ratio is nearest to the observed ratio."""
        excess = self.excess
        low, high = self._bracket()
        self.corner = low == high
        for _ in range(INTERPOLATIONS):
            if low == high or min(map(abs, excess.values())) <= CLOSE:
                break
            share = excess[low] / (excess[low] - excess[high])
            between = math.expm1(math.log1p(low) + share * (math.log1p(high) - math.log1p(low)))
            low, high = (low, between) if self.above(between) else (between, high)
        dose = min(excess, key=lambda candidate: abs(excess[candidate]))
        self.corner = self.corner and abs(excess[dose]) > CLOSE
        return round(dose, 4)

    def _bracket(self) -> tuple[float, float]:
        """Return two doses whose ratios enclose the observed ratio, or a corner dose twice."""
        low = LOWEST
        for dose in LADDER:
            if self.above(dose):
                if low == LOWEST and self.above(LOWEST):
                    return LOWEST, LOWEST
                return low, dose
            if low > LOWEST and self.excess[dose] < self.excess[low]:
                break  # beyond their maximum, interceptions fall
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
    """Simulate an episode with a dose and a supply level.

    Args:
        task: settings, scale and seed.
        episode: episode with its policy, supply and windows.
        dose: dose of the episode's policy.
        level: factor on each group's candidates.
        earlier: doses in earlier episodes whose policies the scenario also uses.

    Returns:
        Monthly interceptions after the change divided by interceptions before it, and simulated
        divided by recorded apprehensions in the last known months.
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
    """Return the supply terms that continue series (d) after June 2014, as settings by path.

    These are posterior means from the estimate up to June 2014, and act relative to their values in
    that month. The random level is omitted. The drift is omitted too, because it represents no
    cause.
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

    A dose above the policy's maximum becomes the maximum dose with larger parameters. The dose of
    the policy ``episode.along`` changes in proportion.

    Args:
        scenario: a scenario that uses the policy. Otherwise it is returned unchanged.
        episode: episode with its policy, supply and windows.
        dose: new dose, which may exceed the policy's maximum.

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
    """Return a policy with another dose or, above its maximum, with larger parameters."""
    high = registry()[use.id].high
    if dose <= high:
        return replace(use, dose=dose)
    return _scaled(replace(use, dose=high), _BEYOND[use.id], dose / high)


def _scaled(use: PolicySpec, names: Sequence[str], factor: float) -> PolicySpec:
    """Return a policy whose named parameters are multiplied by a factor, up to their bounds."""
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
        levels: factors on each group's candidates by key. A missing key leaves the scenario's
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
    """Create the task that determines a member's doses.

    Args:
        name: first part of the task's key.
        settings: settings of the member by dotted path. Days and scale are ignored.
        scale: persons per simulated migrant.
        seed: seed for the runs.

    Returns:
        The task. Its key identifies all inputs.
    """
    fixed = {path: value for path, value in settings.items() if path not in ("days", "scale")}
    key = f"{name}-{content_hash(fixed, scale, seed, repr(EPISODES))}"
    return DoseTask(Scenario(), seed, key, fixed, scale)
