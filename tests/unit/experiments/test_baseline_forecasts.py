"""Baseline forecasts equal hand calculations and use no month that was not yet known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abm.world import geography
from experiments.validation import baseline_forecasts as module
from experiments.validation.baseline_forecasts import KNOWN_UNTIL, forecast, trend
from experiments.validation.targets import target, targets


def test_a_trend_agrees_with_least_squares_and_is_never_negative():
    points = [(0.0, 5.0), (1.0, 4.0), (2.0, 7.0), (4.0, 8.0)]
    slope, level = np.polyfit(*zip(*points, strict=True), 1)
    assert trend(points, 6.0) == pytest.approx(level + slope * 6.0)
    assert trend([(0, 30.0), (1, 20.0), (2, 10.0)], 5) == 0.0


def test_the_last_value_is_the_value_of_the_year_before():
    before = geography.apprehensions_total(2012, "Mexican")
    assert forecast(target("P1.mexican")).last == before
    deaths, caught = geography.deaths_by_sector(2012), geography.apprehensions_by_sector(2012)
    rate = 1e4 * deaths["Laredo"] / caught["Laredo"]
    assert forecast(target("P10.laredo")).last == pytest.approx(rate)


def test_the_last_value_of_shares_is_their_distance_between_years():
    new, old = (geography.apprehensions_by_sector(y, "Mexican") for y in (2013, 2012))
    total = sum(new.values()), sum(old.values())
    distance = sum(abs(new[s] / total[0] - old[s] / total[1]) for s in new) / 2
    assert forecast(target("P2.mexican")).last == pytest.approx(distance, abs=0.005)


def test_the_last_value_forecasts_no_change_in_2014():
    assert forecast(target("H1.northern_triangle")).last == pytest.approx(0.0)
    assert forecast(target("H2.gap")).last == pytest.approx(0.0)
    assert forecast(target("H5.rebound")).last == pytest.approx(0.0)
    assert forecast(target("H3.share")).last == 0.0 and math.isnan(
        forecast(target("H3.share")).trend
    )


def test_the_summer_of_2019_is_forecast_from_the_summer_of_2018():
    months = {(y, m): v for y, m, v in geography.monthly_by_citizenship("NTCA")}
    before = sum(months[2019, m] for m in (3, 4, 5))
    after = sum(months[2018, m] for m in (7, 8, 9))
    result = forecast(target("H6.northern_triangle"))
    assert result.last == pytest.approx(100 * (after / before - 1))
    expected = 0.0
    for m in (7, 8, 9):
        line = [(y, months[y, m]) for y in range(2000, 2019)]
        slope, level = np.polyfit(*zip(*line, strict=True), 1)
        expected += max(0.0, level + slope * 2019)
    assert result.trend == pytest.approx(100 * (expected / before - 1))


@pytest.mark.parametrize("name", [t.id for t in targets("held_out") if t.row["naive"] == "months"])
def test_no_forecast_uses_a_month_after_the_last_known_month(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    item = target(name)
    last_month, original = KNOWN_UNTIL[item.episode], geography.monthly_by_citizenship
    honest = forecast(item)

    def noise(group: str, first: str, last: str) -> list[tuple[int, int, float]]:
        assert last == last_month
        return original(group, first, last)

    monkeypatch.setattr(module.geography, "monthly_by_citizenship", noise)
    module.monthly_record.cache_clear()
    assert forecast(item) == honest
