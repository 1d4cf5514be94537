"""``twoborders serve``: the screen, in a browser."""

from __future__ import annotations

import sys

from viz.serve import Asked, serve


def command(port: int | None, *, share: bool, show: bool | None) -> int:
    """Serve until Ctrl-C; where nobody sits at a terminal no browser is opened unless asked for."""
    browser = sys.stderr.isatty() if show is None else show
    return serve(Asked(port=port, share=share, show=browser))
