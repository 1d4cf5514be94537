"""Migrants for Mesa: views of single rows, made on request, and sets of rows.

A view follows its person: rows change position when the table is compacted, so a view finds its row
by uid. Views are for inspection. The day loop moves the migrants.

`model.agents_by_type[Migrant]` is the set of all migrants.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, overload

import numpy as np
from mesa import Agent
from mesa.agentset import AbstractAgentSet, AgentSet, GroupBy

from agents.migrants.columns import NEVER, PERSON
from agents.outcomes import Consequence, Group, Kind, Mode, Status


class Column:
    """Descriptor of a column of the table, read and written as an attribute of a view."""

    def __init__(self, name: str, decode: Callable[[Any], Any] | None = None) -> None:
        """Describe a column.

        Args:
            name: column name.
            decode: converts the stored code; None returns it as is.
        """
        self.name, self.decode = name, decode

    def __get__(self, view: Migrant | None, owner: type | None = None) -> Any:
        """Return the value in the row of the view.

        Args:
            view: the view; None returns the descriptor.
            owner: class of the view.

        Returns:
            The decoded value.
        """
        if view is None:
            return self
        value = view.table.rows[self.name][view.row].item()
        return self.decode(value) if self.decode else value

    def __set__(self, view: Migrant, value: Any) -> None:
        """Write a value into the row of the view.

        Args:
            view: the view.
            value: value in the type of the column.
        """
        view.table.rows[self.name][view.row] = value


class Migrant(Agent):
    """One row of the table of migrants as a Mesa agent."""

    uid, weight, wealth, debt = Column("uid"), Column("weight"), Column("wealth"), Column("debt")
    knowledge, origin, place = Column("knowledge"), Column("origin"), Column("place")
    leg, org, trips = Column("leg"), Column("org"), Column("trips")
    line_tries, caught, cohort = Column("line_tries"), Column("caught"), Column("cohort")
    group, kind = Column("group", Group), Column("kind", Kind)
    mode, status = Column("mode", Mode), Column("status", Status)
    consequence = Column("consequence", Consequence)

    def __init__(self, model: Any, row: int) -> None:
        """Create a view, without adding it to the model's register of agents.

        Args:
            model: the model, with the table as `migrants`.
            row: index of the row.
        """
        # Agent.__init__ would register the view; that is too slow for a million views
        self.model, self._row = model, row
        self.unique_id = int(self.table.rows["uid"][row])

    @property
    def table(self) -> Any:
        """Return the table that holds the row."""
        return self.model.migrants

    @property
    def row(self) -> int:
        """Return the present index of the row; LookupError once the row has been dropped."""
        uids = self.table.live["uid"]
        if self._row >= uids.size or uids[self._row] != self.unique_id:
            positions = np.flatnonzero(uids == self.unique_id)
            if not positions.size:
                raise LookupError(
                    f"migrant {self.unique_id} has a final status and its row has been dropped"
                )
            self._row = int(positions[0])
        return self._row

    @property
    def cell(self) -> Any:
        """Return the cell of the last place reached."""
        return self.model.cell_of(self.place)

    def __eq__(self, other: object) -> bool:
        """Return whether both views show the same person."""
        return isinstance(other, Migrant) and other.unique_id == self.unique_id

    def __hash__(self) -> int:
        """Return the hash of the uid."""
        return hash(self.unique_id)

    def __repr__(self) -> str:
        """Return the uid, kind, status and place."""
        where = self.model.world.place_ids[self.place]
        what = f"{self.kind.name.lower()} {self.status.name.lower()}"
        return f"<Migrant {self.unique_id} {what} at {where}>"

    def remove(self) -> None:
        """Raise TypeError: the person stays in the table."""
        raise TypeError("a migrant is a row of model.migrants and cannot be removed through a view")


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
        """Return all views, for small sets."""
        return list(self)

    def views(self) -> list[Migrant]:
        """Return all views. They are made once a day and kept until the next call on a later day.

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

        `select(status=Status.TRAVELLING)` compares columns and is fast. A function is called for
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
            by: a column name, or a function of a view.
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
            key: a column name, or a function of a view.
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
