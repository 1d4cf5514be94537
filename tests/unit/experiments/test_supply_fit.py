"""The estimator of the terms of supply, against panels whose terms are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from abm.scenario import SettingError
from abm.world import geography
from agents.outcomes import Group
from experiments import supply_fit
from experiments.supply_fit import PRIORS, TERMS, Panel, fit_panel, fit_supply, panel_of
from viz.cli.app import app

MONTHS, COUNTRIES = 96, 1


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
    return Panel(("A",), t % 12, np.log(flows[12:]), flows, drivers)


def test_intervals_of_artificial_panels_hold_the_truth():
    rng, held = np.random.default_rng(4), []
    mean, sd = np.array(list(PRIORS.values())).T
    for _ in range(30):
        truth = rng.normal(mean, sd)
        fit = fit_panel(artificial(rng, truth, 0.03))
        error = np.array([fit.mean[name] for name in TERMS]) - truth
        held.append(np.abs(error) < 1.645 * np.array([fit.sd[name] for name in TERMS]))
    assert 0.80 <= np.mean(held) <= 0.98  # 90 % intervals, 150 of them


@pytest.mark.parametrize("size", [0.04, 0.12])
def test_the_spread_of_the_level_is_recovered(size: float):
    rng = np.random.default_rng(2)
    truth = np.array([mean for mean, _ in PRIORS.values()])
    found = [fit_panel(artificial(rng, truth, size)).level_sd for _ in range(12)]
    assert np.median(found) == pytest.approx(size, rel=0.3)


def test_a_panel_that_says_nothing_leaves_the_prior(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supply_fit, "_SPREADS", (0.9, 1.0))
    panel = artificial(np.random.default_rng(1), np.zeros(5), 0.9)
    quiet = Panel(panel.countries, panel.months, panel.log_flow, panel.flow, 0.0 * panel.drivers)
    fit = fit_panel(quiet)
    for name in ("construction", "income", "homicide", "drift"):
        assert (fit.mean[name], fit.sd[name]) == pytest.approx(PRIORS[name], rel=1e-6)


@pytest.mark.parametrize("group", list(Group))
def test_no_later_month_is_read(group: Group, monkeypatch: pytest.MonkeyPatch):
    last = (2013, 9)
    before = panel_of(group, last)
    original = geography.table

    def noisy(file: str):
        if file != "us/sw_monthly_by_citizenship.csv":
            return original(file)
        names = ("Mexico", "Guatemala", "Honduras", "El Salvador")
        return tuple(
            dict(row) | (dict.fromkeys(names, "1") if row["date"] > "2013-09" else {})
            for row in original(file)
        )

    monkeypatch.setattr(geography, "table", noisy)
    after = panel_of(group, last)
    assert (before.log_flow == after.log_flow).all() and (before.flow == after.flow).all()


@pytest.mark.parametrize("last", [(2002, 12), (2019, 6), (2013, 13), (2013, 0)])
def test_a_month_that_is_held_out_or_too_early_is_refused(last: tuple[int, int]):
    with pytest.raises(SettingError, match="cannot end the estimate"):
        fit_supply(Group.MEXICAN, last)


def test_the_command_prints_settings_that_a_scenario_accepts(monkeypatch: pytest.MonkeyPatch):
    from abm.scenario import Scenario
    from viz.cli import supply

    fits = {group: fit_supply(Group.MEXICAN, (2005, 9)) for group in Group}
    monkeypatch.setattr(supply, "fit_supply", lambda group, *_: fits[group])
    done = CliRunner().invoke(app, ["supply", "--json"])
    assert done.exit_code == 0, done.output
    study = json.loads(done.stdout)
    assert [row["group"] for row in study["groups"]] == ["mexican", "mexican"]
    assert Scenario().with_settings(study["settings"]).supply_terms.cohort == (1.0, 1.0)
    assert CliRunner().invoke(app, ["supply", "--last", "May"]).exit_code == 2
