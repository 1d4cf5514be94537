"""Test that the causal links are complete, name existing code, and have the signs of the laws."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.causal_links import LEVER_LINKS, LINKS, ROOMS, VARIABLES
from abm.causal_page import named_loops
from abm.scenario import Scenario, parameters
from agents import contest
from agents.agency_params import BorderPatrolParams
from agents.contest import integrity
from agents.hazards import field_share
from agents.levers import LEVERS
from agents.migrants.prospects import eventual_success
from agents.origin_countries import Countries
from agents.smugglers.products import expected_attempts, target_price
from agents.smugglers.smuggler_params import SmugglerParams

SIGNS = {(link.cause, link.effect): link.sign for link in LINKS}


def test_every_link_joins_two_declared_variables_once_with_a_sign():
    assert len(SIGNS) == len(LINKS)
    for link in LINKS:
        assert {link.cause, link.effect} <= set(VARIABLES) and link.cause != link.effect
        assert link.sign in (-1, 1)
    assert {variable.room for variable in VARIABLES.values()} == set(ROOMS)
    names = [variable.name for variable in VARIABLES.values()]
    assert len(set(names)) == len(names)


def resolve(where: str) -> Any:
    """Return the object that "module:object" names."""
    module, path = where.split(":")
    target: Any = importlib.import_module(module)
    for name in path.split("."):
        target = getattr(target, name)
    return target


def test_the_code_that_a_link_names_exists():
    for where in {link.where for link in LINKS}:
        assert callable(resolve(where)) or isinstance(resolve(where), property), where


def test_parameters_that_switch_a_link_on_are_off_by_default():
    values = {row.path: row.value for row in parameters(Scenario())}
    for switch in {link.switch for link in LINKS if link.switch and "levers." not in link.switch}:
        usual = [v for path, v in values.items() if path == switch or path.startswith(f"{switch}.")]
        assert set(usual) <= {0.0, "willing"}, switch


def test_every_lever_acts_on_variables():
    assert set(LEVER_LINKS) == set(LEVERS)
    for acts in LEVER_LINKS.values():
        assert acts and set(acts) <= set(VARIABLES) and set(acts.values()) <= {-1, 0, 1}


def test_a_named_loop_is_closed_and_repeats_no_variable():
    for loop in named_loops().values():
        causes, effects = [link.cause for link in loop], [link.effect for link in loop]
        assert effects == [*causes[1:], causes[0]] and len(set(causes)) == len(loop)


def field_time(hours: float) -> float:
    """Return agents' time in the field, as a share, for given custody hours per day."""
    agents = np.array([100.0])
    duty = BorderPatrolParams().duty_hours
    line = SimpleNamespace(agents=agents, anchor=agents, tied_up=1.0, duty_hours=duty)
    custody = {"hours": np.array([hours]), "base_hours": np.array([50.0]), "other_hours": 0.0}
    return field_share.py_func(line, SimpleNamespace(**custody))


def supply_of(failure: float, income: float) -> float:
    """Return a country's supply factor at a change of state failure and an income ratio."""
    country: Any = SimpleNamespace(
        _elasticity=(0.3, 0.5),
        _log_homicide_ratio=lambda: failure,
        income=income,
        us_income=1.0,
        _by_programmes=lambda: 1.0,
    )
    factor: Any = Countries.factor
    return float(factor.fget(country))


def price_at(risk: float) -> float:
    """Return the target price at a probability that an attempt fails."""
    attempts = expected_attempts.py_func(risk)
    return target_price.py_func(SmugglerParams().price_sensitivity, 1_000.0, attempts, 0.1)


LAWS: dict[tuple[str, str], Callable[[float], float]] = {
    ("evaders", "detection"): lambda x: contest.hazard(1.0, 1.0, 1.0, 0.7, 1.0 + x, 0.1),
    ("agents", "detection"): lambda x: contest.hazard(1.0, 1.0, 1.0 + x, 0.7, 1.0, 0.1),
    ("integrity", "mx_hazard"): lambda x: contest.strength(10.0, 0.4 + 0.1 * x, 0.6),
    ("evaders", "response"): lambda x: contest.answered_share(0.5 + x),
    ("detection", "apprehensions"): lambda x: contest.probability(0.5 + x),
    ("apprehensions", "field_time"): lambda x: field_time(100.0 + 50.0 * x),
    ("stop_belief", "price"): lambda x: price_at(0.3 + x / 4),
    ("revenue", "integrity"): lambda x: integrity(0.55 + 0.1 * x, 1.1, 0.5),
    ("aid", "integrity"): lambda x: integrity(0.55, 1.1 + 0.1 * x, 0.5),
    ("release_belief", "success"): lambda x: eventual_success(0.4, 0.1, 0.2 + x / 4, 0.5, 0.4, 3),
    ("stop_belief", "success"): lambda x: eventual_success(0.4 - x / 4, 0.1, 0.2, 0.5, 0.4, 3),
    ("failure", "candidates"): lambda x: supply_of(0.1 * x, 1.0),
    ("income", "candidates"): lambda x: supply_of(0.0, 1.0 + 0.1 * x),
}


@pytest.mark.parametrize(("cause", "effect"), LAWS)
def test_a_law_moves_in_the_direction_of_its_link(cause: str, effect: str):
    law = LAWS[cause, effect]
    assert math.copysign(1.0, float(law(1.0)) - float(law(0.0))) == SIGNS[cause, effect]
    assert law(1.0) != law(0.0)
