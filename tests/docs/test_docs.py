"""Test the documentation pages: links resolve, words are those of the field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.shown import PAGES, ROOT

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_WORDS = re.compile(r"\b(illegals?|illegally|aliens?)\b", re.IGNORECASE)


def name_of(page: Path) -> str:
    """Return the path of a page relative to the root."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path):
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), f"{target} does not exist"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_use_the_terms_of_the_field(page: Path):
    text = page.read_text(encoding="utf-8")
    assert not _WORDS.search(text)
    assert "deported" not in text.lower()  # use removal, return or expulsion


def test_every_page_is_linked_from_the_index():
    docs, visited = ROOT / "docs", set()
    queue = [docs / "index.md"]
    while queue:
        page = queue.pop()
        if page in visited or page.suffix != ".md":
            continue
        visited.add(page)
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                queue.append((page.parent / target.partition("#")[0]).resolve())
    assert set(docs.rglob("*.md")) <= visited
