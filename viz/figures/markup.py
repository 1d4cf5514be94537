"""Build elements of SVG and HTML as strings. `esc` escapes texts."""

import html
import math
from functools import lru_cache

from agents.param import HIDDEN

_EMPTY = {"line", "path", "circle", "rect", "polygon", "polyline", "ellipse", "br", "meta", "input"}
_LABEL = 40  # maximum number of characters of a text whose escaped form is cached
_WIDE = 0.6  # mean width of a letter, as a share of the type size


def esc(value: object) -> str:
    """Escape a text for an element or a quoted attribute of HTML or XML."""
    text = str(value)
    return _escape_label(text) if len(text) <= _LABEL else _escape(text)


def _escape(text: str) -> str:
    return html.escape(HIDDEN.sub("", text), quote=True)


_escape_label = lru_cache(4096)(_escape)  # A page that follows a run writes the same labels often.


def num(value: float) -> str:
    """Format a coordinate with at most one decimal, or as 0 if it is not finite."""
    if not math.isfinite(value):
        return "0"
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def el(tag: str, *children: str, **attrs: object) -> str:
    """Return one element.

    Args:
        tag: name of the element.
        children: content as markup, which is not escaped.
        attrs: attributes, such as `class_` for class and `font_size` for font-size. An attribute
            with the value None is left out.

    Returns:
        The element.
    """
    parts = [tag]
    for key, value in attrs.items():
        if value is not None:
            name = key.rstrip("_").replace("_", "-")
            parts.append(f'{name}="{num(value) if isinstance(value, float) else esc(value)}"')
    head = " ".join(parts)
    closed = not children and tag in _EMPTY
    return f"<{head}/>" if closed else f"<{head}>{''.join(children)}</{tag}>"


def text(x: float, y: float, content: object, size: float = 12, **attrs: object) -> str:
    """Return an SVG text line.

    Args:
        x, y: position on the baseline.
        content: the text, which is escaped.
        size: type size.
        attrs: as in `el`.

    Returns:
        The element.
    """
    merged: dict[str, object] = {"fill": "#16283a"} | attrs
    return el("text", esc(content), x=float(x), y=float(y), font_size=size, **merged)


def text_width(content: str, size: float) -> float:
    """Estimate the width of a text.

    Args:
        content: the text.
        size: type size.

    Returns:
        The width in the unit of the type size.
    """
    return len(content) * size * _WIDE


def wrap(content: str, width: float, size: float, lines: int = 2) -> list[str]:
    """Wrap a text. A text that is too long ends in an ellipsis.

    Args:
        content: the text.
        width, size: maximum width of a line, and type size.
        lines: maximum number of lines.

    Returns:
        The lines, at least one.
    """
    room = max(4, int(width / (size * _WIDE)))
    words, rows = HIDDEN.sub("", content).split(), list[str]()
    for word in (w[i : i + room] for w in words for i in range(0, len(w), room)):
        if rows and len(rows[-1]) + 1 + len(word) <= room:
            rows[-1] += " " + word
        else:
            rows.append(word)
    if len(rows) > lines:
        rows[lines - 1 :] = [rows[lines - 1][: room - 1].rstrip() + "…"]
    return rows or [""]


def svg(width: float, height: float, title: str, desc: str, *body: str, **attrs: object) -> str:
    """Return an SVG document with an accessible name and description.

    Args:
        width, height: size of the viewBox.
        title, desc: name and description.
        body: elements as markup.
        attrs: as in `el`. They override the default attributes.

    Returns:
        The document.
    """
    base: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {num(width)} {num(height)}",
        "role": "img",
        "aria_label": f"{title}. {desc}",
        "font_family": "Roboto, system-ui, -apple-system, 'Segoe UI', sans-serif",
    }
    head = el("title", esc(title)) + el("desc", esc(desc))
    return el("svg", head, *body, **(base | attrs))


def section(name: str, title: str, *body: str, lead: str = "") -> str:
    """Return a section with a heading and an optional introduction.

    Args:
        name, title: id and heading.
        body: content as markup, which is not escaped.
        lead: introduction, which is escaped.

    Returns:
        The element.
    """
    intro = el("p", esc(lead), class_="lead") if lead else ""
    return el("section", el("h2", esc(title)), intro, *body, id=name)
