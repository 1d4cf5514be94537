"""The list of policies and fields for numbers, drawn in the browser."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from viz.screen.widgets.script import bundle


class PolicyList(anywidget.AnyWidget):
    """Search, groups and one row for each instrument; ``answer`` is called with every action.

    The search and the filters stay in the browser. Actions are mappings with the name of an action
    in ``do``; they come from the browser and are not trusted.
    """

    _esm = bundle("policies")

    payload = traitlets.Dict(help="Result of `panels.policies.view.payload`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the list; `locale` formats dates.").tag(sync=True)
    answer = traitlets.Callable(lambda message: None, help="Not sent to the browser.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: self.answer(content))


class NumberFields(anywidget.AnyWidget):
    """Fields for numbers; ``answer(key, text)`` is called when one is changed."""

    _esm = bundle("number_fields")

    fields = traitlets.List(help="Results of `Number.field`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the fields.").tag(sync=True)
    answer = traitlets.Callable(lambda key, text: None, help="Not sent to the browser.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_change)

    def _on_change(self, _: Any, content: Any, buffers: Any) -> None:
        """Handle a changed field; the content comes from the browser and is not trusted."""
        content = content if isinstance(content, dict) else {}
        self.answer(str(content.get("key")), str(content.get("text", ""))[:200])
