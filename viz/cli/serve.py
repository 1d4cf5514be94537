"""``twoborders serve``: show the screen in a browser."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agents.param import SettingError
from experiments.sweeps.store_list import VARIABLE
from viz.cli.shell import FAILED, OK
from viz.server.serve import ServeOptions, serve

if TYPE_CHECKING:
    from viz.cli.app import Serve


def command(options: Serve) -> int:
    """Serve the screen until Ctrl-C. By default, open a browser only at a terminal."""
    if options.stores is not None:
        if not os.path.isdir(options.stores):
            hint = "Give the folder in which twoborders sweep stores its runs."
            raise SettingError("--stores", f"folder not found: {options.stores}", hint)
        os.environ[VARIABLE] = str(options.stores.resolve())
    if options.address is not None and not options.share:
        raise SettingError("--address", "it needs --share", "Add --share, or leave it out.")
    show = sys.stderr.isatty() if options.show is None else options.show
    share, address = options.share, options.address
    code = serve(ServeOptions(port=options.port, share=share, address=address, show=show))
    return FAILED if code == FAILED else OK  # After a signal, `main` ends with the signal's code.
