"""What the screen costs: both parts of ``twoborders bench`` that start a server and look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.bench import Measurement


def _screen() -> list[Measurement]:
    """One person who watches two large worlds in a real browser."""
    from viz.bench.screen import measured

    return measured()


def _visitors() -> list[Measurement]:
    """A class of thirty, each with two small worlds."""
    from viz.bench.visitors import measured

    return measured()


PARTS = {"screen": _screen, "visitors": _visitors}
