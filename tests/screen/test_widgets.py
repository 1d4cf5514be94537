"""The map and the chart in a real browser, with a page that simulates the server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from abm.world.routes import World, load_world
from viz.screen.widgets.script import HERE, bundle
from viz.screen.widgets.traits import BLUE, CHART_WORDS, MAP_WORDS, SHOW
from viz.screen.widgets.world import frame_dtype, world_payload

pytestmark = pytest.mark.xdist_group("screen")

DAYS = 60
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="widgets.css">
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
CHART = """
const film = await bytes("film.bin"), half = film.byteLength / 2;
window.upTo = (n) => [0, half].map((from) => new DataView(film.slice(from, from + 4 * n)));
traits.a = traits.b = traits.band_a = traits.band_b = new DataView(new ArrayBuffer(0));
window.grow = (n) => { const [a, b] = upTo(n); model.put({ a, b, day: n }); };
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
    shutil.copy(HERE / "widgets.css", folder)
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
            "colour": BLUE,
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
          const w = model.data.world, p = w.places.find((p) => p.name === name);
          const k = document.querySelector(".tb-stage").clientWidth / w.width;
          return [k * p.x, k * p.y];
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


def test_deaths_and_kidnappings_are_shown_as_numbers_unless_hidden(open_map, film) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.evaluate("settled()")
    text = page.inner_text(".tb-figures").replace(",", "")
    for count in (film[-1]["dead"].sum() / 10, film[-1]["kidnapped"]):
        assert str(round(float(count))) in text
    page.evaluate("model.put({ show: { ...model.data.show, harm: false } })")
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


def test_buttons_zoom_and_reset_the_view(open_map) -> None:
    page = open_map()
    ground = page.evaluate("layer(0)")
    back = page.get_by_role("button", name=MAP_WORDS["zoom_reset"])
    assert back.is_hidden()
    page.get_by_role("button", name=MAP_WORDS["zoom_in"]).click()
    page.evaluate("settled()")
    assert page.evaluate("layer(0)") != ground
    back.click()
    page.evaluate("settled()")
    assert page.evaluate("layer(0)") == ground and back.is_hidden()


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


def test_arrowheads_move_with_the_days_unless_motion_is_reduced(open_map) -> None:
    page = open_map()
    page.evaluate("send(60)")
    page.wait_for_timeout(900)  # the animation has ended

    def drifts() -> bool:
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

    assert drifts()
    page.emulate_media(reduced_motion="reduce")
    assert not drifts()


def test_all_words_come_from_the_trait(open_map) -> None:
    words = {word: f"¡{word}!" for word in MAP_WORDS} | {"locale": "es"}
    page = open_map(words=words)
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


@pytest.mark.parametrize("width", [824, 390])
def test_the_map_fits_its_column(open_map, width: int, tmp_path_factory) -> None:
    page = open_map(width, selected=52, at=29, path=[3, 9, 11, 15])
    page.evaluate("send(60)")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    box = page.locator(".tb-stage").bounding_box()
    assert 0.6 < box["height"] / box["width"] < 1.1
    folder = tmp_path_factory.mktemp("pictures")
    page.screenshot(path=folder / f"map-{width}.png", full_page=True)


def test_a_frame_takes_little_time(open_map) -> None:
    """CPU time of scripts alone, since other processes may use the processor."""
    page = open_map()
    page.evaluate("send(1)")
    page.wait_for_timeout(200)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = devtools.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in found if m["name"] == "ScriptDuration")

    before, painted = spent(), int(page.get_attribute("#a", "data-painted"))
    page.evaluate(
        """async () => {
          for (let day = 2; day <= 60; day++) {
            send(day);
            await new Promise((done) => setTimeout(done, 50));
          }
        }"""
    )
    frames = int(page.get_attribute("#a", "data-painted")) - painted
    each = 1000 * (spent() - before) / frames
    print(f"{each:.2f} ms of script a frame, gliding included")
    assert each < 8


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
