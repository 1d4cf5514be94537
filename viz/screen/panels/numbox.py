"""A box for one declared number: what it is, unit and bounds, and whether it is assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import solara

from viz.figures.markup import esc
from viz.figures.numbers import plain
from viz.screen.panels.parts import box, raw
from viz.screen.words import Words


class Declared(Protocol):
    """What a number is declared as, in the model or by a policy."""

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
    t: Words, name: str, declared: Declared, value: Any, take: Callable[[Any], None]
) -> None:
    """The box; a value is taken when one leaves it, an empty one changes nothing."""
    mark = " [A]" if declared.assumed else ""
    bounds = f"{plain(declared.low)} – {plain(declared.high)}"
    told = f"{esc(t.translate(declared.doc))} <i>{esc(t.translate(declared.unit))}; {bounds}</i>"
    with box(cls="tb-number", title=t.translate(declared.source)):
        kind = solara.InputInt if declared.kind is int else solara.InputFloat
        kind(name + mark, value=value, optional=True, on_value=unless_empty(take))
        raw(told, cls="tb-note", tag="p")


def unless_empty(take: Callable[[Any], None]) -> Callable[[Any], None]:
    """Solara itself would refuse an empty box, in English."""
    return lambda value: None if value is None else take(value)
