"""Links on the documentation pages resolve, and the pages use the terms of the field."""

from __future__ import annotations

import re

from tests.docs.shown import PAGES

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_WORDS = re.compile(r"\b(illegals?|illegally|aliens?)\b", re.IGNORECASE)


def test_links_resolve():
    for page in PAGES:
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("#"):
                path = page.parent / target.partition("#")[0]
                assert path.exists(), f"{page}: {target} does not exist"


def test_pages_use_the_terms_of_the_field():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not _WORDS.search(text), page
        assert "deported" not in text.lower(), page  # Write removal, return or expulsion.
