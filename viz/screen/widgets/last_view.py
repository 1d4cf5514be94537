"""The link to the last comparison, which only the browser knows."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import bundle


class LastComparison(anywidget.AnyWidget):
    """A link to the last comparison of this browser; nothing if there is none.

    The browser keeps the address in its own storage, by origin; `PageShell` writes it.
    """

    _esm = bundle("last_view")

    language = traitlets.Unicode("en", help="Language of the opened page.").tag(sync=True)
    lead = traitlets.Unicode("", help="Text before the link.").tag(sync=True)
    label = traitlets.Unicode("", help="Text of the link.").tag(sync=True)
