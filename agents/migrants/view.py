"""Migrants as Mesa agents: views of single rows, made on request.

A view follows its person: rows change position when the table is compacted, so a view finds its row
by uid. Views are for inspection; the day loop moves the migrants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mesa import Agent

from agents.outcomes import Consequence, Group, Kind, Mode, Status


class Column:
    """Descriptor of a column of the table, read and written as an attribute of a view."""

    def __init__(self, name: str, decode: Callable[[Any], Any] | None = None) -> None:
        """Describe a column.

        Args:
            name: name of the column.
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
            found = np.flatnonzero(uids == self.unique_id)
            if not found.size:
                raise LookupError(
                    f"migrant {self.unique_id} has a final status and its row has been dropped"
                )
            self._row = int(found[0])
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
