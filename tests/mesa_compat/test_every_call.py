"""Every call on an agent acts or refuses: a battery that enumerates classes and calls by itself."""

from __future__ import annotations

import copy
import enum
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from mesa.discrete_space import Cell

from abm.model import BorderModel
from abm.saved_run import capture
from abm.scenario.policy_specs import parse_policy

CHECKS = (1, 8, 32, 105)  # days after the call on which a run is compared with the untouched run
START = 14  # recorded days before the call, after which companies and detachments exist
RUN: dict[str, Any] = {
    "scale": 1000,
    "warmup_days": 60,
    "days": START + CHECKS[-1] + 1,
    "rng": 4,
    "policies": (parse_policy("rural_gendarmerie:8"), parse_policy("dismantle_conveyor_belts"), parse_policy("border_management_plan"), parse_policy("assurance_conditionality")),
    "mexico.hiring": 100_000.0,
    "border_patrol.rule": "replicator",
    "governments.mexico": "strategic",
}
ERRORS = (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError)


class Battery:
    """A warmed-up model, its untouched future, and the calls to compare with it."""

    def __init__(self, engine: str) -> None:
        self.base = BorderModel(**RUN, engine=engine)
        self.base.run_for(START)
        self.untouched = [mark for mark in self.marks(copy.deepcopy(self.base))]

    def marks(self, model: BorderModel) -> Iterator[tuple[str, bytes]]:
        """Run a model and yield its totals and prices on the days of comparison."""
        for day in CHECKS:
            model.run_until(START + day)
            yield model.ledger.digest, model.market.book["price"].tobytes()


def state(model: BorderModel) -> Any:
    parts = capture(model)[0]
    return parts.mesa, parts.parts.root, parts.parts.nodes, [b.tobytes() for b in parts.parts.buffers]


def names(agent: Any) -> list[str]:
    return sorted(n for n in {*dir(type(agent)), *getattr(agent, "__dict__", {})} if not n.startswith("_"))


def other(value: Any, agent: Any) -> Any:
    model = agent.model
    if isinstance(value, bool):
        return not value
    if isinstance(value, enum.Enum):
        return next(m for m in type(value) if m != value)
    if isinstance(value, int | float | np.number | np.ndarray):
        return type(value)(value * 0.5 + 1) if not isinstance(value, np.ndarray) else value * 0.5 + 1
    if isinstance(value, str):
        return value + " (other)"
    if isinstance(value, Cell):
        return next(c for c in model.space.all_cells if c is not value)
    if isinstance(value, list | tuple | dict):
        return type(value)()
    peers = model.agents_by_type.get(type(value), ()) if value is not None else ()
    for peer in peers:
        if peer is not value:
            return peer
    return 1 if value is None else None


def argument(parameter: inspect.Parameter, agent: Any) -> Any:
    model, kind = agent.model, str(parameter.annotation)
    by_name = {k.__name__: k for k in model.agents_by_type}
    name = parameter.name
    if kind in by_name:
        peers = [p for p in model.agents_by_type[by_name[kind]] if p is not agent]
        return peers[0] if peers else agent
    if name in ("model", "environment"):
        return model
    if "Cell" in kind:
        return other(agent.cell, agent)
    if "ndarray" in kind or "Sequence" in kind:
        return np.full(9, 5.0)
    if "bool" in kind:
        return True
    if "float" in kind:
        return 3.0
    if "int" in kind:
        return 1
    raise LookupError(f"{parameter}")


def perform(model, kind, name, recorded=()):
    agents = list(model.agents_by_type[kind])
    static = inspect.getattr_static(agents[0], name)
    for agent in agents:
        if callable(static) or isinstance(static, classmethod):
            method = getattr(agent, name)
            if name in recorded:
                args, kw = recorded[name]
            else:
                ps = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
                kws = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.kind is p.KEYWORD_ONLY]
                if name == "create_agents":
                    extra = list(inspect.signature(type(agent)).parameters.values())[1:]
                    args = [model, 1, *[argument(p, agent) for p in extra]]
                    kw = {}
                else:
                    args, kw = [argument(p, agent) for p in ps], {p.name: argument(p, agent) for p in kws}
            method(*args, **kw)
            if isinstance(static, classmethod):
                return
        else:
            setattr(agent, name, other(getattr(agent, name), agent))
