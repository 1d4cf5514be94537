"""Every page in both languages: no fault of axe-core, no English in Spanish, fits three sizes."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.screen import axe
from tests.screen.waiting import PATIENCE, SIZES, resize
from viz.screen.words import declared, folded, table

_PAIR = "a=trainers:100M&b=southern_border_control:3@2012-10-10&days=40&scale=1000"
BROKEN = """<html lang="en"><head><title>x</title></head><body><main><h1>Here</h1>
<button></button><img src="data:,"></main></body></html>"""


class State(NamedTuple):
    """A page in one state: its address, the element to wait for, and a click that follows."""

    query: str
    ready: str
    press: str = ""
    then: str = ""


#: Every page of the screen, and the states of Compare that have further controls.
STATES = {
    "start": State("page=start", ".tb-ready .tb-play"),
    "compare": State(f"{_PAIR}&day=20", ".tb-run:not([disabled])"),
    "policies": State(_PAIR, ".tb-worldmap canvas", ".tb-open-policies", ".tb-drawer .tb-policy"),
    "difference": State(f"{_PAIR}&view=difference&day=20", ".tb-difference-map canvas"),
    "person": State(f"{_PAIR}&view=person&day=30", "section.tb-person"),
    "sweep": State("page=sweep", ".tb-sweep-open"),
    "validate": State("page=validate", ".tb-misses li"),
    "learn": State("page=learn", ".tb-lessons"),
    "lesson": State("page=learn&lesson=balloon", ".tb-handle"),
    "about": State("page=about", ".tb-who dt"),
}
#: Script that returns all visible and accessible texts.
READ = """() => {
  const names = ['aria-label', 'title', 'placeholder', 'aria-roledescription'];
  const nodes = [...document.querySelectorAll('.tb-app *')];
  const told = nodes.flatMap(node => names.map(name => node.getAttribute(name)).filter(Boolean));
  told.push(document.querySelector('.tb-app').innerText, document.title);
  return told.join('\\n');
}"""


@pytest.fixture(scope="module")
def script() -> str:
    try:
        return axe.source()
    except OSError as error:
        if os.environ.get("TWOBORDERS_NEEDS_CHROMIUM"):
            raise
        pytest.skip(f"axe-core is not available: {error}")


@cache
def english() -> dict[str, re.Pattern[str]]:
    """English texts that differ in Spanish and do not occur in a Spanish text."""
    spanish = folded("\n".join([*table("es").values(), *declared("es").values()]))
    pairs = [(text, table("es")[key]) for key, text in table("en").items()]
    texts = {}
    for text, other in [*pairs, *declared("es").items()]:
        word = re.escape(folded(text))
        whole = re.compile(
            rf"(?<![\w./]){word}(?![\w./])" if " " in text else rf"^\W*{word}\W*$", re.MULTILINE
        )  # a word alone is a label
        if len(text) > 2 and "{" not in text and text != other and not whole.search(spanish):
            texts[text] = whole
    return texts


def english_texts(page) -> list[str]:
    shown = folded(page.evaluate(READ))
    return [text for text, whole in english().items() if whole.search(shown)]


def settle(page) -> None:
    """Wait until the page does not change for a moment."""
    before, now = "", "-"
    while before != now:
        page.wait_for_timeout(500)
        before, now = now, page.evaluate(READ)


def unfold(page) -> None:
    """Open all folded sections."""
    page.evaluate("""() => {
      const closed = '.v-expansion-panel:not(.v-expansion-panel--active) > button';
      document.querySelectorAll(closed).forEach((one) => one.click());
      document.querySelectorAll('details:not(.tb-pop)').forEach((one) => (one.open = true));
    }""")
    settle(page)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_translated_and_fits(
    name: str, language: str, script: str, screen: str, open_page, assert_fits
):
    state = STATES[name]
    page = open_page(f"{screen}?{state.query}&lang={language}", *SIZES[0])
    page.wait_for_selector(state.ready, timeout=PATIENCE)
    if state.press:
        page.locator(state.press).click()
        page.wait_for_selector(state.then, timeout=PATIENCE)
    settle(page)
    assert page.evaluate("document.documentElement.lang") == language
    assert not axe.faults(page, script)
    unfold(page)
    assert not english_texts(page) if language == "es" else english_texts(page)
    for width, height in SIZES:
        resize(page, width, height)
        assert_fits(page)


def test_faults_of_a_broken_page_are_reported(script: str, browser):
    page = browser.new_page()
    page.set_content(BROKEN)
    rules = {fault.partition(":")[0] for fault in axe.faults(page, script)}
    assert {"button-name", "image-alt"} <= rules
    page.close()


def test_everything_that_can_be_pressed_on_a_phone_is_44_pixels_high(screen: str, open_page):
    page = open_page(screen, *SIZES[2], has_touch=True)
    page.wait_for_selector(STATES["start"].ready, timeout=PATIENCE)
    low = page.locator(".tb-start :is(button, select, input, a[href])").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()"
        " && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
    )
    assert not low
