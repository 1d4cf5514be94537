"""Capacity of the organisations: the clients that their cells can serve.

The load of an organisation is its clients per cell at work with people, relative to the warm-up.
Above its capacity, an organisation works with casual guides and hired vehicles: an attempt costs
more, clients wait longer at the staging place, and guides avoid a smaller share of the hazard.
Without a baseline every load is 1. With `capacity_response` 0 no load is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.migrants.columns import SLOTS
from agents.smugglers.baseline import YEAR, ratio_to_level

if TYPE_CHECKING:
    from agents.smugglers.smuggler_params import SmugglerParams

OWN_WEEKS = 26  # weeks of the warm-up that give an organisation its own baseline
CLIENT_WEEKS = 8.0  # weeks over which the clients of an organisation are averaged (1/e)
LEAST_CELLS = 0.5  # an organisation without cells serves as many clients as half a cell
MOST_OVERLOAD = 4.0  # load over capacity up to which price, delay and quality respond
SURCHARGE_BOUND = 1_000.0  # $ per contract; an organisation without clients has no finite cost


class Capacity:
    """Load of the organisations and what follows from it, by slot, shape (slots,).

    Attributes:
        response: strength of the mechanism; 0 switches it off.
        clients: persons who sign a contract per week, smoothed; NaN before the first week.
        weeks: clients, cells at work with people and standing cost, $, of the last year of the
            warm-up, shape (3, weeks, slots); NaN without an organisation; empty afterwards.
        usual: baselines of clients per cell at work with people, and of the standing cost per
            client, $, shape (2, slots); NaN without an own baseline.
        by_group: the same for organisations without one, shape (2, groups); None in the warm-up.
        load: clients per cell at work with people as a ratio to the baseline.
        overload: load over capacity, from 1 to MOST_OVERLOAD.
        cost: factor on the cost of transport.
        surcharge: $ that the change of the standing cost per client adds to the price target.
    """

    def __init__(self, params: SmugglerParams) -> None:
        """Create the capacity of a market without organisations."""
        self.params, self.response = params, params.capacity_response
        self.clients = np.full(SLOTS, np.nan)
        self.weeks, self.past = np.full((3, YEAR, SLOTS), np.nan), 0
        self.usual = np.full((2, SLOTS), np.nan)
        self.by_group: np.ndarray | None = None
        self.load, self.overload, self.cost = np.ones((3, SLOTS))
        self.surcharge = np.zeros(SLOTS)

    def reset(self, slot: int) -> None:
        """Clear the data of a former organisation in a slot."""
        self.clients[slot] = self.weeks[:, :, slot] = self.usual[:, slot] = np.nan
        self.load[slot] = self.overload[slot] = self.cost[slot] = 1.0
        self.surcharge[slot] = 0.0

    def update(
        self,
        slots: np.ndarray,
        group: np.ndarray,
        signed: np.ndarray,
        at_work: np.ndarray,
        standing: np.ndarray,
        *,
        warm_up: bool,
    ) -> None:
        """Update the loads with the figures of a week; the warm-up sets the baseline.

        The load uses today's cells and the average of clients, so that a cell that is replaced in
        the week of its loss does not change it.

        Args:
            slots, group: organisations and the group that each serves, shape (n,).
            signed: persons who signed a contract, shape (n,).
            at_work: cells multiplied by the share of people in their mix, shape (n,).
            standing: standing cost of the week, $, shape (n,).
            warm_up: whether the week belongs to the warm-up.
        """
        before = self.clients[slots]
        mean = np.where(np.isnan(before), signed, before + (signed - before) / CLIENT_WEEKS)
        self.clients[slots] = mean
        at_work = np.maximum(at_work, LEAST_CELLS)
        if warm_up:
            self.weeks[:, self.past % YEAR] = np.nan
            self.weeks[:, self.past % YEAR, slots] = signed, at_work, standing
            self.past += 1
            return
        by_group = self._settle(slots, group) if self.by_group is None else self.by_group
        own = self.usual[:, slots]
        usual = np.where(np.isnan(own), by_group[:, group], own)
        self._respond(slots, mean / at_work, standing / np.maximum(mean, 1.0), usual)

    def _settle(self, slots: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Set the baselines at the end of the warm-up; return those by group, 0 without a week."""
        there = (~np.isnan(self.weeks[0])).sum(axis=0)
        clients, at_work, standing = np.nansum(self.weeks, axis=1)
        sums = [np.bincount(group, row[slots], 2) for row in (clients, at_work, standing)]
        self.by_group = by_group = np.stack([_ratio(sums[0], sums[1]), _ratio(sums[2], sums[0])])
        own = np.stack([_ratio(clients, at_work), _ratio(standing, clients)])
        self.usual = np.where(there >= min(OWN_WEEKS, self.past), own, np.nan)
        self.weeks = np.empty((3, 0, SLOTS))
        return by_group

    def _respond(
        self, slots: np.ndarray, per_cell: np.ndarray, per_client: np.ndarray, usual: np.ndarray
    ) -> None:
        """Set loads, cost factors and surcharges from figures and baselines of the week."""
        p = self.params
        self.load[slots] = load = ratio_to_level(per_cell, usual[0])
        over = np.minimum(np.maximum(load / (1.0 + p.capacity_slack), 1.0), MOST_OVERLOAD)
        self.overload[slots] = over
        self.cost[slots] = over ** (p.overload_cost * self.response)
        more = usual[1] * (ratio_to_level(per_client, usual[1]) - 1.0)
        passed = np.maximum(p.pass_through * self.response * more, -SURCHARGE_BOUND)
        self.surcharge[slots] = np.minimum(passed, SURCHARGE_BOUND)

    def delay(self, slots: np.ndarray) -> np.ndarray:
        """Return the days by which the longest wait at the staging place rises, shape (n,)."""
        return self.params.overload_delay * self.response * (self.overload[slots] - 1.0)

    def quality(self, slots: np.ndarray) -> np.ndarray:
        """Return the share of a hazard that guides avoid, shape (n,)."""
        fall = self.overload[slots] ** (-self.params.overload_quality * self.response)
        return self.params.quality * fall


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide two sums; 0 where the second is 0."""
    return np.where(below > 0.0, above / np.where(below > 0.0, below, 1.0), 0.0)
