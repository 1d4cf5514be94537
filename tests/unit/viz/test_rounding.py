"""Figures with a range have as many digits as the range supports, keep their sign, never "-0"."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.runs.intervals import Interval
from viz.figures.numbers import (
    MINUS,
    NBSP,
    STEPS_IN_RANGE,
    UNDEFINED,
    format_fixed,
    ranged,
    ranged_percent,
    span,
    supported_places,
)

SIZES = st.floats(-1e12, 1e12) | st.floats(-200.0, 200.0) | st.floats(-1e-3, 1e-3)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """Draw a median between two bounds; the bounds may be equal."""
    low, median, high = sorted(draw(st.tuples(SIZES, SIZES, SIZES)))
    return Interval(median, median, median, low, high)


def number(text: str) -> float:
    """Read a formatted figure as a number."""
    digits = text.replace(MINUS, "-").replace("$", "").replace(",", "")
    digits, _, name = digits.replace("%", "").strip().partition(NBSP)
    return float(digits) * {"bn": 1e9, "M": 1e6}.get(name, 1.0)


def step_of(bounds: Interval) -> float:
    """Return the size of one step in the last digit that the range of an interval supports."""
    return 10.0 ** -supported_places(bounds.median, bounds.low90, bounds.high90)


@given(bounds=intervals())
def test_no_figure_has_more_digits_than_its_range_supports(bounds: Interval):
    """With one more digit, the range would be ten times as many steps wide."""
    width, step = bounds.high90 - bounds.low90, step_of(bounds)
    assert width <= 10.0 * STEPS_IN_RANGE * step * 1.000001
    for text in ranged(bounds):
        steps = number(text) / step
        assert steps == pytest.approx(round(steps), abs=1e-6, rel=1e-3)


@given(bounds=intervals())
def test_a_figure_is_not_coarser_than_its_range_and_three_digits(bounds: Interval):
    width, step = bounds.high90 - bounds.low90, step_of(bounds)
    largest = max(abs(bounds.low90), abs(bounds.high90))
    if width > 0.01:
        assert step * STEPS_IN_RANGE <= width * 1.000001 or step * 100 <= largest * 1.000001


@given(bounds=intervals(), unit=st.sampled_from(["persons per year", "$ per year", "share"]))
def test_signs_are_kept_and_zero_has_none(bounds: Interval, unit: str):
    texts = (*ranged(bounds, unit), *ranged_percent(bounds))
    for text, value in zip(texts, 2 * (bounds.median, bounds.low90, bounds.high90), strict=True):
        shown = number(text)
        assert shown == 0.0 or (shown > 0.0) == (value > 0.0)
        assert (MINUS in text) == (shown < 0.0) and ("+" in text.split("e")[0]) == (shown > 0.0)
        assert shown != 0.0 or text.strip(f"${NBSP}%") == "0"


@given(bounds=intervals())
def test_a_rounded_figure_stays_next_to_its_value_and_in_its_range(bounds: Interval):
    texts = ranged(bounds)
    for text, value in zip(texts, (bounds.median, bounds.low90, bounds.high90), strict=True):
        assert abs(number(text) - value) <= max(0.51 * step_of(bounds), 0.006 * abs(value))
    median, low, high = map(number, texts)
    assert low <= median <= high


@given(bounds=intervals())
def test_percentages_never_have_hundredths(bounds: Interval):
    for text in ranged_percent(bounds):
        assert len(text.removesuffix(f"{NBSP}%").partition(".")[2]) <= 1


def test_money_of_one_range_has_one_abbreviation():
    bounds = ranged(Interval(-7e6, -8e6, -6e6, -9.6e6, -0.4e6), "$ per year")
    assert tuple(bounds) == (f"{MINUS}$7{NBSP}M", f"{MINUS}$10{NBSP}M", "$0")
    price = ranged(Interval(6702.0, 6600.0, 6800.0, 5780.0, 8631.0), "$", sign=False)
    assert tuple(price) == ("$6,700", "$5,800", "$8,600")


def test_one_run_keeps_two_digits_and_what_is_not_known_is_written_in_words():
    assert ranged(Interval.exactly(57_312.0)).median == "+57,300"
    assert ranged(Interval.exactly(0.01234)).median == "+0.012"
    assert ranged_percent(Interval.exactly(-12.34)).median == f"{MINUS}12{NBSP}%"
    unknown = Interval.exactly(math.nan)
    assert set(ranged(unknown)) == {UNDEFINED} and ranged(unknown, "$").median == UNDEFINED
    assert ranged_percent(unknown).median == UNDEFINED and span(unknown) == f"range {UNDEFINED}"
    assert (
        format_fixed(-0.04, 1) == "0"
        and format_fixed(0.04, 1) == "0"
        and format_fixed(-0.06, 1) == f"{MINUS}0.1"
    )
