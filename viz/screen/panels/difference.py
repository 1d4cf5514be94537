"""Panel of differences between two worlds: a map of signed flows, a table and curves."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import solara

from abm.measures import HUMAN_COSTS, OUTCOMES
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import FEWEST_PAIRS, Difference
from viz.figures.comparison import axis_limit, axis_names, track
from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, amount, signed
from viz.screen.panels.maps import legs_in_words, select_place
from viz.screen.panels.naming import day_label, map_payload
from viz.screen.panels.parts import LiveMarkup, badge, box, follow, widget_element
from viz.screen.panels.policy_period_counts import (
    PeriodCount,
    change_texts,
    changes_since,
    period_texts,
    policies_began,
    reading,
)
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.replicates import kind_of
from viz.screen.session.session import Session
from viz.screen.widgets.traits import DIFFERENCE_WORDS, DifferenceMap
from viz.screen.widgets.world import smallest_difference
from viz.screen.words import Words

#: Outcomes in the table, in the order of a journey and with human costs last.
ROWS = (
    "set_out",
    "apprehended_mexico",
    "apprehended_us",
    "unlawful_entries",
    "got_aways",
    *HUMAN_COSTS,
)
_POSITIONS = {"fewer": 0, "more": 1}  # Decreases look like A, and increases like B.


@solara.component
def DifferencePanel(session: Session):
    """Show the differences as a map and a table."""
    with box(cls="tb-difference"):
        with box(cls="tb-card tb-difference-map", tag="section"):
            _Map(session)
        _Table(session)


@solara.component
def _Map(session: Session):
    """Show the map of differences, which is updated less often than the maps of the worlds."""
    t = session.words
    element = widget_element(
        DifferenceMap,
        world=map_payload(session.language.value),
        title=t("difference_view.title"),
        smallest=smallest_difference(session.choice.value.scale),
        selected=session.place.value,
        on_selected=lambda place: select_place(session, place),
        answers=False,
        words=DIFFERENCE_WORDS | t.part("map") | t.part("difference_map"),
    )
    follow(session, element, lambda: _frames(session), every=0.5)
    follow(session, element, lambda: {"text": _in_words(session)}, every=2.0)


@solara.component
def _Table(session: Session):
    """Show the table of outcomes as soon as it has rows."""

    def html() -> str:
        counts = changes_since(session, session.now.day) if session.logs else ()
        rows = sorted(counts, key=lambda count: ROWS.index(count.name))
        return (_head(session) if rows else "") + forest_table(session.words, rows)

    with box(cls="tb-card tb-difference-table", tag="section", tabindex="0"):  # scrolls by keys
        LiveMarkup(session, html, every=1.0)


def _head(session: Session) -> str:
    """Build the heading of the table with the period and the number of runs."""
    title, about = period_texts(session)
    if session.replicates.value.seeds:
        about += " · " + reading(session)[0]
    return el("header", el("h2", esc(title)), el("small", esc(about)))


def _frames(session: Session) -> dict[str, Any]:
    """Return both worlds' frames on the displayed day, and their checksum as serial number."""
    day, logs = session.now.day, session.logs
    a, b = (log.frame(day) for log in logs) if logs else (b"", b"")
    return {"frame_a": a, "frame_b": b, "serial": zlib.crc32(a + b)}


def _in_words(session: Session) -> str:
    """Describe the largest differences for the text alternative of the map."""
    t, day = session.words, session.now.day
    records = [record for log in session.logs if (record := log.record(day)) is not None]
    if len(records) < len("AB"):
        return ""
    a, b = (record["flow"].astype(int) for record in records)
    change = np.where(abs(b - a) >= smallest_difference(session.choice.value.scale), b - a, 0)
    a_day = t("difference_map.a_day")
    legs = legs_in_words(session, change, lambda persons: a_day.format(n=signed(persons, 0)))
    return f"{t('day')} {day}. {legs or t('difference_view.none')}."


# ---- the table ----------------------------------------------------------------------------------


def forest_table(t: Words, counts: Sequence[PeriodCount]) -> str:
    """Build the table of outcomes, in which human costs form a separate group.

    Axis and marks are the same as in reports (`viz.figures.comparison`).

    Args:
        t: texts in the display language.
        counts: outcomes in the order of the rows.

    Returns:
        HTML, or an empty text if no outcomes exist.
    """
    if not counts:
        return ""
    limit = axis_limit(count.percent for count in counts if count.percent)
    cells = ["", badge(0), badge(1), axis_names(limit), esc(t("difference_view.change"))]
    parts = [el("thead", el("tr", *(el("th", cell, scope="col") for cell in cells)))]
    titles = {False: t("difference_view.journey"), True: f"◆ {t('difference_view.costs')}"}
    for is_human, title in titles.items():
        head = el("tr", el("th", esc(title), scope="rowgroup", colspan=5), class_="tb-group")
        if rows := [_row(t, count, limit) for count in counts if count.human == is_human]:
            parts.append(el("tbody", head, *rows))
    note = el("p", esc(t("difference_view.note")), class_="tb-note")
    return el("table", *parts, class_="tb-forest") + note


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


# ---- B minus A over time: got-aways and human costs, as curves with bands over seeds
#: Curves by outcome. True: a total since the policies began; False: people per day.
CURVES = {"got_aways": False} | dict.fromkeys(HUMAN_COSTS, True)
_MEAN = 28  # days per mean, because weekly means of a few hundred simulated migrants are noisy
_POINTS = 140  # maximum number of points of a curve on a third of a screen
_LEAD = 0.15  # period shown before the policies begin, as a share of the period after
_FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)  # axis limits, as multiples of a power of ten
_SIZE = 1000.0  # width and height of the drawing, which style sheets stretch


@dataclass(frozen=True)
class Curve:
    """Differences in an outcome between B and A over time.

    Attributes:
        days: days of the run in order, where the first day is 1.
        figures: shape (4, days): the median in A, the mean difference, and the bounds of its 90 %
            interval. Both arrays are empty with fewer than three seeds.
        runs: number of seeds.
    """

    days: np.ndarray
    figures: np.ndarray
    runs: int

    def limit(self) -> float:
        """Return the upper end of the axis, which is symmetric around zero."""
        largest = max(1.0, float(np.abs(self.figures[1:]).max(initial=0.0)))
        power = 10.0 ** math.floor(math.log10(largest))
        return next(factor * power for factor in _FACTORS if factor * power >= largest)

    def until(self, day: int) -> Curve:
        """Return the part up to a day."""
        end = np.searchsorted(self.days, day, side="right")
        return Curve(self.days[:end], self.figures[:, :end], self.runs)

    def kind(self) -> str:
        """Return "more" or "fewer" for a meaningful difference on the last day, else "same"."""
        if not self.days.size:
            return "same"
        level, middle, low, high = self.figures[:, -1].tolist()
        interval = Interval(middle, math.nan, math.nan, low, high)
        return kind_of(Difference(level, interval, pairs=self.runs))


@solara.component
def DifferenceCurves(session: Session):
    """Show the curves up to the day that the maps show."""
    LiveMarkup(session, lambda: curves(session), cls="tb-card tb-curves", every=1.0)


def curves(session: Session) -> str:
    """Build the curves up to the displayed day, or an empty text if the worlds do not exist yet."""
    if not session.logs:
        return ""
    return "".join(_figure(session, name, curve_of(session, name)) for name in CURVES)


def first_day(session: Session) -> int:
    """Return the first day of the curves, some time before the policies begin."""
    began, days = policies_began(session), session.choice.value.days
    return max(1, round(began - _LEAD * max(0, days - began)))


def curve_of(session: Session, name: str) -> Curve:
    """Compute an outcome's curve over all days, from the runs on several seeds.

    Args:
        session: session that holds the worlds.
        name: a name in `CURVES`.

    Returns:
        The curve, which starts on `first_day`.
    """
    column, runs = DAILY_FIGURES.index(name), session.replicates.value
    began, first = policies_began(session), first_day(session)
    return _curve(runs.totals[..., column], first, began, CURVES[name])


def _curve(totals: np.ndarray, first: int, began: int, is_total: bool) -> Curve:
    """Compute a curve from an outcome's running totals in A and B, shape (2, seeds, days + 1)."""
    last = totals.shape[2] - 1
    if last < first or totals.shape[1] < FEWEST_PAIRS:
        return Curve(np.zeros(0), np.zeros((4, 0)), 0)
    days = np.unique(np.linspace(first, last, min(_POINTS, last - first + 1)).round().astype(int))
    if is_total:
        before = totals[:, :, [min(began - 1, last)]]
        values = np.where(days >= began, totals[:, :, days] - before, 0.0)
    else:
        starts = np.maximum(0, days - _MEAN)
        values = (totals[:, :, days] - totals[:, :, starts]) / (days - starts)
    a, change = values[0], values[1] - values[0]
    return Curve(days, np.array([np.median(a, axis=0), *mean_interval(change)]), len(a))


def _figure(session: Session, name: str, full_curve: Curve) -> str:
    """Build the section of a curve with its heading and axes."""
    t, limit = session.words, full_curve.limit()
    curve = full_curve.until(session.now.day)
    diamond = el("i", "◆ ", aria_hidden="true") if OUTCOMES[name].human else ""
    unit = f"curves.{'total' if CURVES[name] else 'a_day'}"
    head = el("h3", diamond, esc(t.outcome(name))) + el("small", esc(t(unit)))
    places = None if limit < 10 else 0
    ends = signed(limit, places), "0", signed(-limit, places)
    axis = "".join(el("span", esc(end), style=f"top:{50 * i}%") for i, end in enumerate(ends))
    marks = _drawing(session, curve, limit), _end(session, curve, limit), _dates(session)
    plot = el("div", axis, *marks)
    label = f"{t.outcome(name)}. {t(unit)}. {_spoken(t, session, curve)}"
    box = el("div", plot, class_=f"tb-curve tb-b-{curve.kind()}", role="img", aria_label=label)
    return el("section", el("header", head), box)


def _x(session: Session, day: float) -> float:
    """Return the horizontal position of a day, from 0 to 1."""
    first, last = first_day(session), session.choice.value.days
    return (day - first) / max(1, last - first)


def _y(value: float, limit: float) -> float:
    """Return the vertical position of a value, from 0 at the top to 1."""
    return 0.5 - 0.5 * max(-1.0, min(1.0, value / limit))


def _drawing(session: Session, curve: Curve, limit: float) -> str:
    """Draw the zero line, the day on which the policies began, the band and the curve."""

    def line(values: np.ndarray) -> list[str]:
        pairs = zip(curve.days.tolist(), values.tolist(), strict=True)
        return [f"{_SIZE * _x(session, d):.0f} {_SIZE * _y(v, limit):.0f}" for d, v in pairs]

    began = _SIZE * _x(session, policies_began(session))
    parts = [
        el("path", d=f"M0 0H{_SIZE:g}M0 {_SIZE:g}H{_SIZE:g}", class_="tb-grid"),
        el("path", d=f"M{began:.0f} 0V{_SIZE:g}", class_="tb-began"),
    ]
    _, mean, low, high = curve.figures
    parts.append(el("path", d=f"M0 {_SIZE / 2:g}H{_SIZE:g}", class_="tb-zero"))
    if curve.days.size:
        ring = line(low) + line(high)[::-1]
        parts.insert(-1, el("path", d=f"M{'L'.join(ring)}Z", class_="tb-band"))
        parts.append(el("path", d=f"M{'L'.join(line(mean))}", class_="tb-middle"))
    view = f"0 0 {_SIZE:g} {_SIZE:g}"
    return el("svg", *parts, viewBox=view, preserveAspectRatio="none", aria_hidden="true")


def _end(session: Session, curve: Curve, limit: float) -> str:
    """Build the mark and the value at the end of a curve."""
    if not curve.days.size:
        return ""
    left = 100.0 * _x(session, float(curve.days[-1]))
    top = 100.0 * _y(float(curve.figures[1, -1]), limit)
    at = f"left:{left:.1f}%;top:{top:.1f}%"
    return el("em", style=at) + el("b", esc(_last(curve)[0]), style=at)


def _last(curve: Curve) -> list[str]:
    """Format the last mean and its range, with one decimal for a mean below ten."""
    places = 0 if abs(float(curve.figures[1, -1])) >= 10 else 1
    return [signed(value, places) for value in curve.figures[1:, -1].tolist()]


def _dates(session: Session) -> str:
    """Build the dates below the axis: the day on which the policies began, and the last day."""
    began, last = policies_began(session), session.choice.value.days
    left = 100.0 * max(0.0, min(1.0, _x(session, began)))
    start = el("time", esc(day_label(session, began)), style=f"left:{left:.1f}%")
    return start + el("time", esc(day_label(session, last)), class_="tb-last")


def _spoken(t: Words, session: Session, curve: Curve) -> str:
    """Return the last value with its date and its range, for screen readers."""
    if not curve.days.size:
        return ""
    mean, low, high = _last(curve)
    text = f"{day_label(session, int(curve.days[-1]))}: {mean}"
    return f"{text} ({t('since.range').format(low=low, high=high)})"
