"""Fixtures: artificial run results for tests of statistics."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from abm.measures import CRITERIA
from abm.measures.series import months
from abm.phases.indicators import INDICATORS
from agents.labels import COUNTRIES, GROUPS, SECTORS
from agents.outcomes import Event
from experiments.runs.case import FirstYear, RunResult
from tests.made_results import made_result

SERIES_NAMES = (
    "apprehended_mexico",
    "apprehended_us_adults",
    "apprehended_us_families",
    "got_aways_adults",
    "got_aways_families",
    *(f"attempts_{name}" for name in SECTORS),
    *(
        f"{prefix}_{kind}{country.lower()}"
        for prefix in ("apprehended_us", "set_out")
        for kind in ("", "adults_")
        for country in COUNTRIES
    ),
    *(
        f"{kind}_{group}"
        for group in GROUPS
        for kind in ("apprehended_us", "set_out", "attempts", "contracts", "fees")
    ),
)


@pytest.fixture(scope="session")
def made_up() -> Callable[..., RunResult]:
    """Return a function that creates a run. A series is 1 unless given as a number or by month."""

    def make(
        start: str = "2012-10-01",
        days: int = 730,
        series: Mapping[str, Any] | None = None,
        first_year: FirstYear | None = None,
        gauges: Mapping[str, float] | None = None,
    ) -> RunResult:
        names, _ = months(datetime.date.fromisoformat(start), days)
        levels = dict.fromkeys(SERIES_NAMES, 1.0) | dict(series or {})
        values = {
            name: np.array([v.get(m, 1.0) for m in names])
            if isinstance(v, dict)
            else np.full(len(names), float(v))
            for name, v in levels.items()
        }
        indicators = {
            name: np.full(len(names), (gauges or {}).get(name, 1.0)) for name in INDICATORS
        }
        return made_result(
            start=start,
            days=days,
            months=names,
            series=values,
            first_year=first_year,
            gauges=indicators,
            criteria=dict.fromkeys(CRITERIA, 0.0),
        )

    return make


@pytest.fixture
def year() -> Callable[..., FirstYear]:
    """Return a function that creates a first year in which all events belong to Mexicans."""

    def make(events: Mapping[str, int] | None = None, **more: Any) -> FirstYear:
        zero = {event.name.lower(): 0 for event in Event}
        by_group = {"mexican": zero | dict(events or {}), "northern_triangle": dict(zero)}
        empty: dict[str, Any] = {
            "rates": {},
            "sector_shares": {},
            "interceptions_by_state": {},
            "deaths_per_10000": {},
        }
        return FirstYear(events=by_group, **(empty | more))

    return make
