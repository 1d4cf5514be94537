"""Run Flee (https://github.com/djgroen/flee) on the route graph of this model.

Flee is an agent-based model of forced displacement in plain Python. It is installed with the extra
``bench`` and used through its public classes, with the defaults of its package.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import tempfile
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.world.routes import PlaceKind, load_world
from experiments.field_child import Figures, figures, highest_mb, time_days

if TYPE_CHECKING:
    from abm.world.routes import World

_SEED = 1


def flee_version() -> str | None:
    """Return the installed version of Flee; None if it is not installed."""
    try:
        return metadata.version("flee")
    except metadata.PackageNotFoundError:
        return None


def measure_flee(people: int, days: int, *, two_way: bool) -> Figures:
    """Measure a run of Flee in which people set out at an even rate.

    Args:
        people: people who set out.
        days: simulated days.
        two_way: whether routes are travelled in both directions, see :func:`build`.

    Returns:
        The measurements, see :func:`experiments.field_child.measure_model`, with
        ``same_town_days`` in place of ``wait_days``, see :func:`count_same_town`.
    """
    spawning = import_module("flee.spawning")
    flee = build(load_world(), two_way=two_way)
    random.seed(_SEED)
    np.random.seed(_SEED)
    base = highest_mb()

    def step(day: int) -> None:
        spawning.spawn_agents(flee, people * (day + 1) // days - people * day // days)
        flee.evolve()

    before: list[Any] = []
    cpu, counts = time_days(
        days, step, lambda: (count_on_the_way(flee), count_same_town(flee, before))
    )
    daily, same = [n for n, _ in counts], sum(n for _, n in counts)
    peak = highest_mb()
    found = figures(people, daily, cpu, peak, (peak - base) * 1e6 / people)
    return found | {"same_town_days": same}


def build(world: World, *, two_way: bool) -> Any:
    """Build a Flee ecosystem with the places and legs of a world, and the lengths in km.

    Places where migrants start are conflict zones, destinations are camps, other places are towns.

    Args:
        world: the route graph.
        two_way: False adds one link for every leg that migrants can travel; True adds every listed
            leg by ``linkUp``, which makes a link in each direction.

    Returns:
        A ``flee.flee.Ecosystem`` without agents.
    """
    module = import_module("flee.flee")
    _use_defaults()
    flee = module.Ecosystem()
    with contextlib.redirect_stderr(io.StringIO()):  # it prints every place
        for place in range(world.n_places):
            _add_place(flee, world, place)
    if two_way:
        for leg in range(world.n_listed):
            ends = (world.place_ids[i] for i in (world.tail[leg], world.head[leg]))
            flee.linkUp(*ends, distance=float(world.km[leg]))
        return flee
    for leg in world.out_leg:
        start, end = (flee.locations[i] for i in (world.tail[leg], world.head[leg]))
        start.links.append(module.Link(start, end, distance=float(world.km[leg])))
    return flee


def count_on_the_way(flee: Any) -> int:
    """Return the number of agents who travel or are not in a camp.

    Args:
        flee: a Flee ecosystem.
    """
    return sum(agent.travelling or not agent.location.camp for agent in flee.agents)


def count_same_town(flee: Any, before: list[Any]) -> int:
    """Return how many agents on the way are in the town in which they were the day before.

    Args:
        flee: a Flee ecosystem, whose list of agents only grows.
        before: the location of every agent at the end of the day before; replaced by those of
            today.
    """
    places = [agent.location for agent in flee.agents]
    pairs = zip(flee.agents, places, before, strict=False)  # new agents have no day before
    same = sum(
        place is last and not agent.travelling and not place.camp for agent, place, last in pairs
    )
    before[:] = places
    return same


def _use_defaults() -> None:
    """Set all parameters of Flee to the defaults of its package, by an empty file of settings."""
    settings = import_module("flee.SimulationSettings").SimulationSettings
    handle, name = tempfile.mkstemp(suffix=".yml")
    os.close(handle)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            settings.ReadFromYML(name)
    finally:
        os.unlink(name)


def _add_place(flee: Any, world: World, place: int) -> None:
    """Add a place of a world to a Flee ecosystem."""
    kind = "town"
    if place in world.origins():
        kind = "conflict_zone"
    elif world.kind[place] == PlaceKind.DESTINATION:
        kind = "camp"
    persons = world.population[place]
    flee.addLocation(
        name=world.place_ids[place],
        location_type=kind,
        x=float(world.lon[place]),
        y=float(world.lat[place]),
        pop=1 if np.isnan(persons) else int(persons),
        country=world.country[place],
    )
