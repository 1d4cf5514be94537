"""Every command and every block of the guides runs, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.docs.run_shown import Page, cases


@pytest.mark.parametrize(("page", "index"), cases("docs/guides/"))
def test_what_a_guide_shows_runs(page: str, index: int, page_named: Callable[[str], Page]):
    assert page_named(page).error(index) == ""
