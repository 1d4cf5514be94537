"""Write Matplotlib figures as compact SVG that can be embedded in a page.

Matplotlib's SVG backend writes ids, references and a global `<style>`, and reads the global
rcParams. Its files cannot share a page, and threads cannot draw at the same time. This renderer
writes plain paths and texts, and always writes the same string for the same figure.
"""

import functools
import warnings
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from viz.figures import markup
from viz.figures.markup import el, esc, num

# Missing glyphs do no harm, because the browser draws the text and Matplotlib only measures it.
warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
_ANCHORS = {"left": None, "center": "middle", "right": "end"}


def svg(figure: Figure | Axes, title: str, description: str, **attributes: object) -> str:
    """Return a figure as one `<svg>` element with an accessible name and description.

    The element has a viewBox in points but no width, so that it is as wide as its container. The
    gid of an artist becomes the class of its elements, and the URL of an artist becomes their
    tooltip. Texts with the class ``halo`` have a light outline. Clipping is ignored.

    Args:
        figure: a figure, or axes of the figure to write.
        title, description: texts of `<title>` and `<desc>`.
        attributes: attributes of the element, named as in `markup.el`.
    """
    canvas = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    assert canvas is not None, "axes without a figure"
    width, height = (72.0 * canvas.get_size_inches()).tolist()
    renderer, dpi = _Renderer(width, height), canvas.dpi
    try:
        canvas.dpi = 72.0  # At this resolution, a pixel is a point.
        canvas.draw(renderer)
    finally:
        canvas.dpi = dpi
    return markup.svg(width, height, title, description, *renderer.parts, **attributes)


class _Renderer(RendererBase):
    """Renderer that collects the elements of a figure as strings."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.size, self.parts, self._gids = (width, height), list[str](), [""]
        self._flip = Affine2D().scale(1.0, -1.0).translate(0.0, height)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size in points."""
        return self.size

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Return the cached size of a text in points. Most texts occur in several figures."""
        return _text_size(s, prop, ismath, findfont(prop))

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Begin an artist, whose gid becomes the class of its elements."""
        self._gids.append(gid or self._gids[-1])

    def close_group(self, s: str) -> None:
        """End an artist."""
        self._gids.pop()

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        """Write a path with its fill, line and dashes, unless it is a single point."""
        data = _path_data(path, transform + self._flip, simplify=rgbFace is None)
        self._write(data if data.strip("M0123456789.- ") else "", gc, rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None) -> None:
        """Write all markers of a line as one path."""
        places = (vertices[-2:] for vertices, _ in path.iter_segments(trans, simplify=False))
        moves = (marker_trans + Affine2D().translate(*place) + self._flip for place in places)
        self._write("".join(_path_data(marker_path, move) for move in moves), gc, rgbFace)

    def _write(self, data: str, gc: Any, fill: Any) -> None:
        """Write path data, unless the path is empty or invisible."""
        if data and (look := _look(gc, fill)):
            title = [el("title", esc(gc.get_url()))] if gc.get_url() else []
            look |= {"class_": self._gids[-1] or None}
            self.parts.append(el("path", *title, d=data, **look))

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None) -> None:
        """Write a line of text with its artist's alignment."""
        look: dict[str, object] = {"fill": to_hex(gc.get_rgb()), "class_": self._gids[-1] or None}
        if "halo" in self._gids[-1]:
            look |= {"paint_order": "stroke", "stroke": "#fff", "stroke_width": 3}
        if mtext is not None and not angle:
            x = mtext.get_transform().transform(mtext.get_unitless_position())[0]
            look["text_anchor"] = _ANCHORS[mtext.get_horizontalalignment()]
        if prop.get_weight() in ("bold", "semibold", 600, 700):
            look["font_weight"] = 600
        if prop.get_style() == "italic":
            look["font_style"] = "italic"
        if angle:
            look["transform"] = f"rotate({-angle:g} {num(x)} {num(y)})"
        self.parts.append(markup.text(x, y, s, float(prop.get_size_in_points()), **look))


@functools.lru_cache(maxsize=5_000)
def _text_size(
    text: str, font: FontProperties, is_math: Any, _file: str
) -> tuple[float, float, float]:
    """Return the width, height and descent of a text. The font file is part of the cache key."""
    return RendererBase().get_text_width_height_descent(text, font, is_math)


def _path_data(path: Any, transform: Any, simplify: bool = False) -> str:
    """Return path data, rounded to tenths of a point."""
    return "".join(
        "Z" if code == Path.CLOSEPOLY else _LETTERS[code] + " ".join(map(num, vertices))
        for vertices, code in path.iter_segments(transform, simplify=simplify, curves=True)
    )


def _look(gc: GraphicsContextBase, fill: Any) -> dict[str, object]:
    """Return fill, line and opacity as SVG attributes, or {} for an invisible path."""
    line = gc.get_linewidth() > 0 and gc.get_rgb()[3] > 0
    fill = None if fill is not None and len(fill) == 4 and fill[3] == 0 else fill
    if fill is None and not line:
        return {}
    rgba = gc.get_rgb() if fill is None else fill
    opacity = gc.get_alpha() if gc.get_forced_alpha() else rgba[3]
    look: dict[str, object] = {"fill": "none" if fill is None else to_hex(fill[:3])}
    if line:
        look |= {"stroke": to_hex(gc.get_rgb()[:3]), "stroke_width": num(gc.get_linewidth())}
        if gc.get_capstyle() == "round":
            look["stroke_linecap"] = "round"
        if (dashes := gc.get_dashes()[1]) is not None:
            look["stroke_dasharray"] = " ".join(map(num, np.asarray(dashes).tolist()))
    return look | ({"opacity": f"{opacity:.2g}"} if opacity < 1.0 else {})
