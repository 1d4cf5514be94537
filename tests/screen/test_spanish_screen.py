"""Every page of the screen in Spanish contains no English text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.screen.waiting import PATIENCE, until_day
from viz.screen.app import PAGES
from viz.screen.words import declared, folded, table

QUERY = "?lang=es&a=trainers:100M&b=southern_border_control:3@2012-10-10&days=40&scale=1000"
#: Script that returns all visible and accessible texts.
READ = """() => {
  const names = ['aria-label', 'title', 'placeholder', 'aria-roledescription'];
  const nodes = [...document.querySelectorAll('.tb-app *')];
  const told = nodes.flatMap(node => names.map(name => node.getAttribute(name)).filter(Boolean));
  told.push(document.querySelector('.tb-app').innerText, document.title);
  return told.join('\\n');
}"""


@pytest.fixture(scope="module")
def server(serve_screen) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen() as url:
        yield url


@cache
def english() -> dict[str, re.Pattern[str]]:
    """English texts that differ in Spanish and do not occur in a Spanish text."""
    spanish = folded("\n".join([*table("es").values(), *declared("es").values()]))
    pairs = [(text, table("es")[key]) for key, text in table("en").items()]
    pairs += list(declared("es").items())
    found = {}
    for text, other in pairs:
        word = re.escape(folded(text))
        whole = re.compile(
            rf"(?<![\w./]){word}(?![\w./])" if " " in text else rf"^\W*{word}\W*$", re.MULTILINE
        )  # a word alone is a label
        if len(text) > 2 and "{" not in text and text != other and not whole.search(spanish):
            found[text] = whole
    return found


def english_texts(page) -> list[str]:
    shown = folded(page.evaluate(READ))
    return [text for text, whole in english().items() if whole.search(shown)]


def settled(page) -> None:
    """Wait until the page does not change for a moment."""
    before, now = "", "-"
    while before != now:
        page.wait_for_timeout(500)
        before, now = now, page.evaluate(READ)


def unfold(page) -> None:
    """Open all folded sections."""
    page.evaluate("""() => document.querySelectorAll(
      '.v-expansion-panel:not(.v-expansion-panel--active) > button').forEach(one => one.click())""")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    settled(page)


def test_the_start_card_shows_no_english_in_spanish(server: str, open_page):
    page = open_page(f"{server}?lang=es", 1440, 1000)
    page.wait_for_selector(".tb-ready .tb-play", timeout=PATIENCE)
    settled(page)
    assert not english_texts(page)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("start", "compare")])
def test_no_page_shows_english_in_spanish(name: str, server: str, open_page, screenshot):
    page = open_page(f"{server}{QUERY}&page={name}", 1440, 1000)
    here = page.wait_for_selector(".tb-pages [aria-current=page]", timeout=PATIENCE)
    assert folded(here.inner_text()) == folded(table("es")[name])
    settled(page)
    unfold(page)
    screenshot(page, f"spanish-{name}")
    assert not english_texts(page)
    assert page.evaluate("document.documentElement.lang") == "es"


def test_compare_shows_no_english_in_spanish(server: str, open_page, screenshot):
    """Run days, follow a person, and search for a parameter without accents."""
    page = open_page(server + QUERY, 1440, 1000)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-run").click()
    until_day(page, 20)
    page.locator(".tb-run").click()
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-person-table", timeout=PATIENCE)
    assert not english_texts(page)
    page.locator(".tb-person-view").click()
    page.locator(".tb-open-policies").click()
    page.wait_for_selector(".tb-drawer .tb-policy", timeout=PATIENCE)
    unfold(page)
    page.get_by_label("Buscar un parámetro").fill("dias de detencion")
    page.locator(".tb-field label", has_text="detención").first.wait_for(timeout=PATIENCE)
    screenshot(page, "spanish-compare")
    assert not english_texts(page)
    assert page.title() == "Dos Fronteras"


def test_english_texts_are_found(server: str, open_page):
    """The checks above find English on an English page."""
    page = open_page(server + QUERY.replace("lang=es", "lang=en"), 1440, 1000)
    page.locator(".tb-open-policies").click()
    page.wait_for_selector(".tb-policy", timeout=PATIENCE)
    left = english_texts(page)
    assert {"Policies", "Control of Mexico's southern border"} <= set(left)
