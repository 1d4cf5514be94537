"""Fields for declared numbers: the settings of a run, and a search for parameters."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import solara

from abm.scenario import Row, SettingError, parameters
from viz.screen.choice import FINEST, MOST_DAYS, Choice
from viz.screen.number_labels import Number, Unit, list_words, row_number
from viz.screen.panels.parts import heading, note, widget
from viz.screen.session import Session
from viz.screen.widgets.policy_list import NumberFields
from viz.screen.words import Words, folded, one_line

_SHOWN = 8  # parameters shown by a search
#: Settings of a run by the key of their label, with their bounds.
_SETTINGS = {
    "seed": ("seed", 0, 2**63 - 1),
    "days": ("length", 1, MOST_DAYS),
    "scale": ("scale", FINEST, 1000),
}
Problems = dict[str, dict[str, str]]


@solara.component
def RunSettings(session: Session):
    """Show the seed, length and scale of both worlds."""
    t, choice = session.words, session.choice.value
    heading(t("policies_panel.settings"), 3)
    note(t("seed_help"))
    _fields(session, settings(t, choice), lambda name, value: {name: int(value)})


def settings(t: Words, choice: Choice) -> list[Number]:
    """Return the settings of a run as numbers."""
    units = {"days": t.translate("days"), "scale": t("persons")}
    return [
        Number(
            name=name,
            label=t(key),
            about="",
            source="",
            value=getattr(choice, name),
            default=getattr(choice, name),
            low=low,
            high=math.inf if name == "seed" else high,
            unit=Unit(1.0, units.get(name, "")),
            whole=True,
            assumed=False,
        )
        for name, (key, low, high) in _SETTINGS.items()
    ]


@solara.component
def NumberSearch(session: Session):
    """Show the parameters that were changed or match a search in label, description and unit."""
    t, choice = session.words, session.choice.value
    word, set_word = solara.use_state("")
    changed = dict(choice.numbers)
    heading(t("numbers"), 3)
    note(t("numbers_help"))
    solara.InputText(t("find_number"), value=word, on_value=set_word, continuous_update=True)
    rows = {row.path: row for row in parameters(choice.scenario(0)) if row.kind in (int, float)}
    wanted = [row for row in rows.values() if row.path in changed or _matches(t, row, word)]

    def apply(path: str, value: float) -> dict[str, Any]:
        numbers = changed | {path: f"{value:.12g}"}
        if value == rows[path].default:
            numbers.pop(path)
        return {"numbers": tuple(numbers.items())}

    _fields(session, [row_number(t, row) for row in wanted[:_SHOWN]], apply)
    if len(wanted) > _SHOWN:
        note(f"{_SHOWN} {t('found_numbers')} {len(wanted)}")


def _matches(t: Words, row: Row, word: str) -> bool:
    """Return whether all words of a search are in a parameter's path, description or unit."""
    if len(word) <= 2:
        return False
    number = row_number(t, row)
    text = folded(f"{row.path} {number.label} {number.about} {number.unit.text}")
    return all(part in text for part in folded(word).split())


def _fields(
    session: Session,
    numbers: Sequence[Number],
    change: Callable[[str, float], Mapping[str, Any]],
) -> None:
    """Show fields for numbers.

    Args:
        session: the visitor's session.
        numbers: the numbers.
        change: from a number's name and its new value, the fields of the choice that change.
    """
    t = session.words
    problems: solara.Reactive[Problems] = solara.use_reactive({})
    by_name = {number.name: number for number in numbers}

    def answer(name: str, text: str) -> None:
        problem = _try(session, by_name.get(name), text, change)
        kept = {key: one for key, one in problems.value.items() if key != name}
        problems.set(kept | ({name: {"typed": text, "error": problem}} if problem else {}))

    fields = [number.field(t, number.name, problems.value.get(number.name)) for number in numbers]
    widget(NumberFields, fields=fields, words=list_words(t), answer=answer)


def _try(
    session: Session,
    number: Number | None,
    text: str,
    change: Callable[[str, float], Mapping[str, Any]],
) -> str:
    """Apply a typed number; return why it is refused, or "" if it is not."""
    t = session.words
    if number is None:
        return ""
    try:
        changes = change(number.name, number.read(t, text))
        choice = dataclasses.replace(session.choice.value, **changes)
        for world in range(session.worlds):
            choice.scenario(world)
    except SettingError as error:
        return t.translate(one_line(f"{error.reason}. {error.hint}"))
    except ValueError as error:
        return str(error)
    session.set_choice(choice)
    return ""
