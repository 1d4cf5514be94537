"""B minus A over time: got-aways and human costs, as curves with bands over the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import solara

from abm.measures import OUTCOMES
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import Difference
from viz.figures.markup import el, esc
from viz.figures.numbers import signed
from viz.screen.panels.parts import LiveMarkup
from viz.screen.panels.policy_period_counts import policies_began
from viz.screen.panels.timebar import day_label
from viz.screen.session.frames import DAILY
from viz.screen.session.replicates import FEWEST, finding_over_seeds, kind_of
from viz.screen.session.session import Session
from viz.screen.words import Words

#: The figures, and whether they are totals since the policies began; others are people a day.
SHOWN = {
    "got_aways": False,
    "deaths": True,
    "kidnapped": True,
    "extorted": True,
    "returned_unscreened": True,
}
_MEAN = 28  # days of a mean: single weeks of a few hundred simulated migrants are noisy
_POINTS = 140  # days of a curve at most: more cannot be distinguished on a third of a screen
_LEAD = 0.15  # days before the policies begin, as a share of those after
_FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)  # ends of an axis, times a power of ten
_SIZE = 1000.0  # both sides of the drawing, which style sheets stretch


@dataclass(frozen=True)
class Curve:
    """A figure of B minus A.

    Attributes:
        days: days from 1, in order.
        middle: mean over the seeds, or the run on the screen with fewer than three of them.
        low, high: ends of its 90 % interval, as long as `days`; empty with fewer than three seeds.
        level: the figure in A.
        runs: number of seeds.
    """

    days: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: np.ndarray
    runs: int

    def limit(self) -> float:
        """Return the end of the axis, on both sides of zero."""
        values = np.concatenate([self.middle, self.low, self.high])
        most = max(1.0, float(np.abs(values).max(initial=0.0)))
        power = 10.0 ** math.floor(math.log10(most))
        return next(factor * power for factor in _FACTORS if factor * power >= most)

    def until(self, day: int) -> Curve:
        """Return the part up to a day."""
        parts = (self.days, self.middle, self.low, self.high, self.level)
        end = np.searchsorted(self.days, day, side="right")
        days, middle, low, high, level = (part[:end] for part in parts)
        return Curve(days, middle, low, high, level, self.runs)

    def kind(self) -> str:
        """Return whether B has meaningfully more on the last day, fewer, or neither."""
        if not (self.low.size and self.high.size):
            return "same"
        level, middle, low, high = (
            float(part[-1]) for part in (self.level, self.middle, self.low, self.high)
        )
        interval = Interval(middle, math.nan, math.nan, low, high)
        return kind_of(finding_over_seeds(Difference(level, interval, pairs=self.runs)))


@solara.component
def DifferenceCurves(session: Session):
    """Show the curves up to the day of the maps."""
    LiveMarkup(session, lambda: curves(session), cls="tb-card tb-curves", every=1.0)


def curves(session: Session) -> str:
    """Build the curves of the day shown; empty before the first day."""
    if session.worlds < 2 or not session.logs:
        return ""
    return "".join(_figure(session, name, curve_of(session, name)) for name in SHOWN)


def first_day(session: Session) -> int:
    """Return the first day of the curves, some time before the policies begin."""
    began, days = policies_began(session), session.choice.value.days
    return max(1, round(began - _LEAD * max(0, days - began)))


def curve_of(session: Session, name: str) -> Curve:
    """Compute the curve of a figure over all days that are known.

    Args:
        session: the session of two worlds.
        name: a name of `SHOWN`.

    Returns:
        The curve, from `first_day` on.
    """
    column, runs = DAILY.index(name), session.replicates.value
    if len(runs.seeds) >= FEWEST:
        totals = runs.totals[..., column]
    else:
        own = [log.series(name) for log in session.logs]
        known = min(map(len, own))
        sums = np.cumsum([one[:known] for one in own], axis=1, dtype=float)
        totals = np.pad(sums, ((0, 0), (1, 0)))[:, None]
    return _curve(totals, first_day(session), policies_began(session), SHOWN[name])


def _curve(totals: np.ndarray, first: int, began: int, is_total: bool) -> Curve:
    """Compute a curve from sums of A and B up to each day, shape (2, seeds, days + 1)."""
    last, nothing = totals.shape[2] - 1, np.zeros(0)
    if last < first:
        return Curve(nothing, nothing, nothing, nothing, nothing, 0)
    days = np.unique(np.linspace(first, last, min(_POINTS, last - first + 1)).round().astype(int))
    if is_total:
        before = totals[:, :, [min(began - 1, last)]]
        values = np.where(days >= began, totals[:, :, days] - before, 0.0)
    else:
        starts = np.maximum(0, days - _MEAN)
        values = (totals[:, :, days] - totals[:, :, starts]) / (days - starts)
    a, change = values[0], values[1] - values[0]
    level, runs = np.median(a, axis=0), len(a)
    if runs < FEWEST:
        return Curve(days, change[0], nothing, nothing, level, runs)
    return Curve(days, *mean_interval(change), level, runs)


def _figure(session: Session, name: str, known: Curve) -> str:
    """Build a curve with its heading and axes."""
    t, limit = session.words, known.limit()
    shown = known.until(session.now.day)
    diamond = el("i", "◆ ", aria_hidden="true") if OUTCOMES[name].human else ""
    unit = f"curves.{'total' if SHOWN[name] else 'a_day'}{'' if known.low.size else '_one'}"
    head = el("h3", diamond, esc(t.outcome(name))) + el("small", esc(t(unit)))
    ends = (
        signed(limit, None if limit < 10 else 0),
        "0",
        signed(-limit, None if limit < 10 else 0),
    )
    axis = "".join(el("span", esc(end), style=f"top:{50 * i}%") for i, end in enumerate(ends))
    plot = el(
        "div", axis, _drawing(session, shown, limit), _end(session, shown, limit), _dates(session)
    )
    label = f"{t.outcome(name)}. {t(unit)}. {_spoken(t, session, shown)}"
    box = el("div", plot, class_=f"tb-curve tb-b-{shown.kind()}", role="img", aria_label=label)
    return el("section", el("header", head), box)


def _x(session: Session, day: float) -> float:
    """Return the place of a day, 0 to 1."""
    first, last = first_day(session), session.choice.value.days
    return (day - first) / max(1, last - first)


def _y(value: float, limit: float) -> float:
    """Return the place of a value from the top, 0 to 1."""
    return 0.5 - 0.5 * max(-1.0, min(1.0, value / limit))


def _drawing(session: Session, shown: Curve, limit: float) -> str:
    """Draw zero, the day on which the policies began, the band and the line."""
    middle = _SIZE / 2

    def line(values: np.ndarray) -> list[str]:
        pairs = zip(shown.days.tolist(), values.tolist(), strict=True)
        return [f"{_SIZE * _x(session, d):.0f} {_SIZE * _y(v, limit):.0f}" for d, v in pairs]

    began = _SIZE * _x(session, policies_began(session))
    parts = [
        el("path", d=f"M0 0H{_SIZE:g}M0 {_SIZE:g}H{_SIZE:g}", class_="tb-grid"),
        el("path", d=f"M{began:.0f} 0V{_SIZE:g}", class_="tb-began"),
    ]
    if shown.low.size:
        ring = line(shown.low) + line(shown.high)[::-1]
        parts.append(el("path", d=f"M{'L'.join(ring)}Z", class_="tb-band"))
    parts.append(el("path", d=f"M0 {middle:g}H{_SIZE:g}", class_="tb-zero"))
    if shown.days.size:
        parts.append(el("path", d=f"M{'L'.join(line(shown.middle))}", class_="tb-middle"))
    view = f"0 0 {_SIZE:g} {_SIZE:g}"
    return el("svg", *parts, viewBox=view, preserveAspectRatio="none", aria_hidden="true")


def _end(session: Session, shown: Curve, limit: float) -> str:
    """Build the mark and the value at the end of a line."""
    if not shown.days.size:
        return ""
    left = 100.0 * _x(session, float(shown.days[-1]))
    top = 100.0 * _y(float(shown.middle[-1]), limit)
    at = f"left:{left:.1f}%;top:{top:.1f}%"
    return el("em", style=at) + el("b", esc(_value(shown)), style=at)


def _value(shown: Curve) -> str:
    """Format the last value."""
    return signed(float(shown.middle[-1]), _places(shown))


def _places(shown: Curve) -> int:
    """Return the decimals of the last value and its range, for two digits below a hundred."""
    return 0 if abs(float(shown.middle[-1])) >= 10 else 1


def _dates(session: Session) -> str:
    """Build the dates below the axis: the day on which the policies began, and the last one."""
    began, last = policies_began(session), session.choice.value.days
    left = 100.0 * max(0.0, min(1.0, _x(session, began)))
    start = el("time", esc(day_label(session, began)), style=f"left:{left:.1f}%")
    return start + el("time", esc(day_label(session, last)), class_="tb-last")


def _spoken(t: Words, session: Session, shown: Curve) -> str:
    """Return the value of the day with its range, for screen readers."""
    if not shown.days.size:
        return ""
    text = f"{day_label(session, int(shown.days[-1]))}: {_value(shown)}"
    if not shown.low.size:
        return text
    ends = (signed(float(one[-1]), _places(shown)) for one in (shown.low, shown.high))
    return f"{text} ({t('since.range').format(**dict(zip(('low', 'high'), ends, strict=True)))})"
