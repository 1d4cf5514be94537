"""Sets of migrants, as Mesa's sets of agents: rows of the table, views when they are asked for.

`model.agents_by_type[Migrant]` is the set of everybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, overload

import numpy as np
from mesa.agentset import AbstractAgentSet, AgentSet, GroupBy

from agents.migrants.columns import NEVER, PERSON
from agents.migrants.view import Migrant


class MigrantGroups(GroupBy):
    """Mesa's GroupBy, which can also be read like a dictionary."""

    def keys(self) -> Iterable[Any]:
        """The keys."""
        return self.groups.keys()

    def values(self) -> Iterable[Any]:
        """The groups."""
        return self.groups.values()

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Keys and groups."""
        return self.groups.items()

    def __getitem__(self, key: Any) -> Any:
        """The group of a key."""
        return self.groups[key]

    def __contains__(self, key: Any) -> bool:
        """Whether there is a group of this key."""
        return key in self.groups


class MigrantSet(AbstractAgentSet):
    """All migrants with a row, or a selection of people, as a Mesa agent set.

    A selection stays with its people; those who are through and cleared drop out of it.
    """

    def __init__(self, model: Any, rows: np.ndarray | None = None) -> None:
        """All rows in use, unless `rows` selects some."""
        self.model, self.random = model, model.random
        self._everybody = rows is None
        self._choose(np.empty(0, int) if rows is None else np.asarray(rows, dtype=int))

    def _choose(self, rows: np.ndarray) -> None:
        table = self.model.migrants
        self._rows, self._version = rows, table.version
        self._uids = table.rows["uid"][rows].copy()

    @property
    def rows(self) -> np.ndarray:
        """Row numbers of the set, as the table stands now."""
        table = self.model.migrants
        if self._everybody:
            return np.arange(table.count)
        if self._version != table.version:
            order = np.argsort(table.live["uid"], kind="stable")
            sorted_uids = table.live["uid"][order]
            at = np.minimum(np.searchsorted(sorted_uids, self._uids), max(0, order.size - 1))
            there = sorted_uids[at] == self._uids if order.size else np.zeros(0, bool)
            self._choose(order[at[there]] if order.size else np.empty(0, int))
        return self._rows

    def __len__(self) -> int:
        """Number of people."""
        return self.model.migrants.count if self._everybody else len(self.rows)

    def __iter__(self) -> Iterator[Migrant]:
        """Views, made one at a time."""
        return (Migrant(self.model, int(row)) for row in self.rows)

    @overload
    def __getitem__(self, item: int) -> Migrant: ...

    @overload
    def __getitem__(self, item: slice) -> list[Migrant]: ...

    def __getitem__(self, item: int | slice) -> Migrant | list[Migrant]:
        """The view at a position, or a list of views."""
        if isinstance(item, slice):
            return [Migrant(self.model, int(row)) for row in self.rows[item]]
        return Migrant(self.model, int(self.rows[item]))

    def __contains__(self, agent: object) -> bool:
        """Whether a person has a row in the set."""
        if not isinstance(agent, Migrant):
            return False
        return bool((self.column("uid") == agent.unique_id).any())

    def column(self, name: str) -> np.ndarray:
        """A column of the set as an array: the quick way to look at many."""
        return self.model.migrants.rows[name][self.rows]

    def get(
        self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None
    ) -> list[Any]:
        """Values of one attribute, or a list for each person if several are named."""
        if isinstance(attr_names, list):
            parts = (self.get(n, handle_missing, default_value) for n in attr_names)
            return [list(row) for row in zip(*parts, strict=True)]
        if attr_names in (PERSON.names or ()):
            return self.column(attr_names).tolist()
        if handle_missing == "default":
            return [getattr(view, attr_names, default_value) for view in self]
        return [getattr(view, attr_names) for view in self]

    def to_list(self) -> list[Migrant]:
        """All views at once; for small sets."""
        return list(self)

    def select(
        self,
        filter_func: Callable[[Migrant], bool] | None = None,
        at_most: float = np.inf,
        inplace: bool = False,
        agent_type: type | None = None,
        **columns: Any,
    ) -> MigrantSet:
        """People for whom `filter_func` holds, or whose columns have the values given.

        `select(status=Status.TRAVELLING)` is quick; a function is asked for every view.
        """
        rows = self.rows
        if agent_type is not None and not issubclass(Migrant, agent_type):
            rows = rows[:0]
        for name, value in columns.items():
            rows = rows[self.model.migrants.rows[name][rows] == value]
        if filter_func is not None:
            rows = np.array([r for r in rows if filter_func(Migrant(self.model, int(r)))], int)
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(at_most * len(rows))
        return self._with(rows if at_most == np.inf else rows[: int(at_most)], inplace)

    def groupby(
        self, by: str | Callable[[Migrant], Any], result_type: str = "agentset"
    ) -> MigrantGroups:
        """Sets (or lists) by value of a column or by the answer of a function."""
        values = self.get(by) if isinstance(by, str) else [by(view) for view in self]
        members: dict[Any, list[int]] = {}
        for row, value in zip(self.rows.tolist(), values, strict=True):
            members.setdefault(value, []).append(row)
        sets = {key: MigrantSet(self.model, np.array(rows)) for key, rows in members.items()}
        if result_type == "list":
            return MigrantGroups({key: part.to_list() for key, part in sets.items()})
        return MigrantGroups(dict(sets))

    def active(self) -> MigrantSet:
        """Those to whom something more will happen."""
        rows = self.rows
        return MigrantSet(self.model, rows[self.model.migrants.due[rows] != NEVER])

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Answers of every view."""
        if isinstance(method, str):
            return [getattr(view, method)(*args, **kwargs) for view in self]
        return [method(view, *args, **kwargs) for view in self]

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> MigrantSet:
        """Call something for every view."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, **kwargs: Any) -> MigrantSet:
        """Call something for every view in random order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def shuffle(self, inplace: bool = False) -> MigrantSet:
        """The set in random order."""
        order = list(self.rows)
        self.random.shuffle(order)
        return self._with(np.array(order, dtype=int), inplace)

    def sort(
        self, key: str | Callable[[Migrant], Any], ascending: bool = False, inplace: bool = False
    ) -> MigrantSet:
        """The set in the order of a column or of a function."""
        values = self.get(key) if isinstance(key, str) else [key(view) for view in self]
        order = np.argsort(np.array(values), kind="stable")
        return self._with(self.rows[order if ascending else order[::-1]], inplace)

    def _with(self, rows: np.ndarray, inplace: bool) -> MigrantSet:
        if not inplace:
            return MigrantSet(self.model, rows)
        self._everybody = False
        self._choose(np.asarray(rows, dtype=int))
        return self

    def _update(self, agents: Iterable[Any]) -> AgentSet:
        return AgentSet(list(agents), random=self.random)

    def __and__(self, other: Iterable[Any]) -> MigrantSet:
        """People in both."""
        return self._with(self.rows[np.isin(self.rows, _rows_of(other))], False)

    def __or__(self, other: Iterable[Any]) -> MigrantSet:
        """People in either."""
        more = _rows_of(other)
        return self._with(np.concatenate([self.rows, more[~np.isin(more, self.rows)]]), False)

    def __sub__(self, other: Iterable[Any]) -> MigrantSet:
        """People here who are not there."""
        return self._with(self.rows[~np.isin(self.rows, _rows_of(other))], False)

    def add(self, agent: Any) -> None:
        """People enter through the day, not through the set."""
        raise TypeError("migrants come up through the supply of the scenario, not by add()")

    def discard(self, agent: Any) -> None:
        """As :meth:`remove`, but silent about those who are not there."""
        with contextlib.suppress(KeyError):
            self.remove(agent)

    def remove(self, agent: Any) -> None:
        """People cannot be taken out through the set."""
        if agent not in self:
            raise KeyError(agent)
        raise TypeError("a migrant is a row of model.migrants and cannot be removed")

    def pop(self) -> Any:
        """People cannot be taken out through the set."""
        raise TypeError("a migrant is a row of model.migrants and cannot be removed")

    clear = pop


def _rows_of(people: Iterable[Any]) -> np.ndarray:
    """Rows of a set of migrants, or of any views."""
    if isinstance(people, MigrantSet):
        return people.rows
    return np.array([view.row for view in people], dtype=int)
