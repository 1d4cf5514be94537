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
Update = tuple[Any, Mapping[str, Any]]  # a widget and its new traits
_SHARE = 30.0  # a widget takes at most one thirtieth of the time, however busy the machine is


@dataclass(eq=False)
class LiveTrait:
    """A widget whose traits follow the run.

    Attributes:
        widget: widget to update.
        values: returns the values of the traits by name.
        every: minimum time between updates, in seconds.
        due: time of the next update.
    """

    widget: Any
    values: Callable[[], Mapping[str, Any]]
    every: float
    due: float = 0.0

    def compute(self) -> Mapping[str, Any]:
        """Return the new traits, and set when the next update is due."""
        began, traits = time.monotonic(), self.values()
        self.due = began + max(self.every, _SHARE * (time.monotonic() - began))
        return traits


@dataclass
class LiveWidgets:
    """Maps by world, and all other live widgets."""

    maps: dict[int, FlowMap] = field(default_factory=dict)
    parts: list[LiveTrait] = field(default_factory=list)
    _sending: Any = field(default_factory=threading.RLock)  # Simultaneous updates would be lost.

    def frames(self, logs: Sequence[FrameLog], day: int, serial: int) -> list[Update]:
        """Return the frames of a day for all maps. The map that acknowledges frames comes last.

        Args:
            logs: frame log of each world.
            day: day to show.
            serial: number of the frame, with which the map acknowledges it.
        """
        maps = sorted(self.maps.items())
        return [(item, {"frame": logs[k].frame(day), "serial": serial}) for k, item in maps]

    def add(self, part: LiveTrait) -> Callable[[], None]:
        """Add and update a widget, and return a function that removes it."""
        self.parts.append(part)
        self.refresh(part)
        return lambda: self.parts.remove(part)

    def refresh(self, *parts: LiveTrait, frames: Sequence[Update] = ()) -> None:
        """Update widgets, and send frames. Unchanged traits are not sent.

        All traits are computed first and arrive together, so that the page is laid out once.
        """
        with self._sending:
            for widget, traits in [*((part.widget, part.compute()) for part in parts), *frames]:
                with widget.hold_sync():
                    for trait, value in traits.items():
                        setattr(widget, trait, value)

    def update(self, at_once: bool = False, frames: Sequence[Update] = ()) -> None:
        """Update the widgets that are due, or all widgets, and send frames."""
        due = (part for part in list(self.parts) if at_once or time.monotonic() >= part.due)
        self.refresh(*due, frames=frames)


def weekly_means(daily: np.ndarray) -> np.ndarray:
    """Return the mean over the seven days up to each day, or over fewer days at the start."""
    if not daily.size:
        return daily
    sums = np.concatenate([[0.0], np.cumsum(daily, dtype=float)])
    ends = np.arange(1, daily.size + 1)
    starts = np.maximum(0, ends - WEEK)
    return (sums[ends] - sums[starts]) / (ends - starts)


def chart_traits(logs: Sequence[FrameLog], day: int, name: str, band: Band) -> dict[str, Any]:
    """Compute the traits for the chart of a daily series.

    Lines are seven-day means, because single days are coarse if a migrant represents 100 people.

    Args:
        logs: frame log of each world.
        day: day to mark.
        name: name of the daily series.
        band: returns the range over seeds for a world and a series.

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
