"""Random worlds, scenarios and policies on which both engines of the migrants are compared."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import ConsequenceChange, Row, Scenario, SettingError, parameters
from abm.scenario.consequence_changes import NUMBERS
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.errors import WorldError
from abm.world.routes import World, load_world
from agents.labels import KINDS, NATIONS
from agents.migrants.columns import PERSON
from agents.outcomes import Event
from agents.plain.migrant import MigrantAgent
from tests.laws.engine_days import DailyModel, first_difference
from tests.reliability.test_worlds import damage, packaged, small, write

FRAME = ("days", "scale", "warmup_days", "fill_days")
ROWS = [
    row
    for row in parameters(Scenario())
    if row.path not in FRAME and isinstance(row.value, bool | int | float | str)
]
#: Policies with mechanisms that few other policies use.
SPECIAL = (
    *("announcement:1", "announcement:1:size=-0.6:release=0.7"),
    *("expulsion", "transfers_south", "remain_in_mexico", "legal_pathways"),
)
#: Settings that make rare events occur in a short run.
FREQUENT: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"migrants.wait_in_mexico_days": 9.0, "migrants.wait_granted": 0.4},
    {"migrants.wait_in_mexico_days": 5.0, "migrants.wait_kidnap_hazard": 0.05},
    {"migrants.legal_quota": [900_000.0, 900_000.0], "migrants.legal_refusal": 0.5},
    {"consequences.asylum_mexico": [0.3, 0.3, 0.3], "consequences.returned_by_mexico": [0.4] * 3},
    {"migrants.kidnap_hazard": 0.02, "migrants.kidnap_death": 0.2, "migrants.death_transit": 0.005},
    {"migrants.theory": "prospect", "migrants.waiting_share": 0.8},
    {"migrants.retry_kidnapped": 1.0, "migrants.retry_turned_back": 1.0, "mexico.extortion": 900},
    {"consequences.beds": 100.0, "consequences.courts": 5.0, "migrants.need_of_protection": 0.9},
)
EVERYTHING = (
    *("announcement:1:deadline_days=20", "remain_in_mexico", "expulsion"),
    *("transfers_south", "southern_border_control", "patrol_surge", "legal_pathways", "fence"),
)
#: Settings that make every event occur.
LIVELY: dict[str, Any] = {
    "scale": 1000,
    "days": 120,
    "warmup_days": 120,
    "supply_level": 2.0,
    "policies": EVERYTHING,
    "migrants.wait_in_mexico_days": 20.0,
    "migrants.wait_granted": 0.3,
    "migrants.need_of_protection": 0.5,
    "migrants.legal_quota": [400_000.0, 400_000.0],
    "migrants.legal_refusal": 0.5,
    "migrants.legal_fee": 2_000.0,
    "migrants.wealth_median": [2_500.0, 4_000.0],
    "migrants.waiting_days": 3.0,
    "migrants.waiting_days_spread": 1.0,
    "migrants.waiting_share": 0.8,
    "migrants.retry_removed": 0.9,
    "migrants.retry_returned_by_mexico": 0.9,
    "migrants.kidnap_hazard": 0.01,
    "migrants.kidnap_death": 0.2,
    "migrants.return_rate": [1.0, 1.0],
    "consequences.asylum_mexico": [0.1, 0.1, 0.1],
    "consequences.returned_by_mexico": [0.7, 0.7, 0.7],
    "consequences.beds": 1_000.0,
    "consequences.release_without_bed": [0.7, 1.0, 1.0],
    "smugglers.decapitation": 1.0,
}
MEXICAN_NUMBERS = {"voluntary_return", "retry_voluntary_return"}
ADULT_NUMBERS = {"prosecution", "retry_prosecution"}


# ---- worlds --------------------------------------------------------------------------------------


def random_world(draw: random.Random, folder: Path) -> World:
    """Return the packaged world, a valid variation of this world, or a small layered world."""
    kind = draw.random()
    if kind < 0.4:
        return load_world()
    while True:
        if kind < 0.7:
            tables = packaged()
            for _ in range(draw.randrange(1, 6)):
                damage(tables, draw)
        else:
            tables = small(draw)
        write(folder, tables)
        try:
            return load_world(folder)
        except WorldError:
            continue


# ---- scenarios -----------------------------------------------------------------------------------


def near_default(row: Row, draw: random.Random) -> Any:
    """Draw a value within 40 % of the default."""
    if row.choices:
        return draw.choice(row.choices)
    if row.kind is bool:
        return draw.random() < 0.5
    moved = min(max(float(row.value) * draw.uniform(0.6, 1.4), row.low), row.high)
    return round(moved) if row.kind is int else moved


def anywhere(row: Row, draw: random.Random) -> Any:
    """Draw a value between the bounds, or a bound."""
    if row.choices or row.kind is bool:
        return near_default(row, draw)
    value = draw.choice([row.low, row.high, draw.uniform(row.low, row.high)])
    return round(value) if row.kind is int else value


def random_changes(draw: random.Random, start: datetime.date) -> tuple[ConsequenceChange, ...]:
    """Draw up to three dated consequence changes."""
    made = []
    for _ in range(draw.choice([0, 0, 1, 3])):
        names = set(draw.sample(sorted(NUMBERS), 2))
        countries = ("MX",) if names & MEXICAN_NUMBERS else (draw.choice(NATIONS),)
        kinds = ("adult",) if names & ADULT_NUMBERS else (draw.choice(KINDS),)
        numbers: dict[str, Any] = {name: draw.random() * NUMBERS[name] for name in names}
        first = start + datetime.timedelta(days=draw.randrange(-30, 30))
        numbers["returned_to"] = draw.choice(["home", "line", None])
        made.append(
            ConsequenceChange(
                source="made up", start=first, countries=countries, kinds=kinds, **numbers
            )
        )
    return tuple(made)


def random_policies(draw: random.Random, start: datetime.date) -> tuple[Any, ...]:
    """Draw up to four policies, some of which are in force from the first day."""
    specs: list[Any] = []
    for name in draw.sample(sorted(registry()), draw.randrange(4)):
        low, high = registry()[name].low, registry()[name].high
        first = draw.choice([None, start + datetime.timedelta(days=draw.randrange(-20, 30))])
        specs.append(PolicySpec(id=name, dose=draw.uniform(max(low, 0.0), high), start=first))
    given = {spec.id for spec in specs}
    more = [parse_policy(text) for text in draw.sample(SPECIAL, draw.randrange(3))]
    return (*specs, *(spec for spec in more if spec.id not in given))


def random_scenario(draw: random.Random) -> Scenario:
    """Draw a scenario: its frame, up to twelve changed numbers, changes of law, and policies."""
    start = datetime.date(draw.choice([2005, 2009, 2012, 2013, 2019]), draw.randrange(1, 13), 1)
    days, scale = draw.choice([(30, 200), (60, 500), (60, 1000), (220, 1000)])
    base = Scenario(
        start=start,
        days=days,
        scale=scale,
        warmup_days=draw.choice([0, 20, 40, 130]),
        fill_days=draw.choice([0, 20, 200]),
        record=draw.choice(["base_year", "history"]),
        supply_level=draw.choice([0.5, 1.0, 2.0]),
    )
    value = draw.choice([near_default, anywhere])
    changes = {row.path: value(row, draw) for row in draw.sample(ROWS, draw.randrange(12))}
    changes |= draw.choice(FREQUENT)
    changes |= {"consequence_changes": random_changes(draw, start)}
    changes |= {"policies": random_policies(draw, start)}
    return base.with_settings(changes)


def cases(number: int, folder: Path) -> Iterator[tuple[Scenario, World]]:
    """Yield the scenarios and worlds for a number, without the cases that the model refuses."""
    draw = random.Random(f"engines {number}")
    while True:
        world = random_world(draw, folder)
        try:
            yield random_scenario(draw), world
        except SettingError:  # For example, the world has no port for a policy.
            continue


# ---- histories -----------------------------------------------------------------------------------


def run(scenario: Scenario, world: World, engine: str, seed: int, **more: Any) -> DailyModel:
    """Run all days with one engine, and recount the rows every month.

    Args:
        scenario, world, engine, seed: the case.
        more: further arguments of the model.

    Returns:
        The model with digests of its people for every day.
    """
    model = DailyModel(scenario, rng=seed, world=world, engine=engine, **more)
    model.run_for(scenario.days)
    model.ledger.recount(model.migrants.live)
    return model


def history(model: BorderModel) -> dict[str, np.ndarray]:
    """Return a run's whole record and its state on the last day."""
    ledger, planning, legs = model.ledger, model.planning, model.network.leg_state
    people, book = model.migrants, model.market.book
    parts = {name: np.asarray(value) for name, value in vars(ledger).items()}
    parts |= {
        f"tallies.{name}": ledger.day_tallies[name] for name in ledger.day_tallies.dtype.names or ()
    }
    parts |= {f"market.{name}": np.asarray(book[name]) for name in book.dtype.names or ()}
    parts |= {f"person.{name}": people.live[name] for name in PERSON.names or ()}
    parts |= {
        "person.due": people.due[: people.count],
        "params": model.kernel_params,
        "reports of communities": legs.new_reports_home,
        "reports of organisations": legs.new_reports_org,
        "beliefs of communities": planning.home_beliefs.counts,
        "beliefs of organisations": planning.org_beliefs.counts,
        "plans": planning.plans.expected_outcomes,
        "traffic": legs.traffic,
        "ports": model.ports.rows,
    }
    return parts


def differences(one: BorderModel, other: BorderModel) -> list[str]:
    """Return the parts of two histories that are not equal to the last byte.

    Args:
        one, other: models. If both come from :func:`run`, the people of every day are compared.

    Returns:
        The first day on which people differ, then the names of the records and of the people's
            columns that differ at the end.
    """
    parts = []
    if isinstance(one, DailyModel) and isinstance(other, DailyModel):
        parts = [text for text in [first_difference(one, other)] if text]
    a, b = history(one), history(other)
    assert a.keys() == b.keys()
    return parts + [name for name in a if a[name].tobytes() != b[name].tobytes()]


# ---- comparisons of worlds -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of both engines in a random world.

    Attributes:
        number: number of the world.
        different: parts of the histories that differ.
        set_out: agents who have begun a trip.
        agent_days: agents who travel at the end of a day, summed over days.
        events: names of the events that occur on recorded days.
        policies: ids of the policies.
    """

    number: int
    different: tuple[str, ...]
    set_out: int = 0
    agent_days: int = 0
    events: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


def compare(number: int, folder: Path) -> Comparison:
    """Run both engines on the first case for a number that the model accepts.

    Args:
        number: number of the random world.
        folder: folder for the files of the world.

    Returns:
        The comparison. A case that only one engine refuses counts as a difference.
    """
    for scenario, world in cases(number, folder):
        try:
            columns = run(scenario, world, "columns", number)
        except (SettingError, WorldError) as refusal:
            again = _refusal(scenario, world, number)
            if again != repr(refusal):
                return Comparison(number, (f"refusal: {refusal!r}, objects: {again}",))
            continue  # Try the next scenario for this number.
        objects = run(scenario, world, "objects", number)
        assert len(objects.agents_by_type.get(MigrantAgent, [])) == objects.migrants.count
        persons = columns.ledger.events.sum(axis=(0, 2, 3))
        return Comparison(
            number,
            tuple(differences(columns, objects)),
            set_out=len(columns.set_out),
            agent_days=columns.agent_days,
            events=frozenset(event.name for event in Event if persons[event]),
            policies=frozenset(spec.id for spec in scenario.policies),
        )
    raise AssertionError("the cases of a number do not end")


def _refusal(scenario: Scenario, world: World, number: int) -> str:
    """Return the error with which the plain engine refuses a case, or "" if it accepts the case."""
    try:
        BorderModel(scenario, rng=number, world=world, engine="objects")
    except (SettingError, WorldError) as refusal:
        return repr(refusal)
    return ""
