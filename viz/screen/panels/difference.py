"""The difference of two worlds: one map of signed flows, and a table of outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import solara

from abm.world.routes import World
from viz.figures.comparison import axis_limit, axis_names, track
from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, amount, signed
from viz.screen.panels.maps import select_place
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import LiveMarkup, box, follow, widget
from viz.screen.panels.policy_period_counts import (
    PeriodCount,
    change_texts,
    changes_since,
    policies_began,
)
from viz.screen.panels.timebar import day_label
from viz.screen.session.session import Session
from viz.screen.widgets.traits import DIFFERENCE_WORDS, DifferenceMap
from viz.screen.widgets.world import smallest_difference
from viz.screen.words import Words

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
_POSITIONS = {"fewer": 0, "more": 1}  # colour, dash and mark of A and of B
_NAMED = 5  # differences in the text alternative


@solara.component
def DifferencePanel(session: Session):
    """Show the map of differences and their table; nothing for a single world."""
    with box(cls="tb-difference"):
        if session.worlds == 2:
            with box(cls="tb-card tb-difference-map", tag="section"):
                _Map(session)
            _Table(session)


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
def _Table(session: Session):
    """Show the table of outcomes once there are rows."""

    def html() -> str:
        counts = changes_since(session, session.now.day) if session.logs else ()
        rows = sorted(counts, key=lambda count: ROWS.index(count.name))
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


# ---- the table ----------------------------------------------------------------------------------


def forest_table(t: Words, counts: Sequence[PeriodCount]) -> str:
    """Build the table of outcomes; human costs form a separate group.

    Axis and marks are the same as in reports (`viz.figures.comparison`).

    Args:
        t: the words of the language.
        counts: the outcomes, in the order of the rows; without any the result is empty.

    Returns:
        Markup.
    """
    if not counts:
        return ""
    limit = axis_limit(count.percent for count in counts if count.percent)
    groups = [(t("difference_view.journey"), [count for count in counts if not count.human])]
    groups.append((f"◆ {t('difference_view.costs')}", [count for count in counts if count.human]))
    bodies = [_group(t, title, rows, limit) for title, rows in groups if rows]
    note = el("p", esc(t("difference_view.note")), class_="tb-note")
    return el("table", _heads(t, limit), *bodies, class_="tb-forest") + note


def _heads(t: Words, limit: int) -> str:
    """Build the heads: both worlds, the axis, and the change."""
    badges = [el("i", letter, class_=f"tb-badge tb-badge-{letter.lower()}") for letter in "AB"]
    cells = ["", *badges, axis_names(limit), esc(t("difference_view.change"))]
    return el("thead", el("tr", *(el("th", cell, scope="col") for cell in cells)))


def _group(t: Words, title: str, counts: Sequence[PeriodCount], limit: int) -> str:
    """Build the rows of a group below its title."""
    head = el("tr", el("th", esc(title), scope="rowgroup", colspan=5), class_="tb-group")
    return el("tbody", head, *(_row(t, count, limit) for count in counts))


def _row(t: Words, count: PeriodCount, limit: int) -> str:
    """Build the row of an outcome."""
    texts = (t.translate(amount(n, "")) if n >= 0.0 else MISSING for n in (count.a, count.b))
    name = el("th", esc(t.outcome(count.name)), scope="row")
    position = _POSITIONS.get(count.kind, 0)
    more = {"meaningful": count.kind in _POSITIONS, "beyond": t("difference_view.beyond")}
    mark = track(count.percent, limit, position, **more)
    figure, about = change_texts(t, count)
    change = el("b", esc(figure), class_=f"tb-b-{count.kind}") + el("small", esc(about))
    cells = [el("td", esc(text)) for text in texts]
    cells += [el("td", mark, class_="tb-forest-mark"), el("td", change, class_="tb-change")]
    return el("tr", name, *cells)
