"""Draw a forking line as SVG, with numbers that a page can make selectable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from viz.figures.forking_line import Drawing, Outcome, Stretch
from viz.figures.line_labels import DETAIL, RADIUS, ROW, TITLE, Label, Mark
from viz.figures.markup import el, num, svg, text

_INK, _MUTED, _GRID = "#16283a", "#4f6273", "#dde4ec"
#: Colours of lines, of texts and of boxes by world; "" is both worlds.
_LINES = {"": _INK, "a": "#0072B2", "b": "#c04f00"}
_TEXTS = {"": _INK, "a": "#00507d", "b": "#9c3f00"}
_BOXES = {"": "#f5f7f9", "a": "#eaf4fa", "b": "#fdf1ea"}
_DASH = {"b": "9 4"}
_THICK = 5.0
_REACH = 11.5  # half of the least distance of two marks


def draw(
    drawing: Drawing,
    title: str,
    description: str,
    months: Sequence[str],
    spoken: Mapping[int, str],
    selected: int = -1,
) -> str:
    """Draw a forking line.

    Args:
        drawing: the layout.
        title, description: accessible name and text alternative.
        months: short names of the twelve months.
        spoken: accessible name of each numbered event, by its key.
        selected: key of the event that is selected; -1 for none.

    Returns:
        An SVG of the width of the drawing. The group of a number has the attribute ``data-event``
        with the key of its event.
    """
    parts = [
        *_axis(drawing, months),
        *(_bend(*bend) for bend in drawing.bends),
        *(part for stretch in drawing.stretches for part in _stretch(stretch)),
        *(part for outcome in drawing.outcomes for part in _outcome(outcome)),
        *_letters(drawing),
        *(part for label in drawing.labels for part in _label(label)),
        *(_mark(mark, spoken, mark.event.key == selected) for mark in drawing.marks),
    ]
    # as wide as its viewBox, so that a unit is a pixel
    wide, tall = num(drawing.width), num(drawing.height - drawing.top)
    look = {"role": "group", "style": f"width:{wide}px;height:{tall}px"}
    look |= {"viewBox": f"0 {num(drawing.top)} {wide} {tall}"}
    return svg(drawing.width, drawing.height, title, description, *parts, **look)


def _axis(drawing: Drawing, months: Sequence[str]) -> list[str]:
    """Draw the months."""
    parts = []
    for k, (x, date) in enumerate(drawing.ticks):
        name = months[date.month - 1]
        words = f"{date.day} {name} {date.year}" if k == 0 else name
        words += f" {date.year}" if k and date.month == 1 else ""
        parts.append(
            el("path", d=f"M{num(x)} {num(drawing.top + 2.0)}V{num(drawing.axis)}", stroke=_GRID)
        )
        anchor = "end" if x > drawing.width - 70 else "start" if k == 0 else "middle"
        at = drawing.axis + 14.0
        parts.append(text(x, at, words, 11, fill=_MUTED, text_anchor=anchor))
    return _apart(parts, drawing)


def _apart(parts: list[str], drawing: Drawing) -> list[str]:
    """Leave out the name of the second tick if the date of the first one covers it."""
    ticks = drawing.ticks
    if len(ticks) > 1 and ticks[1][0] - ticks[0][0] < 90.0:
        parts.pop(3)
    return parts


def _bend(world: str, x0: float, y0: float, x1: float, y1: float) -> str:
    """Draw the bend from the line of both worlds to that of one."""
    middle = (x0 + x1) / 2
    d = f"M{num(x0)} {num(y0)}C{num(middle)} {num(y0)} {num(middle)} {num(y1)} {num(x1)} {num(y1)}"
    return el("path", d=d, fill="none", **_stroke(world))


def _stroke(world: str) -> dict[str, object]:
    """Return the look of the line of a world."""
    return {
        "stroke": _LINES[world],
        "stroke_width": _THICK,
        "stroke_dasharray": _DASH.get(world),
    }


def _stretch(stretch: Stretch) -> list[str]:
    """Draw a piece of a line; captivity is a hollow line."""
    d = f"M{num(stretch.x0)} {num(stretch.y)}H{num(stretch.x1)}"
    if not stretch.captive:
        return [el("path", d=d, fill="none", **_stroke(stretch.world))]
    outer = {"stroke": _LINES[stretch.world], "stroke_width": _THICK + 2.0}
    return [el("path", d=d, **outer), el("path", d=d, stroke="#fff", stroke_width=_THICK - 1.0)]


def _letters(drawing: Drawing) -> list[str]:
    """Draw the letters A and B at the left of their lines, where two worlds are drawn."""
    rows = {stretch.world: stretch.y for stretch in drawing.stretches}
    if not {"a", "b"} <= set(rows):
        return []
    return [
        part
        for world in "ab"
        for part in (
            _shape(world, 14.0, rows[world], RADIUS),
            _number(14.0, rows[world], world.upper()),
        )
    ]


def _outcome(outcome: Outcome) -> list[str]:
    """Draw the box at the end of a line."""
    box, colour = outcome.box, _LINES[outcome.world]
    frame = {"x": box.left, "y": box.top, "width": box.right - box.left, "rx": 5.0}
    frame |= {"height": box.bottom - box.top, "fill": _BOXES[outcome.world], "stroke": colour}
    parts = [el("rect", **frame, stroke_width=1.5, stroke_dasharray=_DASH.get(outcome.world))]
    for k, row in enumerate(outcome.rows):
        look = {"fill": _TEXTS[outcome.world], "font_weight": 700} if k == 0 else {"fill": _INK}
        at = box.top + ROW * (k + 1) + 1.0
        parts.append(text(box.left + 8.0, at, row, TITLE if k == 0 else DETAIL, **look))
    return parts


def _label(label: Label) -> list[str]:
    """Draw the rows of a label, with a light outline over month lines, and its leader."""
    parts = []
    if label.leader is not None:
        x, top, bottom = label.leader
        parts.append(el("path", d=f"M{num(x)} {num(top)}V{num(bottom)}", stroke=_MUTED))
    for k, row in enumerate(label.rows):
        bold = {"fill": _INK, "font_weight": 650} if k == 0 else {"fill": _MUTED}
        look = {"text_anchor": label.anchor, "paint_order": "stroke", "stroke": "#fff"}
        size = TITLE if k == 0 else DETAIL
        parts.append(text(label.x, label.y + ROW * k, row, size, stroke_width=3, **look, **bold))
    return parts


def _mark(mark: Mark, spoken: Mapping[int, str], selected: bool) -> str:
    """Draw a numbered event; its target for a finger is taller than the mark."""
    target = {"x": mark.x - _REACH, "y": mark.y - 22.0, "width": 2 * _REACH, "height": 44.0}
    parts = [el("rect", **target, fill="transparent")]
    if selected:
        parts.append(
            el(
                "circle",
                cx=mark.x,
                cy=mark.y,
                r=RADIUS + 4,
                fill="none",
                stroke=_INK,
                stroke_width=2,
            )
        )
    parts.append(_shape(mark.world, mark.x, mark.y, RADIUS))
    parts.append(_number(mark.x, mark.y, str(mark.number)))
    name = spoken.get(mark.event.key, mark.event.title)
    attributes = {"aria_label": name, "aria_pressed": str(selected).lower()}
    return el(
        "g",
        *parts,
        role="button",
        tabindex=0,
        class_="tb-event",
        data_event=mark.event.key,
        **attributes,
    )


def _shape(world: str, x: float, y: float, r: float) -> str:
    """Draw a disc, or the square of world B."""
    look = {"fill": _LINES[world], "stroke": "#fff", "stroke_width": 2}
    if world != "b":
        return el("circle", cx=x, cy=y, r=r, **look)
    return el("rect", x=x - r, y=y - r, width=2 * r, height=2 * r, rx=2.0, **look)


def _number(x: float, y: float, words: str) -> str:
    """Write a number or letter on a mark."""
    return text(x, y + 4.0, words, 11.5, fill="#fff", font_weight=700, text_anchor="middle")
