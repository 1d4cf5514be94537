"""Every page of the screen, whatever pages there are, in Spanish: no English is left on it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from viz.screen.app import PAGES
from viz.screen.words import declared, folded, table

pytestmark = pytest.mark.xdist_group("screen")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90_000  # ms: a busy machine builds and compiles first
QUERY = "?lang=es&a=trainers:100M&b=southern_border_control:3@2012-10-10&days=40&scale=1000"
#: What is read: all text but the paths of numbers, and what is read aloud or told to a pointer.
READ = """() => {
  const show = (how) => document.querySelectorAll('.tb-number label')
    .forEach(path => { path.style.display = how; });
  show('none');
  const names = ['aria-label', 'title', 'placeholder', 'aria-roledescription'];
  const nodes = [...document.querySelectorAll('.tb-app *')];
  const told = nodes.flatMap(node => names.map(name => node.getAttribute(name)).filter(Boolean));
  told.push(document.querySelector('.tb-app').innerText, document.title);
  show('');
  return told.join('\\n');
}"""


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


@cache
def english() -> dict[str, re.Pattern[str]]:
    """Texts that Spanish says otherwise; not those that are also a word of a Spanish text."""
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


def left_over(page) -> list[str]:
    told = folded(page.evaluate(READ))
    return [text for text, whole in english().items() if whole.search(told)]


def keep(page, name: str) -> None:
    if folder := os.environ.get("TWOBORDERS_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def settled(page) -> None:
    """Wait until nothing on the page changes for a moment."""
    told, now = "", "-"
    while told != now:
        page.wait_for_timeout(500)
        told, now = now, page.evaluate(READ)


def unfold(page) -> None:
    """Open whatever is folded."""
    page.evaluate("""() => document.querySelectorAll(
      '.v-expansion-panel:not(.v-expansion-panel--active) > button').forEach(one => one.click())""")
    settled(page)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "compare"])
def test_no_page_shows_english_to_who_reads_spanish(name: str, server: str, open_page):
    page = open_page(f"{server}{QUERY}&page={name}", 1440, 1000)
    here = page.wait_for_selector(".tb-pages [aria-current=page]", timeout=PATIENCE)
    assert folded(here.inner_text()) == folded(table("es")[name])
    settled(page)
    unfold(page)
    keep(page, f"spanish-{name}")
    assert not left_over(page)
    assert page.evaluate("document.documentElement.lang") == "es"


def test_compare_shows_no_english_to_who_reads_spanish(server: str, open_page):
    """Days are played, a person is followed, a number is looked for without its accents."""
    page = open_page(server + QUERY, 1440, 1000)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-run").click()
    words = "document.querySelector('.tb-day b')?.innerText.split(' ').pop()"
    page.wait_for_function(f"Number({words}) >= 20", timeout=PATIENCE)
    page.locator(".tb-run").click()
    page.get_by_role("button", name="Alguien cuyo viaje difiere").click()
    page.wait_for_selector(".tb-stories li", timeout=PATIENCE)
    unfold(page)
    page.get_by_label("Buscar un número").fill("dias de detencion")
    page.get_by_text("consequences.stay_removal.mexican").first.wait_for(timeout=PATIENCE)
    keep(page, "spanish-compare")
    assert not left_over(page)
    assert page.title() == "Dos Fronteras"


def test_english_would_be_seen(server: str, open_page):
    """The test above sees English where there is some."""
    page = open_page(server + QUERY.replace("lang=es", "lang=en"), 1440, 1000)
    page.wait_for_selector(".tb-lever", timeout=PATIENCE)
    left = left_over(page)
    assert {"Levers", "Control of Mexico's southern border"} <= set(left)
