"""Elements as strings, for SVG and HTML alike; every text passes `esc`."""

from __future__ import annotations

import html
import math
import re

_EMPTY = {"line", "path", "circle", "rect", "polygon", "polyline", "ellipse", "br", "meta", "input"}
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
WIDE = 0.6
"""Mean width of a letter in units of the font size, for fitting text without a browser."""


def esc(value: object) -> str:
    """Text safe inside an element or a quoted attribute, in HTML and in XML."""
    return html.escape(_BAD.sub("", str(value)), quote=True)


def num(value: float) -> str:
    """A coordinate, short: at most one decimal, 0 for what is no number."""
    if not math.isfinite(value):
        return "0"
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def el(tag: str, *children: str, **attrs: object) -> str:
    """One element. Children are markup already; `class_` and `font_size` become attributes."""
    parts = [tag]
    for key, value in attrs.items():
        if value is None:
            continue
        name = key.rstrip("_").replace("_", "-")
        shown = num(value) if isinstance(value, float) else esc(value)
        parts.append(f'{name}="{shown}"')
    head = " ".join(parts)
    if not children and tag in _EMPTY:
        return f"<{head}/>"
    return f"<{head}>{''.join(children)}</{tag}>"


def text(x: float, y: float, content: object, size: float = 12, **attrs: object) -> str:
    """A line of SVG text; the content is escaped here."""
    merged: dict[str, object] = {"fill": "#243b53"} | attrs
    return el("text", esc(content), x=float(x), y=float(y), font_size=size, **merged)


def text_width(content: str, size: float) -> float:
    """About how wide a text is drawn."""
    return len(content) * size * WIDE


def wrap(content: str, width: float, size: float, lines: int = 2) -> list[str]:
    """Break a text into at most `lines` lines that fit; what is left over ends in an ellipsis."""
    room = max(4, int(width / (size * WIDE)))
    done: list[str] = []
    for word in _short_words(_BAD.sub("", content), room):
        if done and len(done[-1]) + 1 + len(word) <= room:
            done[-1] += " " + word
        else:
            done.append(word)
    if len(done) > lines:
        last = done[lines - 1]
        done = [*done[: lines - 1], last[: room - 1].rstrip() + "…"]
    return done or [""]


def _short_words(content: str, room: int) -> list[str]:
    """Words, the longest cut into pieces that fit."""
    words = content.split()
    return [w[i : i + room] for w in words for i in range(0, len(w), room)]


def svg(width: float, height: float, title: str, desc: str, *body: str, **attrs: object) -> str:
    """A whole picture with its accessible name and description."""
    base: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {num(width)} {num(height)}",
        "role": "img",
        "aria_label": f"{title}. {desc}",
        "font_family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
    }
    head = el("title", esc(title)) + el("desc", esc(desc))
    return el("svg", head, *body, **(base | attrs))


def section(name: str, title: str, *body: str, lead: str = "") -> str:
    """A section with its heading and one line on how to read it."""
    intro = el("p", esc(lead), class_="lead") if lead else ""
    return el("section", el("h2", esc(title)), intro, *body, id=name)
