"""Wait for a state of a page; its parts change one after another, not all at once."""

from __future__ import annotations

PATIENCE = 180_000  # ms; the worlds are built and compiled first
#: The day on the time line, as JavaScript.
DAY = "Number(document.querySelector('.tb-day b')?.innerText.split(' ').pop())"


def ready(page) -> None:
    """Wait until both worlds are built and drawn."""
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE)


def until_day(page, day: int) -> None:
    """Wait until a day is reached."""
    page.wait_for_function(f"{DAY} >= {day}", timeout=PATIENCE)


def until_text(page, text: str) -> None:
    """Wait until the page shows a text."""
    page.wait_for_function("text => document.body.innerText.includes(text)", arg=text)
