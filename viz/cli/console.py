"""Print tables and paragraphs to stdout, as plain text unless stdout is a terminal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.calibration.members import EnsembleSample
    from experiments.runs.case import Failure
    from viz.documents.html import Table

_PLAIN_WIDTH = 100  # columns if stdout is not a terminal


def _console() -> Console:
    """Return the console for stdout, without colour codes unless stdout is a terminal."""
    from rich.console import Console

    console = Console(width=width(), highlight=False, emoji=False, markup=False, soft_wrap=False)
    console.on_broken_pipe = _raise_broken_pipe  # rich would exit with code 1
    return console


def _raise_broken_pipe() -> None:
    """Raise ``BrokenPipeError``, which the shell also handles for plain prints."""
    raise BrokenPipeError


def width() -> int:
    """Return the terminal width in columns, at least 40. The variable COLUMNS overrides it."""
    return max(40, shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns)


def table(
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    left: int = 1,
    keep: bool = False,
) -> None:
    """Print a table and an empty line.

    Args:
        title: line above the table, empty for none.
        heads: heading of every column.
        rows: cells of every row.
        left: how many columns, from the first, are aligned to the left.
        keep: whether the first column is never wrapped, for names that the user types.
    """
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i, (head, wide) in enumerate(zip(heads, _widths(heads, rows, keep), strict=True)):
        look: dict[str, Any] = {"overflow": "fold", "vertical": "top", "width": wide}
        look |= {"justify": "left" if i < left else "right", "no_wrap": keep and i == 0}
        table.add_column(Text(head), **look)
    for row in rows:
        table.add_row(*map(Text, row))
    out = _console()
    if title:
        out.print(Text(title, style="bold"))
    out.print(table)
    print()


def _widths(
    heads: Sequence[str], rows: Sequence[Sequence[str]], keep: bool
) -> Sequence[int | None]:
    """Return the column widths in characters, or None for every column if the words do not fit.

    The widest columns are wrapped first, but never within a word. With `keep`, the first column is
    as wide as its longest text. The mark of human costs stays with the word after it.
    """
    columns = list(zip_longest(heads, *rows, fillvalue=""))  # a row may have fewer cells than heads
    lines = [re.split("\n", "\n".join(column)) for column in columns]
    words = [re.split("[ \n]", "\n".join(column).replace("◆ ", "◆-")) for column in columns]
    widths, minima = ([max(map(len, texts)) for texts in parts] for parts in (lines, words))
    minima[0] = widths[0] if keep else minima[0]
    if sum(minima) > width() - 2 * len(widths):
        return [None] * len(widths)
    while sum(widths) > width() - 2 * len(widths):
        widest = max(range(len(widths)), key=lambda i: (widths[i] > minima[i], widths[i]))
        widths[widest] -= 1
    return widths


def print_table(table_: Table, *, left: int = 1) -> None:
    """Print a document table, with each cell's second line below the first.

    Args:
        table_: table of a document, whose caption is printed as the title.
        left: how many columns, from the first, are aligned to the left.
    """
    rows = [[f"{c.text}\n{c.detail}" if c.detail else c.text for c in row] for row in table_.rows]
    table(table_.caption, table_.heads, rows, left=left)


def line(text: str = "") -> None:
    """Print a paragraph, wrapped at the terminal width."""
    from rich.text import Text

    _console().print(Text(text))


def print_ensemble(sample: EnsembleSample) -> None:
    """Print an ensemble's digest, its number of members and its effective size."""
    line(
        f"Ensemble {sample.digest}: {sample.ensemble_size} members, equivalent to "
        f"{sample.effective:.3g} of equal weight."
    )


def print_failures(failures: Iterable[Failure]) -> None:
    """Print one line per failed run."""
    for failure in failures:
        line(f"Excluded, failed: {failure}")
