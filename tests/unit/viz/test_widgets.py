"""The widgets without a browser: frames, world data, words, and scripts as text."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.world.routes import World, load_world
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES
from viz.figures.palette import PALETTE
from viz.screen.widgets.script import bundle
from viz.screen.widgets.traits import CHART_WORDS, DIFFERENCE_WORDS, MAP_WORDS
from viz.screen.widgets.world import frame_dtype, frame_layout, name_key, world_payload

sizes = st.integers(1, 300)


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


@pytest.fixture(scope="module")
def payload(world: World) -> dict:
    return world_payload(world)


@given(sizes, sizes, st.integers(0, 2**32 - 1))
def test_the_layout_reads_what_numpy_packs(legs: int, places: int, seed: int) -> None:
    dtype = frame_dtype(legs, places)
    frame = np.random.default_rng(seed).bytes(dtype.itemsize)
    record = np.frombuffer(frame, dtype)[0]
    for name, (offset, count, kind) in frame_layout(dtype).items():
        size = int(kind[1])
        read = [
            int.from_bytes(frame[offset + size * i : offset + size * (i + 1)], "little")
            for i in range(count)
        ]
        assert read == np.ravel(record[name]).tolist(), name


def test_a_map_and_the_world_take_less_than_140_kilobytes(payload: dict) -> None:
    assert len(json.dumps(payload, allow_nan=False)) + len(bundle("flowmap")) < 140_000


def test_every_leg_follows_adjacent_sections_from_its_tail_to_its_head(payload: dict) -> None:
    """Places close to each other may share the end of a section."""
    at = [(place["x"], place["y"]) for place in payload["places"]]
    ways = [leg for leg in payload["legs"] if leg["course"]]
    assert len(ways) > 150
    for leg in ways:
        parts = [(payload["sections"][max(i, ~i)], i < 0) for i in leg["course"]]
        ends = [(p["head"], p["tail"]) if back else (p["tail"], p["head"]) for p, back in parts]
        for end, place in ((ends[0][0], leg["tail"]), (ends[-1][1], leg["head"])):
            assert math.dist(at[end], at[place]) < 25.0
        assert all(a[1] == b[0] for a, b in pairwise(ends))


def test_every_section_connects_its_places(payload: dict) -> None:
    for section in payload["sections"]:
        for end, (x, y) in (("tail", section["points"][:2]), ("head", section["points"][-2:])):
            place = payload["places"][section[end]]
            assert (x, y) == pytest.approx((place["x"], place["y"]), abs=0.11)


def test_arrow_keys_visit_every_place_in_view_once(payload: dict) -> None:
    inside = [i for i, place in enumerate(payload["places"]) if place["inside"]]
    assert sorted(payload["reading"]) == inside
    ys = [payload["places"][i]["y"] // 40 for i in payload["reading"]]
    assert ys == sorted(ys)


def test_the_border_joins_the_crossings(payload: dict) -> None:
    """The border runs from the Pacific to the Gulf of Mexico and passes near every sector."""
    steps = re.findall(r"(-?[\d.]+) (-?[\d.]+)", payload["border"].removeprefix("M0 0"))
    points = np.array(steps, float).cumsum(axis=0)
    ends = points[[0, -1]]
    assert abs(ends[0, 0] - ends[1, 0]) > 350
    for sector in payload["sectors"]:
        assert np.hypot(*(points - sector["at"]).T).min() < 40, sector["name"]


def test_the_land_of_a_wide_map_has_no_straight_edge(payload: dict) -> None:
    """A map more than twice as wide as high needs land beyond the usual eastern edge."""
    xs: dict[str, list[float]] = defaultdict(list)
    for land in payload["land"]:
        for ring in re.findall(r"M0 0m([-\d. ]+)Z", land["d"]):
            xs[land["fill"]] += np.cumsum(np.array(ring.split()[::2], float)).round(1).tolist()
    left, top, right, bottom = payload["core"]
    assert max(max(own) for own in xs.values()) >= (left + right) / 2 + 1.3 * (bottom - top)
    united_states = xs["#f0f0ec"]
    assert united_states.count(max(united_states)) == 1, "a cut is a vertical line"


def test_another_continent_has_a_valid_payload(world: World) -> None:
    sent = world_payload(dataclasses.replace(world, lat=np.array(world.lat) - 60))
    assert json.dumps(sent, allow_nan=False)
    assert sent["reading"]


def _used_words(script: str) -> tuple[set[str], set[str]]:
    """Return the words that a script names, and the prefixes from which it composes others."""
    named = set(re.findall(r"\bwords\.(\w+)", script))
    return named, set(re.findall(r"\bwords\[`(\w+_)\$\{", script))


SCRIPTS = [("flowmap", MAP_WORDS), ("differencemap", DIFFERENCE_WORDS), ("chart", CHART_WORDS)]


@pytest.mark.parametrize(("name", "words"), SCRIPTS)
def test_every_word_of_a_script_has_an_english_default_and_is_used(name, words) -> None:
    named, prefixes = _used_words(bundle(name))
    assert named <= words.keys()
    rest = words.keys() - named - (MAP_WORDS.keys() if name == "differencemap" else set())
    assert {word for word in rest if not word.startswith((*prefixes, "name_"))} == set()


def test_words_that_depend_on_the_world_exist(payload: dict) -> None:
    words = MAP_WORDS
    assert {f"kind_{kind}" for kind in KIND_NAMES} | {f"mode_{m}" for m in MODE_NAMES} <= set(words)
    assert {name for name, *_ in payload["names"]} <= set(words)
    assert PALETTE["places"].keys() == KIND_NAMES.keys() >= set(PALETTE["legend"])
    assert name_key("Gulf of Mexico") == "name_gulf_of_mexico"
