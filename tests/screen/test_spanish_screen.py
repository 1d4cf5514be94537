"""Every page of the screen, whatever pages there are, in Spanish: no English is left on it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from viz.words import declared, folded, table

pytestmark = pytest.mark.xdist_group("screen")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90_000  # ms: a busy machine builds and compiles first
QUERY = "?lang=es&a=mixed&b=southern_border_control:3@2012-10-10&days=40&scale=1000"
#: What is read: all text, and what is read aloud or shown when a pointer rests.
READ = """() => [document.querySelector('.tb-app').innerText, document.title,
  ...[...document.querySelectorAll('.tb-app *')].flatMap(node =>
    ['aria-label', 'title', 'placeholder', 'aria-roledescription']
      .map(name => node.getAttribute(name)).filter(Boolean))].join('\\n')"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "viz.cli", "serve", "--port", str(port), "--no-open"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if str(port) in line:
                break
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


def english() -> dict[str, re.Pattern[str]]:
    """Texts that Spanish says otherwise; not those that are also a word of a Spanish text."""
    spanish = folded("\n".join([*table("es").values(), *declared("es").values()]))
    pairs = [(text, table("es")[key]) for key, text in table("en").items()]
    pairs += list(declared("es").items())
    found = {}
    for text, other in pairs:
        whole = re.compile(rf"(?<![\w./]){re.escape(folded(text))}(?![\w./])")
        if len(text) > 2 and "{" not in text and text != other and not whole.search(spanish):
            found[text] = whole
    return found


ENGLISH = english()


def left_over(page) -> list[str]:
    told = folded(page.evaluate(READ))
    return [text for text, whole in ENGLISH.items() if whole.search(told)]


def keep(page, name: str) -> None:
    if folder := os.environ.get("TWOBORDERS_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def unfold(page) -> None:
    """Open whatever is folded, and show what a search for a number finds."""
    closed = page.locator(".v-expansion-panel-header[aria-expanded=false]:visible")
    for _ in range(closed.count()):
        closed.first.click()
    if (box := page.get_by_label("Buscar un número").first).is_visible():
        box.fill("dias de detencion")  # without its accents
        page.get_by_text("consequences.stay_removal.mexican").first.wait_for(timeout=PATIENCE)


def test_no_page_shows_english_to_who_reads_spanish(server: str, open_page):
    page = open_page(server + QUERY, 1440, 1000)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-run").click()
    words = "document.querySelector('.tb-day b').innerText.split(' ').pop()"
    page.wait_for_function(f"Number({words}) >= 20", timeout=PATIENCE)
    page.locator(".tb-run").click()
    page.get_by_role("button", name="Alguien cuyo viaje difiere").click()
    page.wait_for_selector(".tb-stories li", timeout=PATIENCE)
    pages = page.locator(".tb-pages button")
    assert pages.count() >= 2
    for number in range(pages.count()):
        pages.nth(number).click()
        page.wait_for_selector(f".tb-pages button:nth-of-type({number + 1})[aria-current=page]",
                               timeout=PATIENCE)  # fmt: skip
        page.wait_for_function("!document.querySelector('.v-progress-linear--active')",
                               timeout=PATIENCE)  # fmt: skip
        unfold(page)
        left = left_over(page)
        keep(page, f"spanish-{number}")
        assert not left, (pages.nth(number).inner_text(), left)
    assert page.evaluate("document.documentElement.lang") == "es"
    assert page.title() == "Dos Fronteras"


def test_english_would_be_seen(server: str, open_page):
    """The test above sees English where there is some."""
    page = open_page(server + QUERY.replace("lang=es", "lang=en"), 1440, 1000)
    page.wait_for_selector(".tb-run", timeout=PATIENCE)
    left = left_over(page)
    assert {"Two Borders", "Levers", "Control of Mexico's southern border"} <= set(left)
