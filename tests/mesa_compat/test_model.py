"""The model from the view of a Mesa user: clock, agents, space and the end of a run."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import mesa
import pytest
from mesa.discrete_space import CellAgent, FixedAgent

from abm.model import BorderModel
from agents.gendarmes import GendarmeCompany, GendarmeParams
from agents.governments import Government
from agents.origin_countries import Country


@pytest.fixture(scope="module")
def model(build: Callable[..., BorderModel]) -> BorderModel:
    """Run ten days with gendarmes."""
    model = build("rural_gendarmerie:8", mexico=GendarmeParams(hiring=100_000.0))
    model.run_for(10)
    return model


def test_the_clock_counts_recorded_days(build: Callable) -> None:
    """Time 0 is the first day of the scenario, and the unit of time is a day."""
    model = build()
    assert model.time == 0 and model.date == model.settings.start
    model.run_for(7)
    model.run_until(12)
    model.step()
    assert model.time == model.ledger.day == 13
    assert model.date == model.settings.start + datetime.timedelta(days=13)


def test_gendarmes_exist_only_under_their_policy(build: Callable) -> None:
    """Gendarmes leave the register when the policy ends."""
    use = "rural_gendarmerie:8@2012-10-05..2012-10-20"
    model = build(use, mexico=GendarmeParams(hiring=100_000.0))
    assert not any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    model.run_for(15)
    assert any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    model.run_for(15)
    assert not any(isinstance(agent, GendarmeCompany) for agent in model.agents)
    assert not any(isinstance(a, GendarmeCompany) for c in model.space.all_cells for a in c.agents)


def test_units_have_cells_of_the_network(model: BorderModel) -> None:
    """A cell lists its units, and a unit has its cell."""
    for agent in model.non_migrants:
        if isinstance(agent, Country | Government):
            continue  # A whole country has no cell.
        assert isinstance(agent, CellAgent | FixedAgent)
        assert agent in agent.cell.agents
        assert agent.cell.id == model.world.place_ids[agent.cell.coordinate]
    assert len(list(model.space.all_cells)) == model.world.n_places


def test_scheduled_events_of_the_user_run(build: Callable) -> None:
    """Events run besides the daily step, and their functions must stay in memory."""
    model, dates = build(), []

    def schedule() -> None:
        def note() -> None:
            dates.append(model.time)

        model.schedule_event(note, at=3.5)
        model.schedule_recurring(note, mesa.time.Schedule(interval=10.0, start=10.0))

    schedule()
    model.run_for(25)
    assert dates == [3.5, 10.0, 20.0]


def test_two_models_do_not_share_anything(build: Callable) -> None:
    """Models that run in turn give the results of separate runs."""
    one, other, alone = build(rng=1), build(rng=2), build(rng=1)
    for _ in range(10):
        one.run_for(1)
        other.run_for(1)
    alone.run_for(10)
    assert one.ledger.digest == alone.ledger.digest != other.ledger.digest
