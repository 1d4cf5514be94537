"""Simulated statistics, compared with values computed by hand for made-up runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.world import geography
from abm.world.vocabulary import SECTORS
from agents.labels import SECTORS as LABELS
from experiments.runs.case import Case, FirstYear, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.validation import statistics as s
from experiments.validation.baseline_forecasts import months_in_window
from experiments.validation.targets import targets

Made = Callable[..., RunResult]
Year = Callable[..., FirstYear]
NT, MX = "apprehended_us_northern_triangle", "apprehended_us_mexican"


def by_month(*windows: tuple[tuple[str, str], float]) -> dict[str, float]:
    """Return a value for every month of each window."""
    return {
        month: value
        for (first, last), value in windows
        for month in months_in_window(f"{first}..{last}")
    }


def test_every_statistic_of_a_target_is_computed(made_up: Made):
    """The base year is simulated. All other runs are artificial."""
    year = run_one(
        Case(find("classroom").with_settings({"scale": 200, "days": 365, "warmup_days": 9}), 1)
    )
    result = s.base_year(year)
    assert all(math.isfinite(value) for value in result.values())
    run = made_up()
    surges = {f"surge:{name}": run for name in ("rio_grande_valley", "tucson", "laredo")}
    staff = {f"staff:{factor:g}": run for factor in (1.5, 3.0)}
    result |= s.responses({"base": run, "news": run, "more_release": run} | staff | surges)
    years = made_up(start="2003-10-01", days=1461)
    result |= s.end_of_release(years, years)
    result |= s.episode_2014(run) | s.episode_2019(run) | s.episode_2005(run)
    assert [t.statistic for t in targets() if t.statistic not in result] == []


# ---- release and announcements ------------------------------------------------------------------


def test_the_response_to_release_is_per_unit_and_a_fall_is_positive(made_up: Made):
    after = {"hn": ("2005-11", "2006-07"), "sv": ("2006-10", "2007-06")}
    assert after == s.AFTER_RELEASE
    fallen = {
        f"{prefix}_adults_{country}": by_month((window, 0.5))
        for prefix in ("apprehended_us", "set_out")
        for country, window in after.items()
    }
    lasting, ended = (
        made_up(start="2003-10-01", days=1461, series=series) for series in (None, fallen)
    )
    result = s.end_of_release(ended, lasting)
    for country in after:
        for prefix in ("apprehended_us", "set_out"):
            name = f"release_response_{prefix}_{country}"
            assert result[name] == pytest.approx(math.log(2.0) / 0.65)
    assert result["release_fall_hn"] == pytest.approx(-math.log(2.0))
    assert s.end_of_release(lasting, lasting) == pytest.approx(dict.fromkeys(result, 0.0))


def test_a_rush_is_above_and_a_dip_below_zero(made_up: Made):
    hurried = {
        "set_out_mexican": by_month((("2013-02", "2013-02"), 2.0)),
        "apprehended_us_mexican": by_month((("2013-04", "2013-11"), 0.5)),
    }
    result = s.responses({"base": made_up(), "news": made_up(series=hurried)})
    assert result["rush_mexican"] == pytest.approx(math.log(2.0)) == -result["dip_mexican"]
    assert result["rush_northern_triangle"] == result["dip_northern_triangle"] == 0.0


# ---- months -------------------------------------------------------------------------------------


def test_windows_agree_with_the_record():
    rows = geography.table("mexico/natural_experiment_windows.csv")
    recorded = [(row["event"], row["pre"], row["post"]) for row in rows]
    for event, before, after in (
        ("Programa Frontera Sur (7 Jul 2014)", s.BEFORE_2014, s.AFTER_2014),
        ("Programa Frontera Sur fade-out", s.AFTER_2014, s.REBOUND_2014),
        ("Joint Declaration/National Guard (7 Jun 2019)", s.BEFORE_2019, s.AFTER_2019),
    ):
        assert (event, "..".join(before), "..".join(after)) in recorded


def test_a_window_outside_the_run_has_no_total(made_up: Made):
    run = made_up(days=365, series={NT: by_month((("2012-10", "2012-12"), 7.0))})
    assert s.total(run, NT, ("2012-10", "2013-01")) == 3 * 7.0 + 1.0
    assert s.total(run, NT, ("2013-09", "2013-09")) == 1.0
    assert math.isnan(s.total(run, NT, ("2012-09", "2012-10")))
    assert math.isnan(s.total(run, NT, ("2013-09", "2013-10")))
    assert math.isnan(s.total(run, "no_such_series", ("2012-10", "2012-10")))
    assert math.isnan(s.total(made_up(days=364), NT, ("2013-09", "2013-09")))


def test_a_change_is_relative_to_the_window_before(made_up: Made):
    run = made_up(series={NT: by_month((("2012-11", "2012-11"), 4.0), (("2012-12", "2012-12"), 5))})
    november, december, october = ((m, m) for m in ("2012-11", "2012-12", "2012-10"))
    assert s.change(run, NT, november, december) == pytest.approx(25.0)
    nothing = made_up(series={NT: by_month((("2012-10", "2012-10"), 0.0))})
    assert math.isnan(s.change(nothing, NT, october, november))
    assert s.mexico_share(run, november) == pytest.approx(1.0 / 5.0)


# ---- the base year ------------------------------------------------------------------------------


def test_seizures_at_ports_are_weighted_by_the_days_of_the_first_twelve_months(
    made_up: Made, year: Year
):
    run = made_up(first_year=a_year(year))
    days = [31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30]  # days per month from October
    weighted = []
    for name, start in (("seized_ports", 1.0), ("seized_open_country", 3.0)):
        run.gauges[name] = np.arange(len(run.months)) * start + 2.0
        weighted.append(sum(d * (k * start + 2.0) for k, d in enumerate(days)))
    result = s.base_year(run)["seized_at_ports"]
    assert result == pytest.approx(weighted[0] / sum(weighted), rel=1e-12)


def test_a_fall_after_a_release_is_relative_to_the_other_run_and_to_another_country(made_up: Made):
    def years(**levels: float) -> RunResult:
        window = ("2005-11", "2006-12")
        series = {
            f"apprehended_us_adults_{code}": by_month((window, level))
            for code, level in levels.items()
        }
        return made_up(start="2003-10-01", days=1461, series=series)

    fall = s.end_of_release(years(hn=0.2), years(hn=0.8))["release_fall_hn"]
    assert fall == pytest.approx(-math.log(4.0))
    compared = s.end_of_release(years(sv=0.5, gt=0.5), years())["release_fall_sv"]
    assert compared == pytest.approx(0.0)


def test_entries_are_weighted_to_a_share_of_families(made_up: Made):
    run = made_up(
        series={
            "got_aways_adults": 6.0,
            "apprehended_us_adults": 8.0,
            "got_aways_families": 1.0,
            "apprehended_us_families": 4.0,
        }
    )
    assert s.entries_at_mix(run, 0.0) == 0.75 and s.entries_at_mix(run, 1.0) == 0.25
    assert s.entries_at_mix(run, 0.24) == pytest.approx(0.76 * 0.75 + 0.24 * 0.25)
    share = 4.0 / 12.0  # at the share of the run, the weighted ratio is the plain ratio
    assert s.entries_at_mix(run, share) == pytest.approx(7.0 / 12.0)


def a_year(year: Year, **more: object) -> FirstYear:
    """Return a first year with all rates at 0.5 and the shares of the record."""
    names = (
        "apprehension_probability",
        "apprehension_probability_rtm",
        "recidivism",
        "interdiction_effectiveness",
        "entries_per_apprehension",
        "mexico_share",
        "children_and_families_share",
        "smuggler_use_mexican",
        "fee_mexican",
        "smuggler_use_northern_triangle",
        "fee_northern_triangle",
        "guided_within_30_days",
        "deaths_per_10000_apprehensions",
    )
    figures: dict[str, object] = {
        "rates": dict.fromkeys(names, 0.5),
        "sector_shares": {group: dict(s.record_shares(group)) for group in s.GROUPS},
        "interceptions_by_state": {"Chiapas": 60.0, "Veracruz": 30.0, "Oaxaca": 10.0},
        "deaths_per_10000": dict.fromkeys(SECTORS, 1.0)
        | {"Tucson": 4.0, "Laredo": 2.0, "Rio Grande Valley": 3.0},
    }
    return year({"apprehended_us": 77}, **(figures | more))


def test_base_year_figures_are_read_from_the_first_year(made_up: Made, year: Year):
    result = s.base_year(made_up(first_year=a_year(year), gauges={"seized_ports": 3.0}))
    assert result["apprehended_mexican"] == 77.0 and result["recidivism"] == 0.5
    assert result["sector_distance_mexican"] == result["sector_distance_northern_triangle"] == 0.0
    assert result["state_share_chiapas"] == 0.6 and result["state_share_tabasco"] == 0.0
    assert result["deaths_per_10000"] == 0.5 and result["deaths_per_10000_laredo"] == 2.0
    assert result["deaths_order"] == pytest.approx(5 / 6)  # Laredo and the valley change places
    assert result["seized_at_ports"] == pytest.approx(0.75)


def test_mexicos_share_covers_october_to_april(made_up: Made, year: Year):
    """The record leaves out the summer months, and so does the simulated share."""
    winter = by_month((("2012-10", "2013-04"), 3.0), (("2013-05", "2014-09"), 999.0))
    run = made_up(first_year=a_year(year), series={"apprehended_mexico": winter, NT: 7.0})
    assert s.base_year(run)["mexico_share_october_april"] == pytest.approx(0.3)


# ---- responses ----------------------------------------------------------------------------------


def test_an_elasticity_is_a_ratio_of_logarithms():
    assert s.elasticity(100.0, 90.0, 3.0) == pytest.approx(math.log(0.9) / math.log(3.0))
    assert s.elasticity(2.0, 3.0, 1.5) == pytest.approx(1.0)
    assert math.isnan(s.elasticity(0.0, 1.0, 3.0)) and math.isnan(s.elasticity(1.0, 0.0, 3.0))
    assert math.isnan(s.elasticity(math.nan, 1.0, 3.0))
    assert s.elasticity(0.5, 0.25, 2.0) == pytest.approx(-1.0), "levels may be below one"
    assert s.elasticity(0.25, 0.5, 2.0) == pytest.approx(1.0)


def test_elasticities_of_fees_and_departures_use_the_second_year(made_up: Made):
    early = by_month((("2012-10", "2013-09"), 50.0))  # these months must not count
    base = made_up(series={"fees_mexican": 200.0, "contracts_mexican": 2.0})
    more = made_up(
        series={
            "fees_mexican": 330.0,
            "contracts_mexican": 3.0,
            "set_out_mexican": early | by_month((s.SETTLED, 0.9)),
        }
    )
    result = s.responses({"base": base, "staff:3": more})
    assert result["fee_elasticity_mexican_x3"] == pytest.approx(math.log(1.1) / math.log(3))
    assert result["flow_elasticity_mexican_x3"] == pytest.approx(math.log(0.9) / math.log(3))
    assert result["flow_elasticity_northern_triangle_x3"] == 0.0


def test_displacement_is_the_gain_of_other_sectors_over_the_loss(made_up: Made):
    base = made_up(series={f"attempts_{name}": 100.0 for name in LABELS})
    levels = {f"attempts_{name}": 100.0 for name in LABELS}
    levels |= {"attempts_tucson": 60.0, "attempts_yuma": 120.0, "attempts_laredo": 110.0}
    assert s.displaced_share(base, made_up(series=levels), "tucson") == pytest.approx(0.75)
    assert s.displaced_share(
        base, made_up(series=levels | {"attempts_laredo": 70.0}), "tucson"
    ) == (pytest.approx(-0.25))
    assert math.isnan(s.displaced_share(base, base, "tucson"))
    small = levels | {"attempts_tucson": 99.95, "attempts_yuma": 100.02, "attempts_laredo": 100.0}
    assert s.displaced_share(base, made_up(series=small), "tucson") == pytest.approx(0.4)


# ---- held out -----------------------------------------------------------------------------------


def test_changes_of_2014_use_their_windows(made_up: Made):
    north = by_month((s.BEFORE_2014, 10.0), (s.AFTER_2014, 6.0), (s.REBOUND_2014, 9.0))
    mexican = by_month((s.BEFORE_2014, 20.0), (s.AFTER_2014, 18.0))
    result = s.episode_2014(made_up(days=1_400, series={NT: north, MX: mexican}))
    assert result["line_change_northern_triangle"] == pytest.approx(-40.0)
    assert result["line_change_gap"] == pytest.approx(-40.0 + 10.0)
    assert result["line_rebound_northern_triangle"] == pytest.approx(50.0)


def test_changes_of_2019_use_their_windows(made_up: Made):
    north = by_month((s.BEFORE_2019, 10.0), (("2019-06", "2019-06"), 99.0), (s.AFTER_2019, 4.0))
    mexico = by_month((("2019-05", "2019-05"), 2.5), (("2019-09", "2019-09"), 4.0))
    run = made_up(start="2018-10-01", days=365, series={NT: north, "apprehended_mexico": mexico})
    result = s.episode_2019(run)
    assert result["line_change_2019_northern_triangle"] == pytest.approx(-60.0)
    assert result["line_change_2019_mexican"] == 0.0
    assert result["mexico_share_rise_2019"] == pytest.approx(100.0 * (0.5 - 0.2))


@given(st.lists(st.floats(1.0, 1e6), min_size=8, max_size=8))
def test_the_parts_of_a_change_at_the_line_sum_to_it(made_up: Made, counts: list[float]):
    names = ("set_out_northern_triangle", "apprehended_mexico", "attempts_northern_triangle", NT)
    series = {
        name: by_month((s.BEFORE_2019, before), (s.AFTER_2019, after))
        for name, before, after in zip(names, counts[:4], counts[4:], strict=True)
    }
    result = s.episode_2019(made_up(start="2018-10-01", days=365, series=series))
    *parts, total = (result[name] for name in s.LINE_CHANGE)
    assert sum(parts) == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(math.log(counts[7] / counts[3]), abs=1e-9)
    assert parts[0] == pytest.approx(math.log(counts[4] / counts[0]), abs=1e-9)


# ---- the estimator ------------------------------------------------------------------------------

EVADERS = {  # a world of evaders: q is 0.5, and half of the people caught try again in the year
    "apprehended_us": 300,
    "got_away_known": 100,
    "got_away_undetected": 200,
    "evader_first_caught": 200,
    "evader_retried": 100,
    "evader_retry_caught": 50,
    "first_apprehension_fy": 240,
    "repeat_apprehension_fy": 60,
}


def test_all_estimates_are_unbiased_without_surrenders(year: Year):
    result = s.estimator(year(EVADERS))
    assert [result[k] for k in ("true", "evaders", "everybody", "counts")] == [0.5] * 4
    assert result["surrendered_share"] == 0.0
    assert [result[f"bias_{k}"] for k in ("evaders", "everybody", "counts")] == [0.0] * 3


def test_surrenders_bias_estimates_that_count_all_persons_in_opposite_directions(year: Year):
    """Sixty persons surrender, are released and are not apprehended again."""
    more = EVADERS | {"surrendered": 60, "apprehended_us": 360, "first_apprehension_fy": 300}
    result = s.estimator(year(more))
    assert result["true"] == result["evaders"] == 0.5 and result["bias_evaders"] == 0.0
    assert result["everybody"] == pytest.approx((60 / 300) / 0.5)
    assert result["counts"] == pytest.approx(360 / 660)
    assert result["bias_everybody"] < 0.0 < result["bias_counts"]
    assert result["surrendered_share"] == pytest.approx(60 / 360)
