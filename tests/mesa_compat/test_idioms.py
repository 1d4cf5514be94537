"""Idioms of Mesa's tutorials, on every supported version of Mesa."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections import Counter
from typing import Any

import mesa
import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import SettingError
from agents.border_patrol import PatrolTeam
from agents.migrants.agent_set import Migrant
from agents.smugglers import Organisation

SMALL = {"scale": 1000, "warmup_days": 30, "days": 12}


@pytest.fixture
def model() -> BorderModel:
    """Run five of a model's twelve days."""
    model = BorderModel(**SMALL, seed=1)
    model.run_for(5)
    return model


def test_a_loop_over_running_ends_with_the_scenario():
    model = BorderModel(**SMALL)
    while model.running:
        model.step()
    assert model.time == model.ledger.day == 12


def test_a_user_can_stop_a_run(model: BorderModel):
    model.running = False
    model.run_model()
    assert model.time == 5


def test_settings_and_seed_are_keywords():
    model = BorderModel(**SMALL, seed=7, **{"contest.eta": 0.9})
    assert model.seed == 7 and model.settings.scale == 1000 and model.settings.contest.eta == 0.9
    assert model.ledger.digest == BorderModel(model.settings, rng=7).ledger.digest


def test_an_unknown_keyword_names_the_nearest_setting():
    with pytest.raises(SettingError, match="scale"):
        BorderModel(scales=1000)
    with pytest.raises(ValueError, match="rng and seed"):
        BorderModel(**SMALL, rng=1, seed=1)


def test_a_generator_gives_the_seed():
    """Equal states give equal runs. A generator that is used twice gives two different runs."""
    first, again, rng = (np.random.default_rng(3) for _ in range(3))
    model = BorderModel(**SMALL, rng=first)
    assert model.seed == BorderModel(**SMALL, rng=again).seed == rng.integers(2**63)
    assert BorderModel(**SMALL, rng=again).seed == rng.integers(2**63) != model.seed
    assert BorderModel(**SMALL, rng=np.random.SeedSequence(3)).seed == model.seed
    assert BorderModel(**SMALL, rng=np.random.PCG64(3)).seed == model.seed
    assert BorderModel(**SMALL, rng="43").seed == 43  # SolaraViz passes the text of a field


def test_the_scenario_in_force_is_one_object_everywhere(model: BorderModel):
    """Mesa accepts it as a scenario, and its values are those of the model."""
    assert model.scenario is model.settings is next(iter(model.agents)).scenario
    assert isinstance(model.scenario, mesa.experimental.scenarios.Scenario)
    assert dict(model.scenario)["scale"] == 1000 and len(model.scenario) == len(
        dict(model.scenario)
    )
    with pytest.raises(AttributeError, match="build another BorderModel"):
        model.scenario = model.settings
    assert copy.deepcopy(model).scenario is model.scenario
    assert pickle.loads(pickle.dumps(model)).scenario == model.scenario


def collector() -> mesa.DataCollector:
    """Return a collector with all three kinds of reporters."""
    return mesa.DataCollector(
        model_reporters={"candidates": lambda m: m.ledger.totals()["candidates"]},
        agent_reporters={"kind": lambda agent: type(agent).__name__},
        agenttype_reporters={Organisation: {"slot": "slot"}, Migrant: {"wealth": "wealth"}},
    )


def test_a_data_collector_collects_every_day():
    model = BorderModel(**(SMALL | {"days": 13}), datacollector=collector)
    model.run_for(12)
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 13 and frame["candidates"].is_monotonic_increasing
    kinds = model.datacollector.get_agent_vars_dataframe().loc[12, "kind"].value_counts()
    assert kinds["Migrant"] == model.migrants.count and kinds["Government"] == 2
    wealth = model.datacollector.get_agenttype_vars_dataframe(Migrant)["wealth"]
    assert len(wealth.loc[12]) == model.migrants.count
    model.datacollector.collect(model)
    with pytest.raises(ValueError, match="twice at time 12: step collects"):
        model.step()
    with pytest.raises(SettingError, match="rows of another run"):
        BorderModel(**SMALL, datacollector=model.datacollector)
    with pytest.raises(SettingError, match="this engine has no Migrant"):
        BorderModel(**SMALL, engine="objects", datacollector=collector)


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 has no batch_run")
def test_batch_run_varies_settings_and_seeds():
    parameters = {**SMALL, "contest.eta": [0.4, 0.9], "datacollector": collector}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # batch_run itself is deprecated in some versions
        rows = mesa.batch_run(
            BorderModel,
            parameters=parameters,
            rng=[1, 2],
            number_processes=1,
            data_collection_period=-1,
            display_progress=False,
        )
    runs = {(row["contest.eta"], row.get("rng", row.get("seed"))) for row in rows}
    assert len(runs) == 4 and all(row["candidates"] > 0 for row in rows)


def test_registers_agree_on_who_exists(model: BorderModel):
    kinds = Counter(type(agent) for agent in model.agents)
    assert kinds == {kind: len(model.agents_by_type[kind]) for kind in model.agent_types}
    assert kinds[Migrant] == model.migrants.count > 0
    assert Counter(map(type, model.non_migrants)) == kinds - Counter({Migrant: kinds[Migrant]})
    assert len(model.agents.select(agent_type=Migrant)) == kinds[Migrant]
    teams = model.agents.select(lambda agent: isinstance(agent, PatrolTeam))
    assert len(teams) == kinds[PatrolTeam] and model.agents.groupby(type).count() == kinds
    assert Counter(map(type, model.agents.shuffle().sort("unique_id"))) == kinds


@pytest.mark.parametrize("backend", ["matplotlib", "altair"])
def test_mesas_renderer_draws_the_network(model: BorderModel, backend: str):
    from mesa import visualization
    from mesa.visualization import components

    sizes = {Organisation: 60, PatrolTeam: 30}

    def portrayal(agent: Any) -> Any:
        return components.AgentPortrayalStyle(size=sizes.get(type(agent), 10), color="tab:blue")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        renderer = visualization.SpaceRenderer(model, backend=backend)
        renderer.setup_agents(portrayal)
        renderer.render()
    assert renderer.agent_mesh is not None and renderer.space_mesh is not None


def test_solara_viz_renders_the_model(model: BorderModel):
    import solara
    from mesa import visualization

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        renderer = visualization.SpaceRenderer(model, backend="matplotlib")
        page = visualization.SolaraViz(model, renderer, model_params={}, name="Two Borders")
        _, context = solara.render(page, handle_error=False)
        context.close()
