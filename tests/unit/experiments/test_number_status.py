"""The marks of declared numbers agree with the calibration, the record and the runs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from abm.model import BorderModel
from abm.policies.southern_border_control import SouthernBorderControl
from abm.scenario import Scenario, declared_numbers, parameters
from abm.world import geography
from agents.param import STATUSES, params_of
from experiments.calibration import anchoring, priors
from experiments.validation.targets import target_rows

ROWS = declared_numbers(parameters(Scenario()))
#: Parameters of the sample whose 90 % interval the data narrow by at least a third (validation.md).
IDENTIFIED = ("line_hazard", "caught_share", "turned_share", "pace_guided")


def of_status(status: str) -> list:
    return [row for row in ROWS if row.status == status]


def test_every_number_has_one_status_and_an_assumption_is_marked():
    assert {row.status for row in ROWS} == set(STATUSES)
    assert all(row.assumed == (row.status == "assumed") == ("[A]" in row.source) for row in ROWS)


def test_a_fitted_number_is_changed_by_a_step_of_the_calibration():
    anchored = set(anchoring.INITIAL_VALUES)
    sampled = {path for name in IDENTIFIED for path in priors.PRIORS[name].paths}
    assert set(IDENTIFIED) <= set(priors.NAMES)
    for row in of_status("fitted"):
        table = ".".join(row.path.split(".")[:2])
        assert table in anchored or row.path in sampled, row.path


def test_the_source_of_a_fitted_number_names_its_target():
    patterns = {entry["pattern"] for entry in target_rows()}
    for row in of_status("fitted"):
        named = set(re.findall(r"\bP\d+\b", row.source))
        files = re.findall(r"[\w/]+\.csv", row.source)
        assert named or files, row.path
        assert named <= patterns and all(geography.table(file) for file in files), row.path


def test_a_parameter_that_the_data_do_not_identify_is_no_fitted_number():
    status = {row.path: row.status for row in ROWS}
    others = [
        path
        for name in priors.NAMES
        if name not in IDENTIFIED
        for path in priors.PRIORS[name].paths
    ]
    # Of these, only the fall from a study has a source, and the fit does not change its value.
    sourced = {path for path in others if status[path] != "assumed"}
    assert {status[path] for path in sourced} == {"sourced"}
    assert sourced == {"migrants.sanction_removal"}


def test_the_fall_of_another_attempt_after_a_removal_equals_the_study():
    rows = geography.table("us/consequence_delivery.csv")
    value = {row["metric"]: float(row["value"]) for row in rows if row["value"]}
    metrics = geography.rows_where("us/border_metrics.csv", fiscal_year=2015)
    name = "apprehension_probability_RTM_between_POE"
    caught = next(float(row["value"]) for row in metrics if row["metric"] == name)
    falls = []
    for months in ("3_month", "18_month"):
        before = value[f"reapprehension_rate_{months}"] / caught
        after = before + value[f"effect_admin_sanctions_{months}"] / caught
        falls.append(np.log(before / (1 - before)) - np.log(after / (1 - after)))
    assert min(falls) <= Scenario().migrants.sanction_removal <= max(falls) <= 2 * min(falls)


def test_shares_of_a_table_with_a_dependent_entry_have_sum_1():
    s = Scenario()
    for shares in (
        s.migrants.kind_share_mexican,
        s.migrants.kind_share_northern_triangle,
        s.drugs.hard_modes,
        s.drugs.marijuana_modes,
    ):
        assert sum(shares) == pytest.approx(1.0)


def test_values_from_the_record_equal_the_packaged_files():
    s = Scenario()
    visas = {
        row["nationality"]: row
        for row in geography.rows_where("us/temporary_work_visas.csv", fiscal_year=2013)
    }
    issued = {name: float(row["h2a"]) + float(row["h2b"]) for name, row in visas.items()}
    south = sum(issued[name] for name in ("Guatemala", "Honduras", "El Salvador"))
    assert s.migrants.legal_quota == pytest.approx((issued["Mexico"], south))
    intentions = geography.table("mexico/emif_sur_intentions.csv")
    for flow, days in (
        ("returned_by_US", s.migrants.delay_removal),
        ("returned_by_Mexico", s.migrants.delay_return_by_mexico),
    ):
        rows = [r for r in intentions if r["flow"] == flow and r["destination"] == "US"]
        weight = np.array([float(r["events"]) for r in rows])
        retries, soon = (
            weight @ np.array([float(r[name]) for r in rows])
            for name in ("share_will_try_again", "share_within_7_days")
        )
        assert days == pytest.approx(-7.0 / np.log1p(-soon / retries), abs=0.5)
    records = geography.rows_where(
        "drivers/detention_courts.csv", measure="average_length_of_stay", fiscal_year=2014
    )
    assert s.consequences.stay_removal[1] == float(records[0]["value"])


def test_numbers_that_follow_from_others_are_equal_to_them():
    s = Scenario()
    operations = params_of(SouthernBorderControl)
    wage, share = (operations[name].value for name in ("wage", "effort_share"))
    assert s.governments.tempo_cost == wage * share
    assert s.mexico.tempo_cap == s.mexico.sustained_tempo
    tonnes, price = s.drugs.demand[1], s.drugs.price[1]
    assert 1_000.0 * tonnes * price == pytest.approx(1.5e9, rel=0.01)


def test_the_common_share_of_the_level_equals_the_monthly_record():
    rows = geography.table("us/sw_monthly_by_citizenship.csv")
    names = ("Guatemala", "Honduras", "El Salvador")
    logs = np.log([[float(row[name]) for name in names] for row in rows])
    covariance = np.cov((logs[12:] - logs[:-12]).T)
    common = covariance[~np.eye(3, dtype=bool)].mean() / covariance.diagonal().mean()
    assert Scenario().supply_terms.level_common == pytest.approx(common, abs=0.02)


def test_the_lead_of_supply_is_the_median_time_to_the_first_us_apprehension():
    """The days from candidate to apprehension are measured in the base year, by group."""
    scenario = Scenario().with_settings({"scale": 100, "days": 330, "warmup_days": 60})
    model = BorderModel(scenario, rng=1)
    born, caught, group = (np.full(2_000_000, -1, np.int32) for _ in range(3))
    for day in range(scenario.days):
        model.run_for(1)
        rows = model.migrants.rows[: model.migrants.count]
        uid = rows["uid"].astype(np.int64) % born.size
        new = uid[born[uid] < 0]
        born[new] = day
        group[uid] = rows["group"]
        hit = uid[(rows["caught_in_year"] > 0) & (caught[uid] < 0)]
        caught[hit] = day
    counted = (born > 0) & (caught > 0)
    for g, lead in enumerate(scenario.migrants.supply_lead):
        days = (caught - born)[counted & (group == g)]
        assert days.size > 500
        assert np.median(days) == pytest.approx(lead, abs=3.0)
