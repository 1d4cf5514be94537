"""Forecasts for the months after a record: monthly samples in a file that can be scored later.

In every run, supply follows the known months. It then continues at the mean of the last twelve
months, with a past year's seasonal pattern and a random level. Runs use the past years in turn, so
that each pattern occurs equally often. The random level has the same spread as the yearly changes
in the record. Ensemble members differ in their parameters.

The forecast for a month is the simulated number, multiplied by the ratio of recorded to simulated
apprehensions in the last twelve known months, so that an error in the simulated level does not
count. Stops by Mexico have a separate ratio if the record contains them. If not, the ratio for both
groups together applies. It also applies to got-aways, which no record counts.

A stored forecast is a mapping of plain values: the record, the scenario, the members, the model
version, every sample, and a hash over all these values, with which any later change is detected.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario, SettingError
from abm.source_hash import state_source
from abm.supply_file import MOST_BYTES, MOST_FACTOR, month_number, month_text
from abm.world.errors import WorldError
from abm.world.tables import Columns, decode, number, read_bytes, read_columns, read_records
from agents.labels import COUNTRIES, GROUPS, TERMS
from agents.param import did_you_mean, listed
from experiments.calibration.members import EnsembleSample
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.files import write_texts
from experiments.runs.many_runs import OnResult, run_many
from experiments.runs.study_inputs import seed_range
from experiments.sweeps.executors import ExecutorInput
from experiments.validation.scored_runs import level_spread, monthly_spread, recorded_years

#: Forecast outcomes, which are monthly series in a run. A record has at least the first two.
OUTCOMES = (*(f"apprehended_us_{group}" for group in GROUPS), "apprehended_mexico", "got_aways")
RECORDED, OPTIONAL = OUTCOMES[:2], OUTCOMES[2:3]
_RANDOM = ("supply_terms.level_sd", "supply_terms.surge_sd", "supply_terms.since")
#: Settings that follow from the record.
FROM_RECORD = ("start", "days", "supply", *_RANDOM)
REASON = "a forecast takes it from the record"
SCALE, HORIZON = 200, 12  # persons per simulated migrant, months
NOTE = "A forecast under the policies, staff and drivers that its scenario states."
_YEAR = 12  # months
_EARLIER = 12  # simulated months before the months that determine the level
_FIRST_END = 2001 * 12 + 8  # earliest last month of a record: September 2001
_LAST_SPREAD = 2019  # last fiscal year in the packaged record of yearly changes
_MAX_PERSONS = 1e7  # persons per month


@dataclass(frozen=True)
class MonthlyRecord:
    """Persons by outcome in consecutive months.

    Attributes:
        first: first month, as year * 12 + month - 1.
        values: persons by outcome, shape (months,).
    """

    first: int
    values: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        """Return the number of months."""
        return next(iter(self.values.values())).size

    @property
    def last(self) -> int:
        """The last month, as year * 12 + month - 1."""
        return self.first + len(self) - 1

    @property
    def months(self) -> list[str]:
        """Months as texts, such as 2014-07."""
        return [month_text(month) for month in range(self.first, self.last + 1)]


def read_record(
    path: str | Path, *, needs: Sequence[str] = RECORDED, where: str = "record"
) -> MonthlyRecord:
    """Read a file with a column ``month`` and one column of persons for each outcome.

    Args:
        path: CSV file.
        needs: outcomes that the file must have. Empty if any of :data:`OUTCOMES` is enough.
        where: name of the argument in error messages.

    Returns:
        The record.

    Raises:
        SettingError: the file is missing or invalid. The message names the row and the column.
    """
    file = Path(path)
    try:
        content = read_bytes(file, MOST_BYTES)
        row, header = next(iter(read_records(file.name, decode(file.name, content))), (1, []))
        names = [name for name in header if name != "month"]
        for name in names:
            if name not in OUTCOMES:
                guess = did_you_mean(name, OUTCOMES).rstrip() or f"expected only {listed(OUTCOMES)}"
                raise WorldError(file.name, row, name, f"unknown column in the header: {guess}")
        persons = number(0.0, _MAX_PERSONS, "persons in the month")
        schema = {"month": month_number} | dict.fromkeys((*needs, *names), persons)
        columns = read_columns(file.name, content, schema, lambda _: None)
        if len(schema) == 1:
            raise WorldError(file.name, row, reason=f"no column of {listed(OUTCOMES)}")
        _check_months(columns)
    except WorldError as error:
        hint = f"Columns are month, {', '.join(RECORDED)} and, if known, {', '.join(OPTIONAL)}."
        raise SettingError(where, str(error), hint) from None
    values = {name: np.array(columns[name], float) for name in schema if name != "month"}
    return MonthlyRecord(columns["month"][0], values)


def _check_months(columns: Columns) -> None:
    """Raise WorldError unless every row is the month after the row before it."""
    months = columns["month"]
    if months[-1] < _FIRST_END:  # earlier records allow no estimate of the spread
        raise columns.error(len(months) - 1, "month", f"expected {month_text(_FIRST_END)} or later")
    for i in range(1, len(months)):
        if months[i] != months[i - 1] + 1:
            reason = f"expected {month_text(months[i - 1] + 1)}; months must be consecutive"
            raise columns.error(i, "month", reason)


# ---- runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ForecastPlan:
    """Planned runs for a forecast.

    Attributes:
        record: the known months. At least twelve are needed.
        scenario: policies and settings. The plan sets start, days and supply.
        members: ensemble members. None for the scenario's own parameters.
        horizon: number of months to forecast.
        reps, seed: number of seeds per member, and first seed.
    """

    record: MonthlyRecord
    scenario: Scenario
    members: EnsembleSample | None = None
    horizon: int = HORIZON
    reps: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        """Raise ``SettingError`` for a short record, an empty last year, or seeds out of range."""
        seed_range(self.seed, len(self))
        months = len(self.record)
        if months < _YEAR:
            reason = f"the record has {months} months"
            raise SettingError("record", reason, f"Give at least {_YEAR} consecutive months.")
        for name in RECORDED:
            if self.record.values[name][-_YEAR:].sum() <= 0.0:
                reason = f"{name} is zero in the last {_YEAR} months"
                raise SettingError("record", reason, "Give a record with apprehensions.")

    def __len__(self) -> int:
        """Return the number of runs."""
        return self.reps * (len(self.members) if self.members else 1)

    @property
    def months(self) -> list[str]:
        """Forecast months."""
        last = self.record.last
        return [month_text(month) for month in range(last + 1, last + 1 + self.horizon)]

    @property
    def first(self) -> int:
        """First simulated month: a year before the months that determine the level, if recorded."""
        return max(self.record.first, self.record.last + 1 - _YEAR - _EARLIER)

    @property
    def base(self) -> Scenario:
        """The scenario with the runs' period and random level, but without their supply."""
        start, end = first_day(self.first), first_day(self.record.last + 1 + self.horizon)
        return self.scenario.with_settings(
            {"start": start, "days": (end - start).days, **self._terms()}
        )

    def cases(self, folder: Path) -> list[Case]:
        """Write a supply file for every season, and return the runs, member by member.

        Args:
            folder: folder for the supply files that the runs read, created if missing.
        """
        seasons = _seasons(self.record)
        texts = {f"supply_{k + 1}.csv": self._supply(s) for k, s in enumerate(seasons)}
        folder.mkdir(parents=True, exist_ok=True)
        write_texts(folder, texts)
        files = [str(folder / name) for name in texts]
        base = self.base
        settings = self.members.settings if self.members else ({},)
        runs = [member for member in settings for _ in range(self.reps)]
        return [  # a run's seed also determines its random level
            Case(base.with_settings({**member, "supply": files[run % len(files)]}), self.seed + run)
            for run, member in enumerate(runs)
        ]

    def _supply(self, season: Mapping[str, np.ndarray]) -> str:
        """Return a supply file: the known months, then the mean of the last twelve by season."""
        rows = ["month,country,factor"]
        curve = self.scenario.migrants.supply_curve
        for country in COUNTRIES:
            group = GROUPS[country != "MX"]
            past = self.record.values[f"apprehended_us_{group}"]
            later = past[-_YEAR:].mean() * np.resize(season[group], self.horizon)
            base = recorded_years(group, 2013)[2013] / 365.0  # the unit of a supply factor
            for month, persons in enumerate([*past, *later], self.record.first):
                days = (first_day(month + 1) - first_day(month)).days
                factor = min(MOST_FACTOR, (persons / days / base) ** curve)
                rows.append(f"{month_text(month)},{country},{factor:.6g}")
        return "\n".join(rows) + "\n"

    def _terms(self) -> dict[str, Any]:
        """Return settings for the random level and the supply terms, which act after the record."""
        spreads = [_spread(self.record, group) for group in GROUPS]
        since = (self.record.last + 1) / _YEAR
        values = spreads, [0.0] * len(GROUPS), [since] * len(TERMS)
        return dict(zip(_RANDOM, values, strict=True))


def run_plans(
    plans: Sequence[ForecastPlan],
    folder: Path,
    *,
    executor: ExecutorInput = None,
    on_result: OnResult | None = None,
) -> tuple[list[list[RunResult]], list[Failure]]:
    """Run all cases in several plans.

    Args:
        plans: planned runs, one plan per forecast.
        folder: folder for stored runs. Supply files are written to a folder next to it.
        executor, on_result: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        Results by plan, and all failures.
    """
    cases = [plan.cases(folder.with_name("supply") / plan.months[0]) for plan in plans]
    flat = [case for plan_cases in cases for case in plan_cases]
    results = iter(run_many(flat, folder=folder, executor=executor, on_result=on_result))
    rows = [[next(results) for _ in plan_cases] for plan_cases in cases]
    failures = [result for row in rows for result in row if isinstance(result, Failure)]
    return [[a for a in row if isinstance(a, RunResult)] for row in rows], failures


def _seasons(record: MonthlyRecord) -> list[dict[str, np.ndarray]]:
    """Return every past year's months relative to its mean, by group, latest year first."""
    years = len(record) // _YEAR
    blocks = {
        group: record.values[f"apprehended_us_{group}"][-years * _YEAR :].reshape(years, _YEAR)
        for group in GROUPS
    }
    return [
        {group: year[k] / max(float(year[k].mean()), 1e-9) for group, year in blocks.items()}
        for k in reversed(range(years))
    ]


def _spread(record: MonthlyRecord, group: str) -> float:
    """Return the standard deviation of the monthly random change, in log points.

    It is estimated from the record if the record has at least four whole years, each with
    apprehensions. Otherwise it comes from the packaged record.
    """
    recorded = record.values[f"apprehended_us_{group}"]
    years = recorded.size // _YEAR
    sums = recorded[-years * _YEAR :].reshape(years, _YEAR).sum(axis=1)
    if years < 4 or sums.min() <= 0.0:
        return level_spread(group, min(_LAST_SPREAD, (record.last + 1 + 3) // _YEAR - 1))
    return monthly_spread(group, np.log(sums).tolist())


def first_day(month: int) -> datetime.date:
    """Return a month's first day."""
    return datetime.date(month // _YEAR, month % _YEAR + 1, 1)


# ---- the forecast --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """Monthly samples for the months after a record.

    Attributes:
        months: months after the record.
        samples: persons by outcome, shape (runs, months).
        record: the known months.
        inputs: scenario, members, model version and run counts, as plain values.
    """

    months: tuple[str, ...]
    samples: Mapping[str, np.ndarray]
    record: MonthlyRecord
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Return the plain values with their hash."""
        content = {
            "inputs": dict(self.inputs),
            "record": {
                "months": self.record.months,
                **{name: values.tolist() for name, values in self.record.values.items()},
            },
            "months": list(self.months),
            "samples": {name: values.tolist() for name, values in self.samples.items()},
        }
        return content | {"hash": _hash(content)}


def make_forecast(plan: ForecastPlan, runs: Sequence[RunResult]) -> Forecast:
    """Compute a forecast's samples.

    Args:
        plan: plan to which the runs belong.
        runs: results of the cases that succeeded, at least one.

    Returns:
        The forecast.
    """
    recorded = {
        name: float(plan.record.values[name][-_YEAR:].sum())
        for name in (*RECORDED, *OPTIONAL)
        if name in plan.record.values
    }
    rows = [_horizon_row(run, recorded, month_text(plan.record.last), plan.horizon) for run in runs]
    samples = {name: np.round([row[name] for row in rows], 1) for name in OUTCOMES}
    inputs = {
        "model": state_source(),
        "scenario": plan.scenario.digest,
        "name": plan.scenario.name,
        "policies": [str(use) for use in plan.scenario.policies],
        "scale": plan.scenario.scale,
        "members": list(plan.members.chosen) if plan.members else None,
        "ensemble": plan.members.digest if plan.members else None,
        "reps": plan.reps,
        "seed": plan.seed,
        "failed": len(plan) - len(runs),
    }
    return Forecast(tuple(plan.months), samples, plan.record, inputs)


def _horizon_row(
    run: RunResult, recorded: Mapping[str, float], last: str, horizon: int
) -> dict[str, np.ndarray]:
    """Return a run's outcomes for the months after the record, scaled to the recorded level."""
    end = run.months.index(last) + 1
    simulated = {name: float(run.series[name][end - _YEAR : end].sum()) for name in OUTCOMES}
    line = sum(recorded[name] for name in RECORDED) / max(sum(simulated[n] for n in RECORDED), 1.0)
    ratio = {
        name: recorded[name] / max(simulated[name], 1.0) if name in recorded else line
        for name in OUTCOMES
    }
    return {name: ratio[name] * run.series[name][end : end + horizon] for name in OUTCOMES}


def read_forecast(path: str | Path) -> Forecast:
    """Read a forecast file, and check that its content has not changed.

    Args:
        path: JSON file with the keys of :meth:`Forecast.values`. Other keys are ignored.

    Returns:
        The forecast.

    Raises:
        SettingError: the file is missing, is not a forecast, or was changed after it was written.
    """
    hint = "Give the forecast.json that `twoborders forecast` wrote."
    try:
        content = json.loads(read_bytes(Path(path)).decode("utf-8"))
        content = {key: content[key] for key in ("inputs", "record", "months", "samples", "hash")}
    except (WorldError, ValueError, KeyError, TypeError) as error:
        reason = str(error) if isinstance(error, WorldError) else f"{path} is not a forecast"
        raise SettingError("forecast", reason, hint) from None
    if content.pop("hash") != _hash(content):
        reason = f"{path} was changed after the forecast was made: its hash does not fit"
        raise SettingError("forecast", reason, hint)
    recorded = dict(content["record"])
    first = month_number(recorded.pop("months")[0])
    record = MonthlyRecord(first, {name: np.array(values) for name, values in recorded.items()})
    samples = {name: np.array(values) for name, values in content["samples"].items()}
    return Forecast(tuple(content["months"]), samples, record, content["inputs"])


def _hash(content: Mapping[str, Any]) -> str:
    """Return a hash over plain values, 40 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def fan(samples: np.ndarray) -> np.ndarray:
    """Return the median and the bounds of the central 50 % and 90 % by month.

    Args:
        samples: persons, shape (runs, months).

    Returns:
        Persons, shape (5, months): 5, 25, 50, 75 and 95 %.
    """
    return np.quantile(samples, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0, method="weibull")
