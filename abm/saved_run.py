"""Capture and restore a model's state between two days, and write it to a file.

The file is a ZIP archive with `state.json` (version, scenario, seed and object graph) and
`buffers.bin` (the contents of all arrays, concatenated). Unlike a pickle, a file cannot execute
code when it is read. Single values are not validated, so a manipulated file may crash the process
or give wrong results.

A snapshot holds everything on which later days depend, including the supply from a user's file,
which may be missing later. It does not hold the world, the scenario, the policies and the named
supply series, because they never change during a run and are passed to `restore`. Mesa's parts
(clock, schedule, registers, network) are built again and then set to the stored state.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from abm import state_graph
from abm.build_agents import REPLACEABLE, check_agent_classes, check_saved, names_of
from abm.early_departures import EarlyDepartures
from abm.engines import MigrantTable
from abm.holders import Baseline, Calendar, Conditions, LegPriors, Planning, RouteNetwork
from abm.ledger import Ledger
from abm.network_setup import build_space
from abm.output_files import atomic_path
from abm.phases.flow_history import FlowHistory
from abm.phases.government_cycle import GovernmentCycle
from abm.phases.indicators import IndicatorReader
from abm.policies import Inputs, policies_of
from abm.route_legs import show_open_legs
from abm.scenario import Scenario, load_scenario
from abm.scenario.tree import read_path
from abm.source_hash import state_source
from abm.state_graph import Parts
from abm.supply import Communities, GrowthPath, Supply, named_factor, other_load
from abm.supply_file import OwnSeries, OwnSupply
from abm.world.compiled import Ways
from abm.world.routes import World, load_world
from agents import (
    border_patrol,
    employers,
    gendarmes,
    governments,
    origin_countries,
    ports,
    smugglers,
)
from agents.agency_params import AgencyLimits
from agents.aid_pipeline import Aid, Pipeline, Stock, Tranches
from agents.chance import KeyedRandom
from agents.drug_organisations import DrugTrade, Lanes
from agents.levers import Levers
from agents.migrants.agent_set import Migrant, MigrantSet
from agents.migrants.columns import LegState
from agents.param import SettingError, one_line
from agents.plain.migrant import MigrantAgent
from agents.plain.population import MigrantObjects
from agents.plans import Beliefs, PlannerGraph, Plans
from agents.smugglers.state import BaselineMeans, Capacity
from agents.strategy import Strategy
from agents.supply_terms import SupplyTerms

if TYPE_CHECKING:
    from mesa.discrete_space import Network

    from abm.model import BorderModel
    from abm.network_setup import PlaceCell


#: Attributes of a model that are in a snapshot.
STATE = (
    *("aid", "countries", "drugs", "employers", "forces", "governments"),
    *("market", "patrol", "ports", "strategy"),
    *("baseline", "calendar", "conditions", "early_departures", "flow_history"),
    *("government_cycle", "indicator_reader", "kernel_params", "keyed_random", "ledger"),
    *("levers", "migrants", "network", "planning", "policy_context", "supply"),
)
#: Attributes of a model that `restore` takes as arguments or builds from them.
GIVEN = ("seed", "settings", "policies", "agent_classes")
#: Counters of Mesa's model that are in a snapshot.
_COUNTERS = tuple(
    name
    for name in ("time", "steps", "running", "agent_id_counter")
    if hasattr(mesa.Model(rng=1), name)  # Mesa 4 has no `steps`.
)

#: Classes whose objects are stored attribute by attribute.
CLASSES = (
    *REPLACEABLE.values(),
    *(Baseline, Calendar, Conditions, Planning, RouteNetwork),
    *(EarlyDepartures, FlowHistory, GovernmentCycle, IndicatorReader, Ledger, LegPriors, Inputs),
    *(Communities, GrowthPath, OwnSeries, OwnSupply, Supply, SupplyTerms),
    *(Ways, KeyedRandom, Levers, LegState, MigrantTable, MigrantObjects),
    *(Beliefs, PlannerGraph, Plans, BaselineMeans, Capacity, smugglers.Market, DrugTrade, Lanes),
    *(Aid, AgencyLimits, Pipeline, Stock, Tranches, Strategy, border_patrol.BorderPatrol),
    *(gendarmes.MexicanForces, governments.Governments, governments.Participation),
    *(employers.Employers, origin_countries.Countries, ports.Ports),
)
_OF_PEOPLE = (Migrant, MigrantAgent)  # agents that the population stores


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a model between two days.

    Attributes:
        seed: seed of every draw.
        mesa: Mesa's counters and random states, as JSON types.
        parts: graph of the model attributes in :data:`STATE`, of the agents of each class in order,
            and of the agents in each cell.
        subclasses: names of the user's subclasses, by the name of the class that each subclass
            replaces.
    """

    seed: int
    mesa: dict[str, Any]
    parts: Parts
    subclasses: dict[str, str]


def capture(model: BorderModel) -> tuple[Snapshot, list[Any]]:
    """Copy a model's state.

    Args:
        model: a model between two days, left unchanged.

    Returns:
        The snapshot, and the captured objects in the same order as the nodes of its graph.

    Raises:
        SettingError: events other than the daily step are scheduled.
        RuntimeError: the model is simulating, or was interrupted.
    """
    with model._alone():
        _check_events(model)
        by_class: Any = model._agents_by_type
        classes = _by_name(model.agent_classes)
        name_of = {kind: name for name, kind in classes.items()}
        root = {
            "state": {name: getattr(model, name) for name in STATE},
            "agents": list(model.non_migrants),
            "by_class": [
                list(group) for kind, group in by_class.items() if not issubclass(kind, _OF_PEOPLE)
            ],
            "classes": [name_of.get(kind, state_graph.class_name(kind)) for kind in by_class],
            "cells": [cell.non_migrants for cell in model.network.cells],
        }
        network, supply = model.network, model.supply
        cells, series = (network.space, network.cells), (supply.factor, supply.other_nationalities)
        outside = _outside(model, model.world, cells, series)
        names = {id(item): name for name, item in outside.items()}
        parts, objects = state_graph.decompose(root, classes, lambda item: names.get(id(item)))
        subclasses = names_of(model.agent_classes)
        return Snapshot(model.seed, _mesa_state(model), parts, subclasses), objects


def restore[M: BorderModel](
    snapshot: Snapshot,
    kind: type[M],
    settings: Scenario,
    world: World,
    agent_classes: Mapping[str, type[Any]] | None = None,
) -> tuple[M, list[Any]]:
    """Build a model with the state in a snapshot.

    Args:
        snapshot: the state, left unchanged.
        kind: class of the model. Its constructor is not called.
        settings: the captured model's scenario, or a scenario with an equal `warmup_key` if the
            model was captured on its first recorded day.
        world: the captured model's world, or an equal world.
        agent_classes: the captured model's agent subclasses.

    Returns:
        The model, and its objects in the same order as the nodes of the graph.

    Raises:
        SettingError: a policy of `settings` is invalid, or the subclasses differ.
    """
    subclasses = check_agent_classes(agent_classes)
    check_saved(snapshot.subclasses, subclasses)
    model = kind.__new__(kind)
    mesa.Model.__init__(model, rng=snapshot.seed)
    model.seed, model.settings = snapshot.seed, settings
    model.agent_classes = MappingProxyType(subclasses)
    model.policies = policies_of(settings, settings.policies)
    space, cells = build_space(model, world)
    series = named_factor(settings), other_load(settings)
    outside = _outside(model, world, (space, cells), series)

    def named(name: str) -> Any:  # Some arrays are computed on first access.
        return outside[name] if name in outside else getattr(world, name.removeprefix("world."))

    root, nodes = state_graph.rebuild(snapshot.parts, _by_name(subclasses), named)
    for name in STATE:
        setattr(model, name, root["state"][name])
    show_open_legs(space, world, model.network.leg_state.closed.astype(bool))
    _register(model, root)
    for cell, agents in zip(cells, root["cells"], strict=True):
        cell._agents.extend(agents)
    if isinstance(model.migrants, MigrantObjects):
        model.migrants.join(model)
    _set_mesa_state(model, snapshot.mesa)
    model._built = True
    return model, nodes


def _by_name(subclasses: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    """Return classes by the name under which a snapshot stores their objects.

    A user's subclass is stored under the name of the class that it replaces.
    """
    classes = {state_graph.class_name(kind): kind for kind in CLASSES}
    names = {name: state_graph.class_name(REPLACEABLE[name]) for name in subclasses}
    return classes | {names[name]: kind for name, kind in subclasses.items()}


def added_attributes(model: BorderModel) -> dict[str, Any]:
    """Return attributes that user code has added to a model, such as a data collector."""
    private = "_running", "_unfinished", "_built", "_in_day", "_figures"
    set_by_model = {*STATE, *GIVEN, *vars(mesa.Model(rng=1)), *private}
    return {name: value for name, value in vars(model).items() if name not in set_by_model}


# ---- objects that are not stored -----------------------------------------------------------------


def _outside(
    model: BorderModel,
    world: World,
    cells: tuple[Network, list[PlaceCell]],
    series: tuple[Any, Any],
) -> dict[str, Any]:
    """Return the objects that a snapshot does not store but refers to by name.

    Args:
        model: the model, whose settings are set.
        world: the model's world.
        cells: Mesa's network, and its cells by place.
        series: the named supply series, and the custody load of other nationalities by date.
    """
    settings = model.settings
    groups = {f.name: getattr(settings, f.name) for f in dataclasses.fields(settings)}
    arrays = {name: value for name, value in vars(world).items() if isinstance(value, np.ndarray)}
    return {
        "model": model,
        "world": world,
        "settings": settings,
        "space": cells[0],
        "supply_factor": series[0],
        "other_nationalities": series[1],
        **{f"settings.{k}": v for k, v in groups.items() if dataclasses.is_dataclass(v)},
        **{f"world.{name}": array for name, array in arrays.items()},
        **{f"cell.{place}": cell for place, cell in enumerate(cells[1])},
    }


# ---- the parts of Mesa ---------------------------------------------------------------------------


def _check_events(model: BorderModel) -> None:
    """Raise SettingError if the model has further scheduled events or subscribers."""
    more = len(model._event_list) - bool(model._default_schedule.is_active)
    more += sum(map(len, getattr(model, "subscribers", {}).values()))
    if more:
        raise SettingError(
            "events",
            f"{more} events besides the daily step are scheduled or observed: no copy holds them",
            "Cancel them first, and schedule them again in the copy.",
        )


def _mesa_state(model: BorderModel) -> dict[str, Any]:
    """Return Mesa's counters, schedule and random states as JSON types."""
    version, words, normal = model.random.getstate()
    schedule = model._default_schedule
    return {name: getattr(model, name) for name in _COUNTERS} | {
        "random": [version, list(words), normal],
        "rng": model.rng.bit_generator.state,
        "next_step": schedule.next_scheduled_time,
        "steps_done": schedule.execution_count,
    }


def _set_mesa_state(model: BorderModel, state: dict[str, Any]) -> None:
    """Set the counters, schedule and random states of a model that Mesa has just built."""
    for name in _COUNTERS:
        setattr(model, name, state[name])
    version, words, normal = state["random"]
    model.random.setstate((version, tuple(words), normal))
    model.rng.bit_generator.state = state["rng"]
    schedule: Any = model._default_schedule
    schedule._execution_count = state["steps_done"]
    if state["next_step"] is None:
        schedule.stop()
    else:
        model._event_list.clear()
        schedule._schedule_next(state["next_step"])


def _register(model: BorderModel, root: dict[str, Any]) -> None:
    """Add all agents to Mesa's registers, in the stored order."""
    agents: Any = model._all_agents
    for agent in root["agents"]:
        agents.add(agent)
    kinds = _by_name(model.agent_classes)
    kinds |= {state_graph.class_name(kind): kind for kind in _OF_PEOPLE}
    register: Any = model._agents_by_type
    groups = iter(root["by_class"])
    for name in root["classes"]:
        kind = kinds[name]
        if kind is Migrant:
            register[kind] = MigrantSet(model)
        elif kind is MigrantAgent:
            continue  # The population adds these agents.
        else:
            register[kind] = type(agents)(next(groups), random=model.random)


FORMAT = "twoborders saved run 1"
_STATE, _BUFFERS = "state.json", "buffers.bin"
_HINT = "Give a file that model.save has written."
_DAMAGED = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError),
    *(RuntimeError, SyntaxError, TypeError, ValueError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)


def write(path: str | Path, snapshot: Snapshot, settings: Scenario, world: World) -> None:
    """Write a snapshot to a file atomically.

    Args:
        path: file to create or replace, in an existing folder.
        snapshot: the model's state.
        settings: the model's scenario, which the file contains as TOML text.
        world: the model's world. The file contains its digest.

    Raises:
        SettingError: the file cannot be written.
    """
    buffers = [snapshot.parts.memory(k) for k in range(len(snapshot.parts.buffers))]
    state = {
        "format": FORMAT,
        "source": state_source(),
        "world": world.digest,
        "scenario": settings.to_toml(full=True),
        "seed": snapshot.seed,
        "mesa": snapshot.mesa,
        "agent_classes": snapshot.subclasses,
        "root": snapshot.parts.root,
        "nodes": snapshot.parts.nodes,
        "sizes": [buffer.size for buffer in buffers],
    }
    with (
        atomic_path(read_path("path", path)) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr(_STATE, json.dumps(state, separators=(",", ":")))
        with archive.open(_BUFFERS, "w", force_zip64=True) as out:
            out.write(b"".join(buffers))


def read[M: BorderModel](
    path: str | Path,
    kind: type[M],
    world: World | None,
    agent_classes: Mapping[str, type[Any]] | None = None,
) -> M:
    """Read a file and build the model in it.

    Args:
        path: file written by `write`.
        kind: class of the model.
        world: the world, or None for the world that the scenario names.
        agent_classes: the agent subclasses with which the run was saved.

    Returns:
        The model.

    Raises:
        SettingError: the file cannot be read, is damaged or not a saved run, or was written by
            another version of the model, in another world or with other agent subclasses.
            WorldError: the scenario's world is missing or invalid.
    """
    classes, origin = check_agent_classes(agent_classes), str(path)
    state, content = _contents(read_path("path", path), origin)
    if not str(state.get("format")).startswith(FORMAT.rsplit(" ", 1)[0]):
        raise _damaged(origin)
    check_source(str(state.get("source")), origin)
    try:
        settings, digest = load_scenario(state["scenario"]), str(state["world"])
    except _DAMAGED:
        raise _damaged(origin) from None
    check_saved(_own_classes(state, origin), classes, origin)
    world = world or load_world(settings.world or None)
    check_world(world, digest, origin)
    try:
        parts = Parts(state["root"], state["nodes"], _split(content, state["sizes"]))
        snapshot = Snapshot(state["seed"], state["mesa"], parts, names_of(classes))
        return restore(snapshot, kind, settings, world, classes)[0]
    except _DAMAGED:
        raise _damaged(origin) from None


def check_source(source: str, origin: str = "") -> None:
    """Raise SettingError unless this version of the model wrote a state.

    Args:
        source: source hash of the model version that wrote the state.
        origin: file of the state, "" if there is no file.
    """
    if source != state_source():
        reason = (
            f"it was saved by another version of the model (sources {one_line(source, 40)}, here "
            f"{state_source()})"
        )
        hint = "Load it with that version, with the same numpy and numba, or run it again."
        raise SettingError("file", reason, hint, origin)


def check_world(world: World, digest: str, origin: str = "") -> None:
    """Raise SettingError unless a world is the world of a saved state.

    Args:
        world: the world in which the state is to be restored.
        digest: digest of the world in which the state was written.
        origin: file of the state, "" if there is no file.
    """
    if world.digest != digest:
        reason = (
            f"it was saved in another world (digest {one_line(digest, 12)}, here "
            f"{world.digest[:12]})"
        )
        hint = "Give that world: BorderModel.load(path, world=load_world(folder))."
        raise SettingError("world", reason, hint, origin)


def _contents(path: Path, origin: str) -> tuple[dict[str, Any], bytes]:
    """Return a file's mapping in `state.json` and bytes in `buffers.bin`."""
    try:
        if not path.is_file():
            raise OSError(0, "it is not a regular file" if path.exists() else "no such file")
        with zipfile.ZipFile(path) as archive:
            state = json.loads(archive.read(_STATE))
            if not isinstance(state, dict):
                raise TypeError("the state is not a mapping")
            return state, archive.read(_BUFFERS)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", _HINT, origin) from None
    except _DAMAGED:
        raise _damaged(origin) from None


def _own_classes(state: dict[str, Any], origin: str) -> dict[str, str]:
    """Return the names of the user's subclasses in a saved run."""
    classes = state.get("agent_classes")
    if not isinstance(classes, dict) or not all(isinstance(name, str) for name in classes.values()):
        raise _damaged(origin)
    return {one_line(name, 60): one_line(kind, 60) for name, kind in classes.items()}


def _split(content: bytes, sizes: list[int]) -> list[np.ndarray]:
    """Split the contents of `buffers.bin` into buffers of the given sizes in bytes."""
    if min(sizes, default=0) < 0 or sum(sizes) != len(content):
        raise ValueError("the buffers have other sizes")
    ends = np.cumsum([0, *sizes]).tolist()
    data = np.frombuffer(content, np.uint8)
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def _damaged(origin: str) -> SettingError:
    """Return the error for a file with invalid contents."""
    return SettingError("file", "it is not a saved run, or it is damaged", _HINT, origin)
