"""Packaged results of the lessons, so that a first try needs no run.

``python -m viz.screen.lessons.stored`` runs every lesson at its default dial and writes one file
per lesson to the folder ``packaged``: the figures of every arm and seed, and one frame per week of
the first two arms on the first seed, which the maps play. A file is only used if it was written by
the current version of the model, and for the same settings; otherwise the lesson is run.
"""

from __future__ import annotations

import base64
import json
import lzma
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.case import Case
from experiments.runs.files import write_text
from experiments.runs.model_fingerprint import model_source
from viz.screen.lessons.evidence import Evidence
from viz.screen.lessons.lesson import Lesson, lessons
from viz.screen.session.background import RunSummary, summarise_run
from viz.screen.session.choice import packaged_world
from viz.screen.session.frames import DAILY, WEEK, FrameLog
from viz.screen.widgets.world import frame_dtype

FOLDER = Path(__file__).parent / "packaged"
_DIGITS = 7  # significant digits of a stored figure
_PARTS = ("outcomes", "rates", "sectors")


@dataclass(frozen=True, eq=False)
class StoredRuns:
    """The packaged results of a lesson.

    Attributes:
        evidence: figures of every arm and seed; of the daily figures only that of the lesson's
            chart, in the first two arms.
        logs: frames of the first two arms, one for each day.
    """

    evidence: Evidence
    logs: tuple[FrameLog, ...]


class StoredRequest:
    """Packaged runs, read while the maps are animated: a `RunRequest` that waits for the maps."""

    def __init__(self, evidence: Evidence, cases: Mapping[tuple[str, int], Case], delay: float):
        self._evidence, self._cases, self._delay = evidence, cases, delay
        self._go, self._cancelled = threading.Event(), False

    def __iter__(self) -> Iterator[tuple[Case, RunSummary]]:
        """Wait for the delay or `skip`; end on cancellation."""
        self._go.wait(self._delay)
        if not self._cancelled:
            for place, case in self._cases.items():
                yield case, self._evidence.summaries[place]

    def skip(self) -> None:
        """End the delay."""
        self._go.set()

    def cancel(self) -> None:
        """End the iteration."""
        self._cancelled = True
        self._go.set()


@cache
def stored_runs(name: str) -> StoredRuns | None:
    """Return the packaged results of a lesson by its id; None if this model did not make them."""
    lesson, file = lessons()[name], FOLDER / f"{name}.json"
    if not file.is_file():
        return None
    stored = json.loads(file.read_text(encoding="utf-8"))
    cases = lesson.cases(lesson.dial.value)
    digests = {_name(place): case.digest for place, case in cases.items()}
    if stored["model"] != model_source() or stored["cases"] != digests:
        return None
    return unpack(lesson, stored)


def pack(
    lesson: Lesson,
    summaries: Mapping[tuple[str, int], RunSummary],
    frames: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Return the content of a file.

    Args:
        lesson: the lesson.
        summaries: the run of every arm and seed.
        frames: weekly frames of the first two arms.

    Returns:
        Plain JSON.
    """
    cases, (one, *_) = lesson.cases(lesson.dial.value), summaries.values()
    column = DAILY.index(lesson.chart)
    shown = [place for place in summaries if place[0] in frames]
    return {
        "model": model_source(),
        "cases": {_name(place): case.digest for place, case in cases.items()},
        "names": {part: list(getattr(one, part)) for part in _PARTS},
        "runs": {_name(place): _figures(run) for place, run in summaries.items()},
        "chart": compress(np.array([summaries[place].daily[:, column] for place in shown], "<f4")),
        "frames": {arm: compress(_columns(records)) for arm, records in frames.items()},
    }


def unpack(lesson: Lesson, stored: Mapping[str, Any]) -> StoredRuns:
    """Return the results of the content of a file, the inverse of `pack`."""
    arms, runs = list(stored["frames"]), {}
    places = [(arm, seed) for arm, seed in lesson.cases(lesson.dial.value)]
    shown = [place for place in places if place[0] in arms]
    chart = np.frombuffer(expand(stored["chart"]), "<f4").reshape(len(shown), lesson.days)
    for place in places:
        daily = np.zeros((lesson.days, len(DAILY)), np.float32)
        if place in shown:
            daily[:, DAILY.index(lesson.chart)] = chart[shown.index(place)]
        parts = zip(_PARTS, stored["runs"][_name(place)], strict=True)
        named = {
            part: dict(zip(stored["names"][part], map(_number, row), strict=True))
            for part, row in parts
        }
        runs[place] = RunSummary(daily, **named)
    logs = (_log(lesson.days, expand(text)) for text in stored["frames"].values())
    return StoredRuns(Evidence(runs), tuple(logs))


def _name(place: tuple[str, int]) -> str:
    """Return the key of an arm and a seed."""
    return f"{place[0]}:{place[1]}"


def _figures(run: RunSummary) -> list[list[float | None]]:
    """Return the figures of a run in the order of the names; None where not defined."""
    rows = (getattr(run, part).values() for part in _PARTS)
    return [[float(f"{x:.{_DIGITS}g}") if np.isfinite(x) else None for x in row] for row in rows]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


# ---- frames --------------------------------------------------------------------------------------
def _columns(records: np.ndarray) -> np.ndarray:
    """Return the bytes of frames as changes between weeks, grouped by position in the frame."""
    data = np.frombuffer(records.tobytes(), np.uint8).reshape(len(records), -1)
    return np.diff(data, axis=0, prepend=np.zeros((1, data.shape[1]), np.uint8)).T.copy()


def _log(days: int, columns: bytes) -> FrameLog:
    """Return daily frames; between two weekly ones, every figure changes evenly."""
    world = packaged_world()
    dtype = frame_dtype(world.n_legs, world.n_places)
    data = np.frombuffer(columns, np.uint8).reshape(dtype.itemsize, -1).T
    data = np.cumsum(data, axis=0, dtype=np.uint8)
    weekly = np.frombuffer(data.tobytes(), dtype)
    at, wanted = weekly["day"].astype(float), np.arange(1, days + 1)
    daily = np.zeros(days, dtype)
    for name in dtype.names or ():
        values = weekly[name].reshape(len(weekly), -1).astype(float)
        lines = [np.interp(wanted, at, line) for line in values.T]
        daily[name] = np.rint(lines).T.reshape(daily[name].shape)
    return FrameLog(days, dtype, frames=[record.tobytes() for record in daily])


def compress(values: np.ndarray) -> str:
    """Return the bytes of an array as compressed text."""
    return base64.b64encode(lzma.compress(values.tobytes(), preset=9)).decode()


def expand(text: str) -> bytes:
    """Return the bytes of a compressed text."""
    return lzma.decompress(base64.b64decode(text))


# ---- the command ---------------------------------------------------------------------------------
def weekly_frames(case: Case) -> np.ndarray:
    """Run a case and return its frames of every seventh day, the first and the last."""
    from experiments.runs.warmup import start_model
    from viz.screen.session.frames import FrameRecorder

    recorder = FrameRecorder(start_model(case.scenario, case.seed))
    for _ in range(case.scenario.days):
        recorder.model.run_for(1)
        recorder.record()
    days = sorted({0, *range(WEEK - 1, case.scenario.days, WEEK), case.scenario.days - 1})
    return recorder.log.records()[days]


def run_lesson(lesson: Lesson, pool: ProcessPoolExecutor) -> dict[str, Any]:
    """Run a lesson at its default dial.

    Args:
        lesson: the lesson.
        pool: the processes that run its cases.

    Returns:
        The content of its file.

    Raises:
        RuntimeError: a run failed.
    """
    cases = lesson.cases(lesson.dial.value)
    shown = [arm for arm, _ in zip(lesson.arms, "ab", strict=False)]
    frames = list(pool.map(weekly_frames, [cases[arm, 1] for arm in shown]))
    summaries = dict(zip(cases, pool.map(summarise_run, cases.values()), strict=True))
    finished = {place: one for place, one in summaries.items() if isinstance(one, RunSummary)}
    for place, summary in summaries.items():
        if place not in finished:
            raise RuntimeError(f"lesson {lesson.id}, {_name(place)}: {summary}")
    return pack(lesson, finished, dict(zip(shown, frames, strict=True)))


def main(names: Sequence[str] = ()) -> None:
    """Run all lessons, or those with the given ids, and write their files."""
    FOLDER.mkdir(exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for name, lesson in lessons().items():
            if not names or name in names:
                text = json.dumps(run_lesson(lesson, pool), separators=(",", ":"))
                write_text(FOLDER / f"{name}.json", text + "\n")
                print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
