"""Elasticities: how departures and arrivals respond to one change at a time, in three regimes.

A regime is a packaged scenario with its policies over two fiscal years. The second year is
measured, when prices and beliefs have adjusted to the change. Base and changed runs share their
seeds. A response is the change in the log of persons, divided by the size of the change. If the
size results from agents' decisions, such as a fee, it is measured in the same runs.

``published.csv`` declares the published ranges. Most responses have no published range.
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from abm.phases.dated_inputs import staffing
from abm.scenario import ConsequenceChange
from abm.scenario.policy_specs import parse_policy
from agents.kernel_params import shift_log_odds
from agents.param import check_name
from experiments.rows.records import record
from experiments.rows.runs import failure_row
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.intervals import Interval
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.pairs import LEAST
from experiments.scenarios import find
from experiments.studies.published import published
from experiments.validation.episodes import UNLIMITED, refuse_fixed_settings
from experiments.validation.statistics import GROUPS, Window, ratio, total

if TYPE_CHECKING:
    from abm.scenario import Scenario

SCALE, REPS = 200, 6
#: Scenario and fiscal year of each regime.
REGIMES = {
    "FY2005": ("history_2005", 2005),
    "FY2013": ("baseline", 2013),
    "FY2019": ("history_2019", 2019),
}
#: Monthly series whose log changes are the responses.
RESPONSES = ("set_out", "apprehended_us", "unlawful_entries")
_STAFF, _HAZARD = 1.5, 1.5  # factors on the agents, and on the detection hazard at the line
_COST = 200.0  # $ added to an organisation's cost per attempt
_SANCTION = 0.5  # fall in the log-odds of another attempt after a removal or prosecution
_RELEASE = 0.25  # share of adults who are released
_CUT = 0.1  # share of U.S. earnings
_SUPPLY = 2.0  # factor on candidates
#: Changes with a fixed size. Other sizes are measured.
_SIZES = {"staff": math.log(_STAFF), "sanction": _SANCTION, "wages": math.log(1.0 - _CUT)}
_SIZES["supply"] = math.log(_SUPPLY)
CHANGES = (*_SIZES, "apprehension", "fee", "release", "interceptions")
_NO_RANGE = {"low": -math.inf, "high": math.inf, "source": ""}  # no published range


def plan(
    regimes: Collection[str], changes: Collection[str], scale: int, settings: Mapping[str, Any]
) -> dict[tuple[str, str], Scenario]:
    """Return the scenario for every regime and change. The base has the change "".

    Args:
        regimes, changes: keys of ``REGIMES`` and values from ``CHANGES``. Empty for all.
        scale: persons per simulated migrant.
        settings: further settings for all scenarios, by path.

    Raises:
        SettingError: a name or a setting is invalid, or a regime fixes a setting.
    """
    refuse_fixed_settings(settings, reason="the regimes fix it")
    scenarios = {}
    for regime in regimes or REGIMES:
        name, year = REGIMES[check_name("--regime", regime, REGIMES)]
        start, end = (datetime.date(y, 10, 1) for y in (year - 2, year))
        period = {"start": start, "days": (end - start).days, "scale": scale}
        base = find(name).with_settings(period | UNLIMITED | dict(settings))
        scenarios[regime, ""] = base
        for change in changes or CHANGES:
            check_name("CHANGE", change, CHANGES)
            scenarios[regime, change] = base.with_settings(_settings(base, year)[change])
    return scenarios


def _settings(base: Scenario, year: int) -> Mapping[str, Mapping[str, Any]]:
    """Return each change's settings in a regime, by path."""
    migrants, names = base.migrants, ("retry_prosecuted", "retry_removed")
    odds = {f"migrants.{n}": shift_log_odds(getattr(migrants, n), -_SANCTION) for n in names}
    release = ConsequenceChange(source="[S] study", kinds=("adult",), release=_RELEASE)
    agents = (_STAFF - 1.0) * float(staffing(year).sum())
    hazards, costs = base.border_patrol.line_hazard, base.smugglers.cost_base

    def with_policy(text: str) -> Mapping[str, Any]:
        return {"policies": (*base.policies, parse_policy(text))}

    return {
        "staff": with_policy(f"patrol_surge:agents={agents}:hire_days=1"),
        "apprehension": {"border_patrol.line_hazard": [_HAZARD * hazard for hazard in hazards]},
        "fee": {"smugglers.cost_base": [_COST + cost for cost in costs]},
        "sanction": odds | {"migrants.sanction_removal": migrants.sanction_removal + _SANCTION},
        "release": {"consequence_changes": (*base.consequence_changes, release)},
        "interceptions": with_policy("southern_border_control"),
        "wages": with_policy(f"worksite_enforcement:cut={_CUT}:join_days=1"),
        "supply": {"migrants.pool": [_SUPPLY * persons for persons in migrants.pool]},
    }


def _levels(run: RunResult, group: str, window: Window) -> dict[str, float]:
    """Return the quantities on which changes act. A change's size is a difference between runs."""
    fees, contracts, released, caught = (
        total(run, f"{name}_{group}", window)
        for name in ("fees", "contracts", "released_us_adults", "apprehended_us_adults")
    )
    return {
        "apprehension": _log(run.outcomes["apprehension_probability"]),
        "fee": _log(ratio(fees, contracts)),
        "release": ratio(released, caught),
        "interceptions": _log(total(run, "apprehended_mexico", window)),
    }


def _log(level: float) -> float:
    """Return the logarithm, or NaN if the level is not above 0."""
    return math.log(level) if level > 0.0 else math.nan


def elasticities(
    scenarios: Mapping[tuple[str, str], Scenario],
    seeds: Sequence[int],
    **options: Unpack[RunOptions],
) -> tuple[dict[str, Any], list[Failure]]:
    """Run all regimes and changes on the same seeds, and compute the responses.

    Args:
        scenarios: from :func:`plan`.
        seeds: seeds of every scenario.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The record, and the failed runs, whose pairs are excluded. Rows with a response outside its
        published range come first.
    """
    cases = {(*key, seed): Case(scenarios[key], seed) for key in scenarios for seed in seeds}
    results = dict(zip(cases, run_many(cases.values(), **options), strict=True))
    failures = [result for result in results.values() if isinstance(result, Failure)]
    rows = []
    for regime, change in scenarios:
        sides = ((results[regime, "", seed], results[regime, change, seed]) for seed in seeds)
        pairs = [(a, b) for a, b in sides if isinstance(a, RunResult) and isinstance(b, RunResult)]
        rows += [_row(regime, change, group, pairs) for group in GROUPS if change and pairs]
    rows.sort(key=lambda row: not any(cell["outside"] for cell in row["responses"].values()))
    study = {"scale": next(iter(scenarios.values())).scale, "seeds": list(seeds), "rows": rows}
    return study | {"failed": [*map(failure_row, failures)]}, failures


def _row(
    regime: str, change: str, group: str, pairs: Sequence[tuple[RunResult, RunResult]]
) -> dict[str, Any]:
    """Return a group's responses to a change in a regime, with published ranges."""
    year, sizes, cells = REGIMES[regime][1], [], {}
    window = (f"{year - 1}-10", f"{year}-09")
    for pair in pairs:
        before, after = (_levels(run, group, window) for run in pair)
        sizes.append(_SIZES[change] if change in _SIZES else after[change] - before[change])
    size = statistics.fmean(sizes)
    for name in RESPONSES:
        series = f"{name}{'_adults' * (change == 'release')}_{group}"
        logs = [[_log(total(run, series, window)) for run in pair] for pair in pairs]
        cell = response([after - before for before, after in logs], size)
        cell |= published(name).get((change, group), _NO_RANGE)
        cell["outside"] = cell["median"] < cell["low"] or cell["median"] > cell["high"]
        cells[name] = cell
    return {"regime": regime, "change": change, "group": group, "size": size, "responses": cells}


def response(changes: Sequence[float], size: float) -> dict[str, Any]:
    """Return the response per unit of a change, with the interval for its mean over seeds.

    Args:
        changes: change in the log of persons, by seed.
        size: mean size of the change. Below ``pairs.LEAST`` it counts as no change, and the
            response is NaN.
    """
    values = [change / size for change in changes] if abs(size) >= LEAST else []
    return record(Interval.of_mean([value for value in values if math.isfinite(value)]))
