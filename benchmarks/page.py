"""Measure how long a screen page takes to open with an empty cache, and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.browser import log_messages, run_browser
from benchmarks.measurement import Measurement
from benchmarks.served import ServerProcess, run_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Upper bounds: seconds until the first useful paint and until Run is usable, and MB of a page's
#: files and messages.
MAX_PAINT_S, MAX_USABLE_S, MAX_MB = 2.5, 5.0, 2.5
#: The comparison to open: the pair on the start page's first card.
QUERY = "?a=cameras_and_sensors:250M@2014-07-01&b=southern_border_control:250M@2014-07-01&days=1100"
_VISITS = 3  # visits per page, after a first visit that only the detail reports
_PATIENCE = 120_000  # ms
#: Script that logs when an element for each selector first exists and is painted.
_WATCH = """(() => {
  const selectors = {paint: "h1", usable: ".tb-run:not([disabled])"};
  const times = window.paintTimes = {};
  const look = () => {
    for (const [name, selector] of Object.entries(selectors)) {
      const node = name in times ? null : document.querySelector(selector);
      if (node && node.getBoundingClientRect().height) times[name] = performance.now();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""


@dataclass
class Visit:
    """Measurements of one visit with an empty cache."""

    seconds: dict[str, float]  # by name of `_WATCH`
    files: int  # bytes of files, compressed
    messages: int  # bytes of messages until the page can be used

    @property
    def mb(self) -> float:
        """Megabytes received."""
        return (self.files + self.messages) / 1e6


def measure() -> list[Measurement]:
    """Run a server and a browser, or raise ``BenchmarkError`` if one of them fails."""
    with run_server() as server, run_browser() as browser:
        comparisons = [visit(server, browser, QUERY, "usable") for _ in range(_VISITS + 1)]
        starts = [visit(server, browser, "", "paint") for _ in range(_VISITS)]
    return measurements(comparisons, starts)


def measurements(comparisons: Sequence[Visit], starts: Sequence[Visit]) -> list[Measurement]:
    """Compute the measurements.

    Args:
        comparisons: visits to a comparison. The first visit includes imports and compilation.
        starts: visits to the start card.

    Returns:
        Measurements with their bounds. Times are the slowest of all visits after the first.
    """
    first, *later = comparisons
    once = f"slowest of {len(later)} visits with an empty cache"
    usable = f"{once}; first visit after the start of the server {first.seconds['usable']:.1f} s"
    weight = f"files {first.files / 1e6:.2f} MB, messages {first.messages / 1e6:.2f} MB"
    start_paint = max(visit.seconds["paint"] for visit in starts)
    paint = max(visit.seconds["paint"] for visit in later)
    run_usable = max(visit.seconds["usable"] for visit in later)
    return [
        Measurement("Page: start card, first useful paint", start_paint, "s", MAX_PAINT_S),
        Measurement("Page: comparison, first useful paint", paint, "s", MAX_PAINT_S, once),
        Measurement("Page: comparison, Run is usable", run_usable, "s", MAX_USABLE_S, usable),
        Measurement("Page: start card, weight", starts[0].mb, "MB", MAX_MB),
        Measurement("Page: comparison, weight", first.mb, "MB", MAX_MB, weight),
    ]


def visit(server: ServerProcess, browser: Browser, query: str, until: str) -> Visit:
    """Open a page with an empty cache until it is painted or usable."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    network = context.new_cdp_session(page)
    log, file_sizes = log_messages(network), list[int]()

    def add_file(event: dict[str, Any]) -> None:
        file_sizes.append(int(event["encodedDataLength"]))

    network.on("Network.loadingFinished", add_file)
    page.goto(f"{server.url}/{query}", wait_until="commit")
    page.wait_for_function(f"'{until}' in paintTimes", timeout=_PATIENCE)
    seconds = {name: ms / 1e3 for name, ms in page.evaluate("paintTimes").items()}
    page.wait_for_timeout(500)  # file sizes arrive after the content
    context.close()
    return Visit(seconds, sum(file_sizes), sum(m.message.size for m in log if not m.from_page))
