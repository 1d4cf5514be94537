"""Compare in a real browser: layout, time, keyboard, policies, difference and phone."""

from __future__ import annotations

import datetime
import itertools
import json
import re
from typing import Any

import pytest

from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from tests.screen.waiting import (
    COVERED,
    DAY,
    PATIENCE,
    PHONE,
    SIZES,
    go_to_end,
    on_day,
    ready,
    resize,
    until,
    until_day,
)
from viz.screen.panels.headline import LONGEST, NAMED, answer_of
from viz.screen.panels.policy_period_counts import STRIP as SHOWN
from viz.screen.words import Words

#: World A has a short title, and world B a long one.
QUERY = (
    "?a=status_quo&b=southern_border_control:3@2012-10-20&b=central_american_governance"
    "&b=smuggler_prosecution&b=legal_pathways&seed=2&days=60&scale=1000"
)
DRAWER = "?a=cameras_and_sensors&b=southern_border_control&days=365&scale=1000&seed=2"
#: Minimum share of the window that the maps fill, by window size.
SHARES = {(1440, 900): 0.55, (1024, 768): 0.45}
#: Mean, low and high value of a change: fewer, more, about as many, not known, and perhaps below 2
#: %.
VERDICTS = (
    (-12.3, -13.4, -11.8),
    (112.0, 98.0, 126.0),
    (0.4, -1.1, 1.6),
    (3.0, -20.0, 44.0),
    (1.6, 0.5, 2.7),
)
#: A text that is too long for every window size.
TOO_LONG = "word " * 300
#: Script that returns whether both maps show people on the way.
PEOPLE = "[...document.querySelectorAll('.tb-worldmap [data-painted]')]"
PEOPLE += ".filter((node) => node.tbMap?.flows.length).length === 2"
#: Parts of the page that keep their place while worlds run.
STILL = (".tb-header", "h1", ".tb-answer", ".tb-open-policies", ".tb-worldmap", ".tb-map-title")
STILL += (".tb-layers", ".tb-strip", ".tb-charts > *", ".tb-time", ".tb-run", ".tb-flag")
BOXES = """names => names.flatMap(name => [...document.querySelectorAll(name)].map(node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [name, x, y, width, height];
}))"""


@pytest.fixture
def open_compare(screen: str, open_page):
    """Return a function that opens Compare at a size and an address, and waits for both worlds."""

    def go(more: str = "", size: tuple[int, int] = SIZES[0], query: str = QUERY, **options: Any):
        page = open_page(f"{screen}{query}{more}", *size, **options)
        ready(page)
        return page

    return go


def boxes(page, *names: str) -> list[list]:
    return page.evaluate(BOXES, list(names))


def shown_day(page) -> int:
    return int(page.locator(".tb-day b").inner_text().split()[-1])


def press_run(page) -> None:
    page.locator(".tb-run").click()


# ---- layout --------------------------------------------------------------------------------------


def test_the_maps_take_most_of_the_window_and_begin_at_the_same_height(open_compare):
    page = open_compare()
    for (width, height), least in SHARES.items():
        resize(page, width, height)
        maps = boxes(page, ".tb-worldmap .tb-stage")
        assert sum(w * h for *_, w, h in maps) / (width * height) >= least
        (_, _, top, *size), (_, _, other_top, *other_size) = maps
        assert top == other_top and size == other_size
        titles = boxes(page, ".tb-map-title")
        assert titles[0][2] == titles[1][2] and titles[0][4] == titles[1][4]
        drawn = page.evaluate("document.querySelector('.tb-stage canvas').getBoundingClientRect()")
        assert drawn["height"] == pytest.approx(size[1], abs=1)
        assert top + size[1] <= page.locator(".tb-time").bounding_box()["y"]
        cut = "all => all.filter((node) => node.scrollWidth > node.clientWidth)"
        assert not page.locator(".tb-map-title > *").evaluate_all(cut), "money has its own line"
    maps = boxes(page, ".tb-worldmap .tb-stage")
    page.locator(".tb-map-title").nth(1).focus()
    assert boxes(page, ".tb-worldmap .tb-stage") == maps


def answers(language: str) -> list[str]:
    """Return the page head as markup, for the longest question with all sets of figures."""
    t = Words(language)
    sums = [
        t("answer.of_planned").format(*each) for each in (("$41.8M", "$250M"), ("$2.33B", "$5.5B"))
    ]
    paid = t("answer.paid").format(*sums, t("since.apart").format(10))
    ratio = t("answer.times").format("B", "A", "5.9")
    period = t("answer.period").format(*[f"30 {t('naming.months').split()[8]} 2014"] * 2)
    question = (t("layout.border_question") * 3)[:LONGEST]
    heads = [f"{mark}{question}<span>{period}</span>" for mark in ("", f"<mark>{ratio}</mark>")]
    texts = []
    for bounds in itertools.product(VERDICTS, repeat=len(NAMED)):
        spans = (Interval(middle, middle, middle, low, high) for middle, low, high in bounds)
        changes = (Difference(100.0, span, pairs=9) for span in spans)
        lead, rest = answer_of(t, dict(zip(NAMED, changes, strict=True)))
        kind = len(texts) % 2
        money = (paid, t("answer.sums").format(*sums))[kind]
        texts.append(f"<p class=tb-question>{heads[kind]}</p><h1>{lead}</h1><p>{money} {rest}</p>")
    return texts


#: Script that returns the texts that exceed their line or the head.
CUT = """(texts) => {
  const told = document.querySelector(".tb-told"), before = told.innerHTML;
  const head = document.querySelector(".tb-headline");
  const cut = (node) => node.scrollWidth > node.clientWidth + 1
    || node.scrollHeight > node.clientHeight + 3;
  const found = texts.filter((text) => {
    told.innerHTML = text;
    const all = [...told.children], bottom = head.getBoundingClientRect().bottom;
    return all.some((node) => cut(node)
      || (head.clientHeight && node.getBoundingClientRect().bottom > bottom + 1));
  });
  told.innerHTML = before;
  return found;
}"""


def test_every_answer_is_readable_in_full_at_every_size(open_compare):
    page = open_compare()
    too_long = f"<h1>{TOO_LONG}</h1><p>{TOO_LONG}</p>"
    for language, name in (("en", "Compare"), ("es", "Comparar")):
        if language == "es":
            page.locator(".tb-language").click()
        here = f".tb-here:has-text('{name}')"
        page.wait_for_selector(here, state="attached", timeout=PATIENCE)
        for width, height in SIZES:
            resize(page, width, height)
            cut = page.evaluate(CUT, [*answers(language), too_long])
            # On a phone, the figures are as high as their text.
            assert cut == ([too_long] if width > 760 else []), (width, cut[:1])


def test_the_answer_is_the_largest_text_of_the_page(open_compare):
    page = open_compare()
    page.wait_for_selector(".tb-question", timeout=PATIENCE)
    largest, size = page.evaluate("""() => {
      const isText = (node) => node.nodeType === 3 && node.data.trim();
      const all = [...document.querySelectorAll(".tb-app *")].filter((node) =>
        [...node.childNodes].some(isText) && node.checkVisibility());
      const sizes = all.map((node) => parseFloat(getComputedStyle(node).fontSize));
      const size = Math.max(...sizes);
      return [all.filter((_, i) => sizes[i] === size).map((node) => node.tagName), size];
    }""")
    assert largest == ["H1"] and size >= 26
    assert "get away" in page.inner_text("h1") and "?" in page.inner_text(".tb-question")


#: Script that logs every new text of the answer, and how often a map with people became empty.
LOG = """(() => {
  window.answers = [];
  window.emptied = 0;
  let full = false;
  const read = () => { // at every change of the page: a busy machine skips frames
    const text = document.querySelector(".tb-answer")?.textContent;
    const isFirst = /from 3 seeds at scale 200/.test(text);
    const kind = isFirst ? "first" : /ith B, /.test(text) ? "nine" : "";
    if (kind !== answers.at(-1)) answers.push(kind);
  };
  const every = { subtree: true, childList: true, characterData: true };
  new MutationObserver(read).observe(document, every);
  const look = () => {
    const people = PEOPLE;
    emptied += full && !people;
    full ||= people;
    requestAnimationFrame(look);
  };
  read();
  look();
})();""".replace("PEOPLE", PEOPLE)


def test_a_pair_is_answered_from_three_seeds_then_from_nine_and_a_change_drops_the_old_answer(
    screen: str, open_page
):
    page = open_page(f"{screen}?page=about", *SIZES[0], fresh=True)
    page.add_init_script(LOG)
    page.goto(f"{screen}?b=southern_border_control:50M&days=40&scale=150&seed=5")
    page.wait_for_function("answers.at(-1) === 'nine'", timeout=PATIENCE)
    assert page.evaluate("answers") == ["", "first", "nine"] and shown_day(page) == 0
    page.wait_for_function(PEOPLE, timeout=PATIENCE)
    page.locator(".tb-open-policies").click()
    amount = page.locator(".tb-policy[data-id=southern_border_control] .tb-amount input")
    # The second amount comes while the answer to the first one is being refined.
    for dollars in ("100", "200"):
        earlier = page.evaluate("answers.length")
        amount.fill(dollars)
        amount.press("Enter")
        page.wait_for_function(f"location.search.includes('{dollars}M')", timeout=PATIENCE)
        page.wait_for_function(f"answers.slice({earlier}).includes('first')", timeout=PATIENCE)
    page.wait_for_function("answers.at(-1) === 'nine'", timeout=PATIENCE)
    assert page.evaluate("answers.slice(-3)") == ["", "first", "nine"]
    assert page.evaluate("emptied") == 0


def test_seeds_in_the_background_fill_the_strip_above_the_time_line(open_compare):
    page = open_compare("&days=9")
    press_run(page)
    go_to_end(page, 9)
    since = page.locator(".tb-since:has-text('9 days'):has-text('mean of 9 seeds')")
    since.wait_for(timeout=PATIENCE)
    assert since.locator("li").count() == len(SHOWN) + 1, "money comes first"
    for width, height in SIZES[:2]:
        resize(page, width, height)
        strip, line = (page.locator(name).bounding_box() for name in (".tb-strip", ".tb-time"))
        assert strip["y"] + strip["height"] <= line["y"]
        overlapping = page.evaluate(
            """() => [...document.querySelectorAll(".tb-since li")].filter((figure) => {
              const [b, p, small = b] = ["b", "p", "small"].map((name) =>
                figure.querySelector(name)?.getBoundingClientRect());  // money has no range
              const below = small === b || small.top >= Math.max(b.bottom, p.bottom) - 2;
              return !below || p.right > b.left + 1 || small.left < p.left - 1;
            }).map((figure) => figure.innerText)"""
        )
        assert not overlapping, width


def test_deaths_on_the_map_and_in_its_legend_add_up_to_the_strip(open_compare):
    page = open_compare("&days=40")
    press_run(page)
    go_to_end(page, 40)
    page.wait_for_function("document.querySelector('.tb-rest')?.innerText.includes(' in B')")

    def add_up() -> bool:
        legend = page.inner_text(".tb-legend-room .tb-rest")
        strip = page.locator(".tb-since li:has-text('Deaths') p").inner_text()
        rest = [int(re.search(rf"(\d+) in {side}", legend).group(1)) for side in "AB"]
        totals = [int(x.replace(",", "")) for x in re.findall(r"[AB]\s*([\d,]+)", strip)]
        maps = "[...document.querySelectorAll('.tb-worldmap .tb-map')]"
        died = "(map) => map.parentElement.tbMap.drawnDeaths.map((death) => death[2])"
        drawn = page.evaluate(f"() => {maps}.map({died})")
        assert all(0 < len(deaths) <= 6 for deaths in drawn)
        return [sum(deaths) + more for deaths, more in zip(drawn, rest, strict=True)] == totals

    until(page, add_up)  # The strip follows the map within a second.
    assert page.locator(".tb-legend:visible").count() == 1


def test_the_difference_has_map_and_table_of_one_height_and_curves_above_the_time_line(
    screen: str, open_page
):
    page = open_page(f"{screen}{QUERY}&days=20&view=difference", 1440, 900)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    go_to_end(page, 20)
    page.wait_for_selector(".tb-curve .tb-band", timeout=PATIENCE, state="attached")
    page.wait_for_selector(".tb-difference-table:has-text('9 seeds')", timeout=PATIENCE)
    assert page.locator(".tb-curve").count() == 5 and not page.locator(".tb-since").count()
    for width, height in SIZES[:2]:
        resize(page, width, height)
        ((*_, y, _, tall), (*_, table_y, _, table_tall)) = boxes(
            page, ".tb-difference-map", ".tb-difference-table"
        )
        assert (y, y + tall) == pytest.approx((table_y, table_y + table_tall), abs=1)
        table = page.locator(".tb-difference-table")
        assert table.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
        line = page.locator(".tb-time").bounding_box()["y"]
        assert max(y + tall for *_, y, _, tall in boxes(page, ".tb-curve time")) <= line


# ---- time ----------------------------------------------------------------------------------------


def test_worlds_run_pause_and_rewind_and_nothing_else_moves(open_compare):
    page, other = open_compare(), open_compare()
    assert shown_day(page) == 0 and "not a forecast" in page.inner_text("body")
    page.wait_for_selector(".tb-charts canvas", timeout=PATIENCE)
    before = boxes(page, *STILL)
    press_run(page)
    until_day(page, 5)
    assert boxes(page, *STILL) == before
    press_run(page)
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)
    assert boxes(page, *STILL) == before
    page.wait_for_timeout(700)
    stood = shown_day(page)
    page.wait_for_timeout(700)
    assert shown_day(page) == stood >= 5 and shown_day(other) == 0
    page.get_by_role("button", name="One day back").click()
    on_day(page, stood - 1)
    assert page.locator(".tb-since li").count() == len(SHOWN) + 1


def test_keys_move_time_and_the_address_follows(open_compare):
    page = open_compare("&day=10&place=tapachula")
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


def test_the_time_line_and_its_flags_are_dragged(open_compare):
    page = open_compare()
    line, flag = page.locator(".tb-line input"), page.locator(".tb-flag-b[aria-label*=southern]")
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
    press_run(page)
    until_day(page, 36)  # Updates from the server do not move the run.
    press_run(page)
    flag.press("Shift+ArrowRight")
    page.wait_for_function("location.search.includes('2012-10-27')", timeout=PATIENCE)
    assert "2012-10-20" not in page.evaluate("location.search")


def test_days_pass_without_rendering_and_one_map_acknowledges_for_both(open_compare):
    page, received, answered = open_compare(fresh=True), [], []

    def listen(socket: Any) -> None:
        socket.on("framereceived", lambda data: received.append(data))
        socket.on("framesent", lambda data: answered.append(data) if '"ack"' in data else None)

    page.on("websocket", listen)
    page.reload()
    ready(page)
    press_run(page)
    until_day(page, 8)
    received.clear()
    answered.clear()
    until_day(page, 30)
    days = len(answered)
    widgets = {json.loads(data)["content"]["comm_id"] for data in answered}
    assert len(widgets) == 1 and days >= 15
    texts = [data for data in received if isinstance(data, str)]
    assert not any('"comm_open"' in data for data in texts), "a widget was created during the run"
    assert len(received) <= 12 * days, "too many messages for thirty visitors"


# ---- keyboard and policies -----------------------------------------------------------------------


#: Script that returns, for each callout on both maps, how many points of ribbons it covers.
ON_RIBBONS = """() => [...document.querySelectorAll(".tb-worldmap .tb-map")].flatMap((node) => {
  const { tbMap: map } = node.parentElement, wide = (row) => map.flows.find(({ section }) =>
    section === row[5])?.width / 2 || 0;
  const covers = ([left, top, right, bottom], [x, y], half) =>
    x + half > left && x - half < right && y + half > top && y - half < bottom;
  return map.placedCallouts.map(({ box }) =>
    map.ribbons.flat().filter((row) => covers(box, row, wide(row))).length);
})"""


def test_texts_on_the_maps_lie_beside_the_ribbons(open_compare):
    page = open_compare("&days=200&day=200")
    on_day(page, 200)
    page.wait_for_function(f"({ON_RIBBONS})().length >= 2", timeout=PATIENCE)
    assert max(page.evaluate(ON_RIBBONS)) <= 3, "points of a ribbon are about a pixel apart"


def test_a_lever_in_the_middle_acts_from_today_with_both_maps_and_the_run_goes_on(open_compare):
    page = open_compare("&days=365")
    press_run(page)
    until_day(page, 25)
    page.evaluate(LOG)
    page.locator(".tb-open-policies").click()  # The first action; the amount is the second.
    amount = page.locator(".tb-policy[data-id=smuggler_prosecution] .tb-amount input").first
    shown = amount.input_value()
    maps, drawer = boxes(page, ".tb-worldmap"), page.locator(".tb-drawer").bounding_box()
    assert min(left for _, left, *_ in maps) >= drawer["width"]
    amount.fill(str(float(shown) + 20))
    amount.press("Enter")
    added = r"smuggler_prosecution%3A20M%40(\d{4}-\d\d-\d\d)"
    page.wait_for_function(f"/{added}/.test(location.search)", timeout=PATIENCE)
    date = re.search(added, page.evaluate("location.search")).group(1)
    today = (datetime.date.fromisoformat(date) - datetime.date(2012, 10, 1)).days
    assert 25 <= today < 365 and amount.input_value() == shown, "the past does not change"
    until_day(page, today + 3)
    assert page.evaluate("emptied") == 0 and "Pause" in page.inner_text(".tb-run")
    page.locator(".tb-policies .tb-choice select").select_option("From the start")
    amount.fill("60")
    amount.press("Enter")
    page.wait_for_function("location.search.includes('prosecution%3A60M&')", timeout=PATIENCE)
    until_day(page, shown_day(page) + 2)


def test_keys_do_not_move_time_while_the_drawer_is_open_and_escape_closes_it(open_compare):
    page = open_compare()
    page.locator(".tb-open-policies").click()
    page.wait_for_function("document.activeElement.matches('.tb-drawer')", timeout=PATIENCE)
    for key in ("ArrowRight", "End", "Space", "Escape"):
        page.keyboard.press(key)
    page.wait_for_selector(".tb-drawer-layer.tb-open", state="detached", timeout=PATIENCE)
    assert shown_day(page) == 0
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)
    page.locator(".tb-skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tb-maps"
    page.keyboard.press("ArrowRight")
    until_day(page, 1)


def test_the_place_and_the_day_stay_when_instruments_change(open_compare):
    page = open_compare("&day=10&place=tapachula")
    on_day(page, 10)
    page.locator(".tb-open-policies").click()
    for name in ("trainers", "rural_gendarmerie", "fence"):
        # The next instrument is added while the world is still being built.
        page.locator(f".tb-policy[data-id={name}] .tb-b .tb-add").click()
        page.wait_for_selector(f".tb-policy[data-id={name}].tb-used-b", timeout=PATIENCE)
    page.keyboard.press("Escape")
    page.wait_for_function(f"{DAY} >= 10", timeout=PATIENCE)  # The run continues on its own.
    assert "not found" not in page.inner_text("body")
    page.wait_for_function("location.search.includes('place=tapachula')", timeout=PATIENCE)


def test_the_budgets_close_the_drawer_equal_ones_and_a_late_policy_reach_the_address(open_compare):
    page = open_compare(query=DRAWER)
    page.locator(".tb-open-policies").click()
    amount = page.locator(".tb-policy[data-id=cameras_and_sensors] .tb-amount input")
    amount.wait_for(timeout=PATIENCE)
    page.wait_for_function("document.getAnimations().every((one) => one.playState === 'finished')")
    for width, height in SIZES:
        resize(page, width, height)
        drawer = page.locator(".tb-drawer").bounding_box()
        for top in (0, 99_999):
            page.locator(".tb-drawer-body").evaluate("(node, top) => (node.scrollTop = top)", top)
            budget = page.locator(".tb-budget").bounding_box()
            edges = [box["y"] + box["height"] for box in (budget, drawer)]
            assert edges[0] == pytest.approx(edges[1], abs=1)
            assert budget["x"] == pytest.approx(drawer["x"], abs=1)
    resize(page, *SIZES[0])
    amount.fill("250")
    amount.press("Enter")
    page.wait_for_selector(".tb-budget-totals:has-text('$250.0M')", timeout=PATIENCE)
    page.locator(".tb-equal").click()
    page.wait_for_selector(".tb-budget-totals:has-text('equal')", timeout=PATIENCE)
    page.wait_for_function(
        "location.search.includes('a=cameras_and_sensors%3A250M') &&"
        " location.search.includes('b=southern_border_control%3A250M')",
        timeout=PATIENCE,
    )
    start = page.locator("[data-key='1:0:start']")
    start.fill("2014-07-01")
    start.press("Enter")
    page.wait_for_selector(".tb-warning:has-text('begins after the run ends')", timeout=PATIENCE)
    page.wait_for_function("location.search.includes('2014-07-01')", timeout=PATIENCE)


# ---- a phone -------------------------------------------------------------------------------------


def test_a_phone_shows_one_map_at_a_time_and_can_be_zoomed(open_compare):
    page = open_compare(**PHONE)
    content = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable" not in content and "maximum-scale" not in content
    a, b = page.locator(".tb-worldmap.tb-a"), page.locator(".tb-worldmap.tb-b")
    assert a.is_visible() and not b.is_visible()
    assert page.evaluate(COVERED) == []
    starts = [text.strip()[0] for text in page.locator(".tb-tab").all_inner_texts()]
    assert starts[:2] == ["A", "B"], "each tab begins with its world"
    page.locator(".tb-tab").nth(1).click()
    b.wait_for(timeout=PATIENCE)
    assert not a.is_visible() and not page.locator(".tb-map-title").first.is_visible()
    line = page.locator(".tb-time").bounding_box()
    assert line["y"] + line["height"] == pytest.approx(844, abs=1)
    for *_, width, height in boxes(page, ".tb-time > .v-btn"):
        assert width >= 44 and height >= 44
    page.get_by_role("button", name="One day forward").click()
    until_day(page, 1)
    press_run(page)
    until_day(page, 4)  # The hidden map does not block the run.
    press_run(page)
    page.locator(".tb-tab").nth(2).click()
    page.wait_for_selector(".tb-difference-map [data-painted]", timeout=PATIENCE)
    assert page.evaluate(COVERED) == []


def test_a_phone_shows_whole_titles_on_its_tabs_and_has_a_menu_of_pages(open_compare):
    query = "?a=cameras_and_sensors&b=southern_border_control&days=30&scale=1000"
    page = open_compare(size=SIZES[2], query=query)
    for language in ("Español", "English"):
        cut = page.locator(".tb-tab-name").evaluate_all(
            "(all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1"
            " || one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)"
        )
        assert cut == []
        page.get_by_role("button", name=language).click()
    page.get_by_role("button", name=re.compile("Pages|Páginas")).click()
    page.get_by_role("button", name=re.compile("^(About|Acerca de)$")).click()
    page.wait_for_selector(".tb-about h2", timeout=PATIENCE)
