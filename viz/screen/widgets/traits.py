"""Widgets that are drawn in the browser, as traits that the scripts of this folder read."""

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
    """Mark a trait that only the browser changes and whose value is not sent back."""
    return trait.tag(sync=True, echo_update=False)


class Markup(HTML):
    """Markup that follows a run: the browser sets only those texts and attributes that differ."""

    template_file = None
    template = traitlets.Unicode(
        '<template><component :is="tag" v-bind="attributes"></component></template>'
        f"<script>{(WIDGETS / 'markup.js').read_text('utf-8')}</script>"
    ).tag(sync=True)


class _Map(anywidget.AnyWidget):
    """A map that draws the newest frame and writes its number to ``ack``.

    Set frames and their number in one ``hold_sync``. Keep at most two unacknowledged. Among the
    maps on a page only the one that gets its frame last needs ``answers``: the browser draws all
    together, in the order in which their frames arrive. They share view, hover and selection.

    The map is as high as its width requires, or as the CSS property ``--tb-map-height``.
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
    """People on the way, stops and deaths on the route map, and further layers, frame by frame.

    Widths, radii and limits of the marks are in `palette.json`. Each tooltip has the figures for
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
    """Flows B minus A, persons a day: solid where B has more, striped where A has more.

    Ribbons are as wide as the absolute difference, and the largest carry it as a label.
    Differences below ``smallest`` are not drawn.
    """

    _esm = bundle("differencemap")

    frame_a = traitlets.Bytes(b"", help="Frame of A; empty on day 0.").tag(sync=True)
    frame_b = traitlets.Bytes(b"", help="Frame of B.").tag(sync=True)
    smallest = traitlets.Float(SMALLEST_DIFFERENCE, help="Persons a day.").tag(sync=True)
    words = traitlets.Dict(DIFFERENCE_WORDS, help="Words of the map.").tag(sync=True)


class LiveChart(anywidget.AnyWidget):
    """Daily figures of A (solid) and B (dashed), with bands over other runs if there are any.

    ``a`` and ``b`` are float32, little-endian, one value per day from ``start`` on. A band holds
    all low values and then all high ones. ``day`` counts from 1 like frames. The cursor marks its
    value. ``marks`` are pairs: a day's index (0 is the start) and a text.
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
    """The time line: date and day, a line for the days, and both worlds' policies as flags.

    A flag is a dict: world ("A" or "B"), number (of its first policy in the world), day and end
    (index for the first day with its policies, and for the first without them; 0 is the first
    day), title (shown if there is room), text and label. ``selection`` is the day that the user
    selected, ``moved`` a flag's world and number with its new first day; both end with a counter.
    Only the user changes them, so that updates of ``day`` by a run do not move the run.
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
    """Keys, address, language, drawer and menus of the whole page, without visible content.

    ``pressed`` contains the last key's name and the number of key presses. Space is
    ``toggle``. The left and right arrows are ``back`` and ``on``, and with Shift ``week_back`` and
    ``week_on``. Home is ``first``, End is ``last``. Escape is ``close`` while the drawer is open.
    ``address`` is the query in the browser, without a question mark.
    """

    _esm = bundle("shell")

    pressed = _from_browser(traitlets.List(help="[name, number]."))
    address = traitlets.Unicode("").tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    page = traitlets.Unicode("", help="Name of the open page.").tag(sync=True)
    drawer = traitlets.Bool(False, help="Whether the drawer is open.").tag(sync=True)


@dataclass(frozen=True, slots=True)
class File:
    """A file to save.

    With ``copied``, the browser copies the text and shows it. With ``picture``, "maps", the browser
    saves the maps on the page. The data is then the title and the notes of the picture, one in each
    line.
    """

    name: str
    data: bytes
    mime: str = "application/octet-stream"
    picture: str = ""
    copied: bool = False


class _Answering(anywidget.AnyWidget):
    """A widget whose messages, which are not trusted, call `receive`."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: self.receive(content, buffers))

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Handle a message of the browser."""
        raise NotImplementedError


class Downloads(_Answering):
    """A menu of files with a button, and more buttons with a file each.

    A click calls ``answer(key)`` for a file or a message.
    """

    _esm = bundle("downloads")

    files = traitlets.List(help="Key and title of each file of the menu.").tag(sync=True)
    buttons = traitlets.List(help="Key and title of each further button.").tag(sync=True)
    words = traitlets.Dict(help="Words of the button and the messages.").tag(sync=True)
    answer = traitlets.Callable(lambda key: "", help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Send the file or the message that answers a click."""
        content = content if isinstance(content, dict) else {}
        result = self.answer(str(content.get("key")))
        if isinstance(result, str):
            self.send({"status": result})
        else:
            header = {name: getattr(result, name) for name in ("name", "mime", "picture", "copied")}
            self.send(header, buffers=[result.data])


class PolicyList(_Answering):
    """Search, groups and one row for each instrument. ``answer`` is called with every action.

    The search and the filters stay in the browser. Actions are mappings with the action's name
    in ``do``.
    """

    _esm = bundle("policies")

    payload = traitlets.Dict(help="Result of `panels.policy_view.payload`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the list; `locale` formats dates.").tag(sync=True)
    answer = traitlets.Callable(lambda message: None, help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Pass an action on."""
        self.answer(content)


class NumberFields(_Answering):
    """Fields for numbers. A change calls ``answer(key, text)``."""

    _esm = bundle("number_fields")

    fields = traitlets.List(help="Results of `Number.field`.").tag(sync=True)
    words = traitlets.Dict(help="Words of the fields.").tag(sync=True)
    answer = traitlets.Callable(lambda key, text: None, help="Not sent to the browser.")

    def receive(self, content: Any, buffers: list[Any]) -> None:
        """Pass a changed field on."""
        content = content if isinstance(content, dict) else {}
        self.answer(str(content.get("key")), str(content.get("text", ""))[:200])


class ForkLine(anywidget.AnyWidget):
    """A drawing made for its place's width, and lists with the same events.

    The browser sets ``width`` and ``chosen``. Elements with the attribute ``data-event`` are the
    events that can be selected.
    """

    _esm = bundle("forkline")
    _css = style_sheet("widgets")

    drawing = traitlets.Unicode("", help="The drawing, as SVG.").tag(sync=True)
    lists = traitlets.Unicode("", help="The events as lists, as HTML.").tag(sync=True)
    summary = traitlets.Unicode("", help="Title of the lists.").tag(sync=True)
    width = _from_browser(traitlets.Int(0, help="Width of the place, pixels."))
    chosen = _from_browser(traitlets.List(traitlets.Int(), help="[event, number of selections]."))


class Guesses(anywidget.AnyWidget):
    """Guesses and later results: columns over their places on a map, or rows without places.

    A column is a dict: key, label, against (the worlds that are compared), question; asked, locked,
    guess (None before the visitor answers), near (0 for a direction), same, zones (names of
    fewer, same, more), in_points (whether the unit is points); result (None, or median, low, high,
    text, tone), right; badges (claim numbers in the text), dots (guesses of a class); note and
    base (texts at the place and below the name); at and line (the place, and the stretch of the
    border as path data, or None).
    """

    _esm = bundle("guesses")

    columns = traitlets.List(help="Columns from left to right.").tag(sync=True)
    axis = traitlets.List([-60, 60], help="Bounds of the axis, percent.").tag(sync=True)
    ground = traitlets.Dict(help="Land, names and box of the map; empty for totals.").tag(sync=True)
    phase = traitlets.Unicode("guess", help="guess, run or result.").tag(sync=True)
    texts = traitlets.Dict(help="Texts of the drawing.").tag(sync=True)
    moved = _from_browser(traitlets.List(help="Count; key and guess of each."))
