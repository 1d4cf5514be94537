"""A world written in another way, or at another size, has the same history.

Draws have keys: the date, the number of the community and the number of the candidate, then the
attempt or the leg of a trip (:class:`agents.environment.Stream`). A change that keeps these keys
keeps the history itself; a change of the keys keeps its distribution. Each test asserts the
strongest of these forms that holds. In distribution, the mean difference over seeds is at most
`SIGMA` standard errors of that mean, which the differences themselves give.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from abm.model import BorderModel
from abm.phases.historical_inputs import ANCHOR_YEAR
from abm.policies import registry
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.routes import World
from abm.world.vocabulary import SECTORS
from agents import contest
from agents.border_patrol import BorderPatrolParams
from agents.contest import ContestParams
from agents.migrants.success import ARRIVE, BY_MEXICO, VIOLENCE
from agents.outcomes import Event, Status
from experiments.warmup import start_model
from tests.laws.tables_of_worlds import Tables

pytestmark = pytest.mark.xdist_group("laws")

TUCSON, YUMA = SECTORS.index("Tucson"), SECTORS.index("Yuma")
SEEDS = range(1, 9)
SIGMA = 4.5
#: Events that are compared in distribution.
COUNTED = (
    *("set_out", "trip", "reached_line", "apprehended_us", "got_away_undetected"),
    *("apprehended_mexico", "kidnapped", "port_attempt", "removed_us", "retried"),
)
POLICIES = (
    "rural_gendarmerie:2 fence southern_border_control intelligence_sharing patrol_surge "
    "dismantle_conveyor_belts trusted_travellers"
)
#: Parts of the record that do not depend on the order of places and legs; they are whole numbers.
RECORD = ("events", "stock", "daily_money", "unspent", "fees", "contracts", "by_sector", "balance")


type Counts = dict[int, dict[str, int]]


def run(
    world: World,
    seed: int = 1,
    *,
    policies: str = POLICIES,
    changes: dict[str, Any] | None = None,
    **basics: Any,
) -> BorderModel:
    """Run a model in a world from its tables."""
    basics = {"scale": 200, "warmup_days": 60, "days": 60, "fill_days": 0} | basics
    specs = tuple(parse_policy(text) for text in policies.split())
    scenario = Scenario(policies=specs, **basics).with_settings(changes or {})
    model = BorderModel(scenario, rng=seed, world=world)
    model.run_for(scenario.days)
    model.tidy()
    return model


def differences(one: BorderModel, other: BorderModel) -> list[str]:
    """Return the parts of two records that are not equal.

    Indicators and expected deaths are sums of floating-point numbers over places and legs, which
    another order rounds differently; whole numbers are compared exactly.
    """
    a, b = one.ledger, other.ledger
    found = [name for name in RECORD if not np.array_equal(getattr(a, name), getattr(b, name))]
    for name in ("indicators", "expected_deaths"):
        if not np.allclose(getattr(a, name), getattr(b, name), rtol=1e-9, atol=1e-12):
            found.append(name)
    return found


def assert_equal_on_average(found: dict[str, Sequence[float]], names: Sequence[str]) -> None:
    """Assert that the mean of differences over seeds is zero, up to its standard error.

    Args:
        found: differences by name, one for each seed.
        names: those that must be tested, so that an empty record cannot pass.
    """
    assert set(names) <= set(found)
    for name, values in found.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values)) <= SIGMA * error, (name, np.mean(values), error)


def event_differences(one: Counts, other: Counts) -> dict[str, list[float]]:
    """Return the differences of counts by event, one for each seed."""
    return {name: [other[seed][name] - one[seed][name] for seed in one] for name in COUNTED}


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the tables of the small world."""
    return Tables.small()


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], World]:
    """Return a function that writes tables and loads the world."""
    return lambda tables: tables.load(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def world(tables: Tables, load: Callable[[Tables], World]) -> World:
    """Return the small world."""
    return load(tables)


@pytest.fixture(scope="module")
def here(world: World) -> BorderModel:
    """Return the run of the small world under all policies."""
    return run(world)


def count(world: World, **basics: Any) -> Counts:
    """Count events by seed at a fine scale."""
    basics = {"scale": 50} | basics
    return {seed: run(world, seed, **basics).ledger.totals() for seed in SEEDS}


@pytest.fixture(scope="module")
def counts(world: World) -> Counts:
    """Return the events of the small world by seed."""
    return count(world)


# ---- names and orders ----------------------------------------------------------------------------


def test_the_small_world_has_every_kind_of_event(here: BorderModel) -> None:
    """Otherwise the laws of this file would compare empty records."""
    totals = here.ledger.totals()
    assert min(totals[name] for name in COUNTED) > 0


def test_names_of_places_have_no_effect(tables: Tables, load: Callable, here: BorderModel) -> None:
    """The record is equal to the last byte, persons by leg included."""
    other = run(load(tables.relabelled(lambda name: f"x{name[::-1]}".replace(" ", "_"))))
    assert other.ledger.digest == here.ledger.digest


def in_groups(names: Sequence[str], draw: random.Random) -> list[int]:
    """Return a random order of rows in which rows of an equal name keep their order.

    Args:
        names: name of the group of each row.
        draw: generator.

    Returns:
        Indices of rows.
    """
    shuffled = draw.sample(range(len(names)), len(names))
    waiting = {name: iter([i for i, own in enumerate(names) if own == name]) for name in names}
    return [next(waiting[names[i]]) for i in shuffled]


@pytest.mark.parametrize("number", range(4))
def test_the_order_of_places_has_no_effect_but_for_keys_of_draws(
    number: int, tables: Tables, load: Callable, here: BorderModel
) -> None:
    """Communities, and rural posts of Mexico, keep their order, since draws are keyed by it."""
    group = {"river": "post", "middle": "post", "village": "Mexican", "plain": "Mexican"}
    group |= {"lake": "foreign", "coast": "foreign"}
    names = [group.get(row["id"], row["id"]) for row in tables.nodes]
    order = in_groups(names, random.Random(number))
    other = run(load(tables.reordered(order, range(len(tables.edges)))))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow, other.ledger.flow)


@pytest.mark.parametrize("number", range(4))
def test_the_order_of_legs_has_no_effect_if_legs_of_a_place_keep_theirs(
    number: int, tables: Tables, load: Callable, here: BorderModel
) -> None:
    """A uniform chooses among the legs of a place in their order; no other draw has such a key."""
    order = in_groups([row["source"] for row in tables.edges], random.Random(number))
    other = run(load(tables.reordered(range(len(tables.nodes)), order)))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow[order], other.ledger.flow)


def test_any_order_of_places_and_legs_has_the_same_distribution(
    tables: Tables, load: Callable, counts: Counts
) -> None:
    """Communities and the legs of a place in reverse order are other people with other draws."""
    nodes, edges = range(len(tables.nodes))[::-1], range(len(tables.edges))[::-1]
    other = load(tables.reordered(nodes, edges))
    assert_equal_on_average(event_differences(counts, count(other)), COUNTED)


# ---- a leg in two halves -------------------------------------------------------------------------

#: Posts of Mexico in all states but those "elsewhere", and no constant that is counted by leg.
LEGS: dict[str, Any] = {
    "mexico.leg_hazard": [0.10, 0.10, 0.10, 0.10, 0.10, 0.0],
    "routes.corridor_constant": [0.0, 0.0],
}
#: Nobody is kidnapped or dies before the line.
SAFE: dict[str, Any] = {"migrants.kidnap_hazard": 0.0, "migrants.death_transit": 0.0}


def halves(tables: Tables) -> Tables:
    """Return the world with a place in the middle of a busy leg, where no officer of Mexico is."""
    place = {"id": "half", "name": "Half", "admin": "Half", "kind": "transit", "remoteness": "0"}
    return tables.split("middle", "east", "road", place)


def days_on_the_way(model: BorderModel) -> int:
    """Return the person-days on the way of those who decided on a recorded day."""
    return int(model.ledger.stock[:, 1, Status.TRAVELLING].sum())


@pytest.fixture(scope="module")
def whole_and_halves(tables: Tables, load: Callable) -> tuple[World, World]:
    """Return the small world, and the same with a leg in two halves."""
    return load(tables), load(halves(tables))


@pytest.mark.parametrize("learning", [False, True], ids=["without learning", "with learning"])
def test_a_leg_in_two_halves_is_as_long_and_as_dangerous_as_the_leg(
    learning: bool, whole_and_halves: tuple[World, World], blind: dict[str, Any]
) -> None:
    """Without learning, the same people set out on the same days; totals agree on average.

    Later legs of a trip have another number, so that they have other draws.
    """
    changes = LEGS if learning else LEGS | blind | SAFE
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        one, other = (
            run(world, seed, scale=50, policies="", changes=changes) for world in whole_and_halves
        )
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
    """Return what migrants who travel alone expect in the base year.

    Args:
        world: the world.
        changes: settings.
        rows: rows of the outcomes.
        places: number of places, from the first.

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
        second: sector of the second crossing; the first is in Tucson.

    Returns:
        The tables.
    """
    return tables.without("east", "east_line", "gate", "bay").twin(
        "west_line", "other_line", second
    )


@pytest.mark.parametrize("eta", [0.0, 0.5492, 1.0])
def test_half_a_sector_has_the_detection_of_the_sector(eta: float) -> None:
    """The law is written with ratios: half the agents, miles and flow give the same hazard.

    Sensors and fences are shares of the line, so half the miles of half a line are the same share.
    Factors of two are exact in floating-point numbers.
    """
    agents, anchor, fenced, miles, flow, baseline = 2_400.0, 2_000.0, 210.0, 262.0, 900.0, 700.0
    for part in (1.0, 0.5):
        ratio = contest.strength(
            part * agents, 0.9, 0.8, 1.0 + 0.25 * (part * fenced) / (part * miles)
        ) / contest.strength(part * anchor, 0.9, 0.8)
        h = contest.hazard(
            1.89, 1.2, ratio, eta, (part * flow) / (part * baseline), 0.05994, returns=0.4
        )
        calls = contest.answered_share((part * flow) / (part * agents))
        if part == 1.0:
            whole = float(h), float(calls)
        else:
            assert (float(h), float(calls)) == whole


#: Sectors that differ in nothing but their number of agents, once `post_agents` has set it.
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
    """Set the agents of the first day, and those of FY2013 so that hazards are the declared ones.

    The strength of FY2013 has the declared sensors and fences of each sector; its agents compensate
    their differences here, so that an agent has the same strength in all sectors.

    Args:
        monkeypatch: fixture of pytest.
        agents: agents by sector; the other sectors have none.
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
    """Every call is answered; with many agents the share of calls without an answer is nil."""
    models = []
    for world, agents in sectors:
        post_agents(monkeypatch, {name: 1_000.0 * n for name, n in agents.items()})
        models.append(run(world, policies=TO_SECTORS, scale=50, changes=blind | LINE))
    one, two = models
    hazards = [model.conditions.line_hazard for model in models]
    assert hazards[1][[TUCSON, YUMA]] == pytest.approx(hazards[0][TUCSON], rel=1e-12)
    assert hazards[0][TUCSON] > 1.05 * BorderPatrolParams().line_hazard[TUCSON]
    whole, parts = one.ledger.by_sector[:, TUCSON], two.ledger.by_sector[:, [TUCSON, YUMA]]
    assert np.array_equal(whole, parts.sum(axis=1))
    assert parts[Event.APPREHENDED_US].sum(axis=1).min() > 0
    assert np.array_equal(one.ledger.events, two.ledger.events)


def test_two_half_size_sectors_work_as_one_on_average(
    sectors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With organisations, learning and agents who cannot answer every call."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        totals, hazards = [], []
        for world, agents in sectors:
            post_agents(monkeypatch, agents)
            model = run(world, seed, policies=TO_SECTORS, scale=50, changes=LINE)
            totals.append(model.ledger.totals())
            hazards.append(model.conditions.line_hazard[model.patrol.base > 0.0].mean())
        for name, value in totals[1].items():
            found.setdefault(name, []).append(value - totals[0][name])
        found.setdefault("hazard", []).append(hazards[1] - hazards[0])
    assert_equal_on_average(found, ("apprehended_us", "got_away_undetected", "hazard"))


# ---- scale ---------------------------------------------------------------------------------------


def test_the_scale_has_no_effect_on_expected_counts(world: World, counts: Counts) -> None:
    """All counts and capacities are in persons, so twice as many persons a row change no mean."""
    assert_equal_on_average(event_differences(counts, count(world, scale=100)), COUNTED)


# ---- order of policies ---------------------------------------------------------------------------

DAYS = 40
START = Scenario().start


@st.composite
def uses(draw: st.DrawFn) -> tuple[list[PolicySpec], list[int]]:
    """Draw three to six uses of policies with doses and dates, and an order of them.

    A policy may be used twice, at different dates.
    """
    specs = []
    for name in draw(st.lists(st.sampled_from(sorted(registry())), min_size=3, max_size=6)):
        dose = draw(st.floats(registry()[name].low, registry()[name].high))
        first = draw(st.none() | st.integers(-20, DAYS - 1))
        last = draw(st.none() | st.integers(DAYS // 2, DAYS)) if first is None else None
        dates = [None if n is None else START + timedelta(days=n) for n in (first, last)]
        specs.append(PolicySpec(id=name, dose=dose, start=dates[0], end=dates[1]))
    return specs, draw(st.permutations(range(len(specs))))


@cache
def small_world() -> World:
    """Return the small world; not a fixture, so failing examples are printed without it."""
    with tempfile.TemporaryDirectory() as folder:
        return Tables.small().load(Path(folder))


@given(drawn=uses(), seed=st.integers(1, 3))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_policies_has_no_effect(
    drawn: tuple[list[PolicySpec], list[int]], seed: int
) -> None:
    """Not in the list of a scenario, which is sorted, and not in the model, to the last byte."""
    specs, order = drawn
    base = Scenario(scale=1_000, warmup_days=40, days=DAYS, fill_days=0)
    try:
        listed = base.with_settings({"policies": tuple(specs)})
        model = start_model(listed, seed, small_world())
    except SettingError as error:
        event(f"refused: {error.reason}")
        return
    assert base.with_settings({"policies": tuple(specs[i] for i in order)}) == listed
    other = start_model(listed, seed, small_world())
    other.policies = tuple(other.policies[i] for i in order)
    for one in (model, other):
        one.run_for(DAYS)
    assert other.ledger.digest == model.ledger.digest
    assert np.array_equal(other.ledger.unspent, model.ledger.unspent)
