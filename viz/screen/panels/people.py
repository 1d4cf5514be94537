"""Follow one person in both worlds."""

from __future__ import annotations

import solara

from agents.outcomes import Consequence, Group, Kind, Mode, Status
from viz.figures.markup import el, esc
from viz.screen.journeys import Entry, Journey, shared_people
from viz.screen.panels.parts import LiveMarkup, button, card, note, raw, select
from viz.screen.panels.timebar import day_label
from viz.screen.runloop import Phase
from viz.screen.session import Session

_SHOWN = 40  # entries of a journey
_LISTED = 30  # people in the list
#: Consequences that the status does not show, by the key of their name.
_NAMED: dict[int, str] = {Consequence.EXPULSION: "expulsion", Consequence.TRANSFER: "transfer"}


@solara.component
def Follow(session: Session):
    """Show the journeys of one person in A and in B, event by event."""
    t, person, phase = session.words, session.person.value, session.status.value.phase
    with card(t("follow"), cls="tb-follow"):
        note(t("follow_help" if session.worlds == 2 else "follow_help_alone"))
        if not all(len(log.journey_log) for log in session.logs) or not session.logs:
            note(t("nobody"))
            return
        word = "another" if person else "someone" if session.worlds == 2 else "anyone"
        button(t(word), lambda: session.person.set(_next(session)), small=True, color="primary")
        if phase is Phase.PAUSED:  # a list that grows every day is unreadable
            _People(session)
        known = next(filter(None, _journeys(session, person)), None)
        if person and known:
            raw(f"<b>{esc(t('person'))}</b> {esc(_label(session, known))}", tag="p")
            LiveMarkup(session, lambda: _stories(session, person))


def _journeys(session: Session, person: int) -> list[Journey | None]:
    """Return a person's journey in every world."""
    return [log.journey_log.journeys.get(person) for log in session.logs]


def _stories(session: Session, person: int) -> str:
    """Build the person's journey in every world up to the current day."""
    day = session.now.day
    entries = [journey.until(day) if journey else [] for journey in _journeys(session, person)]
    same = len(entries) == 2 and entries[0] == entries[1]
    columns = [
        el("div", el("h3", name), _story(session, own), class_=f"tb-{name.lower()}")
        for name, own in zip("AB", entries, strict=False)
    ]
    head = el("p", esc(session.words("same_so_far")), class_="tb-note") if same else ""
    return head + el("div", *columns, class_="tb-stories")


@solara.component
def _People(session: Session):
    """Show a list of people, of the selected place if there is one."""
    seen = (session.status.value.simulated, session.place.value)
    people = solara.use_memo(lambda: _people(session)[:_LISTED], [id(session.loop), *seen])
    journeys = session.logs[0].journey_log.journeys
    labels = {_label(session, journeys[uid]): uid for uid in people if uid in journeys}
    select(session.words("choose_person"), labels, session.person.value, session.person.set)


def _people(session: Session) -> list[int]:
    """Return the people to choose from, those whose journeys differ first."""
    place = session.place.value
    logs = [log.journey_log for log in session.logs]
    found = shared_people(logs)
    if place < 0:
        return found

    def was_here(uid: int) -> bool:
        return any(entry.place == place for log in logs for entry in log.journeys[uid].entries)

    return [uid for uid in found if was_here(uid)] or found


def _next(session: Session) -> int:
    """Return the person after the followed one; 0 without people."""
    people, person = _people(session), session.person.value
    if person in people:
        return people[(people.index(person) + 1) % len(people)]
    return people[0] if people else 0


def _label(session: Session, journey: Journey) -> str:
    """Describe a person by number, kind, group and home."""
    t = session.words
    kind, group = Kind(journey.kind).name.lower(), Group(journey.group).name.lower()
    home = t.translate(session.world.place_names[journey.origin])
    return (
        f"{journey.uid % 1_000_000:06d}: {t(f'kind.{kind}')}, {t(f'group.{group}')}, "
        f"{t('home')} {home}"
    )


def _story(session: Session, entries: list[Entry]) -> str:
    """Build a list of events with dates."""
    lines = []
    for before, entry in zip([None, *entries], entries, strict=False):
        if line := _line(session, before, entry):
            date = el("time", esc(day_label(session, entry.day)))
            lines.append(el("li", date, el("span", line)))
    return el("ol", *lines[-_SHOWN:])


def _line(session: Session, before: Entry | None, entry: Entry) -> str:
    """Describe the changes between two entries; empty if only the leg changed."""
    t, names = session.words, session.world.place_names
    old = before or entry._replace(org=-1, mode=-1, consequence=Consequence.NONE)
    at_home = before is None or before.status == Status.DEFERRED
    sets_out = at_home and entry.status != Status.DEFERRED
    parts = [f"{t('event.came_up')}{entry.wealth:,}"] if sets_out else []
    if entry.org >= 0 and old.org != entry.org:
        parts.append(t("event.guided"))
    elif entry.mode == Mode.PORT and old.mode != Mode.PORT:
        parts.append(t("event.port"))
    elif sets_out:
        parts.append(t("event.alone"))
    if entry.place != old.place:
        parts.append(f"{t('event.reached')} {t.translate(names[entry.place])}")
    if entry.consequence != old.consequence and entry.consequence in _NAMED:
        parts.append(t(f"consequence.{_NAMED[entry.consequence]}"))
    if entry.status != old.status or (at_home and not sets_out):
        parts.append(t(f"status.{Status(entry.status).name.lower()}"))
    if (spent := old.wealth - entry.wealth) > 0:
        parts.append(f"\u2212${spent:,}")
    return esc("; ".join(parts))
