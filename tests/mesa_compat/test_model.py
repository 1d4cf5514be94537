"""The model as a user of Mesa uses it: clock, agents, space, the end of a run."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mesa
import pytest
from mesa.discrete_space import CellAgent, FixedAgent, Network

import abm
from abm.model import BorderModel
from abm.scenario import Scenario
from agents.agency_params import GendarmeParams
from agents.border_patrol import PatrolTeam, SectorCommand
from agents.gendarmes import GendarmeCompany, InmPost
from agents.governments import Government
from agents.migrants.agent_set import Migrant, MigrantSet
from agents.origin_countries import Country
from agents.smugglers import Organisation, SmugglerCell

SCRIPT = """
import warnings
warnings.simplefilter("error")
from abm.model import BorderModel
from abm.scenario import Scenario
from agents.migrants.agent_set import Migrant
model = BorderModel(Scenario(scale=500, warmup_days=30, days=20), rng=3)
model.run_for(10)
people = model.agents_by_type[Migrant]
people.select(status=1).sort("wealth").shuffle().get(["wealth", "debt"])
people.groupby("kind"), people.agg("wealth", max), people.to_list()[:1]
[agent.cell for agent in model.agents if hasattr(agent, "cell")]
print(model.time)
"""


@pytest.fixture(scope="module")
def model(build: Callable[..., BorderModel]) -> BorderModel:
    """Run ten days with gendarmes."""
    model = build("rural_gendarmerie:8", mexico=GendarmeParams(hiring=100_000.0))
    model.run_for(10)
    return model


def test_it_is_a_mesa_model(model: BorderModel) -> None:
    """It is an instance of Mesa's class, with its registers."""
    assert isinstance(model, mesa.Model)
    assert isinstance(model.space, Network)


def test_the_clock_counts_recorded_days(build: Callable) -> None:
    """Time 0 is the first day of the scenario; one day is one unit of time."""
    model = build()
    assert model.time == 0 and model.date == model.settings.start
    model.run_for(7)
    assert model.time == 7 and model.ledger.day == 7
    assert model.date == model.settings.start + datetime.timedelta(days=7)
    model.run_until(12)
    assert model.time == 12 and model.ledger.day == 12
    model.step()
    assert model.time == 13 and model.ledger.day == 13


def test_every_type_of_agent_is_registered(model: BorderModel) -> None:
    """Agents are found by type, as in Mesa."""
    kinds = {
        Organisation,
        SmugglerCell,
        PatrolTeam,
        SectorCommand,
        InmPost,
        GendarmeCompany,
        Migrant,
    }
    assert kinds <= set(model.agents_by_type)
    assert all(len(model.agents_by_type[kind]) > 0 for kind in kinds)
    assert kinds <= set(model.agent_types)


def test_gendarmes_exist_only_under_their_policy(build: Callable) -> None:
    """They leave the register when the policy ends."""
    use = "rural_gendarmerie:8@2012-10-05..2012-10-20"
    model = build(use, mexico=GendarmeParams(hiring=100_000.0))
    assert not any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    model.run_for(15)
    assert any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    model.run_for(15)
    assert not any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    assert not any(isinstance(a, GendarmeCompany) for c in model.space.all_cells for a in c.agents)


def test_units_are_all_agents_but_the_migrants(model: BorderModel) -> None:
    """The register contains every unit once and no migrant."""
    units = list(model.units)
    assert len(units) == len(set(units)) == len(model.units)
    assert {type(agent) for agent in units} == set(model.agent_types) - {Migrant}
    assert len(units) == sum(
        len(model.agents_by_type[k]) for k in model.agent_types if k is not Migrant
    )
    assert model.units.select(agent_type=Organisation).agg("slot", max) >= 0


def test_units_have_cells_of_the_network(model: BorderModel) -> None:
    """A cell lists its units, and a unit has its cell."""
    for agent in model.units:
        if isinstance(agent, Country | Government):
            continue  # a whole country has no cell
        assert isinstance(agent, CellAgent | FixedAgent)
        assert agent in agent.cell.agents
        assert agent.cell.id == model.world.place_ids[agent.cell.coordinate]
    assert len(list(model.space.all_cells)) == model.world.n_places


def test_fixed_posts_cannot_be_moved(model: BorderModel) -> None:
    """A post of the migration institute and a sector command are fixed."""
    for kind in (InmPost, SectorCommand):
        unit = next(iter(model.agents_by_type[kind]))
        elsewhere = next(c for c in model.space.all_cells if c is not unit.cell)
        with pytest.raises(ValueError):
            unit.cell = elsewhere


def test_unique_ids_of_units_are_unique(model: BorderModel) -> None:
    """They also differ from the migrants' ids, which encode a date and a number."""
    ids = [agent.unique_id for agent in model.units]
    people = model.agents_by_type[Migrant].get("uid")
    assert len(set(ids)) == len(ids) and not set(ids) & set(people)


def test_one_day_too_many_raises_a_clear_error(build: Callable) -> None:
    """The message gives the number of days and the fix; the ledger is unchanged."""
    model = build(days=5)
    model.run_for(5)
    digest = model.ledger.digest
    with pytest.raises(
        ValueError, match="expected a number from 0 to 0, as 0 of the scenario's 5 days are left"
    ):
        model.run_for(1)
    assert model.ledger.day == 5 and model.ledger.digest == digest
    assert model.date == model.settings.start + datetime.timedelta(days=5)


def test_scheduled_events_of_the_user_run(build: Callable) -> None:
    """Mesa's event scheduling works together with the daily step."""
    model, dates = build(), []

    def note() -> None:
        dates.append(model.time)

    model.schedule_event(note, at=3.5)
    model.schedule_recurring(note, mesa.time.Schedule(interval=10.0, start=10.0))
    model.run_for(25)
    assert dates == [3.5, 10.0, 20.0]


def test_a_data_collector_works(build: Callable) -> None:
    """Mesa's collector works on the model and on organisations."""
    model = build()
    collector = mesa.DataCollector(
        model_reporters={"entered": lambda m: m.ledger.totals()["got_away_undetected"]},
        agenttype_reporters={Organisation: {"slot": "slot"}},
    )
    organisations = 0  # on all days; an organisation may dissolve between two of them
    for _ in range(5):
        model.run_for(1)
        collector.collect(model)
        organisations += len(model.agents_by_type[Organisation])
    frame = collector.get_model_vars_dataframe()
    assert len(frame) == 5 and frame["entered"].is_monotonic_increasing
    slots = collector.get_agenttype_vars_dataframe(Organisation)
    assert len(slots) == organisations > 0


def test_two_models_do_not_share_anything(build: Callable) -> None:
    """Interleaved models give the results of separate runs."""
    one, other, alone = build(rng=1), build(rng=2), build(rng=1)
    for _ in range(10):
        one.run_for(1)
        other.run_for(1)
    alone.run_for(10)
    assert one.ledger.digest == alone.ledger.digest != other.ledger.digest


def test_the_model_runs_its_scenario(model: BorderModel) -> None:
    """The model runs the scenario that was given."""
    assert isinstance(model.settings, Scenario)
    assert model.settings.policies[0].id == "rural_gendarmerie"


def test_migrants_have_their_own_agent_set(model: BorderModel) -> None:
    """The set over rows grows and shrinks with the table."""
    people = model.agents_by_type[Migrant]
    assert isinstance(people, MigrantSet) and len(people) == model.migrants.count


def test_no_warning_is_raised() -> None:
    """With deprecation warnings of Mesa, numpy and pandas as errors, the script runs."""
    root = Path(abm.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "10.0"


@pytest.mark.parametrize("seed", [-1, 1.5, "many", 2**63])
def test_an_invalid_seed_raises_an_error(seed: object, build: Callable) -> None:
    """The check runs before anything is built, without overflow or rounding."""
    with pytest.raises((ValueError, TypeError)):
        build(rng=seed)
