"""The model against the record: every part of every pattern, over seeds and ensemble members.

Played are the base year with paired responses, three historical episodes, and three worlds for the
repeated-trials estimator. Nothing is fitted here. Episodes whose scenario is not packaged are
listed as missing, and their parts have no simulated figure: they count as misses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from experiments import statistics
from experiments.baseline_forecasts import forecast
from experiments.calibration.ensemble import Member
from experiments.episodes import (
    DECLARED,
    STAFF_FACTORS,
    SUPPLIES,
    SURGE_SECTORS,
    Settings,
    missing_scenarios,
    plan_runs,
)
from experiments.intervals import Interval
from experiments.monthly_bands import MonthlyBands, monthly_bands
from experiments.run import Failure, RunResult, run_many
from experiments.targets import Target, targets

SCALE, REPS = 50, 3
#: Worlds for the estimator, by role: how people surrender in them.
SURRENDER_SCENARIOS = {
    "nobody": "nobody surrenders",
    "base": "people surrender as in the base year",
    "doubled": "twice as many families and children come",
}
#: Ways to estimate the chance of an evader to be apprehended, see ``statistics.estimator``.
ESTIMATORS = ("evaders", "everybody", "counts")
_ESTIMATES = ("true", *ESTIMATORS, *(f"bias_{name}" for name in ESTIMATORS), "surrendered_share")

Key = tuple[int, int]  # member, seed
Runs = dict[Key, dict[str, RunResult]]  # by role
OnResult = Callable[[RunResult | Failure], object]


@dataclass(frozen=True, slots=True)
class PartResult:
    """One part of a pattern, as simulated.

    ``inside`` is None where nothing is judged. ``supply`` names the series of an episode that is
    played under several. ``naive_last`` and ``naive_trend``: NaN where there is no such forecast.
    """

    target: Target
    simulated: Interval
    inside: bool | None
    naive_last: float
    naive_trend: float
    supply: str = ""


@dataclass(frozen=True, slots=True)
class SectorShares:
    """Sector shares of a group's apprehensions: the record, and the median with its range."""

    group: str
    observed: dict[str, float]
    simulated: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class SurrenderScenario:
    """A world for the estimator: how people surrender; estimates and their biases by name."""

    role: str
    title: str
    estimates: dict[str, Interval]


@dataclass(frozen=True, eq=False)
class Validation:
    """Everything that a validation found.

    ``parts`` are under the declared supplies; ``supplies`` has the parts of 2014 under each of
    the three, by letter. ``missing``: scenarios that are not packaged. ``members``: 1 without an
    ensemble.
    """

    scale: int
    seeds: tuple[int, ...]
    members: int
    ensemble: bool
    parts: tuple[PartResult, ...]
    supplies: dict[str, tuple[PartResult, ...]]
    estimator: tuple[SurrenderScenario, ...]
    shares: tuple[SectorShares, ...]
    bands: dict[str, MonthlyBands]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    cpu_s: float = 0.0
    digests: dict[str, str] = field(default_factory=dict)


def validate(
    *,
    seeds: Iterable[int] = range(1, REPS + 1),
    scale: int = SCALE,
    settings: Settings | None = None,
    ensemble: Sequence[Member] | None = None,
    jobs: int | None = None,
    on_result: OnResult | None = None,
) -> Validation:
    """Play everything and set it beside the record.

    Args:
        seeds: of every scenario, and of every member.
        scale: persons that a simulated migrant stands for.
        settings: laid over every scenario.
        ensemble: members; each is played on all seeds.
        jobs: runs at a time.
        on_result: hears of every answer.

    Raises ``SettingError`` before anything is played.
    """
    seeds = tuple(seeds)
    tasks = plan_runs(seeds, scale, settings or {}, ensemble)
    answers = run_many([case for *_, case in tasks], jobs=jobs, on_result=on_result)
    runs: Runs = {}
    failures = []
    for (member, role, case), answer in zip(tasks, answers, strict=True):
        if isinstance(answer, RunResult):
            runs.setdefault((member, case.seed), {})[role] = answer
        else:
            failures.append(replace(answer, name=role))
    done = [run for found in runs.values() for run in found.values()]
    digests = {role: case.scenario.digest for member, role, case in tasks if member == 0}
    return replace(
        evaluate(runs),
        scale=scale,
        seeds=seeds,
        members=len(ensemble or [None]),
        ensemble=ensemble is not None,
        failures=tuple(failures),
        digests=digests,
        missing=missing_scenarios(),
        cpu_s=sum(run.cost.get("cpu_s", 0.0) for run in done),
    )


# ---- what it says -------------------------------------------------------------------------------


def evaluate(runs: Runs) -> Validation:
    """Set finished runs beside the record; what was not played has no figure."""
    values = {episode: _collect(runs, episode) for episode in ("base", "2019", "2005")}
    by_supply = {letter: _collect(runs, f"2014:{letter}") for letter in SUPPLIES}
    values["2014"] = by_supply[DECLARED]
    asked = targets()
    supplies = {
        letter: tuple(judge_part(t, found, SUPPLIES[letter]) for t in asked if t.episode == "2014")
        for letter, found in by_supply.items()
    }
    parts = tuple(
        judge_part(t, values[t.episode], SUPPLIES[DECLARED] if t.episode == "2014" else "")
        for t in asked
    )
    return Validation(
        scale=0,
        seeds=(),
        members=0,
        ensemble=False,
        parts=parts,
        supplies=supplies,
        estimator=_estimator(runs),
        shares=_shares(runs),
        bands=_bands(runs),
    )


def judge_part(
    target: Target, values: Mapping[str, Sequence[float]], supply: str = ""
) -> PartResult:
    """One part from the simulated values of its statistic."""
    simulated, expected = _interval(values.get(target.statistic, ())), forecast(target)
    inside = target.accepts(simulated.median)
    return PartResult(target, simulated, inside, expected.last, expected.trend, supply)


def _interval(values: Iterable[float]) -> Interval:
    """Return the interval of the finite values."""
    return Interval.of(value for value in values if math.isfinite(value))


def _collect(runs: Runs, role: str) -> dict[str, list[float]]:
    """The values of every statistic of a role, over members and seeds in their order."""
    figures = [_figures(found, role) for _, found in sorted(runs.items())]
    return {
        name: [one[name] for one in figures if name in one]
        for name in statistics.statistic_names(figures)
    }


def _figures(found: Mapping[str, RunResult], role: str) -> statistics.Figures:
    """All statistics of a role from the runs of one member and seed."""
    if role not in found:
        return {}
    run = found[role]
    if role == "base":
        staff = {f: found[f"staff:{f:g}"] for f in STAFF_FACTORS if f"staff:{f:g}" in found}
        surges = {s: found[f"surge:{s}"] for s in SURGE_SECTORS if f"surge:{s}" in found}
        return statistics.base_year(run) | statistics.responses(run, staff, surges)
    episode = {
        "2014": statistics.episode_2014,
        "2019": statistics.episode_2019,
        "2005": statistics.episode_2005,
    }
    return episode[role.partition(":")[0]](run)


def _estimator(runs: Runs) -> tuple[SurrenderScenario, ...]:
    """Every estimate in every world, over members and seeds."""
    answer = []
    for role, title in SURRENDER_SCENARIOS.items():
        name = "base" if role == "base" else f"estimator:{role}"
        years = [found[name].first_year for _, found in sorted(runs.items()) if name in found]
        told = [statistics.estimator(year) for year in years if year is not None]
        estimates = {key: _interval([one[key] for one in told]) for key in _ESTIMATES}
        answer.append(SurrenderScenario(role, title, estimates))
    return tuple(answer)


def _shares(runs: Runs) -> tuple[SectorShares, ...]:
    """Sector shares of both groups in the base year."""
    years = [found["base"].first_year for _, found in sorted(runs.items()) if "base" in found]
    answer = []
    for group in statistics.GROUPS:
        record = dict(statistics.record_shares(group))
        found = [year.sector_shares[group] for year in years if year is not None]
        simulated = {s: _interval([shares[s] for shares in found]) for s in record}
        answer.append(SectorShares(group, record, simulated))
    return tuple(answer)


def _bands(runs: Runs) -> dict[str, MonthlyBands]:
    """Monthly series of the two episodes that have them."""
    roles = {"2014": f"2014:{DECLARED}", "2019": "2019"}
    found = {
        episode: [one[role] for _, one in sorted(runs.items()) if role in one]
        for episode, role in roles.items()
    }
    return {episode: monthly_bands(episode, some) for episode, some in found.items() if some}


# ---- counting -----------------------------------------------------------------------------------


def pattern_results(parts: Iterable[PartResult]) -> dict[str, bool | None]:
    """Whether each pattern is inside: all its judged parts are; None where none is judged."""
    found: dict[str, bool | None] = {}
    for one in parts:
        name, before = one.target.pattern, found.get(one.target.pattern)
        found[name] = before if one.inside is None else one.inside and before is not False
    return found


@dataclass(frozen=True, slots=True)
class PatternCount:
    """Patterns inside, judged, and only reported."""

    inside: int
    judged: int
    reported: int


def count_patterns(parts: Iterable[PartResult]) -> PatternCount:
    """Count patterns."""
    found = pattern_results(parts).values()
    judged = [inside for inside in found if inside is not None]
    return PatternCount(sum(judged), len(judged), len(found) - len(judged))
