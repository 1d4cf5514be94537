"""The table and map of differences between B and A, with synthetic figures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import reacton
import solara

from abm.world.routes import World, load_world
from tests.unit.viz.made_sessions import paused_session
from viz.screen.panels.difference import CURVES, DifferencePanel, curve_of
from viz.screen.panels.maps import Maps, callouts
from viz.screen.panels.naming import map_payload
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES, FrameLog
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary
from viz.screen.widgets.traits import DifferenceMap, FlowMap
from viz.screen.widgets.world import frame_dtype


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


@pytest.fixture
def session(world: World) -> Session:
    """A session with two recorded days per world. On day 2, one leg carries more people in B."""
    dtype, logs = frame_dtype(world.n_legs, world.n_places), []
    for k in range(2):
        days = np.zeros(2, dtype)
        days["day"] = 1, 2
        days["flow"] = 100
        days["flow"][1, 0] += 300 * k
        logs.append(FrameLog(365, dtype, [day.tobytes() for day in days]))
    found = Session()
    status = LoopStatus(1, 2, 365, Phase.PAUSED)
    loop: Any = SimpleNamespace(recorders=logs, logs=logs, status=status, serial=1)
    found.loop, found.now = loop, status
    return found


@solara.component
def page(session: Session):
    with solara.Column():
        Maps(session)
        DifferencePanel(session)


def _all(root: Any, kind: type) -> list[Any]:
    """Return all widgets of a class at or below a widget."""
    children = [one for one in getattr(root, "children", ()) if not isinstance(one, str)]
    return [root] * isinstance(root, kind) + [w for one in children for w in _all(one, kind)]


def test_the_map_of_differences_follows_the_day(session: Session) -> None:
    root, context = reacton.render(page(session), handle_error=False)
    try:
        (shown,) = _all(root, DifferenceMap)
        assert shown.frame_a == shown.frame_b == session.logs[0].frame(1)
        assert "No difference" in shown.text
        before = shown.serial
        session.now = LoopStatus(2, 2, 365, Phase.PAUSED)
        session.live_widgets.update(at_once=True)
        assert shown.frame_b == session.logs[1].frame(2) != shown.frame_a
        assert shown.serial != before and "+300 a day" in shown.text
        assert [one.side for one in _all(root, FlowMap)] == ["A", "B"]
    finally:
        context.close()


# ---- the curves ---------------------------------------------------------------------------------


def figures(a: float, b: float) -> list[np.ndarray]:
    """Return daily figures of both worlds, which are equal on the first ten days."""
    made = [
        np.full((40, len(DAILY_FIGURES)), a, np.float32),
        np.full((40, len(DAILY_FIGURES)), a, np.float32),
    ]
    made[1][10:] = b
    return made


def curved(a: float, b: float, runs: int = 9, day: int = 40) -> Session:
    """Return a session with policies from day 11 on.

    The figures of the other seeds differ by up to ten percent.
    """
    choice = Choice(b=("southern_border_control:3@2012-10-11",), days=40)
    summaries = [
        (world, seed, RunSummary(daily * np.float32(1.0 + 0.1 * (seed - 4) / 4), {}))
        for seed in range(runs)
        for world, daily in enumerate(figures(a, b))
    ]
    return paused_session(choice, figures(a, b), summaries, day)


def test_curves_are_b_minus_a_zero_before_the_policies_and_inside_their_band() -> None:
    session = curved(10.0, 14.0)
    for name, is_total in CURVES.items():
        one = curve_of(session, name)
        _, mean, low, high = one.figures
        assert (mean[one.days < 11] == 0.0).all()
        assert (low <= mean).all() and (mean <= high).all()
        assert mean[-1] == pytest.approx(30 * 4.0 if is_total else 4.0, rel=0.1)
        assert one.kind() == "more" and one.limit() >= high.max()


def test_callouts_state_where_chances_and_flows_differ_most(world: World) -> None:
    dtype, place = frame_dtype(world.n_legs, world.n_places), world.place_index("tapachula")
    session = paused_session(
        Choice(days=20), [np.zeros((20, len(DAILY_FIGURES)), np.float32)] * 2, []
    )
    record = np.zeros((), dtype)
    record["flow"] = 160  # A flow of 160 a day gives 1,120 a week.
    busier = (world.tail == world.place_index("culiacan")).argmax()
    for log, stopped, more in zip(session.logs, (70, 280), (0, 300), strict=True):
        day = record.copy()
        day["stopped"][world.tail == place] = stopped
        day["flow"][busier] += more
        log.dtype, log.frames = dtype, [day.tobytes()] * 20
    payload = map_payload("en")
    (first, *_), (second, people) = (callouts(session, side, payload) for side in (0, 1))
    assert first == ("place", place, "*Mexico stops 1 in 16* here;\nin B 1 in 4")
    assert second == ("place", place, "*Mexico stops 1 in 4* here;\nin A 1 in 16")
    kind, section, text = people
    course = payload["legs"][busier]["course"]
    assert kind == "section" and section in {max(part, ~part) for part in course}
    assert "a day* pass here" in text and len(callouts(session, 0, payload)) == 1
    session.now = LoopStatus(6, 20, 20, Phase.PAUSED)
    assert callouts(session, 1, payload) == []  # The first week is not complete.
