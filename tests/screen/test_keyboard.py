"""All tasks on the screen with Tab, Shift+Tab, Enter, arrow keys and typed digits alone."""

from __future__ import annotations

import re

from tests.screen.waiting import PATIENCE, ready, until_day

#: Two small worlds, so that runs and answers take seconds.
WORLDS = "a=trainers:60M&b=southern_border_control:60M&days=365&scale=1000&seed=2"
FOCUS = "document.activeElement"
#: Maximum number of tab stops from a heading to a control below it.
MOST_STOPS = 150


def go(page, selector: str, key: str = "Tab") -> None:
    """Press a key until a visible control that matches a selector has the focus and shows it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if page.evaluate(f"{FOCUS}.matches({selector!r})"):
            assert page.evaluate(f"{FOCUS}.matches(':focus-visible')"), selector
            return
    raise AssertionError(f"{selector} is not reached by {key}")


def press(page, selector: str) -> None:
    """Move the focus to a control and press Enter."""
    go(page, selector)
    page.keyboard.press("Enter")


def focused(page, selector: str) -> None:
    """Wait until a control or heading has the focus, but not the whole page."""
    page.wait_for_function(f"{FOCUS}.matches({selector!r})", timeout=PATIENCE)


def test_every_task_is_done_with_the_keyboard_and_the_focus_is_never_lost(screen: str, open_page):
    page = open_page(f"{screen}?page=start", 1440, 900)
    page.wait_for_selector(".tb-play", timeout=PATIENCE)

    # Open the flagship question with one action.
    press(page, ".tb-play")
    ready(page)
    focused(page, "h1")

    # Change a lever during a run: open the policies and type an amount.
    page.goto(f"{screen}?{WORLDS}")
    ready(page)
    press(page, ".tb-run")
    until_day(page, 9)
    assert page.evaluate(f"{FOCUS}.matches('.tb-run')")
    go(page, ".tb-open-policies", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-policy .tb-amount input", timeout=PATIENCE)
    assert page.evaluate("['.tb-header', '.tb-scene'].every(n => document.querySelector(n).inert)")
    go(page, ".tb-policy-search")
    page.keyboard.type("smuggler")
    press(page, "[data-key='add:1:smuggler_prosecution']")
    focused(page, "h3")  # The amount replaces the button, so the group's heading gets the focus.
    go(page, ".tb-policy[data-id=smuggler_prosecution] .tb-amount input")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    added = r"smuggler_prosecution%3A\d*20M%40\d{4}"
    page.wait_for_function(f"/{added}/.test(location.search)", timeout=PATIENCE)
    page.keyboard.press("Escape")
    focused(page, ".tb-open-policies")
    assert not page.evaluate("document.querySelector('.tb-header').inert")

    # Follow a person and return, save a figure, and copy the view as Python.
    press(page, ".tb-run")
    press(page, "button.tb-person-view")
    focused(page, "h1")
    press(page, "button.tb-person-view")
    focused(page, "h1")
    go(page, ".tb-plot-bar select")
    page.keyboard.press("ArrowDown")
    with page.expect_download(timeout=PATIENCE):
        press(page, ".tb-plot-bar [data-key=csv]")
    focused(page, "[data-key=csv]")
    press(page, ".tb-desk [data-key=python]")
    text = page.locator(".tb-desk-text:visible")
    text.wait_for(timeout=PATIENCE)
    assert "import twoborders as tb" in text.input_value()

    # Open a lesson, guess, lock, and open its worlds.
    page.goto(f"{screen}?page=learn&days=30&scale=1000")
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    for _ in range(4):
        go(page, ".tb-lesson-foot button")
    page.keyboard.press("Enter")
    focused(page, "h1")
    press(page, ".tb-start-guess")
    focused(page, "h1")
    for _ in range(page.locator(".tb-handle").count()):
        go(page, ".tb-handle.tb-open")
        page.keyboard.press("ArrowDown")
        page.wait_for_function(f"!{FOCUS}.matches('.tb-open')", timeout=PATIENCE)
    press(page, ".tb-lock:not([disabled])")
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    focused(page, "h1, h2")

    # Start a ready sweep, select a square, and open the square in Compare.
    page.goto(f"{screen}?page=sweep&days=10&scale=1000&seed=7")
    page.wait_for_selector(".tb-sweep-ready button", timeout=PATIENCE)
    press(page, ".tb-sweep-ready button")
    page.wait_for_selector(".tb-square", timeout=PATIENCE)
    assert page.evaluate(f"{FOCUS}.matches('h1, h2, h3, button')")
    page.wait_for_selector(".tb-square:not(.tb-square-open, .tb-square-a)", timeout=600_000)
    press(page, ".tb-square:not(.tb-square-open, .tb-square-a)")
    page.wait_for_selector(".tb-five", timeout=PATIENCE)
    assert page.evaluate(f"{FOCUS}.matches('.tb-square-b')")
    press(page, ".tb-sweep-cell .v-btn.primary")
    ready(page)
    focused(page, "h1")
    assert re.search(r"page=compare", page.url)
