"""Run Flee (https://github.com/djgroen/flee) on this model's route graph.

Flee is an agent-based model of forced displacement in plain Python. It is installed with the group
``bench`` and used through its public classes, with its defaults.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.world.routes import load_world
from abm.world.vocabulary import PlaceKind
from benchmarks.engine_worker import EngineRun, highest_mb, time_days

if TYPE_CHECKING:
    from abm.world.routes import World

_SEED = 1


def flee_version() -> str | None:
    """Return the installed Flee version, or None if it is not installed."""
    try:
        return metadata.version("flee")
    except metadata.PackageNotFoundError:
        return None


def measure_flee(people: int, days: int, *, two_way: bool) -> EngineRun:
    """Measure a Flee run in which people set out at an even rate.

    Args:
        people: people who set out.
        days: simulated days.
        two_way: whether routes are travelled in both directions, see :func:`build`.
    """
    spawning = import_module("flee.spawning")
    flee = build(load_world(), two_way=two_way)
    random.seed(_SEED)
    np.random.seed(_SEED)

    def step(day: int) -> None:
        spawning.spawn_agents(flee, people * (day + 1) // days - people * day // days)
        flee.evolve()

    places_before: list[Any] = []
    cpu, agent_days, still = time_days(days, step, lambda: count_agents(flee, places_before))
    return EngineRun(people, agent_days, still, cpu, highest_mb())


def build(world: World, *, two_way: bool) -> Any:
    """Build a Flee ecosystem with a world's places and legs. Lengths are in km.

    Places where migrants start are conflict zones, destinations are camps, other places are towns.

    Args:
        world: the route graph.
        two_way: False adds one link for every leg that migrants can travel. True adds every listed
            leg by ``linkUp``, which makes a link in each direction.

    Returns:
        A ``flee.flee.Ecosystem`` without agents.
    """
    module = import_module("flee.flee")
    _use_defaults()
    flee = module.Ecosystem()
    with contextlib.redirect_stderr(io.StringIO()):  # Flee prints every place
        for place in range(world.n_places):
            _add_place(flee, world, place)
    for leg in range(world.n_listed) if two_way else world.out_leg:
        tail, head, km = world.tail[leg], world.head[leg], float(world.km[leg])
        if two_way:
            flee.linkUp(world.place_ids[tail], world.place_ids[head], distance=km)
        else:
            start, end = flee.locations[tail], flee.locations[head]
            start.links.append(module.Link(start, end, distance=km))
    return flee


def count_agents(flee: Any, places_before: list[Any]) -> tuple[int, int]:
    """Count the agents on the way, and how many of them stayed in the same town for a day.

    Args:
        flee: a Flee ecosystem, whose agent list only grows.
        places_before: location of each agent after the previous day, changed in place.
    """
    places = [agent.location for agent in flee.agents]
    on_the_way = sum(agent.travelling or not agent.location.camp for agent in flee.agents)
    # New agents have no earlier place.
    pairs = zip(flee.agents, places, places_before, strict=False)
    still = sum(
        place is before and not agent.travelling and not place.camp
        for agent, place, before in pairs
    )
    places_before[:] = places
    return on_the_way, still


def _use_defaults() -> None:
    """Set all Flee parameters to their defaults by reading an empty settings file."""
    settings = import_module("flee.SimulationSettings").SimulationSettings
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        file = Path(folder, "empty.yml")
        file.touch()
        settings.ReadFromYML(str(file))


def _add_place(flee: Any, world: World, place: int) -> None:
    """Add a world's place to a Flee ecosystem."""
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
