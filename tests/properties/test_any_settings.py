"""With any settings within bounds, the model runs and accounts balance, or a clear error is raised.

`tests/reliability` tests many more settings, and policies; `tests/laws/test_two_engines.py` tests
any frame of a run.
"""

from __future__ import annotations

import datetime
import math
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from abm import measures
from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Row, Scenario, SettingError, parameters
from abm.scenario.policy_specs import PolicySpec
from abm.world.routes import World, load_world

FRAME = ("days", "scale", "warmup_days", "fill_days")
ROWS = {row.path: row for row in parameters(Scenario()) if row.path not in FRAME}
AMOUNTS = ("fee_", "entries_per_", "turn_backs_per_", "deaths_per_")  # ratios that may exceed 1
START = Scenario().start
DIVERGES = "route values do not converge"

calm = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(row: Row) -> st.SearchStrategy:
    """Draw a bound of a parameter or a value between the bounds."""
    if row.choices:
        return st.sampled_from(row.choices)
    if row.kind is bool:
        return st.booleans()
    if row.kind is int:
        low, high = math.ceil(row.low), math.floor(row.high)
        return st.sampled_from([low, high]) | st.integers(low, high)
    return st.sampled_from([row.low, row.high]) | st.floats(row.low, row.high)


@st.composite
def changes(draw: st.DrawFn, most: int = 8) -> dict[str, Any]:
    """Draw some parameters, each with a value within its bounds."""
    paths = draw(st.lists(st.sampled_from(sorted(ROWS)), min_size=3, max_size=most, unique=True))
    return {path: draw(values(ROWS[path])) for path in paths}


@st.composite
def policy_specs(draw: st.DrawFn) -> tuple[PolicySpec, ...]:
    """Draw up to three policies within their bounds, with dates inside and outside the run."""
    names = draw(st.lists(st.sampled_from(sorted(registry())), max_size=3, unique=True))
    found = []
    for name in names:
        cls = registry()[name]
        dose = draw(st.sampled_from([cls.low, 1.0, cls.high]) | st.floats(cls.low, cls.high))
        first = START + datetime.timedelta(days=draw(st.integers(-20, 30)))
        found.append(PolicySpec(id=name, dose=dose, start=draw(st.sampled_from([None, first]))))
    return tuple(found)


@cache
def world() -> World:
    """Return the packaged world; it is not a fixture, so failing examples do not print it."""
    return load_world()


def play(scenario: Scenario, seed: int = 1) -> BorderModel | None:
    """Run a scenario to its end; return None if the routes do not converge."""
    try:
        model = BorderModel(scenario, rng=seed, world=world())
        model.run_for(scenario.days)
    except SettingError as refusal:
        if refusal.reason.startswith(DIVERGES) and refusal.path.startswith("routes.noise_"):
            note(f"rejected: {refusal}")
            return None
        raise  # every value was within its bounds
    model.tidy()  # recounts rows and dollars, or raises
    return model


def check(model: BorderModel) -> None:
    """Check that values are finite and not negative, shares are at most 1 and accounts balance."""
    persons = model.ledger.persons()
    assert min(persons.values()) >= 0
    assert persons.pop("candidates") == sum(persons.values())
    assert int(model.ledger.balance.sum()) == 0
    assert (model.ledger.events >= 0).all() and (model.ledger.stock >= 0).all()
    for name, value in measures.rates(model.ledger).items():
        high = math.inf if name.startswith(AMOUNTS) else 1.0
        assert math.isnan(value) or (0.0 <= value <= high and math.isfinite(value)), name
    for name, value in measures.outcomes(model.ledger).items():
        assert math.isnan(value) or (value >= 0.0 and math.isfinite(value)), name
    prices = model.market.book["price"][model.market.book["active"] == 1]
    assert ((prices >= 0.0) & (prices < 1e9)).all()
    for name in ("mx_hazard", "us_hazard", "extort_hazard", "death", "kidnap", "respond"):
        hazard = getattr(model.network.leg_state, name)
        assert ((hazard >= 0.0) & (hazard < math.inf)).all(), name


@given(changed=changes(), seed=st.integers(0, 2**63 - 1))
@example(changed={"smugglers.count_northern_triangle": 0}, seed=16)
@example(changed={"smugglers.cell_week": 100_000.0, "supply_level": 20.0}, seed=31)
@example(changed={"routes.noise_guided": 2_000.0}, seed=1)
@example(changed={"routes.lateral_cost": 0.0}, seed=1)
@example(changed={"supply_level": 0.0}, seed=1)
@example(
    changed={"ports.min_booths": 10.0, "ports.load.truck": 0.1, "aid.delay_months": 1.0}, seed=0
)
@example(changed={"migrants.pool": [0.0, 0.0], "migrants.retry_turned_back": 1.0}, seed=1)
@calm
def test_a_few_changed_settings_run_or_raise_a_clear_error(
    changed: dict[str, Any], seed: int
) -> None:
    """Three to eight parameters anywhere within their bounds, one month at scale 1000."""
    base = Scenario(scale=1000, warmup_days=14, days=25)
    model = play(base.with_settings(changed), seed)
    if model is not None:
        check(model)


@pytest.mark.parametrize(
    "start", ["1990-01-01", "1991-12-31", "2012-02-29", "2019-10-01", "2060-12-31"]
)
def test_any_date_of_the_calendar_can_be_the_first_day(start: str) -> None:
    """Covers fiscal years, leap days and the first and last allowed dates."""
    first = datetime.date.fromisoformat(start)
    model = play(Scenario(start=first, scale=1000, warmup_days=14, days=40))
    assert model is not None
    check(model)
    assert model.date == first + datetime.timedelta(days=40)
