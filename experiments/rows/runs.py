"""Rows of a scenario, of one run, and of a run that failed: plain data for JSON."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from abm.scenario import Scenario
from abm.supply_file import supply_label
from abm.world.declaration import declaration_of
from experiments.runs.case import Failure, RunResult
from experiments.validation.observed import observed_median

#: Figures of an interval.
FIGURES = ("median", "low90", "high90")


def record(value: object, keys: Iterable[str] = FIGURES) -> dict[str, Any]:
    """Return attributes of an object by key.

    Args:
        value: the object, by default an interval.
        keys: names of attributes, or ``key=path`` for an attribute with another name or of an
            attribute.

    Returns:
        The values in the order of the keys.
    """
    pairs = (key.partition("=") for key in keys)
    return {key: attrgetter(path or key)(value) for key, _, path in pairs}


def json_text(rows: Any) -> str:
    """Return strict JSON. NaN and infinity become null, arrays become lists."""
    return json.dumps(plain_values(rows), indent=2, ensure_ascii=False, allow_nan=False)


def plain_values(value: Any) -> Any:
    """Convert nested rows to mappings, lists, texts and finite numbers."""
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if hasattr(value, "tolist"):  # numpy, which is not imported here
        return plain_values(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]], world_note: str = "") -> str:
    """Return a CSV text.

    Args:
        header: names of the columns.
        rows: cells in the order of the columns.
        world_note: sentence about another world, in a last column ``world_note`` of every row.
            Without one there is no such column.

    Returns:
        The lines, each ended by a line feed.
    """
    text, more = io.StringIO(), [world_note] if world_note else []
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "world_note"] if more else header)
    writer.writerows([*row, *more] for row in rows)
    return text.getvalue()


#: Figures of one run; dollars are totals of the run, outcomes are per year.
_RUN = (
    "seed",
    "persons",
    "events",
    "rates",
    "outcomes",
    "criteria",
    "dollars",
    "dollars_unspent",
    "depth",
    "sector_shares",
    "interceptions_by_state",
    "cost",
    "digest",
)


def scenario_row(scenario: Scenario) -> dict[str, Any]:
    """Return the name, fingerprint, period, scale, supply and policies of a scenario."""
    return record(scenario, ("name", "digest", "days", "scale")) | {
        "start": scenario.start.isoformat(),
        "supply": supply_label(scenario.supply),
        "policies": list(map(str, scenario.policies)),
    }


def scenario_keys(scenario: Scenario) -> dict[str, Any]:
    """Return the first keys of a study: the note on another world, and the scenario."""
    return declaration_of(scenario.world).keys() | {"scenario": scenario_row(scenario)}


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return the scenario, seed, kind and text of a run that failed."""
    return record(failure, ("name", "seed", "kind", "text"))


def official_rows(results: Sequence[RunResult], scenario: Scenario) -> list[dict[str, Any]]:
    """Return official statistics with the median of the runs."""
    keys = ("name", "simulated", "observed", "source")
    rows = observed_median(results, scenario.world)
    return [dict(zip(keys, row, strict=True)) for row in rows]


def run_study(
    scenario: Scenario, results: Sequence[RunResult], failures: Sequence[Failure]
) -> dict[str, Any]:
    """Return the runs of one scenario.

    Args:
        scenario: scenario of the runs.
        results: runs by seed, at least one.
        failures: runs that failed.

    Returns:
        The figures of the first run, official statistics, and with several seeds all runs.
    """
    study = scenario_keys(scenario) | {"reps": len(results)} | record(results[0], _RUN)
    study["official"] = official_rows(results, scenario)
    if len(results) + len(failures) > 1:
        study["runs"] = [record(result, _RUN) for result in results]
        study["failed"] = [failure_row(failure) for failure in failures]
    return study


def daily_rows(results: Sequence[RunResult]) -> Iterator[list[Any]]:
    """Yield seed, date and the persons of every event, one row per day."""
    for result in results:
        first = datetime.date.fromisoformat(result.start)
        for day, counts in enumerate(result.daily if result.daily is not None else []):
            date = first + datetime.timedelta(days=day)
            yield [result.seed, date.isoformat(), *counts.tolist()]
