"""The map and the chart in a real browser, with a page that simulates the server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from abm.world.routes import World, load_world
from viz.figures.palette import PALETTE
from viz.screen.widgets.script import HERE, bundle, style_sheet
from viz.screen.widgets.traits import CHART_WORDS, DIFFERENCE_WORDS, MAP_WORDS, SHOW
from viz.screen.widgets.world import frame_dtype, world_payload

DAYS = 60
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="widgets.css"><script src="palette.js"></script>
<style>body { margin: 0; padding: 12px } #a { max-width: 800px }</style>
<div id="a"></div>
<script type="module">
import widget from "./SCRIPT.js";
class Model {
  constructor(data) { this.data = data; this.calls = {}; this.saved = 0; }
  get(name) { return this.data[name]; }
  set(name, value) { this.data[name] = value; }
  save_changes() { this.saved += 1; }
  on(event, call) { (this.calls[event] ??= []).push(call); }
  off(event, call) { this.calls[event] = this.calls[event].filter((other) => other !== call); }
  put(changes) {
    Object.assign(this.data, changes);
    for (const name in changes) for (const call of this.calls[`change:${name}`] ?? []) call();
  }
}
const bytes = async (name) => (await fetch(name)).arrayBuffer();
const traits = await (await fetch("traits.json")).json();
window.settled = async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
};
PREPARE
window.model = new Model(traits);
window.leave = widget.render({ model, el: document.getElementById("a") });
window.map = document.getElementById("a").tbMap;
await settled();
window.ready = true;
</script></html>"""
MAP = """
const size = SIZE, film = await bytes("film.bin");
window.frame = (day) => new DataView(film.slice((day - 1) * size, day * size));
window.send = (day, serial = day) => model.put({ frame: frame(day), serial });
window.layer = (i) => document.querySelectorAll(".tb-stage canvas")[i].toDataURL();
traits.frame = new DataView(new ArrayBuffer(0));
"""
THREE_MAPS = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="widgets.css"><script src="palette.js"></script>
<style>body { margin: 0; padding: 12px }
#pair { display: grid; grid-template-columns: 1fr 1fr; gap: 10px }
#difference { width: 700px; margin-top: 10px }
</style>
<div id="pair"><div id="a"></div><div id="b"></div></div><div id="difference"></div>
<script type="module">
import flowMap from "./flowmap.js";
import differenceMap from "./differencemap.js";
MODEL
const bytes = async (name) => (await fetch(name)).arrayBuffer();
const traits = await (await fetch("traits.json")).json(), film = await bytes("film.bin");
const frame = (i) => new DataView(film.slice(i * SIZE, (i + 1) * SIZE));
window.settled = async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
};
const kinds = { a: flowMap, b: flowMap, difference: differenceMap };
window.models = {}, window.maps = {};
for (const [name, kind] of Object.entries(kinds)) {
  const [el, model] = [document.getElementById(name), (models[name] = new Model(traits[name]))];
  const both = { frame_a: frame(0), frame_b: frame(1) };
  Object.assign(model.data, both, { frame: frame(name === "b" ? 1 : 0), serial: 1 });
  kind.render({ model, el });
  maps[name] = el.tbMap;
}
await settled();
window.ready = true;
</script></html>""".replace("MODEL", PAGE[PAGE.index("class Model") : PAGE.index("const bytes")])
CHART = """
const film = await bytes("film.bin"), half = film.byteLength / 2;
window.upTo = (n) => [0, half].map((from) => new DataView(film.slice(from, from + 4 * n)));
traits.a = traits.b = traits.band_a = traits.band_b = new DataView(new ArrayBuffer(0));
window.grow = (n) => { const [a, b] = upTo(n); model.put({ a, b, day: n }); };
window.equal = (n) => { const [a] = upTo(n); model.put({ a, b: a, day: n }); };
window.band = (n) => {
  const range = new Float32Array(2 * n).fill(100, 0, n).fill(250, n);
  model.put({ band_b: new DataView(range.buffer) });
};
window.shaded = () => {
  const canvas = document.querySelector("#a canvas"), { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return pixels.filter((alpha, i) => i % 4 === 3 && alpha > 30 && alpha < 60).length;
};
window.near = (red, green, blue) => {
  const canvas = document.querySelector("#a canvas"), { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, 0.8 * width, height).data;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const far = [red, green, blue].map((part, k) => Math.abs(part - pixels[i + k]));
    if (pixels[i + 3] > 40 && Math.max(...far) < 40) count++;
  }
  return count;
};
"""


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


def _film(world: World) -> np.ndarray:
    """Invented days with every mark that the map can draw."""
    dtype = frame_dtype(world.n_legs, world.n_places)
    film, rng = np.zeros(DAYS, dtype), np.random.default_rng(7)
    film["day"] = np.arange(1, DAYS + 1)
    base = rng.gamma(0.5, 300, world.n_legs)
    film["flow"] = base * (1 + 0.2 * np.sin(np.arange(DAYS) / 9)[:, None])
    film["stopped"] = rng.poisson(8, film["stopped"].shape) * (rng.random(world.n_legs) < 0.2)
    film["caught"], film["away"] = rng.poisson(400, (2, DAYS, 9))
    film["dead"] = np.cumsum(rng.poisson(4, (DAYS, 10)), axis=0)
    film["kidnapped"] = np.cumsum(rng.poisson(20, DAYS))
    film["officers"] = rng.poisson(60, world.n_places) * (np.array(world.country) == "MX")
    film["cells"] = rng.poisson(0.4, world.n_places)
    film["agents"] = [2501, 1171, 871, 4143, 2823, 613, 1552, 1821, 2995]
    return film


def _write(folder: Path, script: str, traits: dict, film: bytes, prepare: str) -> None:
    for file in HERE.glob("*.js"):
        shutil.copy(file, folder)
    (folder / "widgets.css").write_text(style_sheet("widgets"), encoding="utf-8")
    (folder / "palette.js").write_text(f"window.PALETTE = {json.dumps(PALETTE)};")
    (folder / "film.bin").write_bytes(film)
    (folder / "traits.json").write_text(json.dumps(traits), encoding="utf-8")
    page = PAGE.replace("SCRIPT", script).replace("PREPARE", prepare)
    (folder / "index.html").write_text(page, encoding="utf-8")


@pytest.fixture
def film(world: World) -> np.ndarray:
    return _film(world)


@pytest.fixture
def open_map(site: tuple[Path, str], open_page, world: World, film: np.ndarray):
    """Open a page with the map at a width and further traits."""

    def go(width: int = 824, script: str = "flowmap", **more: object):
        folder, address = site
        traits = {
            "world": world_payload(world),
            "serial": 0,
            "ack": -1,
            "full": 800.0,
            "at": -1,
            "title": "A · Status quo",
            "show": SHOW,
            "path": [],
            "selected": -1,
            "text": "Most leave San Salvador.",
            "words": MAP_WORDS,
        } | more
        prepare = MAP.replace("SIZE", str(film.dtype.itemsize))
        _write(folder, script, traits, film.tobytes(), prepare)
        (folder / "whole.js").write_text(bundle("flowmap"), encoding="utf-8")
        page = open_page(f"{address}/index.html", width, 800)
        page.wait_for_function("window.ready")
        return page

    return go


@pytest.fixture
def open_three(site: tuple[Path, str], open_page, world: World, film: np.ndarray):
    """Open a page with the maps of A and B and of their difference, on the last day."""

    def go(a: np.ndarray, b: np.ndarray, width: int = 1424):
        folder, address = site
        common = {"world": world_payload(world), "ack": -1, "full": 800.0, "selected": -1}
        common |= {"text": "", "show": SHOW, "words": MAP_WORDS}
        traits = {
            "a": common | {"title": "Status quo", "side": "A"},
            "b": common | {"title": "Fence " * 30, "side": "B"},
            "difference": common
            | {"title": "B minus A", "words": DIFFERENCE_WORDS, "smallest": 20.0},
        }
        _write(folder, "flowmap", traits, np.stack([a, b]).tobytes(), "")
        page = THREE_MAPS.replace("SIZE", str(film.dtype.itemsize))
        (folder / "index.html").write_text(page, encoding="utf-8")
        page = open_page(f"{address}/index.html", width, 900)
        page.wait_for_function("window.ready")
        return page

    return go


@pytest.fixture
def open_chart(site: tuple[Path, str], open_page):
    """Open a page with the chart: A rises to 300, B to 150, over 60 of 365 days."""

    def go(width: int = 824, script: str = "chart"):
        folder, address = site
        traits = {
            "title": "Got-aways",
            "unit": "persons a day",
            "start": "2012-10-01",
            "days": 365,
            "day": 0,
            "marks": [[31, "Fence"]],
            "names": ["A", "B"],
            "words": CHART_WORDS,
            "text": "Got-aways rise.",
        }
        rise = np.linspace(0, 1, DAYS)
        film = np.concatenate([300 * rise, 150 * rise]).astype("<f4")
        _write(folder, script, traits, film.tobytes(), CHART)
        (folder / "whole.js").write_text(bundle("chart"), encoding="utf-8")
        page = open_page(f"{address}/index.html", width, 800)
        page.wait_for_function("window.ready")
        return page

    return go


def _position(page, place: str) -> tuple[float, float]:
    """Position of the mark of a place on a wide page."""
    box = page.locator(".tb-stage").bounding_box()
    at = page.evaluate(
        """(name) => {
          const { x, y } = map.world.places.find((place) => place.name === name), { view } = map;
          return [view.x + view.k * x, view.y + view.k * y];
        }""",
        place,
    )
    return box["x"] + at[0], box["y"] + at[1]


@pytest.mark.parametrize("script", ["flowmap", "whole"])
def test_sixty_frames_are_drawn_and_acknowledged(open_map, script: str) -> None:
    page = open_map(script=script)
    acks = page.evaluate(
        """async () => {
          const acks = [];
          for (let day = 1; day <= 60; day++) {
            send(day);
            await settled();
            acks.push(model.data.ack);
          }
          return acks;
        }"""
    )
    assert acks == list(range(1, DAYS + 1))
    assert page.get_attribute("#a", "data-painted") == str(DAYS + 1)  # the first is the empty one


def test_only_the_newest_of_several_frames_is_drawn(open_map) -> None:
    page = open_map()
    before = int(page.get_attribute("#a", "data-painted"))
    page.evaluate("for (let day = 1; day <= 30; day++) send(day)")
    page.evaluate("settled()")
    assert page.evaluate("model.data.ack") == 30
    assert int(page.get_attribute("#a", "data-painted")) == before + 1


def test_deaths_and_kidnappings_are_shown_as_numbers_on_request(open_map, film) -> None:
    page = open_map()
    assert page.locator(".tb-figures").is_hidden()
    page.evaluate("model.put({ show: { ...model.data.show, kidnappings: true } })")
    page.evaluate("send(60)")
    page.evaluate("settled()")
    text = page.inner_text(".tb-figures").replace(",", "")
    for count in (film[-1]["dead"].sum() / 10, film[-1]["kidnapped"]):
        assert str(round(float(count))) in text
    page.evaluate("model.put({ show: { ...model.data.show, kidnappings: false } })")
    page.evaluate("settled()")
    assert page.locator(".tb-figures").is_hidden()


def test_the_keyboard_moves_between_places_and_selects(open_map, world: World) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "tb-stage"
    reading = page.evaluate("model.data.world.reading")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.evaluate("settled()")
    name = world.place_names[reading[1]]
    assert page.text_content("[aria-live]").startswith(name)
    assert name in page.inner_text(".tb-tip")
    page.keyboard.press("Enter")
    assert page.evaluate("model.data.selected") == reading[1]
    page.keyboard.press("Escape")
    assert page.evaluate("model.data.selected") == -1
    assert page.locator(".tb-tip").is_hidden()


def test_a_pointer_shows_a_tooltip_and_a_click_selects(open_map, film, world: World) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.evaluate("settled()")
    place = world.place_index("reynosa")
    page.mouse.move(*_position(page, "Reynosa"))
    text = page.inner_text(".tb-tip")
    assert text.startswith("Reynosa") and MAP_WORDS["kind_staging"] in text
    assert str(film[-1]["officers"][place]) in text
    page.mouse.down()
    page.mouse.up()
    assert page.evaluate("[model.data.selected, model.saved > 0]") == [place, True]


def test_a_finger_shows_a_tooltip_and_two_fingers_zoom(open_map) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.evaluate("settled()")
    x, y = _position(page, "Reynosa")
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (x, y))
    touch("touchEnd")
    page.evaluate("settled()")
    assert page.inner_text(".tb-tip").startswith("Reynosa")
    touch("touchStart", (300, 300), (340, 300))
    for far in (20, 60, 100):
        touch("touchMove", (300 - far, 300), (340 + far, 300))
    touch("touchEnd")
    page.wait_for_timeout(100)
    assert page.get_by_role("button", name=MAP_WORDS["zoom_reset"]).is_visible()


def test_traits_select_a_place_and_draw_a_journey(open_map) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.evaluate("settled()")
    rings, ways = page.evaluate("layer(3)"), page.evaluate("layer(1)")
    page.evaluate("model.put({ selected: 5, path: [0, 1, 2], at: 5 })")
    page.evaluate("settled()")
    assert page.evaluate("layer(3)") != rings and page.evaluate("layer(1)") != ways


def test_a_wheel_zooms_only_after_a_click_on_the_map(open_map) -> None:
    page = open_map()
    back = page.get_by_role("button", name=MAP_WORDS["zoom_reset"])
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -300)
    page.evaluate("settled()")
    assert back.is_hidden()
    page.mouse.click(60, 300)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    assert back.is_visible()


#: Dots of the page: distance from the line of their corridor less half its width, in pixels, and
#: the opacity of their layer at the dot.
DOTS = """() => {
  const { dots, flows, view, layers } = map, ctx = layers.drift.getContext("2d");
  const ratio = layers.drift.width / map.width;
  return dots.map(({ x, y, corridor }) => {
    const { corridor: { points }, width } = flows.find(({ index }) => index === corridor);
    const at = [(x - view.x) / view.k, (y - view.y) / view.k];
    let nearest = Infinity;
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x0, y0, x1, y1] = points.slice(i, i + 4), [dx, dy] = [x1 - x0, y1 - y0];
      const along = ((at[0] - x0) * dx + (at[1] - y0) * dy) / (dx * dx + dy * dy);
      const share = Math.min(1, Math.max(0, along));
      nearest = Math.min(nearest, Math.hypot(x0 + share * dx - at[0], y0 + share * dy - at[1]));
    }
    const inside = x > 2 && y > 2 && x < map.width - 2 && y < map.height - 2;
    const opacity = inside ? ctx.getImageData(x * ratio, y * ratio, 1, 1).data[3] : 255;
    return [view.k * nearest - Math.max(1, width / 2), opacity];
  });
}"""


@pytest.mark.parametrize("zoom", [1, 3])
def test_dots_lie_on_the_ribbons_of_their_legs(open_map, zoom: int) -> None:
    page = open_map()
    for _ in range(zoom - 1):
        page.get_by_role("button", name=MAP_WORDS["zoom_in"]).click()
    page.evaluate("send(60)")
    page.wait_for_timeout(900)
    dots = page.evaluate(DOTS)
    assert len(dots) > 100
    assert max(beyond for beyond, _ in dots) < 0.8
    assert min(opacity for _, opacity in dots) > 100


def test_the_number_of_dots_is_proportional_to_the_people(open_map) -> None:
    page = open_map()
    expected = """() => map.flows.map(({ corridor, index, flow }) => {
      const pace = 6; // map units a day
      const each = Number(map.legend.innerText.match(/= (\\d+) people/)[1]);
      const drawn = map.dots.filter((dot) => dot.corridor === index).length;
      return [drawn, (flow * corridor.length) / (pace * each)];
    })"""

    def dots(times: float) -> int:
        page.evaluate(
            """(times) => {
              const more = frame(60), [offset, count] = map.world.layout.flow;
              for (let at = offset; at < offset + 2 * count; at += 2)
                more.setUint16(at, Math.round(times * more.getUint16(at, true)), true);
              model.put({ frame: more, serial: 100 * times });
            }""",
            times,
        )
        page.wait_for_timeout(900)
        pairs = page.evaluate(expected)
        assert all(abs(drawn - wanted) <= 1 for drawn, wanted in pairs)
        return sum(drawn for drawn, _ in pairs)

    single = dots(0.1)
    assert single > 100 and dots(0.3) == pytest.approx(3 * single, rel=0.1)


def test_dots_move_with_the_days_unless_motion_is_reduced(open_map) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.wait_for_timeout(900)  # the animation has ended

    def moves() -> bool:
        page.evaluate("send(60, 101)")
        page.wait_for_timeout(100)
        before = page.evaluate("layer(2)")
        page.evaluate(
            """() => {
              const later = frame(60);
              later.setUint32(0, 62, true);
              model.put({ frame: later, serial: 102 });
            }"""
        )
        page.wait_for_timeout(900)
        return page.evaluate("layer(2)") != before

    assert moves()
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("settled()")
    assert page.evaluate("map.dots.length") > 100 and not moves()


def test_a_day_has_the_same_dots_after_rewinding(open_map) -> None:
    page = open_map()
    pictures = []
    for serial, day in enumerate((20, 60, 20), 200):
        page.evaluate(f"send({day}, {serial})")
        page.wait_for_timeout(900)
        pictures.append(page.evaluate("layer(2)"))
    assert pictures[0] == pictures[2] != pictures[1]


def test_a_click_on_a_ribbon_picks_its_busiest_leg(open_map) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.evaluate("settled()")
    wanted = page.evaluate(
        """() => {
          const { legs, table } = map.flows.find(({ corridor }) => corridor.length > 60).corridor;
          const { flow } = map.frame, { view } = map, box = map.stage.getBoundingClientRect();
          const busiest = [...legs].sort((a, b) => flow[b] - flow[a])[0];
          const row = 4 * Math.floor(table.length / 8), at = [table[row], table[row + 1]];
          return [busiest, box.left + view.x + view.k * at[0], box.top + view.y + view.k * at[1]];
        }"""
    )
    for times in (1, 2):
        page.mouse.click(*wanted[1:])
        assert page.evaluate("model.data.picked") == [wanted[0], times]
    assert page.evaluate("model.data.selected") == -1


@pytest.mark.parametrize("width", [824, 424])
def test_names_do_not_cover_marks_at_the_border_or_each_other(open_map, width: int) -> None:
    page = open_map(width)
    page.evaluate("send(60)")
    page.evaluate("settled()")
    labels, tags, rings = page.evaluate(
        """() => [
          map.labels.map(({ box }) => box),
          map.deathTags.map(({ x, y }) => [x - 6, y - 6, x + 6, y + 6]),
          map.world.sectors.filter(({ at }) => at).map(({ at: [x, y] }) => {
            const [sx, sy] = [map.view.x + map.view.k * x, map.view.y + map.view.k * y];
            return [sx - 4, sy - 4, sx + 4, sy + 4];
          }),
        ]"""
    )

    def touch(a: list[float], b: list[float]) -> bool:
        return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

    assert len(labels) >= 8
    for i, label in enumerate(labels):
        assert not [other for other in (*labels[:i], *tags, *rings) if touch(label, other)]


def test_no_name_lies_under_what_the_page_puts_over_the_map(open_map) -> None:
    page = open_map(704, title="")
    page.evaluate("send(60)")
    page.evaluate("settled()")
    page.evaluate(
        """() => {
          const chip = document.createElement("div"), { x, y } = map.stage.getBoundingClientRect();
          chip.dataset.overMap = "title";
          const place = `left:${x + scrollX + 12}px;top:${y + scrollY + 12}px`;
          chip.style.cssText = `position:absolute;${place};width:390px;height:38px`;
          document.body.append(chip);
          document.getElementById("a").style.width = "660px"; // a new size is laid out again
        }"""
    )
    page.wait_for_function("map.width === 660")
    page.evaluate("settled()")
    names, top = page.evaluate(
        """() => {
          const inside = map.world.places.filter((p) => p.inside);
          const tops = inside.map((p) => map.view.y + map.view.k * p.y);
          return [[...map.nameBoxes, ...map.labels.map(({ box }) => box)], Math.min(...tops)];
        }"""
    )
    assert top > 50 and len(names) >= 8
    assert not [box for box in names if box[0] < 402 and box[1] < 50]


# ---- several maps --------------------------------------------------------------------------------


def test_the_maps_of_a_page_share_zoom_and_selection(open_three, film: np.ndarray) -> None:
    page = open_three(film[-1], film[-1])
    views = "Object.values(maps).map(({ view, fit, width, height }) => "
    views += "[view.k / fit.k, (width / 2 - view.x) / view.k, (height / 2 - view.y) / view.k])"
    page.locator("#a").get_by_role("button", name=MAP_WORDS["zoom_in"]).click()
    a, b, difference = page.evaluate(views)
    assert a[0] == pytest.approx(1.5)
    assert a == pytest.approx(b) and a == pytest.approx(difference)
    box = page.locator("#b .tb-stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 330, steps=4)
    page.mouse.up()
    before, (a, b, _) = difference, page.evaluate(views)
    assert a == pytest.approx(b) and a[1] != pytest.approx(before[1])
    page.locator("#b").get_by_role("button", name=MAP_WORDS["zoom_reset"]).click()
    assert [one[0] for one in page.evaluate(views)] == [1, 1, 1]
    page.locator("#a .tb-stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    chosen = page.evaluate("Object.values(maps).map((one) => one.selected)")
    assert chosen[0] >= 0 and len(set(chosen)) == 1


def test_both_maps_show_the_same_tooltip_with_the_values_of_both(open_three, film, world) -> None:
    a, b = film[-1].copy(), film[-1].copy()
    place = world.place_index("reynosa")
    a["officers"][place], b["officers"][place] = 123, 456
    page = open_three(a, b)
    at = page.evaluate(
        """() => {
          const { view, stage, world } = maps.a;
          const { x, y } = world.places.find((place) => place.name === "Reynosa");
          const box = stage.getBoundingClientRect();
          return [box.left + view.x + view.k * x, box.top + view.y + view.k * y];
        }"""
    )
    page.mouse.move(*at)
    page.evaluate("settled()")
    tips = [page.inner_text(f"#{name} .tb-tip") for name in ("a", "b")]
    assert tips[0] == tips[1] and tips[0].startswith("Reynosa")
    assert tips[0].index("A") < tips[0].index("B") and tips[0].index("123") < tips[0].index("456")
    page.mouse.move(2, 2)
    page.evaluate("settled()")
    assert page.locator("#a .tb-tip").is_hidden() and page.locator("#b .tb-tip").is_hidden()


def _long_legs(world: World) -> list[int]:
    """Three long legs in view, alone between their places, and far from each other."""
    payload, ends = world_payload(world), list(zip(world.tail, world.head, strict=True))
    alone = [i for i, pair in enumerate(ends) if ends.count(pair) + ends.count(pair[::-1]) == 1]
    lines = {i: payload["legs"][i]["points"] for i in alone}
    middles = {i: np.add(line[:2], line[-2:]) / 2 for i, line in lines.items() if line}
    lengths = {i: np.hypot(*np.subtract(lines[i][:2], lines[i][-2:])) for i in middles}
    found: list[int] = []
    for i in sorted(middles, key=lambda i: -lengths[i]):
        inside = all(payload["places"][place]["inside"] for place in ends[i])
        if inside and all(np.hypot(*(middles[i] - middles[j])) > 120 for j in found):
            found.append(i)
    return found[:3]


def test_the_difference_map_shows_more_in_b_solid_and_more_in_a_striped(
    open_three, film: np.ndarray, world: World, tmp_path_factory
) -> None:
    a, b = film[-1].copy(), film[-1].copy()
    more, fewer, little = _long_legs(world)
    for leg, change in ((more, 120), (fewer, -90), (little, 15)):
        a["flow"][leg], b["flow"][leg] = 200, 200 + change
    page = open_three(a, b)
    found = page.evaluate(
        """() => maps.difference.flows.map(({ corridor: { legs, table }, flow, width }) => {
          const { view, layers } = maps.difference, ctx = layers.flow.getContext("2d");
          const ratio = layers.flow.width / maps.difference.width, seen = [];
          for (let i = 0.3; i < 0.7; i += 0.02) {
            const row = 4 * Math.floor(i * table.length / 4);
            const [x, y] = [view.x + view.k * table[row], view.y + view.k * table[row + 1]];
            seen.push([...ctx.getImageData(x * ratio, y * ratio, 1, 1).data]);
          }
          return { legs, flow, width, seen };
        })"""
    )
    assert [one["flow"] for one in found] == [120, -90]
    solid, striped = found
    assert more in solid["legs"] and fewer in striped["legs"]
    assert solid["width"] / striped["width"] == pytest.approx(120 / 90)
    reds = {colour[0] for colour in solid["seen"]}
    assert min(reds) > 200 and all(colour[2] < 80 for colour in solid["seen"])
    light = [colour[0] for colour in striped["seen"]]
    assert min(light) < 110 and max(light) > 150  # blue and pale
    labels = page.evaluate("maps.difference.callouts.map(({ text }) => text)")
    assert labels == ["+120 a day", "−90 a day"]
    page.screenshot(path=tmp_path_factory.mktemp("pictures") / "three.png", full_page=True)


def test_all_words_come_from_the_trait(open_map) -> None:
    words = {word: f"¡{word}!" for word in MAP_WORDS} | {"locale": "es"}
    page = open_map(words=words, show=dict.fromkeys(SHOW, True))
    page.evaluate("send(60)")
    page.evaluate("settled()")
    shown = page.text_content(".tb-legend") + page.text_content(".tb-figures")
    for english in ("origin", "expected", "Mexican", "persons"):
        assert english not in shown.replace("¡kind_origin!", "")
    assert "¡kind_origin!" in shown and "¡kidnapped!" in shown


def test_a_removed_map_draws_no_more(open_map) -> None:
    page = open_map()
    page.evaluate("send(1)")
    page.evaluate("settled()")
    page.evaluate("leave()")
    page.evaluate("send(2)")
    page.evaluate("settled()")
    assert page.evaluate("model.data.ack") == 1


@pytest.mark.parametrize("script", ["chart", "whole"])
def test_lines_grow_and_the_axis_never_shrinks(open_chart, script: str) -> None:
    page = open_chart(script=script)
    tops = []
    for day in (5, 20, 60, 30):
        page.evaluate(f"grow({day})")
        page.evaluate("settled()")
        tops.append(float(page.get_attribute("#a", "data-most")))
    assert tops == sorted(tops) and 300 <= tops[2] <= 500
    page.evaluate("grow(0)")  # a new run
    page.evaluate("settled()")
    assert float(page.get_attribute("#a", "data-most")) < tops[0]


def test_both_worlds_are_visible_where_their_lines_are_equal(open_chart) -> None:
    page = open_chart()
    page.evaluate("equal(60)")
    page.evaluate("settled()")
    blue, orange = page.evaluate("[near(0, 114, 178), near(213, 94, 0)]")
    assert blue > 2 * orange > 100, "the wide line of A has the narrow dashes of B on it"


def test_a_chart_draws_the_band_over_the_seeds_once_they_are_there(open_chart) -> None:
    page = open_chart()
    page.evaluate("grow(60)")
    page.evaluate("settled()")
    before = page.evaluate("shaded()")
    page.evaluate("band(60)")
    page.evaluate("settled()")
    assert page.evaluate("shaded()") > before + 1000


def test_keys_show_both_values_and_the_difference_of_a_day(open_chart) -> None:
    page = open_chart()
    page.evaluate("grow(60)")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    page.evaluate("settled()")
    text = page.get_attribute(".tb-stage", "aria-valuetext")
    assert text.startswith("November 1, 2012")
    a = 300 * 31 / 59
    assert f"A {a:.0f}" in text and f"B {a / 2:.0f}" in text
    assert "−79 (−50 %)" in text and "Fence" in text
    page.keyboard.press("Escape")
    page.evaluate("settled()")
    assert page.locator(".tb-tip").is_hidden()


@pytest.mark.parametrize("width", [824, 390])
def test_a_pointer_shows_the_figures_and_the_chart_fits_its_column(
    open_chart, width: int, tmp_path_factory
) -> None:
    page = open_chart(width)
    page.evaluate("grow(60)")
    box = page.locator(".tb-stage").bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 100)
    page.evaluate("settled()")
    assert CHART_WORDS["difference"] in page.inner_text(".tb-tip")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    folder = tmp_path_factory.mktemp("pictures")
    page.screenshot(path=folder / f"chart-{width}.png", full_page=True)
