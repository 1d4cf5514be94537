"""Migrants for Mesa: sets of rows, and views of single rows, created on request.

A view follows its person. Rows change position when the table is compacted, so a view finds its row
by uid. The table keeps a view as long as its row exists, because Mesa's agent sets hold only weak
references. Views are for inspection only. The day loop moves the migrants.

`model.agents_by_type[Migrant]` is the set of all migrants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSet
from random import Random
from typing import Any

import numpy as np
from mesa import Agent
from mesa.agentset import AbstractAgentSet, GroupBy

from agents.environment import NotCreatedAlone, Selection, check_number, sealed
from agents.migrants.columns import PERSON
from agents.outcomes import Consequence, Group, Kind, Mode, Status
from agents.param import Param, nearest

#: Message: why a migrant cannot be removed from the model.
KEPT = (
    "a migrant cannot be removed, because persons are conserved: simulate fewer with "
    "supply_level, or change what they decide with agent_classes"
)
#: Message: why a migrant cannot be added to the model.
NOT_ADDED = (
    "cannot be added to a run, because supply generates migrants: set supply or supply_level in "
    "the scenario"
)


#: End of error messages about attributes that users cannot write.
HISTORY = (
    "it is counted in the ledger and belongs to the person's history, which only the simulated day "
    "writes; wealth, debt, knowledge and cell can be set"
)


_MAX_DOLLARS = int(np.iinfo(PERSON["wealth"]).max)
DOLLARS = Param(value=0, unit="$", low=0, high=_MAX_DOLLARS, doc="Whole dollars of a person.")
SHARE = Param(value=0.0, unit="share", low=0.0, high=1.0, doc="Share of community knowledge.")
#: Statuses of people who make their next decision where they are.
_MOVABLE = (Status.RETURNED, Status.DEFERRED, Status.APPLIED, Status.WAITS_IN_MEXICO)


def check_move(model: Any, status: Status, cell: Any) -> None:
    """Raise ValueError unless a user may move the person to the cell.

    Only people at rest (`_MOVABLE`) can be moved, and only to a cell outside the United States from
    which a leg leads on.
    """
    if status not in _MOVABLE:
        names = ", ".join(each.name for each in _MOVABLE)
        raise ValueError(f"a {status.name} person cannot be moved: move people who are {names}")
    place, starts = getattr(cell, "coordinate", -1), model.network.leg_state.out_start
    if cell is not model.cell_of(place) or model.world.country[place] == "US":
        raise ValueError("a person can be moved to a cell of this model outside the United States")
    if starts[place] == starts[place + 1]:
        raise ValueError(f"a person cannot be moved to {cell.id}, from which no leg leads on")


class Column:
    """Descriptor for a table column that users can read and only the simulated day writes."""

    def __init__(self, decode: Callable[[Any], Any] | None = None) -> None:
        """Describe a column.

        Args:
            decode: function that converts the stored code. None returns the code.
        """
        self.decode = decode

    def __set_name__(self, owner: type, name: str) -> None:
        """Store the column's name."""
        self.name = name

    def __get__(self, view: Migrant | None, owner: type | None = None) -> Any:
        """Return the value in the view's row.

        Args:
            view: the view. None returns the descriptor.
            owner: class of the view.

        Returns:
            The decoded value.
        """
        if view is None:
            return self
        value = view.table.rows[self.name][view.row].item()
        return self.decode(value) if self.decode else value

    def __set__(self, view: Migrant, value: Any) -> None:
        """Raise AttributeError, because users cannot write the column."""
        raise AttributeError(f"{self.name} of a migrant cannot be set: {HISTORY}")


class Writable(Column):
    """Descriptor for a column that users can write. Households pay or receive the difference."""

    def __init__(self, bounds: Param) -> None:
        """Describe a column whose values have bounds."""
        super().__init__()
        self.bounds = bounds

    def __set__(self, view: Migrant, value: Any) -> None:
        """Write a value within the bounds, and post the change in net worth to the ledger."""
        value, before, row = check_number(self.name, self.bounds, value), view.net_worth, view.row
        view.table.rows[self.name][row] = value
        view.model.ledger.settle_accounts(before - view.net_worth)


class RowDropped(LookupError, AttributeError):
    """Raised by a view whose row has been dropped.

    It is also an AttributeError, so that Mesa's `set` and `select` skip the view.
    """


class Migrant(NotCreatedAlone, Agent):
    """One row in the table of migrants, as a Mesa agent."""

    _row: int
    _instead_of_adding = NOT_ADDED
    uid, weight, cohort = Column(), Column(), Column()
    wealth, debt, knowledge = Writable(DOLLARS), Writable(DOLLARS), Writable(SHARE)
    place = Column()
    origin, leg, org, trips = Column(), Column(), Column(), Column()
    line_tries, caught = Column(), Column()
    group, kind = Column(Group), Column(Kind)
    mode, status = Column(Mode), Column(Status)
    consequence = Column(Consequence)

    def __init__(self, model: Any, row: int) -> None:
        """Create a view, without adding it to the model's register of agents.

        Args:
            model: the model, with the table as `migrants`.
            row: index of the row.
        """
        # Agent.__init__ would register the view, which takes too long for a million views.
        unique_id = int(model.migrants.rows["uid"][row])
        vars(self).update(model=model, _row=row, unique_id=unique_id)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a column or the cell. A view has no other attributes."""
        if not hasattr(type(self), name):
            close = nearest(name, [public for public in dir(type(self)) if public[0] != "_"])
            hint = f"did you mean {close}?" if close else "a view has the columns of its row only"
            raise AttributeError(f'a migrant has no attribute "{name}" that can be set: {hint}')
        super().__setattr__(name, value)

    @property
    def table(self) -> Any:
        """Return the table that holds the row."""
        return self.model.migrants

    @property
    def row(self) -> int:
        """Return the row's present index. Raise RowDropped if the row has been dropped."""
        uids = self.table.live["uid"]
        if self._row >= uids.size or uids[self._row] != self.unique_id:
            positions = np.flatnonzero(uids == self.unique_id)
            if not positions.size:
                raise RowDropped(
                    f"migrant {self.unique_id} has a final status and its row has been dropped"
                )
            vars(self)["_row"] = int(positions[0])
        return self._row

    @property
    def net_worth(self) -> int:
        """Return wealth less debt in dollars, summed over all persons in the row."""
        return (self.wealth - self.debt) * self.weight

    @property
    def cell(self) -> Any:
        """Return the cell of the last place that the person reached."""
        return self.model.cell_of(self.place)

    @cell.setter
    def cell(self, cell: Any) -> None:
        check_move(self.model, self.status, cell)
        self.table.rows["place"][self.row] = cell.coordinate

    def __repr__(self) -> str:
        """Return the uid, kind, status and place."""
        where = self.model.world.place_ids[self.place]
        label = f"{self.kind.name.lower()} {self.status.name.lower()}"
        return f"<Migrant {self.unique_id} {label} at {where}>"

    def move_to(self, cell: Any) -> None:
        """Move the person to a cell, as Mesa's agents with a cell do.

        Args:
            cell: a cell of the same model, see :func:`check_move`.
        """
        self.cell = cell

    def remove(self) -> None:
        """Raise TypeError, because persons are conserved."""
        raise TypeError(KEPT)

    @property
    def current_action(self) -> None:
        """Return None, because a view performs no Mesa 4 action."""

    def start_action(self, action: Any) -> Any:
        """Raise NotImplementedError, because a view performs no Mesa 4 action."""
        raise NotImplementedError(
            "a view of a migrant performs no action: build BorderModel(engine='objects')"
        )


class MigrantSet(AbstractAgentSet):
    """All migrants with a row, or a selection of them, as a Mesa agent set.

    A selection follows its migrants, and loses migrants whose rows have been dropped.
    """

    def __init__(self, model: Any, rows: np.ndarray | None = None) -> None:
        """Create a set.

        Args:
            model: the model, with the table as `migrants`.
            rows: indices of the selected rows. None selects all rows in use.
        """
        self.model, self.random = model, model.random
        self._is_complete = rows is None
        self._choose(np.empty(0, int) if rows is None else np.asarray(rows, dtype=int))

    def _choose(self, rows: np.ndarray) -> None:
        table = self.model.migrants
        self._rows, self._version = rows, table.version
        self._uids = table.rows["uid"][rows].copy()

    @property
    def rows(self) -> np.ndarray:
        """Return the present row indices of all migrants in the set."""
        table = self.model.migrants
        if self._is_complete:
            return np.arange(table.count)
        if self._version != table.version:
            order = np.argsort(table.live["uid"], kind="stable")
            sorted_uids = table.live["uid"][order]
            places = np.minimum(np.searchsorted(sorted_uids, self._uids), max(0, order.size - 1))
            exists = sorted_uids[places] == self._uids if order.size else np.zeros(0, bool)
            self._choose(order[places[exists]] if order.size else np.empty(0, int))
        return self._rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.model.migrants.count if self._is_complete else len(self.rows)

    def __iter__(self) -> Iterator[Migrant]:
        """Iterate over views, which are created one at a time."""
        return map(self._view, self.rows.tolist())

    def _view(self, row: int) -> Migrant:
        """Return a row's view. It is the same object as long as the row exists."""
        table = self.model.migrants
        uid = int(table.rows["uid"][row])
        if uid not in table.views:
            table.views[uid] = Migrant(self.model, row)
        return table.views[uid]

    def __getitem__(self, item: int | slice) -> Any:
        """Return the view at a position, or a list of views for a slice."""
        rows = self.rows[item].tolist()
        return [self._view(row) for row in rows] if isinstance(item, slice) else self._view(rows)

    def __contains__(self, agent: object) -> bool:
        """Return whether a migrant has a row in the set."""
        if not isinstance(agent, Migrant):
            return False
        return bool((self.column("uid") == agent.unique_id).any())

    def column(self, name: str) -> np.ndarray:
        """Return a column of the set as a read-only array, without creating views."""
        return sealed(self.model.migrants.rows[name][self.rows])

    def get(
        self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None
    ) -> list[Any]:
        """Return attribute values of all migrants.

        Args:
            attr_names: name of an attribute, or a list of names.
            handle_missing: "error", or "default" to use `default_value`.
            default_value: value of a missing attribute.

        Returns:
            One value per migrant, or one list per migrant if `attr_names` is a list.
        """
        if isinstance(attr_names, list):
            parts = (self.get(n, handle_missing, default_value) for n in attr_names)
            return [list(row) for row in zip(*parts, strict=True)]
        if attr_names in (PERSON.names or ()):
            values = self.column(attr_names).tolist()
            decode = getattr(getattr(Migrant, attr_names, None), "decode", None)
            return [decode(code) for code in values] if decode else values
        if handle_missing == "default":
            return [getattr(view, attr_names, default_value) for view in self]
        return [getattr(view, attr_names) for view in self]

    def to_list(self) -> list[Migrant]:
        """Return all views as a list, which takes long for large sets."""
        return list(self)

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
            at_most: maximum number of migrants, or a share of this set if it is a float up to 1.
            inplace: change this set instead of creating another.
            agent_type: required base class of :class:`Migrant`.
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
            if name in (PERSON.names or ()):
                rows = rows[self.model.migrants.rows[name][rows] == value]
            else:
                values = MigrantSet(self.model, rows).get(name)
                rows = rows[[each == value for each in values]]
        if filter_func is not None:
            rows = np.array([r for r in rows.tolist() if filter_func(self._view(r))], int)
        return self._with(rows[: max(0, math.ceil(min(at_most, len(rows))))], inplace)

    def groupby(self, by: str | Callable[[Migrant], Any], result_type: str = "agentset") -> GroupBy:
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
        is_list = result_type == "list"
        return GroupBy({key: part.to_list() if is_list else part for key, part in sets.items()})

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
            ascending: whether the lowest value comes first.
            inplace: change this set instead of creating another.

        Returns:
            The sorted set.
        """
        values = self.get(key) if isinstance(key, str) else [key(view) for view in self]
        order = sorted(range(len(values)), key=values.__getitem__, reverse=not ascending)
        return self._with(self.rows[order], inplace)

    def _with(self, rows: np.ndarray, inplace: bool) -> MigrantSet:
        if not inplace:
            return MigrantSet(self.model, rows)
        if self._is_complete:
            raise TypeError(
                "the set of all migrants cannot be changed in place: use the set that select, sort "
                "and shuffle return"
            )
        self._choose(np.asarray(rows, dtype=int))
        return self

    _from_iterable: Any = Selection
    _update: Any = Selection

    def __and__(self, other: Iterable[Any]) -> MigrantSet:
        """Return the migrants in both sets."""
        return self._with(self.rows[np.isin(self.rows, _rows_of(other))], False)

    def __sub__(self, other: Iterable[Any]) -> MigrantSet:
        """Return the migrants in this set and not in the other."""
        return self._with(self.rows[~np.isin(self.rows, _rows_of(other))], False)

    def add(self, agent: Any) -> None:
        """Raise TypeError, because only the day loop adds migrants."""
        raise TypeError("migrants are generated by the supply of the scenario, not by add()")

    def discard(self, agent: Any) -> None:
        """Raise TypeError if the agent is in the set, because rows cannot be removed."""
        if agent in self:
            raise TypeError(KEPT)

    remove: Any = MutableSet.remove  # calls discard


class ByType(Mapping[type[Any], Any]):
    """Read-only mapping from agent classes, and their aliases, to agents in Mesa's register."""

    def __init__(
        self, groups: Mapping[type[Any], Any], alias: Mapping[type[Any], type[Any]], random: Random
    ) -> None:
        """Create the mapping.

        Args:
            groups: agent sets by class.
            alias: for a class without a set, the class whose agents are returned.
            random: random numbers of the model.
        """
        self._groups, self._alias, self._random = groups, alias, random

    def __getitem__(self, kind: type[Any]) -> Any:
        """Return the agent set for a class, or for the class that an alias stands for."""
        group = self._groups.get(getattr(kind, "_former", None) or kind)
        if group is None:
            group = self._groups.get(self._alias[kind], ())
        return group if isinstance(group, MigrantSet) else Selection.show(group, self._random)

    def __iter__(self) -> Iterator[type[Any]]:
        """Iterate over the classes."""
        return iter(self._groups)

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self._groups)


def _rows_of(people: Iterable[Any]) -> np.ndarray:
    """Return the row indices of any views, or of a set of migrants."""
    if isinstance(people, MigrantSet):
        return people.rows
    return np.array([view.row for view in people if isinstance(view, Migrant)], dtype=int)
