"""Two engines for the migrants with the same results: compiled columns and plain agents.

All other parts of the model are the same under both engines. The default, `engine="columns"`,
stores migrants as rows. `engine="objects"` stores each migrant as a Mesa agent and runs without
compiled code for people. It is practical up to about 20,000 people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agents.migrants.columns import NEVER, empty_rows
from agents.migrants.kernels import CandidateBatch, act_due, close_gaps, generate_candidates
from agents.param import SettingError
from agents.plain.migrant import MigrantAgent
from agents.plain.population import MigrantObjects
from agents.plain.population import generate_candidates as generate_agents
from agents.plain.surroundings import Surroundings

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario
    from abm.supply import Supply

#: Maximum number of candidates per year that the plain engine accepts. About a third of them leave.
MOST_CANDIDATES = 60_000
_YEAR = 365


class MigrantTable:
    """Table of migrants with spare capacity. The first `count` rows are in use.

    If the table is full, the rows are copied to a larger table. :meth:`compact` drops rows without
    further actions, so that the size does not grow with the length of the run.

    Attributes:
        rows: one record per migrant, shape (capacity,), dtype :data:`PERSON`.
        due: clock day of each row's next action, NEVER if none follows, shape (capacity,).
        count: number of rows in use.
        version: number of times that rows have moved to other positions.
        views: Mesa agents that present rows, by uid, created on request.
    """

    def __init__(self, capacity: int = 4_096) -> None:
        """Reserve space for `capacity` rows."""
        self.rows = empty_rows(capacity)
        self.due = np.full(capacity, NEVER, np.int32)
        self.count = 0
        self.version = 0
        self.views: dict[int, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return a copy that holds the rows in use and no spare capacity."""
        due = self.due[: self.count].copy()
        return {"rows": self.live.copy(), "due": due, "version": self.version}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the rows, aligned to cache lines."""
        self.rows, self.due, self.count, self.views = empty_rows(0), np.empty(0, np.int32), 0, {}
        rows = state["rows"]
        self.reserve(rows.size)
        self.rows[: rows.size], self.due[: rows.size] = rows, state["due"]
        self.count, self.version = rows.size, state["version"]

    @property
    def active(self) -> int:
        """Return the number of rows with further actions."""
        return int(np.count_nonzero(self.due[: self.count] != NEVER))

    def reserve(self, more: int) -> None:
        """Make space for `more` additional rows."""
        need = self.count + more
        if need > self.due.size:
            size = max(need, 8 * self.due.size)  # Unused rows take no memory, but copying does.
            rows, due = empty_rows(size), np.empty(size, np.int32)
            rows[: self.count], due[: self.count] = self.live, self.due[: self.count]
            self.rows, self.due = rows, due

    def compact(self) -> int:
        """Drop rows without further actions, keep the order, and return the number dropped."""
        count = close_gaps(self.rows, self.due, self.count)
        dropped = self.count - count
        if dropped:
            self.count, self.version = count, self.version + 1
            uids = self.live["uid"].tolist() if self.views else []
            self.views = {uid: self.views[uid] for uid in uids if uid in self.views}
        return dropped

    @property
    def live(self) -> np.ndarray:
        """Return the rows in use, shape (count,), dtype :data:`PERSON`."""
        return self.rows[: self.count]

    def release_clients(self, slot: int) -> None:
        """Release the clients of a dissolved organisation. They continue alone.

        Args:
            slot: the organisation's slot.
        """
        rows = self.live
        clients = np.flatnonzero(rows["org"] == slot)
        origin = rows["origin"][clients].astype(int)
        solo_route = origin * 4 + rows["surrender"][clients] * 2 + rows["informed"][clients]
        rows["org"][clients], rows["tries_left"][clients] = -1, 0
        rows["mode"][clients], rows["route"][clients] = 0, solo_route

    def forget_apprehensions(self) -> None:
        """Clear past apprehensions, so that each person's next apprehension counts as the first."""
        self.live["caught_year"], self.live["caught_in_year"] = 0, 0


def has_objects(model: BorderModel) -> bool:
    """Return whether the migrants of a model are agents instead of rows."""
    return model.settings.engine == "objects"


def population(model: BorderModel) -> MigrantTable | MigrantObjects:
    """Return an empty population for the model's engine.

    Args:
        model: a model whose supply is built.

    Returns:
        A table of columns, or an agent population.

    Raises:
        SettingError: the supply exceeds what the plain engine can simulate.
    """
    if not has_objects(model):
        return MigrantTable()
    check_size(model.settings, model.supply)
    return MigrantObjects(model)


def check_size(scenario: Scenario, supply: Supply) -> None:
    """Raise SettingError if the supply exceeds what the plain engine can simulate.

    Args:
        scenario: a scenario with `engine="objects"`.
        supply: supply under this scenario.
    """
    start, scale = scenario.start, scenario.scale
    persons = float(np.sum(supply.envelope_rates(start) * supply.keep(start.year)))
    candidates = persons * _YEAR
    if candidates <= MOST_CANDIDATES * scale:
        return
    reason = (
        f"the plain engine is for at most about 20,000 people, and at scale {scale} some "
        f"{candidates / scale:,.0f} simulated people a year decide whether to leave (at most "
        f"{MOST_CANDIDATES:,}, of whom a third leave)"
    )
    lowest_scale = int(candidates // MOST_CANDIDATES) + 1
    hint = f"Use engine=columns, or scale={lowest_scale} or more."
    raise SettingError("engine", reason, hint)


def generate(
    model: BorderModel,
    date: int,
    rates: np.ndarray,
    keep: np.ndarray,
    early: np.ndarray,
    is_early: int,
) -> None:
    """Generate the candidates of a date who decide today, and draw their decisions.

    Args:
        model: the model, to which the function adds migrants.
        date: ordinal date to which the candidates belong.
        rates: candidates a day before thinning, in rows or agents, by stratum.
        keep: share of candidates that remains after thinning, by stratum.
        early: candidates who decide before a deadline, see
            :class:`abm.early_departures.EarlyDepartures`. Updated if `is_early` is 1.
        is_early: 1 to generate candidates who decide before a deadline, 0 for all others.
    """
    people, recorded, strata = model.migrants, int(model.recording), model.supply.strata
    batch = CandidateBatch(date, recorded, model.weight, strata, rates, keep, early, is_early)
    if isinstance(people, MigrantObjects):
        people.surroundings = _surroundings(model)
        generate_agents(model, batch)
        del people.surroundings
        return
    rest = people.count, *_records(model), model.seed
    while (n := generate_candidates(batch, model.clock, people.rows, people.due, *rest)) < 0:
        people.reserve(-n)
    people.count = n


def advance(model: BorderModel) -> None:
    """Perform all actions of migrants that are due today.

    Args:
        model: the model, whose migrants, legs and tallies the function updates.
    """
    people = model.migrants
    if isinstance(people, MigrantObjects):
        people.surroundings = _surroundings(model)
        model.register_of(MigrantAgent).do("step")
        del people.surroundings
        return
    act_due(model.clock, people.count, people.rows, people.due, *_records(model), model.seed)


def _records(model: BorderModel) -> tuple[np.ndarray, ...]:
    """Return the records that both kernels use: legs, market, parameters and daily tallies."""
    return (
        model.network.leg_state.records,
        model.market.books,
        model.kernel_params,
        model.ledger.day_tallies,
    )


def _surroundings(model: BorderModel) -> Surroundings:
    """Return the part of the model's state that the migrant agents read and write today."""
    return Surroundings(model.clock, model.seed, model.network.leg_state, *_records(model)[1:])
