"""Figures of a validation in words: units, tolerances, verdicts, and the order of misses."""

from __future__ import annotations

import math
from collections.abc import Iterable

from experiments.targets import Target
from experiments.validate import Part, Tally
from viz.figures.numbers import MINUS, NBSP, dollars, plain, signed

KINDS = {
    "fitted": "Fitted: the base year",
    "emergent": "Emergent: never fitted, reported",
    "held_out": "Held out: never fitted",
}
EPISODES = {
    "base": "Base year, FY2013",
    "2014": "Southern Border Plan, 2014",
    "2019": "Declaration and Remain in Mexico, 2019",
    "2005": "Enforcement of FY2005",
}
SUPPLIES = {
    "a": "FY2013 level",
    "b": "mean of 24 months to June 2014",
    "c": "mean of 12 months to June 2014",
}
#: Ways to estimate the chance of an evader, see ``experiments.statistics.estimator``.
ESTIMATORS = {
    "evaders": "repeated trials, evaders",
    "everybody": "repeated trials, everybody",
    "counts": "counts of everybody",
}
NOTHING = "-"
_SIGNED = ("%", "points")  # units of changes


def shown(value: float, unit: str) -> str:
    """A figure in its unit, `-` where there is none."""
    if not math.isfinite(value):
        return NOTHING
    if unit == "$":
        return dollars(value)
    if unit == "events":
        return plain(value, 0)
    if unit in _SIGNED:
        return f"{signed(value, 1)}{NBSP}{unit}"
    return f"{value:.{1 if unit == 'per 10,000' else 3}f}".replace("-", MINUS)


def between(low: float, high: float, unit: str) -> str:
    """Two figures as a range."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    if unit in _SIGNED:
        return f"{signed(low, 1)} to {shown(high, unit)}"
    return f"{shown(low, unit)} to {shown(high, unit)}"


def accepted(target: Target) -> str:
    """What is accepted, in words."""
    if not target.judged:
        return "reported only"
    if target.low == target.high:
        return shown(target.low, target.unit)
    return between(target.low, target.high, target.unit)


def observed(target: Target) -> str:
    """What is published: a figure, or the range of several."""
    if target.published_low < target.published_high:
        return between(target.published_low, target.published_high, target.unit)
    return shown(target.observed, target.unit)


def verdict(part: Part) -> str:
    """Inside, outside, not simulated, or only reported."""
    if part.inside is None:
        return "reported"
    if not math.isfinite(part.simulated.median):
        return "not simulated"
    return "inside" if part.inside else "OUTSIDE"


def misses_first(parts: Iterable[Part]) -> list[Part]:
    """Parts outside by how far they are outside, then those inside, then those only reported."""
    return sorted(parts, key=lambda part: (_rank(part), -overshoot(part)))


def _rank(part: Part) -> int:
    return {False: 0, True: 1, None: 2}[part.inside]


def overshoot(part: Part) -> float:
    """How far outside, in half-widths of what is accepted; 0 inside; infinite if not simulated."""
    t, value = part.target, part.simulated.median
    if part.inside is not False:
        return 0.0
    if not math.isfinite(value):
        return math.inf
    return max(t.low - value, value - t.high) / max((t.high - t.low) / 2.0, 1e-9)


def counted(tally: Tally) -> str:
    """Patterns inside of those judged."""
    more = f", {tally.reported} only reported" if tally.reported else ""
    return f"{tally.inside} of {tally.judged} inside{more}"


def nearest(part: Part) -> str:
    """Which of model and naive forecasts comes closest to what was observed."""
    seen = part.target.observed
    found = {
        "model": part.simulated.median,
        "last year": part.naive_last,
        "trend": part.naive_trend,
    }
    known = {name: abs(value - seen) for name, value in found.items() if math.isfinite(value)}
    return min(known, key=lambda name: known[name]) if known else NOTHING


def has_naive(part: Part) -> bool:
    """Whether there is a naive forecast to beat."""
    return math.isfinite(part.naive_last) or math.isfinite(part.naive_trend)
