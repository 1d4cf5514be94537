"""Follow one person through both worlds, and see where all journeys end."""

from __future__ import annotations

import solara

from agents.outcomes import Group, Kind, Mode, Status
from viz.figures.markup import el, esc
from viz.screen.journeys import Entry, Journey, shared_people
from viz.screen.panels.parts import LiveMarkup, box, heading, note, raw
from viz.screen.panels.sankey import sankey_svg
from viz.screen.panels.timebar import told_day
from viz.screen.runloop import Phase
from viz.screen.session import Session

_SHOWN = 40  # entries of a journey
_LISTED = 30  # people to choose from


@solara.component
def Follow(session: Session):
    """The same person in A and in B, event by event."""
    t, person, look = session.words, session.person.value, session.status.value
    with box(cls="tb-card tb-follow", tag="section"):
        heading(t("follow"))
        note(t("follow_help" if session.worlds == 2 else "follow_help_alone"))
        if not all(len(log.journey_log) for log in session.logs) or not session.logs:
            note(t("nobody"))
            return
        word = "another" if person else "someone" if session.worlds == 2 else "anyone"
        solara.Button(
            t(word),
            small=True,
            color="primary",
            on_click=lambda: session.person.set(_next(session)),
        )
        if look.phase is Phase.PAUSED:  # a list that grows every day cannot be read
            _Listed(session)
        if not person:
            return
        journeys = [log.journey_log.journeys.get(person) for log in session.logs]
        known = next((one for one in journeys if one), None)
        if known is None:
            return
        raw(_who(session, known), tag="p")
        LiveMarkup(session.live_widgets, lambda: _stories(session, person))


def _stories(session: Session, person: int) -> str:
    """The person's journey in every world up to the day that is shown, as markup."""
    journeys = [log.journey_log.journeys.get(person) for log in session.logs]
    told = [journey.until(session.now.day) if journey else [] for journey in journeys]
    same = len(told) == 2 and told[0] == told[1]
    columns = [
        el("div", el("h3", name), _story(session, entries), class_=f"tb-{side}")
        for name, side, entries in zip("AB", "ab", told, strict=False)
    ]
    head = el("p", esc(session.words("same_so_far")), class_="tb-note") if same else ""
    return head + el("div", *columns, class_="tb-stories")


@solara.component
def _Listed(session: Session):
    """Choose a person by who they are: of the place that is selected, if one is."""
    t, look = session.words, session.status.value
    seen = (look.played, session.place.value)
    people = solara.use_memo(lambda: _people(session)[:_LISTED], [id(session.loop), *seen])
    journeys = session.logs[0].journey_log.journeys
    told = {_label(session, journeys[uid]): uid for uid in people if uid in journeys}
    by_uid = {uid: label for label, uid in told.items()}
    solara.Select(
        t("choose_person"),
        values=list(told),
        value=by_uid.get(session.person.value),
        on_value=lambda label: session.person.set(told.get(label, 0)),
    )


def _people(session: Session) -> list[int]:
    """Whom one can follow now, those whose journeys differ first."""
    place = session.place.value
    diaries = [log.journey_log for log in session.logs]
    found = shared_people(diaries)
    if place < 0:
        return found
    here = [
        uid
        for uid in found
        if any(entry.place == place for d in diaries for entry in d.journeys[uid].entries)
    ]
    return here or found


def _next(session: Session) -> int:
    """The one after the person who is followed; 0 where nobody is."""
    people, person = _people(session), session.person.value
    if person in people:
        return people[(people.index(person) + 1) % len(people)]
    return people[0] if people else 0


def _who(session: Session, journey: Journey) -> str:
    """Who it is, as markup."""
    return f"<b>{esc(session.words('person'))}</b> {esc(_label(session, journey))}"


def _label(session: Session, journey: Journey) -> str:
    """Who it is: no name, for there is none; kind, group and home."""
    t = session.words
    kind, group = Kind(journey.kind).name.lower(), Group(journey.group).name.lower()
    home = t.translate(session.world.place_names[journey.origin])
    return (
        f"{journey.uid % 1_000_000:06d}: {t(f'kind.{kind}')}, {t(f'group.{group}')}, "
        f"{t('home')} {home}"
    )


def _story(session: Session, entries: list[Entry]) -> str:
    """A list of what happened, with dates."""
    lines = []
    for before, entry in zip([None, *entries], entries, strict=False):
        told = _line(session, before, entry)
        if told:
            date = el("time", esc(told_day(session, entry.day)))
            lines.append(el("li", date, el("span", told)))
    return el("ol", *lines[-_SHOWN:])


def _line(session: Session, before: Entry | None, entry: Entry) -> str:
    """What changed between two evenings, in words; nothing where it was only a leg."""
    t, names = session.words, session.world.place_names
    parts = []
    if before is None:
        parts.append(f"{t('event.came_up')}{entry.wealth:,}")
    if entry.org >= 0 and (before is None or before.org != entry.org):
        parts.append(t("event.guided"))
    elif entry.mode == Mode.PORT and (before is None or before.mode != Mode.PORT):
        parts.append(t("event.port"))
    elif before is None:
        parts.append(t("event.alone"))
    if before is not None and entry.place != before.place:
        parts.append(f"{t('event.reached')} {t.translate(names[entry.place])}")
    if before is not None and entry.status != before.status:
        parts.append(t(f"status.{Status(entry.status).name.lower()}"))
    spent = before.wealth - entry.wealth if before is not None else 0
    if spent > 0:
        parts.append(f"\u2212${spent:,}")
    return esc("; ".join(parts))


@solara.component
def JourneyOutcomes(session: Session):
    """Where journeys end: from home to where people stand, in both worlds."""
    t = session.words
    with box(cls="tb-card tb-ends", tag="section"):
        heading(t("journeys_end"))
        note(t("journeys_note"))
        LiveMarkup(session.live_widgets, lambda: _ends(session), cls="tb-sankeys", every=2.0)


def _ends(session: Session) -> str:
    """A picture for every world."""
    day = session.now.day
    worlds = range(session.worlds) if session.logs and day else ()
    return "".join(el("figure", sankey_svg(session, world, day)) for world in worlds)
