"""Draw one person in two worlds as a line that forks. Distance along the line is time.

`lay_out` places numbered events, labels, outcome boxes and months on a given width. `draw` writes
SVG in which a page can select events, which Matplotlib does not support. Lengths are in pixels.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from viz.figures.markup import el, num, svg, text, text_width
from viz.figures.palette import GRID, INK, MUTED, PALETTE, marker

NARROW = 560.0  # width below which labels are left out, because a list repeats their texts
MOST = 9  # [A] maximum number of numbered events on a line
#: [A] Events of at least this importance are numbered even if there is no space for a label.
UNLABELLED = 4
RADIUS = 10.0  # radius of a mark
_TITLE, _DETAIL = 12.5, 11.5  # type sizes
_BOLD = 1.1  # width of bold text relative to plain text
_ROW = 15.0  # height of a line of text
_CLEAR = RADIUS + 4.0  # distance from a line to its labels
_LEVEL = 2 * _ROW + 6.0  # distance between rows of labels
_GAP = 74.0  # distance between lines
_EDGE, _LEFT = 6.0, 40.0  # margin of the drawing, and left margin of a line that forks
_BOX, _BOX_ROWS = 234.0, 3
_BEND, _NARROW_BEND = 46.0, 26.0  # width of the bends at the fork, during which no time passes
_AXIS, _TICKS = 20.0, 46.0  # height of month names, and minimum distance between them
_THICK = 5.0


@dataclass(frozen=True)
class LineEvent:
    """An event on a line.

    Attributes:
        day: day of the event.
        title, detail: texts of the label.
        importance: priority for a number and a label.
        key: number that identifies the event on the page.
        human: whether the event is a human cost.
        ends: whether the event ends the line, so that the outcome box describes it.
    """

    day: int
    title: str
    detail: str
    importance: int
    key: int
    human: bool = False
    ends: bool = False


@dataclass(frozen=True)
class Line:
    """A line for one world or for both worlds.

    Attributes:
        world: "a", "b", or "" for both worlds.
        events: events sorted by day.
        until: last day of the line.
        outcome: rows of the outcome box, the first in bold. A line that forks has none.
        captive: first and last day of each captivity.
    """

    world: str
    events: Sequence[LineEvent]
    until: int
    outcome: Sequence[str] = ()
    captive: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class PersonTimeline:
    """One person's events in one or two worlds.

    Attributes:
        first: first day.
        start: calendar date of day 1.
        lines: a single line, or the lines of world A and world B, preceded by their common line if
            they have one.
        fork: first day on which the worlds differ, or 0 if the line does not fork.
        note: two rows of text about the fork.
    """

    first: int
    start: datetime.date
    lines: Sequence[Line]
    fork: int = 0
    note: Sequence[str] = ()


class Rectangle(NamedTuple):
    """A rectangle in pixels, with y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle) -> bool:
        """Return whether two rectangles have an area in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Mark(NamedTuple):
    """A numbered event on a line."""

    x: float
    y: float
    number: int
    world: str
    event: LineEvent

    @property
    def box(self) -> Rectangle:
        """The rectangle around the mark."""
        return Rectangle(self.x - RADIUS, self.y - RADIUS, self.x + RADIUS, self.y + RADIUS)


class Label(NamedTuple):
    """Text rows aligned at ``x``. ``leader`` surrounds a thin line from the mark, or is empty."""

    box: Rectangle
    x: float
    anchor: str
    rows: tuple[str, ...]
    leader: Rectangle


class Outcome(NamedTuple):
    """The box at the end of a line."""

    box: Rectangle
    world: str
    rows: tuple[str, ...]


class Stretch(NamedTuple):
    """A horizontal piece of a line. ``captive`` marks a captivity."""

    world: str
    x0: float
    x1: float
    y: float
    captive: bool = False


@dataclass
class Drawing:
    """Layout of a timeline from y = ``top`` to y = ``height``, with months at y = ``axis``.

    ``dropped`` lists the events that have no number.
    """

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


# ---- layout --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _TimeScale:
    """Scale of days, which is linear except for the bend before the fork."""

    first: int
    left: float
    per_day: float
    fork: int
    bend: float

    def __call__(self, day: float) -> float:
        """Return the x coordinate of a day."""
        bent = self.bend if self.fork and day >= self.fork else 0.0
        return self.left + self.per_day * (day - self.first) + bent

    @property
    def parting(self) -> float:
        """Return the x coordinate at which the bend begins."""
        return self.left + self.per_day * (self.fork - self.first)


def lay_out(timeline: PersonTimeline, width: float) -> Drawing:
    """Place all parts of a timeline.

    Args:
        timeline: lines and events of a person.
        width: width of the drawing.

    Returns:
        The layout. Marks and labels do not overlap, because less important events are dropped.
    """
    drawing = Drawing(max(width, 280.0))
    scale, heights = _scale(timeline, drawing), _heights(timeline, drawing)
    for line in timeline.lines:
        _add_line(line, drawing, scale, heights)
        if line.outcome:
            _add_outcome(line, drawing, scale, heights[line.world])
    _add_events(timeline, drawing, scale, heights)
    drawing.ticks = _ticks(timeline, scale)
    if not drawing.narrow:  # Remove the empty space above and below.
        boxes = [part.box for part in (*drawing.labels, *drawing.outcomes, *drawing.marks)]
        boxes += [Rectangle(0.0, y - RADIUS, 0.0, y + RADIUS) for y in heights.values()]
        drawing.top = min(box.top for box in boxes) - 4.0
        drawing.axis = max(box.bottom for box in boxes) + 6.0
        drawing.height = drawing.axis + _AXIS
    return drawing


def _scale(timeline: PersonTimeline, drawing: Drawing) -> _TimeScale:
    """Return the scale with which the longest line and its outcome box fit into the drawing."""
    bend = (_NARROW_BEND if drawing.narrow else _BEND) if timeline.fork else 0.0
    right = _EDGE + (2 * RADIUS if drawing.narrow else _BOX + _CLEAR + 4.0)
    days = max(1, max(line.until for line in timeline.lines) - timeline.first)
    left = _LEFT if len(timeline.lines) > 1 else 2 * RADIUS
    room = drawing.width - left - right - bend
    return _TimeScale(timeline.first, left, room / days, timeline.fork, bend)


def _heights(timeline: PersonTimeline, drawing: Drawing) -> dict[str, float]:
    """Set the drawing's height and axis, and return each line's y coordinate."""
    box = _BOX_ROWS * _ROW + 12.0
    above = box + 2 * RADIUS + 4 if drawing.narrow else 2 * _LEVEL + _CLEAR
    below = RADIUS + 10.0 if drawing.narrow else 2 * _LEVEL + _CLEAR
    forks = len(timeline.lines) > 1
    last = above + (2 * _GAP if forks else 0.0)
    drawing.axis = last + below
    drawing.height = drawing.axis + _AXIS + (box if drawing.narrow and forks else 0.0)
    if not forks:
        return {timeline.lines[0].world: above}
    return {"a": above, "": above + _GAP, "b": last}


def _add_line(
    line: Line, drawing: Drawing, scale: _TimeScale, heights: Mapping[str, float]
) -> None:
    """Add the stretches of a line and, for a line after the fork, its bend."""
    y = heights[line.world]
    branch = bool(scale.fork and line.world)
    begin = scale(scale.fork) if branch else scale.left
    end = scale.parting if scale.fork and not branch else max(begin, scale(line.until))
    at = begin
    for since, until in line.captive:
        x0, x1 = (min(max(scale(day), at), end) for day in (since, until))
        captivity = Stretch(line.world, x0, x1, y, captive=True)
        drawing.stretches += [Stretch(line.world, at, x0, y), captivity]
        at = x1
    drawing.stretches.append(Stretch(line.world, at, end, y))
    if branch:
        drawing.bends.append((line.world, scale.parting, heights[""], begin, y))


def _add_outcome(line: Line, drawing: Drawing, scale: _TimeScale, y: float) -> None:
    """Add the outcome box at the end of a line or, in a narrow drawing, over the whole width."""
    tall = _BOX_ROWS * _ROW + 8.0
    left = scale(line.until) + _CLEAR
    box = Rectangle(left, y - tall / 2, left + _BOX, y + tall / 2)
    if drawing.narrow:
        top = drawing.height - tall - 2.0 if line.world == "b" else 2.0
        box = Rectangle(1.0, top, drawing.width - 1.0, top + tall)
    drawing.outcomes.append(Outcome(box, line.world, _cut_rows(line.outcome, box, 16.0)))


def _cut_rows(rows: Sequence[str], box: Rectangle, margin: float) -> tuple[str, ...]:
    """Shorten the rows so that they fit into a box minus a horizontal margin."""
    cut = []
    for k, row in enumerate(rows):
        size = _DETAIL if k else _TITLE
        room = max(2, int((box.right - box.left - margin) / text_width("x", size)))
        cut.append(row if len(row) <= room else row[: room - 1].rstrip() + "…")
    return tuple(cut)


def _add_events(
    timeline: PersonTimeline, drawing: Drawing, scale: _TimeScale, heights: dict[str, float]
) -> None:
    """Add marks and labels in order of importance, and number the marks from left to right."""
    occupied = [outcome.box for outcome in drawing.outcomes]
    if timeline.fork and timeline.note and not drawing.narrow:
        left, y = scale(timeline.fork) + 6.0, heights[""]
        wide = min(left + _rows_width(timeline.note), drawing.width - _EDGE)
        box = Rectangle(left, y - _ROW, wide, y + _ROW)
        rows = _cut_rows(timeline.note, box._replace(right=drawing.width - _EDGE), 0.0)
        drawing.labels.append(Label(box, left, "start", rows, _NOTHING))
        occupied.append(box)
    wishes = [(event, line.world) for line in timeline.lines for event in line.events]
    wishes.sort(key=lambda wish: (not wish[0].ends, -wish[0].importance, wish[0].day, wish[0].key))
    placed: dict[str, list[Mark]] = {line.world: [] for line in timeline.lines}
    for event, world in wishes:
        mark = Mark(scale(event.day), heights[world], 0, world, event)
        if len(placed[world]) >= MOST or not _add_mark(mark, drawing, placed[world], occupied):
            drawing.dropped.append(event)
    drawing.dropped.sort(key=lambda event: (event.day, event.key))
    for world, marks in sorted(placed.items()):  # A and B continue the numbers of the common line.
        before = len(placed.get("", ())) if world else 0
        for number, mark in enumerate(sorted(marks, key=lambda mark: mark.x), before + 1):
            drawing.marks.append(mark._replace(number=number))


_NOTHING = Rectangle(0.0, 0.0, 0.0, 0.0)


def _add_mark(mark: Mark, drawing: Drawing, marks: list[Mark], occupied: list[Rectangle]) -> bool:
    """Add a mark with its label if there is space.

    Args:
        mark: mark to add.
        drawing: drawing to which the label is added.
        marks: marks of the same line, to which the mark is added.
        occupied: areas in use, to which the areas of mark and label are added.

    Returns:
        Whether the mark was added. It is not added if another mark is close, or if a less important
        event has no space for its label.
    """
    separate = all(abs(mark.x - other.x) >= 2 * RADIUS + 3.0 for other in marks)
    if not separate or any(mark.box.overlaps(other) for other in occupied):
        return False
    label = None if mark.event.ends or drawing.narrow else _free_label(mark, drawing, occupied)
    if label is not None:
        drawing.labels.append(label)
        occupied += [label.box, label.leader]
    elif not mark.event.ends and mark.event.importance < UNLABELLED:
        return False
    marks.append(mark)
    occupied.append(mark.box)
    return True


def _free_label(mark: Mark, drawing: Drawing, occupied: list[Rectangle]) -> Label | None:
    """Return a mark's best label that covers nothing, or None if every label covers something."""
    lines = [Rectangle(x0 - 2, y - 4, x1 + 2, y + 4) for _, x0, x1, y, _ in drawing.stretches]
    lines += [Rectangle(x0, min(y0, y1), x1, max(y0, y1)) for _, x0, y0, x1, y1 in drawing.bends]
    obstacles = [*lines, *occupied, mark.box]
    for label in _labels(mark):
        box = label.box
        inside = box.left >= _EDGE and box.right <= drawing.width - _EDGE
        inside &= box.top >= 1.0 and box.bottom <= drawing.axis - 2.0
        free = not any(b.overlaps(o) for b in (box, label.leader) for o in obstacles)
        if inside and free:
            return label
    return None


def _labels(mark: Mark) -> Iterator[Label]:
    """Yield possible labels of a mark, the best position first.

    Labels of the common line may also lie beyond the lines A and B, with a leader.
    """
    event, (x, y) = mark.event, (mark.x, mark.y)
    title = "◆ " + event.title if event.human else event.title
    rows = (title, event.detail) if event.detail else (title,)
    wide, tall = _rows_width(rows), _ROW * len(rows)
    lefts = {"start": x - RADIUS, "middle": x - wide / 2, "end": x + RADIUS - wide}
    starts = {"start": 0.0, "middle": wide / 2, "end": wide}
    for level in (0.0, _LEVEL) if mark.world else (0.0, _LEVEL, _GAP, _GAP + _LEVEL):
        for below in (True, False) if mark.world == "b" else (False, True):
            top = y + _CLEAR + level if below else y - _CLEAR - level - tall
            ends = (y + RADIUS, top) if below else (top + tall, y - RADIUS)
            leader = Rectangle(x - 1.0, ends[0], x + 1.0, ends[1]) if level else _NOTHING
            for anchor, left in lefts.items():
                box = Rectangle(left, top, left + wide, top + tall)
                yield Label(box, left + starts[anchor], anchor, rows, leader)


def _rows_width(rows: Sequence[str]) -> float:
    """Return the width of a bold title and a detail below it."""
    sizes = _BOLD * _TITLE, _DETAIL
    return max(text_width(row, size) for row, size in zip(rows, sizes, strict=False))


def _ticks(timeline: PersonTimeline, scale: _TimeScale) -> list[tuple[float, datetime.date]]:
    """Return x and date of the ticks: the first day, then first days of months `_TICKS` apart."""
    last = max(line.until for line in timeline.lines)
    ticks: list[tuple[float, datetime.date]] = []
    for day in range(timeline.first, last + 1):
        date = timeline.start + datetime.timedelta(days=day - 1)
        x = scale(day)
        if day == timeline.first or (date.day == 1 and x - ticks[-1][0] >= _TICKS):
            ticks.append((x, date))
    return ticks


# ---- drawing -------------------------------------------------------------------------------------

#: Colours of lines, texts and boxes by world, where "" is the common line, then dashes by world.
_BOTH = {"fill": INK, "text": INK, "pale": PALETTE["ground"]}
_LOOKS = {"": _BOTH} | dict(zip("ab", PALETTE["worlds"], strict=True))
_DASH = {"b": "9 4"}


def draw(
    drawing: Drawing,
    title: str,
    description: str,
    months: Sequence[str],
    spoken: Mapping[int, str],
    selected: int = -1,
) -> str:
    """Write a layout as SVG.

    Args:
        drawing: the layout.
        title, description: accessible name and text alternative.
        months: twelve short month names.
        spoken: accessible names of the numbered events by key.
        selected: key of the selected event, -1 for none.

    Returns:
        The SVG. The group of each number has the attribute ``data-event`` with the event's key.
    """
    rows = {stretch.world: stretch.y for stretch in drawing.stretches if stretch.world}
    letters = [_disc(world, 14.0, y, world.upper()) for world, y in rows.items() if len(rows) == 2]
    parts = [
        *_axis(drawing, months),
        *(_bend(*bend) for bend in drawing.bends),
        *(_stretch(stretch) for stretch in drawing.stretches),
        *map(_outcome, drawing.outcomes),
        *letters,
        *map(_label, drawing.labels),
        *(_mark(mark, spoken, mark.event.key == selected) for mark in drawing.marks),
    ]
    # The element is as wide as its viewBox, so that a unit is a pixel.
    wide, tall = num(drawing.width), num(drawing.height - drawing.top)
    look = {"role": "group", "style": f"width:{wide}px;height:{tall}px"}
    look |= {"viewBox": f"0 {num(drawing.top)} {wide} {tall}"}
    return svg(drawing.width, drawing.height, title, description, *parts, **look)


def _axis(drawing: Drawing, months: Sequence[str]) -> Iterator[str]:
    """Draw month lines and names. The second name is left out if the first date needs its space."""
    ticks = drawing.ticks
    for k, (x, date) in enumerate(ticks):
        name = months[date.month - 1]
        words = f"{date.day} {name} {date.year}" if k == 0 else name
        words += f" {date.year}" if k and date.month == 1 else ""
        line = f"M{num(x)} {num(drawing.top + 2.0)}V{num(drawing.axis)}"
        yield el("path", d=line, stroke=GRID)
        anchor = "end" if x > drawing.width - 70 else "start" if k == 0 else "middle"
        if k != 1 or x - ticks[0][0] >= 90.0:
            yield text(x, drawing.axis + 14.0, words, 11, fill=MUTED, text_anchor=anchor)


def _bend(world: str, x0: float, y0: float, x1: float, y1: float) -> str:
    """Draw the bend from the common line to the line of one world."""
    middle = num((x0 + x1) / 2)
    curve = f"C{middle} {num(y0)} {middle} {num(y1)} {num(x1)} {num(y1)}"
    return el("path", d=f"M{num(x0)} {num(y0)}{curve}", fill="none", **_stroke(world))


def _stroke(world: str) -> dict[str, Any]:
    """Return the colour, dash and width of a world's line as SVG attributes."""
    look = {"stroke": _LOOKS[world]["fill"], "stroke_dasharray": _DASH.get(world)}
    return look | {"stroke_width": _THICK}


def _stretch(stretch: Stretch) -> str:
    """Draw a piece of a line, which is hollow during a captivity."""
    d = f"M{num(stretch.x0)} {num(stretch.y)}H{num(stretch.x1)}"
    if not stretch.captive:
        return el("path", d=d, fill="none", **_stroke(stretch.world))
    outer = {"stroke": _LOOKS[stretch.world]["fill"], "stroke_width": _THICK + 2.0}
    return el("path", d=d, **outer) + el("path", d=d, stroke="#fff", stroke_width=_THICK - 1.0)


def _outcome(outcome: Outcome) -> str:
    """Draw an outcome box."""
    box, look = outcome.box, _LOOKS[outcome.world]
    frame = {"x": box.left, "y": box.top, "width": box.right - box.left, "rx": 5.0}
    frame |= {"height": box.bottom - box.top, "fill": look["pale"], "stroke": look["fill"]}
    parts = [el("rect", **frame, stroke_width=1.5, stroke_dasharray=_DASH.get(outcome.world))]
    first = {"fill": look["text"], "font_weight": 700}
    parts += _rows(outcome.rows, box.left + 8.0, box.top + _ROW + 1.0, first, {"fill": INK})
    return "".join(parts)


def _rows(
    rows: Sequence[str], x: float, y: float, first: Mapping[str, object], rest: Mapping[str, object]
) -> list[str]:
    """Write a title and its details."""
    details = [text(x, y + _ROW * k, row, _DETAIL, **rest) for k, row in enumerate(rows) if k]
    return [text(x, y, rows[0], _TITLE, **first), *details]


def _label(label: Label) -> str:
    """Draw a label and its leader. A light outline keeps the text legible over month lines."""
    parts, leader = [], label.leader
    if leader != _NOTHING:
        line = f"M{num(leader.left + 1.0)} {num(leader.top)}V{num(leader.bottom)}"
        parts.append(el("path", d=line, stroke=MUTED))
    look = {"text_anchor": label.anchor, "paint_order": "stroke", "stroke": "#fff"}
    look |= {"stroke_width": 3}
    first = look | {"fill": INK, "font_weight": 650}
    parts += _rows(label.rows, label.x, label.box.top + _ROW - 4.0, first, look | {"fill": MUTED})
    return "".join(parts)


def _mark(mark: Mark, spoken: Mapping[int, str], selected: bool) -> str:
    """Draw a numbered event. The area that reacts to a touch is taller than the mark."""
    target = {"x": mark.x - RADIUS - 1.5, "y": mark.y - 22.0, "width": 23.0, "height": 44.0}
    parts = [el("rect", **target, fill="transparent")]
    if selected:
        ring = {"r": RADIUS + 4, "fill": "none", "stroke": INK, "stroke_width": 2}
        parts.append(el("circle", cx=mark.x, cy=mark.y, **ring))
    parts.append(_disc(mark.world, mark.x, mark.y, str(mark.number)))
    name = spoken.get(mark.event.key, mark.event.title)
    look = {"role": "button", "tabindex": 0, "class_": "tb-event", "data_event": mark.event.key}
    look |= {"aria_label": name, "aria_pressed": str(selected).lower()}
    return el("g", *parts, **look)


def _disc(world: str, x: float, y: float, words: str) -> str:
    """Draw a number or letter on a disc or, in world B, on a square."""
    look = {"fill": _LOOKS[world]["fill"], "stroke": "#fff", "stroke_width": 2}
    shape = marker("square" if world == "b" else "circle", x, y, RADIUS, **look)
    place = {"font_weight": 700, "text_anchor": "middle"}
    return shape + text(x, y + 4.0, words, 11.5, fill="#fff", **place)
