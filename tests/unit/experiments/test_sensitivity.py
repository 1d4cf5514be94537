"""Sensitivity: indices of known functions, and random variation that affects the dummy only."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.scenario import SettingError, parse_policy
from experiments.calibration.priors import PRIORS
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.studies.sensitivity import inputs
from experiments.studies.sensitivity.indices import FactorIndices, IndexEstimate, distinguishable
from experiments.studies.sensitivity.inputs import VariedFactor
from experiments.studies.sensitivity.study import (
    BASELINE,
    SEED_SETS,
    SEEDS_PER_SET,
    SensitivityResult,
    Study,
    analyse_outcome,
    min_blocks,
    read_results,
)
from experiments.sweeps.sweep import sweep_all
from tests.made_results import made_result

TINY = find("classroom").with_settings({"scale": 1000, "days": 14, "warmup_days": 9})
PATHS = ("contest.eta", "contest.chi", "migrants.retry_removed")
PATHS += ("migrants.knowledge_mean", "mexico.pay")
ETA = VariedFactor("eta", ("contest.eta",), 0.3, 0.8)
CHI = VariedFactor("chi", ("contest.chi",), 0.0, 0.12)


def study(count: int = 3, **more: Any) -> Study:
    """Return a study of `count` factors."""
    varied = tuple(VariedFactor(f"x{i}", (PATHS[i],), 0.0, 0.1) for i in range(count))
    return Study(**({"scenario": TINY, "factors": varied, "reps": 1} | more))


def result_of(the_study: Study, values: np.ndarray) -> SensitivityResult:
    """Return the result for one value at each point, with one seed."""
    return analyse_outcome(the_study, "got_aways", "", values[:, None])


def by_name(answer: SensitivityResult) -> dict[str, Any]:
    """Return the indices by factor."""
    return {line.factor: line for line in answer.indices}


# ---- known functions -----------------------------------------------------------------------------


def test_the_ishigami_function_has_its_known_indices():
    the_study = study(method="sobol", n=1024, seed=3)
    x = (2.0 * the_study.cube - 1.0) * math.pi
    values = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    result = by_name(result_of(the_study, values))
    exact = {"x0": (0.3139, 0.5576), "x1": (0.4424, 0.4424), "x2": (0.0, 0.2437), "dummy": (0, 0)}
    for name, (first, total) in exact.items():
        line = result[name]
        assert line.first.value == pytest.approx(first, abs=0.03)
        assert line.strength.value == pytest.approx(total, abs=0.03)
        assert line.first.low - 0.01 <= first <= line.first.high + 0.01
        assert line.strength.low - 0.01 <= total <= line.strength.high + 0.01
    assert result["x0"].strength.high - result["x0"].strength.low < 0.2


def test_a_linear_function_has_its_coefficients_as_mu_star_and_sigma_zero():
    the_study = study(n=6)
    slopes = np.array([10.0, -4.0, 0.0, 0.0])
    answer = result_of(the_study, 5.0 + the_study.cube @ slopes)
    assert [line.factor for line in answer.indices] == ["x0", "x1", "x2", "dummy"]
    for line, slope in zip(answer.indices, slopes, strict=True):
        assert line.mu == pytest.approx(slope, abs=1e-9)
        assert line.strength.value == pytest.approx(abs(slope), abs=1e-9)
        assert line.sigma == pytest.approx(0.0, abs=1e-9)
        assert line.strength.high - line.strength.low == pytest.approx(0.0, abs=1e-9)
    assert answer.indistinct == ["x2"]


@pytest.mark.parametrize(("method", "n"), [("morris", 4), ("sobol", 8)])
def test_a_constant_outcome_depends_on_no_factor(method: str, n: int):
    the_study = study(method=method, n=n)
    answer = result_of(the_study, np.full(len(the_study.cube), 7.0))
    assert answer.indistinct == ["x0", "x1", "x2"] and (answer.mean, answer.sd) == (7.0, 0.0)
    first = answer.indices[0]
    assert math.isnan(first.strength.value) if first.first else first.mu == 0.0


def test_noise_is_indistinct_from_the_dummy_and_a_factor_is_not():
    rng = np.random.default_rng(1)
    the_study = study(n=40)
    values = 30.0 * the_study.cube[:, 0] + rng.normal(size=len(the_study.cube))
    answer = result_of(the_study, values)
    assert answer.indistinct and set(answer.indistinct) <= {"x1", "x2"}
    assert distinguishable(by_name(answer)["x0"], answer.dummy)


@pytest.mark.parametrize(("half", "distinct"), [((0.3, 0.3), False), ((0.3, 0.2), True)])
def test_a_factor_is_distinct_beyond_the_intervals_of_both(
    half: tuple[float, float], distinct: bool
):
    """The difference is 0.4. The limit is the root of the sum of both squared half-widths."""
    factor, dummy = (
        FactorIndices(name, IndexEstimate(value, value - h, value + h), value, 0.0)
        for name, value, h in zip(("x0", "dummy"), (2.0, 1.6), half, strict=True)
    )
    assert distinguishable(factor, dummy) == distinct


# ---- averages and missing runs -------------------------------------------------------------------


def test_the_change_is_the_change_of_means_in_percent():
    the_study = study(1, n=4, reps=2)
    base = np.column_stack(
        [np.full(len(the_study.cube), 100.0), np.full(len(the_study.cube), 300.0)]
    )
    arm = base + np.outer(10.0 * the_study.cube[:, 0], [1.0, 3.0])
    result = by_name(analyse_outcome(the_study, "deaths", "fence", base, arm))
    assert result["x0"].mu == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("method", "n", "minimum"),
    [("morris", 4, 4), ("morris", 20, 10), ("sobol", 8, 8), ("sobol", 64, 32)],
)
def test_too_few_complete_blocks_are_not_analysed(method: str, n: int, minimum: int):
    the_study = study(1, method=method, n=n)
    assert min_blocks(the_study) == minimum
    values = the_study.cube[:, 0].copy()
    for k in range(n - minimum + 1):
        values[k * the_study.block_size] = math.nan
    answer = result_of(the_study, values)
    assert answer.complete_blocks == minimum - 1 and answer.indices == ()
    values[0] = 0.5
    answer = result_of(the_study, values)
    assert answer.complete_blocks == minimum and answer.indices


# ---- factors ------------------------------------------------------------------------------------

PROSECUTED = "migrants.retry_prosecuted"


def test_a_factor_of_a_prior_has_its_bounds_scale_and_paths():
    result, fixed = inputs.open_priors(TINY)
    names = [u.paths[0] if u.below else name for name, u in PRIORS.items()]
    assert [f.name for f in result] == names and fixed == []
    for f, prior in zip(result, PRIORS.values(), strict=True):
        if prior.below:
            continue
        middle = math.sqrt(prior.low * prior.high) if prior.log else (prior.low + prior.high) / 2
        assert (f.value_at(0.0), f.value_at(1.0)) == (prior.low, prior.high)
        assert f.value_at(0.5) == pytest.approx(middle) and f.paths == prior.paths


def test_a_prior_relative_to_another_prior_varies_its_setting_below_the_other_setting():
    changed = TINY.with_settings({"migrants.retry_mexican": 0.5})
    result = next(row for row in inputs.open_priors(TINY)[0] if row.name == PROSECUTED)
    (moved,) = inputs.read_factors(changed, ["sanction_full"])
    (same,) = inputs.read_factors(changed, [PROSECUTED])
    assert moved == same and moved.paths == result.paths == (PROSECUTED,)
    ends = [moved.value_at(share) for share in (0.0, 1.0)]
    # The bounds are reductions of the log-odds of 0.5.
    low, high = PRIORS["sanction_full"].low, PRIORS["sanction_full"].high
    assert ends == pytest.approx([1.0 / (1.0 + math.exp(high)), 1.0 / (1.0 + math.exp(low))])
    assert result.high > moved.high  # retry_mexican is higher by default


def test_settings_of_the_scenario_or_the_user_do_not_vary():
    changed = TINY.with_settings({"contest.eta": 0.5})
    result, fixed = inputs.open_priors(changed, {"border_patrol.line_hazard.tucson", "migrants"})
    assert {"eta", "line_hazard", "retry_removed"} <= set(fixed)
    assert {f.name for f in result}.isdisjoint(fixed) and "chi" in {f.name for f in result}


def test_factors_are_parsed_from_their_written_form():
    words = "line_hazard=1..2 contest.eta contest.chi=0.01..0.02 days policy.fence=0..2"
    read = inputs.read_factors(TINY, [*words.split(), "policy.trainers=10M..100M"])
    hazard, eta, chi, days, fence, trainers = read
    assert (hazard.low, hazard.high, hazard.log, len(hazard.paths)) == (1, 2, True, 9)
    assert hazard.value_at(0.5) == pytest.approx(math.sqrt(2.0))
    assert (eta.name, eta.low, eta.high) == ("eta", 0.3, 0.8)
    assert (chi.value_at(0.0), chi.value_at(0.5), chi.value_at(1.0)) == pytest.approx(
        (0.01, 0.015, 0.02)
    )
    assert days.value_at(0.0) == 1 and isinstance(days.value_at(0.3), int)
    assert (fence.low, fence.high) == (0.0, 2.0)
    assert trainers.high == pytest.approx(10.0 * trainers.low) and trainers.low > 0.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "invalid factor"),
        ("eta=", "invalid factor"),
        ("dummy", "always included"),
        ("contest.etta", "unknown setting"),
        ("etaa", 'Did you mean "eta"'),
        ("eta=0.4", "invalid bounds"),
        ("eta=0.6..0.4", "not below"),
        ("eta=0..2", "above the highest"),
        ("eta=a..b", "not a number"),
        ("contest", "table"),
        ("governments.mexico", "not a number"),
        ("supply", "not a number"),
        ("policy.fense", "unknown policy"),
        ("line_hazard=0..1", "uniform in the logarithm"),
        ("days=1.5..3", "whole number"),
    ],
)
def test_an_invalid_factor_raises_an_error(text: str, why: str):
    with pytest.raises(SettingError, match="--factor") as caught:
        inputs.read_factors(TINY, [text])
    assert why in str(caught.value)


# ---- designs -------------------------------------------------------------------------------------


def test_points_are_paired_and_seeds_depend_on_the_dummy():
    the_study = study(2, n=4, reps=3, seed=5)
    (design,) = the_study.designs.values()
    cases = list(design.cases())
    assert len(cases) == len(the_study) == 4 * 4 * 3
    seeds: dict[float, set[int]] = {}
    for planned, case in cases:
        share = planned.inputs["dummy"]
        assert case.seed == planned.seed
        seeds.setdefault(share, set()).add(planned.seed)
    assert all(len(result) == 3 for result in seeds.values()) and len(seeds) > 1
    assert len(set.union(*seeds.values())) == 3 * len(seeds)
    assert max(map(max, seeds.values())) < 5 + SEED_SETS * SEEDS_PER_SET
    steps = np.abs(np.diff(the_study.cube.reshape(4, 4, 3), axis=1)) > 0
    assert (steps.sum(axis=2) == 1).all() and (steps.sum(axis=1) == 1).all()


@pytest.mark.parametrize(("method", "n"), [("morris", 4), ("sobol", 8)])
def test_a_missing_salib_gives_an_installation_hint(
    method: str, n: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(SettingError, match="--extra analysis"):
        _ = study(method=method, n=n).cube


# ---- runs ----------------------------------------------------------------------------------------


def fake(case: Case) -> RunResult:
    """Return a result that is linear in eta and of which a policy removes a share linear in chi."""
    contest = case.scenario.contest
    value = 1000.0 * (1.0 + contest.eta) * (1.0 - contest.chi * bool(case.scenario.policies))
    outcomes = {"got_aways": value, "deaths": value + 0.001 * case.seed}
    return made_result(case, outcomes=outcomes, leg_flow=np.ones(2), digest="d")


def failing(case: Case) -> RunResult:
    """Raise an error in a corner of the parameter space; elsewhere return the result of `fake`."""
    if case.scenario.contest.eta > 0.75 and case.scenario.contest.chi > 0.1:
        raise RuntimeError("simulated failure")
    return fake(case)


def small(**more: Any) -> Study:
    """Return a study of two factors and two seeds."""
    usual = {"scenario": TINY, "factors": (ETA, CHI), "n": 4, "reps": 2}
    return Study(**(usual | {"outcomes": ("got_aways",)} | more))


def test_levels_and_changes_are_read_from_the_sweeps(tmp_path: Path):
    the_study = small(policies=((parse_policy("fence"),),))
    swept = sweep_all(the_study.designs, tmp_path, jobs=1, run=fake)
    assert {path.parent.name for path in tmp_path.glob("*/ledger.sqlite")} == {BASELINE, "fence"}
    (change,) = read_results(the_study, tmp_path)
    result = by_name(change)
    assert (change.policy, change.outcome) == ("fence", "got_aways")
    assert result["chi"].mu == pytest.approx(-12.0) and result["eta"].mu == pytest.approx(0.0)
    assert result["dummy"].strength.value == pytest.approx(0.0, abs=1e-9)
    both = small(outcomes=("got_aways", "deaths"))  # has the same baseline
    level, lucky = read_results(both, tmp_path)
    assert by_name(level)["eta"].mu == pytest.approx(500.0) and level.indistinct == ["chi"]
    assert by_name(lucky)["dummy"].strength.value > 100.0  # only the dummy changes the seeds
    assert by_name(lucky)["chi"].strength.value == pytest.approx(0.0, abs=1e-9)
    assert sum(result_of_sweep.planned for result_of_sweep in swept) <= len(the_study)


def test_a_block_with_a_failed_run_is_left_out(tmp_path: Path):
    the_study = small(n=12, reps=1)
    (swept,) = sweep_all(the_study.designs, tmp_path, jobs=1, run=failing)
    (answer,) = read_results(the_study, tmp_path)
    assert swept.failures and min_blocks(the_study) <= answer.complete_blocks < the_study.n
    missing = the_study.n - answer.complete_blocks
    assert np.isnan(answer.values).sum() == missing * the_study.block_size
    assert by_name(answer)["eta"].mu == pytest.approx(500.0)
