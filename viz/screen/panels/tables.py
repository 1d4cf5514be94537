"""Figures of both worlds, and charts over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import solara

from abm.measures import GROUPS, OUTCOMES
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, signed, signed_amount
from viz.screen.exports.view import policy_dates
from viz.screen.panels.parts import LiveMarkup, box, chart, details, follow, note, table
from viz.screen.session.frames import DAILY
from viz.screen.session.live_traits import chart_traits
from viz.screen.session.replicates import SEEDS
from viz.screen.session.session import Session
from viz.screen.words import Words


@dataclass(frozen=True)
class FigureRow:
    """A row of figures.

    Attributes:
        name: label of the row.
        values: one figure per world.
        human: whether the figures are human costs.
        unit: unit of the figures.
        span: lowest and highest difference B minus A over seeds; None if it is not known.
    """

    name: str
    values: Sequence[float]
    human: bool = False
    unit: str = ""
    span: tuple[float, float] | None = None


def figures_table(session: Session, rows: Iterable[FigureRow]) -> str:
    """Build a table of A, B and B minus A.

    Args:
        session: the session of the worlds.
        rows: the figures.

    Returns:
        Markup.
    """
    t = session.words
    return table(("", "A", "B", t("difference")), (_cells(t, row) for row in rows))


def _cells(t: Words, row: FigureRow) -> list[str]:
    """Return the cells of a row; a range is below the difference."""
    values = ["–" if not math.isfinite(v) else t.translate(amount(v, row.unit)) for v in row.values]
    cells = [("◆ " if row.human else "") + esc(row.name), *map(esc, values)]
    difference = esc(_difference(t, *row.values, row.unit))
    if row.span is not None:
        low, high = (t.translate(signed_amount(end, row.unit)) for end in row.span)
        difference += el("small", esc(f"{low} … {high}"))
    return [*cells, difference]


def _difference(t: Words, a: float, b: float, unit: str) -> str:
    """Format B minus A, with the percentage if A is positive."""
    if not math.isfinite(b - a):
        return "–"
    text = t.translate(signed_amount(b - a, unit))
    return text if a <= 0 else f"{text} ({signed(100.0 * (b / a - 1.0), 0)} %)"


@solara.component
def Outcomes(session: Session):
    """Show every outcome per year, with the range of the difference over seeds."""
    t = session.words
    is_open, set_open = solara.use_state(False)
    closed = details(t("all_outcomes"), lambda: set_open(not is_open))
    with box(cls="tb-card tb-table", tag="section"), closed:
        if is_open:  # a closed one would be updated, too
            note(t("all_outcomes_help"))
            note(f"◆ {t('people_first')} {t('content')}")
            LiveMarkup(session, lambda: _outcomes(session), every=0.5)


def _outcomes(session: Session) -> str:
    """Build a table of the outcomes of each group."""
    t, day, parts = session.words, session.now.day, []
    replicates = session.replicates.value
    complete = day == session.choice.value.days  # other seeds run to the end, so does their range
    for group in GROUPS if session.logs and day else ():
        rows = []
        for name, about in OUTCOMES.items():
            if about.group == group:
                label = f"{t.translate(about.label)}, {t.translate(about.unit)}"
                values = [log.outcome(name, day) for log in session.logs]
                span = replicates.change(name) if complete else None
                rows.append(FigureRow(label, values, about.human, about.unit, span))
        parts.append(el("h3", esc(t.translate(GROUPS[group])), class_="tb-heading"))
        parts.append(figures_table(session, rows))
    return "".join(parts)


@solara.component
def Charts(session: Session):
    """Show the chosen daily figures of all worlds, with bands over seeds as they finish."""
    t = session.words
    with box(cls="tb-stack"):
        with box(cls="tb-card tb-chart-bar"):
            titles = {t.outcome(name): name for name in DAILY}
            solara.SelectMultiple(
                t("over_time"),
                values=[t.outcome(name) for name in session.charted.value],
                all_values=list(titles),
                dense=True,
                on_value=lambda chosen: session.charted.set(tuple(titles[one] for one in chosen)),
            )
            LiveMarkup(session, lambda: seeds_text(session), cls="tb-seeds", every=0.5)
            note(t("since.seeds_help"))
        with box(cls="tb-charts"):
            for name in session.charted.value:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)


def seeds_text(session: Session) -> str:
    """Return how many seeds are finished, or why they failed, as markup."""
    t, replicates = session.words, session.replicates.value
    if replicates.error:
        return esc(t("since.seeds_failed").format(error=t.translate(replicates.error)))
    return esc(t("since.seeds").format(done=len(replicates.seeds), of=SEEDS))


@solara.component
def _Chart(session: Session, name: str):
    """Show a daily figure, to which the session sends lines."""
    t = session.words
    element = chart(session, t.outcome(name), unit=t("persons_a_day"), marks=policy_marks(session))

    def lines() -> dict[str, Any]:
        return chart_traits(session.logs, session.now.day, name, session.replicates.value.band)

    follow(session, element, lines, every=1.0)


def policy_marks(session: Session) -> list[list]:
    """Return the days on which policies start or end, with texts, as widgets take them."""
    choice = session.choice.value
    scenarios = [choice.scenario(world) for world in (0, 1)]
    return [list(mark) for mark in policy_dates(scenarios, session.words)]
