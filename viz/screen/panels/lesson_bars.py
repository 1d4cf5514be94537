"""Small bars: a yearly outcome in every arm of a lesson, with its range over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viz.figures.markup import el, esc
from viz.figures.numbers import amount
from viz.screen.panels.lesson_words import letter

if TYPE_CHECKING:
    from abm.measures import Measure
    from viz.screen.lessons import Evidence, Lesson, SeedRange
    from viz.screen.words import Words

_WIDE, _HIGH = 200.0, 14.0


def bars(t: Words, lesson: Lesson, about: Measure, name: str, evidence: Evidence) -> str:
    """A table of arms: letter, bar with its range, median and range in figures."""
    levels = {arm: evidence.level(arm, name) for arm in lesson.arms}
    most = max((level.high for level in levels.values()), default=0.0) or 1.0
    mark = "◆ " if about.human else ""
    caption = f"{mark}{t.translate(about.label)}, {t.translate(about.unit)}"
    rows = [_row(t, lesson, arm, level, most, about.unit) for arm, level in levels.items()]
    return el("figcaption", esc(caption)) + el("table", el("tbody", *rows), class_="tb-bar-table")


def _row(t: Words, lesson: Lesson, arm: str, level: SeedRange, most: float, unit: str) -> str:
    """One arm."""
    low, high = amount(level.low, unit), amount(level.high, unit)
    told = amount(level.median, unit)
    span = "" if low == high else t("learning.range").format(low=low, high=high)
    name = letter(lesson, arm)
    return el(
        "tr",
        el("th", name, scope="row", class_=f"tb-arm-{name.lower()}"),
        el("td", _bar(level, most, name.lower()), class_="tb-bar-cell"),
        el("td", el("b", esc(told)) + el("small", esc(span))),
    )


def _bar(level: SeedRange, most: float, name: str) -> str:
    """A bar up to the median and a line over the range; the table says the same in figures."""
    wide, low, high = (_WIDE * value / most for value in (level.median, level.low, level.high))
    middle = _HIGH / 2
    return el(
        "svg",
        el("rect", x=0.0, y=2.0, width=max(wide, 0.0), height=_HIGH - 4.0, class_=f"tb-bar-{name}"),
        el("path", d=f"M{low:.1f} {middle}H{high:.1f}M{low:.1f} 3V11M{high:.1f} 3V11"),
        viewBox=f"0 0 {_WIDE + 4:g} {_HIGH:g}",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="tb-bar",
    )
