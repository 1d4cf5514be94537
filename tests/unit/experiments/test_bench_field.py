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
    assert fast["wait_days"] == plain["wait_days"]


@pytest.mark.parametrize("engine", [COLUMNS, OBJECTS])
def test_waits_are_the_people_whose_moving_days_have_not_begun(engine: str):
    model, expected = small_model(engine), []
    legs, pace = model.network.leg_state, model.kernel_params["pace"][0]
    for _ in range(SMALL["days"]):
        model.run_for(1)
        rows: Any = model.migrants.live
        moving = [row for row in rows if Status(int(row["status"])).name in MOVING]
        assert all(row["clock"] >= model.clock for row in moving), "nobody is late"
        waits = [
            row
            for row in moving
            if legs.is_line[row["leg"]] or legs.is_port[row["leg"]]
            if row["clock"] - legs.days[row["leg"]] * pace[row["mode"]] > model.clock
        ]
        expected.append(len(waits))
        assert field_child.count_waits(model) == expected[-1] < len(moving)
    assert sum(expected) > 0
    assert field_child.measure_model(engine, SMALL)["wait_days"] == sum(expected)


def test_a_person_between_two_towns_does_not_wait():
    model = small_model(COLUMNS)
    table: Any = model.migrants
    legs = model.network.leg_state
    table.count = 3
    table.rows["status"][:3], table.rows["mode"][:3] = Status.TRAVELLING, 0
    inland = int(np.flatnonzero((legs.is_line == 0) & (legs.is_port == 0))[0])
    line, port = (int(np.flatnonzero(kind)[0]) for kind in (legs.is_line, legs.is_port))
    table.rows["leg"][:3] = inland, line, port
    table.rows["clock"][:3] = model.clock + 200.0
    assert field_child.count_waits(model) == 2
    table.rows["clock"][:3] = model.clock + 1e-3
    assert field_child.count_waits(model) == 0


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
    columns, total = field_floor.hot_columns(5), np.zeros(1)
    for number, column in enumerate(columns):
        column[:] = np.arange(5) + 10 * number
    expected = sum(float(column[:3].sum()) for column in columns)
    before = [column.copy() for column in columns]
    field_floor.read_columns(3, total, *columns)
    assert total[0] == expected
    assert all((one == other).all() for one, other in zip(columns, before, strict=True))


def test_the_floor_reads_columns_of_the_types_of_the_table():
    due, *others = field_floor.hot_columns(3)
    assert due.dtype == MigrantTable(3).due.dtype
    assert [column.dtype for column in others] == [PERSON[name] for name in field_floor.HOT]
    assert field_floor.measure_floor(3, [3])["bytes_per_person"] == 14


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
    assert 0 < found["same_town_days"] < sum(found["on_the_way"])


def test_agents_of_flee_stay_if_they_end_two_days_in_the_same_town():
    def place(*, camp: bool = False) -> Any:
        return type("Place", (), {"camp": camp})()

    def agent(location: Any, *, travelling: bool = False) -> Any:
        return type("Agent", (), {"location": location, "travelling": travelling})()

    town, other, link, camp = place(), place(), place(), place(camp=True)
    flee: Any = type("Flee", (), {})()
    stays, moves, drives, arrived = agent(town), agent(town), agent(link), agent(camp)
    drives.travelling, flee.agents = True, [stays, moves, drives, arrived]
    before: list[Any] = []
    assert field_flee.count_same_town(flee, before) == 0, "there is no day before"
    flee.agents.append(agent(town))
    moves.location = other
    assert field_flee.count_same_town(flee, before) == 1, "only the first one"
    assert before == [town, other, link, camp, town]
    assert field_flee.count_same_town(flee, before) == 3, "those in a camp and on a link are not"


def test_flee_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch):
    def fail(name: str) -> str:
        raise field_flee.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(field_flee.metadata, "version", fail)
    assert field_flee.flee_version() is None


# ---- rows and ratios -----------------------------------------------------------------------------
def row(engine: str, people: int, agent_days: int, cpu: float, **others: Any) -> FieldRow:
    values = {"peak_mb": 300.0, "bytes_per_person": 68.0} | others
    return FieldRow(engine, people, agent_days, cpu, agent_days / cpu, **values)


ROWS = (
    row(COLUMNS, 10_000, 400_000, 0.4, wait_days=40_000),
    row(COLUMNS, 100_000, 4_000_000, 0.85, wait_days=400_000, peak_mb=311.0),
    row(COLUMNS, 1_000_000, 40_000_000, 5.35, wait_days=4_000_000, peak_mb=410.0),
    row(OBJECTS, 1_000, 40_000, 3.0, wait_days=4_000),
    row(OBJECTS, 10_000, 400_000, 30.0, wait_days=40_000, peak_mb=336.0, bytes_per_person=4e3),
    row(FLEE, 10_000, 200_000, 2.0, same_town_days=100_000),
    row(FLEE, 100_000, 2_000_000, 25.0, same_town_days=1_000_000, peak_mb=327.0),
    row(FLEE_TWO_WAY, 10_000, 1_500_000, 10.0, same_town_days=1_000_000),
    row(FLOOR, 1_000_000, 40_000_000, 0.1, bytes_per_person=14.0),
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
    flee = [name for name in names if "Flee" in name and "memory" not in name]
    at = names.index(flee[0])
    assert names[at : at + 8] == flee and len(flee) == 8


def test_the_bound_over_flee_is_shown_with_the_range_by_size_and_network():
    found = {f.name: f for f in FieldResult(ROWS).measurements()}
    bounded = found["Columns over Flee, agent-days per CPU second"]
    assert bounded.detail.endswith("; 7 to 75 by size and network")
    each = found["Columns over Flee, 100,000 people each, agent-days per CPU second"]
    assert each.value == pytest.approx(4e6 / 0.85 / 80_000) and each.bound is None
    speed = found["Flee, 100,000 people relative to 10,000, agent-days per CPU second"]
    assert speed.value == pytest.approx(0.8) and speed.bound is None


def test_ratios_of_moving_days_have_no_bound():
    found = {f.name: f for f in FieldResult(ROWS).measurements()}
    over, unit = "over Flee without its days in the same town", "agent-days per CPU second"
    one, both = found[f"Columns {over}, {unit}"], found[f"Columns without waits {over}, {unit}"]
    assert one.value == pytest.approx(40e6 / 5.35 / 50_000)
    assert both.value == pytest.approx(36e6 / 5.35 / 50_000)
    assert one.bound is None and both.bound is None


def test_a_second_size_of_an_engine_does_not_change_the_bounds():
    few = [r for r in ROWS if (r.engine, r.people) not in ((FLEE, 100_000), (OBJECTS, 1_000))]
    assert FieldResult(tuple(few)).ratios == FieldResult(ROWS).ratios


def test_memory_per_person_who_sets_out_is_the_growth_between_the_two_largest_runs():
    found = FieldResult(ROWS)
    growth = {"columns": 110.0, "objects": 4_000.0, "flee": 300.0}
    assert found.bytes_per_further_person == pytest.approx(growth)
    printed = [f for f in found.measurements() if f.name.startswith("Peak memory")]
    assert [f.value for f in printed] == pytest.approx(list(growth.values()))
    assert all(f.bound is None for f in printed)
    one = FieldResult(tuple(r for r in ROWS if r.people != 100_000))
    assert one.bytes_per_further_person["flee"] is None


def test_rows_show_the_share_of_days_without_movement_and_bytes_only_of_rows():
    texts = {(text[0], text[1]): text for text in bench_field.table(ROWS)}
    assert texts["flee", "10,000"][3] == "50%" and texts["columns", "10,000"][3] == "10%"
    assert texts["floor", "1,000,000"][3] == "-"
    assert texts["objects", "10,000"][-1] == "-" and texts["floor", "1,000,000"][-1] == "14"


def test_wide_rows_miss_their_bound():
    wide = [row(COLUMNS, r.people, r.agent_days, r.cpu_s, bytes_per_person=96.5) for r in ROWS[:3]]
    figures = FieldResult((*wide, *ROWS[3:])).measurements()
    assert [f.good for f in figures if f.name.startswith("Bytes of all columns")] == [False]


def test_without_flee_its_ratio_is_null_and_the_others_stay():
    found = FieldResult(OTHERS)
    assert found.ratios["fast_over_flee"] is None
    assert found.ratios["fast_over_reference"] == FieldResult(ROWS).ratios["fast_over_reference"]
    assert not any("Flee" in f.name for f in found.measurements())
    assert json.loads(json.dumps(found.as_json()))["flee"] is None


def test_json_has_rows_ratios_and_growth():
    found = FieldResult(ROWS, flee="3.1").as_json()
    assert set(found) == {
        "rows",
        "ratios",
        "growth",
        "marginal_growth",
        "bytes_per_further_person",
        "repeats",
        "flee",
    }
    for one in found["rows"]:
        assert list(one) == [
            "engine",
            "people",
            "agent_days",
            "cpu_s",
            "agent_days_per_cpu_s",
            "peak_mb",
            "bytes_per_person",
            "wait_days",
            "same_town_days",
            "runs",
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
        repeat = started.count(options)
        daily = options.get("on_the_way", [5, 7])
        people = options.get("people") or 1_000_000 // options["set"]["scale"]
        cpu = {1: 3.0, 2: 1.0, 3: 2.0}.get(repeat, 4.0)
        return field_child.figures(people, daily, cpu, 300.0, 68.0)

    monkeypatch.setattr(bench_field, "run_child", run)
    return started


@pytest.mark.parametrize(("version", "n_flee"), [("3.1", 3), (None, 0)])
def test_every_row_is_measured_in_processes_of_its_own_and_the_fastest_counts(
    monkeypatch: pytest.MonkeyPatch, children: list[dict[str, Any]], version: str | None, n_flee
):
    monkeypatch.setattr(bench_field, "flee_version", lambda: version)
    found = bench_field.measure()
    assert len(found.rows) == 6 + n_flee and found.flee == version
    assert len(children) == bench_field.REPEATS * len(found.rows)
    assert {(r.cpu_s, r.runs) for r in found.rows} == {(1.0, 3)}
    assert [r.people for r in found.columns] == [10_000, 100_000, 1_000_000]


def test_a_row_that_takes_more_than_a_minute_is_repeated_only_once(
    monkeypatch: pytest.MonkeyPatch, children: list[dict[str, Any]]
):
    child = bench_field.run_child

    def slow(options, environment, *, module):
        found: dict[str, Any] = child(options, environment, module=module)
        is_slow = (options["engine"], options.get("people")) == (FLEE, 100_000)
        return found | {"cpu_s": 60.1} if is_slow else found

    monkeypatch.setattr(bench_field, "run_child", slow)
    monkeypatch.setattr(bench_field, "flee_version", lambda: "3.1")
    found = bench_field.measure()
    runs = {(r.engine, r.people): r.runs for r in found.rows}
    assert runs.pop((FLEE, 100_000)) == 2
    assert set(runs.values()) == {3}


def test_the_floor_reads_the_people_of_the_largest_run(
    monkeypatch: pytest.MonkeyPatch, children: list[dict[str, Any]]
):
    monkeypatch.setattr(bench_field, "flee_version", lambda: None)
    found = bench_field.measure().row(FLOOR, 1_000_000)
    floors = [options for options in children if options["engine"] == FLOOR]
    assert floors[0] == {"engine": FLOOR, "people": 1_000_000, "on_the_way": [5, 7]}
    assert found is not None and found.agent_days == 12


def test_a_smaller_population_is_the_same_world_with_more_persons_per_agent():
    cases = bench_field._cases(with_flee=True)
    changed = {json.dumps(case["set"] | {"scale": 0}) for case in cases.values() if "set" in case}
    assert len(changed) == 1
    sets = {people: case["set"] for (_, people), case in cases.items() if "set" in case}
    assert {people * found["scale"] for people, found in sets.items()} == {1_000_000}
    flee = {(e, case["people"]) for (e, _), case in cases.items() if e.startswith(FLEE)}
    assert flee == {(FLEE, 10_000), (FLEE, 100_000), (FLEE_TWO_WAY, 10_000)}


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
    assert 0 <= found["same_town_days"] <= sum(found["on_the_way"])
