"""One person in two worlds: choose by fate, what became of them, and the line that forks."""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.fates import Fate, distance, fate_of, fates, on_leg
from viz.screen.followed import People, frequency
from viz.screen.journeys import Journey
from viz.screen.panels.parts import LiveMarkup, box, button, card, follow, note, select, widget
from viz.screen.panels.person_story import Told, drawing, tell
from viz.screen.panels.person_words import (
    became,
    common_words,
    ends_in_words,
    label,
    place_name,
    who,
)
from viz.screen.runloop import Phase
from viz.screen.session import Session
from viz.screen.widgets.forkline import ForkLine

_LISTED = 30  # people in the list
_WIDTHS = 280, 2_000  # of the drawing, pixels
_NOTE = "people"  # key of the people of the day in the notes of the session
Ends = tuple[str, ...]
_ANY_ENDS: Ends = ()


@solara.component
def Person(session: Session):
    """Show one person in A and in B, or in the world of Explore."""
    t, person, phase = session.words, session.person.value, session.status.value.phase
    two = session.worlds == 2
    with card(t("person.title" if two else "person.title_alone"), cls="tb-person"):
        if not session.logs or not all(len(log.journey_log) for log in session.logs):
            note(t("nobody"))
            return
        if not session.status.value.day:
            note(t("nobody"))
            return
        _Choose(session)
        if person and _journeys(session, person):
            LiveMarkup(session, lambda: _facts(session, person), cls="tb-person-facts")
            if phase is Phase.PAUSED:
                note(_common(session, person))
            _Line(session, person)
        elif person:
            note(t("person.unknown" if two else "person.unknown_alone"))
        else:
            note(t("person.help" if two else "person.help_alone"))


def people(session: Session) -> People:
    """Return the people of the day shown, those with the most unlike fates first.

    Args:
        session: the visitor's session; it keeps the people until another day is shown.

    Returns:
        The people; nobody without worlds.
    """
    key, known = (id(session.loop), session.now.day), session.notes.get(_NOTE)
    if known is None or known[0] != key:
        found = People([log.journey_log for log in session.logs], key[1]) if session.logs else None
        known = session.notes[_NOTE] = key, found or People([], 0)
    return known[1]


def nearest_person(session: Session, world: int, leg: int) -> int:
    """Return a followed person who is on a leg on the day shown.

    Args:
        session: the visitor's session.
        world: index of the world, 0 or 1.
        leg: index of the leg.

    Returns:
        The number of the person whose fates are the most unlike, as far as the worlds are
        simulated; of one who is followed in this world only, if there is nobody else; 0 for nobody.
    """
    if not session.logs:
        return 0
    logs = [log.journey_log for log in session.logs]
    last = min(map(len, session.logs))
    here = on_leg(logs, world, leg, session.now.day)
    known = [fates(log, last) for log in logs]

    def rank(uid: int) -> tuple[bool, float, int]:
        own = [found[uid] for found in known if uid in found]
        alone = len(own) < len(logs)
        return alone, 0.0 if alone or len(own) == 1 else -distance(own[0], own[1]), uid

    return min(here, key=rank, default=0)


def _journeys(session: Session, person: int) -> list[Journey]:
    """Return a person's journey in every world; none if one has no entry on the day shown."""
    found = [log.journey_log.journeys.get(person) for log in session.logs]
    known = [journey for journey in found if journey and journey.at(session.now.day)]
    return known if known and len(known) == session.worlds else []


# ---- choosing -----------------------------------------------------------------------------------
@solara.component
def _Choose(session: Session):
    """Show a button for the next person, and menus of fates and of people."""
    t, phase, place = session.words, session.status.value.phase, session.place.value
    ends, choose_ends = solara.use_state(_ANY_ENDS)
    through, choose_through = solara.use_state(False)
    at = place if through else -1
    first = "person.first" if session.worlds == 2 else "person.first_alone"
    word = "another" if session.person.value else first

    def by_fate(wanted: Ends) -> None:
        choose_ends(wanted)
        session.person.set(next(iter(_offered(session, wanted, at)), 0))

    with box(cls="tb-person-choose"):
        button(t(word), lambda: session.person.set(_next(session, ends, at)), color="primary")
        if phase is not Phase.PAUSED:  # a menu that changes every day is unreadable
            return
        menu: dict[str, Ends] = {t("person.any_fate"): ()}
        for own, n in people(session).menu():
            menu[f"{ends_in_words(session, own)} ({n})"] = own
        select(t("person.by_fate"), menu, ends if ends in menu.values() else (), by_fate)
        offered = _offered(session, ends, at)[:_LISTED]
        journeys = session.logs[0].journey_log.journeys
        labels = {label(session, journeys[uid]): uid for uid in offered if uid in journeys}
        select(t("choose_person"), labels, session.person.value, session.person.set)
        if place >= 0:
            words = t("person.through_place").format(place=place_name(session, place))
            solara.Checkbox(label=words, value=through, on_value=choose_through)


def _offered(session: Session, ends: Ends, place: int) -> list[int]:
    """Return people with these ends (any if empty), of a place if there is one."""
    known = people(session)
    found = known.like(ends) if ends else known.order
    if place < 0:
        return found
    logs, day = [log.journey_log for log in session.logs], session.now.day

    def was_here(uid: int) -> bool:
        return any(e.place == place for log in logs for e in log.journeys[uid].until(day))

    return [uid for uid in found if was_here(uid)]


def _next(session: Session, ends: Ends, place: int) -> int:
    """Return the person after the followed one; 0 without people."""
    offered, person = _offered(session, ends, place), session.person.value
    if person in offered:
        return offered[(offered.index(person) + 1) % len(offered)]
    return offered[0] if offered else 0


# ---- what became of the person ------------------------------------------------------------------
def _fates(session: Session, person: int) -> list[Fate]:
    """Return the person's fate in every world on the day shown."""
    found = [fate_of(journey, session.now.day) for journey in _journeys(session, person)]
    return [fate for fate in found if fate]


def _facts(session: Session, person: int) -> str:
    """Build who the person is, and the table of what became of them."""
    journeys, own = _journeys(session, person), _fates(session, person)
    if not journeys:
        return ""
    t = session.words
    ends = [t(f"fate.{fate.end}") for fate in own]
    return (
        el("p", esc(who(session, journeys[0])), class_="tb-person-who")
        + el("h3", esc(t("person.became")))
        + el("div", became(session, own, ends), class_="tb-person-table")
    )


def _common(session: Session, person: int) -> str:
    """Say how common the person's fate is among the followed people of the same country."""
    known = people(session)
    if person not in known.fates:
        return ""
    journeys = session.logs[0].journey_log.journeys
    country = {uid: session.world.country[journeys[uid].origin] for uid in known.fates}
    return common_words(session, frequency(known, person, country), country[person])


# ---- the line -----------------------------------------------------------------------------------
@solara.component
def _Line(session: Session, person: int):
    """Show the line that forks, and the same events as text."""
    t = session.words
    width, set_width = solara.use_state(0)
    selected, choose = solara.use_state(-1)
    latest: Any = solara.use_ref(Told())
    solara.use_effect(lambda: choose(-1), [person])

    def values() -> dict[str, str]:
        latest.current = _told(session, person)
        if not width:
            return {"drawing": "", "lists": ""}
        line, lists = drawing(session, latest.current, width, selected)
        return {"drawing": line, "lists": lists}

    def on_chosen(chosen: list[int]) -> None:
        if chosen and chosen[0] in latest.current.moments:
            choose(chosen[0])
            session.place.set(latest.current.moments[chosen[0]][1].place)

    LiveMarkup(session, lambda: esc(_told(session, person).sentence), cls="tb-person-parting")
    element = widget(
        ForkLine,
        summary=t("person.as_text"),
        on_width=lambda wide: set_width(min(max(wide, _WIDTHS[0]), _WIDTHS[1])),
        on_chosen=on_chosen,
    )
    follow(session, element, values, every=1.0)
    note(t("person.line_help"))


def _told(session: Session, person: int) -> Told:
    """Return the lines of the person up to the day shown."""
    journeys = _journeys(session, person)
    return tell(session, journeys, _fates(session, person), session.now.day) if journeys else Told()
