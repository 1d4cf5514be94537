"""A leg in two halves acts as the whole leg, and two half-size sectors act as one sector.

`test_metamorphic.py` describes the forms of these laws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.phases.dated_inputs import ANCHOR_YEAR
from abm.scenario import Scenario
from abm.world.routes import World
from abm.world.vocabulary import SECTORS
from agents import contest
from agents.agency_params import BorderPatrolParams
from agents.contest import ContestParams
from agents.migrants.prospects import ARRIVE, BY_MEXICO, VIOLENCE
from agents.outcomes import Event, Status
from tests.laws.metamorphic import COUNTED, SEEDS, assert_equal_on_average, run
from tests.laws.tables_of_worlds import Tables

TUCSON, YUMA = SECTORS.index("Tucson"), SECTORS.index("Yuma")


# ---- a leg in two halves -------------------------------------------------------------------------

#: Mexico has posts in all states except those "elsewhere", and no constant is added per leg.
LEGS: dict[str, Any] = {
    "mexico.leg_hazard": [0.10, 0.10, 0.10, 0.10, 0.10, 0.0],
    "routes.corridor_constant": [0.0, 0.0],
}
#: Settings without kidnapping or death before the line.
SAFE: dict[str, Any] = {"migrants.kidnap_hazard": 0.0, "migrants.death_transit": 0.0}


#: Legs that are split. Only one of them leads from a place to the next.
HALVED = (
    *(("plain", "east"), ("plain", "west"), ("middle", "east"), ("middle", "west")),
    *(("village", "east"), ("village", "west")),
)


def halves(tables: Tables) -> Tables:
    """Return the world with a place in the middle of some legs, without officers of Mexico.

    Every trip that starts at home uses one of these legs.
    """
    place = {"kind": "transit", "remoteness": "0", "mx_origin_region": "0", "admin": "Half"}
    for source, target in HALVED:
        name = f"{source}_{target}"
        tables = tables.split(source, target, "road", place | {"id": name, "name": name})
    return tables


def days_on_the_way(model: BorderModel) -> int:
    """Return the person-days of travel by those who decided on a recorded day."""
    return int(model.ledger.stock[:, 1, Status.TRAVELLING].sum())


@pytest.fixture(scope="module")
def whole_and_halves(tables: Tables, load: Callable) -> tuple[World, World]:
    """Return the small world and the same world with divided legs."""
    return load(tables), load(halves(tables))


@pytest.mark.parametrize("learning", [False, True], ids=["without learning", "with learning"])
@pytest.mark.slow
def test_a_leg_in_two_halves_is_as_long_and_as_dangerous_as_the_leg(
    learning: bool, whole_and_halves: tuple[World, World], blind: dict[str, Any]
) -> None:
    """Without learning, the same people set out on the same days, and totals agree on average.

    The later legs of a trip get new numbers, and therefore other draws.
    """
    changes = LEGS if learning else LEGS | blind | SAFE
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        one, other = (run(world, seed, policies="", changes=changes) for world in whole_and_halves)
        a, b = one.ledger, other.ledger
        if not learning:
            for kind in (Event.CANDIDATES, Event.SET_OUT):
                assert np.array_equal(a.events[:, kind], b.events[:, kind])
        more = {name: b.totals()[name] - a.totals()[name] for name in COUNTED}
        more["days"] = days_on_the_way(other) - days_on_the_way(one)
        for name, value in more.items():
            found.setdefault(name, []).append(value)
    assert_equal_on_average(found, ("reached_line", "apprehended_mexico", "days"))
    assert any(found["days"])


def expected_outcomes(
    world: World, changes: dict[str, Any], rows: Sequence[int], places: int
) -> np.ndarray:
    """Return the outcomes that migrants who travel alone expect in the base year.

    Args:
        world: the world.
        changes: settings.
        rows: rows of the outcomes.
        places: number of places, counted from the first.

    Returns:
        Outcomes, shape (classes, rows, places).
    """
    model = BorderModel(
        Scenario(scale=1_000, warmup_days=14, days=1).with_settings(changes), rng=1, world=world
    )
    plans = model.planning.plans
    return plans.prior[: plans.first_guided][:, rows, :places].copy()


def test_people_expect_the_same_stops_of_a_leg_in_two_halves(
    whole_and_halves: tuple[World, World],
) -> None:
    """The probabilities of arrival and of a stop by Mexico are equal up to rounding."""
    places = whole_and_halves[0].n_places
    one, two = (
        expected_outcomes(world, LEGS, [ARRIVE, BY_MEXICO], places) for world in whole_and_halves
    )
    assert np.abs(one).max() > 0.1 and np.allclose(one, two, rtol=1e-9, atol=1e-12)


@pytest.mark.xfail(
    strict=True,
    reason="an expectation of violence continues after a kidnapping or a death, which end the trip "
    "(agents.routing.compute_expectations), so that halves of a leg have (1 - exp(-h / 2))**2 more",
)
def test_people_expect_the_same_violence_on_a_leg_in_two_halves(
    whole_and_halves: tuple[World, World],
) -> None:
    """The probability of a kidnapping or a death is equal up to rounding."""
    places = whole_and_halves[0].n_places
    one, two = (expected_outcomes(world, LEGS, [VIOLENCE], places) for world in whole_and_halves)
    assert np.allclose(one, two, rtol=1e-9, atol=1e-12)


# ---- a sector in two halves ----------------------------------------------------------------------


def two_crossings(tables: Tables, second: str) -> Tables:
    """Return a world in which two equal crossings lead from one town to one city.

    Args:
        tables: the small world.
        second: sector of the second crossing; the first crossing is in Tucson.

    Returns:
        The tables.
    """
    return tables.without("east", "east_line", "gate", "bay").twin(
        "west_line", "other_line", second
    )


@pytest.mark.parametrize("eta", [0.0, 0.5492, 1.0])
def test_half_a_sector_has_the_detection_of_the_sector(eta: float) -> None:
    """The law uses ratios: half the agents, miles and flow give the same hazard.

    Sensors and fences are shares of the line, so half the miles along half a line give the same
    share. Factors of two are exact in floating-point numbers.
    """
    agents, anchor, fenced, miles, flow, baseline = 2_400.0, 2_000.0, 210.0, 262.0, 900.0, 700.0
    found = []
    for part in (1.0, 0.5):
        ratio = contest.strength(
            part * agents, 0.9, 0.8, 1.0 + 0.25 * (part * fenced) / (part * miles)
        ) / contest.strength(part * anchor, 0.9, 0.8)
        h = contest.hazard(
            1.89, 1.2, ratio, eta, (part * flow) / (part * baseline), 0.05994, returns=0.4
        )
        calls = contest.answered_share((part * flow) / (part * agents))
        found.append((float(h), float(calls)))
    assert found[0] == found[1]


#: Sectors that differ only in their number of agents, which `post_agents` sets.
LINE: dict[str, Any] = {
    "border_patrol.rule": "static",
    "border_patrol.tied_up": 0.0,
    "border_patrol.staff_year": 2012,
    "border_patrol.sensors_base": [0.3] * 9,
    "border_patrol.fence_base": [0.5] * 9,
    "routes.sector_constant": [0.0] * 9,
    "migrants.death_sector": [1.0] * 9,
    "contest.chi": 0.0,
}
TO_SECTORS = "patrol_surge patrol_effort fence cameras_and_sensors"


def post_agents(monkeypatch: pytest.MonkeyPatch, agents: dict[str, float]) -> None:
    """Set the agents on the first day and in FY2013, so that each agent is equally effective.

    In FY2013, sectors have their declared sensors and fences. The number of agents in that year
    compensates for these differences, so that hazards keep their declared values.

    Args:
        monkeypatch: fixture of pytest.
        agents: agents by sector; other sectors have no agents.
    """
    declared, shape = BorderPatrolParams(), ContestParams()
    gains = np.array([shape.sensor_gain, shape.fence_gain])
    then = (
        1.0 + gains[0] * np.array(declared.sensors_base) + gains[1] * np.array(declared.fence_base)
    )
    now = 1.0 + gains[0] * 0.3 + gains[1] * 0.5
    staff = np.array([agents.get(sector, 0.0) for sector in SECTORS])
    years = {2012: staff, ANCHOR_YEAR: staff * now / then}
    monkeypatch.setattr("abm.build_agents.staffing", lambda year: years[year].copy())


@pytest.fixture(scope="module")
def sectors(tables: Tables, load: Callable) -> list[tuple[World, dict[str, float]]]:
    """Return one sector with two crossings, and two sectors with half of its agents each."""
    one, two = (load(two_crossings(tables, sector)) for sector in ("Tucson", "Yuma"))
    return [(one, {"Tucson": 4_000.0}), (two, {"Tucson": 2_000.0, "Yuma": 2_000.0})]


def test_the_same_people_are_apprehended_in_two_half_size_sectors_as_in_one(
    sectors: Any, blind: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With that number of agents, every call is answered."""
    models = []
    for world, agents in sectors:
        post_agents(monkeypatch, {name: 1_000.0 * n for name, n in agents.items()})
        models.append(run(world, policies=TO_SECTORS, changes=blind | LINE))
    one, two = models
    hazards = [model.conditions.line_hazard for model in models]
    assert hazards[1][[TUCSON, YUMA]] == pytest.approx(hazards[0][TUCSON], rel=1e-12)
    assert hazards[0][TUCSON] > 1.05 * BorderPatrolParams().line_hazard[TUCSON]
    whole, parts = one.ledger.by_sector[:, TUCSON], two.ledger.by_sector[:, [TUCSON, YUMA]]
    assert np.array_equal(whole, parts.sum(axis=1))
    assert parts[Event.APPREHENDED_US].sum(axis=1).min() > 0
    assert np.array_equal(one.ledger.events, two.ledger.events)


@pytest.mark.slow
def test_two_half_size_sectors_work_as_one_on_average(
    sectors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs have organisations, learning, and agents who cannot answer every call."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        totals, hazards = [], []
        for world, agents in sectors:
            post_agents(monkeypatch, agents)
            model = run(world, seed, policies=TO_SECTORS, changes=LINE)
            totals.append(model.ledger.totals())
            hazards.append(model.conditions.line_hazard[model.patrol.base > 0.0].mean())
        for name in COUNTED:
            found.setdefault(name, []).append(totals[1][name] - totals[0][name])
        found.setdefault("hazard", []).append(hazards[1] - hazards[0])
    assert_equal_on_average(found, ("apprehended_us", "got_away_undetected", "hazard"))
