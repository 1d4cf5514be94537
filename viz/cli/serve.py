"""``twoborders serve``: the screen, in a browser."""

from __future__ import annotations

import os
import sys

from agents.param import SettingError
from experiments.store_list import VARIABLE
from viz.cli import command_options
from viz.cli.shell import OK
from viz.server.serve import ServeOptions, serve
from viz.server.signals import interrupted


def command(options: command_options.ServeOptions) -> int:
    """Serve until Ctrl-C; by default a browser is opened only at a terminal."""
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
    return OK if interrupted() else code  # the shell exits with the code of the signal
