"""Counts since the policies began, their changes from A to B, and the strip that shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import solara

from abm.measures import HUMAN_COSTS, OUTCOMES
from abm.policies.base import money
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import FEWEST_PAIRS, Difference
from viz.figures.comparison import axis_place
from viz.figures.markup import el, esc, num
from viz.figures.numbers import MISSING, percent, plain, ranged_percent, rounded
from viz.screen.panels.naming import day_label
from viz.screen.panels.parts import LiveMarkup
from viz.screen.session.frames import DAILY_FIGURES, FrameLog, policies_begin
from viz.screen.session.replicates import SEEDS, Replicates, kind_of
from viz.screen.session.session import Session
from viz.screen.words import Words

#: Daily series that count persons or events.
COUNTED = tuple(name for name in DAILY_FIGURES if name in OUTCOMES)
_COLUMNS = [DAILY_FIGURES.index(name) for name in COUNTED]


@dataclass(frozen=True)
class PeriodCount:
    """Count of persons or events since the policies began, in A and in B.

    Attributes:
        name: a name in `COUNTED`.
        a, b: counts in the run on the screen.
        change: difference between B and A over seeds. None with fewer than three seeds, or if the
            count in A is zero.
    """

    name: str
    a: float
    b: float
    change: Difference | None = None

    @property
    def human(self) -> bool:
        """Whether the count is a human cost."""
        return OUTCOMES[self.name].human

    @cached_property
    def percent(self) -> Interval | None:
        """Change relative to A, in percent."""
        return self.change.percent if self.change else None

    @property
    def kind(self) -> str:
        """Kind of the change: "more" or "fewer" if it is meaningful, otherwise "same"."""
        return kind_of(self.change)


def policies_began(session: Session) -> int:
    """Return the day, from 1, on which the first policy of A or B begins.

    It is 1 if no policies exist, or if any policy has no start date.

    Args:
        session: session that holds the worlds.
    """
    return policies_begin([session.choice.value.scenario(world) for world in (0, 1)])


def world_began(session: Session, world: int) -> int:
    """Return the day, from 1, on which the first policy of world A (0) or B (1) begins."""
    return policies_begin([session.choice.value.scenario(world)])


def changes_since(session: Session, day: int) -> list[PeriodCount]:
    """Compare A with B from the day on which the policies began to a later day.

    Args:
        session: session that holds the worlds.
        day: last day to count. Before the policies begin, counts are NaN.

    Returns:
        One count for each name in `COUNTED`.
    """
    began, nothing = policies_began(session), np.full(len(COUNTED), np.nan)
    a, b = [_counts(log, began, day) for log in session.logs if day >= began] or [nothing, nothing]
    changes = _differences(*_totals(session.replicates.value, began, day))
    return list(map(PeriodCount, COUNTED, a.tolist(), b.tolist(), changes))


def _counts(log: FrameLog, began: int, day: int) -> np.ndarray:
    """Return the counts in a run from one day to another, in the order of `COUNTED`."""
    return log.daily[began - 1 : max(0, min(day, len(log)))].sum(axis=0, dtype=float)[_COLUMNS]


def _totals(replicates: Replicates, began: int, day: int) -> np.ndarray:
    """Return the counts of A and B, shape (2, seeds, names), with 0 seeds before policies begin."""
    totals = replicates.totals
    last = min(day, totals.shape[2] - 1)
    if last < began:
        return np.zeros((2, 0, len(COUNTED)))
    return (totals[:, :, last] - totals[:, :, began - 1])[:, :, _COLUMNS]


def _differences(a: np.ndarray, b: np.ndarray) -> list[Difference | None]:
    """Return the paired difference for each name in `COUNTED`, from counts of shape (seeds, names).

    As in reports (`experiments.comparison.compare`), it is the mean over seeds in percent of the
    median of A. It is None with fewer than three seeds, or if the median is zero. All names are
    computed together, because every frame needs them.
    """
    seeds = len(a)
    if seeds < FEWEST_PAIRS:
        return [None] * len(COUNTED)
    levels, bounds = np.median(a, axis=0).tolist(), np.array(mean_interval(b - a)).T.tolist()
    changes = (
        Difference(level, Interval(mean, math.nan, math.nan, low, high), pairs=seeds)
        for level, (mean, low, high) in zip(levels, bounds, strict=True)
    )
    return [change if change.percent else None for change in changes]


def change_texts(t: Words, count: PeriodCount) -> tuple[str, str]:
    """Format the change of a count in percent, and its range.

    Args:
        t: texts in the display language.
        count: the count in A and in B, with its change.

    Returns:
        The texts, or a dash if there are too few seeds.
    """
    if not count.a + count.b > 0.0:  # Before the policies begin, counts are NaN.
        return MISSING, ""
    if count.percent:
        figure, low, high = ranged_percent(count.percent)
        return figure, t("since.range").format(low=low, high=high)
    return MISSING, "" if count.a > 0.0 else t("since.no_change")


# ---- the strip below the maps -------------------------------------------------------------------
#: Outcomes in the strip, in order.
STRIP = ("got_aways", "apprehended_us", "apprehended_mexico", *HUMAN_COSTS)
#: [A] Percent at the ends of the axis of all changes. An arrow marks larger changes.
AXIS = 30.0
_MILLION = 1e6
#: [A] Maximum relative difference between two sums of dollars that count as equal.
MARGIN = 0.1


@solara.component
def PeriodStrip(session: Session):
    """Show dollars and counts since the policies began, updated three times a second."""
    LiveMarkup(session, lambda: strip(session), cls="tb-card tb-since")


def strip(session: Session) -> str:
    """Build the strip for the displayed day. It is sent three times a second, so it is short."""
    t, counts = session.words, changes_since(session, session.now.day)
    figures = (_figure(t, count) for name in STRIP for count in counts if count.name == name)
    return el("div", *_head(session)) + el("ul", _money(session), *figures)


def period_texts(session: Session) -> tuple[str, str]:
    """Return the title of the counts, and the period that they cover."""
    t, day, began = session.words, session.now.day, policies_began(session)
    title, date = t("since.title_start" if began == 1 else "since.title"), day_label(session, began)
    key = "not_begun" if day < began else "days_one" if day == began else "days"
    return title, t(f"since.{key}").format(date=date, days=day - began + 1)


def _head(session: Session) -> list[str]:
    """Return the title, the period, and the explanation of the changes as HTML."""
    title, period = period_texts(session)
    has_begun = session.now.day >= policies_began(session)
    lines = [period, *(reading(session) if has_begun else ())]
    return [el("h2", esc(title)), *(el("p", esc(line)) for line in lines)]


def reading(session: Session) -> list[str]:
    """Return the sentences that explain the changes and their axis."""
    t, counts = session.words, session.seed_counts
    key = "change_early" if counts["done"] < SEEDS else "change"
    line = t("since.change_few" if counts["runs"] < FEWEST_PAIRS else f"since.{key}")
    axis = t("since.axis").format(low=percent(-AXIS, 0), high=percent(AXIS, 0))
    return [line.format(few=FEWEST_PAIRS, **counts), axis]


def _figure(t: Words, count: PeriodCount) -> str:
    """Build the item of an outcome: its name, the counts in A and B, the change and its axis.

    Style sheets put the diamond before the name of a human cost, so that the markup is short.
    """
    cls = "tb-harm" if count.human else None
    name = el("h3", esc(t.outcome(count.name)))
    return el("li", name, _levels(map(_amount, (count.a, count.b))), _change(t, count), class_=cls)


def _levels(texts: Iterable[str]) -> str:
    """Build the lines with the levels of A and B."""
    lines = (el("i", letter) + esc(f" {text}") for letter, text in zip("AB", texts, strict=True))
    return el("p", el("br").join(lines))


def _money(session: Session) -> str:
    """Build the item with the dollars that were spent in the period of the counts."""
    t, name = session.words, el("h3", esc(session.words("since.money")))
    a, b = [log.dollars(session.now.day)[0] for log in session.logs] or [math.nan] * 2
    if session.now.day < policies_began(session) or not a + b >= 0.0:
        return el("li", name, _levels([MISSING] * 2), el("div", el("b", MISSING)))
    kind = "tb-unclear" if is_equal(a, b) else "tb-b-more" if b > a else "tb-b-fewer"
    levels = _levels(money(rounded(dollars)) for dollars in (a, b))
    return el("li", name, levels, el("div", el("b", esc(_times_text(t, a, b))), class_=kind))


def is_equal(a: float, b: float) -> bool:
    """Return whether two sums of dollars differ by at most a tenth of the larger one."""
    return abs(a - b) <= MARGIN * max(a, b)


def _times_text(t: Words, a: float, b: float) -> str:
    """Return which world spends more dollars, and the ratio."""
    low, high = sorted((a, b))
    if is_equal(a, b):
        return apart(t, low, high)
    key = "times" if low > 0.0 else "alone"
    return t(f"since.{key}").format(world="A" if a > b else "B", times=times(low, high))


def apart(t: Words, low: float, high: float) -> str:
    """State by how many percent the lower sum of dollars is below the higher sum."""
    share = round(100.0 * (1.0 - low / high)) if high > 0.0 else 0
    return t("since.apart").format(share) if share else t("since.equal")


def times(low: float, high: float) -> str:
    """Format the ratio of the higher to the lower sum, or return "" if the lower sum is zero."""
    return f"{high / low:.{int(high < 10.0 * low)}f}" if low > 0.0 else ""


def _amount(value: float) -> str:
    """Format a count with three significant digits. Millions are abbreviated to save space."""
    if not math.isfinite(value):
        return MISSING
    if (count := rounded(value)) >= _MILLION:
        return plain(count / _MILLION, 2) + "M"
    return plain(count)


def _change(t: Words, count: PeriodCount) -> str:
    """Build the change in percent with its range and its axis."""
    figure, about = change_texts(t, count)
    if count.change and count.percent and about:
        about = t("since.seeds").format(count.change.pairs, about)
    axis, kind = _axis(count), {"same": "tb-unclear"}.get(count.kind, f"tb-b-{count.kind}")
    return el("div", el("b", esc(figure)), el("small", esc(about)), axis, class_=kind)


def _axis(count: PeriodCount) -> str:
    """Build the axis with a whisker, a point, and arrows for values beyond its ends.

    Style sheets draw the whisker and the point at the positions in the style (left end, width,
    point), which keeps the HTML of each frame short.
    """
    if not (count.percent and count.a + count.b):
        return el("span", "")
    middle, low, high = count.percent.median, count.percent.low90, count.percent.high90
    left, right = (axis_place(end, AXIS) for end in (low, high))
    places = {"l": left, "w": right - left} if right > left else {}
    if abs(middle) <= AXIS:
        places["m"] = axis_place(middle, AXIS)
    style = ";".join(f"--{name}:{num(place)}" for name, place in places.items())
    beyond = (("tb-before", low < -AXIS), ("tb-after", high > AXIS))
    arrows = [el("u", "", class_=name) for name, is_beyond in beyond if is_beyond]
    return el("span", *arrows, style=style or None)
