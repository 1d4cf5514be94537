"""One person who watches two large worlds: a real Chromium, whose every message is noted."""

from __future__ import annotations

import itertools
import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.bench import BenchError, Measurement
from viz.bench.served import Served, Used, served
from viz.bench.wire import Word, read
from viz.screen.choice import Choice
from viz.screen.visitors import migrants_per_year

if TYPE_CHECKING:
    from playwright.sync_api import Page

PEOPLE, PACE = 100_000, 10  # simulated migrants a year in each world, at least; days a second
#: Bounds: milliseconds between frames, in the mean with a twentieth of tolerance and for all but a
#: twentieth (two beats of a display late); CPU ms a day of a world, and a frame; bytes; seconds.
MEAN_MS, LATE_MS, DAY_MS, FRAME_MS, FRAME_BYTES, PAUSE_S, ECHO_S = (
    105.0,
    133.0,
    20.0,
    5.0,
    5000.0,
    0.3,
    0.1,
)
FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE = 300_000  # ms until both worlds stand
_WARM, _WATCHED, _SETTLE = 3_000, 20_000, 1_000  # ms
_TIMES = 5  # pauses, and moves of each slider
_LABELS = {"speed": ".tb-speed", "dose": ".tb-lever"}


@dataclass(frozen=True, slots=True)
class Note:
    """A message as the page saw it: when (ms), whether it was sent by it, bytes, what it said."""

    at: float
    sent: bool
    size: int
    word: Word | None


@dataclass
class Seen:
    """What was seen: notes and figures of the time in which it ran, pauses and echoes, seconds."""

    notes: Sequence[Note]
    begun: Used
    done: Used
    people: int
    pauses: Sequence[float]
    echoes: dict[str, list[float]]


def measured() -> list[Measurement]:
    """Start a server and a browser, and watch; raises ``BenchError`` where that fails."""
    with served() as server, _browser() as browser:
        from playwright.sync_api import Error

        try:
            return figures(_watch(server, browser))
        except Error as error:
            first = (str(error).strip().splitlines() or ["no word"])[0]
            raise BenchError(f"Chromium: {first}") from None


def figures(seen: Seen) -> list[Measurement]:
    """The figures beside their bounds."""
    gaps = between(drawn(seen.notes))
    count = len(gaps)
    days = seen.done.days - seen.begun.days
    cpu, play = seen.done.cpu - seen.begun.cpu, seen.done.play - seen.begun.play
    wall = seen.done.at - seen.begun.at
    came = [note for note in seen.notes if not note.sent]
    frames = [note for note in came if _is_frame(note.word)]
    everything = sum(note.size for note in came) / max(len(frames), 1)
    what = f"two worlds of {seen.people:,} simulated migrants a year each, {wall:.0f} s"
    return [
        Measurement(
            "Screen: between two frames, mean",
            statistics.fmean(gaps),
            "ms",
            MEAN_MS,
            f"{1e3 / statistics.fmean(gaps):.1f} frames a second; {what}",
        ),
        Measurement(
            "Screen: between two frames, all but a twentieth",
            part(gaps, 0.95),
            "ms",
            LATE_MS,
            f"the latest {max(gaps):.0f} ms",
        ),
        Measurement(
            "Screen: CPU to play a day of a world",
            1e3 * play / max(days, 1),
            "ms",
            DAY_MS,
            f"{days} days of worlds; the server took {cpu / wall:.2f} cores in all",
        ),
        Measurement(
            "Screen: CPU of all else a frame",
            1e3 * (cpu - play) / count,
            "ms",
            FRAME_MS,
            f"{len(seen.notes) / count:.1f} messages a frame",
        ),
        Measurement(
            "Screen: a frame of a map", _mean([note.size for note in frames]), "bytes", FRAME_BYTES
        ),
        Measurement(
            "Screen: all that is sent, for each frame of a map",
            everything,
            "bytes",
            FRAME_BYTES,
            "tables, charts, time bar and answers included",
        ),
        Measurement(
            "Screen: a pause settles, slowest",
            max(seen.pauses),
            "s",
            PAUSE_S,
            f"of {len(seen.pauses)}, from the click to the last frame drawn",
        ),
        *[
            Measurement(
                f"Screen: echo of a slider ({name}), median",
                statistics.median(times),
                "s",
                ECHO_S,
                f"while both worlds run; slowest of {len(times)}: {max(times):.2f} s",
            )
            for name, times in seen.echoes.items()
        ],
    ]


# ---- what the notes say --------------------------------------------------------------------------


def noted(raw: Sequence[Sequence[Any]]) -> list[Note]:
    """Notes as the page gives them: time, "in" or "out", bytes, text (empty where it is long)."""
    return [
        Note(at, way == "out", size, read(text) if text else None) for at, way, size, text in raw
    ]


def drawn(notes: Sequence[Note]) -> list[float]:
    """When frames were drawn on both maps, ms: one map answers for both, after the other."""
    return sorted(note.at for note in notes if note.sent and note.word and "ack" in note.word.state)


def between(times: Sequence[float]) -> list[float]:
    """Gaps; raises ``BenchError`` where there is none."""
    if len(times) < 2:
        raise BenchError("the maps drew no frames")
    return [after - before for before, after in itertools.pairwise(times)]


def part(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _is_frame(word: Word | None) -> bool:
    """Whether it is a frame for a map."""
    return word is not None and word.changes and "serial" in word.state


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


# ---- the browser ---------------------------------------------------------------------------------


@contextmanager
def _browser() -> Iterator[Any]:
    """Chromium without windows; raises ``BenchError`` if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    if found is None:
        raise BenchError("there is no Chromium here; install the package chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BenchError(
            "it needs the extra bench: uv run --extra bench --extra offline twoborders bench"
        ) from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS])
        yield browser
        browser.close()


def _watch(server: Served, browser: Any) -> Seen:
    """Open the screen, run, pause and move sliders."""
    scale = scale_for(PEOPLE)
    page: Page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(path=str(Path(__file__).with_name("watch.js")))
    page.goto(f"{server.url}/?{Choice(scale=scale, days=730).query()}", wait_until="commit")
    page.wait_for_selector(".tb-run:not([disabled])")
    page.wait_for_selector(".tb-worldmap canvas")
    page.wait_for_timeout(_WARM)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_WARM)
    begun = _forget(page, server)
    page.wait_for_timeout(_WATCHED)
    done, notes = server.used(), _notes(page)
    echoes = {name: _echoes(page, where) for name, where in _LABELS.items()}
    pauses = [_pause(page) for _ in range(_TIMES)]
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    return Seen(notes, begun, done, people, pauses, echoes)


def _forget(page: Page, server: Served) -> Used:
    """Begin to count."""
    page.evaluate("benchOfTheScreen.notes.length = 0")
    return server.used()


def _notes(page: Page) -> list[Note]:
    """What was noted since."""
    return noted(page.evaluate("benchOfTheScreen.notes"))


def _pause(page: Page) -> float:
    """Press pause and let it run again; seconds until the last frame was drawn."""
    page.evaluate("benchOfTheScreen.notes.length = 0; benchOfTheScreen.watch('.tb-run')")
    page.locator(".tb-run").click()
    page.wait_for_timeout(_SETTLE)
    acted = page.evaluate("benchOfTheScreen.marks.acted")
    last = max((at for at in drawn(_notes(page)) if at > acted), default=acted)
    page.locator(".tb-run").click()
    page.wait_for_timeout(_SETTLE)
    return (last - acted) / 1e3


def _echoes(page: Page, where: str) -> list[float]:
    """Move a slider by its keys, there and back; seconds until its label has changed."""
    times = []
    for turn in range(_TIMES):
        page.evaluate("where => benchOfTheScreen.watch(where + ' .tb-label')", where)
        thumb = page.locator(f"{where} [role=slider]").first
        thumb.press("ArrowLeft" if turn % 2 else "ArrowRight")
        page.wait_for_function("benchOfTheScreen.marks.changed")
        times.append(page.evaluate("(m => m.changed - m.acted)(benchOfTheScreen.marks)") / 1e3)
        page.wait_for_timeout(_SETTLE / 2)
    return times


def scale_for(people: int) -> int:
    """The coarsest scale at which a world has at least so many simulated migrants a year."""
    return migrants_per_year(Choice(scale=100).scenario(0)) * 100 // people
