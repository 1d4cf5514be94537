"""Colours of heat maps keep the order of values, and their text is readable."""

from __future__ import annotations

import math

import pytest

from tests.unit.viz.test_styles import luminance
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
