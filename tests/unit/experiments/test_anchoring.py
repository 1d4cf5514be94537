"""A step of the anchored constants: none at the observed figures, otherwise towards them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm import legal_channel
from abm.scenario import Scenario
from experiments.calibration import anchoring
from experiments.runs.case import FirstYear

AIM = anchoring.observed_figures()
GROUPS = list(anchoring.GROUPS)


def observed_year(scenario: Scenario) -> FirstYear:
    """Return a simulated year that has exactly the observed figures."""
    m = scenario.migrants
    granted = legal_channel.granted_share(m)
    events: Any = {
        g: {"apprehended_us": caught, "applied": visas / granted}
        for g, caught, visas in zip(GROUPS, AIM["apprehended"], m.legal_quota, strict=True)
    }
    rates = {"mexico_share": AIM["mexico_share"]}
    rates |= {f"smuggler_use_{g}": use for g, use in zip(GROUPS, AIM["guided"], strict=True)}
    rates |= {f"fee_{g}": fee for g, fee in zip(GROUPS, AIM["fees"], strict=True)}
    shares = dict(zip(anchoring.SECTORS, AIM["sector_share"].tolist(), strict=True))
    states = {state: 1e5 * share for state, share in AIM["states"].items()}
    return FirstYear(
        events=events,
        rates=rates,
        sector_shares=dict.fromkeys(GROUPS, shares),
        interceptions_by_state=states | {"the rest": 1e5 - sum(states.values())},
        deaths_per_10000=dict(zip(anchoring.SECTORS, AIM["deaths"].tolist(), strict=True)),
    )


def step(year: FirstYear | None, damping: float = 0.5) -> dict[str, Any]:
    """Return the settings after one step from the defaults."""
    result: Any = SimpleNamespace(first_year=year)
    return anchoring.adjust_constants(Scenario(), result, AIM, damping)


def default(path: str) -> np.ndarray:
    """Return the default of a setting."""
    group, name = path.split(".")
    return np.array(getattr(getattr(Scenario(), group), name))


def test_a_run_with_the_observed_figures_changes_no_constant():
    for path, values in step(observed_year(Scenario())).items():
        assert values == pytest.approx(default(path)), path


def test_too_many_of_anything_lowers_its_constant_and_too_few_raises_it():
    year = observed_year(Scenario())
    for factor, sign in ((1.25, -1), (0.8, 1)):
        events = {g: {k: n * factor for k, n in row.items()} for g, row in year.events.items()}
        deaths = {s: n * factor for s, n in year.deaths_per_10000.items()}
        rates = {name: rate * factor for name, rate in year.rates.items()}
        other = replace(year, events=events, rates=rates, deaths_per_10000=deaths)
        moved = {path: np.array(new) - default(path) for path, new in step(other).items()}
        for path in ("migrants.pool", "smugglers.cost_base", "migrants.solo_burden"):
            assert (np.sign(moved[path]) == sign).all(), path
        positive = AIM["deaths"] > 0.0
        assert (np.sign(moved["migrants.death_sector"][positive]) == sign).all()
        assert (np.sign(moved["mexico.leg_hazard"]) == sign).all()
        assert (np.sign(moved["migrants.legal_value"]) == sign).all()


def test_sectors_with_too_small_a_share_become_more_attractive():
    year = observed_year(Scenario())
    equal = 1.0 / len(anchoring.SECTORS)
    even = dict.fromkeys(anchoring.SECTORS, equal)
    new = step(replace(year, sector_shares=dict.fromkeys(GROUPS, even)))
    moved = np.array(new["routes.sector_constant"]) - default("routes.sector_constant")
    assert (np.sign(moved) == np.sign(AIM["sector_share"] - equal)).all()
    assert np.abs(moved).max() <= 120.0


def test_a_state_with_too_small_a_share_has_a_higher_hazard_than_other_states():
    year = observed_year(Scenario())
    (name, share), *_ = sorted(AIM["states"].items(), key=lambda item: -item[1])
    fewer = year.interceptions_by_state | {name: 0.5e5 * share}
    new = np.array(step(replace(year, interceptions_by_state=fewer))["mexico.leg_hazard"])
    ratio = dict(zip(anchoring.STATES, new / default("mexico.leg_hazard"), strict=True))
    assert max(ratio, key=lambda state: ratio[state]) == name.lower()


def test_a_step_stays_within_the_bounds_of_the_parameters():
    year = observed_year(Scenario())
    none = {g: dict.fromkeys(row, 0) for g, row in year.events.items()}
    rates = dict.fromkeys(year.rates, 0.0)
    for damping in (1.0, 0.7):
        new = step(replace(year, events=none, rates=rates), damping)
        Scenario().with_settings(new)


def test_a_run_of_less_than_a_year_is_an_error():
    with pytest.raises(ValueError, match="at least 365 days"):
        step(None)
