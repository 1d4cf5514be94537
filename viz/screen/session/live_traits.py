"""Update widgets while worlds run, at a limited rate and without rendering pages.

Rendering a page takes milliseconds even if little has changed, which is too long for a class of
thirty on every simulated day. `LiveWidgets` therefore sets the traits of widgets directly. Maps are
updated with every frame, and other widgets as often as people can read and the processor allows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.screen.session.frames import WEEK, FrameLog

if TYPE_CHECKING:
    from viz.screen.widgets.traits import FlowMap

Band = Callable[[int, str], np.ndarray]
_SHARE = 30.0  # A widget uses at most one thirtieth of the time, even on a busy machine.


@dataclass(eq=False)
class LiveTrait:
    """A widget whose traits follow the run.

    Attributes:
        widget: the widget.
        values: returns the values of the traits by name.
        every: smallest number of seconds between updates.
        due: time of the next update.
    """

    widget: Any
    values: Callable[[], Mapping[str, Any]]
    every: float
    due: float = 0.0

    def update(self) -> None:
        """Set the traits of the widget. Unchanged traits are not sent to the browser."""
        began = time.monotonic()
        with self.widget.hold_sync():
            for trait, value in self.values().items():
                setattr(self.widget, trait, value)
        ended = time.monotonic()
        self.due = ended + max(self.every, _SHARE * (ended - began))


@dataclass
class LiveWidgets:
    """Maps by world, and all other live widgets."""

    maps: dict[int, FlowMap] = field(default_factory=dict)
    parts: list[LiveTrait] = field(default_factory=list)
    _sending: Any = field(default_factory=threading.RLock)  # Simultaneous updates would be lost.

    def push(self, logs: Sequence[FrameLog], day: int, serial: int) -> None:
        """Send each map the frame of its world.

        The last map acknowledges frames, so it is updated after the other map.

        Args:
            logs: frame log of each world.
            day: day to show.
            serial: number of the frame, with which the map acknowledges it.
        """
        for world, widget in sorted(self.maps.items()):
            with self._sending, widget.hold_sync():
                widget.frame, widget.serial = logs[world].frame(day), serial

    def add(self, part: LiveTrait) -> Callable[[], None]:
        """Add a widget, update it, and return a function that removes it."""
        with self._sending:
            self.parts.append(part)
            part.update()
        return lambda: self.parts.remove(part)

    def refresh(self, part: LiveTrait) -> None:
        """Update a widget, for example after a rendering."""
        with self._sending:
            part.update()

    def update(self, at_once: bool = False) -> None:
        """Update the widgets that are due, or all widgets."""
        for part in list(self.parts):
            if at_once or time.monotonic() >= part.due:
                self.refresh(part)


def weekly_means(daily: np.ndarray) -> np.ndarray:
    """Return the mean over the seven days up to each day, or over fewer days at the start."""
    if not daily.size:
        return daily
    sums = np.concatenate([[0.0], np.cumsum(daily, dtype=float)])
    ends = np.arange(1, daily.size + 1)
    starts = np.maximum(0, ends - WEEK)
    return (sums[ends] - sums[starts]) / (ends - starts)


def chart_traits(logs: Sequence[FrameLog], day: int, name: str, band: Band) -> dict[str, Any]:
    """Compute the traits of the chart of a daily figure.

    Lines are seven-day means, because single days are coarse if a migrant represents 100 people.

    Args:
        logs: frame log of each world.
        day: day to mark.
        name: name of the daily figure.
        band: returns the range over seeds for a world and a figure.

    Returns:
        ``day``, and the line (``a`` or ``b``) and range (``band_a`` or ``band_b``) of each world as
        float32 bytes.
    """
    traits: dict[str, Any] = {"day": day}
    for world, (log, side) in enumerate(zip(logs, "ab", strict=False)):
        traits[side] = float32_bytes(weekly_means(log.series(name)))
        traits[f"band_{side}"] = float32_bytes(band(world, name))
    return traits


def float32_bytes(values: np.ndarray) -> bytes:
    """Return numbers as little-endian 32-bit floats, which is the format of the chart widgets."""
    return values.astype("<f4").tobytes()
