"""axe-core finds no critical or serious fault on any page, in both languages."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("axe", Path(__file__).with_name("axe.py"))
assert _SPEC is not None and _SPEC.loader is not None
axe = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(axe)

BROKEN = """<html lang="en"><head><title>x</title></head><body><main><h1>Here</h1>
<button></button><img src="data:,"></main></body></html>"""


@pytest.fixture(scope="module")
def script() -> str:
    try:
        return axe.source()
    except OSError as error:
        if os.environ.get("TWOBORDERS_NEEDS_CHROMIUM"):
            raise
        pytest.skip(f"axe-core is not available: {error}")


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    with serve_screen() as url:
        yield url


def test_faults_of_a_broken_page_are_found(script: str, browser):
    page = browser.new_page()
    page.set_content(BROKEN)
    assert {"button-name", "image-alt"} <= {
        fault.rule for fault in axe.own(axe.faults(page, script))
    }
    page.close()


@pytest.mark.parametrize("language", axe.LANGUAGES)
@pytest.mark.parametrize("state", axe.STATES, ids=lambda state: state.name)
def test_a_page_has_no_critical_or_serious_fault(
    state, language: str, script: str, address: str, browser
):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    axe.open_state(page, address, state, language)
    found = list(axe.own(axe.faults(page, script)))
    context.close()
    assert not found, "\n".join(f"{f.rule}: {f.target}\n  {f.html[:200]}" for f in found)
