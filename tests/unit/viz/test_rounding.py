"""Figures with a range: as many digits as the range supports, the sign, never "-0"."""

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
    fixed,
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
    """Read a formatted figure."""
    digits = text.replace(MINUS, "-").replace("$", "").replace(",", "")
    digits, _, name = digits.replace("%", "").strip().partition(NBSP)
    return float(digits) * {"bn": 1e9, "M": 1e6}.get(name, 1.0)


def step_of(found: Interval) -> float:
    """Return one step of the last digit that the range of an interval supports."""
    return 10.0 ** -supported_places(found.median, found.low90, found.high90)


@given(found=intervals())
def test_no_figure_has_more_digits_than_its_range_supports(found: Interval):
    """A digit more would make the range ten times as many steps wide."""
    width, step = found.high90 - found.low90, step_of(found)
    assert width <= 10.0 * STEPS_IN_RANGE * step * 1.000001
    for text in ranged(found):
        steps = number(text) / step
        assert steps == pytest.approx(round(steps), abs=1e-6, rel=1e-3)


@given(found=intervals())
def test_a_figure_is_not_coarser_than_its_range_and_three_digits(found: Interval):
    width, step = found.high90 - found.low90, step_of(found)
    largest = max(abs(found.low90), abs(found.high90))
    if width > 0.01:
        assert step * STEPS_IN_RANGE <= width * 1.000001 or step * 100 <= largest * 1.000001


@given(found=intervals(), unit=st.sampled_from(["persons per year", "$ per year", "share"]))
def test_signs_are_kept_and_zero_has_none(found: Interval, unit: str):
    texts = (*ranged(found, unit), *ranged_percent(found))
    for text, value in zip(texts, 2 * (found.median, found.low90, found.high90), strict=True):
        shown = number(text)
        assert shown == 0.0 or (shown > 0.0) == (value > 0.0)
        assert (MINUS in text) == (shown < 0.0) and ("+" in text.split("e")[0]) == (shown > 0.0)
        assert shown != 0.0 or text.strip(f"${NBSP}%") == "0"


@given(found=intervals())
def test_a_rounded_figure_stays_next_to_its_value_and_in_its_range(found: Interval):
    texts = ranged(found)
    for text, value in zip(texts, (found.median, found.low90, found.high90), strict=True):
        assert abs(number(text) - value) <= max(0.51 * step_of(found), 0.006 * abs(value))
    median, low, high = map(number, texts)
    assert low <= median <= high


@given(found=intervals())
def test_percentages_never_have_hundredths(found: Interval):
    for text in ranged_percent(found):
        assert len(text.removesuffix(f"{NBSP}%").partition(".")[2]) <= 1


def test_money_of_one_range_has_one_abbreviation():
    found = ranged(Interval(-7e6, -8e6, -6e6, -9.6e6, -0.4e6), "$ per year")
    assert tuple(found) == (f"{MINUS}$7{NBSP}M", f"{MINUS}$10{NBSP}M", "$0")
    price = ranged(Interval(6702.0, 6600.0, 6800.0, 5780.0, 8631.0), "$", sign=False)
    assert tuple(price) == ("$6,700", "$5,800", "$8,600")


def test_one_run_keeps_two_digits_and_what_is_not_known_is_written_in_words():
    assert ranged(Interval.exactly(57_312.0)).median == "+57,300"
    assert ranged(Interval.exactly(0.01234)).median == "+0.012"
    assert ranged_percent(Interval.exactly(-12.34)).median == f"{MINUS}12{NBSP}%"
    unknown = Interval.exactly(math.nan)
    assert set(ranged(unknown)) == {UNDEFINED} and ranged(unknown, "$").median == UNDEFINED
    assert ranged_percent(unknown).median == UNDEFINED and span(unknown) == f"range {UNDEFINED}"
    assert fixed(-0.04, 1) == "0" and fixed(0.04, 1) == "0" and fixed(-0.06, 1) == f"{MINUS}0.1"
