"""Convert the form for a sweep to a design file, or report an error for each invalid field.

A sweep varies policies and numbers. A *choice* is an entry in the list of the form, with the path
of a factor. Policies are varied in dollars, or in percent of the full measure if they cost nothing.

The design is written as text, and its `Design` is read back from this text. The command line, which
reads the same file, therefore has the same points, seeds and keys.
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
_MOST_LETTERS = 400  # maximum number of characters in a typed list
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_SPACED = re.compile(r"[;\s]+|,(?=\s)")
Errors = dict[str, str]  # message by field name

_DIGITS = 4  # significant digits of a level on an axis
#: [A] Seconds per day of a run, and further seconds per day at a scale of 1.
_DAY_S, _PERSONS_S = 0.0012, 0.043


@cache
def varied_choices(language: str) -> Mapping[str, Number]:
    """Return all choices by path: policies sorted by title, then numbers."""
    t = Words(language)
    policies = sorted((policy_title(t, name), name) for name in registry() if name != STATUS_QUO)
    choices = [_amount(t, name, title) for title, name in policies]
    rows = (row for row in parameters(base_scenario()) if "." in row.path)
    choices += [row_number(t, row) for row in rows if row.kind in (int, float)]
    return {choice.name: choice for choice in choices}


def _amount(t: Words, name: str, title: str) -> Number:
    """Return the choice of a policy, in dollars or, if it costs nothing, in percent."""
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
    """Return whether the values of a choice are dollars per year."""
    return path.startswith(POLICY) and costs_money(path.removeprefix(POLICY))


def _written(number: Number, value: float) -> str:
    """Format a value for a design file, in which dollars are texts and other values are numbers."""
    if _is_dollars(number.name):
        return f'"{value / 1e6:.9g}M"'
    return repr(int(value) if number.whole else float(value))


def factor_name(t: Words, path: str) -> str:
    """Return the name of a factor in the display language.

    Args:
        t: texts in the display language.
        path: path of the factor.

    Returns:
        The title of the policy, the label of the parameter, or else the path.
    """
    if path == POINT:
        return t("store.point")
    choice = varied_choices(t.language).get(path)
    return choice.label if choice else path


def axis_name(t: Words, path: str) -> str:
    """Return the name of a factor with the unit in which `level_text` shows its values."""
    choice = varied_choices(t.language).get(path)
    unit = choice.unit.text if choice else ""
    return f"{factor_name(t, path)}, {unit}" if unit else factor_name(t, path)


def factor_at(t: Words, path: str, level: str) -> str:
    """Return a factor's name with a text of `level_text` and its unit, as in "$120M a year"."""
    choice = varied_choices(t.language).get(path)
    unit = choice.unit.text if choice else ""
    amount = f"${level}M{unit[2:]}" if _is_dollars(path) else f"{level} {unit}".strip()
    return f"{factor_name(t, path)}, {amount}"


def level_text(t: Words, path: str, value: Any, scenario: str = "") -> str:
    """Format a factor's value in the unit of `axis_name`.

    Args:
        t: texts in the display language.
        path: path of the factor.
        value: value in the unit of the model, which is a dose for a policy.
        scenario: scenario of the sweep as TOML, whose prices are used, or "" for declared prices.

    Returns:
        The number without a unit.
    """
    if isinstance(value, str | bool) or not math.isfinite(value):
        return str(value)
    choice = varied_choices(t.language).get(path)
    factor = choice.unit.factor if choice else 1.0
    if choice and _is_dollars(path):
        factor *= price_of(path.removeprefix(POLICY), scenario)
    few_digits = float(f"{value * factor:.{_DIGITS}g}")
    return f"{few_digits:,.12g}"  # Twelve digits avoid an exponent for most values.


@lru_cache(maxsize=512)
def price_of(name: str, scenario: str = "") -> float:
    """Return the cost of a policy at dose 1 in dollars per year, 0 if it costs nothing.

    Args:
        name: id of the policy.
        scenario: scenario as TOML whose policy parameters apply, or "" for the declared parameters.
    """
    try:
        policies = load_scenario(scenario).policies if scenario else ()
        spec = next((spec for spec in policies if spec.id == name), PolicySpec(id=name))
        return yearly_dollars(spec)
    except SettingError:  # Another version of the model wrote the scenario.
        return yearly_dollars(PolicySpec(id=name))


# ---- the form ------------------------------------------------------------------------------------
class PlanError(ValueError):
    """Error of an invalid form. ``errors`` holds a message per field."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class FormRow:
    """Row of the form with one factor.

    Attributes:
        path: path of a choice in ``varied_choices``, or "".
        values: list of values as typed.
    """

    path: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Form as typed.

    Attributes:
        name: name of the sweep and of its folder.
        base: world in Compare, `A` or `B`, that provides the policies and the settings.
        rows: one row per factor.
        seeds: number of seeds as typed.
    """

    name: str = "sweep-1"
    base: str = A
    rows: tuple[FormRow, ...] = (FormRow(), FormRow())
    seeds: str = "4"


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A valid sweep.

    Attributes:
        text: content of the design file.
        design: design that was read from the text.
    """

    text: str
    design: Design


_LEVELS, _SEEDS = "0; 30; 60; 90; 120", "8"
#: Ready sweeps: the policies on the two axes. The amounts are as much as an agency can spend [A].
PRESETS = {
    "mexico_or_line": ("southern_border_control", "patrol_effort"),
    "agents_or_places": ("consequence_capacity", "patrol_effort"),
    "visas_or_line": ("legal_pathways", "patrol_effort"),
}


def plan_preset(t: Words, preset: str, compare: Choice, most_migrants: int) -> SweepPlan:
    """Plan a ready sweep, with the days, scale and first seed of Compare and no other policy.

    Args:
        t: texts in the display language.
        preset: a key in `PRESETS`.
        compare: choice in Compare.
        most_migrants: maximum number of simulated migrants per year in a run.

    Returns:
        The sweep. Plans with different runs have different names.

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
    """Return the key of the ready sweep to which a sweep's name belongs, or ""."""
    return next((key for key in PRESETS if name.rpartition("/")[2].startswith(f"{key}-")), "")


def run_seconds(scenario: Scenario) -> float:
    """Estimate the seconds that a run of a scenario takes on one core."""
    return scenario.days * (_DAY_S + _PERSONS_S / scenario.scale)


def plan_sweep(t: Words, form: Form, compare: Choice, most_migrants: int) -> SweepPlan:
    """Read a form.

    Args:
        t: texts in the display language.
        form: form as typed.
        compare: choice in Compare, which provides the bases A and B.
        most_migrants: maximum number of simulated migrants per year in a run.

    Returns:
        The sweep.

    Raises:
        PlanError: a field is invalid. The fields are ``name``, ``row0``, ``row1``, ``seeds``, and
            ``runs`` for the size of the sweep.
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
    """Read the factor and the values of each row, and add messages for invalid rows to `errors`."""
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
        t: texts in the display language.
        number: choice that varies.
        text: list of values as typed.

    Returns:
        The values in the unit of the model.

    Raises:
        ValueError: the list is invalid. The message is in the display language.
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
    """Split a typed list at semicolons and spaces, or at commas if there are neither."""
    stripped = text.strip(" ;,\t\n")
    parts = _SPACED.split(stripped) if _SPACED.search(stripped) else stripped.split(",")
    return [part.strip(" ,") for part in parts if part.strip(" ,")]


# ---- the design file -----------------------------------------------------------------------------
def design_text(name: str, base: Choice, columns: Sequence[Column], seeds: int) -> str:
    """Write a design file that needs no other file.

    Args:
        name: name of the sweep.
        base: choice whose world A is the base.
        columns: choices that vary, with their values.
        seeds: number of seeds, starting with the base's seed.

    Returns:
        TOML for ``twoborders sweep``.
    """
    # The texts in the choice may come from an address, so values are taken from the scenario.
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
    """Read a design and check its corners. An error on a factor is reported in the factor's row."""
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
    """Return the indices of points at which every factor has its lowest or highest value."""
    extremes = [(min(values), max(values)) for values in zip(*design.points, strict=True)]
    return [
        number
        for number, point in enumerate(design.points)
        if all(value in ends for value, ends in zip(point, extremes, strict=True))
    ]
