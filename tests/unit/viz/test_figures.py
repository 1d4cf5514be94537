"""Charts: completeness, descriptions, styles of the user, and lengths, dashes and bands."""

from __future__ import annotations

import math
import re
import threading
from functools import partial
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.runs.intervals import NO_INTERVAL, Interval
from experiments.runs.pairs import Difference
from experiments.studies.optimise.horizons import OUTCOMES as SCORED
from experiments.studies.optimise.search import BudgetTarget
from experiments.studies.sensitivity.indices import FactorIndices, IndexEstimate
from experiments.studies.sensitivity.study import SensitivityResult
from experiments.sweeps.design import DUMMY
from experiments.validation.targets import targets
from experiments.validation.validate import MonthlyBands, PartResult
from viz.figures.answer import frontier_lines, plot_frontier
from viz.figures.comparison import describe_series, plot_forest, plot_series
from viz.figures.levels import plot_levels
from viz.figures.palette import FEWER, HIT, MISS, MORE, UNCLEAR, arm_style
from viz.figures.sensitivity import describe_sensitivity, plot_sensitivity
from viz.figures.svg import svg
from viz.figures.validation import plot_bands, plot_tolerances, tolerance_place

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [f"{2012 + (9 + i) // 12}-{(9 + i) % 12 + 1:02d}" for i in range(36)]
BANNER = "Model output within stated priors, not a forecast."


def parsed(picture: str) -> ElementTree.Element:
    """Parse a chart; check its title, its description and that it has no ids, links or NaN."""
    root = ElementTree.fromstring(picture)
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.get("role") == "img" and root.get("viewBox") and root.get("width") is None
    assert not re.search(
        r'\bid=|href|url\(|<style|<script|https?://(?!www\.w3\.org/2000/svg")', picture
    )
    numbers = [e.get(k, "0") for e in root.iter() for k in ("x", "y", "d", "stroke-dasharray")]
    assert not re.search("nan|inf", " ".join(numbers))
    return root


def words(root: ElementTree.Element) -> list[str]:
    """Return the texts in a chart."""
    return [e.text or "" for e in root.iter(f"{SVG}text")]


def change(baseline: float, median: float, wide: float = 1000.0) -> Difference:
    """Return a difference whose 90 % range extends `wide` to either side."""
    half = wide / 2.0
    bounds = (median - half, median + half, median - wide, median + wide)
    return Difference(baseline, Interval(median, *bounds), pairs=9)


def band(level: float) -> np.ndarray:
    """Return a monthly series with a band, shape (3, 36)."""
    line = level * (1.0 + 0.2 * np.sin(np.arange(36.0)))
    return np.stack([0.9 * line, line, 1.1 * line])


# ---- the renderer -------------------------------------------------------------------------------


def test_a_chart_is_the_same_each_time_and_texts_are_escaped():
    arms = {"Status quo": band(100.0), "<policy> $1 $2": band(90.0)}
    pictures = {
        svg(plot_series(MONTHS, arms, title="Deaths <x>", unit="u"), "Deaths <x>", "d")
        for _ in range(2)
    }
    (picture,) = pictures
    assert "<policy>" not in picture and "Deaths &lt;x&gt;" in picture
    assert "<policy> $1 $2" in words(parsed(picture))


def test_threads_draw_the_same_as_one_alone():
    rows = {f"Policy {k}": change(1e5, -100.0 * k) for k in range(4)}

    def draw() -> str:
        return svg(plot_forest(rows, title="Deaths", unit="persons per year"), "t", "d")

    alone, found = draw(), list[str]()
    threads = [threading.Thread(target=lambda: found.append(draw())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4


@pytest.mark.parametrize("name", ["series", "forest"])
def test_charts_draw_on_axes_of_the_user_who_can_restyle_them(name: str):
    figure = Figure((8, 5))
    ax = figure.add_subplot()
    artists = {
        "series": lambda: plot_series(MONTHS, {"A": band(9.0)}, title="t", unit="u", ax=ax),
        "forest": lambda: plot_forest({"A": change(9.0, 1.0)}, title="t", unit="u", ax=ax),
    }[name]()
    assert artists is ax and figure.axes == [ax]
    for line in ax.lines:
        line.set_color("#ff00ff")
    assert "#ff00ff" in svg(figure, "t", "d")


# ---- layout -------------------------------------------------------------------------------------


# ---- the report ---------------------------------------------------------------------------------


def test_series_and_forest_can_be_empty_or_have_long_names():
    long = "A very long name of a policy " * 4
    arms = {"A": band(2.0), long: np.full((3, 36), 2.0), "B": np.full((3, 36), math.nan)}
    root = parsed(svg(plot_series(MONTHS, arms, title=long, unit="u"), "t", "d"))
    assert {"A", "B"} <= set(words(root)) and "no data" in describe_series(MONTHS, arms, "u")
    parsed(svg(plot_series([], {}, title="Nothing", unit="persons"), "t", "d"))
    parsed(svg(plot_forest({}, title="Nothing", unit="persons"), "t", "d"))


def test_each_arm_has_its_dash_and_its_mark_and_one_run_has_no_band():
    arms = {name: band(k + 1.0) for k, name in enumerate("ABCD")}
    root = parsed(svg(plot_series(MONTHS, arms, title="t", unit="u"), "t", "d"))
    lines = [e for e in root.iter(f"{SVG}path") if e.get("stroke-width") == "2"]
    assert len({e.get("stroke-dasharray") for e in lines}) == 4 == len(lines)
    assert len([e for e in root.iter() if e.get("opacity") == "0.16"]) == 4
    single = {"A": np.ones((3, 36))}
    alone = svg(plot_series(MONTHS, single, title="t", unit="u"), "t", "d")
    assert 'opacity="0.16"' not in alone


def test_a_mark_is_filled_only_if_the_change_is_meaningful():
    rows = {"clear": change(100.0, -20.0, 5.0), "not": change(100.0, -20.0, 30.0)}
    rows["small"] = change(100.0, -1.5, 0.4)
    single = Difference(100.0, Interval.exactly(-20.0))
    ax = plot_forest(rows | {"one run": single}, title="t", unit="persons per year")
    marks = [line for line in ax.lines if line.get_markersize() == 9.5]
    faces = [line.get_markerfacecolor() for line in marks]
    assert faces[0] == arm_style(0).colour and faces[1:] == ["white"] * 3
    edges = [line.get_markeredgecolor() for line in marks]
    assert edges[1:] == [UNCLEAR] * 3


def rectangles(ax: Axes) -> list[Rectangle]:
    """Return the patches of a chart, all of which must be rectangles."""
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(found) == len(ax.patches)
    return found


# ---- validation ---------------------------------------------------------------------------------


def made_bands(known: str = "2014-06", unknown: int = 0) -> MonthlyBands:
    """Return two years of monthly bands for an episode."""
    months = [f"{2013 + i // 12}-{i % 12 + 1:02d}" for i in range(24)]
    rows = np.array([0.7, 0.9, 1.0, 1.1, 1.3])[:, None] * np.linspace(900.0, 300.0, 24)
    observed = np.where(np.arange(24) < unknown, math.nan, 500.0)
    return MonthlyBands(months, known, {"mexican": rows}, {"mexican": observed})


def test_months_that_were_held_out_are_shaded_and_only_they():
    bands = made_bands()
    labels = dict.fromkeys(("model", "inner", "outer", "record", "held"), "text")
    ax = plot_bands(bands, "mexican", title="Mexicans", unit="a month", labels=labels)
    (shade,) = [patch for patch in rectangles(ax) if patch.get_gid() == "held-out"]
    june = bands.months.index("2014-06")
    assert june < shade.get_x() < june + 1 and shade.get_x() + shade.get_width() == 23
    free = plot_bands(made_bands("2020-01"), "mexican", title="", unit="", labels=labels)
    assert not [patch for patch in free.patches if patch.get_gid() == "held-out"]


def made_part(t: Any, share: float) -> PartResult:
    """Return a part whose value lies at a share of its accepted range."""
    at = t.low + share * (t.high - t.low) if t.judged else 0.5
    found = Interval(at, at, at, at, at) if share < 9.0 else NO_INTERVAL
    return PartResult(t, found, t.accepts(found.median), math.nan, math.nan)


def test_a_part_outside_is_drawn_outside_its_band():
    for t in targets():
        if t.judged and t.low < t.high:
            low, high = tolerance_place(t, t.low), tolerance_place(t, t.high)
            for value in (t.low - (t.high - t.low), (t.low + t.high) / 2, 3 * t.high - 2 * t.low):
                place = tolerance_place(t, value)
                assert 0.0 <= place <= 1.0 and (low <= place <= high) is bool(t.accepts(value))


def test_every_part_is_drawn_with_its_mark():
    parts = [made_part(t, share) for t, share in zip(targets(), [0.5, 2.0, 9.0] * 9, strict=False)]
    root = parsed(svg(plot_tolerances(parts, title="Fitted"), "t", "d"))
    assert "not simulated" in words(root)
    colours = {e.get("fill") for e in root.iter(f"{SVG}path")}
    assert {to_hex(HIT), to_hex(MISS)} <= colours
    parsed(svg(plot_tolerances([], title="None"), "t", "d"))


# ---- sensitivity --------------------------------------------------------------------------------


def effect(name: str, mu: float, half: float = 5.0) -> FactorIndices:
    """Return a factor with an elementary effect."""
    return FactorIndices(name, IndexEstimate(abs(mu), abs(mu) - half, abs(mu) + half), mu, 3.0)


def answer(*found: Any, policy: str = "") -> SensitivityResult:
    """Return a sensitivity result with a dummy factor at the end."""
    last = FactorIndices(DUMMY, IndexEstimate(10.0, 5.0, 15.0), 1.0, 9.0)
    return SensitivityResult("deaths", policy, np.zeros(1), 4, (*found, last))


def bars(figure: Figure, gid: str, colour: str) -> list[float]:
    """Return the widths of the bars of one colour."""
    patches = [bar for ax in figure.axes for bar in rectangles(ax) if bar.get_gid() == gid]
    return [p.get_width() for p in patches if to_hex(p.get_edgecolor()) == to_hex(colour)]


def test_bars_are_as_long_as_effects_and_coloured_by_their_sign():
    figure = plot_sensitivity([answer(effect("up", 80.0), effect("down", -40.0))], foot=BANNER)
    assert (bars(figure, "bar", MORE), bars(figure, "bar", FEWER)) == ([80.0], [40.0])
    shown = words(parsed(svg(figure, "t", "d")))
    assert BANNER in shown and {"up", "down", "+", "−"} <= set(shown)


def test_a_factor_that_is_not_distinct_from_the_dummy_is_hollow():
    found = answer(effect("up", 80.0), effect("weak", 12.0))
    assert found.indistinct == ["weak"]
    figure = plot_sensitivity([found], foot=BANNER)
    assert len(bars(figure, "bar", MORE)) == 1 and len(bars(figure, "hollow", MORE)) == 1
    picture = svg(figure, "t", "d")
    assert picture.count('stroke-dasharray="4 3"') == 2  # the dummy's level and its key
    assert describe_sensitivity([found]).endswith("(expected): up.")


# ---- curves and frontiers -----------------------------------------------------------------------


def test_a_frontier_has_a_line_for_each_side_and_names_whom_it_costs():
    menu, changes = {}, []
    for k, side in enumerate(("us_only", "cooperative", "mixed"), 1):
        for budget in (1e8, 1e9):
            menu[BudgetTarget(side, "joint", "got_aways", budget)] = len(changes)
            changes.append(np.full((5, len(SCORED), 3), -0.01 * k * budget / 1e8))
    score: Any = SimpleNamespace(
        menu=menu, trials=SimpleNamespace(changes=np.array(changes), longest=2)
    )
    lines = frontier_lines(score, "deaths", "got_aways", "joint")
    assert np.allclose(lines["mixed"], [(1e8, -3.0, -3.0, -3.0), (1e9, -30.0, -30.0, -30.0)])
    assert frontier_lines(score, "deaths", "got_aways", "us") == {}
    shown = [("got_aways", "got_aways"), ("deaths", "got_aways"), ("kidnapped", "unlawful_entries")]
    figure = plot_frontier(score, shown, account="joint", title="Best")
    root = parsed(svg(figure, "t", "d"))
    assert {"U.S. alone", "cooperation alone", "both together", "$1B"} <= set(words(root))
    assert any(text.startswith("◆ Deaths") for text in words(root))


# ---- the screen ---------------------------------------------------------------------------------


def level(value: float, half: float = 1.0) -> SimpleNamespace:
    """Return the level of an outcome with its interval."""
    return SimpleNamespace(mean=value, low=value - half, high=value + half)


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists that have a gid."""
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def test_levels_are_joined_where_they_are_numbers_and_gaps_stay():
    levels = [level(2.0), level(math.nan), level(5.0)]
    plot = partial(plot_levels, title="a < b", unit="u", factor="Fence")
    names = ("0", "0.5", "1")
    ax = plot((0.0, 0.5, 1.0), names, levels, marks={0: "A", 1: "B"}, joined=True)
    assert len(artists(ax, "level")) == 2 and len(artists(ax, "means")) == 1
    shown = words(parsed(svg(ax, "a < b", "d")))
    assert "A" in shown and "B" not in shown and "Fence" in shown
    apart = plot((0.0, 1.0, 2.0), names, levels, marks={}, joined=False)
    assert not artists(apart, "means") and len(artists(apart, "level")) == 2
