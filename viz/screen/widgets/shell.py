"""What belongs to the page as a whole, as a widget that shows nothing."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import bundle

KEYS = {"toggle": 0, "back": -1, "on": 1, "week_back": -7, "week_on": 7}
"""Keys by name, and by how many days they move."""


class Shell(anywidget.AnyWidget):
    """Keys, address and language of the page.

    ``pressed``: name of a key (Space is ``toggle``, arrows are ``back`` and ``on``, with Shift
    ``week_back`` and ``week_on``, Home ``first``, End ``last``) and how many were pressed so far.
    ``address``: the query that the browser shows, without a question mark.
    """

    _esm = bundle("shell")

    pressed = traitlets.List(help="Name of the last key, and how many.").tag(
        sync=True, echo_update=False
    )
    address = traitlets.Unicode("").tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    page = traitlets.Unicode("", help="The page that is open.").tag(sync=True)
