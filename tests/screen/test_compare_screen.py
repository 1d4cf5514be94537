"""The Compare page in a real browser: run, pause, rewind, follow a person, Spanish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.screen.waiting import DAY, PATIENCE, ready, until_day, until_text
from viz.screen.panels.policy_period_counts import COUNTED
from viz.screen.panels.since import SHOWN

QUERY = "?a=status_quo&b=southern_border_control:3&seed=2&days=60&scale=500"


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen() as url:
        yield url + QUERY


def shown_day(page) -> int:
    """The day on the time bar."""
    return int(page.locator(".tb-day b").inner_text().split()[-1])


def test_two_worlds_run_pause_and_rewind(address: str, open_page, screenshot):
    page = open_page(address, 1440, 1000)
    ready(page)
    assert shown_day(page) == 0 and "not a forecast" in page.inner_text("body")
    page.locator(".tb-run").click()
    until_day(page, 5)
    page.locator(".tb-run").click()  # pause
    page.wait_for_timeout(700)
    stood = shown_day(page)
    page.wait_for_timeout(700)
    assert shown_day(page) == stood >= 5
    page.get_by_role("button", name="One day back").click()
    page.wait_for_function(
        f"{DAY} == {stood - 1}",
        timeout=PATIENCE,
    )
    rows = page.locator(".tb-outcomes tbody tr")
    assert rows.count() == len(COUNTED) and "Extorted" in page.inner_text(".tb-outcomes")
    screenshot(page, "compare")


#: Pixels per map unit of a map, and of its inset.
SCALES = """(world) => {
  const map = document.querySelector(`.tb-worldmap.tb-${world} .tb-map`).parentElement.tbMap;
  return { map: map.view.k, inset: JSON.parse(map.inset.key)[0].k };
}"""


def follow_someone(page) -> None:
    """Go to the last day and open the view of the person who is offered first."""
    page.locator("h1").click()
    page.keyboard.press("End")
    on_day(page, 60)
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-forkline-drawing [data-event]", timeout=PATIENCE)


def test_one_person_is_followed_in_both_worlds(address: str, open_page, screenshot):
    page = open_page(address.replace("scale=500", "scale=100"), 1440, 1000)  # some end differently
    ready(page)
    follow_someone(page)
    table = page.locator(".tb-person-table")
    assert "◆ Kidnapped" in table.inner_text() and "$" in table.inner_text()
    ends = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert len(ends) == 2 and ends[0] != ends[1], "the first person offered ends differently"
    assert page.locator(".tb-person-lists .tb-a li").count()
    assert page.locator(".tb-person-lists .tb-b li").count()
    facts = page.inner_text(".tb-beside .tb-person")
    assert "one person in seven" in facts and "lower bound" in facts
    drawn = page.locator(".tb-forkline-drawing").bounding_box()
    assert drawn["y"] < 1000, "the line begins on the first screen"
    screenshot(page, "journey")
    for language in ("es", "en"):
        for size in ((1440, 900), (1024, 768)):
            page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
            page.wait_for_timeout(400)
            high, shown = page.locator(".tb-beside").evaluate(
                "(box) => [box.scrollHeight, box.clientHeight]"
            )
            assert high <= shown + 1, f"the card of the person scrolls at {size}"
            assert page.locator(".tb-person-head h1").bounding_box()["width"] > 100
        page.locator(".tb-language").click()
        page.wait_for_selector(f".tb-app[lang={language}], html[lang={language}]", state="attached")


def test_a_person_is_on_both_maps_and_a_click_on_a_dot_follows_another(address: str, open_page):
    page = open_page(address, 1440, 1000)
    ready(page)
    follow_someone(page)
    state = """(world) => {
      const map = document.querySelector(`.tb-worldmap.tb-${world} .tb-map`).parentElement.tbMap;
      const alpha = map.layers.flow.getContext("2d").globalAlpha;
      return [map.path.length, map.stations.map(([, number]) => number), alpha];
    }"""
    numbers = set(
        page.locator(".tb-forkline-drawing .tb-event").evaluate_all(
            "(all) => all.map((one) => Number(one.textContent))"
        )
    )
    for world in "ab":
        page.wait_for_function(f"({state})('{world}')[1].length", timeout=PATIENCE)
        legs, shown, opacity = page.evaluate(state, world)
        assert legs and set(shown) <= numbers
        assert opacity == 1, "the journey does not fade with the rest"
        inset = page.locator(f".tb-worldmap.tb-{world} .tb-inset")
        assert inset.is_visible(), "the current part of the route is enlarged"
        scales = page.evaluate(SCALES, world)
        assert scales["inset"] >= 1.5 * scales["map"]
        page.locator(f".tb-worldmap.tb-{world} .tb-zoom button").first.click()
        inset.wait_for(state="hidden")  # a zoomed map shows the part itself
        page.locator(f".tb-worldmap.tb-{world} .tb-zoom button").last.click()
        inset.wait_for(state="visible")
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-person-head", state="detached", timeout=PATIENCE)
    page.wait_for_function(
        "document.querySelector('.tb-worldmap.tb-a .tb-map')?.parentElement.tbMap.dots.length",
        timeout=PATIENCE,
    )
    assert page.evaluate(state, "a")[0] == 0, "nothing fades outside the view of one person"
    assert not page.locator(".tb-inset:visible").count()
    dot = page.evaluate("""() => {
      const map = document.querySelector(".tb-worldmap.tb-a .tb-map").parentElement.tbMap;
      const { view: { k, x, y }, world } = map, box = map.stage.getBoundingClientRect();
      const far = (one) => world.places.every((at) =>
        Math.hypot(x + k * at.x - one.x, y + k * at.y - one.y) > 25);
      const one = map.dots.find(far);
      return [box.left + one.x, box.top + one.y];
    }""")
    page.mouse.click(*dot)
    page.wait_for_selector(".tb-person-head", timeout=PATIENCE)
    page.wait_for_selector(".tb-person-table table", timeout=PATIENCE)


def test_numbers_on_the_line_are_reached_by_keys_and_select_a_place(address: str, open_page):
    page = open_page(address, 1440, 1000)
    ready(page)
    follow_someone(page)
    numbers = page.locator(".tb-forkline-drawing [data-event]")
    assert page.locator(".tb-forkline-drawing [tabindex='0']").count() == 1
    numbers.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".tb-forkline-drawing [aria-pressed='true']", timeout=PATIENCE)
    focused = "document.activeElement.getAttribute('data-event')"
    pressed = page.locator(".tb-forkline-drawing [aria-pressed='true']")
    assert page.evaluate(focused) == pressed.get_attribute("data-event")
    assert pressed.get_attribute("data-event") == numbers.nth(1).get_attribute("data-event")
    page.wait_for_function("location.search.includes('place=')", timeout=PATIENCE)
    assert shown_day(page) == 60, "the arrow keys moved the time"


def test_a_person_fits_the_side_column_a_wide_card_and_a_phone(
    address: str, open_page, assert_fits, screenshot
):
    for width in (390, 1024, 1440):
        page = open_page(address, width, 900)
        ready(page)
        follow_someone(page)
        assert_fits(page)
        box = page.locator(".tb-forkline-drawing").bounding_box()
        drawn = page.locator(".tb-forkline-drawing svg").bounding_box()
        assert drawn["width"] <= box["width"] + 1
        texts = ".tb-forkline-drawing svg text"
        overlaps = page.evaluate(
            """(texts) => {
              const boxes = [...document.querySelectorAll(texts)]
                .map((node) => node.getBoundingClientRect());
              let n = 0;
              boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
                const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (w > 1 && h > 3) n += 1;
              }));
              return n;
            }""",
            texts,
        )
        assert overlaps == 0
        screenshot(page, f"person-{width}")
        page.close()


def test_the_screen_is_available_in_spanish_and_fits_a_phone(
    address: str, open_page, assert_fits, screenshot
):
    page = open_page(address, 390, 844)
    ready(page)
    page.get_by_role("button", name="Español").click()
    page.wait_for_selector(".tb-brand:has-text('Dos Fronteras')", timeout=PATIENCE)
    until_text(page, "no un pronóstico")
    assert_fits(page)
    screenshot(page, "phone")
    page.get_by_role("button", name="Páginas").click()
    page.get_by_role("button", name="Acerca de").click()
    page.wait_for_selector(".tb-about h2:has-text('Acerca de este modelo')", timeout=PATIENCE)


def test_two_visitors_have_separate_runs(address: str, open_page):
    one, other = open_page(address, 1200, 900), open_page(address, 1200, 900)
    ready(one)
    ready(other)
    one.locator(".tb-run").click()
    until_day(one, 4)
    assert shown_day(other) == 0
    one.locator(".tb-run").click()


def on_day(page, day: int) -> None:
    """Wait until exactly this day is shown."""
    page.wait_for_function(f"{DAY} === {day}", timeout=PATIENCE)


def test_keys_move_time_and_the_address_follows(address: str, open_page):
    page = open_page(f"{address}&day=10&place=tapachula", 1440, 1000)
    ready(page)
    on_day(page, 10)
    page.locator(".tb-header .tb-note").click()
    page.keyboard.press("ArrowRight")
    on_day(page, 11)
    page.keyboard.press("Shift+ArrowLeft")
    on_day(page, 4)
    page.wait_for_function("location.search.includes('day=4&place=tapachula')", timeout=PATIENCE)
    page.keyboard.press("Home")
    on_day(page, 0)
    page.keyboard.press("Space")
    until_day(page, 2)
    page.keyboard.press("Space")
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)


def test_the_place_and_the_day_stay_when_instruments_change(address: str, open_page):
    page = open_page(f"{address}&day=10&place=tapachula", 1440, 1000)
    ready(page)
    on_day(page, 10)
    page.locator(".tb-open-policies").click()
    for name in ("trainers", "rural_gendarmerie", "fence"):
        # the next one while the world is still being built
        page.locator(f".tb-policy[data-id={name}] .tb-b .tb-add").click()
        page.wait_for_selector(f".tb-policy[data-id={name}].tb-used-b", timeout=PATIENCE)
    page.keyboard.press("Escape")
    ready(page)
    on_day(page, 10)
    assert "not found" not in page.inner_text("body")
    page.wait_for_function("location.search.includes('place=tapachula')", timeout=PATIENCE)


def test_days_pass_without_rendering_and_one_map_acknowledges_for_both(address: str, open_page):
    page, received, answers = open_page(address, 1440, 1000), [], []
    ready(page)

    def listen(socket: Any) -> None:
        socket.on("framereceived", lambda data: received.append(data))
        socket.on("framesent", lambda data: answers.append(data) if '"ack"' in data else None)

    page.on("websocket", listen)
    page.reload()
    ready(page)
    page.locator(".tb-run").click()
    until_day(page, 8)
    received.clear()
    answers.clear()
    until_day(page, 30)
    days = len(answers)
    widgets = {json.loads(answer)["content"]["comm_id"] for answer in answers}
    texts = [data for data in received if isinstance(data, str)]
    assert len(widgets) == 1 and days >= 15
    assert not any('"comm_open"' in data for data in texts), "a widget was created during the run"
    assert len(received) <= 12 * days, "too many messages for thirty visitors"


def test_the_time_line_can_be_dragged_and_shows_dates(address: str, open_page):
    page = open_page(address.replace("control:3", "control:3@2012-10-20"), 1440, 1000)
    ready(page)
    line = page.locator(".tb-line input")
    flag = page.locator(".tb-flag-b.tb-flag")
    assert "southern border" in flag.get_attribute("aria-label")
    assert flag.get_attribute("aria-valuetext") == "20 Oct 2012"
    box = line.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 10, steps=5)
    page.mouse.up()
    on_day(page, 30)
    line.press("ArrowRight")
    on_day(page, 31)
    page.locator(".tb-run").click()
    until_day(page, 36)  # updates of the server do not move the run
    page.locator(".tb-run").click()


def test_other_seeds_run_in_the_background_without_being_asked_for(
    address: str, open_page, screenshot
):
    page = open_page(address.replace("days=60", "days=9"), 1440, 1400)
    ready(page)
    assert "0 of 9 seeds finished" in page.inner_text(".tb-seeds")
    assert "Press Run" in page.inner_text(".tb-answer")
    page.locator(".tb-run").click()
    page.wait_for_selector(".tb-seeds:has-text('9 of 9 seeds finished')", timeout=PATIENCE)
    page.locator("h1").click()
    page.keyboard.press("End")
    on_day(page, 9)
    known = ".tb-answer:not(:has-text('Not known yet')):not(:has-text('Press Run'))"
    page.wait_for_selector(known, timeout=PATIENCE)
    page.wait_for_selector(".tb-since:has-text('9 days')", timeout=PATIENCE)
    since = page.locator(".tb-since")
    assert since.locator("li").count() == len(SHOWN)
    assert "mean of 9 seeds, 90 % interval" in since.inner_text().replace("\xa0", " ")
    page.get_by_text("All outcomes per year").click()
    page.wait_for_selector(".tb-outcomes small", timeout=PATIENCE)
    assert "…" in page.locator(".tb-outcomes small").first.inner_text()
    screenshot(page, "bands")
