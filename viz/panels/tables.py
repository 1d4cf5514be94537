"""Figures of both worlds, and charts over time."""

from __future__ import annotations

from typing import Any

import solara

from abm.policy_use import parse_policy
from viz.panels.parts import box, figures, heading, note, raw, widget
from viz.session import CHARTED, Session, chart_push
from viz.widgets.chart import WORDS, LiveChart

_ROWS = (
    ("got_aways", False), ("unlawful_entries", False), ("apprehended_us", False),
    ("apprehended_mexico", False), ("deaths", True), ("kidnapped", True),
    ("returned_unscreened", True), ("set_out", False),
)  # fmt: skip


@solara.component
def Figures(session: Session):
    """Every outcome since the start, in A, in B, and B minus A."""
    t, day = session.words, session.calm.value.day
    with box(cls="tb-card tb-table", tag="section"):
        heading(t("since_start"))
        reels = session.reels
        rows = [(t(name), *(reel.total(name, day) for reel in reels), human)
                for name, human in _ROWS] if reels else []  # fmt: skip
        raw(figures(("A", "B", t("difference")), rows))  # pyright: ignore[reportArgumentType]
        note(f"◆ {t('people_first')} {t('content')}")


@solara.component
def Charts(session: Session):
    """Daily figures of both worlds."""
    with box(cls="tb-charts"):
        for name in CHARTED:
            with box(cls="tb-card", tag="section"):
                _Chart(session, name)


@solara.component
def _Chart(session: Session, name: str):
    """One daily figure; the session pushes lines to its widget."""
    t, choice = session.words, session.choice.value
    element = widget(
        LiveChart, title=t(name), unit=t("persons_a_day"),
        start=choice.scenario(0).start.isoformat(),
        days=choice.days, marks=_marks(session), names=["A", "B"], words=WORDS | t.part("chart"),
        text=t(name),
    )  # fmt: skip

    def keep() -> Any:
        chart: Any = solara.get_widget(element)
        session.charts[name] = chart
        if session.reels:
            chart_push(chart, [r.series(name) for r in session.reels], session.look.value.day)
        return lambda: session.charts.pop(name, None)

    solara.use_effect(keep, [name])


def _marks(session: Session) -> list[list[Any]]:
    """Dates of policies that begin or end within the run: day and words."""
    choice = session.choice.value
    start, found = choice.scenario(0).start, []
    for world in (0, 1):
        for use in map(parse_policy, choice.policies(world)):
            for date in (use.start, use.end):
                if date and 0 < (date - start).days < choice.days:
                    found.append([(date - start).days, f"{'AB'[world]}: {use.id}"])
    return found
