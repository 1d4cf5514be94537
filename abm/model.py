"""BorderModel: the Mesa model in which migrants, organisations, agencies and governments act.

`BorderModel(scenario, rng=7).run_for(365)` simulates 365 recorded days. The warm-up is simulated
while the model is built and is not part of Mesa's clock.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from mesa import DataCollector
from numpy.random import BitGenerator, Generator, SeedSequence

from abm import build_agents, engines, legal_channel, saved_run, schedule
from abm.build_agents import REPLACEABLE, own_classes
from abm.early_departures import EarlyDepartures
from abm.holders import Baseline, Calendar, Conditions, Planning, RouteNetwork
from abm.ledger import Ledger
from abm.network_setup import build_space
from abm.phases.dated_inputs import fiscal_year
from abm.phases.flow_history import FlowHistory
from abm.phases.government_cycle import GovernmentCycle
from abm.phases.indicators import INDICATORS, IndicatorReader
from abm.policies import policies_of
from abm.policies.base import Inputs
from abm.route_legs import LegControl
from abm.run_control import RunControl
from abm.saved_run import Snapshot, added_attributes, capture, restore
from abm.scenario import Scenario
from abm.source_hash import state_source
from abm.supply import Supply
from abm.world.routes import World, load_world
from abm.world.vocabulary import SECTORS
from agents.aid_pipeline import Aid
from agents.chance import KeyedRandom
from agents.employers import Employers
from agents.environment import AgentRegister, OfTheWorld, Selection
from agents.governments import Governments
from agents.kernel_params import build_kernel_params, nation_index
from agents.levers import Levers
from agents.migrants.agent_set import NOT_ADDED, ByType, Migrant, MigrantSet
from agents.migrants.columns import NEVER
from agents.param import Param, SettingError, check, plain
from agents.plain.migrant import MigrantAgent
from agents.strategy import Strategy

if TYPE_CHECKING:
    from mesa.agentset import AbstractAgentSet
    from mesa.discrete_space import Cell, Network

state_source()  # computed on import, before a file of the model can change

# Lowest `weight` for rows created before the last `fill_days` days of the warm-up.
WARMUP_SCALE = 50
SeedInput = int | str | Generator | BitGenerator | SeedSequence
_SEED = Param(value=1, unit="whole number", low=0, high=2**63 - 1, doc="Seed of every draw.")


_UNSET: Any = ...
_REBUILD = "build another BorderModel with"
_ONE_EACH = "Give a new collector, which reports on Migrant or, with objects, on MigrantAgent."
_NO_SEED = "Give a number, or none for seed 1. With mesa.batch_run, give seeds: rng=range(3)."


def _seed_of(**seeds: Any) -> int:
    """Return the seed as an integer. Raise SettingError if it is invalid or passed twice."""
    seeds = {name: value for name, value in seeds.items() if value is not _UNSET}
    if len(seeds) > 1:
        raise SettingError("rng", "rng and seed are the same setting", "Give one of them.")
    name, seed = seeds.popitem() if seeds else ("seed", _SEED.value)
    if seed is None:
        raise SettingError(name, "None would give equal runs", _NO_SEED)
    if isinstance(seed, Generator | BitGenerator | SeedSequence):
        seed = int(np.random.default_rng(seed).integers(2**63))
    elif isinstance(seed, str) and re.fullmatch("[0-9]{1,19}", seed):
        seed = int(seed)  # Mesa's input field passes the seed as text.
    if isinstance(seed, int) and not 0 <= seed < 2**63:
        raise SettingError(name, "the seed is out of range", "Give a number from 0 to 2**63 - 1.")
    return check(name, _SEED, seed)


def _expect(name: str, value: object, kind: type, hint: str) -> None:
    """Raise SettingError unless an argument is None or has the type `kind`."""
    if value is not None and not isinstance(value, kind):
        raise SettingError(name, f"{plain(value)} is not a {kind.__name__}", hint)


def _check_collector(collector: DataCollector, other: type) -> None:
    """Raise SettingError if a collector has rows or reports on `other`, which this engine lacks."""
    rows = collector._agent_records, collector._agenttype_records, *collector.model_vars.values()
    if any(rows):
        raise SettingError("datacollector", "it has the rows of another run", _ONE_EACH)
    if other in collector.agenttype_reporters:
        raise SettingError("datacollector", f"this engine has no {other.__name__}", _ONE_EACH)


class BorderModel(AgentRegister, RunControl, LegControl):
    """Simulation of one scenario in one world with one seed.

    An exception during simulation (Ctrl-C, or an error in a subclass, a data collector or a
    scheduled event) interrupts the model. `running` becomes False, and every method that simulates,
    saves, copies or pickles raises RuntimeError. The ledger and the agents can still be read, but
    their totals belong to an incomplete day.

    Attributes:
        settings: the scenario. The model's code reads this attribute. Users read the same object
            from `scenario`, the name in the constructor and in Mesa.
        seed: seed of every draw.
        keyed_random: random draws by stream and key.
        calendar: date of the simulated day.
        network: route graph and state of its legs.
        baseline: base-year hazards and priors.
        conditions: hazards, beds and violence of the day.
        levers: the day's levers, which policies set.
        kernel_params: parameter record for the migrant kernels, shape (1,), updated by the daily
            step `governments`.
        planning: beliefs and route plans of communities and organisations.
        supply: candidates by community, kind and month.
        early_departures: candidates who decide before an announced deadline.
        migrants: one row per simulated migrant, or one agent with `engine="objects"`.
        patrol: sector commands and teams of the U.S. Border Patrol.
        forces: posts of the Mexican migration institute and gendarmes.
        market: smuggling organisations.
        ports: ports of entry.
        drugs: the drug organisations and their trade.
        countries: the four origin countries.
        employers: U.S. employers of seasonal and unlawful workers.
        governments: the U.S. and Mexican governments.
        aid: the pipeline of U.S. aid.
        strategy: the joint anti-crime strategy of both governments.
        policies: the scenario's policies.
        policy_context: inputs that policies may read.
        government_cycle: totals for the monthly and quarterly decisions of governments.
        flow_history: running means of flows and demand.
        indicator_reader: daily levels such as waits and the number of cells.
        ledger: persons by event and place, dollars by account.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **RunControl._instead,
        **dict.fromkeys(
            saved_run.STATE, f"set the attributes of its agents, or {_REBUILD} settings"
        ),
        **dict.fromkeys((*saved_run.GIVEN, *Scenario.__dataclass_fields__), f"{_REBUILD} it"),
    }

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        rng: SeedInput = _UNSET,
        seed: SeedInput = _UNSET,
        world: World | None = None,
        agent_classes: Mapping[str, type[Any]] | None = None,
        datacollector: DataCollector | Callable[[], DataCollector] | None = None,
        **settings: Any,
    ) -> None:
        """Build the model and simulate the warm-up.

        Args:
            scenario: the settings, by default the baseline scenario.
            rng: seed of every draw, from 0 to 2**63 - 1, default 1. A numpy generator draws the
                seed with `generator.integers(2**63)`, so generators in equal states give equal
                runs.
            seed: another name for `rng`.
            world: a world that is already loaded. By default, the model loads the scenario's world.
            agent_classes: agent subclasses by the name of the class that each subclass replaces,
                for example `{"Organisation": MyOrganisation}`, see
                :data:`abm.build_agents.REPLACEABLE`.
            datacollector: a Mesa data collector, or a function that returns a collector. The model
                collects at the start and after every day.
            settings: keywords that replace settings in the scenario, for example `scale=1000`. Pass
                a dotted path as ``**{"contest.eta": 0.9}``.

        Raises:
            SettingError: a setting is unknown or outside its bounds, an argument has the wrong
                type, the data collector has rows, or the seed is None or passed twice. Also raised
                if route values do not converge under the settings, or if `agent_classes` has an
                unknown name, a class that is not a subclass, or a class that the engine does not
                use.
            WorldError: the world files are missing or invalid.
        """
        seed = _seed_of(rng=rng, seed=seed)
        _expect("scenario", scenario, Scenario, "Give settings by name, such as days=365.")
        _expect("world", world, World, "Give a world that load_world returns.")
        collector = datacollector() if callable(datacollector) else datacollector
        _expect("datacollector", collector, DataCollector, "Give one, or a function for one.")
        scenario = (scenario or Scenario()).with_settings(settings)
        self.agent_classes = MappingProxyType(own_classes(scenario, agent_classes))
        if collector is not None:
            _check_collector(collector, Migrant if scenario.engine == "objects" else MigrantAgent)
        super().__init__(rng=seed)
        self._build(scenario, seed, world or load_world(scenario.world or None))
        if collector is not None:
            self.datacollector = collector
            collector.collect(self)

    def _build(self, settings: Scenario, seed: int, world: World) -> None:
        """Build all parts and simulate the warm-up."""
        self.settings, self.seed = settings, seed
        self.keyed_random = KeyedRandom(self.seed)
        self.calendar = Calendar(settings.start, settings.warmup_days)
        self.levers = Levers(
            sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
        )
        self._build_network(world)
        self._build_actors()
        self._build_policies()
        if not engines.has_objects(self):
            register: dict[type, Any] = self._agents_by_type  # Mesa's register of agents by class
            register[Migrant] = MigrantSet(self)
        while not self.recording:
            self._simulate_day()
        # Outcomes distinguish first and repeated apprehensions over the recorded days only.
        self.migrants.forget_apprehensions()
        self._built = True

    def __repr__(self) -> str:
        """Return the date, seed, scale, engine and number of agents."""
        return (
            f"<BorderModel {self.date}, seed {self.seed}, scale {self.settings.scale}, "
            f"engine {self.settings.engine}: {self.migrants.count} migrants, "
            f"{self.non_migrant_count} other agents>"
        )

    # ---- construction ---------------------------------------------------------------------------
    def _build_network(self, world: World) -> None:
        settings = self.settings
        self.network = RouteNetwork.build(world, settings, *build_space(self, world))
        self.baseline = Baseline.build(self.network, settings)
        homes = self.network.homes
        shares = legal_channel.shares_by_nation(homes)
        self.conditions = Conditions(
            np.array(settings.border_patrol.line_hazard),
            settings.consequences.beds,
            np.zeros(world.n_legs),
            np.zeros(world.n_legs),
            legal_channel.decisions(settings.migrants, shares),
            shares,
        )
        nations = [nation_index(*home) for home in zip(homes.country, homes.group, strict=True)]
        self.kernel_params = build_kernel_params(
            settings,
            homes.place,
            np.array(nations),
            4 * homes.count,
            self.network.southern_town,
        )
        self.kernel_params[0]["ports"] = float(self.network.port_legs.size > 0)
        self.planning = Planning.build(self.network, settings)
        self.supply = Supply(settings, homes)
        self.early_departures = EarlyDepartures(len(self.supply.strata))
        self.migrants = engines.population(self)
        self.ledger = Ledger(settings.days, world.n_legs, len(INDICATORS))
        backlog = legal_channel.backlog(settings.migrants, shares)
        if settings.record == "history":
            backlog *= legal_channel.visas_relative_to_base(fiscal_year(self.date))
        self.ledger.day_tallies["tickets"][0] = legal_channel.whole_persons(backlog)
        self.flow_history = FlowHistory(world)
        self.government_cycle = GovernmentCycle(homes, self.flow_history.record)
        self.indicator_reader = IndicatorReader()

    def _build_actors(self) -> None:
        """Build the actors. The order is fixed, because Mesa numbers agents as they are created."""
        settings, network = self.settings, self.network
        self.patrol = build_agents.border_patrol(self, settings, network)
        self.forces = build_agents.mexican_forces(self, settings, network)
        self.market = build_agents.market(self, settings, network, self.planning.org_beliefs)
        self.ports = build_agents.ports(self, settings, network)
        self.drugs = build_agents.drugs(self, settings, network)
        self.countries = build_agents.countries(self, settings, network)
        self.employers = Employers(self, settings.employers, self.conditions.legal_shares)
        self.governments = Governments(self, settings.governments)
        self.aid = Aid(self, settings.aid)
        self.strategy = Strategy(self, settings.strategy)
        self.ledger.open_accounts(int(self.market.book["cash"].sum()))

    def _build_policies(self) -> None:
        settings = self.settings
        self.policies = policies_of(settings, settings.policies)
        self.policy_context = Inputs(
            world=self.world,
            settings=settings,
            us_base=self.patrol.base,
            mx_base=self.forces.base_officers,
            ports_base=self.ports.base_officers,
            booths_base=self.ports.base_booths,
            cooperation=self.governments.cooperation,
        )

    # ---- copies ---------------------------------------------------------------------------------
    def save(self, path: str | Path) -> None:
        """Write the model's state to a file, from which `load` continues the run.

        Attributes that user code added to the model, such as a data collector, are not stored.

        Args:
            path: file to create or replace, in an existing folder.

        Raises:
            SettingError: the file cannot be written, or events other than the daily step are
                scheduled.
        """
        saved_run.write(path, capture(self)[0], self.settings, self.world)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        world: World | None = None,
        agent_classes: Mapping[str, type[Any]] | None = None,
    ) -> Self:
        """Read a model from a file. It continues byte for byte like the model that was saved.

        Reading does not execute code from the file.

        Args:
            path: file written by `save`.
            world: the world of the run, by default the world that the scenario names.
            agent_classes: the agent subclasses with which the run was saved.

        Returns:
            The model in its saved state.

        Raises:
            SettingError: the file is damaged or not a saved run, or was saved by another version of
                the model, in another world or with other agent subclasses.
            WorldError: the world files are missing or invalid.
        """
        _expect("world", world, World, "Give a world that load_world returns.")
        return saved_run.read(path, cls, world, agent_classes)

    @classmethod
    def _from_pickle(cls, source: str, state: Snapshot, *parts: Any) -> Self:
        """Rebuild a pickled model.

        Args:
            source: hash of the model sources that wrote the pickle.
            state: state of the model, from :func:`abm.saved_run.capture`.
            parts: the scenario, the world and the agent subclasses.

        Raises:
            SettingError: another version of the model wrote the pickle.
        """
        saved_run.check_source(source)
        return restore(state, cls, *parts)[0]

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling.

        Loading a pickle can execute code, so load pickles only from a trusted source. Loading a
        file written by `save` executes no code.
        """
        parts = (self.settings, self.world, dict(self.agent_classes))
        args = (state_source(), capture(self)[0], *parts)
        return type(self)._from_pickle, args, added_attributes(self) or None

    def __copy__(self) -> Self:
        """Return a deep copy, because two models cannot share agents or a data collector."""
        return copy.deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy that continues identically. Both share the immutable world and scenario.

        Args:
            memo: copies by `id` of the original, as :func:`copy.deepcopy` passes them.

        Raises:
            SettingError: events other than the daily step are scheduled.
        """
        state, originals = capture(self)
        model, copies = restore(state, type(self), self.settings, self.world, self.agent_classes)
        memo[id(self)] = model
        memo |= {id(old): new for old, new in zip(originals, copies, strict=True)}
        memo[id(memo)] = originals  # Keep originals, so ids stay unique.
        vars(model).update(copy.deepcopy(added_attributes(self), memo))
        return model

    # ---- time -----------------------------------------------------------------------------------
    def _run_day(self) -> None:
        schedule.step(self)

    def next_day(self) -> None:
        """Advance the calendar. On the first day of a recorded month, open it in the ledger."""
        if self.calendar.advance() and self.recording:
            self.ledger.turn_month()

    @property
    def today(self) -> int:
        """Date of the next simulated day, as a proleptic Gregorian ordinal."""
        return self.calendar.today

    @property
    def date(self) -> datetime.date:
        """Date of the next simulated day."""
        return self.calendar.date

    @property
    def recording(self) -> bool:
        """Whether the warm-up is over."""
        return self.calendar.recording

    @property
    def clock(self) -> int:
        """Days since the warm-up began, the time unit of the migrant rows."""
        return self.calendar.clock

    @property
    def week(self) -> int:
        """Weeks since the warm-up began."""
        return self.clock // 7

    @property
    def weekly(self) -> bool:
        """Whether the weekly decisions are due today."""
        return self.clock % 7 == 0

    @property
    def weight(self) -> int:
        """Number of persons that a row created today represents."""
        scale = self.settings.scale
        if self.calendar.first_day - self.today > self.settings.fill_days:
            return max(scale, WARMUP_SCALE)
        return scale

    # ---- Mesa's registers -----------------------------------------------------------------------
    @property
    def non_migrants(self) -> AbstractAgentSet:
        """All agents except the migrants."""
        agents: Any = super().agents
        if engines.has_objects(self):
            agents = [agent for agent in agents if not isinstance(agent, MigrantAgent)]
        return Selection.show(agents, self.random)

    @property
    def non_migrant_count(self) -> int:
        """Number of agents that are not migrants."""
        people = self.migrants.count if engines.has_objects(self) else 0
        return len(self._all_agents) - people

    @property
    def agents(self) -> AbstractAgentSet:  # pyright: ignore[reportIncompatibleMethodOverride]
        """All agents as a Mesa agent set, which includes a view of every migrant.

        Every access builds a new set. The first access also builds the views, which takes a few
        microseconds per migrant. `agents_by_type[Migrant]` reads the columns without views, and
        `non_migrants` excludes the migrants. With `engine="objects"`, migrants are agents of the
        class `MigrantAgent` instead of views.
        """
        if engines.has_objects(self):
            return Selection.show(super().agents, self.random)
        return Selection.show([*super().agents, *self.agents_by_type[Migrant]], self.random)

    @property
    def agents_by_type(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> Mapping[type[Any], Any]:
        """Agent sets by class. In both engines, the key `Migrant` stands for all migrants."""
        groups: Any = super().agents_by_type
        objects = engines.has_objects(self)
        alias = {Migrant: self.class_of(MigrantAgent)} if objects else {}
        return ByType(groups, alias, self.random)

    def agents_of(self, kind: type[Any]) -> Any:
        """Return the agents of a class, or of the subclass that replaces it, in order of creation.

        Args:
            kind: an agent class of this package, such as `Organisation`.

        Returns:
            The agent set, empty if no such agent exists.
        """
        return self.agents_by_type.get(self.class_of(kind), Selection.show((), self.random))

    def register_agent(self, agent: Any) -> None:
        """Register an agent. Mesa's agent constructor calls this method.

        Args:
            agent: an agent that is being created.

        Raises:
            ValueError: the agent is registered already, or `agent_classes` replaces its class by
                another.
            NotImplementedError: the number of such agents follows from the world or the supply.
        """
        if self.between_days:
            if agent.unique_id is not None:
                raise ValueError(f"{agent!r} is in the model already")
            if isinstance(agent, OfTheWorld):
                agent.create_agents()
            if isinstance(agent, MigrantAgent):
                raise NotImplementedError(f"{type(agent).__name__} {NOT_ADDED}")
        is_new = type(agent) not in self._agents_by_type
        for base in REPLACEABLE.values() if is_new else ():
            if isinstance(agent, base) and type(agent) is not self.class_of(base):
                raise ValueError(
                    f"agent_classes of this model has {self.class_of(base).__name__} for "
                    f"{base.__name__}, so no day would call a {type(agent).__name__}: create that "
                    "one, or build another BorderModel"
                )
        super().register_agent(agent)

    def deregister_agent(self, agent: Any) -> None:
        """Remove an agent from the register. The agent's `remove` method calls this method.

        Args:
            agent: an agent that is being removed.

        Raises:
            ValueError: the caller is not the agent's `remove` method.
            NotImplementedError, TypeError: agents of this class cannot be removed. The message has
                the reason.
        """
        if self.between_days and not getattr(agent, "_leaves", True):
            if type(agent).remove in (OfTheWorld.remove, Migrant.remove, MigrantAgent.remove):
                agent.remove()  # raises the reason why it stays
            raise ValueError(f"{agent!r} leaves the model by its method remove(), so call that")
        super().deregister_agent(agent)

    @property
    def scenario(self) -> Scenario:
        """The run's scenario, under the name that agents and Mesa's tools read."""
        return self.settings

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        # Mesa's constructor assigns an empty scenario before `_build` stores the actual one.
        if hasattr(self, "settings"):
            raise AttributeError("the scenario of a model is fixed: build another BorderModel")

    # ---- parts of the network -------------------------------------------------------------------
    @property
    def world(self) -> World:
        """World with places and legs in read-only arrays."""
        return self.network.world

    @property
    def space(self) -> Network:
        """Mesa network whose cells are the places. Its agents are all except the migrants."""
        return self.network.space

    # ---- the interface to agents (agents.environment.Environment) -------------------------------
    def cell_of(self, place: int) -> Cell:
        """Return the Mesa cell of a place."""
        return self.network.cells[place]

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on a unit's shortest path, which does not leave the unit's country.

        Args:
            place, target: indices of places.

        Returns:
            The next place and its travel time in days, or (`place`, inf) if no path exists.
        """
        return self.network.ways.step_towards(place, target)

    def traffic_into(self, lag: int) -> np.ndarray:
        """Return how many foreigners a day moved into each place, mean over four weeks.

        Args:
            lag: days between the end of the four weeks and today.

        Returns:
            Persons a day, shape (places,).
        """
        return self.flow_history.traffic_into(lag)

    def close_port(self, place: int) -> None:
        """Close the legs into a removed port. If none is left, candidates have no port option.

        Args:
            place: index of the port's place.
        """
        network = self.network
        network.closures[network.world.head == place] = True
        network.close_legs(self.levers)
        if network.closures[network.port_legs].all():
            self.kernel_params[0]["ports"] = 0.0

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts.

        Args:
            payer, payee: accounts (:class:`agents.outcomes.Account`).
            dollars: amount in whole dollars.
        """
        self.ledger.pay(payer, payee, dollars)

    def release_clients(self, slot: int) -> None:
        """Release a dissolved organisation's clients, who continue alone."""
        self.migrants.release_clients(slot)

    def tidy(self) -> None:
        """Check the rows against the ledger, and drop rows that need no further actions.

        The schedule calls this method once a month.
        """
        table = self.migrants
        self.ledger.recount(table.live)
        finished = table.live[table.due[: table.count] == NEVER]
        net_worth = (finished["wealth"].astype(np.int64) - finished["debt"]) * finished["weight"]
        self.ledger.settle_accounts(int(net_worth.sum()))
        table.compact()
