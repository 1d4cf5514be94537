"""The market: all organisations and their weekly review.

An organisation sells contracts of up to three attempts, keeps cells at staging places, learns the
risk of legs from its clients, plans their routes, and carries drugs where they are more profitable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.smugglers import cells, lifecycle, pricing, products
from agents.smugglers.state import MEMORY, MarketState
from agents.smugglers.week import (
    WeekSummary,
    pay_operating_costs,
    update_ratios,
    update_reputation,
)

if TYPE_CHECKING:
    from agents.beliefs import Beliefs
    from agents.environment import Environment
    from agents.smugglers.organisation import Organisation
    from agents.smugglers.smuggler_params import SmugglerParams, TradeParams


class Market(MarketState):
    """All organisations of a run; the attributes are those of `MarketState`."""

    def __init__(
        self,
        environment: Environment,
        params: SmugglerParams,
        beliefs: Beliefs,
        *,
        origin_group: np.ndarray,
        origin_place: np.ndarray,
        gates: np.ndarray,
        gate_share: np.ndarray,
        km: np.ndarray,
        trade: TradeParams | None = None,
    ) -> None:
        """Create the market and found its first organisations.

        Args:
            environment: the model as agents see it.
            params: parameters of the organisations.
            beliefs: beliefs of the organisations, one row per slot.
            origin_group, origin_place: group and place by community.
            gates: staging places from which migrants try the line.
            gate_share: base-year crossings by group and gate, shape (2, gates), rows with sum 1.
            km: mean distance to the line by group.
            trade: parameters of the two products; defaults if None.
        """
        super().__init__(
            environment,
            params,
            beliefs,
            origin_group=origin_group,
            origin_place=origin_place,
            gates=gates,
            gate_share=gate_share,
            km=km,
            trade=trade,
        )
        lifecycle.found_first_organisations(self)

    def found(self, group: int, territory: list[int], cash: float | None = None) -> int | None:
        """Found an organisation; see `agents.smugglers.lifecycle.found`.

        Args:
            group: group that it serves.
            territory: communities that it serves.
            cash: initial $; None for the capital of a newcomer.

        Returns:
            Its slot, or None if no slot is free or the territory is empty.
        """
        return lifecycle.found(self, group, territory, cash)

    def dissolve(self, slot: int, agent: Organisation) -> None:
        """Dissolve an organisation; see `agents.smugglers.lifecycle.dissolve`.

        Args:
            slot: its slot.
            agent: the organisation in that slot.
        """
        lifecycle.dissolve(self, slot, agent)

    def review(
        self,
        risk: np.ndarray,
        line_gate: np.ndarray,
        *,
        line_detection: np.ndarray | float | None = None,
        find_goods: np.ndarray | None = None,
        crossed: np.ndarray | None = None,
        port_risk: np.ndarray | float | None = None,
    ) -> None:
        """Run the weekly review: trade, prices, costs, reputation, cells, entry and exit.

        Args:
            risk: probability that an attempt fails, shape (slots, 2).
            line_gate: gate of each line leg, -1 elsewhere.
            line_detection: probability that a load of drugs is stopped between ports: a number,
                or an array of which the mean is taken; None closes the open-country route.
            find_goods: probability of detection of a hidden load at ports, shape (ports, 4).
            crossed: traffic through the ports, shape (ports, 4), in any unit; None: no ports.
            port_risk: probability of detection of a hidden person at ports, by group or one number.
        """
        self.reviews += 1
        if self.environment.recording and not self.baseline.settled:
            self.baseline.settle()
        week = WeekSummary.of(self, risk)
        self.contracts[self.reviews % MEMORY] = self.book["clients"].sum(axis=1)
        products.trade_week(self, week, line_detection, find_goods, crossed)
        income = pricing.set_prices(self, week)
        spent, added = pay_operating_costs(self, week)
        net = income - spent + self.trade.surplus[week.slots]
        self.profit[week.slots] += (net - self.profit[week.slots]) / MEMORY
        update_reputation(self, week)
        cells.move_cells(self, week, line_gate)
        self.reset_week(slice(None))
        people = update_ratios(self, week, income - added)
        products.adapt_mix(self, week, people)
        pricing.set_port_prices(self, port_risk)
        self._update_organisations()

    def _update_organisations(self) -> None:
        """Dismantle and replace cells, then apply exit, entry and decapitation."""
        self.dismantled += cells.dismantle_cells(self)
        cells.replace_cells(self)
        if self.params.adaptive_entry:
            lifecycle.dissolve_insolvent(self)
            lifecycle.found_entrants(self)
        self.struck = lifecycle.decapitate(self)

    def relocate(self) -> None:
        """Move relocating cells along the graph by a day."""
        for agent in self.agents.values():
            for cell in agent.cells:
                if cell.place != cell.target:
                    cell.advance_move()
