"""Panel of policies: presets, instruments by actor and place, settings of the run, budgets."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import solara

from abm.scenario import Row, SettingError, parameters
from viz.figures.markup import el, esc
from viz.screen.panels.budgets import yearly_total
from viz.screen.panels.naming import date_of
from viz.screen.panels.number_labels import Number, Unit, list_words, row_number
from viz.screen.panels.parts import (
    badge,
    box,
    button,
    details,
    heading,
    note,
    raw,
    select,
    show_error,
    widget_element,
)
from viz.screen.panels.policy_actions import Refused, Request, act, millions, read_request
from viz.screen.panels.policy_view import payload
from viz.screen.session.choice import FINEST, MOST_DAYS, Choice
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import NumberFields, PolicyList
from viz.screen.words import Words, folded

Marks = dict[str, dict[str, str]]


@solara.component
def Policies(session: Session):
    """Show both worlds' policies and their costs, the run settings and a search."""
    t, choice = session.words, session.choice.value
    marks: solara.Reactive[Marks] = solara.use_reactive({})
    from_today = solara.use_reactive(True)

    def ask(message: Any) -> None:
        request = read_request(message)
        if request is not None:
            day = from_today.value and session.middle
            today = date_of(session, day + 1) if day else None
            more: Any = (session.choice.value, request, marks.value, today)
            changed, after = apply_action(session.words, *more)
            marks.set(after)
            if changed is not None:
                session.set_choice(changed)

    with box(cls="tb-card tb-policies", tag="section"):
        heading(t("policies_panel.title"))
        note(t("policies_panel.help"))
        show_error(t, session.error.value)
        _From(session, from_today)
        data = payload(t, choice, marks.value)
        widget_element(PolicyList, payload=data, words=list_words(t), answer=ask)
        with details(t("policies_panel.more")):
            RunSettings(session)
            NumberSearch(session)
        _Footer(session, marks.value, ask)


@solara.component
def _From(session: Session, from_today: solara.Reactive[bool]):
    """Show, during a run, the choice of the day on which changes start."""
    t, _ = session.words, session.status.value
    if session.middle:
        keys = {"today": True, "start": False}
        options = {t(f"policies_panel.from.{key}"): value for key, value in keys.items()}
        select(t("policies_panel.from.label"), options, from_today.value, from_today.set)


def apply_action(
    t: Words, choice: Choice, request: Request, marks: Marks, today: datetime.date | None = None
) -> tuple[Choice | None, Marks]:
    """Apply an action of a visitor.

    Args:
        t: texts in the display language.
        choice: current choice.
        request: the action.
        marks: marks at fields before the action.
        today: first day of the change, or None for a change from the start.

    Returns:
        The changed choice, or None if it does not change, and the error or note at the field of the
        action.
    """
    turn = str(int(marks.get("", {}).get("turn", 0)) + 1)
    after: Marks = {"": {"turn": turn}}  # The script gets a new number even if nothing changes.
    try:
        result = act(t, choice, request, today)
    except Refused as refused:
        return None, after | {request.field_key: {"error": str(refused)} | _typed(request.value)}
    if result.note:
        after[request.field_key] = {"note": result.note}
    return (result.choice if result.choice != choice else None), after


def _typed(value: Any) -> dict[str, str]:
    """Return a refused value for its field: a typed text, or the texts of start and end."""
    if isinstance(value, Mapping):
        return {end: str(value[end])[:10] for end in ("start", "end") if end in value}
    return {"typed": value} if isinstance(value, str) else {}


@solara.component
def _Footer(session: Session, marks: Marks, ask: Callable[[Any], None]):
    """Show the yearly cost of each world, and buttons that make budgets equal or start a run."""
    t, choice = session.words, session.choice.value
    totals = [yearly_total(choice.policies(k), choice.scenario(k)) for k in (0, 1)]
    with box(cls="tb-budget"):
        raw(budget_markup(session, totals), cls="tb-budget-totals")
        if abs(totals[0] - totals[1]) >= 1.0:
            button(
                t("policies_panel.equal.button"),
                lambda: ask({"do": "equal", "world": 1}),
                cls="tb-equal",
                text=True,
                small=True,
            )
        _RunButton(session)
        raw(esc(marks.get("1:-1:equal", {}).get("error", "")), cls="tb-trouble", tag="p")


def budget_markup(session: Session, totals: list[float]) -> str:
    """Return the totals of both worlds and their difference as HTML."""
    t = session.words
    year = esc(t("a_year"))
    parts = [
        el("span", f"{badge(k)}<b>{esc(millions(total))}</b> {year}")
        for k, total in enumerate(totals)
    ]
    difference = abs(totals[0] - totals[1])
    text = t("policies_panel.equal.apart" if difference >= 1.0 else "policies_panel.equal.same")
    return "".join([*parts, el("span", esc(text.format(dollars=millions(difference))))])


@solara.component
def _RunButton(session: Session):
    """Show the button that runs or pauses the worlds."""
    t, phase = session.words, session.status.value.phase
    running = phase in (Phase.RUNNING, Phase.SEEKING)

    def run() -> None:
        if not running:
            session.drawer.set(False)
        session.toggle()

    button(
        t("pause" if running else "run"),
        run,
        cls="tb-run-policies",
        color="primary",
        disabled=phase in (Phase.BUILDING, Phase.FAILED, Phase.ENDED),
    )


# ---- fields for the settings of a run and for parameters
_MAX_FIELDS = 8  # maximum number of parameters that a search shows
#: Text key of the label, lower bound and upper bound of each setting.
_SETTINGS = {
    "seed": ("seed", 0, math.inf),
    "days": ("length", 1, MOST_DAYS),
    "scale": ("scale", FINEST, 1000),
}
_LONGEST = 80  # maximum number of characters in a search


@solara.component
def RunSettings(session: Session):
    """Show the seed, length and scale of both worlds."""
    t, choice = session.words, session.choice.value
    heading(t("policies_panel.settings"), 3)
    note(t("seed_help"))
    _fields(session, settings(t, choice), lambda name, value: {name: int(value)})


def settings(t: Words, choice: Choice) -> list[Number]:
    """Return the numbers for the fields of seed, length and scale."""
    units = {"days": t.translate("days"), "scale": t("persons")}
    return [
        Number(
            name=name,
            label=t(key),
            value=getattr(choice, name),
            default=getattr(choice, name),
            low=low,
            high=high,
            unit=Unit(1.0, units.get(name, "")),
            whole=True,
        )
        for name, (key, low, high) in _SETTINGS.items()
    ]


@solara.component
def NumberSearch(session: Session):
    """Show the changed parameters, and parameters that match a search."""
    t, choice = session.words, session.choice.value
    word, set_word = solara.use_state("")
    changed = dict(choice.numbers)
    heading(t("numbers"), 3)
    note(t("numbers_help"))

    def find(text: str) -> None:
        set_word(text[:_LONGEST])

    solara.InputText(t("find_number"), value=word, on_value=find, continuous_update=True)
    rows = {row.path: row for row in parameters(choice.scenario(0)) if row.kind in (int, float)}
    matches = [row for row in rows.values() if row.path in changed or _matches(t, row, word)]

    def apply(path: str, value: float) -> dict[str, Any]:
        numbers = changed | {path: f"{value:.12g}"}
        if value == rows[path].default:
            numbers.pop(path)
        return {"numbers": tuple(numbers.items())}

    _fields(session, [row_number(t, row) for row in matches[:_MAX_FIELDS]], apply)
    if len(matches) > _MAX_FIELDS:
        note(f"{_MAX_FIELDS} {t('found_numbers')} {len(matches)}")


def _matches(t: Words, row: Row, word: str) -> bool:
    """Return whether path, label, description and unit contain all words of a search."""
    if len(word) <= 2:
        return False
    number = row_number(t, row)
    text = folded(f"{row.path} {number.label} {number.about} {number.unit.text}")
    return all(part in text for part in folded(word).split())


def _fields(
    session: Session, numbers: Sequence[Number], change: Callable[[str, float], Mapping[str, Any]]
) -> None:
    """Show fields for numbers.

    Args:
        session: session of the visitor.
        numbers: numbers to show.
        change: takes a name and a new value, and returns the changed fields of the choice.
    """
    t = session.words
    problems: solara.Reactive[Marks] = solara.use_reactive({})
    by_name = {number.name: number for number in numbers}

    def answer(name: str, text: str) -> None:
        if name not in by_name:
            return
        try:
            value = by_name[name].read(t, text)
            new = dataclasses.replace(session.choice.value, **change(name, value))
            for world in (0, 1):
                new.scenario(world)
        except (SettingError, ValueError) as error:
            reason = t.reason(error) if isinstance(error, SettingError) else str(error)
            problems.set({name: {"typed": text, "error": reason}})
        else:
            problems.set({})
            session.set_choice(new)

    fields = [number.field(t, number.name, problems.value.get(number.name)) for number in numbers]
    widget_element(NumberFields, fields=fields, words=list_words(t), answer=answer)
