"""The forking line of one person, and the same as text: what a widget needs for a day and width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.outcomes import Status
from viz.figures.forking_line import Drawing, Line, LineEvent, Story, draw, lay_out
from viz.figures.markup import el, esc
from viz.screen.panels.parting import on_the_day
from viz.screen.panels.person_words import (
    date_of,
    detail,
    dollars,
    outcome,
    place_name,
    short_date,
    title,
    whole,
)
from viz.screen.session.fates import Fate
from viz.screen.session.journey_events import Moment, common, moments, parting_day
from viz.screen.session.journeys import Entry, Journey
from viz.screen.session.session import Session

_NAMES = {"": "both", "a": "world_a", "b": "world_b"}


@dataclass
class StoryData:
    """The journeys of one person up to a day.

    Attributes:
        moments: by key, with the world of their line ("" for both).
        parting: the first day on which the worlds differ; 0 if they do not.
        story: the lines.
        sentence: what differs where the worlds part, in words.
    """

    moments: dict[int, tuple[str, Moment]] = field(default_factory=dict)
    parting: int = 0
    story: Story | None = None
    sentence: str = ""


def build_story(
    session: Session, journeys: Sequence[Journey], fates: Sequence[Fate], day: int
) -> StoryData:
    """Build the lines of a person.

    Args:
        session: the visitor's session.
        journeys, fates: of the person in each world.
        day: the day shown.

    Returns:
        The lines, with their events.
    """
    data = StoryData()
    own = [moments(journey, day, session.world) for journey in journeys]
    lasts = [events[-1] if events else None for events in own]
    ends = [outcome(session, *pair, day) for pair in zip(fates, lasts, strict=True)]
    untils = [_until(journey, fate, day) for journey, fate in zip(journeys, fates, strict=True)]
    first = min(journey.until(day)[0].day for journey in journeys)
    days: Sequence[str] = ()
    if len(journeys) == 1:
        lines = [_line(session, data, "a", own[0], untils[0], ends[0], fates[0])]
    else:
        entries = [journey.entries for journey in journeys]
        data.parting = parting_day(entries[0], entries[1], day)
        if data.parting:
            days = on_the_day(session, entries, own, data.parting)
        data.sentence = _sentence(session, data, journeys, days)
        lines = _lines(session, data, own, untils, ends, fates)
    for line in lines:
        line.captive.extend(_captive(journeys[line.world == "b"], day))
    note = _note(session, data, days) if data.parting else ()
    data.story = Story(first, date_of(session, 1), lines, data.parting, note)
    return data


def _lines(
    session: Session,
    data: StoryData,
    own: list[list[Moment]],
    untils: list[int],
    ends: list[list[str]],
    fates: Sequence[Fate],
) -> list[Line]:
    """Return the line of both worlds, and those of A and of B after the day on which they part."""
    if not data.parting:
        return [_line(session, data, "", own[0], untils[0], ends[0], fates[0])]
    trunk = [moment for moment in own[0] if moment.day < data.parting]
    lines = [_line(session, data, "", trunk, data.parting, [], None)]
    for world, events, until, end, fate in zip("ab", own, untils, ends, fates, strict=True):
        rest = [moment for moment in events if moment.day >= data.parting]
        lines.append(_line(session, data, world, rest, max(until, data.parting), end, fate))
    return lines


def _line(
    session: Session,
    data: StoryData,
    world: str,
    events: Sequence[Moment],
    until: int,
    end: Sequence[str],
    fate: Fate | None,
) -> Line:
    """Return a line, and remember its moments by key."""
    marks = []
    for k, moment in enumerate(events):
        key = len(data.moments)
        data.moments[key] = world, moment
        rest = ", ".join(filter(None, (short_date(session, moment.day), detail(session, moment))))
        last = bool(fate and fate.decided) and k == len(events) - 1
        shown = title(session, moment), rest, moment.importance
        marks.append(LineEvent(moment.day, *shown, key, moment.human, last))
    return Line(world, marks, until, end, [])


def _until(journey: Journey, fate: Fate, day: int) -> int:
    """Return the day of the end, or the day shown."""
    return journey.until(day)[-1].day if fate.decided else day


def _captive(journey: Journey, day: int) -> list[tuple[int, int]]:
    """Return first and last day of each captivity."""
    entries = journey.until(day)
    nexts = [*(entry.day for entry in entries[1:]), day]
    return [
        (entry.day, until)
        for entry, until in zip(entries, nexts, strict=True)
        if entry.status == Status.KIDNAPPED
    ]


# ---- where the worlds part ----------------------------------------------------------------------
def _note(session: Session, data: StoryData, days: Sequence[str]) -> tuple[str, str]:
    """Return two rows about the parting: the day, and what happens on it in each world."""
    when = session.words("person.part").format(date=short_date(session, data.parting))
    return when, " · ".join(days)


def _sentence(
    session: Session, data: StoryData, journeys: Sequence[Journey], days: Sequence[str]
) -> str:
    """Say how far the worlds are the same, and what differs then, as far as is recorded."""
    t = session.words
    if not data.parting:
        return t("same_so_far")
    entries = [journey.entries for journey in journeys]
    same = common(entries[0], entries[1])
    date = short_date(session, data.parting)
    key = "person.parted" if same else "person.parted_at_once"
    sentences = [t(key).format(date=date), *(f"{one}." for one in days)]
    if same:
        paid = [_paid(journey, entries[k][same - 1]) for k, journey in enumerate(journeys)]
        if paid[0] != paid[1]:
            a, b = map(dollars, paid)
            sentences.append(t("person.money_before").format(a=a, b=b))
    return " ".join(sentences)


def _paid(journey: Journey, entry: Entry) -> int:
    """Return the dollars that a person had paid at an entry."""
    return max(0, journey.savings - entry.wealth + entry.debt)


# ---- the drawing and the lists ------------------------------------------------------------------
#: A numbered place: its index, the number of the event, and 1 for an event of both worlds.
Station = tuple[int, int, int]


class Shown(NamedTuple):
    """A drawn line.

    Attributes:
        line: the line as SVG.
        lists: its events as lists.
        stations: the numbered places of each world, in the order of the numbers.
    """

    line: str = ""
    lists: str = ""
    stations: tuple[list[Station], list[Station]] = ([], [])


def drawing(session: Session, data: StoryData, width: float, selected: int) -> Shown:
    """Draw the lines of a person.

    Args:
        session: the visitor's session.
        data: the lines and their events.
        width: of the drawing, pixels.
        selected: key of the selected event; -1 for none.

    Returns:
        The drawing, the same events as lists, and the places of the numbers.
    """
    if data.story is None:
        return Shown()
    t, placed = session.words, lay_out(data.story, width)
    numbers = {mark.event.key: mark.number for mark in placed.marks}
    spoken = {key: _spoken(session, data, key, n) for key, n in numbers.items()}
    names = t("person.line"), data.sentence or t("person.line_alone")
    months = t("naming.months").split()
    return Shown(
        draw(placed, *names, months, spoken, selected),
        _lists(session, data, placed, numbers),
        (_stations(data, numbers, "a"), _stations(data, numbers, "b")),
    )


def _stations(data: StoryData, numbers: dict[int, int], world: str) -> list[Station]:
    """Return the numbered places of a world and of both."""
    found = [
        (moment.place, numbers[key], int(not own))
        for key, (own, moment) in data.moments.items()
        if key in numbers and own in ("", world) and moment.place >= 0
    ]
    return sorted(found, key=lambda one: one[1])


def _spoken(session: Session, data: StoryData, key: int, number: int) -> str:
    """Return the accessible name of an event."""
    world, moment = data.moments[key]
    parts = [
        str(number),
        session.words(_world_key(session, world)),
        short_date(session, moment.day),
    ]
    return ", ".join([*parts, whole(session, moment)])


def _world_key(session: Session, world: str) -> str:
    """Return the key of the name of a line."""
    return (
        "world" if session.worlds == 1 else f"person.{_NAMES['']}" if not world else _NAMES[world]
    )


def _lists(session: Session, data: StoryData, placed: Drawing, numbers: dict[int, int]) -> str:
    """Build the events of each line as a list of buttons."""
    t, parts = session.words, []
    if placed.dropped and not placed.narrow:
        n = len(placed.dropped)
        parts.append(el("p", esc(t("person.dropped").format(n=n)), class_="tb-note"))
    columns = []
    assert data.story is not None
    for line in data.story.lines:
        items = [_item(session, data, event.key, numbers) for event in line.events]
        head = el("h3", esc(t(_world_key(session, line.world))))
        name = {"": "tb-both"}.get(line.world, f"tb-{line.world}")
        ends = el("p", esc(" · ".join(line.outcome[:2])), class_="tb-note") if line.outcome else ""
        columns.append(el("div", head, el("ol", *items), ends, class_=name))
    return "".join(parts) + el("div", *columns, class_="tb-person-lists")


def _item(session: Session, data: StoryData, key: int, numbers: dict[int, int]) -> str:
    """Build an event of a list; it selects its place."""
    _, moment = data.moments[key]
    bare = None if key in numbers else "tb-bare"
    mark = el("i", esc(numbers.get(key, "·")), aria_hidden="true", class_=bare)
    date = el("time", esc(short_date(session, moment.day)))
    body = mark + el("span", date, " ", el("span", esc(whole(session, moment))))
    where = place_name(session, moment.place)
    hint = session.words("person.show_on_map").format(place=where) if where else None
    return el("li", el("button", body, type="button", data_event=key, title=hint))
