"""What can be inspected: places, sectors, organisations and ports, and their figures over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.world.vocabulary import SECTORS
from viz.screen.frames import OF_ORGANISATION, OF_PORT, WEEK, FrameLog

if TYPE_CHECKING:
    from abm.world.routes import World

KINDS = ("place", "sector", "organisation", "port")
#: From a reel, the world and the number of a subject: a figure a day, as far as it was played.
Series = Callable[[FrameLog, "World", int], np.ndarray]


@dataclass(frozen=True)
class Figure:
    """A figure of a subject. ``name``: its word; ``human``: whether it is a cost to people."""

    name: str
    series: Series
    human: bool = False


def _frames(field: str) -> Series:
    """A field of the frames at the subject's own number."""
    return lambda reel, _, k: reel.records()[field][:, k].astype(float)


def _into(field: str) -> Series:
    """A field by leg, summed over the legs that lead to a place."""
    return lambda reel, world, k: reel.records()[field][:, world.head == k].sum(axis=1, dtype=float)


def _organisation(name: str) -> Series:
    """A figure of an organisation, the same for every day of a week."""
    column = OF_ORGANISATION.index(name)
    return lambda reel, _, k: np.repeat(reel.organisations[:, k, column], WEEK)[: len(reel)]


def _port(name: str) -> Series:
    column = OF_PORT.index(name)
    return lambda reel, _, k: reel.ports[: len(reel), k, column]


FIGURES: dict[str, tuple[Figure, ...]] = {
    "place": (
        Figure("passing", _into("flow")),
        Figure("stopped_here", _into("stopped")),
        Figure("officers_here", _frames("officers")),
        Figure("cells_here", _frames("cells")),
    ),
    "sector": (
        Figure("caught_here", _frames("caught")),
        Figure("away_here", _frames("away")),
        Figure("agents_here", _frames("agents")),
        Figure("deaths_here", lambda reel, _, k: reel.records()["dead"][:, k] / 10.0, human=True),
    ),
    "organisation": tuple(Figure(f"org_{name}", _organisation(name)) for name in OF_ORGANISATION),
    "port": tuple(Figure(f"port_{name}", _port(name)) for name in OF_PORT),
}


def names(kind: str, world: World, reels: list[FrameLog], organisation: str) -> dict[int, str]:
    """What there is of a kind, by number, in words.

    Organisations have none: they are told by number (``organisation`` is the word), and only those
    that were there in any of the worlds.
    """
    if kind == "place":
        return dict(sorted(enumerate(world.place_names), key=lambda pair: pair[1]))
    if kind == "sector":
        return dict(enumerate(SECTORS))
    if kind == "port":
        return {k: world.place_names[place] for k, place in enumerate(world.ports)}
    there = [np.isfinite(reel.organisations[:, :, 0]).any(axis=0) for reel in reels]
    found = np.flatnonzero(np.any(there, axis=0)) if there else []
    return {int(k): f"{organisation} {k + 1}" for k in found}
