"""A widget without content for the page as a whole: keys, address and language."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import bundle

KEYS = {"toggle": 0, "back": -1, "on": 1, "week_back": -7, "week_on": 7}
"""Days by which a key moves the time, by the name of the key."""


class PageShell(anywidget.AnyWidget):
    """Keys, address and language of the page.

    ``pressed`` is the name of a key and a counter of keys: Space is ``toggle``, arrows are ``back``
    and ``on``, with Shift ``week_back`` and ``week_on``, Home is ``first`` and End ``last``.
    ``address`` is the query in the browser, without a question mark.
    """

    _esm = bundle("shell")

    pressed = traitlets.List(help="[name, number].").tag(sync=True, echo_update=False)
    address = traitlets.Unicode("").tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    page = traitlets.Unicode("", help="Name of the open page.").tag(sync=True)
