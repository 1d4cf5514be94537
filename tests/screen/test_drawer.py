"""The drawer of policies on the real page: its lower edge, equal budgets, and late policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screen.waiting import PATIENCE

QUERY = "?a=cameras_and_sensors&b=southern_border_control&days=365&scale=1000&seed=2"


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen() as url:
        yield url + QUERY


def open_drawer(page) -> None:
    """Open the drawer and wait for its list."""
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-open-policies").click()
    page.wait_for_selector(".tb-policy[data-id=cameras_and_sensors]", timeout=PATIENCE)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_the_budgets_close_the_drawer_at_its_lower_edge(
    address: str, open_page, screenshot, width: int, height: int
):
    page = open_page(address, width, height)
    open_drawer(page)
    page.wait_for_timeout(400)  # the drawer slides in
    drawer = page.locator(".tb-drawer").bounding_box()
    for scrolled in (0, 99_999):
        page.locator(".tb-drawer-body").evaluate("(node, top) => (node.scrollTop = top)", scrolled)
        budget = page.locator(".tb-budget").bounding_box()
        assert budget["y"] + budget["height"] == pytest.approx(
            drawer["y"] + drawer["height"], abs=1
        )
        assert budget["x"] == pytest.approx(drawer["x"], abs=1)
        assert budget["width"] >= page.locator(".tb-drawer-body").evaluate("(n) => n.clientWidth")
    if width > 760:
        line = page.locator(".tb-time").bounding_box()
        assert drawer["y"] + drawer["height"] == pytest.approx(line["y"], abs=1)
    screenshot(page, f"drawer-{width}")


def test_buttons_have_the_colour_of_the_page_and_no_capitals(address: str, open_page):
    page = open_page(address, 1440, 900)
    open_drawer(page)
    look = (
        "(node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).textTransform]"
    )
    colour, case = page.locator(".tb-run-policies").evaluate(look)
    assert colour == "rgb(16, 42, 67)" and case == "none"
    capitals = page.locator(".tb-app .v-btn").evaluate_all(
        "(all) => all.filter((one) => getComputedStyle(one).textTransform !== 'none').length"
    )
    assert capitals == 0


def test_equal_budgets_and_a_late_policy_reach_the_address(address: str, open_page):
    page = open_page(address, 1440, 900)
    open_drawer(page)
    amount = page.locator(".tb-policy[data-id=cameras_and_sensors] .tb-amount input")
    amount.fill("250")
    amount.press("Enter")
    page.wait_for_selector(".tb-budget-totals:has-text('$250.0M')", timeout=PATIENCE)
    page.locator(".tb-equal").click()
    page.wait_for_selector(".tb-budget-totals:has-text('equal')", timeout=PATIENCE)
    assert page.locator(".tb-equal").count() == 0
    page.wait_for_function(
        "location.search.includes('a=cameras_and_sensors%3A250M') &&"
        " location.search.includes('b=southern_border_control%3A250M')",
        timeout=PATIENCE,
    )
    start, end = (page.locator(f"[data-key='1:0:{name}']") for name in ("start", "end"))
    start.fill("2014-07-01")
    start.press("Enter")
    page.wait_for_selector(".tb-warning:has-text('begins after the run ends')", timeout=PATIENCE)
    end.fill("2014-01-01")
    end.press("Enter")
    page.wait_for_selector(".tb-use .tb-field-error:has-text('later')", timeout=PATIENCE)
    assert end.input_value() == "2014-01-01", "a refused date can be corrected"
    end.fill("")
    end.press("Enter")
    page.wait_for_selector(".tb-use .tb-field-error", state="detached", timeout=PATIENCE)
    page.locator(".tb-warning button").click()
    page.wait_for_selector(".tb-warning", state="detached", timeout=PATIENCE)
    page.wait_for_function("/days=(\\d+)/.exec(location.search)[1] > 900", timeout=PATIENCE)
