"""``twoborders serve``: the screen, in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agents.param import SettingError
from viz.screen.stores import VARIABLE
from viz.server.serve import Asked, serve


def command(port: int | None, *, share: bool, show: bool | None, stores: Path | None = None) -> int:
    """Serve until Ctrl-C; where nobody sits at a terminal no browser is opened unless asked for."""
    if stores is not None:
        if not stores.is_dir():
            hint = "Give the folder in which twoborders sweep keeps its stores."
            raise SettingError("--stores", f"there is no folder {stores}", hint)
        os.environ[VARIABLE] = str(stores.resolve())
    browser = sys.stderr.isatty() if show is None else show
    return serve(Asked(port=port, share=share, show=browser))
