"""The cost of the screen: the parts of ``twoborders bench`` that run a server and visit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.bench import Measurement


def _screen() -> list[Measurement]:
    """Measure one visitor with two large worlds in a real browser."""
    from viz.bench.screen import measure

    return measure()


def _visitors() -> list[Measurement]:
    """Measure a class of thirty, each with two small worlds."""
    from viz.bench.visitors import measure

    return measure()


PARTS = {"screen": _screen, "visitors": _visitors}
