"""The map and the chart in a real browser, with a page that simulates the server."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from abm.world.routes import World, load_world
from tests.screen.widget_page import Open
from viz.figures.palette import PALETTE, people_per_point
from viz.screen.widgets.traits import CHART_WORDS, DIFFERENCE_WORDS, MAP_WORDS
from viz.screen.widgets.world import SHOW, frame_dtype, world_payload

DAYS = 60
MAP = """
const size = SIZE;
window.frame = (day) => new DataView(film.slice((day - 1) * size, day * size));
window.send = async (day, serial = day) => {
  model.put({ frame: frame(day), serial });
  await settled();
};
window.glided = () => !map.glide;
window.layer = (i) => document.querySelectorAll(".tb-stage canvas")[i].toDataURL();
traits.a.frame = EMPTY;
"""
THREE_MAPS = """
const [first, second] = [0, SIZE].map((at) => new DataView(film.slice(at, at + SIZE)));
for (const [name, frame] of [["a", first], ["b", second], ["difference", second]])
  Object.assign(traits[name], { frame, frame_a: first, frame_b: second, serial: 1 });
"""
CHART = """
const half = film.byteLength / 2;
const upTo = (n) => [0, half].map((from) => new DataView(film.slice(from, from + 4 * n)));
traits.a.a = traits.a.b = traits.a.band_a = traits.a.band_b = EMPTY;
const put = async (traits) => { model.put(traits); await settled(); };
window.grow = (n) => { const [a, b] = upTo(n); return put({ a, b, day: n }); };
window.equal = (n) => { const [a] = upTo(n); return put({ a, b: a, day: n }); };
window.band = (n) => {
  const range = new Float32Array(2 * n).fill(100, 0, n).fill(250, n);
  return put({ band_b: new DataView(range.buffer) });
};
// the number of pixels with a colour, left of the names; any colour with the opacity of a band
window.count = (...colour) => {
  const canvas = document.querySelector("#a canvas"), { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, 0.8 * width, height).data;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const far = Math.max(...colour.map((part, k) => Math.abs(part - pixels[i + k])));
    const alpha = pixels[i + 3];
    count += colour.length ? alpha > 40 && far < 40 : alpha > 30 && alpha < 60;
  }
  return count;
};
"""


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


@pytest.fixture(scope="module")
def film(world: World) -> np.ndarray:
    """Return invented days with every mark that the map can draw."""
    dtype = frame_dtype(world.n_legs, world.n_places)
    film, rng = np.zeros(DAYS, dtype), np.random.default_rng(7)
    film["day"] = np.arange(1, DAYS + 1)
    base = rng.gamma(0.5, 300, world.n_legs)
    film["flow"] = base * (1 + 0.2 * np.sin(np.arange(DAYS) / 9)[:, None])
    film["stopped"] = rng.poisson(8, film["stopped"].shape) * (rng.random(world.n_legs) < 0.2)
    film["caught"], film["away"] = rng.poisson(400, (2, DAYS, 9))
    film["dead"] = np.cumsum(rng.poisson(400, (DAYS, 10)), axis=0)
    film["officers"] = rng.poisson(60, world.n_places) * (np.array(world.country) == "MX")
    film["cells"] = rng.poisson(0.4, world.n_places)
    film["agents"] = [2501, 1171, 871, 4143, 2823, 613, 1552, 1821, 2995]
    return film


@pytest.fixture
def open_map(open_widgets: Open, world: World, film: np.ndarray) -> Open:
    """Return a function that opens a page with the map on its last day, at a given width."""

    def go(width: int = 824, day: int = DAYS, **more: object):
        numbers = {"serial": 0, "ack": -1, "selected": -1}
        traits = {
            "world": world_payload(world),
            "title": "A · Status quo",
            "show": SHOW,
            "path": [],
        }
        traits |= numbers | {"shared": [], "stations": [], "text": "", "words": MAP_WORDS}
        traits |= {"callouts": []} | more
        prepare, head = MAP.replace("SIZE", str(film.dtype.itemsize)), "#a { max-width: 800px }"
        arguments = {"film": film.tobytes(), "prepare": prepare, "head": head}
        page = open_widgets({"a": "flowmap"}, {"a": traits}, width, **arguments)
        if day:
            page.evaluate(f"send({day})")
        return page

    return go


@pytest.fixture
def open_three(open_widgets: Open, world: World) -> Open:
    """Return a function that opens a page with the maps of A, B and their difference on a day."""

    def go(a: np.ndarray, b: np.ndarray):
        common = {"world": world_payload(world), "ack": -1, "selected": -1}
        common |= {
            "callouts": [],
            "text": "",
            "show": SHOW,
            "words": MAP_WORDS,
            "path": [],
            "shared": [],
        }
        common |= {"stations": []}
        more = {"words": DIFFERENCE_WORDS, "smallest": 20.0}
        traits = {
            "a": common | {"title": "Status quo", "side": "A"},
            "b": common | {"title": "Fence " * 30, "side": "B"},
            "difference": common | {"title": "B minus A"} | more,
        }
        kinds = {"a": "flowmap", "b": "flowmap", "difference": "differencemap"}
        prepare = THREE_MAPS.replace("SIZE", str(a.dtype.itemsize))
        head = "#a, #b { display: inline-block; width: 49% } #difference { width: 700px }"
        film = np.stack([a, b]).tobytes()
        return open_widgets(kinds, traits, 1424, head=head, film=film, prepare=prepare)

    return go


@pytest.fixture
def open_chart(open_widgets: Open) -> Open:
    """Return a function that opens a page with the chart.

    A rises to 300 and B to 150 over 60 of 365 days.
    """

    def go(width: int = 824):
        texts = {"title": "Got-aways", "unit": "persons a day", "text": "", "names": ["A", "B"]}
        time = {"start": "2012-10-01", "days": 365, "day": 0, "marks": [[31, "Fence"]]}
        rise = np.linspace(0, 1, DAYS)
        film = np.concatenate([300 * rise, 150 * rise]).astype("<f4").tobytes()
        traits = {"a": texts | time | {"words": CHART_WORDS}}
        return open_widgets({"a": "chart"}, traits, width, film=film, prepare=CHART)

    return go


def position(page, place: str, name: str = "a") -> tuple[float, float]:
    """Return the position of a place's mark."""
    return page.evaluate(
        """([name, place]) => {
          const { view: { k, x, y }, world, stage } = maps[name];
          const box = stage.getBoundingClientRect();
          const at = world.places.find((one) => one.name === place);
          return [box.x + x + k * at.x, box.y + y + k * at.y];
        }""",
        [name, place],
    )


# ---- one map -------------------------------------------------------------------------------------


def test_every_frame_is_acknowledged_only_the_newest_is_drawn_and_none_after_removal(
    open_map: Open,
) -> None:
    page = open_map(day=0)
    for day in (1, 2, 3):
        page.evaluate(f"send({day})")
        assert page.evaluate("model.data.ack") == day
    drawn = int(page.get_attribute("#a", "data-painted"))
    page.evaluate("() => { for (let day = 4; day <= 30; day++) send(day); return settled(); }")
    assert page.evaluate("model.data.ack") == 30
    assert int(page.get_attribute("#a", "data-painted")) == drawn + 1
    page.evaluate("leave.a()")
    page.evaluate("send(31)")
    assert page.evaluate("model.data.ack") == 30


def test_the_keyboard_moves_between_places_and_selects(open_map: Open, world: World) -> None:
    page = open_map()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "tb-stage"
    reading = page.evaluate("model.data.world.reading")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    page.evaluate("settled()")
    name = world.place_names[reading[1]]
    assert page.text_content("[aria-live]").startswith(name)
    assert name in page.inner_text(".tb-tip")
    page.keyboard.press("Enter")
    assert page.evaluate("model.data.selected") == reading[1]
    page.keyboard.press("Escape")
    assert page.evaluate("model.data.selected") == -1
    assert page.locator(".tb-tip").is_hidden()


def test_a_pointer_shows_a_tooltip_and_a_click_selects(
    open_map: Open, film: np.ndarray, world: World
) -> None:
    page = open_map()
    place = world.place_index("reynosa")
    page.mouse.move(*position(page, "Reynosa"))
    text = page.inner_text(".tb-tip")
    assert text.startswith("Reynosa") and MAP_WORDS["kind_staging"] in text
    assert str(film[-1]["officers"][place]) in text
    page.mouse.click(*position(page, "Reynosa"))
    assert page.evaluate("model.sent.at(-1)") == ["selected", place]


def test_a_finger_shows_a_tooltip_and_two_fingers_zoom(open_map: Open) -> None:
    page = open_map()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", position(page, "Reynosa"))
    touch("touchEnd")
    page.evaluate("settled()")
    assert page.inner_text(".tb-tip").startswith("Reynosa")
    touch("touchStart", (300, 300), (340, 300))
    for far in (20, 60, 100):
        touch("touchMove", (300 - far, 300), (340 + far, 300))
    touch("touchEnd")
    page.get_by_role("button", name=MAP_WORDS["zoom_reset"]).wait_for()


def test_a_wheel_zooms_only_after_a_click_on_the_map(open_map: Open) -> None:
    page = open_map(day=0)
    back = page.get_by_role("button", name=MAP_WORDS["zoom_reset"])
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -300)
    page.evaluate("settled()")
    assert back.is_hidden()
    page.mouse.click(60, 300)
    page.mouse.wheel(0, -300)
    back.wait_for()


def test_widths_rings_and_legend_follow_one_declared_scale(open_map: Open) -> None:
    page = open_map()
    sizes = PALETTE["sizes"]
    width, full, flows, rings, samples = page.evaluate(
        """() => [
          map.width, map.full, map.flows.map(({ flow, width }) => [flow, width]),
          map.rings.map(([, count]) => count),
          map.kind.legendRows(map).map(([, , heading]) => heading),
        ]"""
    )
    size = min(1.2, max(0.72, width / 700))
    scale = people_per_point(full)
    assert full == max(flow for flow, _ in flows) and min(flow for flow, _ in flows) >= 25
    assert all(drawn == pytest.approx(size * flow / scale) for flow, drawn in flows)
    assert size * full / scale <= size * sizes["widest"]
    assert rings and min(rings) >= sizes["least_ring"]
    assert samples[:3] == [MAP_WORDS[f"legend_{name}"] for name in ("people", "dot", "stops")]
    # The functions of the map draw the samples, so the test measures the legend's pixels.
    heights = page.evaluate(
        """() => [...map.legend.querySelectorAll("canvas")].slice(0, 1).flatMap((canvas) =>
          [0, 1, 2, 3].map((i) => {
            const ratio = canvas.width / canvas.clientWidth, ctx = canvas.getContext("2d");
            const { data } = ctx.getImageData((54 * i + 22) * ratio, 0, 1, 28 * ratio);
            let sum = 0;
            for (let j = 3; j < data.length; j += 4) sum += data[j] / 255;
            return sum / ratio;
          }))"""
    )
    expected = [size * people / sizes["people_per_point"] for people in (50, 200, 400, 700)]
    assert heights == pytest.approx(expected, abs=0.4)


def test_dots_are_few_and_only_where_many_pass(open_map: Open) -> None:
    page = open_map()
    dots, busy = page.evaluate(
        """() => [
          map.dots.map(({ x, y, section }) => [section.index, x, y]),
          map.flows.filter(({ flow }) => flow >= 200).map(({ index }) => index),
        ]"""
    )
    assert len(dots) > 20
    for section in {section for section, *_ in dots}:
        places = np.array([place for index, *place in dots if index == section])
        gaps = np.hypot(*np.diff(places, axis=0).T)
        assert (gaps > 0.8 * PALETTE["sizes"]["dot_gap"]).all()
    neighbours = page.evaluate(
        """() => map.world.corridors.flatMap((chain) => chain.flatMap(({ index }, i) =>
          [chain[i - 1], chain[i + 1]].map((other) => [index, other?.index])))"""
    )
    near = {a for a, b in neighbours if b in busy} | set(busy)
    assert {section for section, *_ in dots} <= near


def test_deaths_of_six_places_and_the_legend_add_up(open_map: Open, film: np.ndarray) -> None:
    page = open_map()
    total = round(film["dead"][-1].sum() / 1000)
    shown = page.evaluate("map.drawnDeaths.map(([, , died]) => died)")
    rest = int(re.search(r"elsewhere (\d+)", page.inner_text(".tb-rest")).group(1))
    assert len(shown) == 6 and sum(shown) + rest == total


def test_dots_move_with_the_days_unless_motion_is_reduced_and_a_day_looks_the_same(
    open_map: Open,
) -> None:
    page = open_map(day=0)

    def pictures(*days: int) -> list[str]:
        drawn = []
        for day in days:
            page.evaluate(f"() => send({day}, Math.random())")
            page.wait_for_function("glided()")
            drawn.append(page.evaluate("layer(0)"))
        return drawn

    first, second, again = pictures(20, 60, 20)
    assert first == again != second
    page.evaluate(
        """() => {
          const last = frame(60);
          window.frame = (day) => {
            last.setUint32(0, day, true);
            return last;
          };
        }"""
    )
    early, late = pictures(20, 22)  # the same flows
    assert early != late
    page.emulate_media(reduced_motion="reduce")
    early, late = pictures(20, 22)
    assert early == late and page.evaluate("map.dots.length") > 20


def test_a_click_on_a_ribbon_picks_its_busiest_leg(open_map: Open) -> None:
    page = open_map()
    busiest, x, y = page.evaluate(
        """() => {
          const { legs, rows } = map.flows.find(({ section }) => section.rows.length > 15).section;
          const { flow } = map.frame, { view } = map, box = map.stage.getBoundingClientRect();
          const busiest = legs.map(([leg]) => leg).sort((a, b) => flow[b] - flow[a])[0];
          const at = rows[Math.floor(rows.length / 2)];
          return [busiest, box.left + view.x + view.k * at[0], box.top + view.y + view.k * at[1]];
        }"""
    )
    for times in (1, 2):
        page.mouse.click(x, y)
        assert page.evaluate("model.data.picked") == [busiest, times]
    assert page.evaluate("model.data.selected") == -1


@pytest.mark.parametrize("width", [824, 424])
def test_names_cover_neither_marks_nor_each_other_nor_lie_under_parts_of_the_page(
    open_map: Open, width: int
) -> None:
    page = open_map(width, title="")
    page.evaluate(
        """() => {
          const chip = document.createElement("div"), { x, y } = map.stage.getBoundingClientRect();
          chip.dataset.overMap = "title";
          const place = `left:${x + scrollX + 12}px;top:${y + scrollY + 12}px`;
          chip.style.cssText = `position:absolute;${place};width:50%;height:38px`;
          document.body.append(chip);
          map.requestLayout();
          return settled();
        }"""
    )
    labels, tags, rings, countries = page.evaluate(
        """() => [
          map.labels.map(({ box }) => box),
          map.deathTags.map(({ x, y }) => [x - 6, y - 6, x + 6, y + 6]),
          map.world.sectors.filter(({ at }) => at).map(({ at: [x, y] }) => {
            const [sx, sy] = [map.view.x + map.view.k * x, map.view.y + map.view.k * y];
            return [sx - 4, sy - 4, sx + 4, sy + 4];
          }),
          map.nameBoxes,
        ]"""
    )

    def touch(a: list[float], b: list[float]) -> bool:
        return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

    assert len(labels) >= 8
    assert not [pair for pair in itertools.combinations(labels, 2) if touch(*pair)]
    covered = [*tags, *rings, [12, 12, 12 + width / 2, 50]]
    assert not [pair for pair in itertools.product(labels, covered) if touch(*pair)]
    assert not [name for name in countries if touch(name, covered[-1])]


# ---- several maps --------------------------------------------------------------------------------


def test_the_maps_of_a_page_share_zoom_and_selection(open_three: Open, film: np.ndarray) -> None:
    page = open_three(film[8], film[-1])
    assert page.evaluate("maps.a.full") == page.evaluate("maps.b.full")
    views = "Object.values(maps).map(({ view, fit, width, height }) => "
    views += "[view.k / fit.k, (width / 2 - view.x) / view.k, (height / 2 - view.y) / view.k])"
    page.locator("#a").get_by_role("button", name=MAP_WORDS["zoom_in"]).click()
    a, b, difference = page.evaluate(views)
    assert a == pytest.approx(b) and a == pytest.approx(difference) and a[0] == pytest.approx(1.5)
    box = page.locator("#b .tb-stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 330, steps=4)
    page.mouse.up()
    before, (a, b, _) = difference, page.evaluate(views)
    assert a == pytest.approx(b) and a[1] != pytest.approx(before[1])
    page.locator("#b").get_by_role("button", name=MAP_WORDS["zoom_reset"]).click()
    assert [view[0] for view in page.evaluate(views)] == [1, 1, 1]
    page.locator("#a .tb-stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    selected = page.evaluate("Object.values(maps).map((map) => map.selected)")
    assert selected[0] >= 0 and len(set(selected)) == 1


def test_both_maps_show_the_same_tooltip_with_the_values_of_both(
    open_three: Open, film: np.ndarray, world: World
) -> None:
    a, b = film[-1].copy(), film[-1].copy()
    place = world.place_index("reynosa")
    a["officers"][place], b["officers"][place] = 123, 456
    page = open_three(a, b)
    page.mouse.move(*position(page, "Reynosa"))
    page.evaluate("settled()")
    tips = [page.inner_text(f"#{name} .tb-tip") for name in ("a", "b")]
    assert tips[0] == tips[1] and tips[0].startswith("Reynosa")
    assert tips[0].index("A") < tips[0].index("B") and tips[0].index("123") < tips[0].index("456")
    page.mouse.move(2, 2)
    page.evaluate("settled()")
    assert page.locator("#a .tb-tip").is_hidden() and page.locator("#b .tb-tip").is_hidden()


def test_the_difference_map_shows_more_in_b_solid_and_more_in_a_striped(
    open_three: Open, film: np.ndarray, world: World
) -> None:
    a, b = film[-1].copy(), film[-1].copy()
    ends = [
        ("culiacan", "hermosillo"),
        ("tierra_blanca", "tampico"),
        ("chihuahua", "ciudad_juarez"),
    ]
    legs = [_leg(world, *pair) for pair in ends]
    a["flow"] = b["flow"] = 200
    b["flow"][legs] = 200 + np.array([120, -90, 15])
    page = open_three(a, b)
    solid, striped = page.evaluate(
        """() => maps.difference.flows.map(({ section: { legs, rows }, flow, width }) => {
          const { view, layers } = maps.difference, ctx = layers.live.getContext("2d");
          const ratio = layers.live.width / maps.difference.width, colours = [];
          const near = (x, y) => ([px, py]) => Math.hypot(x - px, y - py) < 12;
          const covered = (x, y) => maps.difference.callouts.some(
            ({ x: ox, y: oy, leader, box: [left, top, right, bottom] }) =>
              (x > left - 3 && x < right + 3 && y > top - 3 && y < bottom + 3)
              || [[ox, oy], ...leader].some(near(x, y)));
          for (const [rx, ry] of rows.slice(0.2 * rows.length, 0.8 * rows.length)) {
            const [x, y] = [view.x + view.k * rx, view.y + view.k * ry];
            const { data } = ctx.getImageData(x * ratio, y * ratio, 1, 1);
            if (!covered(x, y)) colours.push([...data]);
          }
          return { legs: legs.map(([leg]) => leg), flow, width, colours };
        })"""
    )
    assert (solid["flow"], striped["flow"]) == (120, -90)
    assert legs[0] in solid["legs"] and legs[1] in striped["legs"]
    assert solid["width"] / striped["width"] == pytest.approx(120 / 90)
    assert min(len(solid["colours"]), len(striped["colours"])) > 3, "beside labels and leaders"
    assert all(red > 200 and blue < 80 for red, _, blue, _ in solid["colours"])
    light = [red for red, *_ in striped["colours"]]
    assert min(light) < 110 and max(light) > 150  # blue and pale
    labels = page.evaluate("maps.difference.callouts.map(({ text }) => text)")
    assert labels == ["*+120 a day*", "*−90 a day*"]


def _leg(world: World, tail: str, head: str) -> int:
    """Return the first leg from one place to another."""
    ends = (world.tail == world.place_index(tail)) & (world.head == world.place_index(head))
    return int(ends.argmax())


# ---- the chart -----------------------------------------------------------------------------------


def test_lines_grow_and_the_axis_never_shrinks(open_chart: Open) -> None:
    page = open_chart()
    tops = []
    for day in (5, 20, 60, 30):
        page.evaluate(f"grow({day})")
        tops.append(float(page.get_attribute("#a", "data-top")))
    assert tops == sorted(tops) and 300 <= tops[2] <= 500
    page.evaluate("grow(0)")  # a new run
    assert float(page.get_attribute("#a", "data-top")) < tops[0]


def test_both_worlds_are_visible_where_their_lines_are_equal_and_a_band_lies_under_them(
    open_chart: Open,
) -> None:
    page = open_chart()
    page.evaluate("equal(60)")
    blue, orange = page.evaluate("[count(0, 114, 178), count(213, 94, 0)]")
    assert blue > 2 * orange > 100, "the wide line of A has the narrow dashes of B on it"
    before = page.evaluate("count()")
    page.evaluate("band(60)")
    assert page.evaluate("count()") > before + 1000


def test_pointer_and_keys_show_both_values_and_the_difference_of_a_day(
    open_chart: Open, assert_fits
) -> None:
    page = open_chart(390)
    page.evaluate("grow(60)")
    box = page.locator(".tb-stage").bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 100)
    page.evaluate("settled()")
    assert CHART_WORDS["difference"] in page.inner_text(".tb-tip")
    assert_fits(page)
    page.mouse.move(0, 0)
    for key in ("Tab", "Home", "PageUp", "ArrowRight"):
        page.keyboard.press(key)
    page.evaluate("settled()")
    text = page.get_attribute(".tb-stage", "aria-valuetext")
    assert text.startswith("November 1, 2012")
    a = 300 * 31 / 59
    assert f"A {a:.0f}" in text and f"B {a / 2:.0f}" in text
    assert "−79 (−50 %)" in text and "Fence" in text
    page.keyboard.press("Escape")
    page.evaluate("settled()")
    assert page.locator(".tb-tip").is_hidden()
