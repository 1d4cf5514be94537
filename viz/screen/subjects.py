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
#: From a log, the world and the number of a subject: a figure a day, as far as it was played.
Series = Callable[[FrameLog, "World", int], np.ndarray]


@dataclass(frozen=True)
class SubjectFigure:
    """A figure of a subject. ``name``: its word; ``human``: whether it is a cost to people."""

    name: str
    series: Series
    human: bool = False


def _frames(field: str) -> Series:
    """A field of the frames at the subject's own number."""
    return lambda log, _, k: log.records()[field][:, k].astype(float)


def _into(field: str) -> Series:
    """A field by leg, summed over the legs that lead to a place."""
    return lambda log, world, k: log.records()[field][:, world.head == k].sum(axis=1, dtype=float)


def _organisation(name: str) -> Series:
    """A figure of an organisation, the same for every day of a week."""
    column = OF_ORGANISATION.index(name)
    return lambda log, _, k: np.repeat(log.organisations[:, k, column], WEEK)[: len(log)]


def _port(name: str) -> Series:
    column = OF_PORT.index(name)
    return lambda log, _, k: log.ports[: len(log), k, column]


FIGURES: dict[str, tuple[SubjectFigure, ...]] = {
    "place": (
        SubjectFigure("passing", _into("flow")),
        SubjectFigure("stopped_here", _into("stopped")),
        SubjectFigure("officers_here", _frames("officers")),
        SubjectFigure("cells_here", _frames("cells")),
    ),
    "sector": (
        SubjectFigure("caught_here", _frames("caught")),
        SubjectFigure("away_here", _frames("away")),
        SubjectFigure("agents_here", _frames("agents")),
        SubjectFigure(
            "deaths_here", lambda log, _, k: log.records()["dead"][:, k] / 10.0, human=True
        ),
    ),
    "organisation": tuple(
        SubjectFigure(f"org_{name}", _organisation(name)) for name in OF_ORGANISATION
    ),
    "port": tuple(SubjectFigure(f"port_{name}", _port(name)) for name in OF_PORT),
}


def names(kind: str, world: World, logs: list[FrameLog], organisation: str) -> dict[int, str]:
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
    there = [np.isfinite(log.organisations[:, :, 0]).any(axis=0) for log in logs]
    found = np.flatnonzero(np.any(there, axis=0)) if there else []
    return {int(k): f"{organisation} {k + 1}" for k in found}
