"""Scored runs: their scenarios, and a check that no later figure at the line is read."""

from __future__ import annotations

import datetime
import functools
import math

import numpy as np
import pytest

from abm.scenario import Scenario
from abm.world import geography
from agents.labels import GROUPS, TERMS
from experiments.calibration.supply_fit import mean_supply
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.validation import scored_runs
from experiments.validation.episodes import roles
from experiments.validation.scored_runs import (
    DECLARED,
    EXPECTED_PATH,
    LATE_PATH,
    PATH,
    SCALE,
    YEARS,
    announced_role,
    announced_years,
    forecast_scenario,
    forecast_year,
    level_spread,
    no_terms,
    recorded_family_shares,
    recorded_years,
    scored_roles,
    year_role,
)
from experiments.validation.targets import target
from tests.caches import clear_caches

#: Recorded inputs that are not flows at the line, and levels to which the base year is fitted.
INPUTS = (
    *("us/usbp_staffing.csv", "us/consequence_delivery.csv", "us/temporary_work_visas.csv"),
    "us/border_metrics.csv",
)
KEYS = ("fiscal_year", "date", "year", "fiscal_month", "month", "period")
SHORT = {"days": 25, "warmup_days": 9, "fill_days": 10, "scale": 500}


# ---- scenarios -----------------------------------------------------------------------------------


def test_every_fiscal_year_has_a_run_over_the_year_before_it_and_itself():
    result = scored_roles({"scale": 50, "contest.eta": 0.4}, no_terms)
    announced = [announced_role(year) for year in (2017, 2019)]
    assert list(result) == [PATH, EXPECTED_PATH, LATE_PATH, *map(year_role, YEARS), *announced]
    assert all(s.scale == SCALE and s.contest.eta == 0.4 for s in result.values())
    assert all(s.record == "history" for s in result.values())
    for year in YEARS:
        scenario = result[year_role(year)]
        assert scenario.start == datetime.date(year - 2, 10, 1)
        assert scenario.start + datetime.timedelta(scenario.days) == datetime.date(year, 10, 1)
        assert scenario.supply == f"to_{year - 1}-09_mean_12"
        assert scenario.supply_terms.since == (year - 0.25,) * len(TERMS)
    assert scored_roles({"scale": 200}, no_terms)[PATH].scale == 200


def test_terms_of_supply_are_estimated_up_to_the_september_before_a_forecast():
    months = []

    def draw(last: tuple[int, int]) -> dict[str, object]:
        months.append(last)
        return {"supply_terms.drift": [0.01, 0.02], "supply_terms.level_sd": [0.3, 0.3]}

    result = scored_roles({}, draw)
    years = (*YEARS, 2017, 2019)  # 2017 and 2019 are the runs with announcements
    assert months == [(2013, 9), *((year - 1, 9) for year in years)]
    assert result[year_role(2012)].supply_terms.drift == (0.01, 0.02)
    # An estimate from the past replaces the drawn value.
    assert result[year_role(2012)].supply_terms.level_sd != (0.3, 0.3)


def test_the_terms_of_history_are_the_means_of_the_estimate():
    history, spreads = find("history"), ("supply_terms.level_sd", "supply_terms.surge_sd")
    terms = {path: v for path, v in mean_supply().items() if path not in spreads}
    assert history.with_settings(terms).digest == history.digest


def test_a_forecast_is_the_record_of_the_year_before_times_the_simulated_change(made_up):
    months = [f"{2010 + m // 12}-{m % 12 + 1:02d}" for m in range(9, 33)]
    series = dict.fromkeys(months[:12], 2.0)
    run = made_up(
        "2010-10-01", 731, {"apprehended_us_mexican": series | dict.fromkeys(months[12:], 3.0)}
    )
    record = recorded_years("mexican", 2011)[2011]
    assert forecast_year(run, "mexican", 2012) == pytest.approx(1.5 * record)
    assert math.isnan(forecast_year(run, "mexican", 2013))


def test_announcements_inside_the_forecast_year_are_left_out():
    for year in YEARS:
        first = datetime.date(year - 1, 10, 1)
        plain = forecast_scenario(year, {}, no_terms)
        with_all = forecast_scenario(year, {}, no_terms, announced=True)
        news = [use for use in plain.policies if use.id == "announcement"]
        assert all(use.start is not None and use.start < first for use in news)
        others = [use for use in plain.policies if use.id != "announcement"]
        assert others == [use for use in with_all.policies if use.id != "announcement"]
        assert (plain.digest == with_all.digest) == (year not in announced_years())
        assert len(news) == (year > 2017)


def test_a_member_uses_its_doses_in_every_scored_run_that_contains_the_measures():
    doses = {DECLARED: 3.3, "2019": 0.5, "a": 9.0}
    result, default = scored_roles({}, no_terms, doses), scored_roles({}, no_terms)
    given = {2014: 3.3, 2019: 0.5}

    def doses_of(scenario):
        uses = (use for use in scenario.policies if use.id == "southern_border_control")
        return {use.start.year: use.dose for use in uses}

    for role, scenario in result.items():
        used = doses_of(scenario)
        assert used == {name: given[name] for name in used}
        assert (scenario.digest == default[role].digest) == (not used)
    assert doses_of(result[PATH]) == given


def test_the_random_level_of_an_episode_begins_after_the_last_known_month():
    result = roles({}, scores=True, draw=no_terms)
    for role, since, last in (("2014:drawn", 2014.5, 2013), ("2019:drawn", 2019 + 5 / 12, 2018)):
        terms = result[role].supply_terms
        assert dict(zip(TERMS, terms.since, strict=True))["level"] == pytest.approx(since)
        assert terms.level_sd == tuple(level_spread(group, last) for group in GROUPS)
        plain = result[f"2014:{DECLARED}" if role.startswith("2014") else "2019"]
        terms = {"level_sd": [0.0, 0.0], "since": list(plain.supply_terms.since)}
        settings = {f"supply_terms.{name}": values for name, values in terms.items()}
        assert result[role].with_settings(settings).digest == plain.digest


def test_a_year_of_the_random_level_varies_as_apprehensions_did():
    logs = np.log(list(recorded_years("northern_triangle", 2012).values()))
    past = np.sqrt(np.mean(np.diff(logs) ** 2))
    steps = np.random.default_rng(3).normal(size=(20_000, 12))
    separate = np.random.default_rng(4).normal(size=(20_000, 12, 3)).mean(axis=2)
    steps = math.sqrt(0.8) * steps + math.sqrt(0.2) * separate  # mean of three countries
    walk = level_spread("northern_triangle", 2012) * steps.cumsum(axis=1)
    assert walk.mean(axis=1).std() == pytest.approx(past, rel=0.03)
    scenario = forecast_scenario(2013, {}, no_terms)
    assert scenario.supply_terms.level_sd == tuple(level_spread(g, 2012) for g in GROUPS)
    given = {"supply_terms.level_sd": [0.0, 0.1]}
    assert forecast_scenario(2013, given, no_terms).supply_terms.level_sd == (0.0, 0.1)


def test_recorded_years_agree_with_the_published_totals():
    for group, name in (("mexican", "Mexican"), ("northern_triangle", "NTCA")):
        for year, value in recorded_years(group, 2019).items():
            if year >= 2007:
                assert value == pytest.approx(geography.apprehensions_total(year, name), rel=2e-3)
    share = target("P4.families_and_children").observed
    assert recorded_family_shares(2015)[2015] == pytest.approx(share)
    assert list(recorded_family_shares(2014)) == [2013, 2014]


# ---- data that a forecast can use ----------------------------------------------------------------


def after(row: dict[str, str], last: str) -> bool:
    """Return whether a row belongs to a month or year after `last` outside the base year."""
    date, year = row.get("date", ""), row.get("fiscal_year") or row.get("year", "")
    if date:
        return date > last and not "2012-10" <= date <= "2013-09"
    return year.isdigit() and int(year) > int(last[:4]) and year != "2013"


def noisy_table(last: str):
    """Return a table function that replaces every figure that may not be read by noise."""
    honest = geography.table

    @functools.cache
    def table(file: str):
        if not file.startswith(("us/", "mexico/")) or file in INPUTS:
            return honest(file)
        return tuple(noisy(dict(row)) if after(dict(row), last) else row for row in honest(file))

    def noisy(row: dict[str, str]) -> dict[str, str]:
        return {
            k: "7777" if v.replace(".", "", 1).isdigit() and k not in KEYS else v
            for k, v in row.items()
        }

    return table


def run_under_noise(make, last: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str, str]:
    """Return the digests of scenario and run with the record, then with noise after `last`."""
    honest = digests(make())
    with monkeypatch.context() as patch:
        patch.setattr(geography, "table", noisy_table(last))
        clear_caches()
        noise = digests(make())
    clear_caches()
    return *honest, *noise


def digests(scenario: Scenario) -> tuple[str, str]:
    """Return the digests of a scenario and of its run."""
    return scenario.digest, run_one(Case(scenario, 1)).digest


@pytest.mark.usefixtures("cleared")
@pytest.mark.parametrize(
    "year", [*(pytest.param(y, marks=pytest.mark.slow) for y in (2010, 2015)), 2019]
)
def test_a_forecast_does_not_depend_on_the_line_after_its_start(
    year: int, monkeypatch: pytest.MonkeyPatch
):
    def make() -> Scenario:
        names = ("network", "construction", "cohort")
        terms = {f"supply_terms.{name}": [0.5, 0.5] for name in names}
        year_end = {"start": f"{year - 1}-09-20", "days": 40}
        return forecast_scenario(year, terms, no_terms).with_settings(SHORT | year_end)

    last = f"{year - 1}-09"
    scenario, run, noisy_scenario, noisy_run = run_under_noise(make, last, monkeypatch)
    assert (scenario, run) == (noisy_scenario, noisy_run)
    earlier = f"{year - 2}-09"  # noise in the known year changes the run
    assert run_under_noise(make, earlier, monkeypatch)[3] != run


@pytest.mark.usefixtures("cleared")
def test_the_path_reads_only_flows_before_its_start_and_in_the_base_year(
    monkeypatch: pytest.MonkeyPatch,
):
    """The season of `history` is the season of FY2010-13. All later months are noise."""
    history = find("history").with_settings({**SHORT, "supply_terms.network": [0.5, 0.5]})
    scenario, run, *noise = run_under_noise(lambda: history, "2013-09", monkeypatch)
    assert (scenario, run) == tuple(noise)


@pytest.mark.usefixtures("cleared")
def test_the_spread_of_the_level_reads_no_later_year(monkeypatch: pytest.MonkeyPatch):
    honest = [level_spread(group, 2010) for group in GROUPS]
    monkeypatch.setattr(geography, "table", noisy_table("2010-09"))
    assert [level_spread(group, 2010) for group in GROUPS] == honest
    assert [level_spread(group, 2012) for group in GROUPS] != honest
    assert math.isfinite(scored_runs.level_spread("mexican", 2001))
