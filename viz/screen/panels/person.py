"""One person in two worlds: what became of them, and the line that forks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.panels.parts import LiveMarkup, box, card, follow, note, raw, widget
from viz.screen.panels.person_choice import PersonList, journeys_of, no_journeys, people
from viz.screen.panels.person_story import Station, StoryData, build_story, drawing
from viz.screen.panels.person_words import became, common_words
from viz.screen.session.fates import Fate, fate_of
from viz.screen.session.followed import frequency
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import ForkLine

_WIDTHS = 280, 2_000  # of the drawing, pixels


@solara.component
def PersonFacts(session: Session):
    """Show what became of the followed person, and how common that is."""
    t, person = session.words, session.person.value
    with card(t("person.became"), cls="tb-person"):
        if not (person and session.status.value.day and journeys_of(session, person)):
            if session.status.value.day:
                note(t("person.choose"))
            else:
                LiveMarkup(session, lambda: esc(no_journeys(session)), cls="tb-note")
            return
        shown = person, session.language.value
        LiveMarkup(session, lambda: _facts(session, shown[0]), cls="tb-person-table")
        note(t("person.lower_bound"))
        paused = session.status.value.phase is Phase.PAUSED
        common = _common(session, person) if paused else esc(t("person.common_later"))
        raw(common, cls="tb-person-common", tag="p")


@solara.component
def PersonLine(session: Session):
    """Show the line of the followed person, and the same events as text."""
    person = session.person.value
    with box(cls="tb-card tb-person tb-person-line", tag="section"):
        if person and session.status.value.day and journeys_of(session, person):
            _Line(session, person)
            PersonList(session)
        else:
            note(session.words("person.line_later"))


# ---- what became of the person ------------------------------------------------------------------
def _fates(session: Session, person: int) -> list[Fate]:
    """Return the person's fate in every world on the day shown."""
    found = [fate_of(journey, session.now.day) for journey in journeys_of(session, person)]
    return [fate for fate in found if fate]


def _facts(session: Session, person: int) -> str:
    """Build the table of what became of the person."""
    own = _fates(session, person)
    return became(session, own, [session.words(f"fate.{fate.end}") for fate in own]) if own else ""


def _common(session: Session, person: int) -> str:
    """Say how common the person's fates are among the followed people of the same country."""
    known = people(session)
    if person not in known.fates:
        return ""
    journeys = session.logs[0].journey_log.journeys
    country = {uid: session.world.country[journeys[uid].origin] for uid in known.fates}
    words = common_words(session, frequency(known, person, country), country[person])
    return el("b", esc(session.words("person.common"))) + " " + esc(words)


# ---- the line -----------------------------------------------------------------------------------
@solara.component
def _Line(session: Session, person: int):
    """Show the line that forks, and the same events as text."""
    t = session.words
    width, set_width = solara.use_state(0)
    selected, choose = solara.use_state(-1)
    latest: Any = solara.use_ref(StoryData())
    solara.use_effect(lambda: choose(-1), [person])
    solara.use_effect(lambda: lambda: _number_places(session, ((), ())), [])

    def values() -> dict[str, str]:
        latest.current = _story_data(session, person)
        if not width:
            return {"drawing": "", "lists": ""}
        shown = drawing(session, latest.current, width, selected)
        _number_places(session, shown.stations)
        return {"drawing": shown.line, "lists": shown.lists}

    def on_chosen(chosen: list[int]) -> None:
        if chosen and chosen[0] in latest.current.moments:
            choose(chosen[0])
            session.place.set(latest.current.moments[chosen[0]][1].place)

    LiveMarkup(session, lambda: esc(_story_data(session, person).sentence), cls="tb-person-parting")
    element = widget(
        ForkLine,
        summary=t("person.as_text"),
        on_width=lambda wide: set_width(min(max(wide, _WIDTHS[0]), _WIDTHS[1])),
        on_chosen=on_chosen,
    )
    follow(session, element, values, every=1.0)
    note(t("person.line_help"))


def _number_places(session: Session, stations: Sequence[Sequence[Station]]) -> None:
    """Write the numbers of the line at their places on the maps."""
    for world, shown in session.live_widgets.maps.items():
        shown.stations = [list(one) for one in stations[world]]


def _story_data(session: Session, person: int) -> StoryData:
    """Return the lines of the person up to the day shown."""
    journeys = journeys_of(session, person)
    return (
        build_story(session, journeys, _fates(session, person), session.now.day)
        if journeys
        else StoryData()
    )
