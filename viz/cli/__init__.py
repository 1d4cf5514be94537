"""The command ``twoborders``; heavy packages are imported only when they are needed.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """Run the command with `args` (default: those of the process) and exit with its code."""
    from viz.server.signals import exit_code, forget_interrupt, interrupt_on_signals

    interrupt_on_signals()
    try:
        from viz.cli.app import app

        app(args)
    except KeyboardInterrupt:  # outside the command itself
        forget_interrupt()
        sys.exit(exit_code())
