"""Compare the model with all parts of all patterns in the record, over seeds and members.

The runs are the base year with paired responses, an announced deadline, three historical episodes
(2019 also without announcements, 2014 and 2019 also without policy changes), the end of release
with its counterfactual, and two scenarios for the repeated-trials estimator. Scores add a run over
eleven fiscal years, a run for each of these years, and the episodes of 2014 and 2019 with a random
supply level. Nothing is fitted here. If all runs of a part failed, the part counts as outside the
tolerance.

Two checks are printed with a validation. The level of an episode is the ratio of simulated to
recorded apprehensions in the last twelve known months of supply, and in the window with which a
change is compared. If it is far from 1, the change is computed from a wrong starting point. A dose
at a corner does not reproduce Mexico's interceptions, so such an episode does not test the policy.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

import numpy as np

from abm.world import geography
from agents.labels import GROUPS
from experiments.calibration.doses import EPISODES as DOSE_EPISODES
from experiments.calibration.doses import known_levels
from experiments.calibration.ensemble import Member
from experiments.runs.case import Failure, FirstYear, RunResult, model_source
from experiments.runs.intervals import Interval, sample_quantiles
from experiments.runs.many_runs import RunOptions, run_many
from experiments.validation import statistics
from experiments.validation.baseline_forecasts import KNOWN_UNTIL, forecast, monthly_record
from experiments.validation.episodes import (
    DECLARED,
    SUPPLIES,
    Settings,
    declared_role,
    drawn_role,
    plan_runs,
    unannounced_role,
    unchanged_role,
)
from experiments.validation.scores import ByRole, ForecastScore, held_out_scores, yearly_scores
from experiments.validation.targets import EPISODES, HELD_OUT_EPISODES, KINDS, Target, targets

SCALE, REPS = 50, 3
#: How migrants surrender in the scenarios for the estimator, by role.
SURRENDER_SCENARIOS = {
    "nobody": "no migrant surrenders",
    "base": "migrants surrender as in the base year",
    "doubled": "twice as many families and children",
}
#: Estimates of an evader's apprehension probability, as in ``statistics.estimator``.
ESTIMATORS = ("evaders", "everybody", "counts")
_ESTIMATES = ("true", *ESTIMATORS, *(f"bias_{name}" for name in ESTIMATORS), "surrendered_share")

Key = tuple[int, int]  # member, seed
Runs = dict[Key, dict[str, RunResult]]  # results by role


@dataclass(frozen=True, slots=True)
class PartResult:
    """One pattern part with its simulated values.

    Attributes:
        target: observed value and tolerance.
        simulated: interval over members and seeds.
        inside: whether the median is within the tolerance. None if the part has no tolerance.
        naive_last, naive_trend: naive forecasts. NaN if there is none.
        supply: name of the supply series, for an episode that is run with several series.
    """

    target: Target
    simulated: Interval
    inside: bool | None
    naive_last: float
    naive_trend: float
    supply: str = ""

    @property
    def verdict(self) -> str:
        """``inside``, ``outside``, ``not_simulated`` or ``reported``."""
        if self.inside is None:
            return "reported"
        if not math.isfinite(self.simulated.median):
            return "not_simulated"
        return "inside" if self.inside else "outside"

    @property
    def overshoot(self) -> float:
        """Distance from the tolerance in half-widths. 0 if inside, infinite if not simulated."""
        target, value = self.target, self.simulated.median
        if self.inside is not False:
            return 0.0
        if not math.isfinite(value):
            return math.inf
        half_width = max((target.high - target.low) / 2.0, 1e-9)
        return max(target.low - value, value - target.high) / half_width

    @property
    def nearest(self) -> str | None:
        """Name of the closest forecast: ``model``, ``last`` or ``trend``."""
        figures = (self.simulated.median, self.naive_last, self.naive_trend)
        errors = {
            name: abs(value - self.target.observed)
            for name, value in zip(("model", "last", "trend"), figures, strict=True)
            if math.isfinite(value)
        }
        return min(errors, key=lambda name: errors[name]) if errors else None


@dataclass(frozen=True, slots=True)
class SectorShares:
    """Each sector's share of a group's apprehensions.

    Attributes:
        group: a label in ``agents.labels.GROUPS``.
        observed: recorded share, 0 to 1, by sector.
        simulated: interval for simulated shares by sector.
    """

    group: str
    observed: dict[str, float]
    simulated: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class RoleFigures:
    """Intervals for one role's statistics.

    Attributes:
        role: key in ``SURRENDER_SCENARIOS``, or an episode such as ``2014``,
            ``2014:unannounced`` or ``2014:unchanged``.
        figures: intervals by name: estimates and biases, or parts of a change at the line.
    """

    role: str
    figures: dict[str, Interval]


@dataclass(frozen=True, eq=False, repr=False)
class Validation:
    """A validation's results.

    Attributes:
        scale: persons per simulated migrant.
        members: number of ensemble members, or 1 if no ensemble is used.
        parts: results with the declared supplies.
        supplies: results for the 2014 parts with each supply, by letter.
        estimator: estimates and biases, one entry per scenario in ``SURRENDER_SCENARIOS``.
        shares: sector shares by group.
        bands: monthly series by episode.
        failures: failed runs.
        cpu_s: CPU seconds over all finished runs.
        digests: scenario digest by role.
        scores: scores for held-out parts, and for yearly figures if their runs were requested.
        unannounced: results for the 2014 and 2019 parts without announcements.
        unchanged: results for the same parts if no policy begins or ends after the known months.
        line_changes: factors of the change at the line (``statistics.line_change``) in the episodes
            of 2014 and 2019, as means over runs: as declared, without announcements and unchanged.
        levels: ratios of simulated to recorded apprehensions in known months.
        doses: ratios of Mexican interceptions at the doses, and shares of members at a corner.
        source: hash over the validated model's files.
    """

    parts: tuple[PartResult, ...]
    supplies: dict[str, tuple[PartResult, ...]]
    estimator: tuple[RoleFigures, ...]
    shares: tuple[SectorShares, ...]
    bands: dict[str, MonthlyBands]
    scale: int = 0
    seeds: tuple[int, ...] = ()
    members: int = 0
    ensemble: bool = False
    failures: tuple[Failure, ...] = ()
    cpu_s: float = 0.0
    digests: dict[str, str] = field(default_factory=dict)
    scores: tuple[ForecastScore, ...] = ()
    unannounced: tuple[PartResult, ...] = ()
    unchanged: tuple[PartResult, ...] = ()
    line_changes: tuple[RoleFigures, ...] = ()
    levels: tuple[LevelCheck, ...] = ()
    doses: tuple[DoseCheck, ...] = ()
    source: str = field(default_factory=model_source)

    @property
    def ordered_parts(self) -> list[PartResult]:
        """Parts outside their tolerance by decreasing distance, then inside, then only reported."""
        rank = {False: 0, True: 1, None: 2}
        return sorted(self.parts, key=lambda part: (rank[part.inside], -part.overshoot))

    @property
    def misses(self) -> list[PartResult]:
        """Parts outside their tolerance, by decreasing distance."""
        return [part for part in self.ordered_parts if part.inside is False]

    @property
    def counts(self) -> dict[str, PatternCount]:
        """Pattern counts by ``kind.K``, ``episode.E`` (held out) or ``supply.S``.

        Held-out patterns come first.
        """

        def count(kind: str, *episodes: str) -> PatternCount:
            return count_patterns(
                part
                for part in self.parts
                if part.target.kind == kind and part.target.episode in (episodes or EPISODES)
            )

        return (
            {"kind.held_out": count("held_out")}
            | {f"episode.{episode}": count("held_out", episode) for episode in HELD_OUT_EPISODES}
            | {f"kind.{kind}": count(kind) for kind in reversed(KINDS)}
            | {f"supply.{name}": count_patterns(parts) for name, parts in self.supplies.items()}
        )


def validate(
    *,
    seeds: Iterable[int] = range(1, REPS + 1),
    scale: int = SCALE,
    settings: Settings | None = None,
    ensemble: Sequence[Member] | None = None,
    scores: bool = False,
    **options: Unpack[RunOptions],
) -> Validation:
    """Run all roles and compare the results with the record.

    Args:
        seeds: seeds for every scenario, offset by member.
        scale: persons per simulated migrant.
        settings: dotted settings applied to every scenario.
        ensemble: members. Each is run on all seeds.
        scores: whether to add the runs for scores, 18 per member and seed.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The validation.

    Raises:
        SettingError: a setting is invalid. Raised before any run starts.
    """
    seeds = tuple(seeds)
    tasks = plan_runs(seeds, scale, settings or {}, ensemble, scores=scores)
    results = run_many([case for *_, case in tasks], **options)
    runs: Runs = {}
    failures = []
    for (member, role, case), result in zip(tasks, results, strict=True):
        if isinstance(result, RunResult):
            runs.setdefault((member, case.seed), {})[role] = result
        else:
            failures.append(replace(result, name=role))
    finished = [run for by_role in runs.values() for run in by_role.values()]
    digests = {role: case.scenario.digest for member, role, case in tasks if member == 0}
    return replace(
        evaluate(runs),
        scale=scale,
        seeds=seeds,
        members=len(ensemble or [None]),
        ensemble=ensemble is not None,
        failures=tuple(failures),
        digests=digests,
        cpu_s=sum(run.cost.get("cpu_s", 0.0) for run in finished),
        doses=dose_checks(ensemble or []),
    )


# ---- evaluation ---------------------------------------------------------------------------------


def evaluate(runs: Runs) -> Validation:
    """Compare finished runs with the record. A part that has no runs has no simulated value."""
    samples = [by_role for _, by_role in sorted(runs.items())]
    values = {
        episode: _collect(samples, episode) for episode in ("base", "2019", "2005", "release")
    }
    by_supply = {letter: _collect(samples, f"2014:{letter}") for letter in SUPPLIES}
    values["2014"] = by_supply[DECLARED]
    random_level, silent, still = (
        {episode: _collect(samples, role(episode)) for episode in KNOWN_UNTIL}
        for role in (drawn_role, unannounced_role, unchanged_role)
    )
    all_targets = targets()
    compared = [part for part in all_targets if silent.get(part.episode)]
    in_2014 = [part for part in all_targets if part.episode == "2014"]
    return Validation(
        parts=_judged(all_targets, values),
        supplies={
            letter: _judged(in_2014, {"2014": by_name}, letter)
            for letter, by_name in by_supply.items()
        },
        estimator=_estimator(samples),
        shares=_shares(samples),
        bands=_bands(samples),
        levels=level_checks(samples),
        unannounced=_judged(compared, silent),
        unchanged=_judged(compared, still),
        line_changes=_line_changes({"": values, ":unannounced": silent, ":unchanged": still}),
        scores=(
            *yearly_scores(samples),
            *held_out_scores(all_targets, values),
            *held_out_scores(all_targets, random_level, "drawn"),
        ),
    )


def _judged(
    parts: Iterable[Target],
    values: Mapping[str, Mapping[str, Sequence[float]]],
    letter: str = DECLARED,
) -> tuple[PartResult, ...]:
    """Compare values by episode and statistic with the record. `letter` selects the 2014 supply."""
    return tuple(
        judge_part(part, values[part.episode], SUPPLIES[letter] if part.episode == "2014" else "")
        for part in parts
    )


def judge_part(
    target: Target, values: Mapping[str, Sequence[float]], supply: str = ""
) -> PartResult:
    """Compare a target's simulated values with its tolerance.

    Args:
        target: pattern part with its tolerance.
        values: simulated values by statistic.
        supply: name of the supply series, if the episode has several.

    Returns:
        The part with its interval and naive forecasts.
    """
    simulated, expected = _interval(values.get(target.statistic, ())), forecast(target)
    inside = target.accepts(simulated.median)
    return PartResult(target, simulated, inside, expected.last, expected.trend, supply)


def _interval(values: Iterable[float]) -> Interval:
    """Return the interval for the finite values."""
    return Interval.of(value for value in values if math.isfinite(value))


def _collect(samples: Sequence[ByRole], role: str) -> dict[str, list[float]]:
    """Collect the values for every statistic in a role, ordered by member and seed."""
    figures = [_figures(by_role, role) for by_role in samples]
    return {
        name: [by_name[name] for by_name in figures if name in by_name]
        for name in dict.fromkeys(name for by_name in figures for name in by_name)
    }


def _figures(runs: Mapping[str, RunResult], role: str) -> statistics.Figures:
    """Compute all statistics in a role from the runs for one member and seed."""
    if role not in runs:
        return {}
    run = runs[role]
    if role == "base":
        return statistics.base_year(run) | statistics.responses(runs)
    if role == "release":
        released = runs.get("release:kept")
        return statistics.end_of_release(run, released) if released else {}
    episode = {
        "2014": statistics.episode_2014,
        "2019": statistics.episode_2019,
        "2005": statistics.episode_2005,
    }
    return episode[role.partition(":")[0]](run)


def _line_changes(
    values: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]],
) -> tuple[RoleFigures, ...]:
    """Return the change at the line in every episode and variant of its role.

    Factors are means over runs, so that they add up.
    """
    names, changes = statistics.LINE_CHANGE, []
    for ending, episode in itertools.product(values, KNOWN_UNTIL):
        columns = (values[ending][episode].get(name, ()) for name in names)
        runs = [run for run in zip(*columns, strict=True) if math.isfinite(sum(run))]
        means = map(Interval.of_mean, zip(*runs, strict=True))
        if runs:
            changes.append(RoleFigures(episode + ending, dict(zip(names, means, strict=True))))
    return tuple(changes)


def _estimator(samples: Sequence[ByRole]) -> tuple[RoleFigures, ...]:
    """Compute intervals for every estimate in every surrender scenario."""
    scenarios = []
    for role in SURRENDER_SCENARIOS:
        years = _first_years(samples, "base" if role == "base" else f"estimator:{role}")
        figures = [statistics.estimator(year) for year in years]
        estimates = {key: _interval([by_name[key] for by_name in figures]) for key in _ESTIMATES}
        scenarios.append(RoleFigures(role, estimates))
    return tuple(scenarios)


def _shares(samples: Sequence[ByRole]) -> tuple[SectorShares, ...]:
    """Compute both groups' sector shares in the base year."""
    groups = []
    for group in statistics.GROUPS:
        record = dict(statistics.record_shares(group))
        shares = [year.sector_shares[group] for year in _first_years(samples, "base")]
        simulated = {s: _interval([by_sector[s] for by_sector in shares]) for s in record}
        groups.append(SectorShares(group, record, simulated))
    return tuple(groups)


def _first_years(samples: Sequence[ByRole], role: str) -> list[FirstYear]:
    """Return the first-year measures of every run of a role."""
    years = [by_role[role].first_year for by_role in samples if role in by_role]
    return [year for year in years if year is not None]


def _bands(samples: Sequence[ByRole]) -> dict[str, MonthlyBands]:
    """Compute monthly series for the two episodes that have them."""
    bands = {}
    for episode in KNOWN_UNTIL:
        role = declared_role(episode)
        if runs := [by_role[role] for by_role in samples if role in by_role]:
            bands[episode] = monthly_bands(episode, runs)
    return bands


# ---- counts -------------------------------------------------------------------------------------


def pattern_results(parts: Iterable[PartResult]) -> dict[str, bool | None]:
    """Return whether all judged parts of each pattern are inside, or None if no part is judged."""
    inside: dict[str, bool | None] = {}
    for part in parts:
        name, before = part.target.pattern, inside.get(part.target.pattern)
        inside[name] = before if part.inside is None else part.inside and before is not False
    return inside


@dataclass(frozen=True, slots=True)
class PatternCount:
    """Numbers of patterns that are inside, judged, and only reported."""

    inside: int
    judged: int
    reported: int


def count_patterns(parts: Iterable[PartResult]) -> PatternCount:
    """Count the patterns that are inside, judged, and only reported."""
    results = pattern_results(parts).values()
    judged = [inside for inside in results if inside is not None]
    return PatternCount(sum(judged), len(judged), len(results) - len(judged))


# ---- monthly series -----------------------------------------------------------------------------

SHARE = "mexico_share"
_SHARES = "mexico/mexico_share_of_apprehensions.csv"
_LAST_ON_RECORD = "2020-02"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WINTERS = {
    "Oct 2013-Apr 2014": statistics.WINTER_BEFORE,
    "Oct 2014-Apr 2015": statistics.WINTER_AFTER,
}


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyBands:
    """Monthly series for an episode.

    Attributes:
        months: calendar months, ``YYYY-MM``.
        known: last month for which supply follows the record.
        simulated: quantiles by name, shape (5, months): low90, low50, median, high50, high90.
        observed: recorded values by name, shape (months,). NaN in months that have no record.
    """

    months: list[str]
    known: str
    simulated: dict[str, np.ndarray]
    observed: dict[str, np.ndarray]


def monthly_bands(episode: str, runs: Sequence[RunResult]) -> MonthlyBands:
    """Compute quantiles over runs for every whole month, with the record in the same months.

    The series are both groups' apprehensions at the U.S. line, persons per month, and Mexico's
    share of Northern Triangle interceptions, 0 to 1.

    Args:
        episode: key in ``KNOWN_UNTIL``.
        runs: runs of one scenario, at least one.

    Returns:
        The simulated quantiles and the record.
    """
    months = statistics.whole_months(runs[0])
    first = runs[0].months.index(months[0])
    period = slice(first, first + len(months))
    simulated: dict[str, np.ndarray] = {}
    for group in statistics.GROUPS:
        counts = [run.series[f"apprehended_us_{group}"][period] for run in runs]
        simulated[group] = sample_quantiles(counts, _QUANTILES)
    simulated[SHARE] = sample_quantiles([_share(run, months) for run in runs], _QUANTILES)
    observed = {
        group: _by_month(monthly_record(column, _LAST_ON_RECORD), months)
        for group, column in statistics.GROUPS.items()
    }
    observed[SHARE] = _published_share(months)
    return MonthlyBands(months, KNOWN_UNTIL[episode], simulated, observed)


def _share(run: RunResult, months: Sequence[str]) -> np.ndarray:
    """Compute Mexico's share by month."""
    return np.array([statistics.mexico_share(run, (month, month)) for month in months])


def _published_share(months: Sequence[str]) -> np.ndarray:
    """Return Mexico's published share by month, from the month's or its winter's figure."""
    by_month = {}
    for row in geography.table(_SHARES):
        share = float(row["mexico_share_pct"]) / 100.0
        first, last = _WINTERS.get(row["period"], (row["period"],) * 2)
        by_month |= {month: share for month in months if first <= month <= last}
    return _by_month(by_month, months)


def _by_month(values: Mapping[str, float], months: Sequence[str]) -> np.ndarray:
    """Return the values in some months. NaN for a month that has no value."""
    return np.array([values.get(month, np.nan) for month in months])


# ---- checks -------------------------------------------------------------------------------------

#: Windows whose level is checked, by role and name. All their months are known.
WINDOWS = {
    f"2014:{DECLARED}": {
        "known": DOSE_EPISODES[DECLARED].known,
        "before": ("2013-08", "2014-06"),  # the first window of H1, without July 2014
    },
    "2019": {
        "known": DOSE_EPISODES["2019"].known,
        "before": ("2019-03", "2019-05"),  # the first window of H6
    },
}


@dataclass(frozen=True, slots=True)
class LevelCheck:
    """A group's level in known months.

    Attributes:
        role: role of the runs, such as ``2019``.
        window: ``known`` for the last twelve known months, ``before`` for the first window of the
            judged change.
        group: a label in ``agents.labels.GROUPS``.
        ratio: simulated apprehensions divided by recorded apprehensions.
    """

    role: str
    window: str
    group: str
    ratio: Interval


@dataclass(frozen=True, slots=True)
class DoseCheck:
    """All members' doses in an episode.

    Attributes:
        episode: key in ``experiments.calibration.doses.EPISODES``.
        dose: interval for the doses over members.
        observed: recorded Mexican interceptions after the change divided by interceptions before
            it.
        reached: interval for the simulated ratio at the doses.
        corners: share of members in which no dose reproduces the observed ratio.
    """

    episode: str
    dose: Interval
    observed: float
    reached: Interval
    corners: float


def level_checks(runs: Sequence[ByRole]) -> tuple[LevelCheck, ...]:
    """Compare levels with the record in the known months.

    Args:
        runs: results by role, one mapping per member and seed.

    Returns:
        One check per role, window and group. Roles that have no runs are left out.
    """
    checks = []
    for role, windows in WINDOWS.items():
        for name, window in windows.items():
            levels = [known_levels(by_role[role], window) for by_role in runs if role in by_role]
            checks += [
                LevelCheck(role, name, group, _interval(level[g] for level in levels))
                for g, group in enumerate(GROUPS)
                if levels
            ]
    return tuple(checks)


def dose_checks(members: Sequence[Member]) -> tuple[DoseCheck, ...]:
    """Summarise the ratios at the doses, and the share of members at a corner.

    Args:
        members: ensemble members. Members without stored ratios are left out.

    Returns:
        One check per episode with stored ratios.
    """
    checks = []
    for key, episode in DOSE_EPISODES.items():
        with_dose = [m for m in members if key in m.doses and key in m.rises]
        if with_dose:
            dose = _interval(m.doses[key] for m in with_dose)
            reached = _interval(m.rises[key] for m in with_dose)
            corners = sum(key in m.corners for m in with_dose) / len(with_dose)
            checks.append(DoseCheck(key, dose, episode.series.rise(), reached, corners))
    return tuple(checks)
