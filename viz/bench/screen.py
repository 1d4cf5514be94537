"""Measure the screen for one visitor with two large worlds in a Chromium that logs messages."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.bench import BenchError, Measurement
from viz.bench.browser import browser_errors, run_browser
from viz.bench.served import ServerProcess, Usage, run_server
from viz.bench.wire import Message, parse_message
from viz.screen.session.choice import Choice
from viz.screen.session.visitors import migrants_per_year

if TYPE_CHECKING:
    from playwright.sync_api import Page

PEOPLE = 100_000  # simulated migrants a year in each world, at least
PACE = 10  # days per second
#: Upper bounds. Time between frames, ms: the mean with a tolerance of 5 %, and the 95th percentile
#: (two refreshes of a display late).
MEAN_MS, LATE_MS = 105.0, 133.0
#: CPU ms per simulated day of a world, and per frame for everything else; bytes per frame; seconds.
DAY_MS, FRAME_MS, FRAME_BYTES, PAUSE_S, ECHO_S = 20.0, 5.0, 5000.0, 0.3, 0.1
_PATIENCE = 300_000  # ms until both worlds are built
_WARM_UP, _MEASURED, _SETTLE = 3_000, 20_000, 1_000  # ms
_REPEATS = 5  # number of pauses, and of moves of each slider
#: Sliders, and what opens the menu around them.
_SLIDERS = {"speed": ".tb-speed"}
_OPENERS = {"speed": ".tb-speed summary"}


class LoggedMessage(NamedTuple):
    """A message in the log of the page."""

    at: float  # ms
    sent: bool  # by the page
    size: int  # bytes
    content: Message | None  # None if it is long

    @property
    def is_frame(self) -> bool:
        """Whether it contains a frame for a map."""
        message = self.content
        return message is not None and message.is_update and "serial" in message.state


@dataclass
class Session:
    """A measured session."""

    log: Sequence[LoggedMessage]  # messages while the worlds ran
    begun: Usage  # of the server at the start of the log
    done: Usage  # at its end
    people: int  # simulated migrants a year in each world
    pauses: Sequence[float]  # seconds of each pause until the last frame is drawn
    echoes: dict[str, list[float]]  # by slider, seconds until its label changes


def measure() -> list[Measurement]:
    """Run a server and a browser; raise ``BenchError`` if one of them fails."""
    with run_server() as server, run_browser() as browser, browser_errors():
        return measurements(_run_session(server, browser))


def measurements(session: Session) -> list[Measurement]:
    """Compute the measurements of a session; raise ``BenchError`` if no frames were drawn."""
    gaps = [after - before for before, after in itertools.pairwise(draw_times(session.log))]
    if not gaps:
        raise BenchError("the maps drew no frames")
    begun, done = session.begun, session.done
    days, wall = done.days - begun.days, done.at - begun.at
    cpu, simulation = done.cpu - begun.cpu, done.simulation - begun.simulation
    received = [message for message in session.log if not message.sent]
    frames = [message.size for message in received if message.is_frame]
    frame_bytes = statistics.fmean(frames) if frames else 0.0
    all_bytes = sum(message.size for message in received) / max(len(frames), 1)
    mean_gap, count = statistics.fmean(gaps), len(gaps)
    late, rest = sorted(gaps)[int(0.95 * count)], 1e3 * (cpu - simulation) / count
    setting = f"two worlds of {session.people:,} simulated migrants a year each, {wall:.0f} s"
    rate = f"{1e3 / mean_gap:.1f} frames a second; {setting}"
    cores = f"{days} days of worlds; the server used {cpu / wall:.2f} cores in total"
    largest = f"the largest {max(gaps):.0f} ms"
    messages = f"{len(session.log) / count:.1f} messages a frame"
    included = "tables, charts, time bar and acknowledgements included"
    pauses = f"of {len(session.pauses)}, from the click to the last frame drawn"
    rows: list[tuple[str, float, str, float, str]] = [
        ("time between frames, mean", mean_gap, "ms", MEAN_MS, rate),
        ("time between frames, 95th percentile", late, "ms", LATE_MS, largest),
        ("CPU to simulate a day of a world", 1e3 * simulation / max(days, 1), "ms", DAY_MS, cores),
        ("CPU per frame, without the simulation", rest, "ms", FRAME_MS, messages),
        ("size of a frame of a map", frame_bytes, "bytes", FRAME_BYTES, ""),
        ("bytes sent per frame of a map", all_bytes, "bytes", FRAME_BYTES, included),
        ("pause, slowest", max(session.pauses), "s", PAUSE_S, pauses),
    ]
    for name, times in session.echoes.items():
        slowest = f"while both worlds run; slowest of {len(times)}: {max(times):.2f} s"
        label = f"response of a slider ({name}), median"
        rows.append((label, statistics.median(times), "s", ECHO_S, slowest))
    return [Measurement(f"Screen: {row[0]}", *row[1:]) for row in rows]


# ---- the log -------------------------------------------------------------------------------------


def parse_log(rows: Sequence[Sequence[Any]]) -> list[LoggedMessage]:
    """Parse the log of the page: time, "in" or "out", bytes, text (empty if it is long)."""
    return [
        LoggedMessage(at, direction == "out", size, parse_message(text) if text else None)
        for at, direction, size, text in rows
    ]


def draw_times(log: Sequence[LoggedMessage]) -> list[float]:
    """Return the times at which frames were drawn, in ms.

    The map that is drawn last acknowledges a frame for both maps.
    """
    sent = [message for message in log if message.sent and message.content]
    return sorted(one.at for one in sent if one.content and "ack" in one.content.state)


# ---- the browser ---------------------------------------------------------------------------------


def _run_session(server: ServerProcess, browser: Any) -> Session:
    """Open the screen, run, pause and move sliders."""
    scale = scale_for(PEOPLE)
    page: Page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(path=str(Path(__file__).with_name("watch.js")))
    page.goto(f"{server.url}/?{Choice(scale=scale, days=730).query()}", wait_until="commit")
    page.wait_for_selector(".tb-run:not([disabled])")
    page.wait_for_selector(".tb-worldmap canvas")
    page.wait_for_timeout(_WARM_UP)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_WARM_UP)
    page.evaluate("twoBordersBench.log.length = 0")
    begun = server.usage()
    page.wait_for_timeout(_MEASURED)
    done, log = server.usage(), _read_log(page)
    echoes = {name: _echo_times(page, name) for name in _SLIDERS}
    pauses = [_pause_time(page) for _ in range(_REPEATS)]
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    return Session(log, begun, done, people, pauses, echoes)


def _read_log(page: Page) -> list[LoggedMessage]:
    return parse_log(page.evaluate("twoBordersBench.log"))


def _pause_time(page: Page) -> float:
    """Pause and run again; return the seconds from the click to the last frame drawn."""
    page.evaluate("twoBordersBench.log.length = 0; twoBordersBench.watch('.tb-run')")
    page.locator(".tb-run").click()
    page.wait_for_timeout(_SETTLE)
    acted = page.evaluate("twoBordersBench.times.acted")
    last = max((at for at in draw_times(_read_log(page)) if at > acted), default=acted)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_SETTLE)
    return (last - acted) / 1e3


def _echo_times(page: Page, name: str) -> list[float]:
    """Move a slider back and forth by keys; return the seconds of each change of its label."""
    seconds, selector = [], _SLIDERS[name]
    page.locator(_OPENERS[name]).click()
    page.wait_for_selector(f"{selector} [role=slider]", state="attached")  # it has no size
    for turn in range(_REPEATS):
        page.evaluate("where => twoBordersBench.watch(where + ' .tb-label')", selector)
        thumb = page.locator(f"{selector} [role=slider]").first
        thumb.press("ArrowLeft" if turn % 2 else "ArrowRight")
        page.wait_for_function("twoBordersBench.times.changed")
        took = page.evaluate("(t => t.changed - t.acted)(twoBordersBench.times)")
        seconds.append(took / 1e3)
        page.wait_for_timeout(_SETTLE / 2)
    page.keyboard.press("Escape")
    return seconds


def scale_for(people: int) -> int:
    """Return the coarsest scale with at least this number of simulated migrants a year."""
    return migrants_per_year(Choice(scale=100).scenario(0)) * 100 // people
