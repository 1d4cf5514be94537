"""Accept from the browser only values that fit a widget.

A page can send any JSON for any trait. Traits of vuetify accept all of it, and a value of the wrong
type would raise an error while the page is rendered, which ends the page.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

_SCALARS = (str, int, float, type(None))
_MOST_ITEMS = 1000  # of a list that a page sends
_MOST_INTEGER = 2**53  # JavaScript has no larger exact integers


def refuse_unfit_values() -> None:
    """Ignore values from a page that do not fit the widget, whichever widget it is."""
    from ipywidgets import Widget
    from traitlets import TraitError

    set_state = Widget.set_state

    def set_fitting_state(self: Any, sync_data: dict[str, Any]) -> None:
        if state := fitting_state(self, sync_data):
            with contextlib.suppress(TraitError):
                set_state(self, state)

    Widget.set_state = set_fitting_state


def fitting_state(widget: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Select the values that fit the current state of a widget.

    Args:
        widget: the widget.
        state: values by trait, from the browser.

    Returns:
        The values that have the type of the current value. A value of a slider is also inside its
        range, and a value of a list is one of its items.
    """
    values = {name: value for name, value in state.items() if name in widget.keys}
    return {
        name: value
        for name, value in values.items()
        if _fits(value, getattr(widget, name))
        and (name != "v_model" or (_in_range(widget, value) and _is_item(widget, value)))
    }


def _fits(new: Any, old: Any) -> bool:
    """Return whether a value has the type of the current one, at any depth."""
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(new, bool) and (old is None or isinstance(old, bool))
    if isinstance(old, bytes | memoryview):
        return isinstance(new, bytes | memoryview)
    if isinstance(old, list | tuple):
        scalars = isinstance(new, list) and all(map(_is_scalar, (*new, *old)))
        return scalars and len(new) <= _MOST_ITEMS
    if isinstance(old, Mapping):
        same_keys = isinstance(new, Mapping) and new.keys() == old.keys()
        return same_keys and all(_fits(value, old[key]) for key, value in new.items())
    return isinstance(old, _SCALARS) and _is_scalar(new)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) <= _MOST_INTEGER
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, _SCALARS)


def _in_range(widget: Any, value: Any) -> bool:
    """Return whether a number is inside the range of a widget that has one."""
    low, high = getattr(widget, "min", None), getattr(widget, "max", None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return True
    return isinstance(value, int | float) and low <= value <= high


def _is_item(widget: Any, value: Any) -> bool:
    """Return whether a value, or every one of a list, is an item of a widget that has items."""
    if type(widget).__name__ == "ExpansionPanels":  # the number of the open one
        return value is None or (isinstance(value, int) and 0 <= value < len(widget.children))
    items = getattr(widget, "items", None)
    if not isinstance(items, list | tuple):
        return True
    allowed = [
        item["value"] if isinstance(item, dict) and "value" in item else item for item in items
    ]
    return all(entry in allowed for entry in value) if isinstance(value, list) else value in allowed
