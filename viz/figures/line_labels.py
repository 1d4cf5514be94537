"""Marks and labels on lines, the most important first: labels that cover nothing.

Lengths are pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from viz.figures.markup import text_width

TITLE, DETAIL = 12.5, 11.5  # type sizes
BOLD = 1.1  # width of bold text by that of plain text
ROW = 15.0  # height of a line of text
RADIUS = 10.0  # of a mark
CLEAR = RADIUS + 4.0  # from a line to its labels
LEVEL = 2 * ROW + 6.0  # from labels to the labels beyond them
GAP = 74.0  # from line to line
EDGE = 6.0  # margin of the drawing
#: [A] the least importance of an event that is numbered even if its label finds no place.
UNLABELLED = 4
_APART = 2 * RADIUS + 3.0  # least distance of two marks


@dataclass(frozen=True)
class LineEvent:
    """An event; ``key`` identifies it for the page, ``ends``: the outcome box describes it."""

    day: int
    title: str
    detail: str
    importance: int
    key: int
    human: bool = False
    ends: bool = False


class Rectangle(NamedTuple):
    """A rectangle."""

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


class Label(NamedTuple):
    """Rows of text; ``x``, ``y``: start of the first baseline; ``leader``: end of a thin line."""

    box: Rectangle
    x: float
    y: float
    anchor: str
    world: str
    rows: tuple[str, ...]
    leader: tuple[float, float, float] | None = None


@dataclass
class Room:
    """Occupied parts of the drawing; ``labelled``: whether labels are drawn."""

    width: float
    bottom: float
    labelled: bool
    lines: list[Rectangle] = field(default_factory=list)
    solid: list[Rectangle] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def put(self, label: Label) -> None:
        """Add a label and its leader."""
        self.labels.append(label)
        self.solid += [label.box, *_leader_box(label)]

    def put_mark(self, mark: Mark, own: list[Mark]) -> bool:
        """Add a mark with its label to those of its line, if there is room; return whether.

        Args:
            mark: the mark.
            own: marks that the line already has; changed.

        Returns:
            False for a mark that is too close to another, and for a less important event whose
            label finds no place.
        """
        apart = all(abs(mark.x - other.x) >= _APART for other in own)
        if not apart or any(around(mark).overlaps(other) for other in self.solid):
            return False
        label = self._label(mark)
        if label is None and not mark.event.ends and mark.event.importance < UNLABELLED:
            return False
        if label is not None:
            self.put(label)
        own.append(mark)
        self.solid.append(around(mark))
        return True

    def _label(self, mark: Mark) -> Label | None:
        """Return the best free label of a mark; None without one."""
        if mark.event.ends or not self.labelled:
            return None
        taken = [*self.lines, *self.solid, around(mark)]
        for label in _candidates(mark):
            boxes = [label.box, *_leader_box(label)]
            if self._holds(label.box) and not any(b.overlaps(o) for b in boxes for o in taken):
                return label
        return None

    def _holds(self, box: Rectangle) -> bool:
        """Return whether a rectangle is inside of the drawing."""
        across = box.left >= EDGE and box.right <= self.width - EDGE
        return across and box.top >= 1.0 and box.bottom <= self.bottom


def around(mark: Mark) -> Rectangle:
    """Return the rectangle of a mark."""
    return Rectangle(mark.x - RADIUS, mark.y - RADIUS, mark.x + RADIUS, mark.y + RADIUS)


def cut_text(text: str, width: float, size: float) -> str:
    """Shorten a text to a width.

    Args:
        text: the text.
        width: the width.
        size: type size.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    room = max(2, int(width / text_width("x", size)))
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def rows_width(rows: tuple[str, ...]) -> float:
    """Return the width of a title, which is bold, and a detail."""
    sizes = BOLD * TITLE, DETAIL
    return max(text_width(row, size) for row, size in zip(rows, sizes, strict=False))


def _leader_box(label: Label) -> list[Rectangle]:
    """Return the rectangle of the leader of a label, if it has one."""
    if label.leader is None:
        return []
    x, top, bottom = label.leader
    return [Rectangle(x - 1.0, top, x + 1.0, bottom)]


def _candidates(mark: Mark) -> list[Label]:
    """Return where the label of a mark may go, the best place first.

    Labels of the line of both worlds may also go beyond the lines of A and B, with a leader.
    """
    event = mark.event
    title = "◆ " + event.title if event.human else event.title
    rows = (title, event.detail) if event.detail else (title,)
    wide, sides = rows_width(rows), ("below", "above") if mark.world == "b" else ("above", "below")
    lefts = (mark.x - RADIUS, mark.x - wide / 2, mark.x + RADIUS - wide)
    levels = (0.0, LEVEL) if mark.world else (0.0, LEVEL, GAP, GAP + LEVEL)
    return [
        _candidate(mark, rows, (left, anchor), side, level)
        for level in levels
        for side in sides
        for left, anchor in zip(lefts, ("start", "middle", "end"), strict=True)
    ]


def _candidate(
    mark: Mark, rows: tuple[str, ...], across: tuple[float, str], side: str, level: float
) -> Label:
    """Return a label on a side of a mark, at a distance from the place next to the line."""
    left, anchor = across
    wide, tall, away = rows_width(rows), ROW * len(rows), CLEAR + level
    top = mark.y - away - tall if side == "above" else mark.y + away
    box = Rectangle(left, top, left + wide, top + tall)
    x = {"start": left, "middle": left + wide / 2, "end": box.right}[anchor]
    leader = None
    if level and side == "above":
        leader = mark.x, box.bottom, mark.y - RADIUS
    elif level:
        leader = mark.x, mark.y + RADIUS, box.top
    return Label(box, x, top + ROW - 4.0, anchor, mark.world, rows, leader)
