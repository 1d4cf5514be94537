"""Blocks on documentation pages that commands write between two markers."""

from __future__ import annotations

import datetime
from pathlib import Path

#: The page to which commands write their measurements.
RELIABILITY = Path(__file__).resolve().parents[1] / "docs" / "internals" / "reliability.md"


def today() -> str:
    """Return today's date in words, such as "1 May 2026"."""
    day = datetime.date.today()
    return f"{day.day} {day:%B %Y}"


def with_block(page: str, name: str, text: str) -> str:
    """Return a page with a new text in one block.

    Args:
        page: Markdown text.
        name: name of the block, as in ``<!-- name -->`` and ``<!-- end of name -->``.
        text: the new text.
    """
    before, start, rest = page.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"\n<!-- end of {name} -->")
    assert start and end, name
    return before + start + text.rstrip() + end + after


def write_block(page: Path, name: str, text: str) -> None:
    """Write a new text into a block of a Markdown file."""
    page.write_text(with_block(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")
