"""What the maps and charts of a visitor are told, and how fast they draw.

A `Drawing` knows the widgets that are on the screen now. It is told what to show by the visitor's
session, and says which frame all maps have drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from viz.frames import WEEK

if TYPE_CHECKING:
    from viz.frames import Reel
    from viz.widgets.chart import LiveChart
    from viz.widgets.flowmap import FlowMap

Band = Callable[[int, str], np.ndarray]


@dataclass
class Drawing:
    """Widgets by world, and by daily figure. ``full``: flow at full width, the same on all maps."""

    maps: dict[int, FlowMap] = field(default_factory=dict)
    charts: dict[str, LiveChart] = field(default_factory=dict)
    full: float = 1.0
    _drawn: dict[int, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Another run: no flow and no answer of the last one counts."""
        self.full = 1.0
        self._drawn.clear()

    def push(self, reels: Sequence[Reel], day: int, serial: int) -> None:
        """Give all maps their frame of a day."""
        self.full = max(self.full, *(widest(reel, day) for reel in reels))
        for world, widget in list(self.maps.items()):
            with widget.hold_sync():
                widget.full, widget.frame = self.full, reels[world].frame(day)
                widget.serial = serial

    def painted(self, world: int, serial: int) -> int:
        """A map has drawn a frame; give the newest that all have drawn."""
        self._drawn[world] = serial
        return min((self._drawn.get(one, 0) for one in list(self.maps)), default=serial)

    def lines(self, reels: Sequence[Reel], day: int, band: Band) -> None:
        """Give all charts their lines, bands and the day that is shown.

        Means of the last seven days: single days are coarse where a migrant stands for a hundred.
        """
        for name, chart in list(self.charts.items()):
            lines = [weekly(reel.series(name)) for reel in reels]
            bands = [band(world, name) for world in range(len(reels))]
            with chart.hold_sync():
                chart.a, chart.band_a = _bytes(lines[0]), _bytes(bands[0])
                if len(reels) > 1:
                    chart.b, chart.band_b = _bytes(lines[1]), _bytes(bands[1])
                chart.day = day


def widest(reel: Reel, day: int) -> float:
    """The largest flow of a day, persons; 1 before the first."""
    record = reel.record(day)
    return float(record["flow"].max()) if record is not None else 1.0


def weekly(daily: np.ndarray) -> np.ndarray:
    """Means over the seven days up to each, over fewer at the beginning."""
    if not daily.size:
        return daily
    sums = np.concatenate([[0.0], np.cumsum(daily, dtype=float)])
    ends = np.arange(1, daily.size + 1)
    starts = np.maximum(0, ends - WEEK)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _bytes(values: np.ndarray) -> bytes:
    return values.astype("<f4").tobytes()
