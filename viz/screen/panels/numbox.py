"""A field for one declared number, with its description, unit and bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import solara

from viz.figures.markup import esc
from viz.figures.numbers import plain
from viz.screen.panels.parts import box, raw
from viz.screen.words import Words


class Declared(Protocol):
    """The declaration of a number, in the model or by a policy."""

    @property
    def kind(self) -> Any: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def doc(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def assumed(self) -> bool: ...  # noqa: D102


def number_box(
    t: Words, name: str, declared: Declared, value: Any, on_value: Callable[[Any], None]
) -> None:
    """Show a field for a number.

    Args:
        t: the words of the language.
        name: label of the field; [A] is added to an assumption.
        declared: its declaration.
        value: its current value.
        on_value: called with a new value when the field loses focus, unless it is empty.
    """
    mark = " [A]" if declared.assumed else ""
    bounds = f"{plain(declared.low)} – {plain(declared.high)}"
    about = f"{esc(t.translate(declared.doc))} <i>{esc(t.translate(declared.unit))}; {bounds}</i>"
    with box(cls="tb-number", title=t.translate(declared.source)):
        kind = solara.InputInt if declared.kind is int else solara.InputFloat
        kind(name + mark, value=value, optional=True, on_value=unless_empty(on_value))
        raw(about, cls="tb-note", tag="p")


def unless_empty(on_value: Callable[[Any], None]) -> Callable[[Any], None]:
    """Ignore an empty field, for which Solara itself shows an English error."""
    return lambda value: None if value is None else on_value(value)
