"""The story of one person has only recorded events, which line and text state alike."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from abm.scenario import parse_policy
from agents.outcomes import Consequence, Mode, Status
from experiments.scenarios import find
from tests.unit.viz.made_sessions import record_days
from viz.screen.panels.person import build_story, drawing
from viz.screen.panels.person_choice import describe_person, full_text
from viz.screen.session.choice import Choice, packaged_world
from viz.screen.session.fates import People, common, fate_of, fates, moments, parting_day
from viz.screen.session.frames import FrameRecorder
from viz.screen.session.journeys import Entry, Journey
from viz.screen.words import LANGUAGES, Words

BASE = find("classroom").with_settings({"days": 120, "scale": 300, "warmup_days": 40})
CONTROL = BASE.with_settings({"policies": [parse_policy("southern_border_control:6")]})
FIRST = Entry(
    day=1,
    status=Status.DEFERRED,
    place=0,
    leg=-1,
    org=-1,
    consequence=Consequence.NONE,
    trips=0,
    mode=Mode.SOLO,
    wealth=900,
    debt=0,
    caught=0,
)


def a_session(language: str = "en") -> Any:
    """Return the parts of a session from which the texts are built."""
    choice = SimpleNamespace(value=Choice())
    words, world = Words(language), packaged_world()
    return SimpleNamespace(words=words, world=world, choice=choice)


def person(*entries: Entry, protection: int = 0) -> Journey:
    """Return a journey with these entries."""
    made = Journey(7, 0, 1, 0, 100, savings=900, protection=protection)
    for entry in entries:
        made.rows.extend(entry)
    return made


def lines(language: str, *entries: Entry, protection: int = 0) -> list[str]:
    """Return the texts for the moments of a journey."""
    session = a_session(language)
    own = moments(person(*entries, protection=protection), 200, session.world)
    return [full_text(session, moment) for moment in own]


@pytest.fixture(scope="module")
def filmed() -> tuple[FrameRecorder, FrameRecorder]:
    """Record two worlds over 120 days; the second has control in the south."""
    return record_days(BASE), record_days(CONTROL)


# ---- single journeys ----------------------------------------------------------------------------
def test_a_return_without_a_hearing_is_a_human_cost_for_those_in_need_of_protection():
    going = FIRST._replace(status=Status.TRAVELLING, trips=1, leg=2)
    stopped = going._replace(
        day=5, status=Status.HELD_MEXICO, consequence=Consequence.RETURNED_BY_MEXICO, caught=1
    )
    assert "◆" not in lines("en", going, stopped)[1]
    text = lines("en", going, stopped, protection=1)[1]
    assert text.startswith("◆") and "no hearing" in text
    assert [fate_of(person(going, stopped, protection=p), 9).unheard for p in (0, 1)] == [0, 1]  # pyright: ignore[reportOptionalMemberAccess]


def test_money_alone_does_not_part_the_worlds_but_is_stated():
    a = FIRST._replace(status=Status.TRAVELLING, trips=1, leg=2, wealth=500)
    b = a._replace(wealth=460)
    later = a._replace(day=9, place=3), b._replace(day=12, place=3)
    assert common([a], [b]) == 1 and parting_day([a], [b], 50) == 0
    assert parting_day([a, later[0]], [b, later[1]], 50) == 9
    assert parting_day([a, later[0]], [b, later[1]], 8) == 0
    session = a_session()
    journeys = [person(a, later[0]), person(b, later[1])]
    own = [fate_of(journey, 50) for journey in journeys]
    data = build_story(session, journeys, [fate for fate in own if fate], 50)
    assert (
        "$400 in A and $440 in B" in data.sentence and "nothing recorded that day" in data.sentence
    )


def parted(a: Entry, b: Entry, language: str = "en") -> str:
    """Return the sentence about two journeys that differ after their first entry."""
    first = FIRST._replace(status=Status.TRAVELLING, trips=1, leg=2)
    journeys = [person(first, a), person(first, b)]
    own = [fate_of(journey, 50) for journey in journeys]
    session = a_session(language)
    return build_story(session, journeys, [fate for fate in own if fate], 50).sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "change",
    [
        {"leg": 40},
        {"leg": -1},
        {"mode": Mode.GUIDED, "org": 3},
        {"org": 3},
        {"consequence": Consequence.REMOVAL},
        {"line_tries": 1},
    ],
    ids=str,
)
def test_where_the_same_event_happens_in_both_worlds_the_difference_is_named(change, language):
    a = FIRST._replace(day=9, status=Status.TRAVELLING, trips=1, leg=9, place=3)
    sides = parted(a, a._replace(**change), language)
    of_a, of_b = re.findall(r"[AB]: (.+?)\.(?= B:|$)", sides)
    guides = Words(language)("person.differs_guide")
    assert of_a != of_b or (set(change) == {"org"} and guides in of_a)


# ---- journeys of the model ----------------------------------------------------------------------
def test_events_agree_with_fates(filmed):
    """The drawn line and the table of fates agree on every event."""
    for recorder in filmed:
        log, world = recorder.log.journey_log, recorder.model.world
        for uid, fate in fates(log, BASE.days).items():
            own = [
                one
                for moment in moments(log.journeys[uid], BASE.days, world)
                for one in moment.happenings
            ]
            kinds = [one.kind for one in own]
            assert kinds.count("kidnapped") == fate.kidnapped
            assert kinds.count("sets_out") + kinds.count("sets_out_again") == fate.trips
            stops = sum(kinds.count(k) for k in ("stopped_mexico", "let_go", "asylum_mexico"))
            assert stops == fate.stopped_mexico
            us = ("caught", "refused_at_port", "released", "sent_to_wait")
            assert sum(kinds.count(k) for k in us) >= fate.stopped_us
            unheard = [m for m in moments(log.journeys[uid], BASE.days, world) if m.unheard]
            assert len(unheard) == fate.unheard
            assert sum(one.dollars for one in own) == fate.paid


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_can_be_shown_on_every_day_in_both_languages(filmed, language: str):
    session = a_session(language)
    logs = [recorder.log.journey_log for recorder in filmed]
    for day in (15, 60, BASE.days):
        people = People(logs, day)
        for uid in people.order[:: max(1, len(people.order) // 12)]:
            journeys = [log.journeys[uid] for log in logs]
            data = build_story(session, journeys, people.fates[uid], day)
            svg, lists, stations = drawing(session, data, 900.0, -1)
            assert data.sentence and describe_person(session, journeys[0])
            assert "{" not in re.sub(r"<[^>]*>", "", svg + lists) + data.sentence
            keys = {int(key) for key in re.findall(r'data-event="(\d+)"', lists)}
            assert keys == set(data.moments), "the text has every event, numbered or not"
            assert {int(key) for key in re.findall(r'data-event="(\d+)"', svg)} <= keys
            for own in stations:
                numbers = [number for _, number, _ in own]
                assert numbers == sorted(set(numbers)), "numbers on a map are those of its line"
                same = [bool(both) for _, _, both in own]
                assert same == sorted(same, reverse=True), "both worlds come first"
            assert data.story is not None
            assert len(data.story.lines) == (3 if data.parting else 1)
            assert (
                all(
                    moment.day < data.parting
                    for world, moment in data.moments.values()
                    if not world
                )
                or not data.parting
            )
