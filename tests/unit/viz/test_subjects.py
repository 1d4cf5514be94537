"""Inspected figures agree with the run, day by day."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import parse_policy
from abm.world.routes import load_world
from agents.outcomes import Event
from experiments.scenarios import find
from viz.screen.panels.subjects import FIGURES, KINDS, names
from viz.screen.session.frames import DAILY, WEEK, FrameLog, FrameRecorder
from viz.screen.words import LANGUAGES, Words

SCENARIO = find("classroom").with_settings(
    {
        "days": 23,
        "scale": 200,
        "warmup_days": 60,
        "policies": [parse_policy("southern_border_control:4"), parse_policy("patrol_surge:2")],
    }
)


@pytest.fixture(scope="module")
def recorder() -> FrameRecorder:
    recorder = FrameRecorder(BorderModel(SCENARIO, rng=5))
    for _ in range(SCENARIO.days):
        recorder.model.run_for(1)
        recorder.record()
    return recorder


def line(kind: str, name: str, log: FrameLog, number: int) -> np.ndarray:
    (figure,) = [one for one in FIGURES[kind] if one.name == name]
    return figure.series(log, load_world(None), number)


def total(kind: str, name: str, log: FrameLog, numbers: Iterable[int]) -> np.ndarray:
    """The sum of a figure, day by day; a subject without a value counts as 0."""
    return np.sum([np.nan_to_num(line(kind, name, log, k)) for k in numbers], axis=0)


def test_every_figure_has_one_value_per_day(recorder: FrameRecorder):
    world = load_world(None)
    for kind in KINDS:
        known = names(kind, world, [recorder.log], "organisation")
        assert len(known) == len(set(known.values())) > 1
        for number in known:
            for figure in FIGURES[kind]:
                assert figure.series(recorder.log, world, number).shape == (SCENARIO.days,)


def test_sectors_add_up_to_the_week(recorder: FrameRecorder):
    for figure, daily in (("caught_here", "apprehended_us"),):
        lines = total("sector", figure, recorder.log, range(9))
        week = recorder.log.series(daily)[-WEEK:].sum()
        assert lines[-1] == pytest.approx(week)
    agents = total("sector", "agents_here", recorder.log, range(9))
    assert agents[-1] == pytest.approx(recorder.model.patrol.on_the_line().sum(), abs=9)


def test_the_rings_of_the_map_count_apprehensions_of_the_week_and_no_one_turned_back(
    recorder: FrameRecorder,
):
    last = recorder.log.record(SCENARIO.days)
    assert last is not None
    week = recorder.model.ledger.events[-WEEK:].sum(axis=(0, 2, 3))
    assert last["stopped"].sum() == week[Event.APPREHENDED_MEXICO] > 0
    assert last["caught"].sum() == week[Event.APPREHENDED_US] > 0
    assert week[Event.TURNED_BACK] > 0, "turned back, and in none of the rings"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legend_calls_the_rings_by_the_name_of_these_outcomes(language: str):
    t = Words(language)
    for name in ("apprehended_us", "apprehended_mexico"):
        first_word = t.outcome(name).split()[0].lower()
        assert first_word in t("map.legend_stops").lower()
    assert t("layer.stops") == t("map.legend_stops").lower()
    back = {"en": "turned back", "es": "rechazadas"}[language]
    assert back in t("map.legend_stops_note") and "7" in t("map.legend_stops_note")


def test_organisations_guide_at_most_the_people_in_transit(recorder: FrameRecorder):
    known = names("organisation", load_world(None), [recorder.log], "organisation")
    guided = total("organisation", "org_guided", recorder.log, known)
    moving = recorder.log.series("in_transit")
    assert 0 < guided[-1] <= moving[-1] * 1.02  # the warm-up's travellers are guided, too
    cells = total("organisation", "org_cells", recorder.log, known)
    assert cells[-1] == sum(len(o.cells) for o in recorder.model.market.agents.values())


def test_a_port_has_its_officers_and_waits(recorder: FrameRecorder):
    for k, port in enumerate(recorder.model.ports.ports):
        assert line("port", "port_officers", recorder.log, k)[-1] == pytest.approx(port.officers)
        assert line("port", "port_wait_trucks", recorder.log, k)[-1] == pytest.approx(port.waits[3])


def test_there_are_no_organisations_before_a_world_is_built():
    assert names("organisation", load_world(None), [], "organisation") == {}
    assert len(DAILY) == 10
