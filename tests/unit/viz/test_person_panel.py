"""The panel of one person, rendered without a browser: offers, menus and selection of events."""

from __future__ import annotations

import random
import re
from types import SimpleNamespace
from typing import Any

import pytest
import reacton
import solara
from ipywidgets import Widget
from solara.widgets import HTML

from agents.outcomes import Consequence, Mode, Status
from viz.screen.panels.headline import answer_markup
from viz.screen.panels.parts import box
from viz.screen.panels.person import PersonFacts, PersonLine
from viz.screen.panels.person_choice import PersonHead, nearest_person, no_journeys, people
from viz.screen.session.choice import packaged_world
from viz.screen.session.fates import ENDS, ends_differently
from viz.screen.session.frames import FrameLog
from viz.screen.session.journeys import Entry, Journey
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import ForkLine, NumberFields
from viz.screen.widgets.world import frame_dtype

DAYS, DAY = 90, 80
LAST = [own[0] for own in ENDS.values()]


def walk(uid: int, last: Status) -> Journey:
    """Return a journey over the first legs of the world; its last entry, on day 60, has `last`."""
    chance, world = random.Random(uid), packaged_world()
    person, leg = Journey(uid, 3, 1, 0, 100, 5_000, uid % 2), 0
    entry = Entry(9, Status.TRAVELLING, 3, leg, 0, Consequence.NONE, 1, Mode.GUIDED, 1_000, 0, 0, 0)
    for day in range(10, 50, 10):
        person.rows.extend(entry)
        leg = chance.randrange(12)
        entry = entry._replace(day=day, place=int(world.tail[leg]), leg=leg)
    person.rows.extend(entry._replace(day=60, status=last))
    return person


def a_log(seed: int) -> FrameLog:
    """Return the log of a run with journeys of sixty people."""
    world = packaged_world()
    log = FrameLog(DAYS, frame_dtype(world.n_legs, world.n_places), frames=[b""] * DAY)
    chance = random.Random(seed)
    for uid in range(1, 61):
        log.journey_log.journeys[uid] = walk(uid, chance.choice(LAST))
    return log


@pytest.fixture
def language() -> str:
    """Return the language for tests that do not run in both."""
    return "en"


@pytest.fixture
def session(language: str) -> Session:
    """Return a session without a model that is paused on `DAY`."""
    made = Session()
    logs: Any = [a_log(seed) for seed in (0, 1)]
    made.loop = SimpleNamespace(logs=logs, recorders=logs)  # pyright: ignore[reportAttributeAccessIssue]
    made.language.set(language)
    status = LoopStatus(DAY, DAY, DAYS, Phase.PAUSED)
    made.now = status
    made.status.set(status)
    return made


@solara.component
def person_view(session: Session):
    """Show all parts of the view of one person."""
    with box():
        PersonHead(session)
        PersonFacts(session)
        PersonLine(session)


@pytest.fixture
def shown(session: Session):
    """Render the view; return a function that finds all widgets of a class."""
    root, context = reacton.render(person_view(session), handle_error=False)

    def find(kind: type) -> list[Any]:
        found: list[Widget] = []

        def walk_down(widget: Any) -> None:
            if isinstance(widget, kind):
                found.append(widget)
            for child in getattr(widget, "children", ()):
                if isinstance(child, Widget):
                    walk_down(child)

        walk_down(root)
        return found

    yield find
    context.close()


def text_of(find: Any) -> str:
    """Return all markup in the panel."""
    return " ".join(one.unsafe_innerHTML or "" for one in find(HTML))


BOTH = pytest.mark.parametrize("language", ["en", "es"])


def test_a_person_whom_the_visitor_chose_is_not_replaced(session: Session, shown):
    alike = next(uid for uid, own in people(session).fates.items() if not ends_differently(own))
    session.person.set(alike)
    session.status.set(LoopStatus(DAY, DAY, DAYS, Phase.RUNNING))
    session.status.set(LoopStatus(DAY, DAY, DAYS, Phase.PAUSED))
    assert session.person.value == alike
    session.person.set(0)  # as after a change of the policies
    assert session.person.value == people(session).order[0]


def test_a_click_on_a_leg_follows_who_is_there_or_else_who_was_there_last(session: Session):
    logs = [log.journey_log for log in session.logs]
    leg = max(entry.leg for entry in logs[0].journeys[1].entries)
    found = nearest_person(session, 0, leg)  # all journeys have ended on this day
    assert leg in logs[0].journeys[found].legs(DAY)
    session.now = LoopStatus(5, DAY, DAYS, Phase.PAUSED)
    assert nearest_person(session, 0, leg) == 0, "nobody has set out yet"


@BOTH
def test_a_chosen_person_has_a_table_and_a_line_for_the_width(session: Session, shown):
    assert session.person.value == people(session).order[0], "chosen by itself"
    (line,) = shown(ForkLine)
    assert line.drawing == ""  # The browser has not reported its width yet.
    line.width = 1000
    assert "<svg" in line.drawing and 'viewBox="0 ' in line.drawing
    for key in ("person.lower_bound", "person.common", "person.sample", "became.kidnapped"):
        assert session.words(key) in text_of(shown)
    assert line.lists.count("<ol>") == 3 or "tb-both" in line.lists
    narrow = line.drawing
    line.width = 340
    assert line.drawing != narrow


def test_an_event_selects_its_place_and_a_made_up_event_does_nothing(session: Session, shown):
    session.person.set(people(session).order[0])
    (line,) = shown(ForkLine)
    line.width = 1000
    line.chosen = [10_000, 1]
    assert session.place.value == -1
    line.chosen = [0, 2]
    assert session.place.value >= 0
    assert 'aria-pressed="true"' in line.drawing


def test_another_person_goes_through_the_people_in_the_order_of_the_offer(session: Session, shown):
    import ipyvuetify

    order = people(session).order
    assert all(ends_differently(people(session).fates[uid]) for uid in order[:10])
    seen = [session.person.value]
    for _ in range(3):
        (button,) = [one for one in shown(ipyvuetify.Btn) if "Another" in str(one.children)]
        button.fire_event("click", {})
        seen.append(session.person.value)
    assert seen == order[:4]


def test_a_fate_chosen_from_the_menu_shows_a_person_with_it(session: Session, shown):
    fields = [(menu, field) for menu in shown(NumberFields) for field in menu.fields]
    menu, field = next(pair for pair in fields if pair[1]["label"] == "Choose by fate (people)")
    counted = [o for o in field["options"] if o.startswith("gets through in A, gives up in B")]
    people_of = [int(option.rpartition("(")[2][:-1]) for option in field["options"][1:]]
    assert sum(people_of) == len(people(session).fates), "a fate is missing"
    assert len(counted) == 1
    menu.answer(field["key"], counted[0])
    own = people(session).fates[session.person.value]
    assert [fate.end for fate in own] == ["through", "gave_up"]
    assert counted[0].endswith(f"({len(people(session).with_ends(('through', 'gave_up')))})")


# ---- reasons for waiting ------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("phase", [Phase.SEEKING, Phase.RUNNING, Phase.BUILDING, Phase.PAUSED])
def test_before_the_first_day_is_shown_the_view_says_what_the_worlds_do(session: Any, phase: Phase):
    session.now = LoopStatus(0, 12, DAYS, phase)
    session.status.set(session.now)
    session.loop.destination, session.loop.simulated = 60, 12
    t, text = session.words, no_journeys(session)
    assert (text == t("nobody")) == (phase is Phase.PAUSED), "only worlds that wait need a run"
    if phase is Phase.SEEKING:
        assert re.findall(r"\d+", text) == ["60", "12"] and text in answer_markup(session)


@BOTH
def test_the_head_describes_the_person_who_is_followed(session: Session, shown):
    for uid in people(session).order[:2]:
        session.person.set(uid)
        person = session.logs[0].journey_log.journeys[uid]
        assert f"${person.savings:,}" in text_of(shown)
        assert (session.words("person.protection") in text_of(shown)) == bool(person.protection)
