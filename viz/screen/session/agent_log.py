"""State and decisions of all agents but migrants, recorded after the decisions of every week."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.border_patrol import Detachment, PatrolTeam, SectorCommand
from agents.gendarmes import GendarmeCompany, InmPost
from agents.governments import Government
from agents.labels import AREAS, CLASSES
from agents.ports import Port
from agents.smugglers import Organisation, SmugglerCell

if TYPE_CHECKING:
    from abm.model import BorderModel

#: Kinds by the name of their class, whose words are below ``agents.kind``.
KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(Organisation, SmugglerCell, PatrolTeam, Detachment, SectorCommand, InmPost),
        *(GendarmeCompany, Port, Government),
    )
}
#: Attributes with their units. A kind has some of them. Labels are the words in ``agents.field``.
UNITS = (
    {"place": "place", "target": "place", "sector": "sector", "group": "group", "territory": "bits"}
    | dict.fromkeys(("standing", "strategic"), "flag")
    | dict.fromkeys(("left", "arrives"), "date")
    | dict.fromkeys(("officers", "staff", "slot", "cells", "lost", "extra"), "count")
    | dict.fromkeys(("recent", "queue"), "count")
    | dict.fromkeys(("baseline", "hiring", "booths", "waits"), "ratio")
    | dict.fromkeys(("reputation", "effort", "grievance", "participation"), "share")
    | dict.fromkeys(("price", "cash", "dollars", "sovereignty"), "dollars")
)
#: Attributes that an agent decides about; the others follow from days and decisions.
DECIDED = {"target", "officers", "staff", "slot", "cells", "extra", "price", "booths", "strategic"}
DECIDED |= {"effort", "participation"}
_TABLES: dict[str, tuple[str, ...]] = dict.fromkeys(("booths", "waits", "queue"), CLASSES)
_TABLES |= dict.fromkeys(("participation", "dollars", "sovereignty"), AREAS)


def columns_of(kind: str) -> list[tuple[str, str]]:
    """Return the attributes of a kind of agents, each with an entry of its table or ""."""
    names = [name for name in UNITS if hasattr(KINDS[kind], name)]
    return [(name, entry) for name in names for entry in _TABLES.get(name, ("",))]


class AgentLog:
    """Agents by kind and number, each with its name and its values, by the day from 1.

    ``weeks`` has the first day and the day of the weekly decisions. An agent that does not change
    has the same array again.
    """

    def __init__(self) -> None:
        self.weeks: dict[int, dict[str, dict[int, tuple[str, array[float]]]]] = {}

    def update(self, model: BorderModel, day: int) -> None:
        """Record all agents if the weekly decisions were due on a day of the model."""
        if day > 1 and model.clock % 7 != 1:
            return
        before = self.weeks[max(self.weeks)] if self.weeks else {}
        self.weeks[day] = {
            key: {agent.unique_id: _state(agent, key, before) for agent in model.agents_of(kind)}
            for key, kind in KINDS.items()
        }

    def week(self, day: int) -> int:
        """Return the last recorded day up to a day, 0 for none."""
        return max((week for week in list(self.weeks) if week <= day), default=0)

    def decisions(self, kind: str, uid: int, day: int) -> list[tuple[int, int, float, float]]:
        """Return an agent's decisions up to a day, newest first.

        Args:
            kind: a key of `KINDS`.
            uid: the agent's number.
            day: the last day.

        Returns:
            Day, column of `columns_of`, and the values before and after; NaN before it existed.
        """
        changes, old = [], None
        for week in sorted(week for week in list(self.weeks) if week <= day):
            new = self.weeks[week][kind].get(uid)
            if new and (old or week > 1):
                before = old[1] if old else [float("nan")] * len(new[1])
                for k, (name, _) in enumerate(columns_of(kind)):
                    if name in DECIDED and before[k] != new[1][k]:
                        changes.append((week, k, before[k], new[1][k]))
            old = new
        return changes[::-1]


def _state(agent: Any, kind: str, before: Mapping[str, Any]) -> tuple[str, array[float]]:
    """Return name and values of an agent; the old ones if they are the same."""
    names = dict.fromkeys(name for name, _ in columns_of(kind))
    values = array("f", [x for name in names for x in _numbers(name, getattr(agent, name))])
    state, old = (getattr(agent, "name", ""), values), before.get(kind, {}).get(agent.unique_id)
    return old if old == state else state


def _numbers(name: str, value: Any) -> list[float]:
    """Return a value as numbers: those of a table, or a count of agents, places or bits."""
    if name in _TABLES:
        return [float(x) for x in (value.values() if isinstance(value, Mapping) else value)]
    if UNITS[name] == "bits":
        return [value.bit_count()]
    return [len(value) if isinstance(value, tuple) else float(value)]
