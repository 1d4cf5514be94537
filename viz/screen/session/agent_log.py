"""State and decisions of all agents except migrants, recorded after every week's decisions."""

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

#: Kinds of agents by class name. The text keys of their labels are ``agents.kind.NAME``.
KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(Organisation, SmugglerCell, PatrolTeam, Detachment, SectorCommand, InmPost),
        *(GendarmeCompany, Port, Government),
    )
}
#: Unit of each recorded attribute. Each kind of agent has some of the attributes. The text keys of
#: their labels are ``agents.field.NAME``.
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
#: Attributes that an agent decides. The other attributes follow from events and decisions.
DECIDED = {"target", "officers", "staff", "slot", "cells", "extra", "price", "booths", "strategic"}
DECIDED |= {"effort", "participation"}
_TABLES: dict[str, tuple[str, ...]] = dict.fromkeys(("booths", "waits", "queue"), CLASSES)
_TABLES |= dict.fromkeys(("participation", "dollars", "sovereignty"), AREAS)


def columns_of(kind: str) -> list[tuple[str, str]]:
    """Return the columns for a kind of agents: attribute names with a table entry or ""."""
    names = [name for name in UNITS if hasattr(KINDS[kind], name)]
    return [(name, entry) for name in names for entry in _TABLES.get(name, ("",))]


class AgentLog:
    """Names and values of all agents on the first day and after every week's decisions.

    ``weeks`` holds them by day, kind and agent number. An agent that does not change shares its
    array with the week before.
    """

    def __init__(self) -> None:
        self.weeks: dict[int, dict[str, dict[int, tuple[str, array[float]]]]] = {}

    def update(self, model: BorderModel, day: int) -> None:
        """Record all agents on the first day and on days with weekly decisions."""
        if day > 1 and model.clock % 7 != 1:
            return
        before = self.weeks[max(self.weeks)] if self.weeks else {}
        self.weeks[day] = {
            key: {agent.unique_id: _state(agent, key, before) for agent in model.agents_of(kind)}
            for key, kind in KINDS.items()
        }

    def week(self, day: int) -> int:
        """Return the last recorded day up to `day`, or 0 if there is none."""
        return max((week for week in list(self.weeks) if week <= day), default=0)

    def decisions(self, kind: str, uid: int, day: int) -> list[tuple[int, int, float, float]]:
        """Return an agent's decisions up to a day, newest first.

        Args:
            kind: a key in `KINDS`.
            uid: number of the agent.
            day: last day to include.

        Returns:
            Day, index in `columns_of`, and the values before and after. The value before is NaN for
            a new agent.
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
    """Return an agent's name and values. If they are unchanged, return the earlier object."""
    names = dict.fromkeys(name for name, _ in columns_of(kind))
    values = array("f", [x for name in names for x in _numbers(name, getattr(agent, name))])
    state, old = (getattr(agent, "name", ""), values), before.get(kind, {}).get(agent.unique_id)
    return old if old == state else state


def _numbers(name: str, value: Any) -> list[float]:
    """Convert a value to floats: table entries, a number of items or bits, or the value itself."""
    if name in _TABLES:
        return [float(x) for x in (value.values() if isinstance(value, Mapping) else value)]
    if UNITS[name] == "bits":
        return [value.bit_count()]
    return [len(value) if isinstance(value, tuple) else float(value)]
