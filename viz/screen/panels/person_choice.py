"""The choice of a person: the head of the view of one person, and the menus of fates and people."""

from __future__ import annotations

from collections.abc import Callable

import solara

from viz.figures.markup import el, esc
from viz.screen.panels.parts import LiveMarkup, box, button, select
from viz.screen.panels.person_words import ends_in_words, label, place_name, who
from viz.screen.session.fates import distance, ends_differently, fates, last_on_leg, on_leg
from viz.screen.session.followed import People
from viz.screen.session.journeys import Journey
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session

_LISTED = 30  # people in the list
_NOTE = "people"  # key of the people of the day in the notes of the session
_OFFERED = "offered"  # key of the person that the page selected, not the visitor
_ENDS = "ends"  # key of the chosen fate
_WAITING = Phase.BUILDING, Phase.FAILED, Phase.ENDED
Ends = tuple[str, ...]


def people(session: Session) -> People:
    """Return the people of the day shown, those with the most unlike fates first.

    Args:
        session: the visitor's session; it keeps the people until another day is shown.

    Returns:
        The people; an empty list without worlds.
    """
    key, known = (id(session.loop), session.now.day), session.notes.get(_NOTE)
    if known is None or known[0] != key:
        found = People([log.journey_log for log in session.logs], key[1]) if session.logs else None
        known = session.notes[_NOTE] = key, found or People([], 0)
    return known[1]


def nearest_person(session: Session, world: int, leg: int) -> int:
    """Return a followed person who is on a leg on the day shown, or else was there last.

    Args:
        session: the visitor's session.
        world: index of the world, 0 or 1.
        leg: index of the leg.

    Returns:
        The number of the person whose fates are the most unlike, as far as the worlds are
        simulated; else of a person who is followed in this world only; 0 if there is none.
    """
    if not session.logs:
        return 0
    logs = [log.journey_log for log in session.logs]
    last, day = min(map(len, session.logs)), session.now.day
    here = on_leg(logs, world, leg, day) or last_on_leg(logs, world, leg, day)
    known = [fates(log, last) for log in logs]

    def rank(uid: int) -> tuple[bool, float, int]:
        own = [found[uid] for found in known if uid in found]
        alone = len(own) < len(logs)
        return alone, 0.0 if alone or len(own) == 1 else -distance(own[0], own[1]), uid

    return min(here, key=rank, default=0)


def journeys_of(session: Session, person: int) -> list[Journey]:
    """Return a person's journey in every world; none if one has no entry on the day shown."""
    found = [log.journey_log.journeys.get(person) for log in session.logs]
    known = [journey for journey in found if journey and journey.at(session.now.day)]
    return known if known and len(known) == session.worlds else []


def offer(session: Session) -> None:
    """Follow the person whose fates differ most, unless the visitor has chosen a person.

    A person whom the page chose earlier, when fates were still open, is replaced in a pause by one
    who ends differently.
    """
    person, known = session.person.value, people(session)
    if person and (person != session.notes.get(_OFFERED) or _differs(session, person)):
        return
    if known.order:
        session.notes[_OFFERED] = known.order[0]
        session.person.set(known.order[0])


def _differs(session: Session, person: int) -> bool:
    """Return whether a person can stay while others may have more unlike fates."""
    own = people(session).fates.get(person, ())
    return session.status.value.phase is not Phase.PAUSED or bool(own and ends_differently(own))


# ---- the head -----------------------------------------------------------------------------------
@solara.component
def PersonHead(session: Session):
    """Show who is followed, between the way back and the choice of another person."""
    t, status = session.words, session.status.value
    two, logs = session.worlds == 2, session.logs
    journeys = bool(logs and status.day and all(len(log.journey_log) for log in logs))
    solara.use_effect(
        lambda: offer(session) if journeys else None,
        [journeys, status.phase, session.person.value],
    )
    ends, choose_ends = solara.use_state(session.notes.get(_ENDS, ()))

    def by_fate(wanted: Ends) -> None:
        session.notes[_ENDS] = wanted
        choose_ends(wanted)
        session.person.set(next(iter(offered(session, wanted)), 0))

    with box(cls="tb-headline tb-person-head"):
        button(
            t("layout.back_to_maps"),
            lambda: session.view.set("side"),
            cls="tb-person-view",
            outlined=True,
            icon_name="mdi-arrow-left",
        )
        with box(cls="tb-ask"):
            box(t("person.title" if two else "person.title_alone"), tag="h1")
            shown = session.person.value, session.language.value, session.error.value
            LiveMarkup(session, lambda: _line(session, shown[0]), cls="tb-person-who")
        with box(cls="tb-views"):
            another = t("another" if session.person.value else "person.first_alone")
            button(
                another,
                lambda: session.person.set(_next(session, ends)),
                cls="tb-another",
                outlined=True,
                disabled=not journeys,
            )
            _Fates(session, ends, by_fate)


def loop_state(session: Session) -> str:
    """Return what the page waits for: worlds that are built, or days up to a requested one."""
    t, now = session.words, session.now
    if now.phase is Phase.BUILDING:
        return t("building") + " …"
    if now.phase is Phase.SEEKING and session.loop is not None:
        days = {"day": session.loop.destination, "done": session.loop.simulated}
        return t("seeking").format(**days) + " …"
    return ""


def no_journeys(session: Session) -> str:
    """Return why there are no journeys: the worlds are not ready, run now, or did not run."""
    running = session.now.phase is Phase.RUNNING
    return loop_state(session) or session.words("nobody_yet" if running else "nobody")


def _line(session: Session, person: int) -> str:
    """Build the line under the title: an error, the state of the worlds, or who is followed."""
    t, now = session.words, session.now
    failed = f"{t('failed')}: {t.translate(now.error)}" if now.phase is Phase.FAILED else ""
    if error := t.translate(session.error.value) or failed:
        return el("p", esc(error), class_="tb-trouble")
    if state := loop_state(session):
        return el("p", esc(state))
    journeys = journeys_of(session, person)
    if journeys:
        words = who(session, journeys[0])
        return el("p", esc(words), title=words)
    if not (session.logs and now.day):
        return el("p", esc(no_journeys(session)))
    alone = "" if session.worlds == 2 else "_alone"
    return el("p", esc(t(f"person.{'unknown' if person else 'help'}{alone}")))


def _Fates(session: Session, ends: Ends, choose: Callable[[Ends], object]) -> None:
    """Show a menu of fates with their numbers of people, as of the last pause."""
    t = session.words
    menu: dict[str, Ends] = {t("person.any_fate"): ()}
    if session.logs and session.status.value.day:
        for own, n in people(session).menu():
            menu[f"{ends_in_words(session, own)} ({n})"] = own
    with box(cls="tb-person-fates"):
        select(t("person.by_fate"), menu, ends or None, choose)


def offered(session: Session, ends: Ends, place: int = -1) -> list[int]:
    """Return people with these ends (any if empty), of a place if there is one."""
    known = people(session)
    found = known.like(ends) if ends else known.order
    if place < 0:
        return found
    logs, day = [log.journey_log for log in session.logs], session.now.day

    def was_here(uid: int) -> bool:
        return any(e.place == place for log in logs for e in log.journeys[uid].until(day))

    return [uid for uid in found if was_here(uid)]


def _next(session: Session, ends: Ends) -> int:
    """Return the person after the followed one; 0 without people."""
    known, person = offered(session, ends), session.person.value
    if person in known:
        return known[(known.index(person) + 1) % len(known)]
    return known[0] if known else 0


# ---- the list of people -------------------------------------------------------------------------
@solara.component
def PersonList(session: Session):
    """Show a list of people, all or those who have been in the selected place."""
    t, place = session.words, session.place.value
    through, choose_through = solara.use_state(False)
    if session.status.value.phase is not Phase.PAUSED:  # a list that changes daily is unreadable
        return
    found = offered(session, session.notes.get(_ENDS, ()), place if through else -1)[:_LISTED]
    journeys = session.logs[0].journey_log.journeys
    labels = {label(session, journeys[uid]): uid for uid in found if uid in journeys}
    with box(cls="tb-person-list"):
        select(t("choose_person"), labels, session.person.value, session.person.set)
        if place >= 0:
            words = t("person.through_place").format(place=place_name(session, place))
            solara.Checkbox(label=words, value=through, on_value=choose_through)
