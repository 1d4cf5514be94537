"""The form for a new sweep: a base, two or three rows, seeds, the number of runs and the time."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import solara

from abm.scenario import Scenario, SettingError
from experiments.scenarios import names
from viz.figures.markup import el, esc
from viz.screen.exports.scenarios import read_scenario
from viz.screen.panels.maps import short_title
from viz.screen.panels.parts import box, button, card, details, note, raw, select, widget
from viz.screen.panels.sweep_progress import duration, refusal_text, save_design
from viz.screen.session.choice import Choice
from viz.screen.session.session import Session
from viz.screen.session.uploads import read_upload
from viz.screen.sweeps.sweep_factors import priced, varied_choices
from viz.screen.sweeps.sweep_plan import (
    FILE,
    LIST,
    MOST_ROWS,
    RANGE,
    A,
    B,
    Errors,
    Form,
    FormRow,
    PlanError,
    SweepPlan,
    base_sizes,
    form_scenario,
    plan_sweep,
)
from viz.screen.sweeps.sweep_runs import SPEEDS, SWEEPS, SweepRefused
from viz.screen.widgets.traits import Downloads, File
from viz.screen.words import Words, one_line

_FEWEST_ROWS = 2
_MOST_LETTERS = 1000  # of a field
Put = Callable[..., None]  # changes fields of the form


def first_form(session: Session) -> Form:
    """Return the form as it is opened: world A of Compare, and two empty rows."""
    choice = session.choice.value
    return Form(
        name=SWEEPS.free_name(),
        days=f"{choice.days}",
        scale=f"{choice.scale}",
        first_seed=choice.seed,
    )


def read_form(session: Session, form: Form) -> SweepPlan | Errors:
    """Return the sweep of a form, or the errors of its fields."""
    choice = session.choice.value
    form = dataclasses.replace(form, first_seed=choice.seed)
    most = session.limits.caps.persons
    try:
        return plan_sweep(session.words, form, choice, most)
    except PlanError as error:
        return error.errors


@solara.component
def NewSweep(session: Session, changes: int, on_start: Callable[[str], None]):
    """Show the form.

    Args:
        session: the visitor's session.
        changes: changes of sweeps and measured speeds. Another number renders the form again.
        on_start: called with the name of the sweep that was started.
    """
    t = session.words
    if "sweep_form" not in session.notes:
        session.notes["sweep_form"] = solara.reactive(first_form(session))
    reactive = session.notes["sweep_form"]
    tried, set_tried = solara.use_state(False)
    refused, set_refused = solara.use_state({})
    form: Form = reactive.value
    inputs = [form, session.choice.value, t.language]
    result = solara.use_memo(lambda: read_form(session, form), inputs)
    scenario = solara.use_memo(lambda: form_scenario(form, session.choice.value), inputs)
    plan = result if isinstance(result, SweepPlan) else None
    errors = refused if plan else _errors_to_show(result, form, tried)

    def put(**changes: Any) -> None:
        set_refused({})
        reactive.set(dataclasses.replace(reactive.value, **changes))

    def start() -> None:
        set_tried(True)
        now = read_form(session, reactive.value)
        if not isinstance(now, SweepPlan):
            return
        try:
            name = SWEEPS.start(now)
        except SweepRefused as error:
            key = "name" if error.key == "exists" else "runs"
            set_refused({key: refusal_text(t, error)})
            return
        reactive.set(dataclasses.replace(reactive.value, name=SWEEPS.free_name()))
        on_start(name)

    with card(t("sweep_new.title"), cls="tb-sweep-new"):
        note(t("sweep_new.help"))
        _Base(session, form, errors, put)
        for at in range(len(form.rows)):
            _Row(t, form, at, scenario, errors, put)
        if len(form.rows) < MOST_ROWS:
            more = (*form.rows, FormRow())
            add: Any = {"outlined": True, "small": True, "icon_name": "mdi-plus"}
            button(t("sweep_new.add"), lambda: put(rows=more), cls="tb-sweep-add", **add)
        with box(cls="tb-sweep-sizes"):
            for key in ("seeds", "days", "scale"):
                _text(t(f"sweep_new.{key}"), form, key, errors, put)
        _Size(session, plan, errors, size_lines(t, plan) if plan else [], changes)
        button(t("sweep_new.start"), start, color="primary", cls="tb-sweep-start")
        if plan is not None:
            _CommandLine(session, plan)


def _errors_to_show(result: Any, form: Form, tried: bool) -> Errors:
    """Return the errors that are shown: none at an empty field before the first attempt."""
    if tried or not isinstance(result, Mapping):
        return dict(result) if isinstance(result, Mapping) else {}
    return {key: text for key, text in result.items() if not _is_empty(form, key)}


def _is_empty(form: Form, key: str) -> bool:
    """Return whether the field of an error was not filled in yet."""
    if key in ("base", "runs"):
        return False
    if not key.startswith("row"):
        return not getattr(form, key)
    row = form.rows[int(key[3])]
    if not key.endswith("values"):
        return not row.key
    return not (row.values if row.mode == LIST else row.low and row.high)


def _text(label: str, form: Any, key: str, errors: Errors, put: Put, error_key: str = "") -> None:
    """Show a text field of the form or of a row."""
    error: Any = errors.get(error_key or key, False)

    def typed(text: str) -> None:
        put(**{key: text[:_MOST_LETTERS]})

    solara.InputText(label, value=getattr(form, key), on_value=typed, error=error)


@solara.component
def _Base(session: Session, form: Form, errors: Errors, put: Put):
    """Show name and base, with a button to open a scenario file."""
    t = session.words
    bases = compare_bases(t, session.choice.value)
    if form.file is not None:
        bases[t("sweep_new.file")] = FILE
    bases |= {t("sweep_new.packaged").format(name=name): name for name in names()}

    def choose(base: str) -> None:
        days, scale = base_sizes(dataclasses.replace(form, base=base), session.choice.value)
        put(base=base, days=f"{days}", scale=f"{scale}")

    def opened(_key: str, name: str, data: bytes) -> str:
        try:
            text = read_upload(name, data, session.limits.caps.body)
            file = read_scenario(text, session.choice.value, 0)
        except SettingError as error:
            return t.translate(one_line(error))
        put(file=file, base=FILE, days=f"{file.days}", scale=f"{file.scale}")
        return t("sweep_new.opened")

    with box(cls="tb-sweep-base"):
        _text(t("sweep_new.name"), form, "name", errors, put)
        select(t("sweep_new.base"), bases, form.base, choose)
        with box():
            button_of = {"key": "open", "text": "TOML", "accept": ".toml"}
            rows = [{"title": t("sweep_new.file_title"), "forms": [button_of]}]
            most = session.limits.caps.body
            widget(Downloads, rows=rows, words=t.part("take"), most=most, answer=opened)
    raw(esc(errors.get("base", "")), cls="tb-trouble", tag="p")


def compare_bases(t: Words, choice: Choice) -> dict[str, str]:
    """Return the worlds of Compare as bases of a sweep, by the text that names their policies.

    Args:
        t: the words of the language.
        choice: the choice of Compare.

    Returns:
        Keys of the bases by text.
    """
    return {
        f"{t(f'sweep_new.world_{base}')}: {short_title(t, choice.policies(world))}": base
        for world, base in enumerate((A, B))
    }


@solara.component
def _Row(t: Words, form: Form, at: int, scenario: Scenario, errors: Errors, put: Put):
    """Show the varied number of one row, and its values."""
    row, choices = form.rows[at], varied_choices(t.language)
    title = t("sweep_new.row").format(number=at + 1)
    varied = priced(choices[row.key], scenario) if row.key in choices else None

    def put_row(**changes: Any) -> None:
        rows = list(form.rows)
        rows[at] = dataclasses.replace(row, **changes)
        put(rows=tuple(rows))

    with box(cls="tb-sweep-row", tag="fieldset"):
        raw(esc(title), tag="legend")
        _find(t, row, errors.get(f"row{at}", ""), lambda key: put_row(key=key or ""))
        modes = {t("sweep_new.list"): LIST, t("sweep_new.range"): RANGE}
        select(t("sweep_new.mode"), modes, row.mode, lambda mode: put_row(mode=mode))
        unit = varied.number.unit.text if varied else ""
        values = t("sweep_new.values").format(unit=unit) if unit else t("sweep_new.values_plain")
        if row.mode == LIST:
            _text(values, row, "values", errors, put_row, f"row{at}.values")
        else:
            with box(cls="tb-sweep-range"):
                for key in ("low", "high", "steps"):
                    _text(t(f"sweep_new.{key}"), row, key, {}, put_row)
            raw(esc(errors.get(f"row{at}.values", "")), cls="tb-trouble", tag="p")
        if varied:
            number = varied.number
            ends = {"low": number.unit.bound(number.low), "high": number.unit.bound(number.high)}
            note(f"{t('sweep_new.values_help').format(**ends)} {number.about}".strip())
        if len(form.rows) > _FEWEST_ROWS:
            rest = tuple(row for k, row in enumerate(form.rows) if k != at)
            label = t("sweep_new.remove").format(what=title.lower())
            button(label, lambda: put(rows=rest), text=True, small=True)


def _find(t: Words, row: FormRow, error: str, on_choose: Callable[[Any], None]) -> None:
    """Show a list of everything that can vary, searched by typing."""
    solara.v.Autocomplete(
        label=t("sweep_new.find"),
        items=_entries(t.language),
        v_model=row.key or None,
        on_v_model=on_choose,
        error_messages=[error] if error else [],
        hide_details="auto",
        class_="tb-sweep-find",
    )


@cache
def _entries(language: str) -> list[dict[str, str]]:
    """Return the entries of the list: label and unit, which the label of an amount contains."""
    return [
        {"text": label if "|" in key or not unit else f"{label} ({unit})", "value": key}
        for key, choice in varied_choices(language).items()
        for label, unit in [(choice.number.label, choice.number.unit.text)]
    ]


@solara.component
def _Size(session: Session, plan: SweepPlan | None, errors: Errors, lines: list[str], changes: int):
    """Show the number of runs and the time that they take on this machine. Ask for the time."""
    t = session.words
    scenario = plan.design.scenario_at(0) if plan else None

    def measure() -> None:
        if scenario is not None:
            SPEEDS.request(scenario)

    solara.use_effect(measure, [plan, changes])  # one run is timed at a time
    with box(cls="tb-sweep-size", role="status"):
        if plan is None:
            note(t("sweep_new.none_yet"))
        else:
            for line in lines:
                raw(esc(line), tag="p")
        raw(esc(errors.get("runs", "")), cls="tb-trouble", tag="p")


def size_lines(t: Words, plan: SweepPlan) -> list[str]:
    """Return the number of runs and, if a run was timed, the time of all."""
    cells = len(plan.design.points)
    counts = {"cells": f"{cells:,}", "seeds": f"{plan.design.reps:,}", "runs": f"{plan.runs:,}"}
    scenario = plan.design.scenario_at(0)
    timed = SPEEDS.time_of(scenario)
    if timed is None:
        key = "no_time" if SPEEDS.failed(scenario) else "measuring"
        return [t("sweep_new.runs").format(**counts), t(f"sweep_new.{key}")]
    second, jobs = timed.of(scenario.days), min(SWEEPS.jobs, plan.runs)
    time = duration(t, second * plan.runs / jobs)
    said = t("sweep_new.time").format(time=time, jobs=jobs, second=f"{second:.2g}")
    return [t("sweep_new.runs").format(**counts), said]


@solara.component
def _CommandLine(session: Session, plan: SweepPlan):
    """Show the command that runs the same sweep elsewhere, and its design file."""
    t = session.words
    file = File(f"{plan.name}.toml", plan.text.encode(), "text/plain")
    with details(t("sweep_new.command")):
        command = shlex.join(["twoborders", "sweep", file.name])
        raw(el("code", esc(command)), tag="pre", cls="tb-command")
        note(t("sweep_new.command_help"))
        with box():
            save_design(session, lambda: file)
