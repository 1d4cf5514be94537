"""Choosing a person: the head for the view of one person, and the menus of fates and people."""

from __future__ import annotations

from collections.abc import Callable

import solara

from viz.figures.markup import el, esc
from viz.screen.panels.parts import LiveMarkup, box, button, select
from viz.screen.panels.person_words import describe_person, ends_in_words
from viz.screen.session.fates import People
from viz.screen.session.journeys import Journey
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session

_NOTE = "people"  # key of the people of the day in the notes of the session
_ENDS = "ends"  # key of the chosen fate
Ends = tuple[str, ...]


def people(session: Session) -> People:
    """Return the people on the day shown, the most unlike fates first.

    Args:
        session: the visitor's session; it keeps the people until another day is shown.

    Returns:
        The people; an empty list without worlds.
    """
    key, entry = (id(session.loop), session.now.day), session.notes.get(_NOTE)
    if entry is None or entry[0] != key:
        logs = [log.journey_log for log in session.logs]
        entry = session.notes[_NOTE] = key, People(logs, session.now.day)
    return entry[1]


def nearest_person(session: Session, world: int, leg: int) -> int:
    """Return a followed person who was the last to set foot on a leg.

    Args:
        session: the visitor's session.
        world: index of the world, 0 or 1.
        leg: index of the leg.

    Returns:
        The person's number: among several people, the one with the most unlike fates, else a
        person who is followed in this world only, 0 if no person has been there.
    """
    days: dict[int, int] = {}  # last day of an entry on the leg, by person
    logs, day = session.logs, session.now.day
    for uid, journey in list(logs[world].journey_log.journeys.items()) if logs else ():
        if leg in journey.legs(day):
            days[uid] = max(entry.day for entry in journey.until(day) if entry.leg == leg)
    last = [uid for uid, on in days.items() if on == max(days.values())]
    order = people(session).order
    return next((uid for uid in order if uid in last), min(last, default=0))


def journeys_of(session: Session, person: int) -> list[Journey]:
    """Return a person's journey in every world; none if one has no entry on the day shown."""
    journeys = [log.journey_log.journeys.get(person) for log in session.logs]
    begun = [journey for journey in journeys if journey and journey.until(session.now.day)]
    return begun if len(begun) == 2 else []


def offer(session: Session) -> None:
    """Follow the person whose fates differ most, unless a person is followed already."""
    if not session.person.value:
        session.person.set(next(iter(people(session).order), 0))


# ---- the head -----------------------------------------------------------------------------------
@solara.component
def PersonHead(session: Session):
    """Show who is followed, between the way back and the choice of another person."""
    t, status = session.words, session.status.value
    logs = session.logs
    journeys = bool(logs and status.day and all(len(log.journey_log) for log in logs))
    solara.use_effect(
        lambda: offer(session) if journeys else None, [journeys, session.person.value]
    )
    ends, choose_ends = solara.use_state(session.notes.get(_ENDS, ()))

    def by_fate(chosen: Ends) -> None:
        session.notes[_ENDS] = chosen
        choose_ends(chosen)
        session.person.set(next(iter(offered(session, chosen)), 0))

    with box(cls="tb-headline tb-person-head"):
        button(
            t("layout.back_to_maps"),
            lambda: session.view.set("side"),
            cls="tb-person-view",
            outlined=True,
            icon_name="mdi-arrow-left",
        )
        with box(cls="tb-ask"):
            box(t("person.title"), tag="h1")
            session.error.get()  # the line shows it
            LiveMarkup(session, lambda: _line(session, session.person.value), cls="tb-person-who")
        with box(cls="tb-views"):
            another = t("another" if session.person.value else "person.first")
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
    t, status = session.words, session.now
    if status.phase is Phase.BUILDING:
        return t("building") + " …"
    if status.phase is Phase.SEEKING and session.loop is not None:
        days = {"day": session.loop.destination, "done": session.loop.simulated}
        return t("seeking").format(**days) + " …"
    return ""


def state_markup(session: Session) -> str:
    """Build an error, or the state while a loop builds or seeks, or "" if there is neither."""
    t, status = session.words, session.now
    failed = f"{t('failed')}: {t.translate(status.error)}" if status.phase is Phase.FAILED else ""
    if error := t.translate(session.error.value) or failed:
        return paragraph(error, "tb-trouble")
    state = loop_state(session)
    return paragraph(state, "tb-state") if state else ""


def paragraph(text: str, cls: str | None = None) -> str:
    """Build a line of text that is cut where it does not fit; its title is the whole text."""
    return el("p", esc(text), class_=cls, title=text)


def no_journeys(session: Session) -> str:
    """Return why there are no journeys: the worlds are not ready, run now, or did not run."""
    running = session.now.phase is Phase.RUNNING
    return loop_state(session) or session.words("nobody_yet" if running else "nobody")


def _line(session: Session, person: int) -> str:
    """Build the line under the title: an error, the state of the worlds, or who is followed."""
    if state := state_markup(session):
        return state
    if journeys := journeys_of(session, person):
        return paragraph(describe_person(session, journeys[0]))
    if not (session.logs and session.now.day):
        return paragraph(no_journeys(session))
    return paragraph(session.words(f"person.{'unknown' if person else 'help'}"))


def _Fates(session: Session, ends: Ends, choose: Callable[[Ends], object]) -> None:
    """Show a menu of fates with how many people have them, at the last pause."""
    t = session.words
    menu: dict[str, Ends] = {t("person.any_fate"): ()}
    if session.logs and session.status.value.day:
        for pair, n in people(session).menu():
            menu[f"{ends_in_words(session, pair)} ({n})"] = pair
    with box(cls="tb-person-fates"):
        select(t("person.by_fate"), menu, ends or None, choose)


def offered(session: Session, ends: Ends) -> list[int]:
    """Return the people with these ends, any if empty, in the offered order."""
    return people(session).with_ends(ends) if ends else people(session).order


def _next(session: Session, ends: Ends) -> int:
    """Return the person after the followed one, 0 without people."""
    order, person = offered(session, ends), session.person.value
    if person in order:
        return order[(order.index(person) + 1) % len(order)]
    return next(iter(order), 0)
