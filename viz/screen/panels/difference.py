"""The difference of two worlds: one map of signed flows, and a table of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import solara

from abm.world.routes import World
from viz.figures.markup import el, esc
from viz.figures.numbers import signed
from viz.screen.panels.forest_table import Change, forest_table
from viz.screen.panels.maps import select_place
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import LiveMarkup, box, follow, widget
from viz.screen.panels.policy_period_counts import policies_began
from viz.screen.panels.timebar import day_label
from viz.screen.session.session import Session
from viz.screen.widgets.traits import DIFFERENCE_WORDS, DifferenceMap
from viz.screen.widgets.world import smallest_difference

#: Outcomes of the table in the order of a journey, human costs last.
ROWS = (
    "set_out",
    "apprehended_mexico",
    "apprehended_us",
    "unlawful_entries",
    "got_aways",
    "deaths",
    "kidnapped",
    "extorted",
    "returned_unscreened",
)
_NAMED = 5  # differences in the text alternative
Changes = Callable[[int], Sequence[Change]]


@solara.component
def Difference(session: Session, changes: Changes | None = None):
    """Show the map of differences and, with ``changes`` up to a day, their table.

    Nothing is shown for a single world.
    """
    with box(cls="tb-difference"):
        if session.worlds == 2:
            with box(cls="tb-card tb-difference-map", tag="section"):
                _Map(session)
            if changes is not None:
                _Table(session, changes)


@solara.component
def _Map(session: Session):
    """Show the map, which follows the run less often than the maps of the worlds."""
    t = session.words
    sent: Any = solara.use_ref((b"", b"", 0))
    element = widget(
        DifferenceMap,
        world=map_payload(session.language.value),
        title=t("difference_view.title"),
        smallest=smallest_difference(session.choice.value.scale),
        selected=session.place.value,
        on_selected=lambda place: select_place(session, place),
        answers=False,
        words=DIFFERENCE_WORDS | t.part("map") | t.part("difference_map"),
    )
    follow(session, element, lambda: _frames(session, sent), every=0.5)
    follow(session, element, lambda: {"text": _in_words(session)}, every=2.0)


@solara.component
def _Table(session: Session, changes: Changes):
    """Show the table of outcomes once there are rows."""

    def html() -> str:
        found = changes(session.now.day) if session.logs else ()
        rows = sorted(found, key=lambda one: ROWS.index(one.name))
        return (_head(session) if rows else "") + forest_table(session.words, rows)

    with box(cls="tb-card tb-difference-table", tag="section"):
        LiveMarkup(session, html, every=1.0)


def _head(session: Session) -> str:
    """Build the heading of the table: the period, and the number of runs."""
    t, began, day = session.words, policies_began(session), session.now.day
    title = el("h2", esc(t("since.title_start" if began == 1 else "since.title")))
    if day < began:
        about = t("since.not_begun").format(date=day_label(session, began))
    else:
        dates = {"first": day_label(session, began), "last": day_label(session, day)}
        about = t("difference_view.period").format(**dates)
        if runs := len(session.replicates.value.seeds):
            about += " · " + t("difference_view.runs").format(runs=runs)
    return el("header", title, el("small", esc(about)))


def _frames(session: Session, sent: Any) -> dict[str, Any]:
    """Return both frames of the day, with a new number if they differ from the last ones."""
    day, logs = session.now.day, session.logs
    a, b = (log.frame(day) for log in logs) if logs else (b"", b"")
    if (a, b) != sent.current[:2]:
        sent.current = (a, b, sent.current[2] + 1)
    return {"frame_a": a, "frame_b": b, "serial": sent.current[2]}


def flow_differences(world: World, a: np.ndarray, b: np.ndarray) -> dict[tuple[int, int], int]:
    """Return the flows of B minus A by the two places of a leg, over all modes.

    Args:
        world: the network.
        a, b: persons a day by leg.

    Returns:
        Differences by tail and head, the largest first.
    """
    found: dict[tuple[int, int], int] = {}
    for tail, head, change in zip(world.tail, world.head, b.astype(int) - a, strict=True):
        ends = int(tail), int(head)
        found[ends] = found.get(ends, 0) + int(change)
    return dict(sorted(found.items(), key=lambda one: -abs(one[1])))


def _in_words(session: Session) -> str:
    """Describe the largest differences, as the text alternative of the map."""
    t, day, logs, net = session.words, session.now.day, session.logs, session.world
    records = [log.record(day) for log in logs]
    if not records or any(record is None for record in records):
        return ""
    a, b = (record["flow"] for record in records if record is not None)
    names = [t.translate(name) for name in net.place_names]
    least = smallest_difference(session.choice.value.scale)
    parts = [
        f"{names[tail]} – {names[head]}: {t('difference_map.a_day').format(n=signed(change, 0))}"
        for (tail, head), change in list(flow_differences(net, a, b).items())[:_NAMED]
        if abs(change) >= least
    ]
    return f"{t('day')} {day}. {'; '.join(parts) or t('difference_view.none')}."
