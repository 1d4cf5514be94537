"""``twoborders serve``: the screen, in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agents.param import SettingError
from experiments.sweeps.store_list import VARIABLE, root
from viz.cli.shell import FAILED, OK
from viz.server.serve import ServeOptions, serve

if TYPE_CHECKING:
    from viz.cli.app import Serve


def command(options: Serve) -> int:
    """Serve until Ctrl-C, by default a browser is opened only at a terminal."""
    if options.stores is not None:
        if not os.path.isdir(options.stores):
            hint = "Give the folder in which twoborders sweep stores its runs."
            raise SettingError("--stores", f"folder not found: {options.stores}", hint)
        os.environ[VARIABLE] = str(options.stores.resolve())
    if options.address is not None and not options.share:
        raise SettingError("--address", "it needs --share", "Add --share, or leave it out.")
    if options.sweeps is not None and options.share:
        hint = "Leave it out, and give the folder that is listed with --stores."
        raise SettingError("--sweeps", "a shared screen starts no sweeps", hint)
    sweeps = None if options.share else folder_of_sweeps(options)
    show = sys.stderr.isatty() if options.show is None else options.show
    share, address = options.share, options.address
    code = serve(
        ServeOptions(port=options.port, share=share, address=address, show=show, sweeps=sweeps)
    )
    return FAILED if code == FAILED else OK  # after a signal, the process ends with its code


def folder_of_sweeps(options: Serve) -> Path:
    """Return the screen's sweep folder.

    The page lists the stores of one folder only. If --sweeps is not inside it and --stores is not
    given, the --sweeps folder is listed.
    """
    if options.sweeps is None:
        return root() / "sweep"
    folder = options.sweeps.resolve()
    if not folder.is_relative_to(root()):
        if options.stores is not None:
            hint = "Give a folder inside that of --stores, or leave out --stores."
            raise SettingError("--sweeps", f"{options.sweeps} is not inside {root()}", hint)
        os.environ[VARIABLE] = str(folder)
    return folder
