"""Tables for people: aligned, with units, plain text where stdout is no terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100  # where there is no terminal to ask
_PAYERS = {"us": "the United States", "mexico": "Mexico", "users": "users"}


def console() -> Console:
    """Where tables go: stdout, without codes unless it is a terminal."""
    from rich.console import Console

    made = Console(width=width(), highlight=False, emoji=False, markup=False, soft_wrap=False)
    made.on_broken_pipe = _goodbye  # rich would leave with code 1
    return made


def _goodbye() -> None:
    """The reader has gone: let the shell handle it, as for plain prints."""
    raise BrokenPipeError


def width() -> int:
    """Columns of the terminal, or what COLUMNS says."""
    return max(40, shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns)


def table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: int = 1,
    keep: bool = False,
) -> None:
    """Print a table; the first `left` columns are words, the others numbers.

    With `keep` the first column is never broken over lines, for words that are typed again.
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
    out = console()
    if title:
        out.print(Text(title, style="bold"))
    out.print(made)
    print()


def line(text: str = "") -> None:
    """Print a paragraph, wrapped at the width of the terminal."""
    from rich.text import Text

    console().print(Text(text))


def payer(who: str) -> str:
    """Who pays, in words."""
    return _PAYERS.get(who, who)
