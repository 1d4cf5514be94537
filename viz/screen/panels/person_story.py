"""The forking line of one person, and the same as text: what a widget needs for a day and width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.outcomes import Status
from viz.figures.forking_line import Drawing, Line, Story, lay_out
from viz.figures.forking_svg import draw
from viz.figures.line_labels import LineEvent
from viz.figures.markup import el, esc
from viz.screen.fates import Fate
from viz.screen.journey_events import Moment, common, moments, parting_day
from viz.screen.journeys import Entry, Journey
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
from viz.screen.session import Session

_NAMES = {"": "both", "a": "world_a", "b": "world_b"}


@dataclass
class Told:
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


def tell(session: Session, journeys: Sequence[Journey], fates: Sequence[Fate], day: int) -> Told:
    """Build the lines of a person.

    Args:
        session: the visitor's session.
        journeys, fates: of the person in each world.
        day: the day shown.

    Returns:
        The lines, with their events.
    """
    told = Told()
    own = [moments(journey, day, session.world) for journey in journeys]
    lasts = [events[-1] if events else None for events in own]
    ends = [outcome(session, *pair, day) for pair in zip(fates, lasts, strict=True)]
    untils = [_until(journey, fate, day) for journey, fate in zip(journeys, fates, strict=True)]
    first = min(journey.until(day)[0].day for journey in journeys)
    if len(journeys) == 1:
        lines = [_line(session, told, "a", own[0], untils[0], ends[0], fates[0])]
    else:
        entries = [journey.entries for journey in journeys]
        told.parting = parting_day(entries[0], entries[1], day)
        told.sentence = _sentence(session, told, journeys, own)
        lines = _lines(session, told, own, untils, ends, fates)
    for line in lines:
        line.captive.extend(_captive(journeys[line.world == "b"], day))
    note = _note(session, told, own) if told.parting else ()
    told.story = Story(first, date_of(session, 1), lines, told.parting, note)
    return told


def _lines(
    session: Session,
    told: Told,
    own: list[list[Moment]],
    untils: list[int],
    ends: list[list[str]],
    fates: Sequence[Fate],
) -> list[Line]:
    """Return the line of both worlds, and those of A and of B after the day on which they part."""
    if not told.parting:
        return [_line(session, told, "", own[0], untils[0], ends[0], fates[0])]
    trunk = [moment for moment in own[0] if moment.day < told.parting]
    lines = [_line(session, told, "", trunk, told.parting, [], None)]
    for world, events, until, end, fate in zip("ab", own, untils, ends, fates, strict=True):
        rest = [moment for moment in events if moment.day >= told.parting]
        lines.append(_line(session, told, world, rest, max(until, told.parting), end, fate))
    return lines


def _line(
    session: Session,
    told: Told,
    world: str,
    events: Sequence[Moment],
    until: int,
    end: Sequence[str],
    fate: Fate | None,
) -> Line:
    """Return a line, and remember its moments by key."""
    marks = []
    for k, moment in enumerate(events):
        key = len(told.moments)
        told.moments[key] = world, moment
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
def _note(session: Session, told: Told, own: Sequence[Sequence[Moment]]) -> tuple[str, str]:
    """Return two rows about the parting: the day, and what happens on it in each world."""
    t = session.words
    when = t("person.part").format(date=short_date(session, told.parting))
    return when, " · ".join(_on_the_day(session, told, own))


def _on_the_day(session: Session, told: Told, own: Sequence[Sequence[Moment]]) -> list[str]:
    """Return what is recorded in each world on the day of the parting."""
    found = []
    for name, events in zip("AB", own, strict=True):
        moment = next((one for one in events if one.day == told.parting), None)
        words = session.words("person.nothing_that_day")
        if moment:
            words = whole(session, moment)
        found.append(f"{name}: {words}")
    return found


def _sentence(
    session: Session, told: Told, journeys: Sequence[Journey], own: Sequence[Sequence[Moment]]
) -> str:
    """Say how far the worlds are the same, and what differs then, as far as is recorded."""
    t = session.words
    if not told.parting:
        return t("same_so_far")
    entries = [journey.entries for journey in journeys]
    same = common(entries[0], entries[1])
    date = short_date(session, told.parting)
    key = "person.parted" if same else "person.parted_at_once"
    told_words = [t(key).format(date=date), *(f"{one}." for one in _on_the_day(session, told, own))]
    if same:
        paid = [_paid(journey, entries[k][same - 1]) for k, journey in enumerate(journeys)]
        if paid[0] != paid[1]:
            a, b = map(dollars, paid)
            told_words.append(t("person.money_before").format(a=a, b=b))
    return " ".join(told_words)


def _paid(journey: Journey, entry: Entry) -> int:
    """Return what a person had paid at an entry, $."""
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


def drawing(session: Session, told: Told, width: float, selected: int) -> Shown:
    """Draw the lines of a person.

    Args:
        session: the visitor's session.
        told: the lines.
        width: of the drawing, pixels.
        selected: key of the selected event; -1 for none.

    Returns:
        The drawing, the same events as lists, and the places of the numbers.
    """
    if told.story is None:
        return Shown()
    t, placed = session.words, lay_out(told.story, width)
    numbers = {mark.event.key: mark.number for mark in placed.marks}
    spoken = {key: _spoken(session, told, key, n) for key, n in numbers.items()}
    names = t("person.line"), told.sentence or t("person.line_alone")
    months = t("naming.months").split()
    return Shown(
        draw(placed, *names, months, spoken, selected),
        _lists(session, told, placed, numbers),
        (_stations(told, numbers, "a"), _stations(told, numbers, "b")),
    )


def _stations(told: Told, numbers: dict[int, int], world: str) -> list[Station]:
    """Return the numbered places of a world and of both."""
    found = [
        (moment.place, numbers[key], int(not own))
        for key, (own, moment) in told.moments.items()
        if key in numbers and own in ("", world) and moment.place >= 0
    ]
    return sorted(found, key=lambda one: one[1])


def _spoken(session: Session, told: Told, key: int, number: int) -> str:
    """Return the accessible name of an event."""
    world, moment = told.moments[key]
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


def _lists(session: Session, told: Told, placed: Drawing, numbers: dict[int, int]) -> str:
    """Build the events of each line as a list of buttons."""
    t, parts = session.words, []
    if placed.dropped and not placed.narrow:
        n = len(placed.dropped)
        parts.append(el("p", esc(t("person.dropped").format(n=n)), class_="tb-note"))
    columns = []
    assert told.story is not None
    for line in told.story.lines:
        items = [_item(session, told, event.key, numbers) for event in line.events]
        head = el("h3", esc(t(_world_key(session, line.world))))
        name = {"": "tb-both"}.get(line.world, f"tb-{line.world}")
        ends = el("p", esc(" · ".join(line.outcome[:2])), class_="tb-note") if line.outcome else ""
        columns.append(el("div", head, el("ol", *items), ends, class_=name))
    return "".join(parts) + el("div", *columns, class_="tb-stories tb-person-lists")


def _item(session: Session, told: Told, key: int, numbers: dict[int, int]) -> str:
    """Build an event of a list; it selects its place."""
    _, moment = told.moments[key]
    bare = None if key in numbers else "tb-bare"
    mark = el("i", esc(numbers.get(key, "·")), aria_hidden="true", class_=bare)
    date = el("time", esc(short_date(session, moment.day)))
    body = mark + el("span", date, " ", el("span", esc(whole(session, moment))))
    where = place_name(session, moment.place)
    hint = session.words("person.show_on_map").format(place=where) if where else None
    return el("li", el("button", body, type="button", data_event=key, title=hint))
