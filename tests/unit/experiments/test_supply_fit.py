"""The estimator of the terms of supply, tested on panels with known terms."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm.scenario import SettingError
from abm.supply import RecordedDrivers
from abm.world import geography
from agents import labels
from agents.outcomes import Group
from experiments.calibration import supply_fit
from experiments.calibration.supply_fit import (
    PUBLISHED,
    TERMS,
    Panel,
    fit_panel,
    fit_supply,
    log_attempts,
    log_stock,
    panel_of,
    priors_of,
    total_response,
)
from tests.caches import clear_caches

MONTHS, COUNTRIES = 96, 1
PRIORS = priors_of("")


def artificial(rng: np.random.Generator, truth: np.ndarray, level: float) -> Panel:
    """Return a panel in which the stock of recent arrivals feeds back on the flow."""
    t = np.arange(MONTHS)
    drivers = rng.normal(0.0, 0.05, (4, MONTHS, COUNTRIES)).cumsum(axis=1)
    drivers[3] = t[:, None] / 12.0
    mu = rng.normal(0.0, level, (MONTHS, COUNTRIES)).cumsum(axis=0)
    monthly = supply_fit.KEEP ** (1.0 / 12.0)
    flow = [np.full(COUNTRIES, 1000.0)] * 12
    stock = flow[0] / (1.0 - monthly)
    for flows in flow:
        stock = monthly * stock + flows
    base = np.log(1000.0) - truth[0] * np.log(stock)
    for k in t:
        log = base + truth[0] * np.log(stock) + truth[1:] @ drivers[:, k] + mu[k]
        log = log + 0.3 * np.sin(2 * np.pi * k / 12.0) + rng.normal(0.0, 0.05, COUNTRIES)
        flow.append(np.exp(log))
        stock = monthly * stock + flow[-1]
    flows = np.array(flow)
    return Panel(("A",), t % 12, np.log(flows[12:]), flows, np.ones(len(flows)), drivers)


def test_intervals_of_artificial_panels_contain_the_truth():
    rng, covered = np.random.default_rng(4), []
    mean, sd = np.array(list(PRIORS.values())).T
    for _ in range(30):
        truth = rng.normal(mean, sd)
        fit = fit_panel(artificial(rng, truth, 0.03))
        error = np.array([fit.mean[name] for name in TERMS]) - truth
        covered.append(np.abs(error) < 1.645 * np.array([fit.sd[name] for name in TERMS]))
    assert 0.80 <= np.mean(covered) <= 0.98  # 150 intervals at 90 %


@pytest.mark.parametrize("network", [0.0, 0.4, 0.7])
def test_the_total_response_equals_a_simulated_stock(network: float):
    """The oracle follows a lasting rise of a driver by 1 % over six years, month by month."""
    keep, rise = 0.75, 0.01
    monthly, stock, flow = keep ** (1 / 12), 1.0 / (1.0 - keep ** (1 / 12)), 1.0
    start = stock
    for _ in range(72):
        flow = np.exp(rise) * (stock / start) ** network
        stock = monthly * stock + flow
    flow = np.exp(rise) * (stock / start) ** network
    assert total_response(network, keep) == pytest.approx(np.log(flow) / rise, rel=0.01)


def test_priors_of_total_effects_are_divided_by_the_response_to_recent_arrivals():
    ratio = total_response(PUBLISHED["network"][0], supply_fit.KEEP)
    assert ratio > 1.5
    for name, (mean, sd) in PUBLISHED.items():
        by = ratio if name in ("construction", "income", "homicide") else 1.0
        assert priors_of("")[name] == pytest.approx((mean / by, sd / by))
    assert priors_of("mexican")["homicide"] != priors_of("")["homicide"]


def test_a_person_is_apprehended_more_often_with_more_agents_and_with_more_attempts():
    group = Group.NORTHERN_TRIANGLE
    early, late = (log_attempts(group, [year])[0] for year in (2005.25, 2013.25))
    assert late > early
    p, r = 0.36, supply_fit.RETRY[group]
    # The published probability is for FY2005, whose middle is 2005.25.
    assert np.exp(early) == pytest.approx(sum(p * (p * r) ** k for k in range(200)))
    assert log_attempts(Group.MEXICAN, [2005.25])[0] > early


@pytest.mark.parametrize("group", list(Group))
def test_estimate_and_run_start_from_the_same_stock(group: Group):
    keep = supply_fit.KEEP
    panel = panel_of(group, (2013, 9))
    stock = np.exp(log_stock(panel, keep))
    record = RecordedDrivers()
    ratio, _ = record.arrivals_before(datetime.date(2008, 10, 1), keep ** (1.0 / 12.0))
    rows = [labels.COUNTRIES.index(country) for country in panel.countries]
    assert ratio[rows] == pytest.approx(stock[12 * 8] / stock[-12:].mean(axis=0))


@pytest.mark.usefixtures("cleared")
@pytest.mark.parametrize("group", list(Group))
def test_no_later_month_is_read(group: Group, monkeypatch: pytest.MonkeyPatch):
    last = (2013, 9)
    before = panel_of(group, last)
    original = geography.table

    def noisy(file: str):
        if file == "us/border_metrics.csv":
            late = [row for row in original(file) if row["fiscal_year"] > "2013"]
            return tuple(
                dict(row) | ({"value": "0.9"} if row in late else {}) for row in original(file)
            )
        if file != "us/sw_monthly_by_citizenship.csv":
            return original(file)
        names = ("Mexico", "Guatemala", "Honduras", "El Salvador")
        return tuple(
            dict(row) | (dict.fromkeys(names, "1") if row["date"] > "2013-09" else {})
            for row in original(file)
        )

    monkeypatch.setattr(geography, "table", noisy)
    clear_caches()
    after = panel_of(group, last)
    assert (before.log_flow == after.log_flow).all() and (before.flow == after.flow).all()


@pytest.mark.parametrize("last", [(2002, 12), (2019, 6), (2013, 13), (2013, 0)])
def test_a_month_that_is_held_out_or_too_early_is_refused(last: tuple[int, int]):
    with pytest.raises(SettingError, match="cannot end the estimate"):
        fit_supply(Group.MEXICAN, last)
