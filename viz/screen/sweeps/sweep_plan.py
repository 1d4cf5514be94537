"""A sweep from the form of the screen: typed texts to a design file, or an error for each field.

The result is the text of a design. Its `Design` is read back from that text, so that the command
line, which reads the same file, has the same points, seeds and keys.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from abm.scenario import Scenario, SettingError
from experiments.scenarios import find, names
from experiments.sweeps.design import Design, read
from viz.screen.session.choice import (
    BASE,
    FINEST,
    MOST_DAYS,
    Choice,
    changed_numbers,
    migrants_per_year,
)
from viz.screen.sweeps.sweep_factors import Varied, priced, varied_choices
from viz.screen.words import Words, one_line

MOST_ROWS = 3
MOST_RUNS, MOST_LEVELS, MOST_SEEDS = 10_000, 30, 200  # [A] of one sweep
A, B, FILE = "a", "b", "file"  # bases other than packaged scenarios
LIST, RANGE = "list", "range"
_MOST_LETTERS = 400  # of a typed list
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_SPACED = re.compile(r"[;\s]+|,(?=\s)")
Errors = dict[str, str]  # message by name of the field


class PlanError(ValueError):
    """An invalid form; ``errors`` has a message for each field."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of the form: what varies, and its values as typed.

    Attributes:
        key: key of a choice of ``varied_choices``, empty for none.
        mode: `LIST` or `RANGE`.
        values: typed list.
        low, high, steps: typed range.
    """

    key: str = ""
    mode: str = LIST
    values: str = ""
    low: str = ""
    high: str = ""
    steps: str = "5"


@dataclass(frozen=True, slots=True)
class Form:
    """The form as typed.

    Attributes:
        name: name of the sweep and of its folder.
        base: world `A` or `B` of Compare, `FILE`, or the name of a packaged scenario.
        rows: what varies.
        seeds, days, scale: as typed.
        first_seed: the first seed, that of Compare.
        file: the choice that an opened scenario file gave, None without one.
    """

    name: str = "sweep-1"
    base: str = A
    rows: tuple[FormRow, ...] = (FormRow(), FormRow())
    seeds: str = "4"
    days: str = "365"
    scale: str = "100"
    first_seed: int = 1
    file: Choice | None = None


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A valid sweep.

    Attributes:
        name: of the sweep.
        text: of the design file.
        design: read from the text.
        levels: values as text, row by row.
    """

    name: str
    text: str
    design: Design
    levels: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.design)


def plan_sweep(t: Words, form: Form, compare: Choice, most_migrants: int) -> SweepPlan:
    """Read a form.

    Args:
        t: words of the language.
        form: the form.
        compare: the choice of Compare, for the bases A and B.
        most_migrants: simulated migrants a year that one run may have.

    Returns:
        The sweep.

    Raises:
        PlanError: with a message for each wrong field: ``name``, ``base``, ``row0`` to ``row2``,
            ``seeds``, ``days``, ``scale``, and ``runs`` for the size of the whole.
    """
    errors: Errors = {}
    if not _NAME.fullmatch(form.name):
        errors["name"] = t("sweep_new.error.name")
    sizes = {
        "seeds": _whole(t, form.seeds, 1, MOST_SEEDS, "seeds", errors),
        "days": _whole(t, form.days, 1, MOST_DAYS, "days", errors),
        "scale": _whole(t, form.scale, FINEST, 1000, "scale", errors),
    }
    columns = _columns(t, form.rows, form_scenario(form, compare), errors)
    base = _base(t, form, compare, errors)
    runs = math.prod(len(values) for _, values in columns) * sizes["seeds"]
    if not errors and runs > MOST_RUNS:
        errors["runs"] = t("sweep_new.error.runs").format(runs=f"{runs:,}", most=f"{MOST_RUNS:,}")
    if errors:
        raise PlanError(errors)
    text = design_text(form.name, base, columns, sizes, form.first_seed)
    plan = SweepPlan(form.name, text, _design(t, text, columns), _texts(columns))
    _check_size(t, plan, most_migrants)
    return plan


def _whole(t: Words, text: str, low: int, high: int, key: str, errors: Errors) -> int:
    """Read a whole number. Add an error for any other text."""
    stripped = text.strip().replace(",", "")
    if re.fullmatch(r"[0-9]{1,9}", stripped) and low <= int(stripped) <= high:
        return int(stripped)
    errors[key] = t("sweep_new.error.whole").format(low=f"{low:,}", high=f"{high:,}")
    return 0


# ---- rows ----------------------------------------------------------------------------------------
Column = tuple[Varied, list[float]]


def _columns(t: Words, rows: Sequence[FormRow], scenario: Scenario, errors: Errors) -> list[Column]:
    """Read all rows. Dollars have the bounds of the base."""
    choices, columns, paths = varied_choices(t.language), list[Column](), set[str]()
    for at, row in enumerate(rows[:MOST_ROWS]):
        varied = choices.get(row.key)
        if varied is None:
            errors[f"row{at}"] = t("sweep_new.error.choose")
            continue
        varied = priced(varied, scenario)
        if varied.path in paths:
            errors[f"row{at}"] = t("sweep_new.error.twice")
        paths.add(varied.path)
        try:
            columns.append((varied, read_values(t, varied, row)))
        except ValueError as error:
            errors[f"row{at}.values"] = str(error)
    return columns


def read_values(t: Words, varied: Varied, row: FormRow) -> list[float]:
    """Read the values of a row.

    Args:
        t: words of the language.
        varied: what varies.
        row: the row.

    Returns:
        The values in the units of the model.

    Raises:
        ValueError: with the reason in the language.
    """
    values = _range(t, varied, row) if row.mode == RANGE else _listed(t, varied, row)
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


def _listed(t: Words, varied: Varied, row: FormRow) -> list[float]:
    parts = split_list(row.values[:_MOST_LETTERS])
    if len(row.values) > _MOST_LETTERS or len(parts) > MOST_LEVELS:
        raise ValueError(t("sweep_new.error.many").format(most=MOST_LEVELS))
    return [varied.number.read(t, _plain(part)) for part in parts]


def _range(t: Words, varied: Varied, row: FormRow) -> list[float]:
    """Read a range: values at equal distances, both ends included."""
    low, high = (varied.number.read(t, _plain(text[:40])) for text in (row.low, row.high))
    errors: Errors = {}
    steps = _whole(t, row.steps, 2, MOST_LEVELS, "steps", errors)
    if errors:
        raise ValueError(f"{t('sweep_new.steps')}: {errors['steps']}")
    if low >= high:
        raise ValueError(t("sweep_new.error.order"))
    values = [low + (high - low) * k / (steps - 1) for k in range(steps)]
    return (
        [round(v) for v in values] if varied.number.whole else [float(f"{v:.9g}") for v in values]
    )


def _plain(text: str) -> str:
    """Return a typed number without the signs of its unit."""
    return text.strip().strip("$%").removesuffix("M").removesuffix("m")


def _texts(columns: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    """Return all values as text, in their readable units."""
    return tuple(tuple(varied.number.unit.show(v) for v in values) for varied, values in columns)


# ---- base ----------------------------------------------------------------------------------------
def _base(t: Words, form: Form, compare: Choice, errors: Errors) -> Choice | str:
    """Return the choice of the base, or the name of a packaged scenario."""
    if form.base in names():
        return form.base
    if form.base in (A, B):
        return compare if form.base == A else _second_as_first(compare)
    if form.file is None:
        errors["base"] = t("sweep_new.error.file")
    return form.file or compare


def _second_as_first(choice: Choice) -> Choice:
    """Return a choice whose world A is world B of another one."""
    return dataclasses.replace(choice, a=choice.b)


def form_scenario(form: Form, compare: Choice) -> Scenario:
    """Return the scenario that the base of a form stands for, without its days and scale."""
    if form.base in names():
        return find(form.base)
    if form.base == FILE:
        return (form.file or compare).scenario(0)
    return compare.scenario(1 if form.base == B else 0)


def base_sizes(form: Form, compare: Choice) -> tuple[int, int]:
    """Return days and scale of the base of a form, within the bounds of the screen."""
    scenario = form_scenario(form, compare)
    return min(scenario.days, MOST_DAYS), max(scenario.scale, FINEST)


# ---- the design file -----------------------------------------------------------------------------
def design_text(
    name: str,
    base: Choice | str,
    columns: Sequence[Column],
    sizes: Mapping[str, int],
    first_seed: int,
) -> str:
    """Write a design file that needs no other file.

    Args:
        name: of the sweep.
        base: a packaged scenario, or a choice whose world A is the base.
        columns: what varies, with its values.
        sizes: ``seeds``, ``days`` and ``scale``.
        first_seed: the first seed.

    Returns:
        TOML that ``twoborders sweep`` reads.
    """
    lines = [
        "# Two Borders: a sweep of the screen. Model output within stated priors, not a forecast.",
        f"name = {json.dumps(name)}",
        f"scenario = {json.dumps(base if isinstance(base, str) else BASE)}",
        *(f"{key} = {sizes[key]}" for key in ("days", "scale")),
        f"reps = {sizes['seeds']}",
        f"seed = {first_seed}",
    ]
    if isinstance(base, Choice):
        lines += ["", "[set]", f"policies = {json.dumps(list(base.a))}"]
        # not the typed texts of the choice, which may come from an address
        numbers = changed_numbers(base.scenario(0))
        lines += [f"{json.dumps(path)} = {value}" for path, value in numbers]
    lines += ["", "[grid]"]
    for varied, values in columns:
        lines.append(f"{json.dumps(varied.path)} = [{', '.join(map(varied.written, values))}]")
    return "\n".join(lines) + "\n"


def _design(t: Words, text: str, columns: Sequence[Column]) -> Design:
    """Read a design back and check its corners. An error is reported at its row if it has one."""
    try:
        design = read(text)
        for point in corners(design):
            design.scenario_at(point)
    except SettingError as error:
        stop = "" if error.reason.endswith((".", "?", "!")) else "."
        said = f"{t.translate(one_line(error.reason))}{stop} {t.translate(one_line(error.hint))}"
        for at, (varied, _) in enumerate(columns):
            if varied.path in error.path:
                raise PlanError({f"row{at}.values": said}) from None
        raise PlanError({"base": f"{error.path}: {said}"}) from None
    return design


def _check_size(t: Words, plan: SweepPlan, most_migrants: int) -> None:
    """Raise if a run simulates too many migrants, at the corners of the design."""
    scenarios = [plan.design.scenario_at(number) for number in corners(plan.design) or (0,)]
    per_run = max(map(migrants_per_year, scenarios))
    if per_run > most_migrants:
        said = t("sweep_new.error.persons")
        numbers = {"asked": f"{per_run:,}", "most": f"{most_migrants:,}"}
        raise PlanError({"scale": said.format(**numbers)})


def corners(design: Design) -> list[int]:
    """Return the points at which every factor has its least or largest value."""
    extremes = [(min(values), max(values)) for values in zip(*design.points, strict=True)]
    return [
        number
        for number, point in enumerate(design.points)
        if all(value in ends for value, ends in zip(point, extremes, strict=True))
    ]
