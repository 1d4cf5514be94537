"""Designs: points within bounds, paired seeds, and error messages for invalid designs."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import policies_of
from abm.scenario import PolicySpec, Scenario, SettingError, parameters
from experiments.scenarios import find
from experiments.sweeps import design_files as designs
from experiments.sweeps.design import (
    LARGEST_SEED,
    MAX_RUNS,
    Design,
    Grid,
    LatinHypercube,
    ParameterSet,
    Sample,
    Sobol,
    factor,
    with_inputs,
)
from experiments.sweeps.design_files import read

BASE = find("classroom")
NUMBERS = [r for r in parameters(BASE) if r.kind in (int, float) and r.low < r.high]
EXAMPLE = """
name = "x"
days = 60
scale = 200
reps = 8

[set]
migrants.credit = 2000.0

[grid]
"policy.southern_border_control" = [0.0, 0.5, 1.0]
"migrants.retry_removed" = [0.2, 0.4]
"""


def design_of(sample: Sample, **more: Any) -> Design:
    """Return a design with the classroom scenario."""
    return Design(name="test", sample=sample, scenario=BASE, **more)


@st.composite
def ranges(draw: st.DrawFn, size: int = 4) -> dict[str, tuple[float, float]]:
    """Draw bounds of some parameters within their declared bounds."""
    rows = draw(
        st.lists(
            st.sampled_from(NUMBERS), min_size=1, max_size=size, unique_by=lambda row: row.path
        )
    )
    bounds: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row.kind is int:
            low = draw(st.integers(int(row.low), int(row.high) - 1))
            bounds[row.path] = (low, draw(st.integers(low + 1, int(row.high))))
        else:
            shares = sorted(draw(st.tuples(st.floats(0.0, 0.4), st.floats(0.6, 1.0))))
            bounds[row.path] = tuple(row.low + s * (row.high - row.low) for s in shares)
    return bounds


samples = st.one_of(
    st.builds(LatinHypercube, ranges(), st.integers(1, 40)),
    st.builds(Sobol, ranges(), st.sampled_from([1, 2, 8, 32])),
)


# ---- points --------------------------------------------------------------------------------------


@given(samples, st.integers(0, 2**31 - 2))
def test_points_are_within_bounds_and_have_the_requested_number(sample: Any, seed: int):
    points = sample.points(BASE, seed)
    assert len(points) == sample.n
    kinds = {row.path: row.kind for row in NUMBERS}
    for point in points:
        for path, value in zip(sample.factors, point, strict=True):
            low, high = sample.bounds[path]
            assert low <= value <= high and type(value) is kinds[path]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_grid_has_every_combination_once(sizes: list[int]):
    paths = ["policy.fence", "migrants.credit", "supply_level", "policy.trainers"]
    values = {path: [float(i) / 2 for i in range(n)] for path, n in zip(paths, sizes, strict=False)}
    points = Grid(values).points(BASE, 1)
    assert len(points) == len(set(points)) == int(np.prod(sizes))


@given(st.integers(1, 40), st.integers(0, 9))
def test_a_latin_hypercube_has_one_point_in_every_part_of_every_range(n: int, seed: int):
    bounds = {"migrants.credit": (100.0, 300.0), "policy.fence": (0.5, 2.0)}
    points = np.array(LatinHypercube(bounds, n).points(BASE, seed))
    for column, (low, high) in zip(points.T, bounds.values(), strict=True):
        parts = np.floor((column - low) / (high - low) * n).astype(int)
        assert sorted(parts.tolist()) == list(range(n))


def test_every_whole_number_has_an_equal_part_of_the_range_of_its_factor():
    row = next(row for row in NUMBERS if row.kind is int)
    between = factor(BASE, row.path, "x").between
    values = [between(2, 6, (k + 0.5) / 500) for k in range(500)]
    assert {value: values.count(value) for value in values} == dict.fromkeys(range(2, 7), 100)
    assert [between(2, 6, end) for end in (0.0, 1.0)] == [2, 6]


def test_a_design_has_at_most_100_000_points():
    def points(doses: int, shares: int) -> int:
        values = {"policy.fence": doses, "migrants.retry_removed": shares}
        grid = Grid({path: np.linspace(0.0, 1.0, n).tolist() for path, n in values.items()})
        return len(grid.points(BASE, 1))

    assert points(50, 2_000) == 100_000
    with pytest.raises(SettingError, match="this makes 100,001 points") as caught:
        points(11, 9_091)
    assert caught.value.path == "grid"


# ---- scenarios of points -------------------------------------------------------------------------


def test_inputs_override_the_scenario():
    base = BASE.with_settings({"policies": ["trainers:250M@2013-01-01", "fence:2:toll=30"]})
    inputs = {
        "policy.fence": 0.5,
        "policy.patrol_surge": 0.25,
        "migrants.surrender.child": 0.1,
        "scale": 500,
        "dummy": 0.7,
    }
    new = with_inputs(base, inputs)
    assert (
        new.scale == 500
        and dict(zip(("adult", "family", "child"), new.migrants.surrender, strict=True))["child"]
        == 0.1
    )
    assert [str(use) for use in new.policies] == [
        "fence:0.5:toll=30",
        "patrol_surge:0.25",
        "trainers:250M@2013-01-01",
    ]
    assert with_inputs(base, {"policy.trainers": 2.0}).policies[1] == PolicySpec(
        id="trainers", dose=2.0, start=datetime.date(2013, 1, 1)
    )


def test_dollars_are_converted_to_the_dose_of_that_cost():
    ((dose,),) = Grid({"policy.cameras_and_sensors": ["250M"]}).points(BASE, 1)
    (policy,) = policies_of(BASE, [PolicySpec(id="cameras_and_sensors", dose=dose)])
    assert sum(policy.dollars().values()) == pytest.approx(250e6)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 1000))
def test_every_point_runs_the_same_seeds(points: int, reps: int, seed: int):
    doses = {"policy.fence": [i / 4 for i in range(points)]}
    plan = list(design_of(Grid(doses), reps=reps, seed=seed).plan())
    for point in range(points):
        assert [p.seed for p in plan if p.point == point] == list(range(seed, seed + reps))
    unpaired = list(design_of(Grid(doses), reps=reps, seed=seed, paired=False).plan())
    assert sorted(p.seed for p in unpaired) == list(range(seed, seed + points * reps))


@pytest.mark.parametrize("paired", [True, False])
def test_more_repetitions_keep_the_existing_runs(paired: bool):
    fewer, more = (
        design_of(Grid({"policy.fence": [0.0, 1.0]}), reps=reps, paired=paired) for reps in (2, 3)
    )
    runs = [{(p.point, p.seed) for p in design.plan()} for design in (fewer, more)]
    assert fewer.digest == more.digest and runs[0] < runs[1] and len(more) == 6


def test_digest_depends_on_scenario_points_and_seeds():
    base = design_of(Grid({"policy.fence": [0.0, 1.0]}))
    others = [
        design_of(Grid({"policy.fence": [0.0, 2.0]})),
        design_of(Grid({"policy.trainers": [0.0, 1.0]})),
        design_of(base.sample, seed=2),
        design_of(base.sample, paired=False),
        Design(name="test", sample=base.sample, scenario=BASE.with_settings({"days": 9})),
    ]
    assert len({design.digest for design in (base, *others)}) == 6
    assert Design(name="other", sample=base.sample, scenario=BASE).digest == base.digest


# ---- TOML ----------------------------------------------------------------------------------------


def test_example_of_the_guide():
    design = read(EXAMPLE)
    assert (design.name, len(design.points), design.reps, len(design)) == ("x", 6, 8, 48)
    assert (design.scenario.days, design.scenario.scale) == (60, 200)
    assert design.scenario.migrants.credit == 2000.0
    assert design.scenario.supply == find("baseline").supply and design.seed == 1
    assert design.inputs(5) == {
        "policy.southern_border_control": 1.0,
        "migrants.retry_removed": 0.4,
    }


def test_a_date_needs_no_quotation_marks_and_a_number_is_no_date():
    head = 'name = "x"\nscenario = "classroom"\n[grid]\n'
    bare, quoted = (read(f"{head}start = [{day}]") for day in ("2013-10-01", '"2013-10-01"'))
    assert bare.digest == quoted.digest
    assert bare.scenario_at(0).start == datetime.date(2013, 10, 1)
    with pytest.raises(SettingError, match=r"7 is not text\. Write it in quotation marks"):
        read(f"{head}start = [7]")


def test_scenario_file_is_searched_in_the_folder_of_the_design(tmp_path: Path):
    (tmp_path / "mine.toml").write_text('extends = "classroom"\ndays = 33\n')
    path = tmp_path / "design.toml"
    path.write_text('name = "x"\nscenario = "mine.toml"\n[grid]\n"policy.fence" = [1]\n')
    assert designs.load(path).scenario.days == 33


@pytest.mark.parametrize("name", designs.names())
def test_packaged_designs_can_be_read(name: str):
    design = designs.load(name)
    assert design.name == name and len(design) > 1
    for point in (0, len(design.points) - 1):
        assert isinstance(design.scenario_at(point), Scenario)


HEAD = 'name = "x"\n'
INVALID = {
    "no name": ('[grid]\n"policy.fence" = [1]', "name", "has no name"),
    "nothing": (HEAD, "design", "no table defines what varies"),
    "unknown key": (HEAD + "rep = 3", "rep", 'Did you mean "reps"?'),
    "unknown path": (
        HEAD + '[grid]\n"migrants.retry_removd" = [0.1]',
        "grid.migrants.retry_removd",
        'Did you mean "migrants.retry_removed"?',
    ),
    "unknown policy": (
        HEAD + '[grid]\n"policy.fense" = [1]',
        "grid.policy.fense",
        'Did you mean "fence"?',
    ),
    "nothing varies": (HEAD + "[grid]", "grid", "nothing varies"),
    "a table": (
        HEAD + '[grid]\n"migrants.surrender" = [0.1]',
        "grid.migrants.surrender",
        "for example migrants.surrender.adult",
    ),
    "dose": (HEAD + '[grid]\n"policy.fence" = [9]', "grid.policy.fence", "above the highest"),
    "value": (
        HEAD + '[grid]\n"migrants.retry_removed" = [1.5]',
        "grid.migrants.retry_removed",
        "above the highest allowed value 1",
    ),
    "twice": (HEAD + '[grid]\n"scale" = [10, 10]', "grid.scale", "given twice"),
    "bounds": (
        HEAD + '[latin_hypercube]\nn = 4\n"migrants.retry_removed" = [0.5, 1.5]',
        "latin_hypercube.migrants.retry_removed",
        "above the highest allowed value",
    ),
    "names": (
        HEAD + '[sobol]\nn = 4\n"governments.mexico" = ["willing", "strategic"]',
        "sobol.governments.mexico",
        "not a number that can be sampled",
    ),
    "no n": (HEAD + '[sobol]\n"dummy" = [0, 1]', "sobol.n", "it is missing"),
    "power": (HEAD + '[sobol]\nn = 100\n"dummy" = [0, 1]', "sobol.n", "Give 64 or 128"),
    "many runs": (
        HEAD + 'reps = 100000\n[latin_hypercube]\nn = 99999\n"dummy" = [0, 1]',
        "reps",
        "99,999 points with 100,000 seeds are 9,999,900,000 runs",
    ),
    "paired": (HEAD + 'paired = 1\n[grid]\n"policy.fence" = [1]', "paired", "true or false"),
    "lengths": (HEAD + '[list]\n"policy.fence" = [1, 2]\n"scale" = [10]', "list", "scale has 1"),
    "set": (HEAD + 'days = 3\n[set]\ndays = 4\n[grid]\n"policy.fence" = [1]', "days", "in [set]"),
    "scenario": (
        HEAD + 'scenario = "nowhere"\n[grid]\n"policy.fence" = [1]',
        "scenario",
        "is not a known scenario",
    ),
    "toml": ("name = ", "line 1", "invalid TOML"),
}


@pytest.mark.parametrize(("text", "path", "words"), INVALID.values(), ids=INVALID)
def test_invalid_design_raises_with_path_and_hint(text: str, path: str, words: str):
    with pytest.raises(SettingError) as caught:
        read(text, "mine.toml")
    message = str(caught.value)
    assert message.startswith("mine.toml: ") and caught.value.path == path
    assert words in message and message.endswith((".", "?"))


# ---- members of the ensemble ---------------------------------------------------------------------

SETS = (ParameterSet(3, {"contest.eta": 0.4}), ParameterSet(7, {"contest.eta": 0.7}))
FENCE = Grid({"policy.fence": [0.0, 1.0]})


@pytest.mark.parametrize("paired", [True, False])
def test_the_last_seed_of_a_design_is_at_most_the_largest_seed(paired: bool):
    runs = 2 if paired else 4
    last = design_of(FENCE, reps=2, seed=LARGEST_SEED - runs + 1, paired=paired)
    assert max(run.seed for run in last.plan()) == LARGEST_SEED
    with pytest.raises(SettingError, match="exceed the largest seed"):
        design_of(FENCE, reps=2, seed=LARGEST_SEED - runs + 2, paired=paired)


def test_too_many_runs_of_members_raise_with_all_three_numbers():
    points = LatinHypercube({"dummy": (0.0, 1.0)}, 2_000)
    assert len(design_of(points, reps=250, members=SETS)) == MAX_RUNS
    with pytest.raises(SettingError) as caught:
        design_of(points, reps=251, members=SETS)
    assert caught.value.path == "reps"
    assert "2 members of 2,000 points with 251 seeds are 1,004,000 runs" in str(caught.value)


def test_every_point_is_run_under_every_member_with_separate_seeds():
    plan = list(design_of(FENCE, reps=2, members=SETS).plan())
    assert len(plan) == len(design_of(FENCE, reps=2, members=SETS)) == 8
    by_member = {m: {p.seed for p in plan if p.inputs["member"] == m} for m in (3, 7)}
    assert not by_member[3] & by_member[7] and all(len(seeds) == 2 for seeds in by_member.values())
    for member in (3, 7):  # paired: both points of a member run on the same seeds
        runs = [p for p in plan if p.inputs["member"] == member]
        seeds = [[p.seed for p in runs if p.point == k] for k in (0, 1)]
        assert seeds[0] == seeds[1]


def test_members_override_the_scenario_and_inputs_override_members():
    design = design_of(FENCE, members=SETS)
    assert [design.scenario_at(0, k).contest.eta for k in (0, 1)] == [0.4, 0.7]
    varied = design_of(Grid({"contest.eta": [0.5]}), members=SETS)
    assert [varied.scenario_at(0, k).contest.eta for k in (0, 1)] == [0.5, 0.5]


def test_settings_of_the_file_override_all_members():
    text = 'name = "x"\nmembers = 3\n[set]\ncontest.eta = 0.5\n[grid]\n"policy.fence" = [0, 1]'
    design = read(text)
    assert (len(design.members), design.reps, len(design)) == (3, 1, 6)
    scenarios = [design.scenario_at(0, k) for k in range(3)]
    assert {s.contest.eta for s in scenarios} == {0.5}
    assert len({s.mexico.pay for s in scenarios}) == 3
