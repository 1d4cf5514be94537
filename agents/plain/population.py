"""The migrants of a run as agents, with the interface of the table of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.migrants.columns import NEVER, PERSON, empty_rows
from agents.outcomes import Consequence, Group, Kind, Mode, Status
from agents.plain.migrant import MigrantAgent
from agents.plain.surroundings import Surroundings

_CODES: dict[str, type[Any]] = {
    "group": Group,
    "kind": Kind,
    "mode": Mode,
    "status": Status,
    "consequence": Consequence,
}
_NAMES = PERSON.names or ()


class MigrantObjects:
    """The agents of class :class:`MigrantAgent`, in the order in which they were generated.

    Attributes:
        surroundings: legs, market, parameters and totals of today.
        version: increases when agents leave.
    """

    surroundings: Surroundings

    def __init__(self, model: Any) -> None:
        """Start without migrants.

        Args:
            model: the model.
        """
        self._model: Any = model
        self._rows = empty_rows(0)
        self.version = 0

    def __getstate__(self) -> dict[str, Any]:
        """Return the migrants as rows."""
        return {"rows": self.live, "version": self.version}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Keep the rows until :meth:`join` makes agents of them."""
        self._model, self._rows, self.version = None, state["rows"], state["version"]

    def join(self, model: Any) -> None:
        """Make an agent of every stored row, in a model that is being restored.

        Args:
            model: the model.
        """
        self._model, rows, self._rows = model, self._rows, empty_rows(0)
        columns = {name: rows[name].tolist() for name in _NAMES}
        columns |= {name: list(map(code, columns[name])) for name, code in _CODES.items()}
        kind = model.class_of(MigrantAgent)
        for values in zip(*columns.values(), strict=True):
            given = dict(zip(columns, values, strict=True))
            person = kind(model, given.pop("uid"))
            for name, value in given.items():
                setattr(person, name, value)

    @property
    def agents(self) -> list[MigrantAgent]:
        """All migrants, also those with a final status that have not left yet."""
        return list(self._model.agents_of(MigrantAgent))

    @property
    def count(self) -> int:
        """Number of migrants."""
        return len(self._model.agents_of(MigrantAgent))

    @property
    def live(self) -> np.ndarray:
        """The migrants as rows of the table of columns, shape (count,); a copy."""
        agents = self.agents
        rows = empty_rows(len(agents))
        for name in _NAMES:
            rows[name] = [getattr(person, name) for person in agents]
        return rows

    @property
    def rows(self) -> np.ndarray:
        """The same as `live`."""
        return self.live

    @property
    def due(self) -> np.ndarray:
        """Day of the next action of every migrant, shape (count,); a copy."""
        return np.array([int(person.clock) for person in self.agents], np.int32)

    @property
    def active(self) -> int:
        """Number of migrants with further actions."""
        return sum(person.clock != NEVER for person in self.agents)

    def compact(self) -> int:
        """Remove the migrants without further actions; return their number."""
        leaving = [person for person in self.agents if person.clock == NEVER]
        for person in leaving:
            person.remove()
        self.version += bool(leaving)
        return len(leaving)

    def release_clients(self, slot: int) -> None:
        """Release the clients of a dissolved organisation; they continue alone.

        Args:
            slot: slot of the organisation.
        """
        for person in self.agents:
            if person.org == slot:
                person.lose_organisation()

    def forget_apprehensions(self) -> None:
        """Reset the counts of apprehensions by person."""
        for person in self.agents:
            person.caught_year = person.caught_in_year = 0
