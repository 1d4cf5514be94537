"""Every page, in both languages, is free of axe-core faults, translated, and fits three sizes."""

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
    """A page in one state: its address, an element to wait for, and a click afterwards."""

    query: str
    ready: str
    press: str = ""
    then: str = ""


#: Every page of the screen, and the states of Compare with additional controls.
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
    """Return English texts whose Spanish differs and that do not occur in a Spanish text."""
    spanish = folded("\n".join([*table("es").values(), *declared("es").values()]))
    pairs = [(text, table("es")[key]) for key, text in table("en").items()]
    texts = {}
    for text, other in [*pairs, *declared("es").items()]:
        word = re.escape(folded(text))
        whole = re.compile(
            rf"(?<![\w./]){word}(?![\w./])" if " " in text else rf"^\W*{word}\W*$", re.MULTILINE
        )  # A single word is a label.
        if len(text) > 2 and "{" not in text and text != other and not whole.search(spanish):
            texts[text] = whole
    return texts


def english_texts(page) -> list[str]:
    shown = folded(page.evaluate(READ))
    return [text for text, whole in english().items() if whole.search(shown)]


def settle(page) -> None:
    """Wait until the page no longer changes."""
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
    page = open_page(f"{screen}?{STATES[name].query}&lang={language}", *SIZES[0])
    open_state(page, name)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.locator("h1:visible").count() == 1
    unfold(page)
    assert not english_texts(page) if language == "es" else english_texts(page)
    for width, height in SIZES:
        resize(page, width, height)
        assert_fits(page)
        assert not axe.faults(page, script)


def test_faults_of_a_broken_page_are_reported(script: str, browser):
    page = browser.new_page()
    page.set_content(BROKEN)
    rules = {fault.partition(":")[0] for fault in axe.faults(page, script)}
    assert {"button-name", "image-alt"} <= rules
    page.close()


#: Script that moves a finger across the figures between two positions.
SWIPE = """([from, to]) => {
  const target = document.querySelector('.tb-scene');
  for (const [type, clientX] of [['touchstart', from], ['touchend', to]]) {
    const point = new Touch({ identifier: 1, target, clientX, clientY: 300 });
    target.dispatchEvent(new TouchEvent(type, { bubbles: true, changedTouches: [point],
      touches: type === 'touchstart' ? [point] : [] }));
  }
}"""
#: Script that returns targets that are too small. A pseudo-element or a label can widen a target.
SMALL = """(least) => {
  const all = document.querySelectorAll(
    '.tb-app :is(button, a[href], input, select, summary, [role=slider], [role=button])');
  const size = (node) => {
    const box = (node.closest('label') ?? node).getBoundingClientRect();
    const parts = ['::before', '::after'].map((part) => getComputedStyle(node, part));
    const wide = parts.filter((part) => part.position === 'absolute' && part.content !== 'none');
    const most = (name) => Math.max(box[name], ...wide.map((part) => parseFloat(part[name]) || 0));
    return [most('width'), most('height')];
  };
  return [...all].filter((node) => node.checkVisibility({ visibilityProperty: true })
    && !node.closest('[inert], .tb-skip') && !node.disabled && Math.min(...size(node)) > 1
    && Math.min(...size(node)) < least - 0.5).map((node) => `${size(node)} ${node.outerHTML}`);
}"""


def open_state(page, name: str) -> None:
    """Wait for a state; click if the state needs a click."""
    state = STATES[name]
    page.wait_for_selector(state.ready, timeout=PATIENCE)
    if state.press:
        page.locator(state.press).click()
        page.wait_for_selector(state.then, timeout=PATIENCE)
    settle(page)


@pytest.mark.parametrize("name", ["start", "compare", "difference", "sweep", "validate", "about"])
def test_targets_have_24_pixels_and_44_for_fingers(name: str, screen: str, open_page):
    for (width, height), touch in ((SIZES[0], {}), (SIZES[2], {"has_touch": True})):
        page = open_page(f"{screen}?{STATES[name].query}", width, height, **touch)
        open_state(page, name)
        assert not page.evaluate(SMALL, 44 if touch else 24)


def test_a_phone_shows_five_figures_and_little_else_than_the_map(screen: str, open_page):
    page = open_page(f"{screen}?{STATES['compare'].query}", *SIZES[2], has_touch=True)
    open_state(page, "compare")
    top = page.locator(".tb-scene .tb-worldmap").first.bounding_box()
    assert top["y"] < 0.2 * SIZES[2][1] and top["height"] >= 280
    line = page.locator(".tb-time").bounding_box()
    assert line["height"] <= 73
    rows = page.locator(".tb-since li").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().bottom)"
    )
    assert sum(bottom <= line["y"] for bottom in rows) >= 5


def test_a_swipe_and_a_button_at_the_edge_open_the_next_tab(screen: str, open_page):
    page = open_page(f"{screen}?{STATES['compare'].query}", *SIZES[2], has_touch=True)
    open_state(page, "compare")
    pressed = page.locator(".tb-tabs .tb-tab[aria-pressed=true]")
    assert "A" in pressed.inner_text()
    page.evaluate(SWIPE, [300, 100])
    page.wait_for_selector(".tb-show-b", timeout=PATIENCE)
    page.locator(".tb-edge-on").tap()
    page.wait_for_selector(".tb-difference-map canvas", timeout=PATIENCE)
    page.evaluate(SWIPE, [100, 300])
    page.wait_for_selector(".tb-show-b", timeout=PATIENCE)


def test_the_map_stays_in_view_at_twice_the_size(screen: str, open_page):
    page = open_page(f"{screen}?{STATES['compare'].query}", *(side // 2 for side in SIZES[0]))
    open_state(page, "compare")
    top = page.locator(".tb-scene .tb-worldmap").first.bounding_box()
    line = page.locator(".tb-time").bounding_box()
    assert min(line["y"], top["y"] + top["height"]) - top["y"] >= 200
