"""Command ``twoborders``. Heavy packages are imported only when a command needs them.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """Run the command with `args` (default: the process arguments) and exit with its code."""
    # For the small matrices of a fit, OpenBLAS uses 20 times more CPU time with two threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from experiments.runs import warmup
    from viz.server.signals import interrupt_on_signals

    warmup.share()
    with interrupt_on_signals():
        from viz.cli.app import program

        words = sys.argv[1:] if args is None else args
        program(words[0] if words else "")(words)
