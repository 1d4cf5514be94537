"""Blocks of documentation pages that a command writes, between two markers."""

from __future__ import annotations

import datetime
from pathlib import Path

#: The page to which commands write what they measured.
RELIABILITY = Path(__file__).resolve().parents[1] / "docs" / "background" / "reliability.md"


def today() -> str:
    """Return the date of today in words, such as "1 May 2026"."""
    day = datetime.date.today()
    return f"{day.day} {day:%B %Y}"


def write_block(page: Path, begin: str, end: str, text: str) -> None:
    """Replace the text between two markers of a page.

    Args:
        page: the Markdown file.
        begin, end: markers, which remain.
        text: the new text.
    """
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
