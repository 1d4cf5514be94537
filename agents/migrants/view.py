"""Migrants as Mesa agents: a view is made when somebody looks at a row.

A view stays with its person: rows move when the table is cleared of those who are through, so a
person is found again by uid. Views cost nothing until asked for and are for looking; the day loop
is what moves people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mesa import Agent

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
        self.model, self._row = model, row
        self.unique_id = int(self.table.rows["uid"][row])

    @property
    def table(self) -> Any:
        """The table that holds the row."""
        return self.model.migrants

    @property
    def row(self) -> int:
        """The row where the person is now; LookupError once they are through and cleared."""
        uids = self.table.live["uid"]
        if self._row >= uids.size or uids[self._row] != self.unique_id:
            found = np.flatnonzero(uids == self.unique_id)
            if not found.size:
                raise LookupError(f"migrant {self.unique_id} is through and has no row any more")
            self._row = int(found[0])
        return self._row

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
