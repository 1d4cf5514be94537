"""Curves over dollars: planned runs, results at zero dollars, and goals by interpolation."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import policies_of
from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.runs.study_inputs import with_policies
from experiments.scenarios import find
from experiments.studies.curve import (
    BASE_YEAR,
    COOPERATION,
    GOALS,
    INSTRUMENTS,
    OUTCOMES,
    WITHDRAWN,
    CurveLine,
    CurvePlan,
    Goal,
    Instrument,
    State,
    _split,
    first_reached,
    instrument,
    read_curves,
    requirement,
    states,
)
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import sweep_all

TINY = find("classroom").with_settings({"scale": 1000, "days": 9, "warmup_days": 30})
EVERY = tuple(map(instrument, (*INSTRUMENTS, "aerial_surveillance")))
FENCE = instrument("fence")


def curve_plan(**more: Any) -> CurvePlan:
    """Return a plan of fences at zero dollars, $100M and their maximum dose."""
    return CurvePlan(
        **({"scenario": TINY, "instruments": (FENCE,), "budgets": (100e6,), "reps": 2} | more)
    )


@pytest.fixture(scope="module")
def completed(tmp_path_factory: pytest.TempPathFactory) -> tuple[CurvePlan, Path]:
    """Return a plan of two instruments and the folder of its completed sweeps."""
    plan = curve_plan(instruments=(FENCE, instrument("us_only")), budgets=(400e6,))
    folder = tmp_path_factory.mktemp("curve")
    sweep_all(plan.designs, folder, executor="serial")
    return plan, folder


# ---- instruments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("item", EVERY, ids=lambda item: item.id)
def test_doses_cost_the_budget(item: Instrument):
    for budget in (0.0, 1e6, 300e6, item.maximum):
        doses = item.doses(min(budget, item.maximum))
        specs = [parse_policy(f"{name}:{dose!r}") for name, dose in doses.items() if dose > 0.0]
        spent = sum(sum(p.dollars().values()) for p in policies_of(TINY, specs))
        assert spent == pytest.approx(min(budget, item.maximum), rel=1e-9)


def test_units_per_dollar_match_the_policy():
    surge = instrument("patrol_surge")
    assert (surge.unit, 811e6 * surge.units_per_dollar) == ("agents", pytest.approx(5000.0))
    assert (FENCE.unit, 117e6 * FENCE.units_per_dollar) == ("miles", pytest.approx(300.0))
    assert instrument("cameras_and_sensors").unit == "towers"
    assert instrument("us_only").unit == "" and math.isnan(instrument("us_only").units_per_dollar)


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.tuples(st.floats(0.01, 1.0), st.floats(1.0, 100.0)),
        min_size=1,
    ),
    st.floats(0.0, 1.0),
)
def test_shares_are_proportional_until_a_policy_is_full(
    table: dict[str, tuple[float, float]], part: float
):
    shares = {name: share for name, (share, _) in table.items()}
    limits = {name: top for name, (_, top) in table.items()}
    budget = part * sum(limits.values())
    spent = _split(budget, shares, limits)
    assert sum(spent.values()) == pytest.approx(budget, abs=1e-9)
    assert all(0.0 <= spent[n] <= limits[n] + 1e-9 for n in limits)
    not_full = [n for n in limits if spent[n] < limits[n] * (1 - 1e-9)]
    rates = [spent[n] / shares[n] for n in not_full]
    assert rates == pytest.approx([rates[0]] * len(rates) if rates else [])
    # A full policy would get at least as much in proportion.
    assert all(
        spent[n] / shares[n] <= rates[0] * (1 + 1e-9) + 1e-9
        for n in limits
        if n not in not_full and rates
    )


# ---- the plan ------------------------------------------------------------------------------------


def test_states_differ_in_policies_alone():
    base, programme, withdrawn = states(TINY)
    assert [s.id for s in (base, programme, withdrawn)] == [BASE_YEAR, COOPERATION, WITHDRAWN]
    plan = curve_plan()
    designs = [*plan.designs.values()]
    assert designs[0].scenario == TINY
    assert designs[1].scenario == with_policies(TINY, find("cooperation").policies)
    assert [use.id for use in designs[2].scenario.policies] == ["no_cooperation"]
    assert {design.seed for design in designs} == {1}
    assert programme.dollars == pytest.approx(500e6) and withdrawn.dollars == 0.0


@pytest.mark.parametrize("policy", ["fence", "no_cooperation", "southern_border_control"])
def test_scenario_with_a_varied_policy_raises(policy: str):
    scenario = TINY.with_settings({"policies": [parse_policy(policy)]})
    with pytest.raises(SettingError, match=policy) as error:
        assert curve_plan(scenario=scenario).states
    assert error.value.path == "--scenario"


# ---- runs ----------------------------------------------------------------------------------------


def test_zero_dollars_equal_the_status_quo_exactly(completed: tuple[CurvePlan, Path]):
    plan, folder = completed
    for state in plan.states:
        scenario = with_policies(TINY, state.specs)
        with SweepResults(folder / state.id) as store:
            frame = store.frame()
            first = frame[frame["point"] == 0]
            for key, seed in zip(first["key"], first["seed"], strict=True):
                assert store.result(key).digest == run_one(Case(scenario, int(seed))).digest
    with SweepResults(folder / BASE_YEAR) as store:
        assert {r.digest for _, r in store.results() if not sum(r.dollars.values())} == {
            run_one(Case(TINY, seed)).digest for seed in (1, 2)
        }


def test_lines_contain_the_stored_results(completed: tuple[CurvePlan, Path]):
    plan, folder = completed
    lines = read_curves(plan, folder)
    assert [(x.instrument.id, x.state.id) for x in lines] == [
        (item.id, state.id) for item in plan.instruments for state in plan.states
    ]
    for line in lines:
        assert line.dollars.tolist() == [0.0, 400e6, line.instrument.maximum]
        assert set(line.levels) == set(OUTCOMES)
        with SweepResults(folder / line.state.id) as store:
            frame = store.frame()
        for name in OUTCOMES:
            assert line.levels[name].shape == (3, 2) and line.base[name].shape == (2,)
            start = frame[frame["point"] == 0].sort_values("seed")[name].tolist()
            assert line.levels[name][0].tolist() == start
    base = [line for line in lines if line.state.id == BASE_YEAR]
    for line in base:
        assert np.array_equal(line.levels["deaths"][0], line.base["deaths"])
        assert line.changes("deaths")[0].median == 0.0


def test_failed_runs_are_nan(tmp_path: Path):
    def fail(case: Case) -> Any:
        if case.seed == 2 and any(use.id == "fence" for use in case.scenario.policies):
            raise MemoryError
        return run_one(case)

    plan = curve_plan()
    swept = sweep_all(plan.designs, tmp_path, executor="serial", run=fail)
    assert [len(sweep.failures) for sweep in swept] == [2, 2, 2]
    line = read_curves(plan, tmp_path)[0]
    assert np.isnan(line.levels["deaths"][1:, 1]).all()
    assert np.isfinite(line.levels["deaths"][:, 0]).all()
    assert requirement(line, GOALS[3]).replicates == 1


# ---- goals ---------------------------------------------------------------------------------------

X = np.linspace(0.0, 4e9, 9)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9), st.floats(-2e3, 2e3), st.booleans())
def test_goals_are_not_extrapolated(levels: list[float], target: float, rising: bool):
    x = X[: len(levels)]
    dollars = first_reached(x, levels, target, rising=rising)
    best = max(levels) if rising else min(levels)
    if (best < target) if rising else (best > target):
        assert dollars == math.inf
        return
    assert x[0] <= dollars <= x[-1]
    level = np.interp(dollars, x, levels)
    assert level == pytest.approx(target, abs=1e-6) or dollars == x[0]
    before = x < dollars - 1e-3
    short = np.asarray(levels)[before] < target if rising else np.asarray(levels)[before] > target
    assert short.all()  # fewer dollars do not reach the target


def artificial_line(
    levels: np.ndarray, base: np.ndarray | None = None, state: int = 0
) -> CurveLine:
    """Return a line with the same levels for all outcomes, shape (budgets, replicates)."""
    start = levels[0] if base is None else base
    one_state = State(["base_year", "cooperation", "withdrawn"][state], "", (), 0.0)
    return CurveLine(
        FENCE,
        one_state,
        X[: len(levels)],
        dict.fromkeys(OUTCOMES, levels),
        dict.fromkeys(OUTCOMES, start),
        np.repeat(X[: len(levels), None], levels.shape[1], axis=1),
    )


def test_cut_is_relative_to_the_base_year_or_to_the_same_state():
    falling = np.array([[80.0, 90.0], [60.0, 70.0], [40.0, 50.0]])
    line = artificial_line(falling, base=np.array([100.0, 100.0]), state=1)
    of_base = requirement(line, Goal("got_aways", cut=0.25, of=BASE_YEAR))
    of_state = requirement(line, Goal("got_aways", cut=0.25, of="same_state"))
    step = X[1]
    assert of_base.dollars.low90 == pytest.approx(step * 0.25)
    assert of_state.dollars.median == pytest.approx(step * np.mean([1.0, 22.5 / 20.0]))
    small = requirement(line, Goal("got_aways", cut=0.10, of=BASE_YEAR))
    assert (small.dollars.high90, small.n_reached, small.replicates) == (0.0, 2, 2)


def test_a_percent_costs_what_is_spent_beyond_zero_dollars(completed: tuple[CurvePlan, Path]):
    """The dollars of a state's own policies do not count. In one replicate step 2 has no effect."""
    assert not any(line.spent[0].any() for line in read_curves(*completed))
    levels = np.array([[100.0, 200.0], [90.0, 160.0], [90.0, 120.0]])
    spent = np.array([[0.0, 0.0], [10.0, 20.0], [20.0, 40.0]])
    line = replace(artificial_line(levels), spent=spent)
    each, steps = line.dollars_per_percent(), line.dollars_per_next_percent()
    assert math.isnan(each[0].median) and math.isnan(steps[0].median)
    for prices, dearest in ((each, (1.0, 2.0)), (steps, (1.0, math.inf))):
        assert [price.low90 for price in prices[1:]] == pytest.approx([1.0, 1.0])
        assert [price.high90 for price in prices[1:]] == pytest.approx(dearest)


def test_goal_that_is_not_reached_counts_as_infinite():
    rising = np.array([[0.4, 0.4, 0.4], [0.6, 0.45, 0.41]])
    result = requirement(artificial_line(rising), Goal("apprehension_probability", level=0.5))
    assert (result.n_reached, result.replicates, result.max_dollars) == (1, 3, X[1])
    assert result.dollars.median == math.inf and result.dollars.high90 == math.inf
    assert result.dollars.low90 == pytest.approx(0.5 * X[1])  # the lowest of three replicates
    nearly = requirement(artificial_line(np.array([[0.4] * 9, [0.6] * 8 + [0.4]])), result.goal)
    assert nearly.n_reached == 8 and nearly.dollars.median == pytest.approx(0.5 * X[1])
    assert nearly.dollars.high90 == math.inf
