"""BorderModel: the stage on which migrants, organisations, Border Patrol and gendarmes act.

A Mesa model: `BorderModel(scenario, rng=7).run_for(365)` plays 365 recorded days. The warm-up is
played while the model is built and is not part of Mesa's clock.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.discrete_space import Network

from abm import build_agents, network_setup, schedule
from abm.ledger import Ledger
from abm.leg_priors import LegPriors
from abm.phases.flow_history import FlowHistory
from abm.phases.government_cycle import GovernmentCycle
from abm.phases.indicators import INDICATORS, IndicatorReader
from abm.policies import make
from abm.policies.base import Seen
from abm.scenario import Scenario
from abm.supply import Supply, communities
from abm.world.routes import World, load_world
from abm.world.vocabulary import SECTORS
from agents.beliefs import Beliefs
from agents.chance import KeyedRandom
from agents.kernel_params import build_kernel_params
from agents.levers import Levers
from agents.migrants.agent_set import MigrantSet
from agents.migrants.columns import NEVER, SLOTS, MigrantTable
from agents.migrants.view import Migrant
from agents.outcomes import Account
from agents.plans import Plans

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

WARMUP_SCALE = 50  # persons per simulated migrant in the part of the warm-up that is not refilled


class BorderModel(mesa.Model):
    """One world, one scenario, one seed.

    Args:
        scenario: the settings; default the baseline.
        rng: seed of every draw, a whole number.
        world: a loaded world, to save loading it again.
    """

    def __init__(
        self, scenario: Scenario | None = None, *, rng: int = 1, world: World | None = None
    ) -> None:
        if not 0 <= int(rng) < 2**63:
            raise ValueError(f"seed {rng} is out of range; give a whole number from 0 to 2**63 - 1")
        super().__init__(rng=rng)
        self.settings = scenario or Scenario()
        self.seed = int(rng)
        self.keyed_random = KeyedRandom(self.seed)
        self.world = world or load_world(self.settings.world or None)
        self.first_day = self.settings.start.toordinal()
        self._today = self.first_day - self.settings.warmup_days
        self._build_space()
        self._build_people()
        self._build_cast()
        self._build_policies()
        self._build_migrant_set()
        self._warm_up()

    # ---- building -----------------------------------------------------------------------------
    def _build_space(self) -> None:
        world = self.world
        self.space = Network(world.mesa_graph(), random=self.random, layout=None)
        cells: dict[Any, Any] = {cell.coordinate: cell for cell in self.space.all_cells}
        self._cells = [cells[place] for place in world.place_ids]
        self.levers = Levers(
            sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
        )
        self.way_days, self.way_step = network_setup.ways(world)
        self.violence = np.zeros(world.n_legs)
        self.ledger = Ledger(self.settings.days, world.n_legs, len(INDICATORS))
        self.indicator_reader = IndicatorReader()

    def _build_people(self) -> None:
        s, world = self.settings, self.world
        self.homes = communities(world)
        self.supply = Supply(s, self.homes)
        self.migrants = MigrantTable()
        foreign = self.homes.group > 0
        self.net = network_setup.net_of(world, s)
        self.leg_state = network_setup.leg_state_of(world, s, self.homes.count)
        self.base_mx_hazard = self.leg_state.mx_hazard.copy()
        self.base_us_hazard = self.leg_state.us_hazard.copy()
        self.base_death, self.base_kidnap = (
            self.leg_state.death.copy(),
            self.leg_state.kidnap.copy(),
        )
        self.kernel_params = build_kernel_params(s, self.homes.place, 4 * self.homes.count)
        self.port_legs = np.flatnonzero(world.is_port)
        self.port_of_leg = np.searchsorted(world.ports, world.head[self.port_legs])
        self.kernel_params[0]["ports"] = float(self.port_legs.size > 0)
        self.ledger.day_tallies["tickets"][0] = np.array(s.migrants.legal_backlog, int)
        self.plans = Plans(self.net, s.routes, self.kernel_params[0], foreign, self.leg_state)
        self.plans.check_settles()
        p = s.migrants
        self.home_beliefs = Beliefs(
            self.leg_state.new_reports_home, p.belief_prior, p.belief_half_life
        )
        self.org_beliefs = Beliefs(
            self.leg_state.new_reports_org, p.belief_prior, p.belief_half_life
        )
        self.flow_history = FlowHistory(world)
        self.us_hazard = np.array(s.border_patrol.line_hazard)
        self.beds, self.mx_respond = s.consequences.beds, 1.0
        self.priors = LegPriors(
            world,
            s,
            mexico=self.base_mx_hazard,
            line=self.base_us_hazard,
            death=self.base_death,
            kidnap=self.base_kidnap,
        )

    def _build_cast(self) -> None:
        """Those who act as ordinary Mesa agents."""
        self.patrol, self.forces = (
            build_agents.border_patrol(self),
            build_agents.mexican_forces(self),
        )
        self.market, self.ports = build_agents.market(self), build_agents.ports(self)
        self.countries = build_agents.countries(self)
        self.governments, self.aid, self.strategy = build_agents.governments(self)
        self.government_cycle = GovernmentCycle(self)
        mexican = np.array([country == "MX" for country in self.world.country])
        south = np.isin(self.world.zone, ("southern_border", "isthmus"))
        self.southern_places = np.flatnonzero(mexican & south)
        self.line_gate = np.searchsorted(self.market.gates, np.maximum(self.net.gate_leg, 0))
        self.line_gate = np.where(self.net.gate_leg >= 0, self.line_gate, -1)
        opening = int(self.market.book["cash"].sum())
        self.ledger.balance[Account.ORGANISATIONS] = opening
        self.ledger.balance[Account.HOUSEHOLDS] = -opening

    def _build_policies(self) -> None:
        s = self.settings
        end = s.start + datetime.timedelta(days=s.days)
        self.policies = tuple(make(use, s.start, end) for use in s.policies)
        self.seen_by_policies = Seen(
            world=self.world,
            settings=s,
            us_base=self.patrol.base,
            mx_base=self.forces.base_officers,
            ports_base=self.ports.base_officers,
            booths_base=self.ports.base_booths,
            cooperation=self.governments.cooperation,
        )

    def _build_migrant_set(self) -> None:
        register: dict[type, Any] = self._agents_by_type  # Mesa's own, ordinary agents only
        register[Migrant] = MigrantSet(self)

    def _warm_up(self) -> None:
        while self._today < self.first_day:
            schedule.step(self)
        people = self.migrants.live  # first and second apprehensions are counted from here on
        people["caught_year"], people["caught_in_year"] = 0, 0

    # ---- the clock ----------------------------------------------------------------------------
    @property
    def today(self) -> int:
        """Date as a proleptic Gregorian ordinal."""
        return self._today

    @property
    def date(self) -> datetime.date:
        """Calendar date of the day about to be played."""
        return datetime.date.fromordinal(self._today)

    @property
    def recording(self) -> bool:
        """Whether the warm-up is over."""
        return self._today >= self.first_day

    @property
    def weight(self) -> int:
        """Persons that a row created today stands for."""
        scale = self.settings.scale
        if self.first_day - self._today > self.settings.fill_days:
            return max(scale, WARMUP_SCALE)
        return scale

    def step(self) -> None:
        """Play one day."""
        self._refuse_beyond(1)
        schedule.step(self)

    def run_for(self, duration: float) -> None:
        """Play so many days; refused before anything happens if the scenario has fewer left."""
        self._refuse_beyond(duration)
        super().run_for(duration)

    def _refuse_beyond(self, days: float) -> None:
        left = self.settings.days - self.ledger.day
        if days > left:
            are = "all are played" if left == 0 else f"{left} are left, not {days:g}"
            raise ValueError(
                f"the scenario has {self.settings.days} days and {are}; raise `days` to go on"
            )

    def next_day(self) -> None:
        """Turn the calendar."""
        month = self.date.month
        self._today += 1
        if self.recording and self.date.month != month:
            self.ledger.turn_month()

    @property
    def clock(self) -> int:
        """Days since the warm-up began: the time that rows of migrants keep."""
        return self._today - self.first_day + self.settings.warmup_days

    @property
    def week(self) -> int:
        """Weeks since the first day of the warm-up."""
        return self.clock // 7

    @property
    def weekly(self) -> bool:
        """Whether the weekly decisions are taken today."""
        return self.clock % 7 == 0

    # ---- what organisations reckon with -----------------------------------------------------
    def failure_risk(self) -> np.ndarray:
        """Chance that an attempt of an organisation's client fails, shape (slots, 2)."""
        risk = np.full((SLOTS, 2), 0.5)
        for slot, agent in self.market.agents.items():
            for g in agent.groups:
                served = self.homes.place[self.homes.group == g]
                row = self.plans.first_guided + slot * 3 + g
                arrive = self.plans.expected_outcomes[row, 0, served]
                if arrive.any():
                    risk[slot, g] = 1.0 - float(arrive.mean())
        return risk

    def line_risk(self) -> float:
        """Chance that a load is found and stopped between ports, mean over those who cross."""
        seen = -np.expm1(-self.us_hazard * (1.0 - self.settings.smugglers.quality))
        crossing = self.flow_history.attempts() + 1e-9  # all sectors alike before anybody crosses
        stopped = seen * self.settings.border_patrol.caught_share
        return float((stopped * crossing).sum() / crossing.sum())

    def port_risk(self) -> float:
        """Chance that a person hidden at a port is found, mean over the traffic."""
        traffic = self.ports.crossed.sum(axis=1)
        return float((self.ports.find_person * traffic).sum() / max(traffic.sum(), 1e-9))

    def presented(self) -> np.ndarray:
        """Persons who asked for protection today, by port."""
        counts = self.leg_state.presented[self.port_legs]
        return np.bincount(self.port_of_leg, counts, len(self.world.ports))

    def true_stop(self) -> np.ndarray:
        """Today's true chance to be stopped by leg, for a guided client."""
        hazard = self.leg_state.mx_hazard + self.leg_state.us_hazard
        return self.priors.stopped(hazard, 1.0 - self.settings.smugglers.quality)

    def tidy(self) -> None:
        """Monthly: recount the rows against the ledger, clear out those who are through."""
        table = self.migrants
        self.ledger.recount(table.live)
        finished = table.live[table.due[: table.count] == NEVER]
        worth = (finished["wealth"].astype(np.int64) - finished["debt"]) * finished["weight"]
        self.ledger.settle_accounts(int(worth.sum()))
        table.compact()

    # ---- what the cast may ask ------------------------------------------------------------------
    def cell_of(self, place: int) -> Cell:
        """The cell of a place."""
        return self._cells[place]

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Next place on the quickest way along the graph, and its travel time in days."""
        step = int(self.way_step[place, target])
        if step < 0:  # no way within Mexico: it stays where it is
            return place, float("inf")
        return step, float(self.way_days[place, step])

    def traffic_into(self, lag: int) -> np.ndarray:
        """Foreign persons a day into each place as of `lag` days ago, a four-week mean."""
        return self.flow_history.traffic_into(lag)

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts."""
        self.ledger.day_tallies["money"][0][payer, payee] += dollars

    def release_clients(self, slot: int) -> None:
        """An organisation is gone: its clients under way go on alone."""
        rows = self.migrants.live
        mine = np.flatnonzero(rows["org"] == slot)
        origin = rows["origin"][mine].astype(int)
        alone = origin * 4 + rows["surrender"][mine] * 2 + rows["knows"][mine]
        rows["org"][mine], rows["tries_left"][mine] = -1, 0
        rows["mode"][mine], rows["route"][mine] = 0, alone
