"""Monthly series by country sum to the series by group, and series by payer to the totals."""

from __future__ import annotations

import numpy as np

from abm import measures
from abm.model import BorderModel
from abm.scenario import Scenario


def test_departures_and_apprehensions_by_country_sum_to_the_series_by_group():
    settings = {"scale": 1000, "days": 40, "warmup_days": 9, "fill_days": 20}
    model = BorderModel(Scenario().with_settings(settings), rng=5)
    model.run_for(40)
    _, series = measures.monthly(model.ledger, model.settings.start)
    for name in ("set_out", "apprehended_us"):
        north = np.sum([series[f"{name}_{country}"] for country in ("gt", "hn", "sv")], axis=0)
        assert north.tolist() == series[f"{name}_northern_triangle"].tolist()
        assert series[f"{name}_mx"].tolist() == series[f"{name}_mexican"].tolist()
        assert (series[f"{name}_adults_hn"] <= series[f"{name}_hn"]).all()
    names = [f"apprehended_us_adults_{country}" for country in ("gt", "hn", "sv", "mx")]
    adults = np.sum([series[name] for name in names], axis=0)
    assert adults.tolist() == series["apprehended_us_adults"].tolist()
    assert series["set_out_hn"].sum() > 0


def test_monthly_dollars_by_payer_sum_to_the_dollars_of_the_run():
    policies = [
        {"id": name, "dollars": 250e6, "to": "2012-12-15"}
        for name in ("patrol_effort", "legal_pathways", "southern_border_control")
    ]
    settings = {"scale": 1000, "days": 120, "warmup_days": 9, "fill_days": 20, "policies": policies}
    model = BorderModel(Scenario().with_settings(settings), rng=5)
    model.run_for(120)
    months, series = measures.monthly(model.ledger, model.settings.start)
    dollars = measures.dollars(model.ledger)
    assert min(dollars.values()) > 0.0
    for payer, total in dollars.items():
        assert series[f"spent_{payer}"].sum() == total
        assert series[f"spent_{payer}"][months.index("2012-11")] > 0.0
        assert series[f"spent_{payer}"][months.index("2013-01")] == 0.0
