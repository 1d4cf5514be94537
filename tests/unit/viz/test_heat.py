"""Colours of heat maps keep the order of values, and their text is readable."""

from __future__ import annotations

import math

import pytest

from experiments.sweeps.pivot import CellMean, Pivot, PivotAxis
from viz.screen.panels.sweep_view import (
    CHANGES,
    CIVIDIS,
    EMPTY,
    figure_notes,
    ink,
    lines_svg,
    scale,
)
from viz.screen.sweeps.sweep_plan import axis_name, factor_name
from viz.screen.words import LANGUAGES, Words


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
    texts = {"title": "a < b", "unit": "u", "alternative": "t", "name": "n"}
    return lines_svg(axis, tuple(figures), ("",) * len(figures), **texts)


def test_a_line_joins_numbers_and_not_names():
    figures = [CellMean(v, v - 1, v + 1, 4, 4) for v in (2.0, 3.0, 5.0)]
    numbers = picture(PivotAxis("policy.fence", ("0", "0.5", "1"), (0.0, 0.5, 1.0)), figures)
    names = picture(PivotAxis("governments.mexico", ("a", "b", "c"), (0.0, 1.0, 2.0)), figures)
    assert 'class="means"' in numbers and 'class="means"' not in names
    assert names.count('class="level"') == 3 and "a &lt; b" in names


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_axis_of_a_factor_has_its_meaning_and_its_unit_and_no_field_name(language: str):
    t = Words(language)
    name = axis_name(t, "migrants.retry_removed")
    assert name.endswith(", %") and len(name) > 40 and "_" not in name
    dollars = t("sweep_new.millions")
    assert axis_name(t, "policy.fence") == f"{factor_name(t, 'policy.fence')}, {dollars}"
    assert axis_name(t, "no.parameter") == "no.parameter"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_says_where_the_ranges_are_only_if_there_are_any(language: str):
    t, axis = Words(language), PivotAxis("policy.fence", ("0", "1"), (0.0, 1.0))
    for axes, replicates, key in (
        ((axis,), 5, "mean_line"),
        ((axis, axis), 5, "mean_map"),
        ((axis, axis), 1, "mean_one"),
    ):
        figures = {"deaths": {(0,) * len(axes): CellMean(1.0, 0.5, 1.5, replicates, replicates)}}
        assert figure_notes(t, Pivot(axes, (), None, figures)) == [t(f"store.{key}")]
