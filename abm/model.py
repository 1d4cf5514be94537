"""BorderModel: the stage on which migrants, organisations, Border Patrol and gendarmes act.

A Mesa model: `BorderModel(scenario, rng=7).run_for(365)` plays 365 recorded days. The warm-up is
played while the model is built and is not part of Mesa's clock.
"""

from __future__ import annotations

import datetime
from collections import deque
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.discrete_space import Network

from abm import day as day_module
from abm import terrain
from abm.ledger import Ledger
from abm.policies import make
from abm.policies.base import Seen
from abm.scenario import Scenario
from abm.supply import Supply, communities
from abm.world import geography
from abm.world.routes import World, load_world
from abm.world.vocabulary import MX_ZONES, SECTORS, PlaceKind
from agents.beliefs import Beliefs
from agents.border_patrol import BorderPatrol
from agents.chance import Luck
from agents.gendarmes import MexicanForces
from agents.levers import Levers
from agents.migrants.columns import NEVER, SLOTS, MigrantTable
from agents.migrants.view import Migrant, MigrantSet
from agents.outcomes import Account, Group
from agents.plans import Plans
from agents.rules import rules_record
from agents.smugglers import Market

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

WARMUP_SCALE = 50  # persons per simulated migrant in the part of the warm-up that is not refilled
ANCHOR_YEAR = 2013  # fiscal year for which hazards at the line are declared
GUIDED_SHARE = 0.8  # [A] of travellers, for the centre of the communities' prior


class BorderModel(mesa.Model):
    """One world, one scenario, one seed.

    Args:
        scenario: the settings; default the baseline.
        rng: seed of every draw, a whole number.
        world: a loaded world, to save loading it again.
    """

    def __init__(self, scenario: Scenario | None = None, *, rng: int = 1,
                 world: World | None = None) -> None:
        if not 0 <= int(rng) < 2**63:
            raise ValueError(f"seed {rng} is out of range; give a whole number from 0 to 2**63 - 1")
        super().__init__(rng=rng)
        self.settings = scenario or Scenario()
        self.seed = int(rng)
        self.luck = Luck(self.seed)
        self.world = world or load_world(self.settings.world or None)
        self.first_day = self.settings.start.toordinal()
        self._today = self.first_day - self.settings.warmup_days
        self._build_space()
        self._build_people()
        self._build_forces()
        self._build_market()
        self._build_policies()
        self._build_migrant_set()
        self._warm_up()

    # ---- building -----------------------------------------------------------------------------
    def _build_space(self) -> None:
        world = self.world
        self.space = Network(world.mesa_graph(), random=self.random, layout=None)
        cells: dict[Any, Any] = {cell.coordinate: cell for cell in self.space.all_cells}
        self._cells = [cells[place] for place in world.place_ids]
        self.levers = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs,
                             ports=len(world.ports))
        self.way_days, self.way_step = terrain.ways(world)
        self.violence = np.zeros(world.n_legs)
        self.ledger = Ledger(self.settings.days, world.n_legs)

    def _build_people(self) -> None:
        s, world = self.settings, self.world
        self.homes = communities(world)
        self.supply = Supply(s, self.homes)
        self.migrants = MigrantTable()
        foreign = self.homes.group > 0
        self.net = terrain.net_of(world, s)
        self.ground = terrain.ground_of(world, s, self.homes.count)
        self.base_mx_hazard = self.ground.mx_hazard.copy()
        self.base_us_hazard = self.ground.us_hazard.copy()
        self.base_death, self.base_kidnap = self.ground.death.copy(), self.ground.kidnap.copy()
        self.rules = rules_record(s, self.homes.place, 4 * self.homes.count)
        self.plans = Plans(self.net, s.routes, self.rules[0], foreign, self.ground)
        self.plans.check_settles()
        p = s.migrants
        self.home_beliefs = Beliefs(self.ground.told_home, p.belief_prior, p.belief_half_life)
        self.org_beliefs = Beliefs(self.ground.told_org, p.belief_prior, p.belief_half_life)
        self.recent_flow = np.zeros((world.n_legs, 3))  # four-week mean, persons a day
        self.flow_history: deque[np.ndarray] = deque(maxlen=14)  # weekly, for lagged maps
        self.usual = np.zeros((world.n_legs, 3))
        self.apprehension_history: deque[np.ndarray] = deque(maxlen=120)
        self.demand = {"bed": 0.0, "court": 0.0, "legal": np.zeros(2),
                       "answered": np.zeros(len(SECTORS))}
        self._usual_days = 0
        self._line_sector = np.where(world.is_line, world.leg_sector, -1)
        mexican = terrain.mexican_legs(world)
        self._leg_zone = np.where(mexican, world.leg_zone, -1)
        self._place_zone = np.array([MX_ZONES.index(z) if z in MX_ZONES else 0 for z in world.zone])
        self.us_hazard = np.array(s.border_patrol.line_hazard)
        self.prior_org = [self._prior(g, 1.0 - s.smugglers.quality) for g in Group]
        exposed = 1.0 - s.smugglers.quality * GUIDED_SHARE
        self.prior_home = [self._prior(g, exposed) for g in Group]

    def _build_forces(self) -> None:
        world, s = self.world, self.settings
        self.us_base = staffing(fiscal_year(s.start))
        self.patrol = BorderPatrol(self, s.border_patrol, self.us_base, staffing(ANCHOR_YEAR),
                                   terrain.crossings_by_sector(world))
        weight = np.zeros(world.n_places)
        np.add.at(weight, world.head, terrain.mexican_hazard(world, s))
        rural = np.flatnonzero((weight > 0.0) & (world.remoteness >= 1)
                               & (world.kind != PlaceKind.STAGING))
        self.forces = MexicanForces(self, s.mexico, weight, rural)

    def _build_market(self) -> None:
        world, group = self.world, self.homes.group
        share = np.array([
            [geography.apprehensions_by_sector(2013, c)[name] for name in SECTORS]
            for c in ("Mexican", "NTCA")
        ])
        gates = terrain.gates(world)
        km = np.array([terrain.km_to_line(world, self.homes.place[group == g]) for g in range(2)])
        self.market = Market(
            self, self.settings.smugglers, self.org_beliefs, origin_group=group,
            origin_place=self.homes.place, gates=gates,
            gate_share=terrain.gate_shares(world, share / share.sum(axis=1, keepdims=True)), km=km,
        )
        self.line_gate = np.searchsorted(gates, np.maximum(self.net.gate_leg, 0))
        self.line_gate = np.where(self.net.gate_leg >= 0, self.line_gate, -1)
        opening = int(self.market.book["cash"].sum())
        self.ledger.balance[Account.ORGANISATIONS] = opening
        self.ledger.balance[Account.HOUSEHOLDS] = -opening

    def _build_policies(self) -> None:
        s = self.settings
        end = s.start + datetime.timedelta(days=s.days)
        self.policies = tuple(make(use, s.start, end) for use in s.policies)
        self.seen_by_policies = Seen(world=self.world, settings=s, us_base=self.us_base,
                                     mx_base=self.forces.base_officers)

    def _build_migrant_set(self) -> None:
        register: dict[type, Any] = self._agents_by_type  # Mesa's own, ordinary agents only
        register[Migrant] = MigrantSet(self)

    def _warm_up(self) -> None:
        while self._today < self.first_day:
            day_module.play(self)
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
        day_module.play(self)

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

    # ---- yesterday's state, as today's decisions read it ------------------------------------
    def crowding(self) -> tuple[np.ndarray, np.ndarray]:
        """Flow over its usual value: by sector for the line, by place for Mexico (by zone)."""
        if not self.recording:
            return np.ones(len(SECTORS)), np.ones(self.world.n_places)
        line = _ratio(self.recent_flow.sum(axis=1), self.usual.sum(axis=1), self._line_sector,
                      len(SECTORS))
        zone = _ratio(self.recent_flow[:, 1], self.usual[:, 1], self._leg_zone, len(MX_ZONES))
        return line, zone[self._place_zone]

    def lagged_apprehensions(self) -> np.ndarray:
        """Apprehensions of one week by sector, as old as the agency's map is."""
        lag = self.settings.border_patrol.map_lag * (1.0 - float(self.levers.map_lag[0]))
        last = len(self.apprehension_history) - int(np.clip(lag, 0, 90))
        week = list(self.apprehension_history)[max(0, last - 7) : max(0, last)]
        return np.sum(week, axis=0) if week else np.zeros(len(SECTORS))

    def remember_apprehensions(self, by_sector: np.ndarray) -> None:
        """Keep today's apprehensions for the agency's map."""
        self.apprehension_history.append(by_sector.astype(float))

    def failure_risk(self) -> np.ndarray:
        """Chance that an attempt of an organisation's client fails, shape (slots, 2)."""
        risk = np.full((SLOTS, 2), 0.5)
        for slot, agent in self.market.agents.items():
            for g in agent.groups:
                served = self.homes.place[self.homes.group == g]
                row = self.plans.first_guided + slot * 3 + g
                arrive = self.plans.ahead[row, 0, served]
                if arrive.any():
                    risk[slot, g] = 1.0 - float(arrive.mean())
        return risk

    def true_stop(self) -> np.ndarray:
        """Today's true chance to be stopped by leg, for a guided client."""
        exposed = 1.0 - self.settings.smugglers.quality
        hazard = exposed * (self.ground.mx_hazard + self.ground.us_hazard)
        return self._resolved(-np.expm1(-hazard))

    def _resolved(self, detected: np.ndarray) -> np.ndarray:
        """From detection to being stopped, given that one is not turned back, on line legs."""
        p = self.settings.border_patrol
        caught = detected * p.caught_share
        through = caught / np.maximum(1.0 - detected * p.turned_share, 1e-9)
        return np.where(self.world.is_line, through, detected)

    def _prior(self, group: Group, exposed: float) -> tuple[np.ndarray, np.ndarray]:
        """Base-year chance by leg to be stopped, and to be kidnapped or die."""
        pace, m = self.settings.migrants.pace_guided, self.settings.migrants
        taken = self.base_kidnap * (m.kidnap_mexican_factor if group == Group.MEXICAN else 1.0)
        hazard = self.base_mx_hazard + self.base_us_hazard
        stop = self._resolved(-np.expm1(-exposed * hazard))
        on_us = self.world.is_line | self.world.is_belt  # where deaths are nobody's news
        dying = np.where(on_us, 0.0, self.base_death)
        harm = -np.expm1(-(dying + taken) * self.world.days * pace)
        return stop, harm

    def note_usual(self) -> None:
        """The usual flow, against which crowds are measured: the last year of the warm-up."""
        if self.first_day - self._today <= 365:
            self._usual_days += 1
            self.usual += (self.ground.seen - self.usual) / self._usual_days

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
        weeks = min(lag // 7, len(self.flow_history) - 1)
        flow = self.flow_history[-1 - weeks] if weeks >= 0 else self.recent_flow
        into = np.zeros(self.world.n_places)
        np.add.at(into, self.world.head, flow[:, 1])
        return into

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts."""
        self.ledger.books["money"][0][payer, payee] += dollars

    def orphan(self, slot: int) -> None:
        """An organisation is gone: its clients under way go on alone."""
        rows = self.migrants.live
        mine = np.flatnonzero(rows["org"] == slot)
        origin = rows["origin"][mine].astype(int)
        alone = origin * 4 + rows["surrender"][mine] * 2 + rows["knows"][mine]
        rows["org"][mine], rows["tries_left"][mine] = -1, 0
        rows["mode"][mine], rows["route"][mine] = 0, alone


def staffing(year: int) -> np.ndarray:
    """Border Patrol agents by sector in a fiscal year; the nearest year on record."""
    agents = geography.usbp_staffing(min(2019, max(1992, year)))
    return np.array([agents[name] for name in SECTORS])


def _ratio(flow: np.ndarray, usual: np.ndarray, index: np.ndarray, n: int) -> np.ndarray:
    """Sum of flow over sum of usual flow by index, 1 where nothing is usual; -1 is left out."""
    on = index >= 0
    now, then = np.bincount(index[on], flow[on], n), np.bincount(index[on], usual[on], n)
    return np.where(then > 0.0, now / np.maximum(then, 1e-12), 1.0)


def fiscal_year(date: datetime.date) -> int:
    """U.S. fiscal year of a date: from 1 October."""
    return date.year + (date.month >= 10)
