"""The pages whose commands and blocks are executed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.docs.run_shown import Page, everything


@pytest.fixture(scope="module")
def page_named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    """Return a page with a folder; it keeps what has run until the end of the module."""
    pages: dict[str, Page] = {}

    def page(name: str) -> Page:
        if name not in pages:
            pages[name] = Page(everything()[name], tmp_path_factory.mktemp("page"))
        return pages[name]

    yield page
    for made in pages.values():
        made.close()
