"""Fields for declared numbers: the settings of a run, and a search for parameters."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import solara

from abm.scenario import Row, SettingError, parameters
from viz.screen.panels.number_labels import Number, Unit, list_words, row_number
from viz.screen.panels.parts import heading, note, widget
from viz.screen.session.choice import FINEST, MOST_DAYS, Choice
from viz.screen.session.session import Session
from viz.screen.widgets.traits import NumberFields
from viz.screen.words import Words, folded, one_line

_SHOWN = 8  # parameters shown by a search
#: Settings of a run by the key of their label, with their bounds.
_SETTINGS = {
    "seed": ("seed", 0, 2**63 - 1),
    "days": ("length", 1, MOST_DAYS),
    "scale": ("scale", FINEST, 1000),
}
Problems = dict[str, dict[str, str]]

_LONGEST = 80  # characters of a search


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

    def find(text: str) -> None:
        set_word(text[:_LONGEST])

    solara.InputText(t("find_number"), value=word, on_value=find, continuous_update=True)
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
        if name not in by_name:
            return
        kept = {key: one for key, one in problems.value.items() if key != name}
        now, worlds = session.choice.value, session.worlds
        try:
            new = changed_choice(t, now, worlds, by_name[name], text, change)
        except ValueError as error:
            problems.set(kept | {name: {"typed": text, "error": str(error)}})
            return
        problems.set(kept)
        session.set_choice(new)

    fields = [number.field(t, number.name, problems.value.get(number.name)) for number in numbers]
    widget(NumberFields, fields=fields, words=list_words(t), answer=answer)


def changed_choice(
    t: Words,
    choice: Choice,
    worlds: int,
    number: Number,
    text: str,
    change: Callable[[str, float], Mapping[str, Any]],
) -> Choice:
    """Return a choice with a typed number.

    Args:
        t: the words of the language.
        choice: the present choice.
        worlds: number of worlds, 1 or 2.
        number: the number.
        text: its typed value.
        change: from the number's name and value, the fields of the choice that change.

    Raises:
        ValueError: with the reason in the language; the present choice stays.
    """
    changes = change(number.name, number.read(t, text))
    new = dataclasses.replace(choice, **changes)
    try:
        for world in range(worlds):
            new.scenario(world)
    except SettingError as error:
        stop = "" if error.reason.endswith((".", "?", "!")) else "."
        said = f"{t.translate(one_line(error.reason))}{stop} {t.translate(one_line(error.hint))}"
        raise ValueError(said) from None
    return new
