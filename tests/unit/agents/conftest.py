"""A small environment for forces and organisations, and hand-made records for kernels.

The environment is a chain of places: home - south - middle - two gates - ten crossings (c0..c9).
All crossings are in the United States. The west gate leads to c0..c4, the east gate to c5..c9.
A road connects each crossing with the next crossing.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mesa
import networkx as nx
import numpy as np
import pytest
from mesa.discrete_space import Network

from agents.agency_params import BorderPatrolParams, GendarmeParams
from agents.chance import KeyedRandom
from agents.consequences import ConsequenceParams
from agents.contest import ContestParams
from agents.environment import AgentRegister
from agents.kernel_params import build_kernel_params
from agents.labels import NATIONS
from agents.levers import Levers
from agents.migrants.columns import DAY_TALLIES, MARKET, LegState, empty_rows
from agents.migrants.migrant_params import MigrantParams
from agents.migrants.prospects import N_EXPECTED
from agents.outcomes import N_ACCOUNTS
from agents.routing import RouteParams
from agents.smugglers import SmugglerParams

HOME, SOUTH, MIDDLE, WEST, EAST = range(5)
NAMES = ("home", "south", "middle", "west_gate", "east_gate", *(f"c{k}" for k in range(10)))
COUNTRY = ("GT", "MX", "MX", "MX", "MX", *("US",) * 10)
WAYS = [
    ("home", "south", 1.0),
    ("south", "middle", 2.5),
    ("middle", "west_gate", 1.5),
    ("middle", "east_gate", 3.0),
    *(("west_gate", f"c{k}", 0.5) for k in range(5)),
    *(("east_gate", f"c{k}", 0.7) for k in range(5, 10)),
    *((f"c{k}", f"c{k + 1}", 0.4) for k in range(9)),
]
GROUPS = {
    "migrants": MigrantParams,
    "routes": RouteParams,
    "smugglers": SmugglerParams,
    "border_patrol": BorderPatrolParams,
    "mexico": GendarmeParams,
    "contest": ContestParams,
    "consequences": ConsequenceParams,
}


def _settings(**groups: dict[str, Any]) -> SimpleNamespace:
    settings = {name: make(**groups.pop(name, {})) for name, make in GROUPS.items()}
    assert not groups
    return SimpleNamespace(**settings)


class SmallEnvironment(AgentRegister, mesa.Model):
    """An Environment with fifteen places that counts payments but simulates no travel."""

    def __init__(self, *, recording: bool = True, seed: int = 1, **groups: dict[str, Any]) -> None:
        super().__init__(rng=seed)
        self.graph = nx.Graph()
        self.graph.add_nodes_from(NAMES)
        self.graph.add_weighted_edges_from(WAYS, weight="days")
        places = nx.relabel_nodes(self.graph, {name: k for k, name in enumerate(NAMES)})
        self.space = Network(places, random=self.random, layout=None)
        self.settings = _settings(**groups)
        self.levers = Levers(sectors=9, places=len(NAMES), legs=20)
        self.world = SimpleNamespace(
            n_places=len(NAMES),
            place_ids=NAMES,
            country=COUNTRY,
            crossings=np.arange(5, 15),
            place_sector=np.array([-1] * 5 + [*range(9), 8]),
        )
        self.keyed_random = KeyedRandom(seed)
        self.today, self.recording = 735_000, recording
        self.balance = np.zeros(N_ACCOUNTS, np.int64)
        self.traffic = np.zeros(len(NAMES))
        self.lags: list[int] = []
        self.orphaned: list[int] = []

    def cell_of(self, place: int) -> Any:
        """Return the cell of a place."""
        return self.space[place]

    def days_between(self, a: int, b: int) -> float:
        """Return the length of the fastest path in days."""
        return nx.shortest_path_length(self.graph, NAMES[a], NAMES[b], weight="days")

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the fastest path within the country, and the leg's days."""
        inside = [name for name, c in zip(NAMES, COUNTRY, strict=True) if c == COUNTRY[place]]
        graph = self.graph.subgraph(inside)
        path = nx.shortest_path(graph, NAMES[place], NAMES[target], weight="days")
        step = NAMES.index(path[min(1, len(path) - 1)])
        return step, self.days_between(place, step)

    def traffic_into(self, lag: int) -> np.ndarray:
        """Return the traffic that the test has set."""
        self.lags.append(lag)
        return self.traffic

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move dollars from the payer's account to the payee's account."""
        self.balance[payer] -= dollars
        self.balance[payee] += dollars

    def release_clients(self, slot: int) -> None:
        """Record the slot whose clients continue alone."""
        self.orphaned.append(slot)


@pytest.fixture(scope="session")
def make_environment() -> Callable[..., SmallEnvironment]:
    """Return a function that builds an environment from groups of parameters.

    Keyword arguments name the groups, e.g. `contest={"eta": 0.3}`.
    """
    return SmallEnvironment


class KernelRecords:
    """Records of the day loop for one person, two communities and three places.

    Community 0 is Mexican and community 1 is not. Both are at place 0.
    """

    def __init__(self, **groups: dict[str, Any]) -> None:
        self.settings = _settings(**groups)
        self.rows = empty_rows(1)
        self.person = self.rows[0]
        self.market = np.zeros(1, MARKET)[0]
        self.day_tallies = np.zeros(1, DAY_TALLIES)[0]
        self.leg_state = LegState(places=3, legs=2, out=2, origins=2, expected=N_EXPECTED)
        self.first_guided = 8
        self.kernel_params = build_kernel_params(
            self.settings,
            np.zeros(2, int),
            np.array([NATIONS.index("MX"), NATIONS.index("GT")]),
            self.first_guided,
        )[0]
        for name in ("leg", "gate", "org"):
            self.person[name] = -1
        self.person["weight"] = 1

    def be(self, **traits: Any) -> "KernelRecords":
        """Set traits of the person."""
        for name, value in traits.items():
            self.person[name] = value
        return self

    def sell(
        self,
        slot: int,
        *,
        uid: int,
        price: float,
        serves: int = 3,
        reputation: float = 0.5,
        active: int = 1,
        **figures: Any,
    ) -> "KernelRecords":
        """Put an organisation that serves both communities into a slot."""
        figures |= {
            "uid": uid,
            "price": price,
            "serves": serves,
            "reputation": reputation,
            "active": active,
        }
        for name, value in figures.items():
            self.market[name][slot] = value
        self.market["top"] = max(int(self.market["top"]), slot + 1)
        return self

    @property
    def nation(self) -> int:
        """Return the person's row in tables by nation."""
        return int(self.kernel_params["nation"][self.person["origin"]])

    def one_attempt(self) -> "KernelRecords":
        """Switch off releases and further attempts, so that only the first arrival is a success."""
        for name in ("release_view", "release_base", "release_seen"):
            self.kernel_params[name] = 0.0
        for name in ("again_us", "again_mx", "again_us_base", "again_mx_base"):
            self.kernel_params[name] = 0.0
        return self

    def solo_row(self, informed: int) -> int:
        """Return the row of the route tables for the person without an organisation."""
        p = self.person
        return int(p["origin"]) * 4 + int(p["surrender"]) * 2 + informed

    def guided_row(self, slot: int) -> int:
        """Return the row of the route tables for the person with an organisation."""
        p = self.person
        extra = int(p["surrender"]) if p["group"] > 0 else 0
        return self.first_guided + slot * 3 + int(p["group"]) + extra


@pytest.fixture(scope="session")
def make_records() -> Callable[..., KernelRecords]:
    """Return a function that builds hand-made records from groups of parameters."""
    return KernelRecords
