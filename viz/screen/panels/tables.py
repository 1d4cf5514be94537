"""Figures of both worlds, and charts over time."""

from __future__ import annotations

import math
from typing import Any

import solara

from abm.measures import OUTCOMES
from experiments.rows.comparison import outcome_groups
from experiments.runs.pairs import FEWEST_PAIRS
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, signed, signed_amount
from viz.screen.exports.view import policy_dates
from viz.screen.panels.parts import LiveMarkup, box, chart, details, follow, note, select, table
from viz.screen.session.frames import DAILY
from viz.screen.session.live_traits import chart_traits
from viz.screen.session.session import Session
from viz.screen.words import Words


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
    """Build a table with A, B and B minus A for each group's outcomes."""
    if not (session.logs and session.now.day):
        return ""
    t, parts = session.words, list[str]()
    for title, names in outcome_groups(OUTCOMES):
        rows = (_cells(session, name) for name in names)
        parts.append(el("h3", esc(t.translate(title)), class_="tb-heading"))
        parts.append(table(("", "A", "B", t("difference")), rows))
    return "".join(parts)


def _cells(session: Session, name: str) -> list[str]:
    """Return the cells of an outcome; on the last day a range is below the difference."""
    t, day, about = session.words, session.now.day, OUTCOMES[name]
    a, b = (log.outcome(name, day) for log in session.logs)
    change = esc(_difference(t, a, b, about.unit))
    complete = day == session.choice.value.days  # other seeds run to the end, so does their range
    over_seeds = session.replicates.value.change(name)
    if complete and over_seeds.pairs >= FEWEST_PAIRS:
        ends = (over_seeds.low90, over_seeds.high90)
        low, high = (t.translate(signed_amount(end, about.unit)) for end in ends)
        change += el("small", esc(f"{low} … {high}"))
    label = f"{t.translate(about.label)}, {t.translate(about.unit)}"
    values = ("–" if not math.isfinite(v) else t.translate(amount(v, about.unit)) for v in (a, b))
    return [("◆ " if about.human else "") + esc(label), *map(esc, values), change]


def _difference(t: Words, a: float, b: float, unit: str) -> str:
    """Format B minus A, with the percentage if A is positive."""
    if not math.isfinite(b - a):
        return "–"
    text = t.translate(signed_amount(b - a, unit))
    return text if a <= 0 else f"{text} ({signed(100.0 * (b / a - 1.0), 0)} %)"


@solara.component
def Charts(session: Session):
    """Show the chosen daily figures of all worlds, with bands over seeds as they finish."""
    t = session.words
    with box(cls="tb-stack"):
        with box(cls="tb-card tb-chart-bar"):
            names = {t.outcome(name): name for name in DAILY}
            charted = session.charted.value

            def change(name: str) -> None:
                kept = tuple(other for other in charted if other != name)
                session.charted.set((*kept, name) if kept == charted else kept)

            select(t("over_time"), names, list(charted), change)
            note(t("since.seeds_help"))
        with box(cls="tb-charts"):
            for name in session.charted.value:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)


@solara.component
def _Chart(session: Session, name: str):
    """Show a daily figure, to which the session sends lines."""
    t, choice = session.words, session.choice.value
    marks = policy_dates([choice.scenario(world) for world in (0, 1)], t)
    element = chart(session, t.outcome(name), unit=t("persons_a_day"), marks=list(map(list, marks)))

    def lines() -> dict[str, Any]:
        return chart_traits(session.logs, session.now.day, name, session.replicates.value.band)

    follow(session, element, lines, every=1.0)
