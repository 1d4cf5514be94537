"""Measure the screen for one visitor in Chromium, with a pair and with two large worlds."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.browser import LoggedMessage, log_messages, run_browser
from benchmarks.measurement import BenchmarkError, Measurement
from benchmarks.served import ServerProcess, Usage, run_server
from viz.screen.session.choice import Choice, migrants_per_year

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PEOPLE = 100_000  # simulated migrants a year in each world, at least
#: Upper bounds on the time between frames, ms: the mean with a tolerance of 5 %, and the 95th
#: percentile (two display refreshes late).
MEAN_MS, LATE_MS = 105.0, 133.0
#: Upper bounds: CPU ms per simulated day and world, CPU ms per frame otherwise, bytes per frame,
#: and pause in seconds.
DAY_MS, FRAME_MS, FRAME_BYTES, PAUSE_S = 20.0, 5.0, 5000.0, 0.3
_PATIENCE = 300_000  # ms until both worlds are built
_WARM_UP, _MEASURED, _SETTLE = 3_000, 20_000, 1_000  # ms
_N_PAUSES = 5
#: Upper bounds on a warm server: seconds until the first interval, and until the answer.
FIRST_S, ANSWER_S = 1.5, 15.0
#: One-year pairs without packaged results. Each pair has another instrument amount, because a
#: repeated pair is answered from the cache.
PAIRS = [Choice(b=(f"southern_border_control:{90 + k}M",)) for k in range(4)]
_AMOUNTS = range(200, 200 + len(PAIRS))
_CHANGED = ".tb-policy[data-id=southern_border_control] .tb-amount input"
#: Script that logs when both maps show people, and when an interval and then an answer appear.
_WATCH = """(() => {
  const text = () => document.querySelector(".tb-answer")?.innerText ?? "";
  const flows = () => [...document.querySelectorAll(".tb-worldmap [data-painted]")]
    .filter((node) => node.tbMap?.flows.length).length;
  const states = {
    maps: () => flows() === 2,
    first: () => /^.?stimate|: estimate/.test(text()),
    answer: () => "first" in answerTimes && /ith B|none of/.test(text()),
  };
  window.beginAnswer = () => { window.answerTimes = {}; window.answerBegan = performance.now(); };
  const look = () => {
    for (const [name, holds] of Object.entries(states))
      if (!(name in answerTimes) && holds()) answerTimes[name] = performance.now() - answerBegan;
    requestAnimationFrame(look);
  };
  beginAnswer();
  window.answerBegan = 0;
  look();
})();"""


type Times = dict[str, float]  # seconds by state of the page


@dataclass
class Session:
    """A measured session."""

    log: Sequence[LoggedMessage]  # messages while the worlds ran
    start: Usage  # usage of the server at the start of the log
    end: Usage  # usage of the server at the end of the log
    people: int  # simulated migrants a year in each world
    pauses: Sequence[float]  # seconds of each pause until the last frame is drawn


def measure() -> list[Measurement]:
    """Run a server and a browser, or raise ``BenchmarkError`` if one of them fails."""
    with run_server() as server, run_browser() as browser:
        pairs = zip(PAIRS, _AMOUNTS, strict=True)
        visits = [_answer_times(server, browser, *pair) for pair in pairs]
        return [*answer_measurements(visits[1:]), *measurements(_run_session(server, browser))]


def answer_measurements(visits: Sequence[tuple[Times, Times]]) -> list[Measurement]:
    """Compute the median seconds until a link and a changed policy are answered."""
    link, change = (
        {name: statistics.median(visit[k][name] for visit in visits) for name in visits[0][k]}
        for k in (0, 1)
    )
    count = f"median of {len(visits)} pairs on a warm server"
    rows = [
        ("shared link, from the address to people on both maps", link["maps"], None, count),
        ("shared link, from the address to the first interval", link["first"], None, count),
        ("shared link, from the address to the answer of nine seeds", link["answer"], None, count),
        ("changed policy, until the first interval", change["first"], FIRST_S, count),
        ("changed policy, until the answer of nine seeds", change["answer"], ANSWER_S, count),
    ]
    return [Measurement(f"Screen: {name}", s, "s", bound, about) for name, s, bound, about in rows]


def _answer_times(
    server: ServerProcess, browser: Browser, pair: Choice, changed: int
) -> tuple[Times, Times]:
    """Open a pair and change a policy. Return the seconds for both, by state of the page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(_WATCH)
    page.goto(f"{server.url}/?{pair.query()}", wait_until="commit")
    link = _wait_for_answer(page)
    page.locator(".tb-open-policies").click()
    amount = page.locator(_CHANGED)
    amount.fill(str(changed))
    page.evaluate("beginAnswer()")
    amount.press("Enter")
    change = _wait_for_answer(page)
    page.close()
    return link, change


def _wait_for_answer(page: Page) -> Times:
    """Wait for the answer, and return the seconds by state of the page."""
    page.wait_for_function("'answer' in answerTimes")
    return {name: ms / 1e3 for name, ms in page.evaluate("answerTimes").items()}


def measurements(session: Session) -> list[Measurement]:
    """Compute a session's measurements, or raise ``BenchmarkError`` if no frames were drawn."""
    times = draw_times(session.log)
    gaps = [1e3 * (after - before) for before, after in itertools.pairwise(times)]
    if not gaps:
        raise BenchmarkError("the maps drew no frames")
    start, end = session.start, session.end
    days, wall = end.days - start.days, end.at - start.at
    cpu, simulation = end.cpu - start.cpu, end.simulation - start.simulation
    received = [entry.message for entry in session.log if not entry.from_page]
    n_map_frames = sum("serial" in message.state for message in received)
    frame_bytes = sum(message.size for message in received) / max(n_map_frames, 1)
    mean_gap, late_gap = statistics.fmean(gaps), sorted(gaps)[int(0.95 * len(gaps))]
    other_ms = 1e3 * (cpu - simulation) / len(gaps)
    setting = f"two worlds of {session.people:,} simulated migrants a year each, {wall:.0f} s"
    cores = f"{days} days of worlds; the server used {cpu / wall:.2f} cores in total"
    messages = f"{len(session.log) / len(gaps):.1f} messages a frame"
    everything = "tables, charts, time bar and acknowledgements included"
    day_ms = 1e3 * simulation / max(days, 1)
    pause, pauses = max(session.pauses), f"of {len(session.pauses)}, until the last frame drawn"
    rows: list[tuple[str, float, str, float, str]] = [
        ("time between frames, mean", mean_gap, "ms", MEAN_MS, setting),
        ("time between frames, 95th percentile", late_gap, "ms", LATE_MS, ""),
        ("CPU to simulate a day of a world", day_ms, "ms", DAY_MS, cores),
        ("CPU per frame, without the simulation", other_ms, "ms", FRAME_MS, messages),
        ("bytes sent per frame of a map", frame_bytes, "bytes", FRAME_BYTES, everything),
        ("pause, slowest", pause, "s", PAUSE_S, pauses),
    ]
    return [Measurement(f"Screen: {row[0]}", *row[1:]) for row in rows]


def draw_times(log: Sequence[LoggedMessage]) -> list[float]:
    """Return when frames were drawn, in seconds. The last map acknowledges for all maps."""
    return [entry.at for entry in log if entry.from_page and "ack" in entry.message.state]


def _run_session(server: ServerProcess, browser: Browser) -> Session:
    """Open the screen, run both worlds, and pause several times."""
    scale = coarsest_scale(PEOPLE)
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    log = log_messages(page.context.new_cdp_session(page))
    page.goto(f"{server.url}/?{Choice(scale=scale, days=730).query()}", wait_until="commit")
    page.wait_for_selector(".tb-run:not([disabled])")
    page.wait_for_selector(".tb-worldmap canvas")
    page.wait_for_timeout(_WARM_UP)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_WARM_UP)
    log.clear()
    start = server.usage()
    page.wait_for_timeout(_MEASURED)
    end, measured = server.usage(), list(log)
    pauses: list[float] = []
    for _ in range(_N_PAUSES):
        log.clear()
        page.locator(".tb-run").click()
        page.wait_for_timeout(_SETTLE)
        pauses.append(_pause_seconds(log))
        page.locator(".tb-run").click()
        page.wait_for_timeout(_SETTLE)
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    return Session(measured, start, end, people, pauses)


def _pause_seconds(log: Sequence[LoggedMessage]) -> float:
    """Return the seconds from the first click to the last frame drawn."""
    clicks = [entry.at for entry in log if entry.from_page and entry.message.method == "custom"]
    if not clicks:
        raise BenchmarkError("the page sent no click")
    return max([at - clicks[0] for at in draw_times(log)] + [0.0])


def coarsest_scale(people: int) -> int:
    """Return the coarsest scale with at least this number of simulated migrants a year."""
    return migrants_per_year(Choice(scale=100).scenario(0)) * 100 // people
