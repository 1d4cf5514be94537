"""Any history of saving, copying, reading, changing and loading gives a plain run's results.

Hypothesis draws histories of one model in a small world. After every step, persons and dollars are
conserved, and the record equals the record of a run without interruptions. `TWOBORDERS_HISTORIES`
sets the number of histories: 5 by default, 2,000 in `.ci/nightly`.
"""

from __future__ import annotations

import copy
import datetime
import os
import pickle
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from abm import measures
from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from abm.world.routes import World
from agents.migrants.agent_set import Migrant
from agents.outcomes import Account
from experiments.runs.warmup import start_model
from tests.laws.tables_of_worlds import Tables

HISTORIES = int(os.environ.get("TWOBORDERS_HISTORIES", "5"))
STEPS = 14
DAYS = 45
BASE = Scenario(scale=1_000, warmup_days=35, days=DAYS, fill_days=0)
#: An announcement acts before its first day, because people leave ahead of a deadline.
POLICIES = sorted(set(registry()) - {"announcement"})


@cache
def world() -> World:
    """Return the small world."""
    with tempfile.TemporaryDirectory() as folder:
        return Tables.small().load(Path(folder))


@dataclass
class PlainRun:
    """The uninterrupted run of a scenario and a seed, simulated day by day."""

    scenario: Scenario
    seed: int
    digests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start before the first day."""
        self.model = self.start()
        self.digests.append(self.model.ledger.digest)

    def start(self) -> BorderModel:
        """Return a model of the same scenario and seed on the first day."""
        return start_model(self.scenario, self.seed, world())

    def digest(self, day: int) -> str:
        """Return the digest of the record after the given number of days."""
        while len(self.digests) <= day:
            self.model.run_for(1)
            self.digests.append(self.model.ledger.digest)
        return self.digests[day]


@dataclass(frozen=True)
class SavedRun:
    """A file of a saved run, with its day and its plain run."""

    path: Path
    plain: PlainRun
    day: int


class Histories(RuleBasedStateMachine):
    """Steps that a user can take with a model."""

    def __init__(self) -> None:
        """Open a folder for saved runs."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.folder, self.saved = Path(self._folder.name), list[SavedRun]()

    @initialize(
        seed=st.integers(1, 3),
        engine=st.sampled_from(["columns", "columns", "objects"]),
        first=st.none() | st.sampled_from(POLICIES),
    )
    def begin(self, seed: int, engine: str, first: str | None) -> None:
        """Start a model with one policy or none."""
        specs = () if first is None else (PolicySpec(id=first),)
        scenario = BASE.with_settings({"engine": engine, "policies": specs})
        self.plain = PlainRun(scenario, seed)
        self.model = self.plain.start()

    @property
    def day(self) -> int:
        """Return the number of recorded days."""
        return self.model.ledger.day

    # ---- time -----------------------------------------------------------------------------------
    @precondition(lambda self: self.model.running)
    @rule(days=st.integers(1, 9))
    def run_days(self, days: int) -> None:
        """Run some days at once."""
        self.model.run_for(min(days, DAYS - self.day))

    @precondition(lambda self: self.model.running)
    @rule()
    def step(self) -> None:
        """Simulate one day as Mesa does."""
        self.model.step()

    # ---- copies ---------------------------------------------------------------------------------
    @rule(through=st.sampled_from(["save", "deepcopy", "pickle"]))
    def replace_by_a_copy(self, through: str) -> None:
        """Continue with a copy; later days of the original must not change the copy."""
        original = self.model
        if through == "save":
            original.save(self.folder / "copy.run")
            self.model = BorderModel.load(self.folder / "copy.run", world=world())
        elif through == "deepcopy":
            self.model = copy.deepcopy(original)
        else:
            self.model = pickle.loads(pickle.dumps(original))
        assert self.model is not original
        if original.running:
            original.run_for(1)
            assert original.ledger.digest == self.plain.digest(self.day + 1)

    @rule()
    def save(self) -> None:
        """Save the run and continue."""
        path = self.folder / f"{len(self.saved)}.run"
        self.model.save(path)
        self.saved.append(SavedRun(path, self.plain, self.day))

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        """Load a saved run of this scenario or of an earlier one."""
        saved = data.draw(st.sampled_from(self.saved))
        self.model, self.plain = BorderModel.load(saved.path, world=world()), saved.plain
        assert self.day == saved.day

    # ---- policies -------------------------------------------------------------------------------
    @precondition(lambda self: self.model.running)
    @rule(name=st.sampled_from(POLICIES), share=st.floats(0.1, 1.0))
    def add_a_policy_from_today_on(self, name: str, share: float) -> None:
        """Add a policy that starts today; earlier days stay unchanged."""
        kind = registry()[name]
        dose = kind.low + share * (min(kind.high, kind.low + 3.0) - kind.low)
        today = self.plain.scenario.start + datetime.timedelta(days=self.day)
        spec = PolicySpec(id=name, dose=dose, start=today)
        scenario = self.plain.scenario
        others = tuple(other for other in scenario.policies if other.id != name)
        if len(others) < len(scenario.policies):
            return  # Replacing an active policy would change earlier days.
        changed = PlainRun(scenario.with_settings({"policies": (*others, spec)}), self.plain.seed)
        assert changed.digest(self.day) == self.plain.digest(self.day)
        day, self.plain, self.model = self.day, changed, changed.start()
        if day:  # Mesa warns of a run of zero days.
            self.model.run_for(day)

    # ---- reading --------------------------------------------------------------------------------
    @rule()
    def read_results(self) -> None:
        """Read measures, agents and cells in a different order."""
        measures.rates(self.model.ledger)
        measures.outcomes(self.model.ledger)
        measures.criteria(self.model)
        self.model.ledger.persons()
        self.model.agents.shuffle()
        if self.plain.scenario.engine == "columns":
            people: Any = self.model.agents_by_type[Migrant]
            people.select(status=1).sort("wealth").get("wealth")

    @rule()
    def drop_finished_rows(self) -> None:
        """Drop the rows of people without further events, as the model does monthly."""
        self.model.tidy()

    # ---- invariants -----------------------------------------------------------------------------
    @invariant()
    def persons_are_conserved(self) -> None:
        """Rows, statuses and candidates agree, and no number of persons is negative."""
        ledger = self.model.ledger
        ledger.recount(self.model.migrants.live)
        persons = ledger.persons()
        assert min(persons.values()) >= 0 and (ledger.stock >= 0).all()
        assert persons.pop("candidates") == sum(persons.values())
        assert (ledger.events >= 0).all() and (ledger.daily_money >= 0).all()

    @invariant()
    def dollars_are_conserved(self) -> None:
        """Accounts sum to zero, and organisations hold the dollars that the ledger has for them."""
        ledger, cash = self.model.ledger, int(self.model.market.book["cash"].sum())
        assert int(ledger.balance.sum()) == 0
        assert cash == ledger.balance[Account.ORGANISATIONS]

    @invariant()
    def the_record_is_that_of_a_plain_run(self) -> None:
        assert self.model.ledger.digest == self.plain.digest(self.day)

    def teardown(self) -> None:
        """Compare with a run that simulates all days in one call."""
        if hasattr(self, "model") and self.day:
            other = self.plain.start()
            other.run_for(self.day)
            assert other.ledger.digest == self.model.ledger.digest
        self._folder.cleanup()


def test_any_history_has_the_results_of_a_plain_run() -> None:
    """Run random histories."""
    calm = settings(
        max_examples=HISTORIES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(Histories, settings=calm)
