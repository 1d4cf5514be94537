"""Parts of the model state: calendar, network, priors, baseline, planning and conditions.

Every phase of a day reads these parts. The phases also set the day's conditions.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm import network_setup
from abm.route_legs import show_open_legs
from abm.supply import Communities, communities
from abm.world.compiled import Ways
from agents.contest import probability
from agents.outcomes import Group
from agents.plans import Beliefs, Plans
from agents.routing import closures_differ

if TYPE_CHECKING:
    from mesa.discrete_space import Network

    from abm.network_setup import PlaceCell
    from abm.scenario import Scenario
    from abm.world.routes import World
    from agents.levers import Levers
    from agents.migrants.columns import LegState
    from agents.plans import PlannerGraph

GUIDED_SHARE = 0.8  # [A] share of travellers with a guide, for the communities' prior


class Calendar:
    """The first recorded day, and the day that is simulated now or next.

    Attributes:
        first_day: first recorded day, proleptic Gregorian ordinal.
        today: day that is simulated now or next, proleptic Gregorian ordinal.
    """

    def __init__(self, start: datetime.date, warmup_days: int) -> None:
        """Start the calendar at the first day of the warm-up.

        Args:
            start: first recorded day.
            warmup_days: number of days simulated before `start`.
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
        """Days since the warm-up began, the time unit of the migrant rows."""
        return self.today - self.first_day + self._warmup_days

    def advance(self) -> bool:
        """Move to the next day and return True if a new month starts."""
        month = self.date.month
        self.today += 1
        return self.date.month != month


@dataclass(frozen=True, slots=True)
class RouteNetwork:
    """Route graph and leg states of a run.

    Attributes:
        world: places and legs as read-only arrays.
        space: Mesa network whose cells are the places.
        cells: Mesa cells by place.
        homes: origin communities.
        net: route graph with the prices of the scenario, for route choice.
        leg_state: arrays by leg that the migrant kernels read (hazards) and write (counts).
        port_legs: indices of legs that end at a port of entry.
        port_of_leg: for each of `port_legs`, index into `world.ports`.
        line_legs: indices of the legs across the line.
        gate_of_leg: for a leg across the line, the index of its gate (the place where it starts),
            -1 for other legs, shape (legs,).
        sectors_at_line: sector by gate, and sector by leg, which is -1 for legs away from the line.
        southern_places: indices of the Mexican places at the southern border and on the isthmus.
        ways: shortest paths for agencies' units, in Mexico or on the U.S. side of the line.
        closures: whether `model.close_leg` has closed each leg, shape (legs,).
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
    sectors_at_line: tuple[np.ndarray, np.ndarray]
    southern_places: np.ndarray
    ways: Ways
    closures: np.ndarray

    @classmethod
    def build(
        cls, world: World, settings: Scenario, space: Network, cells: list[PlaceCell]
    ) -> RouteNetwork:
        """Build a world's network with the hazards and prices of a scenario.

        Args:
            world: places and legs.
            settings: the scenario.
            space: Mesa's network.
            cells: cells of `space` by place.

        Returns:
            The network, with base-year hazards and counts of zero.
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
            sectors_at_line=network_setup.sectors_at_line(world),
            southern_places=np.flatnonzero(mexican & south),
            ways=Ways(world),
            closures=np.zeros(world.n_legs, bool),
        )

    @property
    def southern_town(self) -> int:
        """Index of the largest Mexican town at the southern border, -1 if the world has none."""
        south = self.southern_places
        border = south[np.array(self.world.zone)[south] == "southern_border"]
        if not border.size:
            return -1
        return int(border[np.argmax(np.nan_to_num(self.world.population[border]))])

    def close_legs(self, levers: Levers) -> None:
        """Close the legs that policies or `model.close_leg` name, and open all others.

        No one enters a closed leg. People who are already on the leg reach its end.

        Args:
            levers: the levers of the day.
        """
        if closures_differ(self.closures, levers.leg_closed, self.leg_state.closed):
            closed = self.closures | (levers.leg_closed > 0.0)
            self.leg_state.closed[:] = closed
            self.ways.leave_out(closed)
            show_open_legs(self.space, self.world, closed)

    def reset_counts(self) -> None:
        """Reset the daily counts by leg, to which the kernels add, to zero."""
        self.leg_state.traffic.fill(0)
        self.leg_state.presented.fill(0)

    def presented_by_port(self) -> np.ndarray:
        """Return the number of persons who requested protection today by port, shape (ports,)."""
        counts = self.leg_state.presented[self.port_legs]
        return np.bincount(self.port_of_leg, counts, len(self.world.ports))


class LegPriors:
    """Base-year probabilities by leg that a traveller is stopped, and that a traveller is harmed.

    Attributes:
        org: probabilities for a guided client, shape (groups, 2, legs), with stop before harm.
        home: probabilities for an average member of a community, who may travel with or without a
            guide, in the same shape.
    """

    def __init__(self, world: World, settings: Scenario, legs: LegState) -> None:
        """Compute the probabilities from base-year hazards.

        Args:
            world: places and legs.
            settings: the scenario.
            legs: hazards of the base year.
        """
        self._world, self._settings = world, settings
        quality = settings.smugglers.quality
        org, home = 1.0 - quality, 1.0 - quality * GUIDED_SHARE
        self.org = np.array([self._pair(legs, group, org) for group in Group])
        self.home = np.array([self._pair(legs, group, home) for group in Group])

    def stopped(self, hazard: np.ndarray, exposed: float) -> np.ndarray:
        """Return the probability of being stopped on each leg.

        At a port, a guide does not reduce the hazard. At the line, migrants who are turned back
        make another attempt.

        Args:
            hazard: hazard per passage, shape (legs,).
            exposed: share of the hazard that guides cannot avoid.

        Returns:
            Probabilities, shape (legs,).
        """
        p, world = self._settings.border_patrol, self._world
        detected = probability(hazard * np.where(world.is_port, 1.0, exposed))
        through = detected * p.caught_share / np.maximum(1.0 - detected * p.turned_share, 1e-9)
        return np.where(world.is_line, through, detected)

    def _pair(self, legs: LegState, group: Group, exposed: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities of a stop and of harm for one group, each of shape (legs,)."""
        m, world = self._settings.migrants, self._world
        stop = self.stopped(legs.mx_hazard + legs.us_hazard, exposed)
        kidnap = legs.kidnap * (m.kidnap_mexican_factor if group == Group.MEXICAN else 1.0)
        us_legs = world.is_line | world.is_belt  # Communities do not learn of deaths on these legs.
        death = np.where(us_legs, 0.0, legs.death)
        harm = probability((death + kidnap) * world.days * m.pace_guided)
        return stop, harm


@dataclass(frozen=True, slots=True)
class Baseline:
    """Base-year values with which the phases compare the conditions of a day.

    Attributes:
        mx_hazard, us_hazard: hazards of interdiction and detection, shape (legs,).
        death, kidnap: hazards per elapsed day, shape (legs,).
        line_hazard: detection hazard at the line, shape (sectors,).
        custody_hours: agents' hours a day for people in custody in FY2013, shape (sectors,). None
            in a user's world, where the hours in the warm-up replace them.
        priors: probabilities on which beliefs are centred.
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
        """Copy a network's base-year hazards and compute the priors.

        Args:
            network: a network on which no phase has run.
            settings: the scenario.

        Returns:
            The baseline, which does not change when phases change the network.
        """
        legs = network.leg_state
        return cls(
            mx_hazard=legs.mx_hazard.copy(),
            us_hazard=legs.us_hazard.copy(),
            death=legs.death.copy(),
            kidnap=legs.kidnap.copy(),
            line_hazard=np.array(settings.border_patrol.line_hazard),
            custody_hours=None if settings.world else network_setup.custody_hours(settings),
            priors=LegPriors(network.world, settings, legs),
        )


@dataclass(frozen=True, slots=True)
class Planning:
    """Beliefs and route plans, updated by :mod:`abm.phases.weekly`.

    Attributes:
        plans: choice tables and expected outcomes by traveller class.
        home_beliefs: beliefs of the origin communities.
        org_beliefs: beliefs of the organisations, by slot.
    """

    plans: Plans
    home_beliefs: Beliefs
    org_beliefs: Beliefs

    @classmethod
    def build(cls, network: RouteNetwork, settings: Scenario) -> Planning:
        """Create empty plans and beliefs, and check that route values converge.

        Args:
            network: route graph and leg state.
            settings: the scenario.

        Returns:
            Plans and beliefs before any report.

        Raises:
            SettingError: route values do not converge under the settings.
            WorldError: route values do not converge in this world under the default settings.
        """
        legs, params = network.leg_state, settings.migrants
        plans = Plans(network.net, settings.routes, network.homes.group, legs)
        network_setup.check_routes_converge(network.net, network.world, settings)
        home, org = (
            Beliefs(reports, params.belief_prior, params.belief_half_life)
            for reports in (legs.new_reports_home, legs.new_reports_org)
        )
        return cls(plans=plans, home_beliefs=home, org_beliefs=org)


@dataclass
class Conditions:
    """Conditions that the phases set every day. A run starts with base-year conditions.

    Attributes:
        line_hazard: detection hazard at the line, shape (sectors,).
        beds: detention places before policies.
        violence: relative rise in the kidnapping hazard after a decapitation, shape (legs,).
        feuds: relative rise in the kidnapping hazard where drug organisations contest a route,
            shape (legs,).
        legal_quota: applications that the legal channel can decide in a year before policies,
            shape (nations,).
        legal_shares: each nation's share of its group, which divides values that are declared by
            group.
        mexican_response: share of encounters in Mexico to which an officer is free to respond.
    """

    line_hazard: np.ndarray
    beds: float
    violence: np.ndarray
    feuds: np.ndarray
    legal_quota: np.ndarray
    legal_shares: np.ndarray
    mexican_response: float = 1.0

    @property
    def fighting(self) -> np.ndarray:
        """Relative rise in the kidnapping hazard from violence and feuds together, shape (legs,).

        The rise is at least -1, so the hazard is never negative.
        """
        return np.maximum(self.violence + self.feuds, -1.0)

    def raise_violence(self, legs: np.ndarray, level: float) -> None:
        """Raise the violence to at least `level`. Repeated decapitations do not add up.

        Args:
            legs: mask of the affected legs, shape (legs,).
            level: relative rise in the kidnapping hazard.
        """
        self.violence[legs] = np.maximum(self.violence[legs], level)
