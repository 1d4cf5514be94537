"""The command ``twoborders``, also as ``python -m twoborders``."""

from __future__ import annotations

from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """Run the command with `args` (default: the process's) and exit with its code."""
    from viz.cli import main as run

    run(args)


if __name__ == "__main__":
    main()
