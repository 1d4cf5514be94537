"""What widgets are told while worlds run, past the rendering of pages, and how fast they draw.

To render a page costs milliseconds however little of it has changed, which a class of thirty cannot
pay for every day. So what changes from day to day is not rendered: a `LiveWidgets` knows the widgets
that are on the screen now and gives them their new traits, the maps at once, all else as often as
somebody can read and the processor allows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.screen.frames import WEEK

if TYPE_CHECKING:
    from viz.screen.frames import FrameLog
    from viz.screen.widgets.flowmap import FlowMap

Band = Callable[[int, str], np.ndarray]
_SHARE = 30.0  # a part takes at most one thirtieth of the time, however busy the machine is


@dataclass(eq=False)
class LiveTrait:
    """A widget whose traits follow the run; ``tell`` gives them, every so many seconds."""

    widget: Any
    values: Callable[[], Mapping[str, Any]]
    every: float
    due: float = 0.0

    def update(self) -> None:
        """Tell the widget how things stand; what has not changed is not sent."""
        began = time.monotonic()
        with self.widget.hold_sync():
            for trait, value in self.values().items():
                setattr(self.widget, trait, value)
        done = time.monotonic()
        self.due = done + max(self.every, _SHARE * (done - began))


@dataclass
class LiveWidgets:
    """Maps by world, and all else that lives. ``full``: flow at full width, one on all maps."""

    maps: dict[int, FlowMap] = field(default_factory=dict)
    parts: list[LiveTrait] = field(default_factory=list)
    full: float = 1.0
    _sending: Any = field(default_factory=threading.RLock)  # a widget loses what two say at once

    def begin(self) -> None:
        """Another run: no flow of the last one counts."""
        self.full = 1.0

    def push(self, logs: Sequence[FrameLog], day: int, serial: int) -> None:
        """Give all maps their frame of a day, the one that answers for all last."""
        self.full = max(self.full, *(max_flow(log, day) for log in logs))
        for world, widget in sorted(self.maps.items()):
            with self._sending, widget.hold_sync():
                widget.full, widget.frame = self.full, logs[world].frame(day)
                widget.serial = serial

    def add(self, part: LiveTrait) -> Callable[[], None]:
        """Take in a part that has come; what is given takes it out again."""
        with self._sending:
            self.parts.append(part)
            part.update()
        return lambda: self.parts.remove(part)

    def update(self, at_once: bool = False) -> None:
        """Update the parts whose time has come, or all."""
        for part in list(self.parts):
            if at_once or time.monotonic() >= part.due:
                with self._sending:
                    part.update()


def max_flow(log: FrameLog, day: int) -> float:
    """The largest flow of a day, persons; 1 before the first."""
    record = log.record(day)
    return float(record["flow"].max()) if record is not None else 1.0


def weekly_means(daily: np.ndarray) -> np.ndarray:
    """Means over the seven days up to each, over fewer at the beginning."""
    if not daily.size:
        return daily
    sums = np.concatenate([[0.0], np.cumsum(daily, dtype=float)])
    ends = np.arange(1, daily.size + 1)
    starts = np.maximum(0, ends - WEEK)
    return (sums[ends] - sums[starts]) / (ends - starts)


def chart_traits(logs: Sequence[FrameLog], day: int, name: str, band: Band) -> dict[str, Any]:
    """Traits of the chart of a daily figure: lines, bands and the day that is shown.

    Means of the last seven days: single days are coarse where a migrant stands for a hundred.
    """
    traits: dict[str, Any] = {"day": day}
    for world, (log, side) in enumerate(zip(logs, "ab", strict=False)):
        traits[side] = float32_bytes(weekly_means(log.series(name)))
        traits[f"band_{side}"] = float32_bytes(band(world, name))
    return traits


def float32_bytes(values: np.ndarray) -> bytes:
    """Numbers as a chart takes them."""
    return values.astype("<f4").tobytes()
