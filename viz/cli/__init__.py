"""The command ``twoborders``: thin, and nothing heavy is imported before it is needed.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """Run the command with `args` (default: those of the process) and exit with its code."""
    from viz.cli.app import app

    app(args)
