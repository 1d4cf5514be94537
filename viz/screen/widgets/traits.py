"""Declare the widgets that the browser draws, with the traits that the scripts here read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets
from solara.widgets import HTML

from viz.screen.widgets.script import WIDGETS, bundle, style_sheet
from viz.screen.widgets.world import SHOW, SMALLEST_DIFFERENCE
from viz.screen.words import Words

MAP_WORDS, CHART_WORDS = Words("en").part("map"), Words("en").part("chart")
DIFFERENCE_WORDS = MAP_WORDS | Words("en").part("difference_map")
"""English words; a translation has the same keys. `locale` formats numbers."""
KEYS = {"toggle": 0, "back": -1, "on": 1, "week_back": -7, "week_on": 7}
"""Days by which a key moves the time, by the name of the key."""


def _from_browser(trait: Any) -> Any:
    """Mark a trait that only the browser changes, so that its value is not sent back."""
    return trait.tag(sync=True, echo_update=False)


class Markup(HTML):
    """Markup that follows a run: the browser sets only those texts and attributes that differ."""

    template_file = None
    template = traitlets.Unicode(
        '<template><component :is="tag" v-bind="attributes"></component></template>'
        f"<script>{(WIDGETS / 'markup.js').read_text('utf-8')}</script>"
    ).tag(sync=True)


class _Map(anywidget.AnyWidget):
    """Map that draws the newest frame and writes its number to ``ack``.

    Set a frame and its number in one ``hold_sync``, and keep at most two frames unacknowledged.
    Only the map that receives its frame last needs ``answers``, because the browser draws all maps
    on a page together, in the order in which their frames arrive. The maps share the view, the
    hovered mark and the selection.

    The height follows from the width, or from the CSS property ``--tb-map-height``.
    """

    _css = style_sheet("widgets")

    world = traitlets.Dict(help="Result of `world.world_payload`, sent once.").tag(sync=True)
    serial = traitlets.Int(0, help="Number of the frame.").tag(sync=True)
    ack = _from_browser(traitlets.Int(-1, help="Number of the frame drawn."))
    answers = traitlets.Bool(True, help="Whether the map writes ``ack``.").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Int(-1, help="Selected place; -1 for none.").tag(sync=True)
    picked = _from_browser(traitlets.List(traitlets.Int(), help="[leg clicked, number of clicks]."))
    text = traitlets.Unicode("", help="Text alternative of the map.").tag(sync=True)


class FlowMap(_Map):
    """Map of people on the way, stops, deaths and further layers in one world.

    `palette.json` contains widths, radii and limits of the marks. A tooltip shows the numbers of
    every world with a ``side``.
    """

    _esm = bundle("flowmap")

    frame = traitlets.Bytes(b"", help="One record of `frame_dtype`; empty on day 0.").tag(sync=True)
    callouts = traitlets.List(help="Result of `maps.callouts`.").tag(sync=True)
    side = traitlets.Unicode("", help="A or B; empty for a single world.").tag(sync=True)
    show = traitlets.Dict(SHOW, help="Layers to draw.").tag(sync=True)
    path = traitlets.List(help="Legs of the followed person; everything else fades.").tag(sync=True)
    shared = traitlets.List(help="Legs in ``path`` that both worlds have.").tag(sync=True)
    stations = traitlets.List(help="[place, number, 1 if both worlds have it].").tag(sync=True)
    words = traitlets.Dict(MAP_WORDS, help="Words of the map.").tag(sync=True)


class DifferenceMap(_Map):
    """Map of flows in B minus flows in A, solid where B has more and striped where A has more.

    The width of a ribbon shows the absolute difference in persons per day, with which the largest
    ribbons are labelled. Differences below ``smallest`` are not drawn.
    """

    _esm = bundle("differencemap")

    frame_a = traitlets.Bytes(b"", help="Frame of A; empty on day 0.").tag(sync=True)
    frame_b = traitlets.Bytes(b"", help="Frame of B.").tag(sync=True)
    smallest = traitlets.Float(SMALLEST_DIFFERENCE, help="Persons a day.").tag(sync=True)
    words = traitlets.Dict(DIFFERENCE_WORDS, help="Words of the map.").tag(sync=True)


class LiveChart(anywidget.AnyWidget):
    """Chart of a daily series in A (solid) and B (dashed), with bands over other runs.

    ``a`` and ``b`` are little-endian float32 values, one per day from ``start``. A band holds all
    low values and then all high values. The cursor marks ``day``, which counts from 1. ``marks``
    are pairs of a day's index, from 0, and a text.
    """

    _esm = bundle("chart")
    _css = style_sheet("widgets")

    title = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    start = traitlets.Unicode("2012-10-01", help="First day, in ISO form.").tag(sync=True)
    days = traitlets.Int(365, help="Days of the axis.").tag(sync=True)
    a = traitlets.Bytes(b"").tag(sync=True)
    b = traitlets.Bytes(b"").tag(sync=True)
    band_a = traitlets.Bytes(b"").tag(sync=True)
    band_b = traitlets.Bytes(b"").tag(sync=True)
    day = traitlets.Int(0, help="Day of the cursor.").tag(sync=True)
    marks = traitlets.List(help="[day, text] of dated events.").tag(sync=True)
    names = traitlets.List(["A", "B"], help="Names at the ends of the lines.").tag(sync=True)
    text = traitlets.Unicode("", help="Text alternative of the chart.").tag(sync=True)
    words = traitlets.Dict(CHART_WORDS, help="Words of the chart.").tag(sync=True)


class Scrub(anywidget.AnyWidget):
    """Time line with the date, a line of days, and the policies of both worlds as flags.

    A flag is a dict: world ("A" or "B"), number (of its first policy in the world), day and end
    (indices, from 0, of the first day with its policies and of the first day without them), title
    (shown if there is space), text and label. ``selection`` is the day that the user has selected,
    and ``moved`` the world, number and new first day of a flag. Both end with a counter. Only the
    user changes them, so that a run that updates ``day`` does not move itself.
    """

    _esm = bundle("scrub")
    _css = style_sheet("scrub")

    day = traitlets.Int(0, help="Current day; 0 is before the first.").tag(sync=True)
    days = traitlets.Int(365, help="Days of the line.").tag(sync=True)
    start = traitlets.Unicode("2012-10-01", help="First day, in ISO form.").tag(sync=True)
    texts = traitlets.List(["", "", ""], help="Date, day, and length.").tag(sync=True)
    flags = traitlets.List(help="Policies as flags.").tag(sync=True)
    ready = traitlets.Bool(False, help="Whether a day can be selected.").tag(sync=True)
    label = traitlets.Unicode("", help="Accessible name of the line.").tag(sync=True)
    words = traitlets.Dict(help="Words: locale, from_the_start, after_the_run.").tag(sync=True)
    selection = _from_browser(traitlets.List(traitlets.Int(), help="[day, number of selections]."))
    moved = _from_browser(traitlets.List(help="[world, number, day, number of moves]."))


class PageShell(anywidget.AnyWidget):
    """Keys, address, language, drawer and menus of the page. It has no visible content.

    ``pressed`` contains the name of the last key and the number of key presses. Space is
    ``toggle``. The left and right arrows are ``back`` and ``on`` or, with Shift, ``week_back`` and
    ``week_on``. Home is ``first``, and End is ``last``. Escape is ``close`` while the drawer is
    open. ``address`` is the query in the browser, without a question mark.
    """

    _esm = bundle("shell")

    pressed = _from_browser(traitlets.List(help="[name, number]."))
    address = traitlets.Unicode("").tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    page = traitlets.Unicode("", help="Name of the open page.").tag(sync=True)
    drawer = traitlets.Bool(False, help="Whether the drawer is open.").tag(sync=True)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the browser saves.

    With ``copied``, the browser copies and shows the text instead of saving it. If
    ``picture_kind`` is "maps", the browser saves a picture of the maps on the page, and ``data``
    holds the picture's title and notes, one per line.
    """

    name: str
    data: bytes
    mime: str = "application/octet-stream"
    picture_kind: str = ""
    copied: bool = False


class _Answering(anywidget.AnyWidget):
    """Widget that passes messages from the browser, which are not trusted, to `receive`."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: self.receive(content, buffers))

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Handle a message from the browser."""
        raise NotImplementedError


class Downloads(_Answering):
    """Menu of files, and further buttons with one file each.

    A click calls ``answer(key)``, which returns a file or a message.
    """

    _esm = bundle("downloads")

    files = traitlets.List(help="Key and title of each file of the menu.").tag(sync=True)
    buttons = traitlets.List(help="Key and title of each further button.").tag(sync=True)
    words = traitlets.Dict(help="Words of the button and the messages.").tag(sync=True)
    answer = traitlets.Callable(lambda key: "", help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Send the file or the message that answers a click."""
        content = content if isinstance(content, dict) else {}
        reply = self.answer(str(content.get("key")))
        if isinstance(reply, str):
            self.send({"status": reply})
        else:
            header = {x: getattr(reply, x) for x in ("name", "mime", "picture_kind", "copied")}
            self.send(header, buffers=[reply.data])


class PolicyList(_Answering):
    """List of instruments with a search and groups. Every action calls ``answer``.

    The browser performs the search. An action is a mapping whose ``do`` is its name.
    """

    _esm = bundle("policies")

    payload = traitlets.Dict(help="Result of `panels.policy_view.payload`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the list; `locale` formats dates.").tag(sync=True)
    answer = traitlets.Callable(lambda message: None, help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Pass an action to ``answer``."""
        self.answer(content)


class NumberFields(_Answering):
    """Fields for numbers. A change calls ``answer(key, text)``."""

    _esm = bundle("number_fields")

    fields = traitlets.List(help="Results of `Number.field`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the fields.").tag(sync=True)
    answer = traitlets.Callable(lambda key, text: None, help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Pass the key and the text of a changed field to ``answer``."""
        content = content if isinstance(content, dict) else {}
        self.answer(str(content.get("key")), str(content.get("text", ""))[:200])


class ForkLine(anywidget.AnyWidget):
    """Drawing that fits the width of its place, and lists of the same events.

    The browser sets ``width`` and ``chosen``. Events that can be selected are elements with the
    attribute ``data-event``.
    """

    _esm = bundle("forkline")
    _css = style_sheet("widgets")

    drawing = traitlets.Unicode("", help="The drawing, as SVG.").tag(sync=True)
    lists = traitlets.Unicode("", help="The events as lists, as HTML.").tag(sync=True)
    summary = traitlets.Unicode("", help="Title of the lists.").tag(sync=True)
    width = _from_browser(traitlets.Int(0, help="Width of the place, pixels."))
    chosen = _from_browser(traitlets.List(traitlets.Int(), help="[event, number of selections]."))


class Guesses(anywidget.AnyWidget):
    """Guesses and results, as columns above places on a map or as rows.

    A column is a dict: key, label, against (the worlds that are compared), question; asked, locked,
    guess (None before the visitor answers), near (0 for a direction), same, zones (names of fewer,
    same and more), in_points (whether the unit is points); result (None, or median, low, high, text
    and tone), right; badges (numbers of claims in the text), dots (guesses of a class); note and
    base (texts at the place and below the name); at and line (the place and its part of the border
    as path data, or None).
    """

    _esm = bundle("guesses")

    columns = traitlets.List(help="Columns from left to right.").tag(sync=True)
    axis = traitlets.List([-60, 60], help="Bounds of the axis, percent.").tag(sync=True)
    ground = traitlets.Dict(help="Land, names and box of the map; empty for totals.").tag(sync=True)
    phase = traitlets.Unicode("guess", help="guess, run or result.").tag(sync=True)
    texts = traitlets.Dict(help="Texts of the drawing.").tag(sync=True)
    moved = _from_browser(traitlets.List(help="Count; key and guess of each."))
