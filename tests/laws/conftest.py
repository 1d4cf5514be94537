"""Fixtures for the exact laws: short runs, settings without learning, and a one-leg world."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World
from experiments.runs.warmup import start_model
from tests.laws.tables_of_worlds import Tables

#: Settings without learning and without any resource that migrants share: no organisations,
#: community knowledge or legal channel, unlimited courts and responses, and no agents who attend to
#: people in custody.
BLIND: dict[str, Any] = {
    "migrants.knowledge_mean": 0.0,
    "migrants.knowledge_spread": 0.0,
    "migrants.legal_quota": [0.0, 0.0],
    "migrants.return_elasticity": 0.0,
    "migrants.surrender_slope": 0.0,
    "migrants.belief_prior": 5_000.0,
    "smugglers.count_mexican": 0,
    "smugglers.count_northern_triangle": 0,
    "smugglers.adaptive_entry": False,
    "contest.chi": 0.0,
    "border_patrol.rule": "static",
    "border_patrol.response": 10.0,
    "border_patrol.tied_up": 0.0,
    "mexico.response": 10.0,
    "consequences.courts": 100_000.0,
    "consequences.beds": 500_000.0,
    "migrants.homicide_elasticity": 0.0,
    "migrants.income_elasticity": 0.0,
    "ports.asylum_slots": 10_000.0,
}

#: Settings in which every migrant has the same chance of apprehension at every attempt and no other
#: event occurs on the journey.
FIXED: dict[str, Any] = {
    "migrants.retry_value_slope": 0.0,
    "migrants.retry_fatigue": 0.0,
    "migrants.sanction_removal": 0.0,
    "migrants.surrender_mexican": [0.0] * 3,
    "migrants.surrender": [0.0, 0.6, 0.8],
    "migrants.solo_cost": [0, 0],
    "migrants.death_line": [0.0] * 5,
    "migrants.death_transit": 0.0,
    "migrants.kidnap_hazard": 0.0,
    "migrants.return_rate": [0.0, 0.0],
    "mexico.leg_hazard": [0.0] * 6,
    "border_patrol.caught_share": 1.0,
    "border_patrol.turned_share": 0.0,
    "border_patrol.belt_hazard": 0.0,
    "consequences.prosecution": [0.0, 0.0],
    "consequences.release_mexican": [0.0] * 3,
    "consequences.release": [0.0] * 3,
}

NODES = """\
id,name,country,admin,lat,lon,kind,population,remoteness,terrain,usbp_sector,\
mx_origin_region,rail_hub,zone,geonameid,coord_source
south,South,GT,South,14,-91,origin,,0,highland,,0,0,central_america,,made up
village,Village,MX,Village,21,-101,transit,,0,highland,,1,0,central,,made up
town,Town,MX,Sonora,31,-111,staging,,0,desert,,0,0,northern_border,,made up
line,Line,US,Arizona,31.5,-111,crossing_between_ports,,1,desert,Tucson,0,0,us_border,,made up
city,City,US,Arizona,33,-112,destination,,0,desert,,0,0,us_interior,,made up
"""
EDGES = """\
source,target,mode,corridor,great_circle_km,factor,distance_km,travel_days,hazard_class,\
crosses_country_border,us_checkpoint_belt,mx_zone,basis
south,town,road,north,1900,1.2,2280,1,1,1,0,,made up
village,town,road,north,1100,1.2,1320,1,1,0,0,central,made up
town,line,foot,north,55,1.2,66,1,1,1,0,northern_border,made up
line,city,road,north,190,1.2,228,1,1,0,1,,made up
"""


@pytest.fixture(scope="session")
def one_leg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a world in which a single leg crosses the line."""
    folder = tmp_path_factory.mktemp("one_leg")
    (folder / "nodes.csv").write_text(NODES, encoding="utf-8")
    (folder / "edges.csv").write_text(EDGES, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def build(world: World) -> Callable[..., BorderModel]:
    """Return a function that builds a model; it ends before the first recorded day."""

    def build_model(
        policies: str = "", *, seed: int = 1, changes: dict[str, Any] | None = None, **basics: Any
    ) -> BorderModel:
        basics = {"scale": 200, "warmup_days": 30, "days": 45} | basics
        uses = tuple(parse_policy(text) for text in policies.split())
        scenario = Scenario(policies=uses, **basics).with_settings(changes or {})
        return start_model(scenario, seed, None if scenario.world else world)

    return build_model


@pytest.fixture(scope="session")
def play(build: Callable[..., BorderModel]) -> Callable[..., BorderModel]:
    """Return a function that runs all of a model's days.

    Example: play("fence:2 patrol_surge", seed=3, days=60, changes={...}).
    """

    def played(policies: str = "", **settings: Any) -> BorderModel:
        model = build(policies, **settings)
        model.run_for(model.settings.days)
        return model

    return played


@pytest.fixture(scope="session")
def blind() -> dict[str, Any]:
    """Return settings that disable learning."""
    return dict(BLIND)


@pytest.fixture(scope="session")
def fixed() -> dict[str, Any]:
    """Return settings without learning and with the same chance of apprehension for all people."""
    return BLIND | FIXED


@pytest.fixture(scope="session")
def at_the_line(
    play: Callable[..., BorderModel], one_leg: Path, fixed: dict[str, Any]
) -> Callable[..., BorderModel]:
    """Return a function that runs the one-leg world at an apprehension probability q.

    Each simulated migrant is one person (scale 1), so that agents answer every call. "__" in a
    keyword stands for the dot in a path.
    """

    def played(
        q: float, policies: str = "", *, days: int = 100, warmup: int = 150, **changes: Any
    ) -> BorderModel:
        settings = fixed | {"border_patrol.line_hazard": [-math.log1p(-q)] * 9}
        settings |= {name.replace("__", "."): value for name, value in changes.items()}
        run = {"scale": 1, "warmup_days": warmup, "fill_days": warmup, "days": days}
        return play(policies, world=str(one_leg), supply="flat", changes=settings, **run)

    return played


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the tables of the small world."""
    return Tables.small()


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], World]:
    """Return a function that writes tables and loads the world."""
    return lambda tables: tables.load(tmp_path_factory.mktemp("world"))
