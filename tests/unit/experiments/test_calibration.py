"""Calibration: priors, a bank that cannot be lost, and a fit that recovers known truths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from abm.scenario.tree import parameters
from abm.world import geography
from experiments.calibration import abc, anchoring, calibrate, doses, draw_store, ensemble, priors
from experiments.calibration.doses import Doses
from experiments.calibration.draw_store import STATISTICS, Draw, DrawTask

FITTED = len(priors.FITTED)


# ---- priors -------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 1.0), min_size=len(priors.NAMES), max_size=len(priors.NAMES)))
def test_a_point_of_the_cube_and_its_numbers_are_one(unit):
    numbers = priors.values(np.array(unit))
    assert priors.units(numbers) == pytest.approx(unit, abs=1e-9)
    for name, value in numbers.items():
        u = priors.PRIORS[name]
        assert u.low * (1 - 1e-12) <= value <= u.high * (1 + 1e-12)


def test_priors_lie_within_declared_bounds_around_the_default():
    declared = {row.path: row for row in parameters(Scenario())}
    for name, u in priors.PRIORS.items():
        for path in u.paths:
            row = declared[path]
            assert row.low <= u.low < u.high <= row.high, name
            assert u.low <= row.value <= u.high, name


def test_any_draw_is_a_scenario():
    for unit in priors.sample(40, 3):
        Scenario().with_settings(priors.settings(priors.values(unit)))


def test_a_sample_is_even_and_grows_by_appending():
    few, many = priors.sample(100, 5), priors.sample(128, 5)
    assert np.array_equal(few, many[:100])
    assert many.mean(axis=0) == pytest.approx(0.5, abs=0.02)


# ---- the bank -----------------------------------------------------------------------------------


def draw(key: str, unit: Any, figures: Any) -> Draw:
    """A draw with these figures."""
    numbers = priors.values(np.array(unit))
    return Draw(
        key,
        tuple(unit),
        numbers,
        priors.settings(numbers),
        dict(zip(STATISTICS, map(float, figures), strict=True)),
        {},
    )


def some(task: DrawTask) -> Draw:
    """Plays nothing: figures are a function of the point."""
    return draw(task.key, task.unit, np.full(len(STATISTICS), sum(task.unit)))


def failing(task: DrawTask) -> Draw:
    """Every third draw cannot be played."""
    if int(task.key.split("-")[1]) % 3 == 0:
        raise ValueError("values do not settle")
    return some(task)


def wanted(n: int) -> list[DrawTask]:
    """Tasks of the first points."""
    return draw_store.draw_tasks(Scenario(), priors.sample(n, 1), name="draw", seed=7, rounds=1)


def test_a_bank_is_read_back_as_it_was_filled(tmp_path: Path):
    path = tmp_path / "bank.jsonl"
    filled = draw_store.run_missing(path, wanted(5), some, Draw, jobs=1)
    assert draw_store.read_rows(path, Draw) == filled and list(filled) == [t.key for t in wanted(5)]


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_bank_cut_short_goes_on_where_it_ended(tmp_path: Path, cut: int):
    path, whole = tmp_path / "bank.jsonl", tmp_path / "whole.jsonl"
    draw_store.run_missing(whole, wanted(6), some, Draw, jobs=1)
    path.write_bytes(whole.read_bytes()[:-cut])
    played = []

    def counted(task: DrawTask) -> Draw:
        played.append(task.key)
        return some(task)

    again = draw_store.run_missing(path, wanted(6), counted, Draw, jobs=1)
    assert played == ([] if cut == 1 else [wanted(6)[5].key])  # only the end of the line is missing
    assert again == draw_store.read_rows(whole, Draw) == draw_store.read_rows(path, Draw)
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_what_cannot_be_played_is_left_out_and_told_of_by_its_absence(tmp_path: Path):
    told = []
    filled = draw_store.run_missing(
        tmp_path / "bank.jsonl",
        wanted(7),
        failing,
        Draw,
        jobs=1,
        on_progress=lambda done, n: told.append((len(done), n)),
    )
    assert list(filled) == [wanted(7)[k].key for k in (1, 2, 4, 5)]
    assert told == [(1, 7), (2, 7), (3, 7), (4, 7)]


def test_a_bank_never_answers_another_question(tmp_path: Path):
    path, units = tmp_path / "bank.jsonl", priors.sample(3, 1)
    draw_store.run_missing(path, wanted(3), some, Draw, jobs=1)
    asked = {
        "points": draw_store.draw_tasks(Scenario(), 1.0 - units, name="draw", seed=7, rounds=1),
        "scenario": draw_store.draw_tasks(Scenario(days=400), units, name="draw", seed=7, rounds=1),
        "seed": draw_store.draw_tasks(Scenario(), units, name="draw", seed=8, rounds=1),
        "rounds": draw_store.draw_tasks(Scenario(), units, name="draw", seed=7, rounds=2),
    }
    keys = {task.key for tasks in asked.values() for task in tasks} | {t.key for t in wanted(3)}
    assert len(keys) == 5 * 3
    for tasks in asked.values():
        filled = draw_store.run_missing(path, tasks, some, Draw, jobs=1)
        assert [draw.unit for draw in filled.values()] == [task.unit for task in tasks]


# ---- the fit ------------------------------------------------------------------------------------


def toy(n: int, noise: float, seed: int = 1) -> list[Draw]:
    """A world in which some numbers move figures in straight lines and the others do nothing."""
    rng, slopes = np.random.default_rng(seed), np.zeros((FITTED, len(STATISTICS)))
    for k in range(len(STATISTICS)):
        slopes[k % FITTED, k] = 1.0 + 0.2 * k
    columns = [priors.NAMES.index(name) for name in priors.FITTED]
    draws = []
    for j, unit in enumerate(priors.sample(n, seed)):
        figures = unit[columns] @ slopes + rng.normal(0.0, noise, len(STATISTICS))
        draws.append(draw(f"d{j}", unit, figures))
    return draws


SCALE = np.full(len(STATISTICS), 0.3)


def test_a_number_that_moves_a_figure_is_found_and_the_others_keep_their_prior():
    draws = toy(600, 0.02)
    unit, figures = abc.sample_matrix(draws)
    truth = 17
    others = np.arange(len(draws)) != truth
    found = abc.fit(unit[others], figures[others], figures[truth], SCALE)
    for k in range(min(len(STATISTICS), FITTED)):
        low, high = found.interval(k)
        assert low - 0.05 <= unit[truth, k] <= high + 0.05 and high - low < 0.45
    if len(STATISTICS) < FITTED:
        low, high = found.interval(FITTED - 1)
        assert high - low > 0.6
    assert found.weight.sum() == pytest.approx(1.0) and found.effective > 30


def test_intervals_hold_the_truth_of_synthetic_worlds_as_often_as_they_say():
    """Simulation-based calibration where the answer is known: 90 % means about 90 %."""
    held = abc.coverage(toy(500, 0.05), SCALE, worlds=150)
    assert np.mean(list(held.values())) == pytest.approx(0.9, abs=0.05)
    assert min(held.values()) > 0.8


def test_fitted_numbers_stay_inside_their_prior():
    draws = toy(200, 0.3)
    unit, figures = abc.sample_matrix(draws)
    far = abc.fit(unit, figures, figures.max(axis=0) + 5.0, SCALE)
    assert (far.unit > 0.0).all() and (far.unit < 1.0).all()


def test_the_same_bank_gives_the_same_fit():
    unit, figures = abc.sample_matrix(toy(200, 0.1))
    one, two = (abc.fit(unit, figures, figures[3], SCALE) for _ in range(2))
    assert np.array_equal(one.unit, two.unit) and np.array_equal(one.weight, two.weight)


# ---- the whole, on a made-up world --------------------------------------------------------------


def made_up(task: DrawTask) -> Draw:
    """Figures that hit the record where the fitted numbers are in the middle of their priors."""
    aim, scale = calibrate.observed_statistics()
    columns = [priors.NAMES.index(name) for name in priors.FITTED]
    off = np.array(task.unit)[columns][: len(STATISTICS)] - 0.5
    return draw(task.key, task.unit, aim + 4.0 * scale * off)


def made_up_doses(task: doses.DoseTask) -> Doses:
    """A dose that says whose it is."""
    return Doses(task.key, {letter: float(task.scale) for letter in "abc"}, {})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory):
    """A calibration of the made-up world, and its folder."""
    folder = tmp_path_factory.mktemp("calibration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draw_store, "run_draw", made_up)
        patch.setattr(doses, "find_doses", made_up_doses)
        plan = calibrate.CalibrationPlan(draws=256, members=128, rounds=1, jobs=1, dosed=30)
        return calibrate.calibrate(Scenario(), folder, plan), folder, plan


def test_the_ensemble_sits_where_the_record_is_hit(done):
    outcome, _, _ = done
    middle = np.mean([priors.units(m.numbers) for m in outcome.ensemble.members], axis=0)
    for name in priors.FITTED[: len(STATISTICS)]:
        assert middle[priors.NAMES.index(name)] == pytest.approx(0.5, abs=0.08)
    assert len(outcome.ensemble.members) > 100
    assert sum(m.weight for m in outcome.ensemble.members) == pytest.approx(1.0)
    assert all(m.distance < calibrate.CUTOFF for m in outcome.ensemble.members)


def test_what_nothing_pins_down_keeps_its_whole_prior(done):
    units = np.array([priors.units(m.numbers) for m in done[0].ensemble.members])
    for name, u in priors.PRIORS.items():
        if u.free:
            column = units[:, priors.NAMES.index(name)]
            assert column.min() < 0.05 and column.max() > 0.95
            assert column.std() == pytest.approx(np.sqrt(1.0 / 12.0), abs=0.03)


def test_what_the_record_pins_down_is_said_and_the_rest_too(done):
    shrunk = done[0].shrinkage
    assert all(shrunk[name] > 0.4 for name in priors.FITTED[: len(STATISTICS)])
    assert all(abs(shrunk[name]) < 0.3 for name in priors.FITTED[len(STATISTICS) :])


def test_a_finished_calibration_plays_nothing_again_and_ends_alike(done, monkeypatch):
    outcome, folder, plan = done

    def never(task: DrawTask) -> Draw:
        raise AssertionError(f"{task.key} was played twice")

    monkeypatch.setattr(draw_store, "run_draw", never)
    monkeypatch.setattr(doses, "find_doses", never)
    again = calibrate.calibrate(Scenario(), folder, plan)
    assert again.ensemble.digest == outcome.ensemble.digest
    kept = ensemble.read(folder / "ensemble.json")
    assert kept.digest == outcome.ensemble.digest == kept.provenance["digest"]


def test_members_that_stand_for_all_are_the_same_every_time_and_follow_the_weights(done):
    whole = done[0].ensemble
    assert [m.numbers for m in whole.sample(40)] == [m.numbers for m in whole.sample(40)]
    taken = whole.sample(4_000)
    for member in whole.members[:10]:
        share = sum(m is member for m in taken) / 4_000
        assert share == pytest.approx(member.weight, abs=1.0 / 4_000 + 1e-9)
    assert whole.central() in whole.members


def test_members_with_doses_are_those_that_stand_for_all(done):
    whole = done[0].ensemble
    known = [m for m in whole.members if m.doses]
    assert 20 <= len(known) <= 30 and all(m in known for m in whole.sample(30))
    assert whole.with_doses(len(known)) == known
    few = whole.with_doses(7)
    assert len({id(m) for m in few}) == 7 and all(m in known for m in few)
    with pytest.raises(ValueError, match="doses are known of"):
        whole.with_doses(len(known) + 1)


def made_up_rise(task: doses.DoseTask, supply: str, dose: float) -> float:
    """Interceptions that rise with the dose, and the more slowly the higher it is."""
    return float(0.9 * (1.0 + dose) ** task.settings["steep"])


@pytest.mark.parametrize("steep", [0.4, 0.6, 1.0])
def test_a_dose_brings_the_rise_of_the_mexican_series(monkeypatch, steep):
    monkeypatch.setattr(doses, "simulated_rise", made_up_rise)
    found = doses.find_doses(
        doses.dose_task("one", {"steep": steep, "scale": 20, "days": 365}, 50, 1)
    )
    wanted = (doses.observed_rise() / 0.9) ** (1.0 / steep) - 1.0
    for letter in "abc":
        assert found.rises[letter] == pytest.approx(doses.observed_rise(), rel=0.03)
        assert found.doses[letter] == pytest.approx(wanted, rel=0.1)


def test_a_series_out_of_reach_is_seen(monkeypatch):
    monkeypatch.setattr(doses, "simulated_rise", lambda task, supply, dose: 1.0 + 0.01 * dose)
    found = doses.find_doses(doses.dose_task("one", {}, 50, 1))
    assert max(found.doses.values()) <= doses.HIGHEST
    assert all(rise < 0.7 * doses.observed_rise() for rise in found.rises.values())


@pytest.mark.parametrize("text", ["", "[]", '{"members": [{}], "made": {}}', "not json"])
def test_a_broken_ensemble_is_refused_in_words(tmp_path: Path, text: str):
    path = tmp_path / "ensemble.json"
    with pytest.raises(FileNotFoundError, match="no ensemble at"):
        ensemble.read(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="is not a valid ensemble"):
        ensemble.read(path)


# ---- what the fit may know ----------------------------------------------------------------------


def scrambled(row: dict[str, str], file: str) -> dict[str, str]:
    """A row of the record with every figure of the U.S. line after June 2014 replaced by noise."""
    year = row.get("fiscal_year") or row.get("date", "")[:4] or row.get("year", "")
    late = (year.isdigit() and int(year) > 2014) or row.get("date", "") > "2014-06"
    if not (file.startswith("us/") and late) or file in DECLARED or _level_of_2015(file, row):
        return row
    return {
        k: ("7777" if v.replace(".", "", 1).isdigit() and k not in KEYS else v)
        for k, v in row.items()
    }


def _level_of_2015(file: str, row: dict[str, str]) -> bool:
    """The one total of the line that is declared: what entries of FY2015 are divided by."""
    return (
        file == "us/usbp_sector_fy.csv"
        and row["fiscal_year"] == "2015"
        and row["sector"] == "SOUTHWEST TOTAL"
        and row["citizenship_group"] == "All"
    )


KEYS = ("fiscal_year", "date", "year", "fiscal_month", "month")
#: Levels that may be used: surveys of FY2015-16, drugs at ports over FY2012-16.
DECLARED = ("us/border_metrics.csv", "us/poe_inspection_drugs_visas.csv")


def test_the_fit_does_not_change_when_the_line_after_june_2014_is_noise(monkeypatch):
    honest_table = geography.table
    before = calibrate.observed_statistics(), anchoring.observed_figures()

    def noisy(file: str):
        return tuple(scrambled(dict(row), file) for row in honest_table(file))

    monkeypatch.setattr(geography, "table", noisy)
    assert honest_table("us/usbp_sector_fy.csv") != geography.table("us/usbp_sector_fy.csv")
    after = calibrate.observed_statistics(), anchoring.observed_figures()
    assert np.array_equal(before[0][1], after[0][1]) and before[0][0] == pytest.approx(after[0][0])
    for name, value in before[1].items():
        assert np.array_equal(
            np.array(list(value.values()) if isinstance(value, dict) else value),
            np.array(list(after[1][name].values()) if isinstance(value, dict) else after[1][name]),
        ), name
