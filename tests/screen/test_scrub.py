"""The time line in a real browser, with a page that simulates the server."""

from __future__ import annotations

import itertools

import pytest

from tests.screen.widget_page import Open

DAYS = 1000
A = {"world": "A", "number": 0, "day": 0, "end": DAYS, "label": "Start of A"}
A |= {"title": "Cameras", "text": "Cameras and sensors"}
B = {"world": "B", "number": 0, "day": 600, "end": DAYS, "label": "Start of B"}
B |= {"title": "Control", "text": "Control of the southern border"}
WORDS = {"locale": "en", "from_the_start": "from the start", "after_the_run": "after the end"}


@pytest.fixture
def open_line(open_widgets: Open) -> Open:
    """Return a function that opens a page with the time line and further traits."""

    def go(width: int = 900, **more: object):
        traits = {"day": 10, "days": DAYS, "start": "2012-10-01", "flags": [A, B], "ready": True}
        traits |= {"texts": ["10 Oct 2012", "day 10", " of 1000"], "label": "", "words": WORDS}
        head = "body { padding: 40px 0 0 } #a { height: 60px } .tb-scrub { padding: 0 20px }"
        return open_widgets({"a": "scrub"}, {"a": traits | more}, width, sheet="scrub", head=head)

    return go


def flag(page, world: str):
    return page.locator(f".tb-flag.tb-flag-{world}")


def moves(page) -> list[list]:
    return page.evaluate(
        "model.sent.filter(([name]) => name === 'moved').map(([, value]) => value)"
    )


def middle(node) -> tuple[float, float]:
    box = node.bounding_box()
    return box["x"] + 6, box["y"] + box["height"] / 2


def test_flags_of_a_are_above_the_line_and_those_of_b_below_at_their_dates(open_line):
    page = open_line()
    track, a, b = (
        node.bounding_box() for node in (page.locator("input"), flag(page, "a"), flag(page, "b"))
    )
    centre = track["y"] + track["height"] / 2
    assert a["y"] + a["height"] <= centre <= b["y"]
    rail = page.locator(".tb-rail").bounding_box()
    assert a["x"] == pytest.approx(rail["x"], abs=2)
    assert b["x"] == pytest.approx(rail["x"] + 0.6 * rail["width"], abs=2)
    assert "Cameras" in flag(page, "a").inner_text()
    assert flag(page, "b").get_attribute("role") == "slider"


def test_dragging_a_flag_shows_the_date_and_sends_the_day_once(open_line):
    page = open_line()
    x, y = middle(flag(page, "b"))
    rail = page.locator(".tb-rail").bounding_box()["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 0.1 * rail, y, steps=4)
    shown = page.inner_text(".tb-bubble")
    assert shown.endswith("2014") and not moves(page)
    page.mouse.up()
    ((world, number, day, _),) = moves(page)
    assert (world, number) == ("B", 0) and day == pytest.approx(500, abs=3)
    assert page.locator(".tb-bubble").is_hidden()


def test_arrow_keys_move_a_flag_and_one_answer_is_sent_after_a_pause(open_line):
    page = open_line()
    flag(page, "b").focus()
    at_once = page.evaluate(  # in one task, so that the speed of the machine does not matter
        """() => {
          const press = (key, shiftKey = false) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
          press("ArrowRight"); press("ArrowRight"); press("ArrowLeft", true);
          return [document.activeElement.getAttribute("aria-valuenow"), model.sent.length];
        }"""
    )
    assert at_once == ["595", 0]
    page.wait_for_function("model.sent.some(([name]) => name === 'moved')")
    assert [move[:3] for move in moves(page)] == [["B", 0, 595]]
    page.keyboard.press("Home")
    assert flag(page, "b").get_attribute("aria-valuetext") == "from the start"
    page.keyboard.press("Enter")
    assert moves(page)[-1][2] == 0


def test_escape_takes_back_a_move_and_the_end_of_a_policy_limits_it(open_line):
    page = open_line(flags=[A, B | {"end": 620}])
    flag(page, "b").focus()
    values = page.evaluate(
        """() => ["End", "Escape", "Enter"].map((key) => {
          document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return document.activeElement.getAttribute("aria-valuenow");
        })"""
    )
    assert values == ["619", "600", "600"] and not moves(page)


def test_updates_of_a_run_neither_send_a_day_nor_disturb_a_flag_that_is_moved(open_line):
    page = open_line()
    x, y = middle(flag(page, "a"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=3)
    before = flag(page, "a").get_attribute("aria-valuenow")
    page.evaluate(
        "model.put({ day: 40, texts: ['9 Nov 2012', 'day 40', ''], flags: model.get('flags') })"
    )
    page.evaluate("settled()")
    assert page.input_value("input") == "40" and page.inner_text(".tb-date") == "9 Nov 2012"
    assert flag(page, "a").get_attribute("aria-valuenow") == before != "0"
    assert not page.evaluate("model.sent.filter(([name]) => name === 'selection').length")


@pytest.mark.parametrize("width", [900, 390])
def test_labels_stay_on_the_line_and_do_not_overlap(open_line, width: int):
    flags = [
        B | {"number": k, "day": day, "title": "A policy with a rather long name"}
        for k, day in enumerate((0, 300, 330, 980))
    ]
    page = open_line(width, flags=[A, *flags])
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    names = [node.bounding_box() for node in page.locator(".tb-flag-b span:visible").all()]
    names.sort(key=lambda box: box["x"])
    for left, right in itertools.pairwise(names):
        assert left["x"] + left["width"] <= right["x"]
    ticks = [node.bounding_box() for node in page.locator(".tb-ticks span:visible").all()]
    for tick, name in itertools.product(ticks, names):
        beside = tick["x"] >= name["x"] + name["width"] or tick["x"] + tick["width"] <= name["x"]
        assert beside or tick["y"] + tick["height"] <= name["y"] + 1


def test_flags_are_large_enough_for_fingers_on_a_phone(open_line):
    page = open_line(390)
    size = """(node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      const [cx, cy] = [x + width / 2, y + height / 2];
      const hit = (px, py) => document.elementFromPoint(px, py)?.closest(".tb-flag") === node;
      const steps = Array.from({ length: 121 }, (_, i) => i - 60);
      const hits = [(d) => hit(cx + d, cy), (d) => hit(cx, cy + d)];
      return hits.map((one) => steps.filter(one).length);
    }"""
    for world in "ab":
        assert min(flag(page, world).evaluate(size)) >= 44


def test_a_line_that_is_not_ready_moves_no_flag(open_line):
    page = open_line(ready=False)
    flag(page, "b").focus()
    page.keyboard.press("ArrowRight")
    x, y = middle(flag(page, "b"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y)
    page.mouse.up()
    page.wait_for_timeout(900)  # longer than the pause after keys
    assert not moves(page) and page.locator("input").is_disabled()
