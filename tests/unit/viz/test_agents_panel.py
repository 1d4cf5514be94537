"""The panel of agents labels every attribute, gives its unit, and dates the decisions."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.unit.viz.made_sessions import record_days
from viz.screen.panels.agents import agent_markup
from viz.screen.session.agent_log import DECIDED, KINDS, UNITS, AgentLog, columns_of
from viz.screen.session.choice import Choice
from viz.screen.session.frames import FrameRecorder
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.words import LANGUAGES, Words

#: Attributes without a label: references to other objects, names, and attributes that Mesa adds.
OTHER = {"cell", "model", "random", "rng", "scenario", "unique_id", "market", "params", "teams"}
OTHER |= {"name", "index", "number", "rank"}


@pytest.fixture(scope="module")
def recorder() -> FrameRecorder:
    scenario = Choice(b=("southern_border_control:3",), days=40, scale=1000).scenario(1)
    return record_days(scenario.with_settings({"warmup_days": 60, "fill_days": 20}), days=19)


@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_of_an_agent_has_a_unit_and_a_label_in_both_languages(kind: str):
    names = {name for name in dir(KINDS[kind]) if name[0] != "_"}
    names = {name for name in names if not callable(getattr(KINDS[kind], name))}
    assert names <= UNITS.keys() | OTHER
    assert names & UNITS.keys() == {name for name, _ in columns_of(kind)}
    for t in map(Words, LANGUAGES):
        assert t(f"agents.kind.{kind}") and all(t(f"agents.field.{name}") for name in UNITS)


def test_the_newest_week_holds_the_state_of_every_agent_of_the_model(recorder: FrameRecorder):
    log = AgentLog()
    log.update(recorder.model, 1)
    for kind, agents in log.weeks[1].items():
        units = {agent.unique_id: agent for agent in recorder.model.agents_of(KINDS[kind])}
        assert agents.keys() == units.keys()
        for uid, (_, values) in agents.items():
            for (name, entry), value in zip(columns_of(kind), values, strict=True):
                if not entry and UNITS[name] not in ("bits", "dollars") and name not in {"cells"}:
                    seen = getattr(units[uid], name)
                    assert value == pytest.approx(len(seen) if seen == () else float(seen))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_detachment_shows_its_order_and_a_team_what_it_gave(recorder, language: str):
    session, t, log = Session(), Words(language), recorder.log.agent_log
    session.language.set(language)
    session.loop = cast(Any, SimpleNamespace(logs=[recorder.log] * 2, recorders=[recorder] * 2))
    session.now = LoopStatus(19, 19, 40, Phase.PAUSED)
    agents = log.weeks[week := log.week(19)]
    assert week - log.week(week - 1) == 7
    uid = next(iter(agents["Detachment"]))
    made = log.decisions("Detachment", uid, 19)
    assert {columns_of("Detachment")[k][0] for _, k, _, _ in made} == {"target", "officers"}
    assert all(math.isnan(before) for _, _, before, _ in made)
    html = agent_markup(session, 1, "Detachment", uid)
    assert t("agents.field.target") in html and t("agents.decisions") in html
    (day, k, before, after), *_ = log.decisions("PatrolTeam", next(iter(agents["PatrolTeam"])), 19)
    assert columns_of("PatrolTeam")[k][0] in DECIDED and day == week and before != after
    assert t("agents.absent") in agent_markup(session, 0, "GendarmeCompany", 7)
    agents["Organisation"][0] = next(iter(agents["Organisation"].values()))  # founded this week
    assert t("agents.field.price") in agent_markup(session, 1, "Organisation", 0)
