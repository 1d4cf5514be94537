"""Colours of heat maps keep the order of values, and their text is readable."""

from __future__ import annotations

import math
from typing import Any

import pytest

from experiments.sweeps.pivot import CellMean, PivotAxis
from tests.unit.viz.test_styles import luminance
from viz.figures.levels import plot_levels
from viz.figures.svg import svg
from viz.screen.panels.sweep_view import CHANGES, CIVIDIS, EMPTY, ink, scale


@pytest.mark.parametrize("colour", [*CIVIDIS, *CHANGES, EMPTY])
def test_text_has_the_contrast_of_accessibility_rules(colour: str):
    light, dark = sorted((luminance(colour), luminance(ink(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_higher_values_have_later_colours_and_both_ends_are_used():
    values = [3.0, 7.5, 12.0, 40.0, math.nan]
    colour = scale(values, changes=False)
    places = [CIVIDIS.index(colour(v)) for v in values[:-1]]
    assert places == sorted(places) and (places[0], places[-1]) == (0, len(CIVIDIS) - 1)
    assert colour(math.nan) == EMPTY


def picture(axis: PivotAxis, figures: list[CellMean]) -> str:
    joined = axis.is_numeric
    texts: Any = {"title": "a < b", "unit": "u", "factor": "n", "marks": {}, "joined": joined}
    ax = plot_levels(axis.centres, axis.labels, figures, **texts)
    return svg(ax, "a < b", "t")


def test_a_line_joins_numbers_and_not_names():
    figures = [CellMean(v, v - 1, v + 1, 4, 4) for v in (2.0, 3.0, 5.0)]
    numbers = picture(PivotAxis("policy.fence", ("0", "0.5", "1"), (0.0, 0.5, 1.0)), figures)
    axis = PivotAxis("governments.mexico", ("a", "b", "c"), (0.0, 1.0, 2.0), is_numeric=False)
    names = picture(axis, figures)
    assert 'class="means"' in numbers and 'class="means"' not in names
    assert names.count('class="level"') == 3 and "a &lt; b" in names
