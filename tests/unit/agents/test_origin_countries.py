"""Push factors: the base of revenue, homicide, governance and its threshold, income."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labels import COUNTRIES
from agents.origin_countries import MAX_REVENUE_RATIO, MEXICO, Countries, Country, PushParams

GDP = np.array([57e9, 20e9, 22e9, 1_150e9])
HOMICIDE = np.array([33.0, 72.0, 41.0, 19.0])
BASE = np.array([3.0, 5.0, 4.0, 20.0])  # any unit
QUICK = {"delay_months": 1.0, "governance_decay": 2.0}


def countries(make_environment, *, elasticity=(0.3, 0.5), warm=12, **params):
    """Return an environment after its warm-up and its countries."""
    environment = make_environment()
    found = Countries(
        environment,
        PushParams(**params),
        gdp=GDP,
        homicide=HOMICIDE,
        homicide_elasticity=elasticity[0],
        income_elasticity=elasticity[1],
    )
    environment.recording = False
    for _ in range(warm):
        found.month(BASE)
    environment.recording = True
    return environment, found


def live(found, months, revenue=BASE, drag=0.0):
    """Simulate months."""
    for _ in range(months):
        found.month(revenue, drag)
    return found


# ---- revenue ------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.1, 100.0), min_size=12, max_size=40))
def test_the_base_is_the_last_year_of_the_warm_up(make_environment, months):
    _, found = countries(make_environment, warm=0)
    for level in months:
        found.settle(level * BASE)
    assert (found.revenue_ratio == 1.0).all()
    base = sum(months[-12:]) / 12.0
    live(found, 12, 2.0 * base * BASE)
    assert found.revenue_ratio == pytest.approx(2.0, rel=1e-9)


def test_yearly_revenue_removes_the_season(make_environment):
    _, found = countries(make_environment, warm=0)
    season = 1.0 + 0.5 * np.sin(np.arange(12) * np.pi / 6.0)
    for level in season:
        found.settle(level * BASE)
    for level in np.tile(season, 3):
        found.month(level * BASE)
        assert found.revenue_ratio == pytest.approx(1.0, rel=1e-9)


def test_without_a_base_every_revenue_ratio_is_one(make_environment):
    _, found = countries(make_environment, warm=0)
    live(found, 24, BASE * 50.0)
    assert (found.revenue_ratio == 1.0).all() and (found.factor == 1.0).all()


def test_a_zero_base_gives_one_and_a_large_ratio_is_capped(make_environment):
    _, found = countries(make_environment, warm=0)
    found.settle(np.array([0.0, 1e-12, 1.0, 1.0]))
    live(found, 12, np.array([9.0, 9.0, 1.0, -5.0]))
    assert found.revenue_ratio.tolist() == [1.0, MAX_REVENUE_RATIO, 1.0, 0.0]


@given(st.floats(1e-6, 1e9))
def test_the_unit_of_revenue_does_not_matter(make_environment, unit):
    found = []
    for scale in (1.0, unit):
        _, made = countries(make_environment, warm=0)
        for _ in range(12):
            made.settle(BASE * scale)
        found.append(live(made, 36, BASE * 1.7 * scale).failure)
    assert found[0] == pytest.approx(found[1], rel=1e-9)


# ---- state failure ------------------------------------------------------------------------------


def test_twice_the_revenue_leads_to_the_balance_of_erosion_and_governance(
    make_environment,
):
    _, found = countries(make_environment, erosion=1.0)
    phi0 = np.array(found.params.failure)
    live(found, 12 * 60, 2.0 * BASE)
    strong = (1.0 - phi0) / phi0
    assert found.failure == pytest.approx(2.0 / (2.0 + strong), rel=1e-6)


def test_a_year_of_months_follows_the_equation(make_environment):
    _, found = countries(make_environment)
    phi0, ratio = np.array(found.params.failure), 3.0
    live(found, 11, ratio * BASE)  # next month the whole year's revenue is three times the base
    start = found.failure.copy()
    live(found, 25, ratio * BASE)
    assert found.revenue_ratio == pytest.approx(ratio)
    phi, step = start, 1.0 / 12_000.0
    for _ in range(25_000):
        slope = found.params.erosion * (ratio * (1.0 - phi) - (1.0 - phi0) / phi0 * phi)
        phi = phi + step * slope
    assert found.failure == pytest.approx(phi, rel=1e-3)


def test_homicide_and_supply_rise_with_failure_by_the_declared_slope(make_environment):
    _, found = countries(make_environment, elasticity=(0.4, 0.0))
    live(found, 60, 2.0 * BASE)
    rise = np.exp(4.0 * (found.failure - np.array(found.params.failure)))
    assert (rise > 1.0).all()
    assert found.homicide == pytest.approx(HOMICIDE * rise)
    assert found.factor == pytest.approx(rise**0.4)


@pytest.mark.parametrize("cut", [0.0, 0.052, 0.5])
def test_a_fall_of_us_earnings_acts_as_a_rise_of_incomes_at_home(make_environment, cut):
    """Supply depends on the gap alone: both give the same supply, in all countries."""
    environment, found = countries(make_environment, elasticity=(0.4, 0.8))
    environment.levers.us_earnings[0] = cut
    live(found, 1)
    assert found.factor == pytest.approx((1.0 - cut) ** 0.8)
    assert (found.income == 1.0).all() and (found.factor == 1.0).all() == (cut == 0.0)


def test_supply_is_constant_without_elasticities(make_environment):
    environment, found = countries(make_environment, elasticity=(0.0, 0.0), **QUICK)
    environment.levers.governance[:] = environment.levers.growth[:] = 1e9
    live(found, 60, 3.0 * BASE, drag=2.0)
    assert (found.failure != np.array(found.params.failure)).all()
    assert (found.factor == 1.0).all()


# ---- governance ---------------------------------------------------------------------------------


def test_the_declared_share_of_gdp_has_half_of_the_effect(make_environment):
    environment, found = countries(make_environment, governance_gain=0.8)
    environment.levers.governance[:] = found.params.governance_half * GDP
    live(found, 12 * 60)
    assert found.governance == pytest.approx(1.4, rel=1e-6)


def test_a_tenth_of_that_has_a_hundredth_of_the_effect(make_environment):
    effect, fall = [], []
    for share in (0.1, 1e3):
        environment, found = countries(make_environment)
        environment.levers.governance[:] = share * found.params.governance_half * GDP
        live(found, 12 * 60)
        effect.append(found.governance - 1.0)
        fall.append(np.array(found.params.failure) - found.failure)
    assert (effect[0] < 0.01 * effect[1]).all() and (effect[0] > 0.0).all()
    assert (fall[0] < 0.02 * fall[1]).all()


def test_governance_builds_up_over_years_and_decays_without_money(make_environment):
    environment, found = countries(make_environment)
    environment.levers.governance[:] = found.params.governance_half * GDP
    live(found, 12)
    assert (found.governance - 1.0 < 0.01).all()
    live(found, 12 * 29)
    environment.levers.governance[:] = 0.0
    live(found, 12 * 60)
    assert found.governance == pytest.approx(1.0, abs=1e-6)


def test_money_for_one_country_does_not_affect_others(make_environment):
    environment, found = countries(make_environment, **QUICK)
    environment.levers.governance[1] = environment.levers.growth[1] = 1e9
    live(found, 36)
    others = [0, 2, 3]
    assert found.failure[1] < found.params.failure[1] and found.income[1] > 1.0
    assert (found.factor[others] == 1.0).all() and (found.income[others] == 1.0).all()


# ---- income -------------------------------------------------------------------------------------


def test_growth_raises_income_by_its_return_slowly(make_environment):
    environment, found = countries(make_environment, growth_return=0.5, growth_decay=0.1)
    environment.levers.growth[:] = 0.01 * GDP
    early = live(found, 24).income.copy()
    live(found, 12 * 150)
    assert found.income == pytest.approx(1.0 + 0.5 * 0.01 / 0.1, rel=1e-6)
    assert (early - 1.0 < 0.1 * (found.income - 1.0)).all()
    assert found.factor == pytest.approx(found.income**-0.5, rel=1e-9)


@given(st.floats(-1.0, 20.0))
def test_trade_delays_lower_mexican_income_only(make_environment, drag):
    _, found = countries(make_environment, drag_elasticity=0.02, drag_years=0.5)
    live(found, 12 * 12, drag=drag)
    assert found.income[MEXICO] == pytest.approx(np.exp(-0.02 * drag), rel=1e-9)
    assert (np.delete(found.income, MEXICO) == 1.0).all()


def test_trade_delays_can_fall_at_most_to_zero(make_environment):
    found = [
        live(countries(make_environment)[1], 60, drag=drag).income[MEXICO] for drag in (-1.0, -9.0)
    ]
    assert found[0] == found[1] > 1.0


# ---- agents -------------------------------------------------------------------------------------


def test_each_country_is_an_agent_that_reads_its_row(make_environment):
    environment, found = countries(make_environment, **QUICK)
    environment.levers.governance[:] = 1e9
    live(found, 24, 1.5 * BASE)
    assert [a.code for a in found.agents] == list(COUNTRIES)
    assert set(environment.agents_by_type[Country]) == set(found.agents)
    for row, agent in enumerate(found.agents):
        assert agent.failure == found.failure[row] and agent.homicide == found.homicide[row]
        assert agent.governance == found.governance[row] and agent.income == found.income[row]
