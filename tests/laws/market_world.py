"""A market in a minimal environment that is the same every week, except for a test's change."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.plans import Beliefs
from agents.smugglers import Market, SmugglerParams
from agents.smugglers.market import found_first_organisations
from tests.unit.agents.conftest import SmallEnvironment

GROUP = np.repeat([0, 1], 6)
CLIENTS = (1_200, 450)  # clients per week and organisation, by group
YEAR = 52


class World:
    """A market after a warm-up of equal weeks."""

    def __init__(self, *, warm: int = 110, **params: Any) -> None:
        self.environment = SmallEnvironment(recording=False)
        smugglers = SmugglerParams(**{"adaptive_entry": False, "decapitation": 0.0} | params)
        told = np.zeros((SLOTS, 2, 3), np.int64)
        self.market = Market(
            self.environment,
            smugglers,
            Beliefs(told, 500.0, 90.0),
            origin_group=GROUP,
            origin_place=np.zeros(12, int),
            gates=np.array([1, 2]),
            gate_share=np.full((2, 2), 0.5),
            km=np.array([1_200.0, 2_600.0]),
        )
        found_first_organisations(self.market)
        self.opening = int(self.market.book["cash"].sum())
        self.live(warm)
        self.environment.recording = True

    def live(self, weeks: int, *, clients: float = 1.0) -> World:
        """Simulate weeks; `clients` is a factor on the baseline number of clients."""
        book = self.market.book
        for _ in range(weeks):
            self.environment.today += 7
            for slot, agent in self.market.agents.items():
                g = agent.group
                n = round(CLIENTS[g] * clients)
                paid = n * int(book["price"][slot, g])
                book["clients"][slot, g], book["cash"][slot] = n, book["cash"][slot] + paid
                self.environment.pay(Account.MIGRANTS, Account.ORGANISATIONS, paid)
            self.market.review(np.full((SLOTS, 2), 0.45), np.array([0, 1]), port_risk=0.15)
        return self
