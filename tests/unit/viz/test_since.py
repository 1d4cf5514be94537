"""Counts since the policies began, their change over the seeds, and the answer in words."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest
import reacton
import solara

from abm.measures import OUTCOMES
from tests.unit.viz.made_sessions import paused_session
from viz.screen.exports.replay import HUMAN as REPLAYED
from viz.screen.panels.difference import CURVES as CURVES_SHOWN
from viz.screen.panels.difference import ROWS, forest_table
from viz.screen.panels.headline import NAMED, _Answer, answer_sentence
from viz.screen.panels.parts import box
from viz.screen.panels.policy_period_counts import (
    COUNTED,
    STRIP,
    PeriodCount,
    PeriodStrip,
    changes_since,
    policies_began,
    strip,
)
from viz.screen.panels.tables import Charts
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.replicates import Replicates
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary

DAYS = 40
CURVES = tuple(CURVES_SHOWN)
#: Human costs that are counted daily.
HUMAN = {"deaths", "kidnapped", "extorted", "returned_unscreened"}
DATED = ("southern_border_control:3@2012-10-11",)  # day 11


def daily(level: float = 10.0, **levels: float) -> np.ndarray:
    """Return daily figures that are constant over time."""
    figures = np.full((DAYS, len(DAILY_FIGURES)), level, np.float32)
    for name, value in levels.items():
        figures[:, DAILY_FIGURES.index(name)] = value
    return figures


def summary_of(daily: np.ndarray, dollars: float = 0.0) -> RunSummary:
    """Return a run with these daily figures and dollars per year."""
    return RunSummary(daily, {"dollars": dollars})


def visited(
    a: np.ndarray, b: np.ndarray, /, day: int = DAYS, runs: int = 0, **choice: Any
) -> Session:
    """Return a session that shows a day; the seeds of B differ by up to a percent."""
    summaries = []
    for seed in range(1, runs + 1):
        for world, figures in enumerate((a, b)):
            noise = 1.0 + 0.01 * world * (seed - (runs + 1) / 2) / max(1, runs)
            summaries.append((world, seed, summary_of(figures * np.float32(noise))))
    chosen = dataclasses.replace(Choice(days=DAYS, b=DATED), **choice)
    return paused_session(chosen, (a, b), summaries, day)


def change(one: Session, name: str, day: int = DAYS) -> PeriodCount:
    return next(count for count in changes_since(one, day) if count.name == name)


# ---- when the policies begin --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "day"),
    [
        ((), DATED, 11),
        (("fence:1@2012-10-05",), DATED, 5),
        (("fence:1",), DATED, 1),
        ((), (), 1),
        (("fence:1@2010-01-01",), (), 1),
    ],
)
def test_the_first_policy_of_either_world_begins_the_count(a, b, day: int):
    assert policies_began(visited(daily(), daily(), a=a, b=b)) == day


def test_before_the_policies_began_nothing_is_counted_and_no_change_is_shown():
    one = visited(daily(), daily(20.0), day=10, runs=9)
    for count in changes_since(one, 10):
        assert math.isnan(count.a) and math.isnan(count.b)
        assert count.change is None and count.kind == "same"
    assert "The policies begin on 11 Oct 2012." in strip(one) and "<em" not in strip(one)
    for shown in (strip(one), forest_table(one.words, changes_since(one, 10))):
        assert "\u2013" in shown and not re.search(r"(<td>|</i> )0<", shown), (
            "nothing is shown as zero"
        )


# ---- counts and changes -------------------------------------------------------------------------


def test_every_event_count_has_a_change_and_a_stock_has_none():
    counts = changes_since(visited(daily(), daily()), DAYS)
    assert tuple(count.name for count in counts) == COUNTED and set(DAILY_FIGURES) - set(
        COUNTED
    ) == {"in_transit"}
    assert {count.name for count in counts if count.human} == HUMAN
    assert {name for name in OUTCOMES if OUTCOMES[name].human} - {"debt_distress"} == HUMAN


def test_every_human_cost_is_next_to_outcomes_wherever_the_screen_shows_changes():
    for shown in (STRIP, NAMED, CURVES, ROWS, REPLAYED):
        assert set(shown) >= HUMAN
        assert set(shown[-len(HUMAN) :]) == HUMAN, "human costs are last"


def test_no_events_in_both_worlds_are_no_change_and_events_in_b_alone_are_undefined():
    one = visited(daily(deaths=0.0, kidnapped=0.0), daily(deaths=0.0), runs=9)
    deaths, kidnapped = change(one, "deaths"), change(one, "kidnapped")
    assert deaths.percent and deaths.percent.median == 0.0 and deaths.kind == "same"
    assert kidnapped.percent is None and kidnapped.kind == "same"


# ---- the strip ----------------------------------------------------------------------------------


def test_the_points_of_the_strip_are_at_their_changes_on_one_axis():
    b = daily(deaths=8.6, apprehended_us=12.0, extorted=22.0, returned_unscreened=9.0)
    html = strip(visited(daily(), b, runs=9))
    places = [float(place) for place in re.findall(r"--m:([\d.]+)", html)]
    assert places == pytest.approx((50, 83.3, 50, 26.7, 50, 33.3), abs=0.5)


def test_the_markup_of_a_frame_is_short():
    """A frame has at most 5,000 bytes (`benchmarks.screen`), including the strip."""
    b = daily(123.4, extorted=271.5, deaths=101.2, got_aways=109.9)
    assert len(strip(visited(daily(123.4), b, runs=9)).encode()) < 1_800


@solara.component
def page(session: Session):
    with box():
        PeriodStrip(session)
        Charts(session)


def test_every_live_text_of_a_finished_run_follows_the_language_at_once():
    one = visited(daily(), daily(20.0), runs=9)

    @solara.component
    def compare(session: Session):
        with box():
            _Answer(session)
            page(session)

    _, context = reacton.render(compare(one), handle_error=False)
    shown = [part.widget for part in one.live_widgets.parts if hasattr(part.widget, "attributes")]
    english = [widget.unsafe_innerHTML for widget in shown]
    one.language.set("es")
    spanish = [widget.unsafe_innerHTML for widget in shown]
    assert len(shown) == 2 and all(map(str.__ne__, english, spanish))
    assert "With B" in english[0] and "Con B" in spanish[0]
    one.language.set("en")
    assert [widget.unsafe_innerHTML for widget in shown] == english
    context.close()


# ---- the answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "runs", "choice", "said"),
    [
        (30, 2, {}, "Not known yet: the answer comes after 9 seeds; finished: 2."),
        (30, 9, {"b": ()}, "A and B have the same policies"),
        (30, 9, {"a": DATED}, "A and B have the same policies"),
        (30, 9, {"b": ("fence:1@2015-01-01",)}, "Not known: the policies begin on 1 Jan 2015"),
    ],
)
def test_without_an_answer_it_says_what_is_missing(day: int, runs: int, choice, said: str):
    assert answer_sentence(visited(daily(), daily(5.0), day, runs, **choice)).startswith(said)


def test_worlds_without_any_difference_are_said_to_have_none():
    a, one = daily(), visited(daily(), daily())
    replicates = Replicates()
    for seed in range(9):
        replicates = replicates.with_run(0, seed, summary_of(a)).with_run(1, seed, summary_of(a))
    one.replicates.set(replicates)
    assert answer_sentence(one) == "None of the figures differs between A and B."
