"""Every call on an agent acts or is refused. This battery finds classes and calls by itself.

A call acts if a total, flow or price within the next 105 days differs from the untouched run.
Draws are keyed by person and event, so that a call without effect gives an equal run. Queries,
which leave the state of the model unchanged, are not counted. A call is first made on all agents
of a class. Then it is made on each agent of the small classes alone, for Mesa's attributes, for
attributes that the agent checks, and for its orders. Other attributes and the methods of weekly
decisions act only if an agent has something to decide.

`python -m tests.mesa_compat.test_every_call` writes the table in `docs/guides/mesa.md`.
"""

from __future__ import annotations

import copy
import enum
import functools
import importlib
import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from mesa.discrete_space import Cell

from abm.build_agents import REPLACEABLE
from abm.model import BorderModel
from abm.saved_run import capture, restore
from abm.scenario.policy_specs import parse_policy
from agents.environment import AgentClass
from agents.param import SettingError
from agents.plain.migrant import MigrantAgent
from agents.smugglers import Market, Organisation
from tests.page_blocks import with_block

#: Attributes and calls that neither act nor refuse, each with the reason.
ONLY_SHOW = {
    "walk": "units walk every morning; a call between days does what the next morning does",
    "rank": "the order in which an organisation lists its cells",
    "pos": "Mesa's position on its older grids; agents here have a cell",
    "current_action": "Mesa 4 writes the action that an agent performs; `start_action` acts",
}
PLACES = ("cell", "move_to", "target", "order")
DAYS = (1, 8, 32, 105)  # days after a call on which a run is compared with the untouched run
START = 14  # recorded days before the call, after which detachments and companies exist
RUN: dict[str, Any] = {
    "scale": 500,
    "warmup_days": 60,
    "days": START + DAYS[-1] + 1,
    "start": "2013-12-22",  # A quarter begins before the call.
    "rng": 3,
    "policies": tuple(
        map(
            parse_policy,
            (
                "rural_gendarmerie:8",
                "dismantle_conveyor_belts",
                "merida_initiative",
                "assurance_conditionality",
            ),
        )
    ),
    "smugglers.cell_pace": 0.3,  # low enough that hiring limits organisations
    # Beliefs move far enough from the base year that they decide whether a person tries again.
    "migrants.belief_prior": 150.0,
    "migrants.retry_value_slope": 10.0,
    "migrants.knowledge_spread": 0.0,
    "mexico.hiring": 100_000.0,
    "border_patrol.rule": "replicator",
    "governments.mexico": "strategic",
    "governments.patience": 0,
}
ACTS, REFUSES, SHOWS, QUERY = "acts", "refuses", "only shows", "query"


def decide(market: Market, decision: str, *week: Any, able: Any = None) -> None:
    """Make a decision for every organisation by its method, in place of `Market._decide`."""
    market.environment.register_of(Organisation).do(decision, *week)


def state(model: BorderModel) -> list[Any]:
    """Return a model's whole state, or nothing while agents perform actions of Mesa 4."""
    try:
        snapshot = capture(model)[0]
    except (SettingError, TypeError):
        return []
    parts = snapshot.parts
    return [snapshot.mesa, parts.root, parts.nodes, parts.buffers]


def marks(model: BorderModel) -> Iterator[tuple[str, bytes]]:
    """Run a model; yield totals, flows and prices on the days of comparison."""
    for day in DAYS:
        model.run_until(START + day)
        yield model.ledger.digest, model.market.book["price"].tobytes()


class Battery:
    """A model, the arguments of all calls in its first days, and its untouched future."""

    def __init__(self, engine: str) -> None:
        self.base = BorderModel(**RUN, engine=engine)
        self.calls: dict[tuple[str, str], tuple[tuple[Any, ...], dict[str, Any]]] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(AgentClass, "__setattr__")
            patch.delattr(AgentClass, "__delattr__")
            patch.setattr(Market, "_decide", decide)
            for kind in REPLACEABLE.values():
                for name, call in inspect.getmembers(kind, inspect.isfunction):
                    if name[0] != "_":
                        patch.setattr(kind, name, self.recorded(kind, name, call))
            self.base.run_for(START)
        self.snapshot, self.originals = capture(self.base)
        self.state = state(self.copy()[0])
        self.future = list(marks(self.copy()[0]))
        # Until the first difference.
        self.marks: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
        self.spare: tuple[BorderModel, dict[int, Any]] | None = None

    def copy(self) -> tuple[BorderModel, dict[int, Any]]:
        """Return a copy of the model, and every copied object by the `id` of its original."""
        model, copies = restore(self.snapshot, BorderModel, self.base.settings, self.base.world)
        copy_of = {id(old): new for old, new in zip(self.originals, copies, strict=True)}
        return model, {id(self.base): model} | copy_of

    def recorded(self, kind: type, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that also stores its last arguments."""

        @functools.wraps(call)
        def method(agent: Any, *args: Any, **kwargs: Any) -> Any:
            self.calls[kind.__name__, name] = args, kwargs
            return call(agent, *args, **kwargs)

        return method

    def outcome(
        self,
        kind: type,
        name: str,
        chosen: slice = slice(None),
        place: int | None = None,
        days: int = 4,
        may_query: bool = True,
    ) -> str:
        """Call a method on agents of a class, or set an attribute; return what happens.

        Args:
            kind: the class.
            name: the method or the attribute.
            chosen: the agents that are called (default: all).
            place: place to which the call sends them (default: the place of another agent).
            days: how many of `DAYS` are compared. A call on the whole class is followed for at
                least eight days, a call on some agents until it acts.
            may_query: whether the call may leave the state unchanged.
        """
        spare = self.spare or self.copy()
        (model, copy_of), self.spare = spare, None
        arguments = copy.deepcopy(self.calls.get((kind.__name__, name)), copy_of)
        agents = list(model.agents_by_type[kind])[chosen]
        refusals: list[Exception] = []
        for agent in agents:
            try:
                act(agent, name, arguments, place)
            except Exception as error:
                refusals.append(error)
        if not all(map(is_sentence, refusals)):
            return f"breaks: {refusals[0]!r}"
        if len(refusals) == len(agents):
            self.spare = spare  # A refused call has left the copy unchanged.
            return REFUSES
        if may_query and state(model) == self.state:
            self.spare = spare
            return QUERY
        after: list[tuple[str, bytes]] = []
        fewest = 2 if chosen == slice(None) else 1
        self.marks.setdefault((kind.__name__, name), after)
        try:
            for untouched, mark in zip(self.future[:days], marks(model), strict=False):
                after.append(mark)
                if mark != untouched and len(after) >= fewest:
                    return ACTS
        except Exception as error:
            return f"breaks later: {error!r}"
        return SHOWS if name in ONLY_SHOW else "is silent"


def is_sentence(error: Exception) -> bool:
    """Return whether the project raised this error on purpose, with a single sentence."""
    frame = traceback.extract_tb(error.__traceback__, limit=-1)[0]
    text = str(error)
    on_purpose = re.search(r"/(abm|agents)/", frame.filename) and "raise" in (frame.line or "")
    return bool(on_purpose) and len(text.split()) > 4 and "\n" not in text


def names(agent: Any) -> list[str]:
    """Return the public methods of an agent, and the attributes that can be set."""
    found = {*dir(type(agent)), *vars(agent)}
    fixed = {n for n in found if getattr(inspect.getattr_static(agent, n, None), "fset", 1) is None}
    return sorted(name for name in found - fixed if name[0] != "_")


def act(agent: Any, name: str, arguments: tuple[Any, Any] | None, place: int | None = None) -> None:
    """Call a method with sensible arguments, or set an attribute to a different value."""
    kind = type(agent)
    if place is not None:
        value = agent.model.cell_of(place) if name in ("cell", "move_to") else place
        getattr(agent, name)(value) if name in ("move_to", "order") else setattr(agent, name, value)
    elif name == "(new)":
        args, kwargs = needed(agent, kind)
        kind(*args, **kwargs)
    elif name == "create_agents":
        kind.create_agents(agent.model, 1, *constructor(agent).values())
    elif name == "from_dataframe":
        kind.from_dataframe(agent.model, pd.DataFrame([constructor(agent)]))
    elif callable(getattr(kind, name, None)) and not hasattr(kind.__dict__.get(name), "__set__"):
        args, kwargs = arguments or needed(agent, getattr(agent, name))
        getattr(agent, name)(*args, **kwargs)
    elif name == "current_action":
        agent.current_action = action_of(agent)
    else:
        value = getattr(agent, name)
        setattr(agent, name, peer_value(agent, name) if name in _OF_PEERS else other(agent, value))


def action_of(agent: Any) -> Any:
    """Return a Mesa 4 action that closes a leg after a day."""
    actions = importlib.import_module("mesa.experimental.actions")

    def close(action: Any) -> None:
        leg = action.agent.model.legs[0]
        if leg.open:
            action.agent.model.close_leg(leg.start, leg.end)

    return type("CloseLeg", (actions.Action,), {"on_complete": close})(agent)


def constructor(agent: Any) -> dict[str, Any]:
    """Return the arguments by name with which Mesa creates an agent of the same class."""
    _, *more = inspect.signature(type(agent)).parameters.values()
    return {p.name: argument(agent, p) for p in more if p.default is p.empty}


def needed(agent: Any, call: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments for all parameters without a default: by position, and by name."""
    every = [p for p in inspect.signature(call).parameters.values() if p.default is p.empty]
    named = {p.name: argument(agent, p) for p in every if p.kind is p.KEYWORD_ONLY}
    return [argument(agent, p) for p in every if p.kind is p.POSITIONAL_OR_KEYWORD], named


def argument(agent: Any, parameter: inspect.Parameter) -> Any:
    """Return a value from the model for a parameter, according to its annotation and name."""
    model, kind, name = agent.model, str(parameter.annotation), parameter.name
    parts = model.market, model.ports, model.countries, model.drugs
    parts = {type(part).__name__: part for part in parts}
    classes = {each.__name__: each for each in model.agents_by_type}
    if "Action" in kind:
        return action_of(agent)
    if kind in classes:
        return other(agent, next(iter(model.agents_by_type[classes[kind]])))
    if name in ("model", "environment") or kind in parts:
        return parts.get(kind, model)
    if name in _OF_PEERS and hasattr(agent, name):
        return peer_value(agent, name)
    if name == "direction":
        return next(iter(agent.cell.connections))
    if name == "cell":
        return other(agent, agent.cell)
    if name == "place":
        return int(model.market.gates[0])
    return (
        np.full(9, 5.0)
        if "ndarray" in kind or "Sequence" in kind
        else 1.0
        if kind == "float"
        else 1
    )


_OF_PEERS = ("place", "target", "slot")  # numbers, of which only some are valid


def peer_value(agent: Any, name: str) -> Any:
    """Return the value of another agent of the same class if any value differs."""
    values = [getattr(peer, name) for peer in agent.model.agents_by_type[type(agent)]]
    return next((value for value in values if value != getattr(agent, name)), values[0])


def other(agent: Any, value: Any) -> Any:
    """Return a different value of the same type from the same model."""
    model = agent.model
    if isinstance(value, bool | str):
        return not value if isinstance(value, bool) else value + " (other)"
    if isinstance(value, enum.Enum):
        return next(member for member in type(value) if member != value)
    if isinstance(value, float) and 0.0 <= value <= 1.0:
        return float(value < 0.5)
    if isinstance(value, int | float | np.ndarray):
        return 3 * value + 1
    if isinstance(value, Cell):
        country, cells = model.world.country, [p.cell for p in model.agents_by_type[type(agent)]]
        near = [c for c in cells if country[c.coordinate] == country[value.coordinate]]
        return next((cell for cell in near if cell is not value), cells[0])
    if isinstance(value, list | tuple | dict):
        return value[::-1] if isinstance(value, tuple) else type(value)()
    peers = model.agents_by_type.get(type(value), ())
    return next((peer for peer in peers if peer is not value), 1 if value is None else None)


# ---- the law -------------------------------------------------------------------------------------


BATTERIES = functools.cache(Battery)


@functools.cache
def results(engine: str) -> dict[str, dict[str, str]]:
    """Return what every call on every class does.

    Both engines must give the same totals, flows and prices for calls on units, for eight days.
    """
    battery, table = BATTERIES(engine), {}
    for kind in list(battery.base.agents_by_type):
        agent = next(iter(battery.base.agents_by_type[kind]))
        is_full = engine == "columns" or isinstance(agent, MigrantAgent)
        calls, of_columns = {}, {} if is_full else results("columns")[kind.__name__]
        for name in [*names(agent), "(new)"]:
            days = 4 if is_full and name not in ONLY_SHOW else 2
            end = battery.outcome(kind, name, days=days, may_query=name not in of_columns)
            if name in of_columns and end != REFUSES:
                key = kind.__name__, name
                is_equal = battery.marks[key] == BATTERIES("columns").marks[key][:2]
                end = of_columns[name] if is_equal else "differs from columns"
            if end != QUERY:
                calls[name] = end
        table[kind.__name__] = calls
    return table


@pytest.mark.parametrize("engine", ["columns", "objects"])
def test_every_call_acts_or_refuses(engine: str) -> None:
    table = results(engine)
    ends = [end for calls in table.values() for end in calls.values()]
    print(engine, len(table), "classes", len(ends), "calls", {e: ends.count(e) for e in set(ends)})
    wrong = {
        f"{kind}.{name}": end
        for kind, calls in table.items()
        for name, end in calls.items()
        if end not in (ACTS, REFUSES, SHOWS)
    }
    assert not wrong
    assert len(ONLY_SHOW) <= 10


def is_for_each(kind: type, name: str) -> bool:
    """Return whether a call or attribute comes from Mesa, or an agent checks its new value."""
    static = inspect.getattr_static(kind, name, None)
    return name in (*PLACES, *dir(mesa.Agent)) or hasattr(type(static), "__set__")


def test_each_agent_of_a_small_class_acts_or_refuses() -> None:
    """A call that sends an agent to a place must act for at least one place.

    Most calls act within eight days. Therefore all places are tried with eight days before more
    days are simulated.
    """
    battery, silent, calls = BATTERIES("columns"), [], 0
    for kind in list(battery.base.agents_by_type):
        agents = list(battery.base.agents_by_type[kind])
        of_class = results("columns")[kind.__name__] if len(agents) <= 12 else {}
        acting = {name for name in of_class if of_class[name] == ACTS and is_for_each(kind, name)}
        # An organisation that replaces, adds or closes no cell does not read these numbers.
        unread = {"hiring", "extra", "territory"}
        for name in acting - {"create_agents", "from_dataframe", *unread, *ONLY_SHOW}:
            for number, agent in enumerate(agents):
                others = {each.place for each in agents} - {agent.place} if name in PLACES else ()
                # A query would count as silent here, so the state is not compared.
                tries = [(p, days, False) for days in (2, len(DAYS)) for p in (None, *others)]
                chosen, calls = slice(number, number + 1), calls + 1
                ends = (battery.outcome(kind, name, chosen, *each) for each in tries)
                if not any(end in (ACTS, REFUSES) for end in ends):
                    silent.append(f"{agent!r}.{name}")
    assert not silent and calls > 200


@pytest.mark.parametrize("engine", ["columns", "objects"])
def test_a_removed_agent_refuses_every_call(engine: str) -> None:
    battery = BATTERIES(engine)
    removable = [kind for kind, ends in results(engine).items() if ends["remove"] == ACTS]
    for kind, in_day in [(kind, day) for kind in removable for day in (False, True)]:
        model, copy_of = battery.copy()
        arguments = copy.deepcopy(battery.calls, copy_of)
        agent = next(each for each in model.agents if type(each).__name__ == kind)
        model._in_day = in_day  # Both a day and a user remove agents.
        agent.remove()
        model._in_day = False
        after = state(model)
        for name in names(agent):
            try:
                act(agent, name, arguments.get((kind, name)))
            except Exception as error:
                assert is_sentence(error), f"{kind}.{name}: {error!r}"
        assert state(model) == after, kind
    assert len(removable) == 9


# ---- the table of the guide ----------------------------------------------------------------------
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "mesa.md"


def guide_with_tables(page: str) -> str:
    """Return the guide with the battery's current outcomes."""
    outcomes = results("objects") | results("columns")
    # Versions of Mesa differ in these attributes.
    common = set(dir(mesa.Agent)) - {"remove", "create_agents"}
    lines = ["| class | acts; every other change refuses |", "| --- | --- |"]
    for kind, calls in sorted(outcomes.items()):
        acts = [f"`{n}`" for n in calls if calls[n] == ACTS and n not in common]
        lines.append(f"| `{kind}` | {', '.join(acts) or 'nothing'} |")
    lines += ["", "| only shows | reason |", "| --- | --- |"]
    lines += [f"| `{name}` | {reason} |" for name, reason in ONLY_SHOW.items()]
    return with_block(page, "calls", "\n".join(lines))


def test_the_guide_shows_what_acts_and_what_refuses() -> None:
    """If this test fails, run python -m tests.mesa_compat.test_every_call."""
    page = GUIDE.read_text(encoding="utf-8")
    assert page == guide_with_tables(page)


if __name__ == "__main__":
    GUIDE.write_text(guide_with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
