"""Values that a browser may give to a widget."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipyvuetify import Checkbox, ExpansionPanel, ExpansionPanels, Select, Slider, TextField

from viz.screen.session.visitors import fitting_state
from viz.screen.widgets.traits import FlowMap, Scrub

DEEP = {"a": [{"b": [1]}]}


def accepted(widget: Any, value: Any, name: str = "v_model") -> bool:
    return name in fitting_state(widget, {name: value})


@pytest.mark.parametrize(
    ("widget", "good", "bad"),
    [
        (Slider(v_model=3, min=0, max=2**60), [2**53], [2**53 + 1, 10**30]),
        (Slider(v_model=3, min=0, max=9), [0, 9, 2.5], [-1, 10, "3", None, True, [3], DEEP]),
        (
            ExpansionPanels(children=[ExpansionPanel()]),
            [0, None],
            [-1, 1, "x", 0.5, True, [0]],
        ),
        (Checkbox(v_model=True), [True, False], [0, 1, None, "x", [True], DEEP]),
        (TextField(v_model="a"), ["", "b", None, 5], [True, ["b"], DEEP, math.nan, math.inf]),
        (Select(v_model="a", items=["a", "b"]), ["b"], ["c", None, 1, True, ["a"], DEEP]),
        (
            Select(v_model=["a"], items=["a", "b"], multiple=True),
            [[], ["b", "a"]],
            ["a", ["c"], [["a"]], [DEEP], None],
        ),
    ],
)
def test_a_value_has_the_type_and_the_range_of_the_widget(
    widget: Any, good: list[Any], bad: list[Any]
):
    assert all(accepted(widget, value) for value in good)
    assert not [value for value in bad if accepted(widget, value)]


def test_objects_lists_and_bytes_of_other_form_are_ignored():
    shown = FlowMap(show={"flow": True, "harm": False})
    assert accepted(shown, {"flow": False, "harm": True}, "show")
    for value in ({}, {"flow": 1, "harm": 1}, {"flow": True, "harm": False, "x": True}, [], DEEP):
        assert not accepted(shown, value, "show")
    assert accepted(shown, b"x", "frame") and not accepted(shown, "x", "frame")
    assert not accepted(shown, {}, "layout") and not accepted(shown, 1, "no_such_trait")
    assert accepted(Scrub(), [3, 1], "selection")
    for value in ([[3]], [math.nan], [0] * 1001, "3", 3):
        assert not accepted(Scrub(), value, "selection")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=6,
    )
)
def test_any_json_is_accepted_or_ignored(value: Any):
    for widget in (Slider(v_model=3, min=0, max=9), Select(v_model=None, items=["a"]), FlowMap()):
        for name in widget.keys:
            fitting_state(widget, {name: value})
