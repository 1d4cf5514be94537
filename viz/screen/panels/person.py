"""Panels on a person in two worlds: the fate in each world, and the line that forks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import solara

from agents.outcomes import Mode
from viz.figures.forking_line import Drawing, Line, LineEvent, PersonTimeline, draw, lay_out
from viz.figures.markup import el, esc
from viz.screen.panels.naming import date_of
from viz.screen.panels.parts import LiveMarkup, box, card, follow, note, raw, widget_element
from viz.screen.panels.person_choice import (
    detail,
    dollars,
    fate_table,
    full_text,
    journeys_of,
    no_journeys,
    outcome,
    people,
    place_name,
    short_date,
    title,
)
from viz.screen.session.fates import (
    CONSEQUENCES,
    WAYS,
    Fate,
    Moment,
    captivities,
    common,
    ends_differently,
    fate_of,
    moments,
    paid_until,
    parting_day,
)
from viz.screen.session.journeys import Entry, Journey
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import ForkLine

_MAX_WIDTH = 2_000  # maximum width of the drawing, in pixels


@solara.component
def PersonFacts(session: Session):
    """Show the fates of the followed person, and how common they are."""
    t, person = session.words, session.person.value
    with card(t("person.became"), cls="tb-person"):
        if not (person and session.status.value.day and journeys_of(session, person)):
            if session.status.value.day:
                note(t("person.choose"))
            else:
                LiveMarkup(session, lambda: esc(no_journeys(session)), cls="tb-note")
            return
        LiveMarkup(
            session, lambda: fate_table(session, _fates(session, person)), cls="tb-person-table"
        )
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
        else:
            note(session.words("person.line_later"))


# ---- fates --------------------------------------------------------------------------------------
def _fates(session: Session, person: int) -> list[Fate]:
    """Return the person's fate in each world on the displayed day."""
    fates = [fate_of(journey, session.now.day) for journey in journeys_of(session, person)]
    return [fate for fate in fates if fate]


def _common(session: Session, person: int) -> str:
    """State how common the person's fates are among the followed people."""
    t, followed = session.words, people(session)
    if person not in followed.fates:
        return ""
    ends = [fate.end for fate in followed.fates[person]]
    text = t("person.how_common").format(
        people=len(followed.fates),
        differ=sum(map(ends_differently, followed.fates.values())),
        alike=len(followed.with_ends(ends)),
    )
    return el("b", esc(t("person.common"))) + " " + esc(f"{text} {t('person.sample')}")


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
        drawn_line = drawing(session, latest.current, width, selected)
        _number_places(session, drawn_line.stations)
        return {"drawing": drawn_line.line, "lists": drawn_line.lists}

    def on_chosen(chosen: list[int]) -> None:
        if chosen and chosen[0] in latest.current.moments:
            choose(chosen[0])
            session.place.set(latest.current.moments[chosen[0]][1].place)

    LiveMarkup(session, lambda: esc(_story_data(session, person).sentence), cls="tb-person-parting")
    element = widget_element(
        ForkLine,
        summary=t("person.as_text"),
        on_width=lambda wide: set_width(min(wide, _MAX_WIDTH)),
        on_chosen=on_chosen,
    )
    follow(session, element, values, every=1.0)
    note(t("person.line_help"))


def _number_places(session: Session, stations: Sequence[Sequence[Station]]) -> None:
    """Write the numbers of the events on the line at their places on the maps."""
    for world, map_widget in session.live_widgets.maps.items():
        map_widget.stations = [list(station) for station in stations[world]]


def _story_data(session: Session, person: int) -> StoryData:
    """Return the lines of the person up to the displayed day."""
    if not (journeys := journeys_of(session, person)):
        return StoryData()
    return build_story(session, journeys, _fates(session, person), session.now.day)


# ---- data for the widget: the forking line of a person, and the same events as text
_NAMES = {"": "person.both", "a": "world_a", "b": "world_b"}  # text keys of the names of lines


@dataclass
class StoryData:
    """Journeys of a person up to a day.

    Attributes:
        moments: world of the line ("", "a" or "b", where "" is both worlds) and moment, by key.
        parting: first day on which the worlds differ, 0 if they do not differ.
        story: lines and events, or None if no journeys exist.
        sentence: first difference between the worlds in words.
    """

    moments: dict[int, tuple[str, Moment]] = field(default_factory=dict)
    parting: int = 0
    story: PersonTimeline | None = None
    sentence: str = ""


def build_story(
    session: Session, journeys: Sequence[Journey], fates: Sequence[Fate], day: int
) -> StoryData:
    """Build the lines of a person.

    Args:
        session: session of the visitor.
        journeys, fates: journey and fate of the person in each world.
        day: displayed day.

    Returns:
        The lines with their events.
    """
    data = StoryData()
    entries = [journey.entries for journey in journeys]
    all_moments = [moments(journey, day, session.world) for journey in journeys]
    data.parting = parting_day(entries[0], entries[1], day)
    days, note = [], ()
    if data.parting:
        days = on_the_day(session, entries, all_moments, data.parting)
        when = session.words("person.part").format(date=short_date(session, data.parting))
        note = when, " · ".join(days)
    data.sentence = _sentence(session, data, journeys, days)
    lines = _lines(session, data, journeys, fates, all_moments, day)
    first = min(journey.until(day)[0].day for journey in journeys)
    data.story = PersonTimeline(first, date_of(session, 1), lines, data.parting, note)
    return data


def _lines(
    session: Session,
    data: StoryData,
    journeys: Sequence[Journey],
    fates: Sequence[Fate],
    all_moments: Sequence[Sequence[Moment]],
    day: int,
) -> list[Line]:
    """Return the common line and, from the day on which the worlds part, the lines of A and B."""
    lines, worlds = [], [""]
    if data.parting:
        worlds = ["a", "b"]
        trunk = [moment for moment in all_moments[0] if moment.day < data.parting]
        captive = captivities(journeys[0].until(day), day)
        lines.append(Line("", _marks(session, data, "", trunk), data.parting, [], captive))
    for world, journey, fate, events in zip(worlds, journeys, fates, all_moments, strict=False):
        entries = journey.until(day)
        end = outcome(session, fate, events[-1] if events else None, day)
        rest = [moment for moment in events if moment.day >= data.parting]
        marks = _marks(session, data, world, rest, fate.decided)
        until = max(entries[-1].day if fate.decided else day, data.parting)
        lines.append(Line(world, marks, until, end, captivities(entries, day)))
    return lines


def _marks(
    session: Session, data: StoryData, world: str, events: Sequence[Moment], ends: bool = False
) -> list[LineEvent]:
    """Store the moments of a line by key, and return its events. With `ends`, the last ends it."""
    marks = []
    for moment in events:
        key = len(data.moments)
        data.moments[key] = world, moment
        rest = ", ".join(filter(None, (short_date(session, moment.day), detail(session, moment))))
        texts = title(session, moment), rest, moment.importance
        is_last = ends and moment is events[-1]
        marks.append(LineEvent(moment.day, *texts, key, moment.human, is_last))
    return marks


# ---- where the worlds part ----------------------------------------------------------------------
def _sentence(
    session: Session, data: StoryData, journeys: Sequence[Journey], days: Sequence[str]
) -> str:
    """State until when the worlds are equal, and the first recorded difference."""
    t = session.words
    if not data.parting:
        return t("same_so_far")
    entries = [journey.entries for journey in journeys]
    same = common(entries[0], entries[1])
    date = short_date(session, data.parting)
    key = "person.parted" if same else "person.parted_at_once"
    sentences = [t(key).format(date=date), *(f"{day}." for day in days)]
    if same:
        paid = [paid_until(journey, journey.entries[same - 1]) for journey in journeys]
        if paid[0] != paid[1]:
            a, b = map(dollars, paid)
            sentences.append(t("person.money_before").format(a=a, b=b))
    return " ".join(sentences)


# ---- the drawing and the lists ------------------------------------------------------------------
#: A numbered place: its index, the number of the event, and 1 if both worlds have the event.
Station = tuple[int, int, int]


class DrawnStory(NamedTuple):
    """Drawing of a person's lines.

    Attributes:
        line: lines as SVG.
        lists: events as HTML lists.
        stations: numbered places in each world, in numerical order.
    """

    line: str = ""
    lists: str = ""
    stations: tuple[list[Station], list[Station]] = ([], [])


def drawing(session: Session, data: StoryData, width: float, selected: int) -> DrawnStory:
    """Draw the lines of a person.

    Args:
        session: session of the visitor.
        data: lines and events.
        width: width of the drawing in pixels.
        selected: key of the selected event, -1 for none.

    Returns:
        The drawing, the same events as lists, and the numbered places.
    """
    if data.story is None:
        return DrawnStory()
    t, placed = session.words, lay_out(data.story, width)
    numbers = {mark.event.key: mark.number for mark in placed.marks}
    spoken = {key: _spoken(session, data, key, n) for key, n in numbers.items()}
    names = t("person.line"), data.sentence
    months = t("naming.months").split()
    return DrawnStory(
        draw(placed, *names, months, spoken, selected),
        _lists(session, data, placed, numbers),
        (_stations(data, numbers, "a"), _stations(data, numbers, "b")),
    )


def _stations(data: StoryData, numbers: dict[int, int], world: str) -> list[Station]:
    """Return the numbered places on one world's line and on the common line."""
    stations = [
        (moment.place, numbers[key], int(not line))
        for key, (line, moment) in data.moments.items()
        if key in numbers and line in ("", world) and moment.place >= 0
    ]
    return sorted(stations, key=lambda station: station[1])


def _spoken(session: Session, data: StoryData, key: int, number: int) -> str:
    """Return the accessible name of an event."""
    world, moment = data.moments[key]
    parts = str(number), session.words(_NAMES[world]), short_date(session, moment.day)
    return ", ".join((*parts, full_text(session, moment)))


def _lists(session: Session, data: StoryData, placed: Drawing, numbers: dict[int, int]) -> str:
    """Build a list per line, with a button per event."""
    t, parts = session.words, []
    if placed.dropped and not placed.narrow:
        n = len(placed.dropped)
        parts.append(el("p", esc(t("person.dropped").format(n=n)), class_="tb-note"))
    columns = []
    assert data.story is not None
    for line in data.story.lines:
        items = [_item(session, data, event.key, numbers) for event in line.events]
        head = el("h3", esc(t(_NAMES[line.world])))
        name = {"": "tb-both"}.get(line.world, f"tb-{line.world}")
        ends = el("p", esc(" · ".join(line.outcome[:2])), class_="tb-note") if line.outcome else ""
        columns.append(el("div", head, el("ol", *items), ends, class_=name))
    return "".join(parts) + el("div", *columns, class_="tb-person-lists")


def _item(session: Session, data: StoryData, key: int, numbers: dict[int, int]) -> str:
    """Build the list item of an event, whose button selects the event's place."""
    _, moment = data.moments[key]
    bare = None if key in numbers else "tb-bare"
    mark = el("i", esc(numbers.get(key, "·")), aria_hidden="true", class_=bare)
    date = el("time", esc(short_date(session, moment.day)))
    body = mark + el("span", date, " ", el("span", esc(full_text(session, moment))))
    where = place_name(session, moment.place)
    hint = session.words("person.show_on_map").format(place=where) if where else None
    return el("li", el("button", body, type="button", data_event=key, title=hint))


# ---- difference between the worlds on the day on which the journeys part
def on_the_day(
    session: Session,
    entries: Sequence[Sequence[Entry]],
    world_moments: Sequence[Sequence[Moment]],
    day: int,
) -> list[str]:
    """Describe the events in each world on the day on which they part.

    If the descriptions are equal, the difference follows: the next leg, the way of travel, the
    organisation, the consequence, or the number of attempts at the line.

    Args:
        session: session of the visitor.
        entries: all entries of the person in A and in B.
        world_moments: moments up to the displayed day in A and in B.
        day: day on which the worlds part.

    Returns:
        Two texts, each with the letter of its world.
    """
    texts = [_on(session, moments, day) for moments in world_moments]
    if texts[0] == texts[1]:
        extra = _entry_differences(session, entries, day)
        texts = [f"{text} – {more}" for text, more in zip(texts, extra, strict=True)]
    return [f"{name}: {text}" for name, text in zip("AB", texts, strict=True)]


def _on(session: Session, moments: Sequence[Moment], day: int) -> str:
    """Describe the moment on a day or, if there is none, the next moment with its date."""
    t = session.words
    coming = next((moment for moment in moments if moment.day >= day), None)
    if coming is not None and coming.day == day:
        return full_text(session, coming)
    if coming is None:
        return t("person.nothing_that_day")
    date = short_date(session, coming.day)
    return t("person.nothing_but_later").format(date=date, event=full_text(session, coming))


def _entry_differences(session: Session, entries: Sequence[Sequence[Entry]], day: int) -> list[str]:
    """Describe the state at the end of a day in A and in B, as far as the states differ."""
    t = session.words
    recorded = [[entry for entry in journey if entry.day <= day] for journey in entries]
    if not all(recorded):
        return [t("person.differs_unseen")] * 2
    a, b = (journey[-1] for journey in recorded)
    facts_a, facts_b = _entry_facts(session, a), _entry_facts(session, b)
    differing = [key for key in facts_a if facts_a[key] != facts_b[key]]
    if not differing:
        return [t("person.differs_guide" if a.org != b.org else "person.differs_unseen")] * 2
    return [", ".join(facts[key] for key in differing) for facts in (facts_a, facts_b)]


def _entry_facts(session: Session, entry: Entry) -> dict[str, str]:
    """Return facts about an entry that events may leave out, in words."""
    t, world = session.words, session.world
    leg = t("person.no_leg")
    if entry.leg >= 0:
        ends = {"place": place_name(session, int(world.head[entry.leg]))}
        way = world.leg_ids[entry.leg].rsplit(":", 1)[-1]
        leg = t(f"person.leg_{way}").format(**ends)
    consequence = CONSEQUENCES.get(entry.consequence, "")
    return {
        "leg": leg,
        "mode": t(f"how.{WAYS[Mode(entry.mode)]}"),
        "consequence": t(f"how.{consequence}") if consequence else t("person.no_consequence"),
        "line_tries": t("person.nth_attempt").format(n=entry.line_tries),
    }
