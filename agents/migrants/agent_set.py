"""Sets of migrants with the interface of Mesa's agent sets: rows of the table, views on request.

`model.agents_by_type[Migrant]` is the set of all migrants.
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
    """Mesa's GroupBy with the methods of a mapping."""

    def keys(self) -> Iterable[Any]:
        """Return the keys."""
        return self.groups.keys()

    def values(self) -> Iterable[Any]:
        """Return the groups."""
        return self.groups.values()

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Return keys and groups."""
        return self.groups.items()

    def __getitem__(self, key: Any) -> Any:
        """Return the group of a key."""
        return self.groups[key]

    def __contains__(self, key: Any) -> bool:
        """Return whether there is a group with this key."""
        return key in self.groups


class MigrantSet(AbstractAgentSet):
    """All migrants with a row, or a selection of them, as a Mesa agent set.

    A selection follows its migrants; those whose rows have been dropped leave it.
    """

    def __init__(self, model: Any, rows: np.ndarray | None = None) -> None:
        """Create a set.

        Args:
            model: the model, with the table as `migrants`.
            rows: indices of the selected rows; None for all rows in use.
        """
        self.model, self.random = model, model.random
        self._everybody = rows is None
        self._views: tuple[Any, list[Migrant]] = (None, [])
        self._choose(np.empty(0, int) if rows is None else np.asarray(rows, dtype=int))

    def _choose(self, rows: np.ndarray) -> None:
        table = self.model.migrants
        self._rows, self._version = rows, table.version
        self._uids = table.rows["uid"][rows].copy()

    @property
    def rows(self) -> np.ndarray:
        """Return the present row indices of the set."""
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
        """Return the number of rows."""
        return self.model.migrants.count if self._everybody else len(self.rows)

    def __iter__(self) -> Iterator[Migrant]:
        """Iterate over views, made one at a time."""
        return (Migrant(self.model, int(row)) for row in self.rows)

    @overload
    def __getitem__(self, item: int) -> Migrant: ...

    @overload
    def __getitem__(self, item: slice) -> list[Migrant]: ...

    def __getitem__(self, item: int | slice) -> Migrant | list[Migrant]:
        """Return the view at a position, or a list of views for a slice."""
        if isinstance(item, slice):
            return [Migrant(self.model, int(row)) for row in self.rows[item]]
        return Migrant(self.model, int(self.rows[item]))

    def __contains__(self, agent: object) -> bool:
        """Return whether a migrant has a row in the set."""
        if not isinstance(agent, Migrant):
            return False
        return bool((self.column("uid") == agent.unique_id).any())

    def column(self, name: str) -> np.ndarray:
        """Return a column of the set as an array, without making views."""
        return self.model.migrants.rows[name][self.rows]

    def get(
        self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None
    ) -> list[Any]:
        """Return attribute values of all migrants.

        Args:
            attr_names: one attribute, or a list of them.
            handle_missing: "error", or "default" to use `default_value`.
            default_value: value of a missing attribute.

        Returns:
            One value per migrant, or one list per migrant if `attr_names` is a list.
        """
        if isinstance(attr_names, list):
            parts = (self.get(n, handle_missing, default_value) for n in attr_names)
            return [list(row) for row in zip(*parts, strict=True)]
        if attr_names in (PERSON.names or ()):
            return self.column(attr_names).tolist()
        if handle_missing == "default":
            return [getattr(view, attr_names, default_value) for view in self]
        return [getattr(view, attr_names) for view in self]

    def to_list(self) -> list[Migrant]:
        """Return all views; for small sets."""
        return list(self)

    def views(self) -> list[Migrant]:
        """Return all views; they are made once a day and kept until the next call on a later day.

        Mesa's agent sets refer to their agents weakly, so something else must keep the views.
        """
        table = self.model.migrants
        now = (self.model.clock, table.version, table.count)
        if self._views[0] != now:
            self._views = now, list(self)
        return self._views[1]

    def select(
        self,
        filter_func: Callable[[Migrant], bool] | None = None,
        at_most: float = np.inf,
        inplace: bool = False,
        agent_type: type | None = None,
        **columns: Any,
    ) -> MigrantSet:
        """Select migrants by a function or by column values.

        `select(status=Status.TRAVELLING)` compares columns and is fast; a function is called for
        every view.

        Args:
            filter_func: returns True for the migrants to select.
            at_most: largest number, or a share of this set if it is a float up to 1.
            inplace: change this set instead of making another.
            agent_type: a type that :class:`Migrant` must be a subclass of.
            columns: values by name of column.

        Returns:
            The selection.
        """
        rows = self.rows
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(at_most * len(rows))
        if agent_type is not None and not issubclass(Migrant, agent_type):
            rows = rows[:0]
        for name, value in columns.items():
            rows = rows[self.model.migrants.rows[name][rows] == value]
        if filter_func is not None:
            rows = np.array([r for r in rows if filter_func(Migrant(self.model, int(r)))], int)
        return self._with(rows if at_most == np.inf else rows[: int(at_most)], inplace)

    def groupby(
        self, by: str | Callable[[Migrant], Any], result_type: str = "agentset"
    ) -> MigrantGroups:
        """Group the migrants by a column or by the result of a function.

        Args:
            by: name of a column, or a function of a view.
            result_type: "agentset" or "list".

        Returns:
            The groups by value.
        """
        values = self.get(by) if isinstance(by, str) else [by(view) for view in self]
        members: dict[Any, list[int]] = {}
        for row, value in zip(self.rows.tolist(), values, strict=True):
            members.setdefault(value, []).append(row)
        sets = {key: MigrantSet(self.model, np.array(rows)) for key, rows in members.items()}
        if result_type == "list":
            return MigrantGroups({key: part.to_list() for key, part in sets.items()})
        return MigrantGroups(dict(sets))

    def active(self) -> MigrantSet:
        """Return the migrants with a further action."""
        rows = self.rows
        return MigrantSet(self.model, rows[self.model.migrants.due[rows] != NEVER])

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method or a function for every view.

        Args:
            method: name of a method of the view, or a function of the view.
            args, kwargs: further arguments.

        Returns:
            The results.
        """
        if isinstance(method, str):
            return [getattr(view, method)(*args, **kwargs) for view in self]
        return [method(view, *args, **kwargs) for view in self]

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> MigrantSet:
        """Call a method or a function for every view.

        Args:
            method: name of a method of the view, or a function of the view.
            args, kwargs: further arguments.

        Returns:
            This set.
        """
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, **kwargs: Any) -> MigrantSet:
        """Call a method or a function for every view, in random order.

        Args:
            method: name of a method of the view, or a function of the view.
            args, kwargs: further arguments.

        Returns:
            This set.
        """
        self.shuffle().do(method, *args, **kwargs)
        return self

    def shuffle(self, inplace: bool = False) -> MigrantSet:
        """Return the set in random order, or shuffle it in place."""
        order = list(self.rows)
        self.random.shuffle(order)
        return self._with(np.array(order, dtype=int), inplace)

    def sort(
        self, key: str | Callable[[Migrant], Any], ascending: bool = False, inplace: bool = False
    ) -> MigrantSet:
        """Sort the set by a column or by a function.

        Args:
            key: name of a column, or a function of a view.
            ascending: smallest first.
            inplace: change this set instead of making another.

        Returns:
            The sorted set.
        """
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
        """Return the migrants in both sets."""
        return self._with(self.rows[np.isin(self.rows, _rows_of(other))], False)

    def __or__(self, other: Iterable[Any]) -> MigrantSet:
        """Return the migrants in either set."""
        more = _rows_of(other)
        return self._with(np.concatenate([self.rows, more[~np.isin(more, self.rows)]]), False)

    def __sub__(self, other: Iterable[Any]) -> MigrantSet:
        """Return the migrants in this set and not in the other."""
        return self._with(self.rows[~np.isin(self.rows, _rows_of(other))], False)

    def add(self, agent: Any) -> None:
        """Raise TypeError: only the day loop adds migrants."""
        raise TypeError("migrants are generated by the supply of the scenario, not by add()")

    def discard(self, agent: Any) -> None:
        """Call :meth:`remove`; do nothing if the agent is not in the set."""
        with contextlib.suppress(KeyError):
            self.remove(agent)

    def remove(self, agent: Any) -> None:
        """Raise KeyError if the agent is not in the set, else TypeError: rows cannot be removed."""
        if agent not in self:
            raise KeyError(agent)
        raise TypeError("a migrant is a row of model.migrants and cannot be removed")

    def pop(self) -> Any:
        """Raise TypeError: rows cannot be removed."""
        raise TypeError("a migrant is a row of model.migrants and cannot be removed")

    clear = pop


def _rows_of(people: Iterable[Any]) -> np.ndarray:
    """Return the row indices of a set of migrants or of any views."""
    if isinstance(people, MigrantSet):
        return people.rows
    return np.array([view.row for view in people], dtype=int)
