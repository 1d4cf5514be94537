"""Fields for declared numbers: the settings of a run, and a search for parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import solara

from abm.scenario import Row, parameters
from agents.param import ASSUMED, FITTED, Param
from viz.figures.markup import esc
from viz.figures.numbers import plain
from viz.screen.choice import FINEST, MOST_DAYS
from viz.screen.panels.parts import box, note, raw
from viz.screen.session import Session
from viz.screen.words import Words, folded

_SHOWN = 8  # parameters shown by a search


@solara.component
def RunSettings(session: Session):
    """Show the seed, length and scale of both worlds."""
    t, choice = session.words, session.choice.value
    bounds = {"seed": (0, math.inf), "days": (1, MOST_DAYS), "scale": (FINEST, 1000)}

    def apply(name: str, value: int) -> None:
        low, high = bounds[name]
        session.choose(**{name: max(low, min(high, value))})

    with box(cls="tb-run-settings", title=t("seed_help")):
        for name, key in {"seed": "seed", "days": "length", "scale": "scale"}.items():
            change = _unless_empty(partial(apply, name))
            solara.InputInt(t(key), value=getattr(choice, name), optional=True, on_value=change)


@solara.component
def NumberSearch(session: Session):
    """Show the parameters that were changed or match a search in path, description and unit."""
    t, choice = session.words, session.choice.value
    word, set_word = solara.use_state("")
    changed = dict(choice.numbers)

    def apply(row: Row, value: float) -> None:
        numbers = changed | {row.path: f"{value:g}"}
        if value == row.default:
            numbers.pop(row.path)
        session.choose(numbers=tuple(numbers.items()))

    with solara.Details(t("numbers")):
        note(t("numbers_help"))
        solara.InputText(t("find_number"), value=word, on_value=set_word, continuous_update=True)
        rows = [row for row in parameters(choice.scenario(0)) if row.kind in (int, float)]
        wanted = [row for row in rows if row.path in changed or _matches(t, row, word)]
        for row in wanted[:_SHOWN]:
            number_field(t, row.path, row, row.value, partial(apply, row))
        if len(wanted) > _SHOWN:
            note(f"{_SHOWN} {t('found_numbers')} {len(wanted)}")


def _matches(t: Words, row: Row, word: str) -> bool:
    """Return whether all words of a search are in a parameter's path, description or unit."""
    text = folded(f"{row.path} {t.translate(row.doc)} {t.translate(row.unit)}")
    return len(word) > 2 and all(part in text for part in folded(word).split())


def number_field(
    t: Words, name: str, declared: Row | Param, value: Any, on_value: Callable[[Any], None]
) -> None:
    """Show a field for a number.

    Args:
        t: the words of the language.
        name: label of the field; the mark of an assumption or a fit is added.
        declared: its declaration.
        value: its current value.
        on_value: called with a new value when the field loses focus, unless it is empty.
    """
    mark = next((f" {mark}" for mark in (ASSUMED, FITTED) if mark in declared.source), "")
    bounds = f"{plain(declared.low)} – {plain(declared.high)}"
    about = f"{esc(t.translate(declared.doc))} <i>{esc(t.translate(declared.unit))}; {bounds}</i>"
    with box(cls="tb-number", title=t.translate(declared.source)):
        kind = solara.InputInt if declared.kind is int else solara.InputFloat
        kind(name + mark, value=value, optional=True, on_value=_unless_empty(on_value))
        raw(about, cls="tb-note", tag="p")


def _unless_empty(on_value: Callable[[Any], None]) -> Callable[[Any], None]:
    """Ignore an empty field, for which Solara itself shows an English error."""
    return lambda value: None if value is None else on_value(value)
