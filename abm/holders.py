"""State of a model in documented parts: calendar, route network, baseline, planning, conditions.

Each holder is read by every phase and changed only through its own methods.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm import network_setup
from abm.leg_priors import LegPriors
from abm.route_convergence import check_routes_converge
from abm.supply import Communities, communities
from abm.world.ways import Ways
from agents.plans import Beliefs, Plans

if TYPE_CHECKING:
    from mesa.discrete_space import Network

    from abm.scenario import Scenario
    from abm.space import PlaceCell
    from abm.world.routes import World
    from agents.aid_pipeline import Aid
    from agents.border_patrol import BorderPatrol
    from agents.gendarmes import MexicanForces
    from agents.governments import Governments
    from agents.migrants.columns import LegState
    from agents.origin_countries import Countries
    from agents.plans import PlannerGraph
    from agents.ports import Ports
    from agents.smugglers import Market
    from agents.strategy import Strategy


class Calendar:
    """Date of the simulated day, and the first recorded day.

    Attributes:
        first_day: first recorded day, proleptic Gregorian ordinal.
        today: day that is simulated next, proleptic Gregorian ordinal.
    """

    def __init__(self, start: datetime.date, warmup_days: int) -> None:
        """Start the calendar at the first day of the warm-up.

        Args:
            start: first recorded day.
            warmup_days: days simulated before it.
        """
        self.first_day = start.toordinal()
        self.today = self.first_day - warmup_days
        self._warmup_days = warmup_days

    @property
    def date(self) -> datetime.date:
        """Date of the simulated day."""
        return datetime.date.fromordinal(self.today)

    @property
    def recording(self) -> bool:
        """Whether the warm-up is over."""
        return self.today >= self.first_day

    @property
    def clock(self) -> int:
        """Days since the start of the warm-up, the time unit of the migrant rows."""
        return self.today - self.first_day + self._warmup_days

    def advance(self) -> bool:
        """Move to the next day; return True if a new month starts."""
        month = self.date.month
        self.today += 1
        return self.date.month != month


@dataclass(frozen=True, slots=True)
class RouteNetwork:
    """Route graph of a run and the state of its legs.

    Attributes:
        world: places and legs, read-only arrays.
        space: the Mesa network of units and cells.
        cells: Mesa cells by place.
        homes: communities of origin.
        net: route graph with the prices of the scenario, for route choice.
        leg_state: arrays by leg that the migrant kernels read (hazards) and write (counts).
        port_legs: indices of the legs that end at a port of entry.
        port_of_leg: for each of `port_legs`, index into `world.ports`.
        line_legs: indices of the legs of the line.
        gate_of_leg: index of the tail among the gates for a leg across the line, -1 elsewhere.
        southern_places: Mexican places of the southern border and the isthmus.
        ways: shortest ways of units, within Mexico or along the line on the U.S. side.
    """

    world: World
    space: Network
    cells: list[PlaceCell]
    homes: Communities
    net: PlannerGraph
    leg_state: LegState
    port_legs: np.ndarray
    port_of_leg: np.ndarray
    line_legs: np.ndarray
    gate_of_leg: np.ndarray
    southern_places: np.ndarray
    ways: Ways

    @classmethod
    def build(
        cls, world: World, settings: Scenario, space: Network, cells: list[PlaceCell]
    ) -> RouteNetwork:
        """Build the network of a world at the hazards and prices of a scenario.

        Args:
            world: places and legs.
            settings: the scenario.
            space, cells: Mesa's network, and its cells by place.

        Returns:
            The network, with base-year hazards and no counts.
        """
        homes = communities(world)
        net = network_setup.net_of(world, settings)
        port_legs = np.flatnonzero(world.is_port)
        gate = np.searchsorted(network_setup.gates(world), np.maximum(net.gate_leg, 0))
        mexican = np.array([country == "MX" for country in world.country])
        south = np.isin(world.zone, ("southern_border", "isthmus"))
        return cls(
            world=world,
            space=space,
            cells=cells,
            homes=homes,
            net=net,
            leg_state=network_setup.leg_state_of(world, settings, homes.count),
            port_legs=port_legs,
            port_of_leg=np.searchsorted(world.ports, world.head[port_legs]),
            line_legs=np.flatnonzero(world.is_line),
            gate_of_leg=np.where(net.gate_leg >= 0, gate, -1),
            southern_places=np.flatnonzero(mexican & south),
            ways=Ways(world),
        )

    @property
    def southern_town(self) -> int:
        """Largest Mexican town of the southern border, to which people are moved; -1 if none."""
        south = self.southern_places
        border = south[np.array(self.world.zone)[south] == "southern_border"]
        return (
            int(border[np.argmax(np.nan_to_num(self.world.population[border]))])
            if border.size
            else -1
        )

    def reset_counts(self) -> None:
        """Set the persons by leg that the kernels count during a day to zero."""
        self.leg_state.traffic.fill(0)
        self.leg_state.presented.fill(0)

    def presented_by_port(self) -> np.ndarray:
        """Return the persons who requested protection at each port today, shape (ports,)."""
        counts = self.leg_state.presented[self.port_legs]
        return np.bincount(self.port_of_leg, counts, len(self.world.ports))

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the shortest path of a unit, which never leaves its country.

        Args:
            place, target: indices of places.

        Returns:
            The next place and its travel time in days; (`place`, inf) if no path exists.
        """
        return self.ways.step_towards(place, target)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Base-year values that the conditions of a day are multiples of.

    Attributes:
        mx_hazard, us_hazard: hazards of interdiction and detection, shape (legs,).
        death, kidnap: hazards per elapsed day, shape (legs,).
        line_hazard: hazard of detection at the line, shape (sectors,).
        custody_hours: agents' hours a day for people in custody in FY2013, shape (sectors,); None
            in a world without that record; the hours of the warm-up are used there.
        priors: chances to be stopped or harmed on which beliefs are centred.
    """

    mx_hazard: np.ndarray
    us_hazard: np.ndarray
    death: np.ndarray
    kidnap: np.ndarray
    line_hazard: np.ndarray
    custody_hours: np.ndarray | None
    priors: LegPriors

    @classmethod
    def build(cls, network: RouteNetwork, settings: Scenario) -> Baseline:
        """Copy the hazards of a network at its base year.

        Args:
            network: a network on which no phase has run.
            settings: the scenario.

        Returns:
            The baseline.
        """
        legs = network.leg_state
        hazards = {
            name: getattr(legs, name).copy()
            for name in ("mx_hazard", "us_hazard", "death", "kidnap")
        }
        priors = LegPriors(
            network.world,
            settings,
            mexico=hazards["mx_hazard"],
            line=hazards["us_hazard"],
            death=hazards["death"],
            kidnap=hazards["kidnap"],
        )
        return cls(
            **hazards,
            line_hazard=np.array(settings.border_patrol.line_hazard),
            custody_hours=None if settings.world else network_setup.custody_hours(settings),
            priors=priors,
        )


@dataclass(frozen=True, slots=True)
class Planning:
    """Beliefs and route plans; updated by :mod:`abm.phases.planning`.

    Attributes:
        plans: choice tables and expected outcomes by traveller class.
        home_beliefs: beliefs of the communities of origin.
        org_beliefs: beliefs of the organisations, by slot.
    """

    plans: Plans
    home_beliefs: Beliefs
    org_beliefs: Beliefs

    @classmethod
    def build(cls, network: RouteNetwork, settings: Scenario) -> Planning:
        """Set up plans and beliefs before any report.

        Args:
            network: route graph and leg state.
            settings: the scenario.

        Returns:
            Plans and beliefs.

        Raises:
            SettingError: if the values of the route choice do not converge with the settings.
            WorldError: if they do not converge in this world with the default settings either.
        """
        legs, params = network.leg_state, settings.migrants
        plans = Plans(network.net, settings.routes, network.homes.group > 0, legs)
        check_routes_converge(network.net, network.world, settings)
        home, org = (
            Beliefs(reports, params.belief_prior, params.belief_half_life)
            for reports in (legs.new_reports_home, legs.new_reports_org)
        )
        return cls(plans=plans, home_beliefs=home, org_beliefs=org)


@dataclass(frozen=True, slots=True)
class Actors:
    """The actors that are ordinary Mesa agents, or groups of them.

    Attributes:
        patrol: sector commands and teams of the U.S. Border Patrol.
        forces: posts of the Mexican migration institute and gendarmes.
        market: smuggling organisations.
        ports: ports of entry.
        countries: the four countries of origin.
        governments: the U.S. and Mexican governments.
        aid: the pipeline of U.S. aid.
        strategy: the anti-crime strategy of both governments.
    """

    patrol: BorderPatrol
    forces: MexicanForces
    market: Market
    ports: Ports
    countries: Countries
    governments: Governments
    aid: Aid
    strategy: Strategy


class Conditions:
    """Conditions of the day that the phases set.

    Attributes:
        line_hazard: hazard of detection at the line, shape (sectors,).
        mexican_response: share of the people met in Mexico for whom an officer is free.
        beds: detention places before policies.
        violence: rise of the kidnapping hazard after a decapitation, shape (legs,).
        legal_quota: applications decided a year in the legal channel before policies, by nation.
        legal_shares: share of its group by nation, for values declared by group.
    """

    def __init__(
        self,
        line_hazard: np.ndarray,
        beds: float,
        legs: int,
        legal_quota: np.ndarray,
        legal_shares: np.ndarray,
    ) -> None:
        """Start at the conditions of the base year.

        Args:
            line_hazard: hazard of detection at the line, shape (sectors,).
            beds: detention places.
            legs: number of legs.
            legal_quota: applications decided a year in the legal channel, shape (nations,).
            legal_shares: share of its group by nation, shape (nations,).
        """
        self.line_hazard, self.beds = line_hazard, beds
        self.legal_quota, self.legal_shares = legal_quota, legal_shares
        self.mexican_response = 1.0
        self.violence = np.zeros(legs)

    def set_line_hazard(self, by_sector: np.ndarray) -> None:
        """Set the hazard of detection at the line, shape (sectors,)."""
        self.line_hazard = by_sector

    def set_mexican_response(self, share: float) -> None:
        """Set the share of the people met in Mexico for whom an officer is free."""
        self.mexican_response = share

    def set_beds(self, places: float) -> None:
        """Set the detention places before policies."""
        self.beds = places

    def set_legal_quota(self, by_nation: np.ndarray) -> None:
        """Set the applications decided a year in the legal channel, shape (nations,)."""
        self.legal_quota = by_nation

    def decay_violence(self, factor: float) -> None:
        """Multiply the violence by `factor`."""
        self.violence *= factor

    def raise_violence(self, legs: np.ndarray, level: float) -> None:
        """Raise the violence to at least `level`; a second decapitation does not add to it.

        Args:
            legs: mask of the affected legs, shape (legs,).
            level: lowest violence on these legs from now on.
        """
        self.violence[legs] = np.maximum(self.violence[legs], level)
