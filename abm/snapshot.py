"""The state of a model between two days: captured, restored, and restored under other policies.

A snapshot holds everything on which later days depend, and the supply of a user's file, which may
be missing later. The world, the scenario, the policies and the named supply series are not in it:
they never change during a run, and `restore` receives them.
Mesa's own parts (clock, schedule, registers, network) are built again and then set.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from abm import state_graph
from abm.agent_classes import REPLACEABLE, check_agent_classes, check_saved, names_of
from abm.early_departures import EarlyDepartures
from abm.growth_path import GrowthPath
from abm.holders import Actors, Baseline, Calendar, Conditions, Planning, RouteNetwork
from abm.ledger import Ledger
from abm.leg_priors import LegPriors
from abm.phases.flow_history import FlowHistory
from abm.phases.government_cycle import GovernmentCycle
from abm.phases.indicators import IndicatorReader
from abm.policies import Seen, policies_of
from abm.scenario import Scenario
from abm.space import build_space
from abm.state_graph import Parts
from abm.supply import Communities, Supply, named_factor, other_load
from abm.supply_file import OwnSeries, OwnSupply
from abm.world.ways import Ways
from agents import border_patrol, gendarmes, governments, origin_countries, ports, smugglers
from agents.aid_pipeline import Aid, Pipeline, Stock, Tranches
from agents.chance import KeyedRandom
from agents.levers import Levers
from agents.limits import AgencyLimits
from agents.migrants.agent_set import Migrant, MigrantSet
from agents.migrants.columns import LegState, MigrantTable
from agents.param import SettingError
from agents.plain.migrant import MigrantAgent
from agents.plain.population import MigrantObjects
from agents.plans import Beliefs, PlannerGraph, Plans
from agents.smugglers.baseline import BaselineMeans, Ewma
from agents.smugglers.state import Capacity
from agents.strategy import Strategy
from agents.supply_terms import SupplyTerms

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.world.routes import World

#: Attributes of a model that a snapshot holds.
STATE = (
    "actors",
    "baseline",
    "calendar",
    "conditions",
    "early_departures",
    "flow_history",
    "government_cycle",
    "indicator_reader",
    "kernel_params",
    "keyed_random",
    "ledger",
    "levers",
    "migrants",
    "network",
    "planning",
    "policy_context",
    "supply",
)
#: Attributes of a model that `restore` receives, or builds from its arguments.
GIVEN = ("seed", "settings", "policies", "agent_classes")
#: Numbers of Mesa that are stored and set.
_COUNTERS = tuple(
    name
    for name in ("time", "steps", "running", "agent_id_counter")
    if hasattr(mesa.Model(rng=1), name)  # version 4 has no steps
)

#: Classes whose objects are stored attribute by attribute.
CLASSES = (
    *REPLACEABLE.values(),
    *(Actors, Baseline, Calendar, Conditions, Planning, RouteNetwork),
    *(EarlyDepartures, FlowHistory, GovernmentCycle, IndicatorReader, Ledger, LegPriors, Seen),
    *(Communities, GrowthPath, OwnSeries, OwnSupply, Supply, SupplyTerms),
    *(Ways, KeyedRandom, Levers, LegState, MigrantTable, MigrantObjects),
    *(
        Beliefs,
        PlannerGraph,
        Plans,
        BaselineMeans,
        Capacity,
        Ewma,
        smugglers.Market,
        smugglers.Trade,
    ),
    *(Aid, AgencyLimits, Pipeline, Stock, Tranches, Strategy, border_patrol.BorderPatrol),
    *(gendarmes.MexicanForces, governments.Governments, origin_countries.Countries, ports.Ports),
)
_OF_PEOPLE = (Migrant, MigrantAgent)  # stored as rows


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a model.

    Attributes:
        seed: seed of every draw.
        mesa: Mesa's numbers and random states, as JSON types.
        parts: the state by attribute of the model, the agents in their order by class, and the
            agents in each cell.
        own: names of a user's subclasses by the name of the class that each replaces.
    """

    seed: int
    mesa: dict[str, Any]
    parts: Parts
    own: dict[str, str]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.parts.nbytes


def capture(model: BorderModel) -> tuple[Snapshot, list[Any]]:
    """Copy the state of a model.

    Args:
        model: a model between two days; it is not changed.

    Returns:
        The snapshot, and the object of each node.

    Raises:
        SettingError: events other than the daily step are scheduled.
        RuntimeError: the model is simulating, or was interrupted.
    """
    with model._alone():
        return _capture(model)


def _capture(model: BorderModel) -> tuple[Snapshot, list[Any]]:
    """Copy the state of a model that nobody else simulates or copies."""
    _check_events(model)
    by_class: Any = model.agents_by_type
    classes = _by_name(model.agent_classes)
    name_of = {kind: name for name, kind in classes.items()}
    root = {
        "state": {name: getattr(model, name) for name in STATE},
        "agents": list(model.units),
        "by_class": [
            list(group) for kind, group in by_class.items() if not issubclass(kind, _OF_PEOPLE)
        ],
        "classes": [name_of.get(kind, state_graph.class_name(kind)) for kind in by_class],
        "cells": [cell.units for cell in model.network.cells],
    }
    parts, objects = state_graph.take_apart(root, classes, _Names(model).get)
    own = names_of(model.agent_classes)
    return Snapshot(model.seed, _mesa_state(model), parts, own), objects


def restore[M: BorderModel](
    snapshot: Snapshot,
    kind: type[M],
    settings: Scenario,
    world: World,
    agent_classes: Mapping[str, type[Any]] | None = None,
) -> tuple[M, list[Any]]:
    """Build a model in the state of a snapshot.

    Args:
        snapshot: the state; it is not changed.
        kind: class of the model; its constructor is not called.
        settings: the scenario of the captured model, or one with an equal `warmup_key` if the model
            was captured on its first recorded day.
        world: the world of the captured model, or an equal one.
        agent_classes: the subclasses of agents of the captured model.

    Returns:
        The model, and the object of each node.

    Raises:
        SettingError: a policy of `settings` is invalid, or the subclasses are others.
    """
    own = check_agent_classes(agent_classes)
    check_saved(snapshot.own, own)
    model = kind.__new__(kind)
    mesa.Model.__init__(model, rng=snapshot.seed)
    model.seed, model.settings, model.agent_classes = snapshot.seed, settings, own
    model.policies = tuple(policies_of(settings, settings.policies))
    objects = _Objects(model, settings, world)
    root, nodes = state_graph.put_together(snapshot.parts, _by_name(own), objects.get)
    for name in STATE:
        setattr(model, name, root["state"][name])
    _register(model, root)
    for cell, agents in zip(objects.cells, root["cells"], strict=True):
        for agent in agents:
            cell.add_agent(agent)
    if isinstance(model.migrants, MigrantObjects):
        model.migrants.join(model)
    _set_mesa_state(model, snapshot.mesa)
    return model, nodes


def _by_name(own: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    """Return the classes by the name under which they are stored.

    A subclass of a user is stored under the name of the class that it replaces.
    """
    classes = {state_graph.class_name(kind): kind for kind in CLASSES}
    return classes | {state_graph.class_name(REPLACEABLE[name]): kind for name, kind in own.items()}


def added_attributes(model: BorderModel) -> dict[str, Any]:
    """Return the attributes that neither the model nor Mesa has set, such as a data collector."""
    own = {*STATE, *GIVEN, *vars(mesa.Model(rng=1)), "_running", "_unfinished"}
    return {name: value for name, value in vars(model).items() if name not in own}


# ---- objects that are not stored -----------------------------------------------------------------


class _Names:
    """Names of the objects that a snapshot refers to without storing them."""

    def __init__(self, model: BorderModel) -> None:
        """Collect the parts of a model that never change, and those of Mesa."""
        settings = model.settings
        self.names: dict[int, str | list[Any]] = {
            id(model): "model",
            id(model.world): "world",
            id(model.space): "space",
            id(settings): "settings",
            id(model.supply.factor): "supply_factor",
            id(model.supply.other_nationalities): "other_nationalities",
        }
        for field in dataclasses.fields(settings):
            group = getattr(settings, field.name)
            if dataclasses.is_dataclass(group):
                self.names[id(group)] = ["settings", field.name]
        for name, value in vars(model.world).items():
            if isinstance(value, np.ndarray):
                self.names[id(value)] = ["world", name]
        for place, cell in enumerate(model.network.cells):
            self.names[id(cell)] = ["cell", place]

    def get(self, value: Any) -> str | list[Any] | None:
        """Return the name of an object, or None."""
        return self.names.get(id(value))


class _Objects:
    """The objects of these names, for a model that is being restored."""

    def __init__(self, model: BorderModel, settings: Scenario, world: World) -> None:
        """Build the network of Mesa's cells.

        Args:
            model: the model.
            settings: its scenario.
            world: its world.
        """
        self.space, self.cells = build_space(model, world)
        self.settings, self.world = settings, world
        self.single = {
            "model": model,
            "world": world,
            "space": self.space,
            "settings": settings,
            "supply_factor": named_factor(settings),
            "other_nationalities": other_load(settings),
        }

    def get(self, name: Any) -> Any:
        """Return the object of a name."""
        if isinstance(name, str):
            return self.single[name]
        kind, which = name
        if kind == "cell":
            return self.cells[which]
        return getattr({"settings": self.settings, "world": self.world}[kind], which)


# ---- the parts of Mesa ---------------------------------------------------------------------------


def _check_events(model: BorderModel) -> None:
    """Raise SettingError if more than the daily step is scheduled."""
    more = len(model._event_list) - bool(model._default_schedule.is_active)
    if more:
        raise SettingError(
            "events",
            f"{more} events besides the daily step are scheduled, which a copy cannot hold",
            "Cancel them first, and schedule them again in the copy.",
        )


def _mesa_state(model: BorderModel) -> dict[str, Any]:
    """Return Mesa's numbers and random states as JSON types."""
    version, words, normal = model.random.getstate()
    schedule = model._default_schedule
    return {name: getattr(model, name) for name in _COUNTERS} | {
        "random": [version, list(words), normal],
        "rng": model.rng.bit_generator.state,
        "next_step": schedule.next_scheduled_time,
        "steps_done": schedule.execution_count,
    }


def _set_mesa_state(model: BorderModel, state: dict[str, Any]) -> None:
    """Set clock, schedule and random states of a model that Mesa has just built."""
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
    """Enter all agents in Mesa's registers, in their order."""
    everybody: Any = model.units
    for agent in root["agents"]:
        everybody.add(agent)
    kinds = _by_name(model.agent_classes)
    kinds |= {state_graph.class_name(kind): kind for kind in _OF_PEOPLE}
    register: Any = model._agents_by_type
    groups = iter(root["by_class"])
    for name in root["classes"]:
        kind = kinds[name]
        if kind is Migrant:
            register[kind] = MigrantSet(model)
        elif kind is MigrantAgent:
            continue  # they join with the population
        else:
            register[kind] = type(everybody)(next(groups), random=model.random)
