"""Factors that a sweep of the screen may vary: dollars or doses of policies, and numbers.

A *choice* is one entry of the list of the form. Its key is the path of a parameter, or the path of
a policy's dose with the way in which its amount is typed: ``policy.fence|dollars``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from abm.policies import registry
from abm.scenario import Scenario, SettingError, load_scenario, parameters
from abm.scenario.policy_specs import PolicySpec
from experiments.sweeps.design.factors import POLICY, yearly_dollars
from experiments.sweeps.pivot import POINT
from viz.screen.panels.budgets import STEP, costs_money, dollar_bounds, policy_of
from viz.screen.panels.naming import policy_title
from viz.screen.panels.number_labels import Number, Unit, row_number
from viz.screen.session.choice import STATUS_QUO, base_scenario
from viz.screen.words import Words

DOLLARS, DOSE = "dollars", "dose"
_DIGITS = 4  # of a level on an axis


@dataclass(frozen=True, slots=True)
class Varied:
    """A choice of the list.

    Attributes:
        key, path: of the choice, and of the factor in the design.
        number: label, unit and bounds of its values.
        in_dollars: whether values are dollars a year.
    """

    key: str
    path: str
    number: Number
    in_dollars: bool = False

    def written(self, value: float) -> str:
        """Return a value as a design file has it: dollars as text, other values as numbers."""
        if self.in_dollars:
            return f'"{value / 1e6:.9g}M"'
        return repr(int(value) if self.number.whole else float(value))


@cache
def varied_choices(language: str) -> Mapping[str, Varied]:
    """Return every choice by its key: policies in the order of their titles, then numbers."""
    t = Words(language)
    policies = sorted((policy_title(t, name), name) for name in registry() if name != STATUS_QUO)
    choices = [choice for title, name in policies for choice in _amounts(t, name, title)]
    rows = (row for row in parameters(base_scenario()) if "." in row.path)
    numbers = [row_number(t, row) for row in rows if row.kind in (int, float)]
    choices += [Varied(number.name, number.name, number) for number in numbers]
    return {choice.key: choice for choice in choices}


def _amounts(t: Words, name: str, title: str) -> list[Varied]:
    """Return the ways to vary a policy: in dollars, if it costs money, and in percent."""
    path, policy = POLICY + name, policy_of(name)
    percent = Unit(100.0, t("sweep_new.of_full"))
    bounds = (policy.low, policy.high)
    amounts = [
        _amount(f"{path}|{DOSE}", path, f"{title}, {t('sweep_new.in_dose')}", bounds, percent)
    ]
    if costs_money(name):
        low, high = dollar_bounds(name)
        text, unit = f"{title}, {t('sweep_new.in_dollars')}", Unit(1e-6, t("sweep_new.millions"))
        bounds = (low, math.floor(high / STEP) * STEP)
        amounts.insert(0, _amount(f"{path}|{DOLLARS}", path, text, bounds, unit))
    return amounts


def _amount(key: str, path: str, label: str, bounds: tuple[float, float], unit: Unit) -> Varied:
    """Describe the amount of a policy."""
    number = Number(
        name=path,
        label=label,
        about="",
        source="",
        value=bounds[0],
        default=bounds[0],
        low=bounds[0],
        high=bounds[1],
        unit=unit,
        whole=False,
        assumed=False,
    )
    return Varied(key, path, number, in_dollars=key.endswith(DOLLARS))


def priced(varied: Varied, scenario: Scenario) -> Varied:
    """Return a choice with bounds in dollars at the price of the policy in a scenario.

    Args:
        varied: the choice.
        scenario: the base, whose policies may have numbers that change their price.

    Returns:
        The choice. The same one if the price is the default.
    """
    spec = next((spec for spec in scenario.policies if POLICY + spec.id == varied.path), None)
    if not varied.in_dollars or spec is None or not spec.numbers:
        return varied
    low, high = dollar_bounds(str(spec))
    highest = math.floor(high / STEP) * STEP
    number = replace(varied.number, value=low, default=low, low=low, high=highest)
    return replace(varied, number=number)


def factor_name(t: Words, path: str) -> str:
    """Return the name of a factor.

    Args:
        t: the words of the language.
        path: the factor.

    Returns:
        The title of a policy for its dose, the label of a parameter, or the path of anything else.
    """
    if path == POINT:
        return t("store.point")
    if path.startswith(POLICY):
        return policy_title(t, path.removeprefix(POLICY))
    choice = varied_choices(t.language).get(path)
    return choice.number.label if choice else path


def axis_name(t: Words, path: str, scenario: str = "") -> str:
    """Return the name of a factor and the unit in which `level_text` shows its values."""
    unit = _unit(t, path, scenario)
    return f"{factor_name(t, path)}, {unit}" if unit else factor_name(t, path)


def _unit(t: Words, path: str, scenario: str) -> str:
    if path.startswith(POLICY):
        price = price_of(path.removeprefix(POLICY), scenario)
        return t("sweep_new.millions" if price else "sweep_new.of_full")
    choice = varied_choices(t.language).get(path)
    return choice.number.unit.text if choice else ""


def level_text(t: Words, path: str, value: Any, scenario: str = "") -> str:
    """Return a value of a factor in a readable unit: dollars, percent, or its own.

    Args:
        t: the words of the language.
        path: the factor.
        value: its value in the units of the model. For a policy its dose.
        scenario: the scenario of the sweep as TOML, which sets the prices of policies, empty for
            the declared prices.

    Returns:
        The number without its unit.
    """
    if isinstance(value, str | bool) or not math.isfinite(value):
        return str(value)
    if path.startswith(POLICY):
        price = price_of(path.removeprefix(POLICY), scenario)
        return _text(value * price / 1e6 if price else value * 100.0)
    choice = varied_choices(t.language).get(path)
    return _text(value * choice.number.unit.factor if choice else value)


def _text(value: float) -> str:
    """Return a number with a few digits and no exponent, unless it is very large or small."""
    return f"{float(f'{value:.{_DIGITS}g}'):,.12g}"


@lru_cache(maxsize=512)
def price_of(name: str, scenario: str = "") -> float:
    """Return the dollars a year of a policy at dose 1.

    Args:
        name: id of the policy.
        scenario: a scenario as TOML, whose numbers of the policy count, empty for declared ones.

    Returns:
        Dollars, 0 for a policy without dollars and for an unknown one.
    """
    if name not in registry():
        return 0.0
    try:
        policies = load_scenario(scenario).policies if scenario else ()
        spec = next((spec for spec in policies if spec.id == name), PolicySpec(id=name))
        return yearly_dollars(spec)
    except SettingError:  # a scenario of another version of the model
        return yearly_dollars(PolicySpec(id=name))
