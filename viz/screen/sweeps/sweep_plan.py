"""A sweep from the form of the screen: typed texts to a design file, or an error for each field.

A sweep may vary policies and numbers. A *choice* is one entry in the list on the form, with the
path of its factor. Policies are varied in dollars, or in percent of the full measure if they cost
nothing.

The result is a design as text. Its `Design` is read back from that text, so that the command
line, which reads the same file, has the same points, seeds and keys.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from abm.policies import registry
from abm.scenario import Scenario, SettingError, load_scenario, parameters
from abm.scenario.policy_specs import PolicySpec
from experiments.sweeps.design import POLICY, Design, yearly_dollars
from experiments.sweeps.design_files import read
from experiments.sweeps.pivot import POINT
from viz.screen.panels.budgets import STEP, costs_money, dollar_bounds, policy_of, read_integer
from viz.screen.panels.naming import policy_title
from viz.screen.panels.number_labels import Number, Unit, row_number
from viz.screen.session.choice import (
    BASE,
    STATUS_QUO,
    Choice,
    base_scenario,
    changed_numbers,
    migrants_per_year,
)
from viz.screen.words import Words

MOST_RUNS, MOST_LEVELS, MOST_SEEDS = 10_000, 30, 200  # [A] limits of one sweep
A, B = "a", "b"  # base worlds
_MOST_LETTERS = 400  # maximum length of a typed list
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_SPACED = re.compile(r"[;\s]+|,(?=\s)")
Errors = dict[str, str]  # message by name of the field

_DIGITS = 4  # significant digits of a level on an axis
#: [A] seconds of a run for each of its days, and for each day with one person per migrant.
_DAY_S, _PERSONS_S = 0.0012, 0.043


@cache
def varied_choices(language: str) -> Mapping[str, Number]:
    """Return every choice by its path: policies ordered by title, then numbers."""
    t = Words(language)
    policies = sorted((policy_title(t, name), name) for name in registry() if name != STATUS_QUO)
    choices = [_amount(t, name, title) for title, name in policies]
    rows = (row for row in parameters(base_scenario()) if "." in row.path)
    choices += [row_number(t, row) for row in rows if row.kind in (int, float)]
    return {choice.name: choice for choice in choices}


def _amount(t: Words, name: str, title: str) -> Number:
    """Return the choice of a policy: its dollars, or its dose in percent if it costs nothing."""
    policy = policy_of(name)
    low, high, unit = policy.low, policy.high, Unit(100.0, t("sweep_new.of_full"))
    if costs_money(name):
        low, high = dollar_bounds(name)
        high, unit = math.floor(high / STEP) * STEP, Unit(1e-6, t("sweep_new.millions"))
    return Number(
        name=POLICY + name,
        label=title,
        value=low,
        default=low,
        low=low,
        high=high,
        unit=unit,
        whole=False,
    )


def _is_dollars(path: str) -> bool:
    """Return whether the values of a choice are dollars a year."""
    return path.startswith(POLICY) and costs_money(path.removeprefix(POLICY))


def _written(number: Number, value: float) -> str:
    """Return a value as a design file has it: dollars as text, other values as numbers."""
    if _is_dollars(number.name):
        return f'"{value / 1e6:.9g}M"'
    return repr(int(value) if number.whole else float(value))


def factor_name(t: Words, path: str) -> str:
    """Return a factor's name.

    Args:
        t: words in the display language.
        path: the factor.

    Returns:
        A policy's title for its dose, a parameter's label, or the path for anything else.
    """
    if path == POINT:
        return t("store.point")
    choice = varied_choices(t.language).get(path)
    return choice.label if choice else path


def axis_name(t: Words, path: str) -> str:
    """Return a factor's name and the unit in which `level_text` shows its values."""
    choice = varied_choices(t.language).get(path)
    unit = choice.unit.text if choice else ""
    return f"{factor_name(t, path)}, {unit}" if unit else factor_name(t, path)


def level_text(t: Words, path: str, value: Any, scenario: str = "") -> str:
    """Return a value of a factor in a readable unit: dollars, percent, or its own.

    Args:
        t: words in the display language.
        path: the factor.
        value: its value in the units of the model. For a policy its dose.
        scenario: the sweep's scenario as TOML, which sets policy prices, empty for
            the declared prices.

    Returns:
        The number without its unit.
    """
    if isinstance(value, str | bool) or not math.isfinite(value):
        return str(value)
    choice = varied_choices(t.language).get(path)
    factor = choice.unit.factor if choice else 1.0
    if choice and _is_dollars(path):
        factor *= price_of(path.removeprefix(POLICY), scenario)
    few_digits = float(f"{value * factor:.{_DIGITS}g}")
    return f"{few_digits:,.12g}"  # with an exponent only if very large or small


@lru_cache(maxsize=512)
def price_of(name: str, scenario: str = "") -> float:
    """Return the cost of a policy at dose 1, dollars a year.

    Args:
        name: the policy's id.
        scenario: a scenario as TOML, whose policy numbers count, empty for declared ones.

    Returns:
        Dollars, 0 for a policy without dollars.
    """
    try:
        policies = load_scenario(scenario).policies if scenario else ()
        spec = next((spec for spec in policies if spec.id == name), PolicySpec(id=name))
        return yearly_dollars(spec)
    except SettingError:  # the scenario is from another model version
        return yearly_dollars(PolicySpec(id=name))


# ---- the form ------------------------------------------------------------------------------------
class PlanError(ValueError):
    """An invalid form; ``errors`` has a message for each field."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of the form: what varies, and its values as typed.

    Attributes:
        path: a choice's path in ``varied_choices``, empty for none.
        values: typed list.
    """

    path: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as typed.

    Attributes:
        name: the name for the sweep and its folder.
        base: world `A` or `B` in Compare, whose days, scale and first seed the sweep has.
        rows: what varies.
        seeds: as typed.
    """

    name: str = "sweep-1"
    base: str = A
    rows: tuple[FormRow, ...] = (FormRow(), FormRow())
    seeds: str = "4"


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A valid sweep.

    Attributes:
        text: of the design file.
        design: read from the text.
    """

    text: str
    design: Design


_LEVELS, _SEEDS = "0; 30; 60; 90; 120", "8"
#: Ready sweeps: what varies across and up. As much money as an agency can spend in a year [A].
PRESETS = {
    "mexico_or_line": ("southern_border_control", "patrol_effort"),
    "agents_or_places": ("consequence_capacity", "patrol_effort"),
    "visas_or_line": ("legal_pathways", "patrol_effort"),
}


def plan_preset(t: Words, preset: str, compare: Choice, most_migrants: int) -> SweepPlan:
    """Plan a ready sweep, with the days, scale and first seed of Compare and no other policy.

    Args:
        t: words in the display language.
        preset: a key of `PRESETS`.
        compare: the choice of Compare.
        most_migrants: simulated migrants a year that one run may have.

    Returns:
        The sweep, whose name differs for every plan of different runs.

    Raises:
        PlanError: as in `plan_sweep`.
    """
    rows = tuple(FormRow(POLICY + policy, _LEVELS) for policy in PRESETS[preset])
    base = Choice(a=(), seed=compare.seed, days=compare.days, scale=compare.scale)
    plan = plan_sweep(t, Form(name=preset, rows=rows, seeds=_SEEDS), base, most_migrants)
    name = f"{preset}-{plan.design.digest[:6]}"
    text = plan.text.replace(json.dumps(preset), json.dumps(name), 1)
    return SweepPlan(text, dataclasses.replace(plan.design, name=name))


def preset_of_sweep(name: str) -> str:
    """Return the ready sweep to which a sweep's name belongs, or an empty text."""
    return next((key for key in PRESETS if name.rpartition("/")[2].startswith(f"{key}-")), "")


def run_seconds(scenario: Scenario) -> float:
    """Estimate how long a run of a scenario takes on one core, in seconds."""
    return scenario.days * (_DAY_S + _PERSONS_S / scenario.scale)


def plan_sweep(t: Words, form: Form, compare: Choice, most_migrants: int) -> SweepPlan:
    """Read a form.

    Args:
        t: words in the display language.
        form: the form.
        compare: the choice of Compare, for the bases A and B.
        most_migrants: simulated migrants a year that one run may have.

    Returns:
        The sweep.

    Raises:
        PlanError: with a message for each wrong field: ``name``, ``row0``, ``row1``, ``seeds``,
            and ``runs`` for the total size.
    """
    errors: Errors = {}
    if not _NAME.fullmatch(form.name):
        errors["name"] = t("sweep_new.error.name")
    try:
        seeds = read_integer(form.seeds)
    except ValueError:
        seeds = 0
    if not 1 <= seeds <= MOST_SEEDS:
        errors["seeds"] = t("sweep_new.error.whole").format(low=1, high=MOST_SEEDS)
    columns = _columns(t, form.rows, errors)
    runs = math.prod(len(values) for _, values in columns) * seeds
    if not errors and runs > MOST_RUNS:
        errors["runs"] = t("sweep_new.error.runs").format(runs=f"{runs:,}", most=f"{MOST_RUNS:,}")
    if errors:
        raise PlanError(errors)
    base = dataclasses.replace(compare, a=compare.b) if form.base == B else compare
    text = design_text(form.name, base, columns, seeds)
    return SweepPlan(text, _design(t, text, columns, most_migrants))


# ---- rows ----------------------------------------------------------------------------------------
Column = tuple[Number, list[float]]


def _columns(t: Words, rows: Sequence[FormRow], errors: Errors) -> list[Column]:
    """Read all rows."""
    choices, columns, paths = varied_choices(t.language), list[Column](), set[str]()
    for at, row in enumerate(rows):
        if row.path not in choices or row.path in paths:
            key = "twice" if row.path in paths else "choose"
            errors[f"row{at}"] = t(f"sweep_new.error.{key}")
            continue
        paths.add(row.path)
        try:
            columns.append((choices[row.path], read_values(t, choices[row.path], row.values)))
        except ValueError as error:
            errors[f"row{at}.values"] = str(error)
    return columns


def read_values(t: Words, number: Number, text: str) -> list[float]:
    """Read the values of a row.

    Args:
        t: words in the display language.
        number: what varies.
        text: the typed list.

    Returns:
        The values in the units of the model.

    Raises:
        ValueError: with the reason in the display language.
    """
    parts = split_list(text[:_MOST_LETTERS])
    if len(text) > _MOST_LETTERS or len(parts) > MOST_LEVELS:
        raise ValueError(t("sweep_new.error.many").format(most=MOST_LEVELS))
    plain = (part.strip("$%").removesuffix("M").removesuffix("m") for part in parts)
    values = [number.read(t, part) for part in plain]
    if len(values) < 2:
        raise ValueError(t("sweep_new.error.few"))
    if len(set(values)) < len(values):
        raise ValueError(t("sweep_new.error.same"))
    return values


def split_list(text: str) -> list[str]:
    """Split a typed list: by semicolons or spaces, or by commas if there are neither."""
    stripped = text.strip(" ;,\t\n")
    parts = _SPACED.split(stripped) if _SPACED.search(stripped) else stripped.split(",")
    return [part.strip(" ,") for part in parts if part.strip(" ,")]


# ---- the design file -----------------------------------------------------------------------------
def design_text(name: str, base: Choice, columns: Sequence[Column], seeds: int) -> str:
    """Write a design file that needs no other file.

    Args:
        name: the sweep's name.
        base: a choice whose world A is the base.
        columns: what varies, with its values.
        seeds: how many, from the seed of the base on.

    Returns:
        TOML that ``twoborders sweep`` reads.
    """
    # not the typed texts of the choice, which may come from an address
    numbers = changed_numbers(base.scenario(0))
    lines = [
        "# Two Borders: a sweep of the screen. Model output within stated priors, not a forecast.",
        f"name = {json.dumps(name)}",
        f"scenario = {json.dumps(BASE)}",
        f"days = {base.days}",
        f"scale = {base.scale}",
        f"reps = {seeds}",
        f"seed = {base.seed}",
        "\n[set]",
        f"policies = {json.dumps(list(base.a))}",
        *(f"{json.dumps(path)} = {value}" for path, value in numbers),
        "\n[grid]",
    ]
    for number, values in columns:
        texts = ", ".join(_written(number, value) for value in values)
        lines.append(f"{json.dumps(number.name)} = [{texts}]")
    return "\n".join(lines) + "\n"


def _design(t: Words, text: str, columns: Sequence[Column], most_migrants: int) -> Design:
    """Read a design back and check its corners. An error is reported at its row if it has one."""
    try:
        design = read(text)
        scenarios = [design.scenario_at(point) for point in corners(design)]
    except SettingError as error:
        reason = t.reason(error)
        for at, (number, _) in enumerate(columns):
            if number.name in error.path:
                raise PlanError({f"row{at}.values": reason}) from None
        raise PlanError({"runs": f"{error.path}: {reason}"}) from None
    migrants = max(map(migrants_per_year, scenarios))
    if migrants > most_migrants:
        numbers = {"asked": f"{migrants:,}", "most": f"{most_migrants:,}"}
        raise PlanError({"runs": t("sweep_new.error.persons").format(**numbers)})
    return design


def corners(design: Design) -> list[int]:
    """Return the points at which every factor has its least or largest value."""
    extremes = [(min(values), max(values)) for values in zip(*design.points, strict=True)]
    return [
        number
        for number, point in enumerate(design.points)
        if all(value in ends for value, ends in zip(point, extremes, strict=True))
    ]
