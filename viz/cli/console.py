"""Tables and paragraphs on stdout, in plain text unless stdout is a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from viz.documents.labels import payer_label as payer_label

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH = 100  # columns without a terminal


def _console() -> Console:
    """Return the console of stdout, without colour codes unless stdout is a terminal."""
    from rich.console import Console

    made = Console(width=width(), highlight=False, emoji=False, markup=False, soft_wrap=False)
    made.on_broken_pipe = _raise_broken_pipe  # rich would exit with code 1
    return made


def _raise_broken_pipe() -> None:
    """Raise the error that the shell handles for plain prints as well."""
    raise BrokenPipeError


def width() -> int:
    """Return the columns of the terminal, or the value of COLUMNS."""
    return max(40, shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns)


def table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: int = 1,
    keep: bool = False,
) -> None:
    """Print a table and an empty line.

    Args:
        title: line above the table; empty for none.
        heads: heading of every column.
        rows: cells of every row.
        left: number of columns, from the first, that are aligned to the left.
        keep: never break the first column over lines, for names that the user types.
    """
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i, head in enumerate(heads):
        side = "left" if i < left else "right"
        whole = keep and i == 0
        made.add_column(Text(head), justify=side, overflow="fold", vertical="top", no_wrap=whole)
    for row in rows:
        made.add_row(*[Text(cell) for cell in row])
    out = _console()
    if title:
        out.print(Text(title, style="bold"))
    out.print(made)
    print()


def line(text: str = "") -> None:
    """Print a paragraph, wrapped at the width of the terminal."""
    from rich.text import Text

    _console().print(Text(text))


def print_failures(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the runs that failed, see ``experiments.rows.runs.failure_row``."""
    for row in rows:
        line(f"Excluded, failed: {row['of']}, seed {row['seed']}: {row['kind']}: {row['text']}")
