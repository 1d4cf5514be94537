"""Measure how a page of the screen opens: times, bytes, area of the maps, tab stops.

``twoborders bench --part page`` opens the start card and a comparison in a Chromium without a
cache, several times each, and prints the slowest time.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.bench import Measurement
from viz.bench.browser import browser_errors, run_browser
from viz.bench.served import ServerProcess, run_server

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Upper bounds: seconds until the first useful paint and until Run is usable, MB of a page with all
#: its files and messages, pixels by which parts of the page move, tab stops.
PAINT_S, USABLE_S, WEIGHT_MB, MOVED_PX, STOPS = 2.5, 5.0, 1.5, 0.0, 15.0
#: Lower bounds: percent of the window that both maps take, by its width and height.
SHARES = {(1440, 900): 55.0, (1024, 768): 45.0}
#: The comparison that is opened: the pair of the first card of the start page.
QUERY = "?a=cameras_and_sensors:250M@2014-07-01&b=southern_border_control:250M@2014-07-01&days=1100"
#: Parts of the page that must not move while worlds run.
STILL = (
    ".tb-header",
    "h1",
    ".tb-open-policies",
    ".tb-worldmap .tb-stage",
    ".tb-strip",
    ".tb-charts > *",
    ".tb-time",
    ".tb-run",
    ".tb-line",
    ".tb-flag",
)
_TRIES = 3  # visits of each page, after a first visit that only the detail reports
_PATIENCE = 120_000  # ms
_STEADY_MS = 700
_RUN_MS = 3_000  # ms for which worlds run before the positions of parts are read again
_BINARY = 2  # opcode of a binary message
_TAIL = 4  # bytes at the end of a flush that are not sent
_BOXES = """names => names.flatMap(name => [...document.querySelectorAll(name)].map(node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [x, y, width, height];
}))"""
#: Logs the first time at which an element of each selector exists and is painted.
_WATCH = """(() => {
  const wanted = {paint: "h1", usable: ".tb-run:not([disabled])", maps: ".tb-worldmap canvas"};
  const seen = window.twoBordersSeen = {};
  const look = () => {
    for (const [name, selector] of Object.entries(wanted)) {
      const node = name in seen ? null : document.querySelector(selector);
      if (node && node.getBoundingClientRect().height) seen[name] = performance.now();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""


@dataclass
class Visit:
    """Measurements of one visit with an empty cache."""

    seconds: dict[str, float] = field(default_factory=dict)  # by name of `_WATCH`
    files: int = 0  # bytes of files, compressed
    messages: int = 0  # bytes of messages until the page was usable

    @property
    def mb(self) -> float:
        """Megabytes received."""
        return (self.files + self.messages) / 1e6


@dataclass
class Frame:
    """The layout of a comparison."""

    shares: dict[tuple[int, int], float]  # percent of the window, by its size
    moved: float  # largest move of a part after Run, pixels
    stops: int  # tab stops from the top of the page to Run


def measure() -> list[Measurement]:
    """Run a server and a browser; raise ``BenchError`` if one of them fails."""
    with run_server() as server, run_browser() as browser, browser_errors():
        visits = [_visit(server, browser, QUERY, "usable") for _ in range(_TRIES + 1)]
        starts = [_visit(server, browser, "", "paint") for _ in range(_TRIES)]
        return measurements(visits, starts, _frame(server, browser))


def measurements(
    visits: Sequence[Visit], starts: Sequence[Visit], frame: Frame
) -> list[Measurement]:
    """Compute the measurements.

    Args:
        visits: visits of a comparison; the first one includes imports and compilation.
        starts: visits of the start card.
        frame: layout of the comparison.

    Returns:
        Measurements with their bounds; times are the slowest of the visits after the first one.
    """
    first, later = visits[0], visits[1:] or visits

    def slowest(name: str, among: Sequence[Visit]) -> float:
        return max(visit.seconds[name] for visit in among)

    once = f"slowest of {len(later)} visits with an empty cache"
    usable = f"{once}; first visit after the start of the server {first.seconds['usable']:.1f} s"
    weight = f"files {first.files / 1e6:.2f} MB, messages {first.messages / 1e6:.2f} MB"
    rows: list[tuple[str, float, str, float, str]] = [
        ("start card, first useful paint", slowest("paint", starts), "s", PAINT_S, ""),
        ("comparison, first useful paint", slowest("paint", later), "s", PAINT_S, once),
        ("comparison, Run is usable", slowest("usable", later), "s", USABLE_S, usable),
        ("start card, weight", starts[0].mb, "MB", WEIGHT_MB, ""),
        ("comparison, weight", first.mb, "MB", WEIGHT_MB, weight),
        ("largest move of a part after Run", frame.moved, "px", MOVED_PX, "of the whole page"),
        ("tab stops from the top to Run", float(frame.stops), "stops", STOPS, "through Policies"),
    ]
    upper = [Measurement(f"Page: {row[0]}", *row[1:]) for row in rows]
    return upper + [
        Measurement(f"Page: maps at {w} x {h}", share, "%", SHARES[w, h], least=True)
        for (w, h), share in frame.shares.items()
    ]


# ---- the browser ---------------------------------------------------------------------------------


def _visit(server: ServerProcess, browser: Any, query: str, until: str) -> Visit:
    """Open a page with an empty cache until it is painted or usable."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, visit = context.new_page(), Visit()
    page.add_init_script(_WATCH)
    _count_bytes(context, page, visit)
    page.goto(f"{server.url}/{query}", wait_until="commit")
    page.wait_for_function(f"'{until}' in twoBordersSeen", timeout=_PATIENCE)
    visit.seconds = {name: ms / 1e3 for name, ms in page.evaluate("twoBordersSeen").items()}
    page.wait_for_timeout(500)  # sizes of files arrive after their content
    context.close()
    return visit


def _count_bytes(context: Any, page: Page, visit: Visit) -> None:
    """Add the bytes of files and messages to a visit, with the sizes that are sent."""
    network, deflate = context.new_cdp_session(page), _Deflate()
    network.send("Network.enable")

    def add_file(event: dict[str, Any]) -> None:
        visit.files += int(event["encodedDataLength"])

    def open_socket(event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        deflate.on = "permessage-deflate" in headers.get("sec-websocket-extensions", "")

    def add_message(event: dict[str, Any]) -> None:
        text, binary = event["response"]["payloadData"], event["response"]["opcode"] == _BINARY
        visit.messages += deflate.size(base64.b64decode(text) if binary else text.encode())

    network.on("Network.loadingFinished", add_file)
    network.on("Network.webSocketHandshakeResponseReceived", open_socket)
    network.on("Network.webSocketFrameReceived", add_message)


class _Deflate:
    """Sizes of compressed messages (RFC 7692); the browser reports the decompressed sizes."""

    def __init__(self) -> None:
        self.on = False
        self._stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def size(self, data: bytes) -> int:
        """Return the bytes of the next message."""
        if not self.on:
            return len(data)
        return len(self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)) - _TAIL


def _frame(server: ServerProcess, browser: Any) -> Frame:
    """Read the positions of the parts of a comparison before and after Run."""
    page = _open(server, browser)
    shares = {size: _share(page, *size) for size in reversed(SHARES)}
    before = _steady_boxes(page)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_RUN_MS)
    moved = _largest_move(before, page.evaluate(_BOXES, list(STILL)))
    page.close()
    return Frame(dict(reversed(shares.items())), moved, _tab_stops(_open(server, browser)))


def _open(server: ServerProcess, browser: Any) -> Page:
    """Open the comparison and wait until it is usable."""
    page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{server.url}/{QUERY}")
    page.wait_for_selector(".tb-run:not([disabled])")
    page.wait_for_selector(".tb-worldmap canvas")
    return page


def _steady_boxes(page: Page) -> list[list[float]]:
    """Return the positions of the parts when they no longer change after a resize."""
    boxes: list[list[float]] = []
    while (found := page.evaluate(_BOXES, list(STILL))) != boxes:
        boxes = found
        page.wait_for_timeout(_STEADY_MS)
    return boxes


def _share(page: Page, width: int, height: int) -> float:
    """Return the percentage of a window that the maps take."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(1_000)
    maps = page.evaluate(_BOXES, [".tb-worldmap .tb-stage"])
    shown = sum(w * max(min(y + h, height) - y, 0) for _, y, w, h in maps)
    return 100 * shown / (width * height)


def _largest_move(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]) -> float:
    """Return the largest change of a position or a size; infinite if parts appear or vanish."""
    if len(before) != len(after):
        return float("inf")
    pairs = zip(before, after, strict=True)
    return max((abs(a - b) for old, new in pairs for a, b in zip(old, new, strict=True)), default=0)


def _tab_stops(page: Page) -> int:
    """Return the number of tab stops from the top of the page to Run, via the button Policies."""
    for stops in range(1, 100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.tb-run')"):
            return stops
    return 100
