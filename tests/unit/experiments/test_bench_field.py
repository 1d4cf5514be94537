"""The bench against the field: agent-days, the graph of Flee, the floor, ratios and repeats."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.world.routes import PlaceKind, load_world
from agents.migrants.columns import PERSON, MigrantTable
from agents.outcomes import Status
from agents.param import SettingError
from experiments import bench_field, field_child, field_flee, field_floor
from experiments.bench import ONE_THREAD, run_child
from experiments.bench_field import FieldResult, FieldRow
from experiments.field_child import COLUMNS, FLEE, FLEE_TWO_WAY, FLOOR, OBJECTS
from experiments.scenarios import find

SMALL = {"scale": 500, "days": 15, "warmup_days": 60}
SEED = 1
CHILD = "experiments.field_child"
MOVING = {"TRAVELLING"}


def small_model(engine: str) -> BorderModel:
    """Return a model that `measure_model` measures too."""
    scenario = find("million").with_settings({**SMALL, "engine": engine})
    return BorderModel(scenario, rng=SEED)


def people_on_the_way(model: BorderModel) -> int:
    """Count one row at a time."""
    rows: Any = model.migrants.live
    return sum(Status(int(row["status"])).name in MOVING for row in rows)


# ---- agent-days ----------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", [COLUMNS, OBJECTS])
def test_agent_days_are_the_people_on_the_way_counted_one_by_one(engine: str):
    model, expected = small_model(engine), []
    for _ in range(SMALL["days"]):
        model.run_for(1)
        expected.append(people_on_the_way(model))
    assert min(expected) > 0
    assert field_child.measure_model(engine, SMALL)["on_the_way"] == expected
    persons = model.ledger.stock.sum(axis=1)[:, [Status[name] for name in MOVING]].sum(axis=1)
    assert (persons == np.array(expected) * SMALL["scale"]).all()


def test_both_engines_have_the_same_people_and_agent_days():
    plain, fast = (field_child.measure_model(engine, SMALL) for engine in (OBJECTS, COLUMNS))
    assert fast["people"] == plain["people"] > 0
    assert fast["on_the_way"] == plain["on_the_way"]


def test_a_row_of_many_persons_is_one_person_on_the_way():
    table = MigrantTable(10)
    table.count = 3
    table.rows["weight"], table.rows["status"][:3] = 50, Status.TRAVELLING
    model: Any = type("Model", (), {"migrants": table})
    assert field_child.count_on_the_way(model) == 3


@pytest.mark.parametrize("status", list(Status))
def test_only_people_who_travel_are_on_the_way_as_in_flee(status: Status):
    table = MigrantTable(2)
    table.count, table.rows["status"][0], table.rows["status"][1] = 1, status, Status.TRAVELLING
    model: Any = type("Model", (), {"migrants": table})
    assert field_child.count_on_the_way(model) == (status.name in MOVING)


def test_the_time_of_counting_is_not_measured(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]

    def spend(seconds: float) -> int:
        now[0] += seconds
        return 7

    monkeypatch.setattr(field_child.time, "process_time", lambda: now[0])
    found = field_child.time_days(3, lambda day: spend(day + 1.0), lambda: spend(100.0))
    assert found == (6.0, [7, 7, 7])


# ---- memory --------------------------------------------------------------------------------------
def test_bytes_per_row_are_those_of_all_columns():
    table: Any = MigrantTable(1_000)
    assert field_child.row_bytes(table) == PERSON.itemsize + table.due.itemsize
    table.further = np.zeros(1_000, np.int16)
    assert field_child.row_bytes(table) == PERSON.itemsize + table.due.itemsize + 2


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="getrusage has no such value")
def test_memory_is_that_of_the_program_alone():
    held = np.ones(600_000_000, np.uint8)
    found = run_child({"engine": FLOOR, "people": 1, "on_the_way": [1]}, module=CHILD)
    assert found["peak_mb"] < held.nbytes / 1e6 < field_child.highest_mb()


def test_memory_is_measured_without_proc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(field_child, "_STATUS_FILE", "/nowhere")
    assert field_child.highest_mb() > 10


# ---- the floor -----------------------------------------------------------------------------------
def test_the_floor_reads_every_row_it_is_given_and_writes_one_number():
    table, total = MigrantTable(5), np.zeros(1)
    names = ("clock", "status", "leg", "place", "mode")
    for number, name in enumerate(names):
        table.rows[name] = np.arange(5) + 10 * number
    table.due[:] = 1_000
    expected = 3 * 1_000 + sum(float(table.rows[name][:3].sum()) for name in names)
    before = table.rows.copy()
    field_floor.read_rows(table.rows, table.due, 3, total)
    assert total[0] == expected and (table.rows == before).all()


def test_the_floor_has_the_agent_days_of_the_run_it_is_compared_with():
    found = field_floor.measure_floor(70, [3, 5, 4])
    assert found["people"] == 70 and found["on_the_way"] == [3, 5, 4] and found["cpu_s"] > 0


# ---- Flee ----------------------------------------------------------------------------------------
@pytest.fixture
def flee_installed() -> None:
    """Skip a test without Flee, but not where everything must be tested."""
    if field_flee.flee_version() is None and not os.environ.get("TWOBORDERS_NEEDS_FLEE"):
        pytest.skip("the extra bench is not installed")


@pytest.mark.usefixtures("flee_installed")
def test_flee_gets_the_places_and_legs_of_the_world():
    world = load_world()
    flee = field_flee.build(world, two_way=False)
    assert [place.name for place in flee.locations] == list(world.place_ids)
    links = [link for place in flee.locations for link in place.links]
    assert [(a.startpoint.name, a.endpoint.name, a.get_distance()) for a in links] == [
        (world.place_ids[world.tail[leg]], world.place_ids[world.head[leg]], world.km[leg])
        for leg in world.out_leg
    ]
    starts = {place.name for place in flee.locations if place.conflict > 0}
    assert starts == {world.place_ids[i] for i in world.origins()}
    camps = {place.name for place in flee.locations if place.camp}
    ends = np.flatnonzero(world.kind == PlaceKind.DESTINATION)
    assert camps == {world.place_ids[i] for i in ends}


@pytest.mark.usefixtures("flee_installed")
def test_two_way_routes_have_a_link_in_each_direction():
    world = load_world()
    flee = field_flee.build(world, two_way=True)
    assert sum(len(place.links) for place in flee.locations) == 2 * world.n_listed


@pytest.mark.usefixtures("flee_installed")
@pytest.mark.parametrize("two_way", [False, True])
def test_agents_of_flee_are_on_the_way_until_they_are_in_a_camp(
    monkeypatch: pytest.MonkeyPatch, two_way: bool
):
    built, build = [], field_flee.build

    def remember(world: Any, *, two_way: bool) -> Any:
        built.append(build(world, two_way=two_way))
        return built[-1]

    monkeypatch.setattr(field_flee, "build", remember)
    found = field_flee.measure_flee(200, 40, two_way=two_way)
    flee = built[0]
    arrived = sum(place.numAgents for place in flee.locations if place.camp)
    assert len(flee.agents) == found["people"] == 200
    assert found["on_the_way"][-1] == 200 - arrived
    assert found["on_the_way"][0] == 5 and arrived > 0 and len(found["on_the_way"]) == 40


def test_flee_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch):
    def fail(name: str) -> str:
        raise field_flee.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(field_flee.metadata, "version", fail)
    assert field_flee.flee_version() is None


# ---- rows and ratios -----------------------------------------------------------------------------
def row(engine: str, people: int, agent_days: int, cpu: float, size: float = 68.0) -> FieldRow:
    return FieldRow(engine, people, agent_days, cpu, agent_days / cpu, 300.0, size)


ROWS = (
    row(COLUMNS, 10_000, 400_000, 0.4),
    row(COLUMNS, 100_000, 4_000_000, 0.85),
    row(COLUMNS, 1_000_000, 40_000_000, 5.35),
    row(OBJECTS, 10_000, 400_000, 30.0, 4_000.0),
    row(FLEE, 10_000, 200_000, 2.0, 700.0),
    row(FLEE_TWO_WAY, 10_000, 1_500_000, 10.0, 700.0),
    row(FLOOR, 1_000_000, 40_000_000, 0.1),
)
OTHERS = tuple(r for r in ROWS if r.engine not in (FLEE, FLEE_TWO_WAY))


def test_ratios_compare_agent_days_per_cpu_second_of_the_largest_run_of_columns():
    fast = 40e6 / 5.35
    assert FieldResult(ROWS).ratios == {
        "fast_over_reference": pytest.approx(fast / (400_000 / 30.0)),
        "fast_over_flee": pytest.approx(fast / 100_000),
        "floor_over_fast": pytest.approx(53.5),
    }


def test_growth_compares_the_cpu_time_per_person_who_sets_out():
    found = FieldResult(ROWS)
    assert found.growth == pytest.approx(5.35e-6 / 40e-6)
    assert found.marginal_growth == pytest.approx((4.5 / 900_000) / (0.45 / 90_000))


def test_every_bound_is_reported_and_missed_values_are_marked():
    found = {f.name: f for f in FieldResult(ROWS).measurements()}
    bounded = {f.name: (f.bound, f.least, f.good) for f in found.values() if f.bound is not None}
    assert sorted(bounded.values()) == [
        (1.02, False, True),
        (60.0, True, True),
        (96.0, False, True),
        (100.0, True, False),
    ]
    unit = "equal size, agent-days per CPU second"
    both_ways = found[f"Columns over Flee with routes in both directions, {unit}"]
    assert found[f"Columns over Flee, {unit}"].value == 10.0
    assert both_ways.value == pytest.approx(400_000 / 0.4 / 150_000)


def test_every_ratio_to_flee_is_printed_directly_after_the_first_one():
    names = [f.name for f in FieldResult(ROWS).measurements()]
    flee = [name for name in names if "Flee" in name]
    at = names.index(flee[0])
    assert names[at : at + 4] == flee and len(flee) == 4, "two sizes, one and two directions"


def test_wide_rows_miss_their_bound():
    wide = [row(COLUMNS, r.people, r.agent_days, r.cpu_s, 96.5) for r in ROWS[:3]]
    figures = FieldResult((*wide, *ROWS[3:])).measurements()
    assert [f.good for f in figures if f.unit == "bytes"] == [False]


def test_without_flee_its_ratio_is_null_and_the_others_stay():
    found = FieldResult(OTHERS)
    assert found.ratios["fast_over_flee"] is None
    assert found.ratios["fast_over_reference"] == FieldResult(ROWS).ratios["fast_over_reference"]
    assert not any("Flee" in f.name for f in found.measurements())
    assert json.loads(json.dumps(found.as_json()))["flee"] is None


def test_json_has_rows_ratios_and_growth():
    found = FieldResult(ROWS, flee="3.1").as_json()
    assert set(found) == {"rows", "ratios", "growth", "repeats", "flee"}
    for one in found["rows"]:
        assert list(one) == [
            "engine",
            "people",
            "agent_days",
            "cpu_s",
            "agent_days_per_cpu_s",
            "peak_mb",
            "bytes_per_person",
        ]
    assert set(found["ratios"]) == {"fast_over_reference", "fast_over_flee", "floor_over_fast"}


# ---- processes -----------------------------------------------------------------------------------
@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch):
    """Replace the processes by records of their arguments; the second repeat is the fastest."""
    started: list[dict[str, Any]] = []

    def run(options, environment, *, module):
        assert environment == ONE_THREAD and module == CHILD
        started.append(options)
        repeat = sum(options["engine"] == one["engine"] for one in started)
        daily = options.get("on_the_way", [5, 7])
        people = options.get("people") or 1_000_000 // options["set"]["scale"]
        cpu = {1: 3.0, 2: 1.0, 3: 2.0}.get(repeat, 4.0)
        return field_child.figures(people, daily, cpu, 300.0, 68.0)

    monkeypatch.setattr(bench_field, "run_child", run)
    return started


@pytest.mark.parametrize(("version", "n_flee"), [("3.1", 2), (None, 0)])
def test_every_row_is_measured_in_processes_of_its_own_and_the_fastest_counts(
    monkeypatch: pytest.MonkeyPatch, children: list[dict[str, Any]], version: str | None, n_flee
):
    monkeypatch.setattr(bench_field, "flee_version", lambda: version)
    found = bench_field.measure()
    assert len(found.rows) == 5 + n_flee and found.flee == version
    assert len(children) == bench_field.REPEATS * len(found.rows)
    assert {r.engine: r.cpu_s for r in found.rows if r.engine != COLUMNS} == dict.fromkeys(
        [r.engine for r in found.rows if r.engine != COLUMNS], 1.0
    )
    assert [r.people for r in found.columns] == [10_000, 100_000, 1_000_000]


def test_the_floor_reads_the_people_of_the_largest_run(
    monkeypatch: pytest.MonkeyPatch, children: list[dict[str, Any]]
):
    monkeypatch.setattr(bench_field, "flee_version", lambda: None)
    found = bench_field.measure().row(FLOOR)
    floors = [options for options in children if options["engine"] == FLOOR]
    assert floors[0] == {"engine": FLOOR, "people": 1_000_000, "on_the_way": [5, 7]}
    assert found is not None and found.agent_days == 12


def test_a_smaller_population_is_the_same_world_with_more_persons_per_agent():
    cases = bench_field._cases(with_flee=True)
    changed = {json.dumps(case["set"] | {"scale": 0}) for case in cases.values() if "set" in case}
    assert len(changed) == 1
    products = {people * bench_field.SCALES[people] for people in bench_field.SCALES}
    assert products == {1_000_000}
    assert {case["people"] for (e, _), case in cases.items() if e.startswith(FLEE)} == {10_000}


def test_a_process_that_measures_prints_nothing_but_its_figures(
    capsys: pytest.CaptureFixture[str],
):
    options = {"engine": COLUMNS, "set": {"scale": 1000, "days": 3, "warmup_days": 30}}
    field_child.main(json.dumps(options))
    found = json.loads(capsys.readouterr().out)
    assert len(found["on_the_way"]) == 3 and found["bytes_per_person"] == 68


def test_an_unknown_engine_is_an_error():
    with pytest.raises(SettingError, match="engine"):
        field_child.run({"engine": "cows", "set": {}})


@pytest.mark.usefixtures("flee_installed")
def test_flee_is_measured_in_a_process():
    found = run_child({"engine": FLEE, "people": 10, "days": 5}, ONE_THREAD, module=CHILD)
    assert found["people"] == 10 and len(found["on_the_way"]) == 5
