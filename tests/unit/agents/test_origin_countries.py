"""Push factors: base revenue, state failure, governance, income, jobs and cash."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.origin_countries import MEXICO, Countries, PushParams

GDP = np.array([57e9, 20e9, 22e9, 1_150e9])
HOMICIDE = np.array([33.0, 72.0, 41.0, 19.0])
BASE = np.array([3.0, 5.0, 4.0, 20.0])  # any unit
QUICK = {"delay_months": 1.0, "governance_decay": 2.0}


def make_push(make_environment, *, elasticity=(0.3, 0.5), warm=12, **params):
    """Return an environment after its warm-up and the push factors of its countries."""
    environment = make_environment()
    more = {k: params.pop(k) for k in ("us_gdp", "candidates", "path") if k in params}
    push = Countries(
        environment,
        PushParams(**params),
        gdp=GDP,
        homicide=HOMICIDE,
        homicide_elasticity=elasticity[0],
        income_elasticity=elasticity[1],
        **more,
    )
    environment.recording = False
    for _ in range(warm):
        push.advance_month(BASE)
    environment.recording = True
    return environment, push


def advance(push, months, revenue=BASE, drag=0.0):
    """Simulate months; return the push factors."""
    for _ in range(months):
        push.advance_month(revenue, drag)
    return push


# ---- revenue ------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.1, 100.0), min_size=12, max_size=40))
def test_the_base_is_the_last_year_of_the_warm_up(make_environment, months):
    environment, push = make_push(make_environment, warm=0)
    environment.recording = False
    for level in months:
        push.advance_month(level * BASE)
    environment.recording = True
    assert (push.revenue_ratio == 1.0).all()
    base = sum(months[-12:]) / 12.0
    advance(push, 12, 2.0 * base * BASE)
    assert push.revenue_ratio == pytest.approx(2.0, rel=1e-9)


# ---- state failure ------------------------------------------------------------------------------


def test_twice_the_revenue_leads_to_the_balance_of_erosion_and_governance(make_environment):
    _, push = make_push(make_environment, erosion=1.0)
    phi0 = np.array(push.params.failure)
    advance(push, 12 * 60, 2.0 * BASE)
    strong = (1.0 - phi0) / phi0
    assert push.failure == pytest.approx(2.0 / (2.0 + strong), rel=1e-6)


def test_a_year_of_months_follows_the_equation(make_environment):
    _, push = make_push(make_environment)
    phi0, ratio = np.array(push.params.failure), 3.0
    # In the next month, the revenue of the past year is three times the base.
    advance(push, 11, ratio * BASE)
    start = push.failure.copy()
    advance(push, 25, ratio * BASE)
    assert push.revenue_ratio == pytest.approx(ratio)
    phi, step = start, 1.0 / 12_000.0
    for _ in range(25_000):
        slope = push.params.erosion * (ratio * (1.0 - phi) - (1.0 - phi0) / phi0 * phi)
        phi = phi + step * slope
    assert push.failure == pytest.approx(phi, rel=1e-3)


def test_homicide_and_supply_rise_with_failure_by_the_declared_slope(make_environment):
    _, push = make_push(make_environment, elasticity=(0.4, 0.0))
    advance(push, 60, 2.0 * BASE)
    rise = np.exp(4.0 * (push.failure - np.array(push.params.failure)))
    assert (rise > 1.0).all()
    assert push.homicide == pytest.approx(HOMICIDE * rise)
    assert push.factor == pytest.approx(rise**0.4)


FOUR = st.lists(st.floats(0.0, 1e10), min_size=4, max_size=4).map(np.array)


@given(FOUR, FOUR, st.sampled_from(["governance", "revenue"]), st.integers(1, 60))
def test_failure_is_a_share_that_governance_never_raises_and_revenue_never_lowers(
    make_environment, level, more, driver, months
):
    failures = []
    for added in (0.0, more):
        environment, push = make_push(make_environment, delay_months=1.0)
        environment.levers.governance[:] = level + added * (driver == "governance")
        advance(push, months, level + added * (driver == "revenue"))
        failures.append(push.failure)
        assert ((push.failure >= 0.0) & (push.failure <= 1.0)).all()
        assert np.isfinite(push.factor).all()
    low, high = failures if driver == "revenue" else failures[::-1]
    assert (low <= high + 1e-12).all()


# ---- governance ---------------------------------------------------------------------------------


def test_the_declared_share_of_gdp_has_half_of_the_effect(make_environment):
    environment, push = make_push(make_environment, governance_gain=0.8)
    environment.levers.governance[:] = push.params.governance_half * GDP
    advance(push, 12 * 60)
    assert push.governance == pytest.approx(1.4, rel=1e-6)


# ---- income -------------------------------------------------------------------------------------


def test_growth_raises_income_by_its_return_slowly(make_environment):
    environment, push = make_push(make_environment, growth_return=0.5, growth_decay=0.1)
    environment.levers.growth[:] = 0.01 * GDP
    early = advance(push, 24).income.copy()
    advance(push, 12 * 150)
    assert push.income == pytest.approx(1.0 + 0.5 * 0.01 / 0.1, rel=1e-6)
    assert (early - 1.0 < 0.1 * (push.income - 1.0)).all()
    assert push.factor == pytest.approx(push.income**-0.5, rel=1e-9)


def test_only_the_gap_of_incomes_reaches_supply(make_environment):
    """U.S. income falls along with Mexican income, so that everyone gains less from leaving."""
    params = {"drag_elasticity": 0.1, "drag_years": 0.1, "elasticity": (0.0, 0.5)}
    _, both = make_push(make_environment, us_gdp=2.0 * GDP[MEXICO], **params)
    _, alone = make_push(make_environment, **params)
    for push in (both, alone):
        advance(push, 60, drag=1.0)
    assert both.income[MEXICO] == alone.income[MEXICO]
    assert both.us_income == pytest.approx(np.exp(-0.1 * 0.4 / 2.0)) and alone.us_income == 1.0
    assert both.factor == pytest.approx((both.income / both.us_income) ** -0.5, rel=1e-12)
    assert 1.0 < both.factor[MEXICO] < alone.factor[MEXICO] and (both.factor[:MEXICO] < 1.0).all()


def test_a_path_moves_mexican_income_and_the_gap_exactly(make_environment):
    log_income = 5.0 * np.log(1.02)
    _, push = make_push(make_environment, elasticity=(0.3, 0.8), path=lambda day: log_income)
    advance(push, 1)
    assert push.income.tolist() == [1.0, 1.0, 1.0, pytest.approx(1.02**5, rel=1e-14)]
    assert push.factor.tolist() == [1.0, 1.0, 1.0, pytest.approx(1.02**-4, rel=1e-12)]


# ---- jobs and cash ------------------------------------------------------------------------------

CANDIDATES = np.array([330e3, 280e3, 230e3, 970e3])


def test_money_buys_jobs_at_the_declared_cost(make_environment):
    environment, push = make_push(make_environment, job_decay=0.0, job_cost=25_000.0, **QUICK)
    environment.levers.jobs[:] = 50e6
    advance(push, 12 * 4)
    environment.levers.jobs[:] = 0.0
    advance(push, 12 * 8)
    assert push.jobs == pytest.approx(4.0 * 50e6 / 25_000.0, rel=1e-9)


@given(st.floats(0.0, 1.0), st.floats(1e6, 1e12))
def test_jobs_keep_their_holders_and_never_more_people_than_leave(make_environment, leaving, money):
    environment, push = make_push(
        make_environment, candidates=CANDIDATES, job_leaving=leaving, **QUICK
    )
    environment.levers.jobs[:] = money
    advance(push, 60)
    stayers = CANDIDATES * (1.0 - push.factor)
    assert (stayers <= leaving * push.jobs + 1e-6).all() and (stayers <= CANDIDATES).all()
    assert push.factor == pytest.approx(np.exp(-leaving * push.jobs / CANDIDATES), rel=1e-12)


@pytest.mark.parametrize("per_million", [-50.0, 0.0, 20.0, 140.0])
def test_cash_adds_candidates_with_the_declared_sign_while_it_is_paid(
    make_environment, per_million
):
    environment, push = make_push(
        make_environment, candidates=CANDIDATES, cash_migrants=per_million, **QUICK
    )
    environment.levers.cash[MEXICO] = 100e6
    advance(push, 60)
    added = CANDIDATES[MEXICO] * (push.factor[MEXICO] - 1.0)
    assert added == pytest.approx(100.0 * per_million, rel=1e-6, abs=1e-6)
    environment.levers.cash[MEXICO] = 0.0
    advance(push, 60)
    assert push.factor[MEXICO] == pytest.approx(1.0, abs=1e-9)


@given(st.floats(0.0, 1e9), st.integers(1, 200))
def test_money_is_conserved_between_its_four_uses(make_environment, money, months):
    """All promised money is in the pipeline or has been spent on its declared use."""
    decay = {"governance_decay": 0.01, "growth_decay": 0.0, "job_decay": 0.0}
    environment, push = make_push(make_environment, **decay)
    environment.levers.growth[:], environment.levers.jobs[:] = money, 2.0 * money
    advance(push, months)
    growth = GDP * (push.income - 1.0) / push.params.growth_return
    jobs = push.jobs * push.params.job_cost
    inside = push._money.inside.reshape(4, -1)
    promised = money * months / 12.0
    assert growth + inside[1] == pytest.approx(promised, rel=1e-4, abs=1.0)
    assert jobs + inside[2] == pytest.approx(2.0 * promised, rel=1e-9, abs=1.0)
    assert (inside[[0, 3]] == 0.0).all() and (push.cash == 0.0).all()
