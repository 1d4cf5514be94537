"""Layout of a forking line: one person in two worlds; distance along the line is time.

`lay_out` places numbered events, labels that do not overlap, outcome boxes and months for a width;
`viz.figures.forking_svg` draws them. Lengths are pixels.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from viz.figures.line_labels import (
    CLEAR,
    DETAIL,
    EDGE,
    GAP,
    LEVEL,
    RADIUS,
    ROW,
    TITLE,
    Label,
    LineEvent,
    Mark,
    Rectangle,
    Room,
    around,
    cut_text,
    rows_width,
)

NARROW = 560.0  # below this width labels are left out, because a list below the line has them
MOST = 9  # [A] numbered events of one line, at most
_LEFT = 40.0
_BOX, _BOX_ROWS = 196.0, 3
_BEND, _NARROW_BEND = 46.0, 26.0  # width of the bends at the fork, which take no time
_AXIS = 20.0  # height of the names of months
_TICKS = 46.0  # least distance of months


@dataclass(frozen=True)
class Line:
    """A line of one or both worlds.

    Attributes:
        world: "a", "b", or "" for both worlds.
        events: in order of days.
        until: last day of the line.
        outcome: rows of the outcome box, the first in bold; none for a line that forks.
        captive: first and last day of each captivity.
    """

    world: str
    events: Sequence[LineEvent]
    until: int
    outcome: Sequence[str] = ()
    captive: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Story:
    """The lines of one person.

    Attributes:
        first: first day.
        start: calendar date of day 1.
        lines: one line, or the line of both worlds, if any, and then those of A and of B.
        fork: the first day on which the worlds differ; 0 for a line without a fork.
        note: two rows of text about the fork.
    """

    first: int
    start: datetime.date
    lines: Sequence[Line]
    fork: int = 0
    note: Sequence[str] = ()


class Outcome(NamedTuple):
    """The box at the end of a line."""

    box: Rectangle
    world: str
    rows: tuple[str, ...]


class Stretch(NamedTuple):
    """A horizontal piece of a line; ``captive``: in captivity."""

    world: str
    x0: float
    x1: float
    y: float
    captive: bool = False


@dataclass
class Drawing:
    """A placed story, from ``top`` to ``height``; ``dropped`` lists events without a number."""

    width: float
    top: float = 0.0
    height: float = 0.0
    axis: float = 0.0
    stretches: list[Stretch] = field(default_factory=list)
    bends: list[tuple[str, float, float, float, float]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    ticks: list[tuple[float, datetime.date]] = field(default_factory=list)
    dropped: list[LineEvent] = field(default_factory=list)

    @property
    def narrow(self) -> bool:
        """Return whether labels are left out."""
        return self.width < NARROW


@dataclass(frozen=True)
class TimeScale:
    """Positions of days: linear, except for a bend before the fork that takes no time."""

    first: int
    left: float
    per_day: float
    fork: int
    bend: float

    def __call__(self, day: float) -> float:
        """Return the position of a day."""
        bent = self.bend if self.fork and day >= self.fork else 0.0
        return self.left + self.per_day * (day - self.first) + bent

    @property
    def parting(self) -> float:
        """Return where the bend begins."""
        return self.left + self.per_day * (self.fork - self.first)


def lay_out(story: Story, width: float) -> Drawing:
    """Place all parts of a story.

    Args:
        story: the lines of a person.
        width: of the drawing.

    Returns:
        The drawing. No two marks and no two labels overlap; less important events are dropped.
    """
    drawing = Drawing(max(width, 280.0))
    scale = _scale(story, drawing)
    heights = _heights(story, drawing)
    _add_lines(story, drawing, scale, heights)
    _add_outcomes(story, drawing, scale, heights)
    _add_events(story, drawing, scale, heights)
    drawing.ticks = _ticks(story, scale)
    if not drawing.narrow:
        _trim(drawing)
    return drawing


def _trim(drawing: Drawing) -> None:
    """Leave out empty space above and below lines, labels and boxes."""
    boxes = [one.box for one in (*drawing.labels, *drawing.outcomes)]
    boxes += [around(mark) for mark in drawing.marks]
    boxes += [Rectangle(x0, y - RADIUS, x1, y + RADIUS) for _, x0, x1, y, _ in drawing.stretches]
    drawing.top = min(box.top for box in boxes) - 4.0
    drawing.axis = max(box.bottom for box in boxes) + 6.0
    drawing.height = drawing.axis + _AXIS


def _scale(story: Story, drawing: Drawing) -> TimeScale:
    """Return the scale on which the longest line and its box fit."""
    bend = (_NARROW_BEND if drawing.narrow else _BEND) if story.fork else 0.0
    right = EDGE + (2 * RADIUS if drawing.narrow else _BOX + CLEAR + 4.0)
    days = max(1, max(line.until for line in story.lines) - story.first)
    left = _LEFT if len(story.lines) > 1 else 2 * RADIUS
    room = drawing.width - left - right - bend
    return TimeScale(story.first, left, room / days, story.fork, bend)


def _heights(story: Story, drawing: Drawing) -> dict[str, float]:
    """Set the height of the drawing; return the height of each line by world."""
    box = _BOX_ROWS * ROW + 12.0
    above = box + 2 * RADIUS + 4 if drawing.narrow else 2 * LEVEL + CLEAR
    forks = len(story.lines) > 1
    below = RADIUS + 10.0 if drawing.narrow else 2 * LEVEL + CLEAR
    last = above + (2 * GAP if forks else 0.0)
    drawing.axis = last + below
    drawing.height = drawing.axis + _AXIS + (box if drawing.narrow and forks else 0.0)
    if not forks:
        return {story.lines[0].world: above}
    return {"a": above, "": above + GAP, "b": last}


def _add_lines(story: Story, drawing: Drawing, scale: TimeScale, heights: dict[str, float]) -> None:
    """Add the pieces of all lines, and the bends at the fork."""
    for line in story.lines:
        y = heights[line.world]
        trunk = story.fork and not line.world
        begin = scale(story.fork) if story.fork and line.world else scale(story.first)
        end = scale.parting if trunk else max(begin, scale(line.until))
        if trunk:
            begin = scale.left
        at = begin
        for since, until in line.captive:
            x0, x1 = (min(max(scale(day), at), end) for day in (since, until))
            drawing.stretches += [
                Stretch(line.world, at, x0, y),
                Stretch(line.world, x0, x1, y, captive=True),
            ]
            at = x1
        drawing.stretches.append(Stretch(line.world, at, end, y))
        if story.fork and line.world:
            drawing.bends.append((line.world, scale.parting, heights[""], begin, y))


def _add_outcomes(
    story: Story, drawing: Drawing, scale: TimeScale, heights: dict[str, float]
) -> None:
    """Add the outcome boxes: at the ends of lines, or over the whole width if it is narrow."""
    tall = _BOX_ROWS * ROW + 8.0
    for line in story.lines:
        if not line.outcome:
            continue
        y = heights[line.world]
        if drawing.narrow:
            top = drawing.height - tall - 2.0 if line.world == "b" else 2.0
            box = Rectangle(1.0, top, drawing.width - 1.0, top + tall)
        else:
            left = scale(line.until) + CLEAR
            box = Rectangle(left, y - tall / 2, left + _BOX, y + tall / 2)
        first, *rest = line.outcome
        room = box.right - box.left - 16.0
        rows = cut_text(first, room, TITLE), *(cut_text(row, room, DETAIL) for row in rest)
        drawing.outcomes.append(Outcome(box, line.world, rows))


def _add_events(
    story: Story, drawing: Drawing, scale: TimeScale, heights: dict[str, float]
) -> None:
    """Add marks and labels, the most important events first, and number the marks."""
    room = _room(drawing)
    if story.fork and story.note and room.labelled:
        room.put(_note(story.note, scale(story.fork) + 6.0, heights[""], drawing.width))
    wishes = [(event, line.world) for line in story.lines for event in line.events]
    wishes.sort(key=lambda wish: (not wish[0].ends, -wish[0].importance, wish[0].day, wish[0].key))
    kept: dict[str, list[Mark]] = {line.world: [] for line in story.lines}
    for event, world in wishes:
        mark = Mark(scale(event.day), heights[world], 0, world, event)
        if len(kept[world]) >= MOST or not room.put_mark(mark, kept[world]):
            drawing.dropped.append(event)
    drawing.dropped.sort(key=lambda event: (event.day, event.key))
    drawing.labels = room.labels
    for world, own in sorted(kept.items()):  # those of A and of B go on from those of both worlds
        before = len(kept.get("", ())) if world else 0
        for number, mark in enumerate(sorted(own, key=lambda one: one.x), before + 1):
            drawing.marks.append(mark._replace(number=number))


def _room(drawing: Drawing) -> Room:
    """Return the room in which lines, bends and outcome boxes are taken."""
    lines = [Rectangle(x0 - 2, y - 4, x1 + 2, y + 4) for _, x0, x1, y, _ in drawing.stretches]
    lines += [Rectangle(x0, min(y0, y1), x1, max(y0, y1)) for _, x0, y0, x1, y1 in drawing.bends]
    boxes = [one.box for one in drawing.outcomes]
    return Room(drawing.width, drawing.axis - 2.0, not drawing.narrow, lines, boxes)


def _note(rows: Sequence[str], x: float, y: float, width: float) -> Label:
    """Return the rows about the fork, between the two lines and to the right of the bend."""
    room, sizes = width - EDGE - x, (TITLE, DETAIL)
    shown = tuple(cut_text(row, room, size) for row, size in zip(rows, sizes, strict=True))
    box = Rectangle(x, y - ROW, min(x + rows_width(shown), width - EDGE), y + ROW)
    return Label(box, x, y - 3.0, "start", "", shown)


def _ticks(story: Story, scale: TimeScale) -> list[tuple[float, datetime.date]]:
    """Return the first day, and the first of months, far enough from each other."""
    last = max(line.until for line in story.lines)
    found: list[tuple[float, datetime.date]] = []
    for day in range(story.first, last + 1):
        date = story.start + datetime.timedelta(days=day - 1)
        x = scale(day)
        if day == story.first or (date.day == 1 and x - found[-1][0] >= _TICKS):
            found.append((x, date))
    return found
