"""Form for a new sweep, ready sweeps, and the progress of a sweep."""

from __future__ import annotations

import dataclasses
import shlex
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import solara

from abm.scenario import SettingError
from viz.figures.markup import el, esc
from viz.screen.panels.naming import short_title
from viz.screen.panels.parts import (
    box,
    button,
    card,
    details,
    note,
    raw,
    select,
    show_error,
    widget_element,
)
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import (
    A,
    B,
    Errors,
    Form,
    PlanError,
    SweepPlan,
    plan_preset,
    plan_sweep,
    varied_choices,
)
from viz.screen.sweeps.sweep_runs import STOPPING, SWEEPS, SweepRefused, SweepState
from viz.screen.widgets.traits import Download, Downloads
from viz.screen.words import Words, one_line

_MOST_LETTERS = 1000  # maximum number of characters in a field
Put = Callable[..., None]  # function that changes fields of the form


def read_form(session: Session, form: Form) -> tuple[SweepPlan | None, Errors]:
    """Return the sweep that a form describes, or None and an error per invalid field."""
    try:
        limit = session.limits.caps.persons
        return plan_sweep(session.words, form, session.choice.value, limit), {}
    except PlanError as error:
        return None, error.errors


def attempt(
    t: Words, set_refused: Callable[[str], None], request: Callable[..., object], *inputs: Any
) -> None:
    """Make a request about a sweep, and show the reason if it is refused.

    Args:
        t: texts in the display language.
        set_refused: shows a reason, or removes it if the text is empty.
        request: function that makes the request.
        inputs: arguments of the function.
    """
    set_refused("")
    try:
        request(*inputs)
    except SweepRefused as error:
        set_refused(t(f"sweep_new.error.{error.key}").format(**error.values))
    except SettingError as error:
        set_refused(t.translate(one_line(error)))


@solara.component
def NewSweep(session: Session, on_start: Callable[[str], None]):
    """Show the form for a new sweep.

    Args:
        session: session of the visitor.
        on_start: called with the name of the started sweep.
    """
    t, choice = session.words, session.choice.value
    if "sweep_form" not in session.notes:
        session.notes["sweep_form"] = solara.reactive(Form(name=SWEEPS.free_name()))
    reactive = session.notes["sweep_form"]
    tried, set_tried = solara.use_state(False)
    refused, set_refused = solara.use_state("")
    form: Form = reactive.value
    inputs = [form, choice, t.language]
    plan, invalid = solara.use_memo(lambda: read_form(session, form), inputs)
    errors: Errors = invalid if tried else {}

    def put(**changes: Any) -> None:
        set_refused("")
        reactive.set(dataclasses.replace(reactive.value, **changes))

    def put_row(at: int, **changes: Any) -> None:
        rows = list(reactive.value.rows)  # These rows can be newer than the rows on the page.
        rows[at] = dataclasses.replace(rows[at], **changes)
        put(rows=tuple(rows))

    def start() -> None:
        set_tried(True)
        plan, _ = read_form(session, reactive.value)
        if plan is not None:
            on_start(SWEEPS.start(plan))
            put(name=SWEEPS.free_name())

    with card(t("sweep_new.title"), cls="tb-sweep-new"):
        note(t("sweep_new.help"))
        with box(cls="tb-sweep-base"):
            _text(t("sweep_new.name"), form, "name", errors, put)
            names = [short_title(t, choice.policies(world)) for world in (0, 1)]
            bases = {
                f"{t(f'sweep_new.world_{k}')}: {n}": k for k, n in zip((A, B), names, strict=True)
            }
            select(t("sweep_new.base"), bases, form.base, lambda base: put(base=base))
        for at in range(len(form.rows)):
            _Row(t, form, at, errors, partial(put_row, at))
        with box(cls="tb-sweep-sizes"):
            _text(t("sweep_new.seeds"), form, "seeds", errors, put)
            note(t("sweep_new.sizes").format(days=f"{choice.days:,}", scale=f"{choice.scale:,}"))
        with box(cls="tb-sweep-size", role="status"):
            size = length_text(t, plan, "sweep_new.runs") if plan else t("sweep_new.none_yet")
            raw(esc(size), tag="p")
            raw(esc(refused or errors.get("runs", "")), cls="tb-trouble", tag="p")
        act = partial(attempt, t, set_refused, start)
        button(t("sweep_new.start"), act, color="primary", cls="tb-sweep-start")


def _text(label: str, form: Any, key: str, errors: Errors, put: Put, error_key: str = "") -> None:
    """Show a text field in the form or in a row."""
    error: Any = errors.get(error_key or key, False)

    def typed(text: str) -> None:
        put(**{key: text[:_MOST_LETTERS]})

    solara.InputText(label, value=getattr(form, key), on_value=typed, error=error)


@solara.component
def _Row(t: Words, form: Form, at: int, errors: Errors, put_row: Put):
    """Show the fields of a row: the factor that it varies, and the values."""
    row = form.rows[at]
    number = varied_choices(t.language).get(row.path)

    with box(cls="tb-sweep-row", tag="fieldset"):
        raw(esc(t("sweep_new.row").format(number=at + 1)), tag="legend")
        options, error = _entries(t.language), errors.get(f"row{at}", "")
        find = t("sweep_new.find")
        select(find, options, row.path, lambda path: put_row(path=path), search=True, error=error)
        unit = number.unit.text if number else ""
        values = t("sweep_new.values").format(unit=unit) if unit else t("sweep_new.values_plain")
        _text(values, row, "values", errors, put_row, f"row{at}.values")
        if number:
            ends = {"low": number.unit.bound(number.low), "high": number.unit.bound(number.high)}
            note(f"{t('sweep_new.values_help').format(**ends)} {number.about}".strip())


@cache
def _entries(language: str) -> dict[str, str]:
    """Return the paths of all choices by label and unit."""
    return {
        f"{number.label} ({number.unit.text})" if number.unit.text else number.label: path
        for path, number in varied_choices(language).items()
    }


@solara.component
def ReadySweep(session: Session, preset: str, shown: str, on_start: Callable[[str], None]):
    """Show a ready sweep with its runs and minutes, and a button that starts or opens it.

    Args:
        session: session of the visitor.
        preset: a key in `PRESETS`.
        shown: name of the sweep on the page.
        on_start: called with the name of the sweep.
    """
    t, choice = session.words, session.choice.value
    refused, set_refused = solara.use_state("")

    def planned() -> SweepPlan | str:
        try:
            return plan_preset(t, preset, choice, session.limits.caps.persons)
        except PlanError as error:
            return str(error)

    plan = solara.use_memo(planned, [preset, choice, t.language])
    title = t(f"sweep_ready.{preset}.title")

    def start() -> None:
        on_start(SWEEPS.start(plan) if isinstance(plan, SweepPlan) and not is_stored else name)

    with box(cls="tb-card tb-sweep-ready", tag="article"):
        raw(esc(title), tag="h3")
        raw(esc(t(f"sweep_ready.{preset}.text")), tag="p")
        if isinstance(plan, str):
            raw(esc(plan), cls="tb-trouble", tag="p")
            return
        name = f"sweep/{plan.design.name}"
        is_stored = SWEEPS.design_file(name) is not None
        with box(cls="tb-ready-foot"):
            raw(esc(length_text(t, plan)), tag="p")
            label = t("sweep_ready.show" if is_stored else "sweep_ready.start")
            more: Any = {"outlined": True, "disabled": shown == name}
            act = partial(attempt, t, set_refused, start)
            button(label, act, aria_label=f"{label}: {title}", **more)
        raw(esc(refused), cls="tb-trouble", tag="p")


def length_text(t: Words, plan: SweepPlan, key: str = "sweep_ready.size") -> str:
    """State the number of runs in a sweep and their approximate duration."""
    design, time_text = plan.design, duration(t, SWEEPS.seconds(plan.design))
    counts = {"cells": len(design.points), "seeds": design.reps, "runs": len(design)}
    return t(key).format(time=time_text, **{name: f"{n:,}" for name, n in counts.items()})


# ---- progress of a sweep that this server runs or can continue
_UNITS = ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def duration(t: Words, seconds: float) -> str:
    """Format a duration in the longest unit of which it lasts at least two."""
    size, key = next((unit for unit in _UNITS if seconds >= 2.0 * unit[0]), _UNITS[-1])
    return t(f"sweep_new.duration.{key}").format(n=f"{max(1, round(seconds / size))}")


@solara.component
def SweepProgress(session: Session, state: SweepState):
    """Show the progress of a sweep as a bar and as text, with a button to stop or resume it."""
    t = session.words
    refused, set_refused = solara.use_state("")
    with card(t("sweep_run.title"), cls="tb-sweep-run"):
        text = progress_text(t, state)
        spoken = {"aria-label": t("sweep_run.bar"), "aria-valuetext": text}
        values = {"max": f"{max(1, state.planned)}", "value": f"{state.done}"}
        box(tag="progress", cls="tb-sweep-bar", **values, **spoken)
        raw(esc(text), cls="tb-sweep-state", tag="p")
        show_error(t, t.translate(state.error) if not state.is_active else "")
        with box(cls="tb-files"):
            if state.is_active or state.done < state.planned:
                request = SWEEPS.stop if state.is_active else SWEEPS.resume
                label = t("sweep_run.stop" if state.is_active else "sweep_run.resume")
                more: Any = {"color": "primary", "disabled": state.phase == STOPPING}
                named = f"{label} {state.name}"
                act = partial(attempt, t, set_refused, request, state.name)
                button(label, act, aria_label=named, **more)
        raw(esc(refused), cls="tb-trouble", tag="p")
        if state.is_active:
            note(t("sweep_run.stop_help"))
        if (path := SWEEPS.design_file(state.name)) is not None:
            file = Download(f"{path.parent.name}.toml", path.read_bytes(), "text/plain")
            files = [["design", f"{t('sweep_new.file_row')} (TOML)"]]
            with details(t("sweep_run.command")):
                command = shlex.join(SWEEPS.command(state.name))
                raw(el("code", esc(command)), tag="pre", cls="tb-command")
                note(t("sweep_new.command_help"))
                widget_element(Downloads, files=files, words=t.part("take"), answer=lambda *_: file)


def progress_text(t: Words, state: SweepState) -> str:
    """State the phase, the finished and failed runs, and the remaining time."""
    counts = {"done": f"{state.done:,}", "planned": f"{state.planned:,}"}
    parts = [t("sweep_run.progress").format(**counts)]
    if state.failed:
        parts.append(t("sweep_run.failed").format(failed=f"{state.failed:,}"))
    left = state.seconds_left(time.monotonic()) if state.is_active else None
    if left is not None and state.phase != STOPPING:
        parts.append(t("sweep_run.left").format(time=duration(t, left)))
    return f"{t(f'sweep_new.phase.{state.phase}')}: {', '.join(parts)}."
