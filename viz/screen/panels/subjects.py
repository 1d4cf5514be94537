"""Subjects of the inspector (places, sectors, organisations, ports) and their figures over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world.routes import World
from abm.world.vocabulary import SECTORS
from viz.screen.session.frames import OF_ORGANISATION, OF_PORT, WEEK, FrameLog

KINDS = ("place", "sector", "organisation", "port")
#: From a frame log, the world and the number of a subject: one value for each recorded day.
Series = Callable[[FrameLog, World, int], np.ndarray]


@dataclass(frozen=True)
class SubjectFigure:
    """A figure of a subject. ``name``: key of its word; ``human``: whether it is a human cost."""

    name: str
    series: Series
    human: bool = False


def _frames(field: str, unit: float = 1.0) -> Series:
    """Select the subject's own entry of a frame field; ``unit``: stored value of one person."""
    return lambda log, _, k: log.records()[field][:, k] / unit


def _into(field: str) -> Series:
    """Sum a field over the legs that lead to a place."""
    return lambda log, world, k: log.records()[field][:, world.head == k].sum(axis=1, dtype=float)


def _organisation(name: str) -> Series:
    """Select a weekly figure of an organisation, repeated for every day of the week."""
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
        SubjectFigure("deaths_here", _frames("dead", unit=10.0), human=True),
    ),
    "organisation": tuple(SubjectFigure(f"org_{n}", _organisation(n)) for n in OF_ORGANISATION),
    "port": tuple(SubjectFigure(f"port_{name}", _port(name)) for name in OF_PORT),
}


def names(kind: str, world: World, logs: Sequence[FrameLog], organisation: str) -> dict[int, str]:
    """List the subjects of a kind.

    Args:
        kind: one of `KINDS`.
        world: places and legs.
        logs: frame logs of the worlds; an organisation is listed if it was active in any of them.
        organisation: the word for an organisation, which has a number instead of a name.

    Returns:
        Names by number.
    """
    if kind == "place":
        return dict(sorted(enumerate(world.place_names), key=lambda pair: pair[1]))
    if kind == "sector":
        return dict(enumerate(SECTORS))
    if kind == "port":
        return {k: world.place_names[place] for k, place in enumerate(world.ports)}
    active = [np.isfinite(log.organisations[:, :, 0]).any(axis=0) for log in logs]
    found = np.flatnonzero(np.any(active, axis=0)) if active else []
    return {int(k): f"{organisation} {k + 1}" for k in found}
