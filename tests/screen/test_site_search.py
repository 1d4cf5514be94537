"""The built documentation site: its size, and the first results of its search.

`.ci/run` builds the site before these tests. Without a built site they are skipped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

SITE = Path(__file__).resolve().parents[2] / "out" / "site"
CONTRIBUTORS = re.compile(r"contributing|internals/|background/decisions/")
QUERIES = (
    *("change a parameter", "seed", "add a policy", "interval", "cluster", "deaths", "supply"),
    *("wage", "own world", "Mexico budget", "save figure", "export", "calibrate", "dose"),
    *("install", "teaching", "slow", "visa", "drugs", "validation"),
)
SEARCH = "query => Search._performSearch(...Search._parseQuery(query)).reverse().slice(0, 8)"

pytestmark = pytest.mark.skipif(
    not (SITE / "searchindex.js").exists(), reason="the site is not built; see CONTRIBUTING"
)


def test_three_of_four_first_hits_are_pages_for_readers(browser: Any):
    page = browser.new_page()
    page.goto((SITE / "search.html").as_uri())
    page.evaluate("document.getElementById('search-results').id = 'search-progress'")
    poor = {}
    for query in QUERIES:
        names = [hit[0] for hit in page.evaluate(SEARCH, query)]
        readers = [name for name in names if not CONTRIBUTORS.search(name)]
        if len(names) < 4 or len(readers) < 0.75 * len(names):
            poor[query] = names
    assert poor == {}


def test_the_site_is_read_in_an_evening():
    words = {}
    for path in SITE.rglob("*.html"):
        article = re.search(r"<article.*?</article>", path.read_text(encoding="utf-8"), re.DOTALL)
        if article and path.stem != "search" and SITE / "internals" not in path.parents:
            text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", article[0], flags=re.DOTALL)
            words[path.relative_to(SITE).as_posix()] = len(re.findall(r"[A-Za-z][\w'-]+", text))
    assert 30 < len(words) <= 45 and sum(words.values()) <= 90_000, words
