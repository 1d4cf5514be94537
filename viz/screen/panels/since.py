"""Below the maps: figures since the policies began, or the curves of their difference."""

from __future__ import annotations

import math

import solara

from abm.measures import HUMAN_COSTS
from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, NBSP, amount, plain, rounded, signed
from viz.screen.panels.difference import DifferenceCurves
from viz.screen.panels.parts import LiveMarkup
from viz.screen.panels.policy_period_counts import (
    PeriodCount,
    change_texts,
    changes_since,
    policies_began,
)
from viz.screen.panels.timebar import day_label
from viz.screen.session.replicates import FEWEST, SEEDS
from viz.screen.session.session import Session
from viz.screen.words import Words

#: Figures of the strip, in its order.
SHOWN = ("got_aways", "apprehended_us", "apprehended_mexico", *HUMAN_COSTS)
#: [A] percent at the ends of the axis, the same for all figures; an arrow marks what lies beyond.
AXIS = 30.0
_MILLION = 1e6


@solara.component
def Since(session: Session):
    """Show figures since the policies began, human costs last, of the same day as the maps.

    The view of the difference has these figures in its table, and shows curves over time instead.
    """
    if session.view.value == "difference":
        DifferenceCurves(session)
    else:
        _Strip(session)


@solara.component
def _Strip(session: Session):
    """Show the figures; the markup is sent for every frame."""
    LiveMarkup(session, lambda: strip(session), cls="tb-card tb-since", every=0.0)


def strip(session: Session) -> str:
    """Build the strip of the day shown; it is sent for every frame, so the markup is short."""
    counts = {count.name: count for count in changes_since(session, session.now.day)}
    figures = (_figure(session, counts[name]) for name in SHOWN)
    return el("div", *_head(session)) + el("ul", *figures)


def _head(session: Session) -> list[str]:
    """Return the title, the period, and how to read the changes."""
    t, day, began = session.words, session.now.day, policies_began(session)
    title = t("since.title_start" if began == 1 else "since.title")
    date = day_label(session, began)
    if day < began:
        lines = [t("since.not_begun").format(date=date)] if began > 1 else []
    else:
        key = "since.days_one" if day == began else "since.days"
        lines = [t(key).format(date=date, days=day - began + 1)]
        lines += _reading(session)
    return [el("h2", esc(title)), *(el("p", esc(line)) for line in lines)]


def _reading(session: Session) -> list[str]:
    """Return the sentences that explain the changes and their axis."""
    t, done = session.words, len(session.replicates.value.seeds)
    key = "change_few" if done < FEWEST else "change_early" if done < SEEDS else "change"
    line = t(f"since.{key}")
    ends = {key: _percent(value, 0) for key, value in (("low", -AXIS), ("high", AXIS))}
    text = line.format(few=FEWEST, of=SEEDS, done=done, runs=done)
    return [text, t("since.axis").format(**ends)]


def _figure(session: Session, count: PeriodCount) -> str:
    """Build one figure: its name, A and B, the change and its place on the axis.

    Style sheets put the diamond before the name of a human cost: the markup is sent for each frame.
    """
    t, cls = session.words, "tb-human" if count.human else None
    name = el("h3", esc(t.outcome(count.name)))
    marks = el("i", "A"), el("i", "B")
    counts = (esc(f" {_amount(t, value)}") for value in (count.a, count.b))
    lines = el("br").join(map("".join, zip(marks, counts, strict=True)))
    return el("li", name, el("p", lines), _change(t, count), class_=cls)


def _amount(t: Words, value: float) -> str:
    """Format a count to three digits; millions are abbreviated, so that seven figures fit."""
    if not math.isfinite(value):
        return MISSING
    if (count := rounded(value)) >= _MILLION:
        return plain(count / _MILLION, 2) + "M"
    return t.translate(amount(value, ""))


def _change(t: Words, count: PeriodCount) -> str:
    """Return the change in percent, its range, and both on the axis."""
    figure, about = change_texts(t, count)
    axis, kind = _axis(count), {"same": "tb-unclear"}.get(count.kind, f"tb-b-{count.kind}")
    return el("div", el("b", esc(figure)), el("small", esc(about)), axis, class_=kind)


def _percent(value: float, places: int) -> str:
    """Format a change in percent."""
    return signed(value, places) + NBSP + "%"


def _axis(count: PeriodCount) -> str:
    """Build the axis with a whisker, a point, and arrows where they leave it.

    Style sheets draw whisker and point from the places in the style (left end, width, point),
    because the markup is sent for each frame.
    """
    middle = low = high = count.single
    if count.percent:
        middle, low, high = count.percent.median, count.percent.low90, count.percent.high90
    if not (math.isfinite(middle) and count.a + count.b):
        return el("span", "")
    left, right = _place(low), _place(high)
    places = {"l": left, "w": right - left} if right > left else {}
    if abs(middle) <= AXIS:
        places["m"] = _place(middle)
    style = ";".join(f"--{name}:{place:.1f}%" for name, place in places.items())
    beyond = (("tb-before", low < -AXIS), ("tb-after", high > AXIS))
    arrows = [el("u", "", class_=name) for name, is_beyond in beyond if is_beyond]
    return el("span", *arrows, style=style or None)


def _place(value: float) -> float:
    """Return the place of a change on the axis, 0 to 100."""
    return 50.0 + 50.0 * max(-1.0, min(1.0, value / AXIS))
