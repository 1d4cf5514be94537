"""Blocks of documentation pages that a command writes, between two markers."""

from __future__ import annotations

from pathlib import Path


def write_block(page: Path, begin: str, end: str, text: str) -> None:
    """Replace the text between two markers of a page.

    Args:
        page: the Markdown file.
        begin, end: markers; they are kept.
        text: the new text.
    """
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
