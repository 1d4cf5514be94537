"""The fields of the user's own pair, drawn in the browser."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from viz.screen.widgets.script import bundle


class OwnPair(anywidget.AnyWidget):
    """An instrument for each world, dollars and a first day.

    ``typed`` has the texts of the fields; they come from the browser and are not trusted. ``run``
    is called when the user presses Enter in the field for dollars.
    """

    _esm = bundle("own_pair")

    groups = traitlets.List(help="Title of each group, and its instruments: id, title.").tag(
        sync=True
    )
    words = traitlets.Dict(help="Labels of the fields.").tag(sync=True)
    dates = traitlets.List(help="First and last possible day, as ISO dates.").tag(sync=True)
    typed = traitlets.Dict(help="Texts by field: a, b, dollars, start.").tag(sync=True)
    error = traitlets.Dict(help="The field that is wrong and why; empty for none.").tag(sync=True)
    run = traitlets.Callable(lambda: None, help="Not sent to the browser.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: self.run())
