"""Calibration: priors, resumable storage of draws, and a fit that recovers known parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import policies_of, registry
from abm.scenario import Scenario, SettingError
from abm.scenario.tree import parameters
from abm.supply_series import SERIES
from abm.world import geography
from experiments import scenarios
from experiments.calibration import (
    anchoring,
    calibrate,
    doses,
    draws,
    emulator,
    ensemble,
    priors,
    supply_fit,
)
from experiments.calibration.doses import Doses
from experiments.calibration.draws import STATISTICS, Draw, DrawTask
from experiments.rows.calibration import parameter_rows
from experiments.validation.episodes import roles
from tests.caches import clear_caches

ACTIVE = len(STATISTICS) - 2  # parameters that affect a figure of the toy model


# ---- priors -------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 1.0), min_size=len(priors.NAMES), max_size=len(priors.NAMES)))
def test_points_and_parameters_convert_both_ways(unit):
    numbers = priors.values(np.array(unit))
    assert priors.units(numbers) == pytest.approx(unit, abs=1e-9)
    for name, value in numbers.items():
        u = priors.PRIORS[name]
        assert u.low * (1 - 1e-12) <= value <= u.high * (1 + 1e-12)


#: The defaults of these parameters belong to an ensemble without their priors.
OTHER_DEFAULT = ("sanction_removal", "sanction_full", "surrender_slope")


def test_priors_are_within_declared_bounds_and_contain_the_default():
    declared = {row.path: row for row in parameters(Scenario())}
    for name, u in priors.PRIORS.items():
        base = Scenario().migrants.retry_mexican
        low, high = sorted(u.setting(value, base) for value in (u.low, u.high))
        for path in u.paths:
            row = declared[path]
            assert row.low <= low < high <= row.high, name
            assert low <= row.value <= high or name in OTHER_DEFAULT, name


@given(st.floats(0.30, 0.65), st.floats(0.15, 0.75))
def test_a_full_sanction_lowers_the_log_odds_of_another_attempt(retry: float, sanction: float):
    numbers = priors.values(np.full(len(priors.NAMES), 0.5))
    settings = priors.settings(numbers | {"retry_mexican": retry, "sanction_full": sanction})
    prosecuted = settings["migrants.retry_prosecuted"]
    assert settings["migrants.retry_mexican"] == retry
    odds = [np.log(p / (1.0 - p)) for p in (retry, prosecuted)]
    assert odds[0] - odds[1] == pytest.approx(sanction)


def test_a_sample_is_balanced_and_grows_by_appending():
    small, large = priors.sample(100, 5), priors.sample(128, 5)
    assert np.array_equal(small, large[:100])
    assert large.mean(axis=0) == pytest.approx(0.5, abs=0.02)


# ---- the bank -----------------------------------------------------------------------------------


def draw(key: str, unit: Any, figures: Any) -> Draw:
    """Return a draw with these figures."""
    numbers = priors.values(np.array(unit))
    return Draw(
        key,
        tuple(unit),
        numbers,
        priors.settings(numbers),
        dict(zip(STATISTICS, map(float, figures), strict=True)),
        {},
    )


def simple(task: DrawTask) -> Draw:
    """Return figures that are a function of the point, without a run."""
    return draw(task.key, task.unit, np.full(len(STATISTICS), sum(task.unit)))


def test_stored_draws_are_not_used_for_other_inputs(tmp_path: Path):
    units = priors.sample(3, 1)
    base: dict[str, Any] = {"scenario": Scenario(), "units": units, "seed": 7, "rounds": 1}
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"units": 1.0 - units},
        {"scenario": Scenario(days=400)},
        {"seed": 8},
        {"rounds": 2},
        {"early": {"scale": 50}},
    )
    task_lists = [draws.draw_tasks(**(base | change), name="draw") for change in changes]
    assert len({task.key for tasks in task_lists for task in tasks}) == 6 * 3
    for tasks in task_lists:
        filled = draws.run_missing(tmp_path / "bank", tasks, simple, Draw, executor="serial")
        assert [draw.unit for draw in filled.values()] == [task.unit for task in tasks]


# ---- the fit ------------------------------------------------------------------------------------


def toy(n: int, noise: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return points and figures. Each of the first parameters affects figures, two also jointly."""
    rng = np.random.default_rng(seed)
    unit = priors.sample(n, seed)
    figures = np.array([unit[:, k % ACTIVE] * (1.0 + 0.2 * k) for k in range(len(STATISTICS))]).T
    figures[:, 0] += 0.5 * unit[:, 0] * unit[:, 1]
    return unit, figures + rng.normal(0.0, noise, figures.shape)


SCALE = np.full(len(STATISTICS), 0.3)


def test_the_posterior_narrows_parameters_that_affect_a_figure_only():
    unit, figures = toy(400, 0.02)
    truth = 17
    others = np.arange(len(unit)) != truth
    fit = emulator.Emulator(unit[others], figures[others], figures[truth], SCALE)
    assert ((fit.sd > 0.02) & (fit.sd < 0.6)).all()
    points, _ = fit.posterior(1)
    low, high = np.quantile(points, (0.05, 0.95), axis=0)
    assert ((low - 0.05 <= unit[truth]) & (unit[truth] <= high + 0.05))[:ACTIVE].all()
    width = (high - low) / 0.9
    assert width[:ACTIVE].max() < 0.7 and width[ACTIVE:].min() > 0.9


def test_history_matching_rules_out_more_with_smaller_tolerances(monkeypatch):
    monkeypatch.setattr(emulator, "STEPS", emulator.BURN_IN + 1)  # this test reads no chain
    unit, figures = toy(200, 0.02)
    shares = [
        emulator.Emulator(unit, figures, figures[3], factor * SCALE).posterior(1)[1]
        for factor in (30.0, 3.0, 0.3)
    ]
    assert shares[0] == 1.0 and shares[0] > shares[1] > shares[2]


@pytest.mark.slow
def test_intervals_have_their_nominal_coverage_on_synthetic_worlds():
    """90 % intervals contain about 90 % of the true parameters."""
    shares = emulator.coverage(*toy(400, 0.05), SCALE, worlds=60, seed=1)
    assert np.mean(list(shares.values())) == pytest.approx(0.9, abs=0.05)
    assert min(shares.values()) > 0.75


def test_rows_of_parameters_have_misses_first():
    units = np.linspace(0.3, 0.7, 41)[:, np.newaxis] * np.ones(len(priors.NAMES))
    members = [ensemble.Member({}, priors.values(unit), 1.0, 0.0) for unit in units]
    coverage = dict.fromkeys(priors.NAMES, 0.9) | {"chi": 0.84, "eta": 0.95}
    rows = parameter_rows(members, coverage)
    assert [row["name"] for row in rows if row["miss"]] == [rows[0]["name"]] == ["chi"]
    assert [row["width_ratio"] for row in rows] == pytest.approx([0.4] * len(rows), abs=0.02)
    assert not any(row["miss"] for row in parameter_rows(members, {}))


# ---- a whole calibration with made-up runs ------------------------------------------------------


def made_up(task: DrawTask) -> Draw:
    """Return figures that match the record at the middle of the first priors."""
    aim, scale = calibrate.observed_statistics()
    off = np.array(task.unit)[: len(STATISTICS)] - 0.5
    return draw(task.key, task.unit, aim + 4.0 * scale * off)


def made_up_doses(task: doses.DoseTask) -> Doses:
    """Return doses that identify the task."""
    rises = dict.fromkeys(doses.EPISODES, 1.5)
    levels = dict.fromkeys(doses.EPISODES, (1.25, 0.5))
    return Doses(task.key, dict.fromkeys(doses.EPISODES, float(task.scale)), rises, ("a",), levels)


def made_up_supply(number: int) -> dict[str, Any]:
    """Return settings that identify the member."""
    return {"supply_terms.network": [0.5, number / 1_000.0]}


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory):
    """Return a calibration with made-up runs, its folder and its plan."""
    folder = tmp_path_factory.mktemp("calibration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "run_draw", made_up)
        patch.setattr(calibrate, "SYNTHETIC_WORLDS", 1)  # no test here reads the coverage
        patch.setattr(doses, "find_doses", made_up_doses)
        patch.setattr(supply_fit, "draw_supply", made_up_supply)
        plan = calibrate.CalibrationPlan(draws=256, members=128, rounds=1, jobs=1, dose_members=30)
        return calibrate.calibrate(Scenario(), folder, plan), folder, plan


def test_the_ensemble_is_centred_where_figures_match_the_record(calibrated):
    outcome, _, _ = calibrated
    middle = np.mean([priors.units(m.numbers) for m in outcome.ensemble.members], axis=0)
    assert middle[: len(STATISTICS)] == pytest.approx(0.5, abs=0.08)
    assert len(outcome.ensemble.members) > 100
    assert sum(m.weight for m in outcome.ensemble.members) == pytest.approx(1.0)
    assert all(m.distance < calibrate.CUTOFF for m in outcome.ensemble.members)


def test_a_sample_of_members_is_deterministic_and_follows_the_weights(calibrated):
    result = calibrated[0].ensemble
    assert result.sample_indices(40) == result.sample_indices(40)
    indices = result.sample_indices(4_000)
    for k, member in enumerate(result.members[:10]):
        share = indices.count(k) / 4_000
        assert share == pytest.approx(member.weight, abs=1.0 / 4_000 + 1e-9)


def test_members_with_doses_are_the_members_of_the_sample(calibrated):
    result = calibrated[0].ensemble
    dosed = [m for m in result.members if m.doses]
    assert 20 <= len(dosed) <= 30
    assert all(result.members[k] in dosed for k in result.sample_indices(30))
    assert result.with_doses(len(dosed)) == dosed
    selected = result.with_doses(7)
    assert len({id(m) for m in selected}) == 7 and all(m in dosed for m in selected)
    with pytest.raises(SettingError, match=f"Give at most {len(dosed)}"):
        result.with_doses(len(dosed) + 1)


def member_doses(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., doses.Simulated], **settings: Any
) -> Doses:
    """Return the doses of a member when `run` simulates the episodes."""
    monkeypatch.setattr(doses, "simulate", run)
    return doses.find_doses(doses.dose_task("one", settings, 50, 1))


@pytest.mark.parametrize("steep", [0.45, 0.6, 1.0])
def test_a_dose_reproduces_the_rise_of_the_mexican_series(monkeypatch, steep):
    """Interceptions rise with the dose at a decreasing rate."""

    def run(task, episode, dose, level, earlier):
        return doses.Simulated(0.5 * episode.series.rise() * (1.0 + dose) ** task.settings["steep"])

    result = member_doses(monkeypatch, run, steep=steep, scale=20, days=365)
    expected = 2.0 ** (1.0 / steep) - 1.0
    assert list(result.doses) == ["a", "b", "c", "d", "2019"]
    for key, episode in doses.EPISODES.items():
        assert result.rises[key] == pytest.approx(episode.series.rise(), rel=0.03)
        assert result.doses[key] == pytest.approx(expected, rel=0.1)
    assert result.corners == ()


@pytest.mark.parametrize(("factor", "corner"), [(0.5, doses.HIGHEST), (9.0, doses.LOWEST)])
def test_a_series_that_no_dose_reaches_is_a_corner_with_its_ratio(monkeypatch, factor, corner):
    def far(task, episode, dose, level, earlier):
        return doses.Simulated(factor * episode.series.rise() * (1.0 + 0.01 * dose))

    result = member_doses(monkeypatch, far)
    assert result.corners == tuple(doses.EPISODES)
    assert set(result.doses.values()) == {corner}
    for key, episode in doses.EPISODES.items():
        expected = factor * episode.series.rise() * (1.0 + 0.01 * corner)
        assert result.rises[key] == pytest.approx(expected)


def test_of_two_doses_with_the_observed_rise_the_smaller_dose_is_selected(monkeypatch):
    """Interceptions rise and fall again, as if effort left fewer people to intercept."""

    def humped(task, episode, dose, level, earlier):
        x = math.log1p(dose)
        return doses.Simulated(episode.series.rise() * math.exp(1.2 * x - 0.7 * x**2 - 0.4))

    result = member_doses(monkeypatch, humped)
    maximum = math.expm1(1.2 / (2 * 0.7))
    for key, episode in doses.EPISODES.items():
        assert result.doses[key] < 0.6 * maximum
        assert result.rises[key] == pytest.approx(episode.series.rise(), rel=0.025)


def test_the_level_reproduces_the_known_months_although_groups_interact(monkeypatch):
    """More families take agents' time from Mexicans, and releases draw further people."""

    def level_of(level: Sequence[float]) -> tuple[float, float]:
        northern = 1.8 * level[1] ** 1.2
        return 1.1 * level[0] / (0.5 + 0.5 * northern), northern

    def run(task, episode, dose, level, earlier):
        return doses.Simulated(episode.series.rise() * (0.5 + 0.3 * dose), level_of(level))

    result = member_doses(monkeypatch, run)
    for key, level in result.levels.items():
        assert level_of(level) == pytest.approx((1.0, 1.0), rel=0.02)
        assert result.known[key] == pytest.approx((1.0, 1.0), rel=0.02)


def test_the_episode_of_2019_is_run_with_the_dose_of_2014_of_the_same_member(monkeypatch):
    used = {}

    def run(task, episode, dose, level, earlier):
        used[episode.scenario] = dict(earlier)
        return doses.Simulated(episode.series.rise() * (0.5 + 0.2 * dose))

    fit = member_doses(monkeypatch, run)
    assert used == {"history_2014": {}, "history_2019": {"d": fit.doses["d"]}}
    uses = [u for u in roles({}, fit.doses)["2019"].policies if u.id == "southern_border_control"]
    assert [use.dose for use in uses] == [fit.doses["d"], fit.doses["2019"]]


def replace_rows(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, str], str], dict[str, str]]
) -> None:
    """Change the rows of all files of the record, and clear the caches of its figures."""
    honest = geography.table
    clear_caches()
    monkeypatch.setattr(
        geography, "table", lambda file: tuple(change(dict(row), file) for row in honest(file))
    )


@pytest.mark.usefixtures("cleared")
def test_a_level_compares_a_run_with_the_record_of_known_months_only(monkeypatch):
    """Later months of the record are replaced by noise."""
    months = [f"{y}-{m:02d}" for y in (2018, 2019) for m in range(1, 13)]
    series = {f"apprehended_us_{g}": np.full(24, 1_000.0) for g in doses.GROUPS}
    run = SimpleNamespace(months=months, start="2018-01-01", days=730, series=series)
    window = doses.EPISODES["2019"].known
    levels = doses.known_levels(run, window)
    for group, level in zip(("Mexico", "NTCA"), levels, strict=True):
        record = sum(v for *_, v in geography.monthly_by_citizenship(group, *window))
        assert level == pytest.approx(12_000.0 / record)
    late = {"NTCA": "7", "Mexico": "7"}
    replace_rows(monkeypatch, lambda row, _: row | late if row.get("date", "") > window[1] else row)
    assert doses.known_levels(run, window) == levels


def test_a_simulated_rise_compares_monthly_means(monkeypatch):
    """Windows of two and four months with the same interceptions a month have no rise."""
    episode = doses.EPISODES["2019"]
    months = [f"2019-{m:02d}" for m in range(1, 10)]
    run = SimpleNamespace(
        months=months,
        start="2019-01-01",
        days=273,
        series={"apprehended_mexico": np.array([5.0] * 3 + [10.0] * 2 + [15.0] * 4)},
    )
    monkeypatch.setattr(doses, "run_one", lambda case: run)
    monkeypatch.setattr(doses, "known_levels", lambda run, window: (1.0, 1.0))
    task = doses.dose_task("one", {}, 1_000, 1)
    assert doses.simulate(task, episode, 1.0, (1.0, 1.0)).rise == pytest.approx(1.5)


def numbers_of(scenario, policy: str) -> dict:
    """Return the dose and the numbers of a policy that the scenario uses once."""
    (use,) = (u for u in scenario.policies if u.id == policy)
    return {"dose": use.dose} | dict(use.numbers)


def test_a_dose_above_the_largest_of_a_policy_is_a_larger_programme():
    """Tempo and posts follow the dose, and the limits of the instrument stay in force."""
    kind = registry()["southern_border_control"]
    dose = 1.25 * kind.high
    scenario = doses.with_dose(scenarios.find("history_2014"), doses.EPISODES["b"], dose)
    numbers = numbers_of(scenario, "southern_border_control")
    for name in ("rise", "posted"):
        declared = getattr(kind.full_programme(), name)
        assert numbers["dose"] * numbers[name] == pytest.approx(dose * declared)
    for episode in doses.EPISODES.values():
        changed = doses.with_dose(scenarios.find(episode.scenario), episode, doses.HIGHEST)
        policies_of(changed, changed.policies)  # all bounds hold


# ---- terms of supply ----------------------------------------------------------------------------


def test_terms_of_supply_are_drawn_from_the_posterior_of_both_groups():
    first, second = supply_fit.draw_supply(3), supply_fit.draw_supply(3)
    assert first == second != supply_fit.draw_supply(4)
    drawn = [supply_fit.draw_supply(k) for k in range(400)]
    for draw in drawn[:20]:
        Scenario().with_settings(draw)
    assert {frozenset(draw) for draw in drawn} == {frozenset(first)}
    network = np.array([draw["supply_terms.network"] for draw in drawn])
    assert network.max() <= supply_fit.MAX_NETWORK
    for g, fit in enumerate(supply_fit._fits((2013, 9))):
        # Draws above the largest response are repeated, which lowers mean and spread.
        assert fit.mean["network"] - 0.06 < network[:, g].mean() < fit.mean["network"] + 0.02
        assert fit.sd["network"] - 0.06 < network[:, g].std() < fit.sd["network"] + 0.02
    homicide = np.array([draw["migrants.homicide_factor"] for draw in drawn])
    assert {draw["migrants.homicide_elasticity"] for draw in drawn} == {1.0}
    assert (homicide >= 0.0).all() and homicide[:, 0].mean() < 0.5 * homicide[:, 1].mean()
    drift = np.array([draw["supply_terms.drift"] for draw in drawn])
    assert (drift.min(axis=0) < 0.0).all() and (drift.max(axis=0) > 0.0).all()


# ---- anchoring ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "early"),
    [
        ({}, (50, 540)),
        ({"early_scale": 1, "early_warmup": 900}, (20, 540)),
        ({"early_scale": 100, "early_warmup": 180}, (100, 180)),
    ],
)
def test_the_last_two_runs_of_a_draw_have_the_scale_and_warm_up_of_the_scenario(
    monkeypatch: pytest.MonkeyPatch, sizes: dict[str, int], early: tuple[int, int]
):
    used: list[tuple[int, int]] = []

    def run(case: Any) -> Any:
        used.append((case.scenario.scale, case.scenario.warmup_days))
        return len(used)

    monkeypatch.setattr(anchoring, "run_one", run)
    monkeypatch.setattr(
        anchoring, "adjust_constants", lambda scenario, result, aim, damping: {"contest.chi": 0.01}
    )
    settings, result = anchoring.anchor(
        Scenario(scale=20),
        {"contest.eta": 0.5},
        seed=1,
        rounds=3,
        early=calibrate.CalibrationPlan(**sizes).early(Scenario(scale=20)),
    )
    assert used == [early] * 2 + [(20, 540)] * 2 and result == 4
    assert settings == {"contest.eta": 0.5, "contest.chi": 0.01}  # from the last two runs only


# ---- data that the fit can use -------------------------------------------------------------------


def scrambled(row: dict[str, str], file: str) -> dict[str, str]:
    """Return a row of the record with figures of the U.S. line after June 2014 replaced."""
    year = row.get("fiscal_year") or row.get("date", "")[:4] or row.get("year", "")
    late = (year.isdigit() and int(year) > 2014) or row.get("date", "") > "2014-06"
    declared = file in DECLARED or _level_of_2015(file, row) or _winter_of_2016(file, row)
    if not (file.startswith("us/") and late) or declared:
        return row
    return {
        k: ("7777" if v.replace(".", "", 1).isdigit() and k not in KEYS + COMPARED else v)
        for k, v in row.items()
    }


def _level_of_2015(file: str, row: dict[str, str]) -> bool:
    """Return whether the row is the declared total of FY2015, the divisor of entries."""
    return (
        file == "us/usbp_sector_fy.csv"
        and row["fiscal_year"] == "2015"
        and row["sector"] == "SOUTHWEST TOTAL"
        and row["citizenship_group"] == "All"
    )


def _winter_of_2016(file: str, row: dict[str, str]) -> bool:
    """Return whether the row is of the dips of E6, which compare 2017 with the spring of 2016."""
    return file == "us/sw_monthly_by_citizenship.csv" and "2016-03" <= row["date"] <= "2017-09"


KEYS = ("fiscal_year", "date", "year", "fiscal_month", "month")
#: Columns of countries. Their ratios of other years to 2018 are the controls of E4 and E5.
COMPARED = ("Honduras", "El Salvador", "Guatemala")
#: Levels that are declared for the fit: surveys of FY2015-16, drugs at ports over FY2012-16.
DECLARED = ("us/border_metrics.csv", "us/poe_inspection_drugs_visas.csv")


@pytest.mark.usefixtures("cleared")
def test_the_fit_does_not_depend_on_the_line_after_june_2014(monkeypatch):
    honest_table = geography.table
    before = calibrate.observed_statistics(), anchoring.observed_figures()
    replace_rows(monkeypatch, scrambled)
    assert honest_table("us/usbp_sector_fy.csv") != geography.table("us/usbp_sector_fy.csv")
    after = calibrate.observed_statistics(), anchoring.observed_figures()
    assert np.array_equal(before[0][1], after[0][1]) and before[0][0] == pytest.approx(after[0][0])
    np.testing.assert_equal(after[1], before[1])


@pytest.mark.usefixtures("cleared")
def test_doses_depend_on_no_observation_at_the_line(monkeypatch):
    """Replace every figure of the United States, even in the file that has both countries.

    `tests/unit/abm/test_supply_series.py` tests that supply series read no later month.
    """
    before = {key: episode.series.rise() for key, episode in doses.EPISODES.items()}

    def without_us(row: dict[str, str], file: str) -> dict[str, str]:
        replaced = row if file.startswith("us/") else {"us", "mexico_share"}
        return {key: "7777" if key in replaced else value for key, value in row.items()}

    replace_rows(monkeypatch, without_us)
    assert before == {key: episode.series.rise() for key, episode in doses.EPISODES.items()}
    last_known = {
        episode.supply: SERIES[episode.supply].last_month for episode in doses.EPISODES.values()
    }
    assert all(month is not None and month <= (2019, 5) for month in last_known.values())
