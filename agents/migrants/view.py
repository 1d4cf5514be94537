"""Migrants as Mesa agents: a view is made when somebody looks at a row.

`model.agents_by_type[Migrant]` is a set over row numbers. Views are compared by uid, cost nothing
until asked for, and are only for looking: the day loop is what moves people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from mesa import Agent
from mesa.agentset import AbstractAgentSet, AgentSet

from agents.migrants.columns import NEVER, PERSON
from agents.outcomes import Consequence, Group, Kind, Mode, Status


class Column:
    """A column of the table, read and written as an attribute of a view."""

    def __init__(self, name: str, decode: Callable[[Any], Any] | None = None) -> None:
        """`decode` turns the stored code into a word."""
        self.name, self.decode = name, decode

    def __get__(self, view: Migrant | None, owner: type | None = None) -> Any:
        """The value in the row of the view."""
        if view is None:
            return self
        value = view.table.rows[self.name][view.row].item()
        return self.decode(value) if self.decode else value

    def __set__(self, view: Migrant, value: Any) -> None:
        """Write into the row of the view."""
        view.table.rows[self.name][view.row] = value


class Migrant(Agent):
    """One row of the table of migrants, seen as a Mesa agent."""

    uid, weight, wealth, debt = Column("uid"), Column("weight"), Column("wealth"), Column("debt")
    knowledge, origin, place = Column("knowledge"), Column("origin"), Column("place")
    leg, org, trips = Column("leg"), Column("org"), Column("trips")
    line_tries, caught, cohort = Column("line_tries"), Column("caught"), Column("cohort")
    group, kind = Column("group", Group), Column("kind", Kind)
    mode, status = Column("mode", Mode), Column("status", Status)
    consequence = Column("consequence", Consequence)

    def __init__(self, model: Any, row: int) -> None:
        """Look at `row`; the model's register of agents is not touched."""
        # Agent.__init__ would register the view, and a million views are not wanted
        self.model = model
        self.row = row
        self.unique_id = int(self.table.rows["uid"][row])

    @property
    def table(self) -> Any:
        """The table that holds the row."""
        return self.model.migrants

    @property
    def cell(self) -> Any:
        """The cell of the last place reached."""
        return self.model.cell_of(self.place)

    def __eq__(self, other: object) -> bool:
        """Two views of the same person are equal."""
        return isinstance(other, Migrant) and other.unique_id == self.unique_id

    def __hash__(self) -> int:
        """By uid."""
        return hash(self.unique_id)

    def __repr__(self) -> str:
        """Who and where."""
        where = self.model.world.place_ids[self.place]
        what = f"{self.kind.name.lower()} {self.status.name.lower()}"
        return f"<Migrant {self.unique_id} {what} at {where}>"

    def remove(self) -> None:
        """A view cannot be removed: the person stays in the table."""
        raise TypeError("a migrant is a row of model.migrants and cannot be removed through a view")


class MigrantSet(AbstractAgentSet):
    """All migrants with a row, or those of a selection, as a Mesa agent set."""

    def __init__(self, model: Any, rows: np.ndarray | None = None) -> None:
        """All rows in use, unless `rows` selects some."""
        self.model, self._rows = model, rows
        self.random = model.random

    @property
    def rows(self) -> np.ndarray:
        """Row numbers of the set."""
        if self._rows is None:
            return np.arange(self.model.migrants.count)
        return self._rows

    def __len__(self) -> int:
        """Number of rows."""
        return self.model.migrants.count if self._rows is None else len(self._rows)

    def __iter__(self) -> Iterator[Migrant]:
        """Views, made one at a time."""
        return (Migrant(self.model, int(row)) for row in self.rows)

    def __getitem__(self, item: int) -> Migrant:
        """The view at a position."""
        return Migrant(self.model, int(self.rows[item]))

    def __contains__(self, agent: object) -> bool:
        """Whether a person has a row in the set."""
        if not isinstance(agent, Migrant):
            return False
        return bool((self.column("uid") == agent.unique_id).any())

    def column(self, name: str) -> np.ndarray:
        """A column of the set as an array: the quick way to look at many."""
        return self.model.migrants.rows[name][self.rows]

    def get(self, attr_names: str | list[str], handle_missing: str = "error",
            default_value: Any = None) -> list[Any]:
        """Values of one or several attributes."""
        if isinstance(attr_names, list):
            return [list(row) for row in zip(*(self.get(n) for n in attr_names), strict=True)]
        if attr_names in (PERSON.names or ()):
            return self.column(attr_names).tolist()
        if handle_missing == "default":
            return [default_value] * len(self)
        return [getattr(view, attr_names) for view in self]

    def to_list(self) -> list[Migrant]:
        """All views at once; for small sets."""
        return list(self)

    def select(self, filter_func: Callable[[Migrant], bool] | None = None, at_most: float = np.inf,
               inplace: bool = False, agent_type: type | None = None, **columns: Any) -> MigrantSet:
        """Rows for which `filter_func` holds, or whose columns have the values given.

        `select(status=Status.TRAVELLING)` is quick; a function is asked for every view.
        """
        rows = self.rows
        for name, value in columns.items():
            rows = rows[self.model.migrants.rows[name][rows] == value]
        if filter_func is not None:
            rows = np.array([r for r in rows if filter_func(Migrant(self.model, int(r)))], int)
        limit = int(at_most * len(rows)) if isinstance(at_most, float) and at_most <= 1 else at_most
        rows = rows if limit == np.inf else rows[: int(limit)]
        if inplace:
            self._rows = rows
            return self
        return MigrantSet(self.model, rows)

    def groupby(self, by: str | Callable[[Migrant], Any], result_type: str = "agentset") -> Any:
        """Sets by value of a column or by the answer of a function."""
        values = self.get(by) if isinstance(by, str) else [by(view) for view in self]
        keys = dict.fromkeys(values)
        array = np.array(values)
        return {key: MigrantSet(self.model, self.rows[array == key]) for key in keys}

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

    def sort(self, key: str | Callable[[Migrant], Any], ascending: bool = False,
             inplace: bool = False) -> MigrantSet:
        """The set in the order of a column or of a function."""
        values = self.get(key) if isinstance(key, str) else [key(view) for view in self]
        order = np.argsort(np.array(values), kind="stable")
        return self._with(self.rows[order if ascending else order[::-1]], inplace)

    def _with(self, rows: np.ndarray, inplace: bool) -> MigrantSet:
        if inplace:
            self._rows = rows
            return self
        return MigrantSet(self.model, rows)

    def _update(self, agents: Iterable[Any]) -> AgentSet:
        return AgentSet(list(agents), random=self.random)

    def add(self, agent: Any) -> None:
        """People enter through the day, not through the set."""
        raise TypeError("migrants come up through the supply of the scenario, not by add()")

    def discard(self, agent: Any) -> None:
        """Views leave no trace in the table."""

    def remove(self, agent: Any) -> None:
        """People cannot be taken out through the set."""
        raise TypeError("a migrant is a row of model.migrants and cannot be removed")
