"""The aid pipeline: a delay that conserves dollars, decaying stocks, aid and its tranches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.aid_pipeline import MONTH, Aid, AidParams, Pipeline, Stock

MEANS = st.floats(1.0, 120.0)
INFLOWS = st.lists(st.floats(0.0, 1e9), min_size=1, max_size=60)


def make_aid(make_environment, seed=1, **params):
    """Return an environment and its aid."""
    environment = make_environment(seed=seed)
    return environment, Aid(environment, AidParams(**params))


def simulate(environment, aid, months, effort=1.0):
    """Simulate months; every sixth month ends a half-year."""
    for month in range(1, months + 1):
        environment.today += 30
        aid.advance_month()
        if month % 6 == 0:
            aid.advance_half_year(effort)


def pull(environment, **levers):
    """Set the first entry of each lever."""
    for name, value in levers.items():
        getattr(environment.levers, name)[0] = value


# ---- the delay ----------------------------------------------------------------------------------


@given(MEANS, st.floats(1e-3, 12.0), INFLOWS)
def test_a_pipeline_keeps_every_dollar(mean, step, inflows):
    pipe, out = Pipeline(mean, step=step), 0.0
    for dollars in inflows:
        outflow = float(pipe.flow(dollars)[0])
        assert outflow >= 0.0
        out += outflow
    assert out + float(pipe.inside[0]) == pytest.approx(sum(inflows), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("months", [3, 21, 30, 90])
def test_a_single_payment_arrives_as_the_sum_of_two_equal_exponential_delays(months):
    step, k = 0.01, 2.0 / 30.0
    pipe = Pipeline(30.0, step=step)
    outflow = float(pipe.flow(1.0)[0])
    outflow += sum(float(pipe.flow(0.0)[0]) for _ in range(round(months / step)))
    assert outflow == pytest.approx(1.0 - (1.0 + k * months) * math.exp(-k * months), abs=1e-3)


# ---- stocks -------------------------------------------------------------------------------------


@given(st.floats(0.0, 2.0), st.floats(0.0, 1e9), st.integers(0, 600))
def test_a_stock_decays_at_its_rate(decay, dollars, months):
    stock = Stock(decay)
    stock.add(dollars)
    start = float(stock.dollars[0])
    assert start <= dollars
    for _ in range(months):
        stock.add(0.0)
    left = start * math.exp(-decay * months * MONTH)
    assert float(stock.dollars[0]) == pytest.approx(left, rel=1e-9, abs=1e-9)


# ---- effects of aid -----------------------------------------------------------------------------


def test_without_dollars_aid_never_has_an_effect(make_environment):
    environment, aid = make_aid(make_environment)
    pull(environment, aid_conditional=0.7, verification=0.5)
    simulate(environment, aid, 240, effort=0.1)
    assert (aid.equipment, aid.trainers, aid.half_bribe_rise, aid.delivered, aid.returned) == (
        0.0,
    ) * 5
    assert aid.undelivered == 0.0 and aid.wrongly_withheld == aid.wrongly_paid == 0


def test_the_first_dollars_have_the_declared_effect(make_environment):
    environment, aid = make_aid(
        make_environment, equipment_decay=0.0, vetting_decay=0.0, delay_months=1.0
    )
    pull(environment, aid=12_000.0)
    aid.advance_month()
    pull(environment, aid=0.0)
    simulate(environment, aid, 60)
    p = aid.params
    routes = 1e3 * p.migration_share
    assert aid.equipment == pytest.approx(routes * p.use[0] * p.equipment_gain / 1e9, rel=1e-3)
    assert aid.half_bribe_rise == pytest.approx(routes * p.use[2] * p.vetting_gain / 1e9, rel=1e-3)


def test_uses_that_sum_to_more_than_one_are_scaled_down(make_environment):
    environment, aid = make_aid(make_environment, use=(1.0, 1.0, 0.0), trainer_cost=1e6)
    pull(environment, aid=100e6)
    simulate(environment, aid, 1_200)
    assert aid.trainers == pytest.approx(50.0 * aid.params.migration_share, rel=1e-6)


# ---- conditions ---------------------------------------------------------------------------------


@given(
    st.floats(0.0, 1e9),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 3.0),
    st.integers(1, 60),
)
def test_every_dollar_of_aid_is_delivered_returned_or_undelivered(
    make_environment, dollars, conditional, verification, effort, months
):
    environment, aid = make_aid(make_environment)
    pull(environment, aid=dollars, aid_conditional=conditional, verification=verification)
    simulate(environment, aid, months, effort)
    total = aid.delivered + aid.returned + aid.undelivered
    assert total == pytest.approx(dollars * MONTH * months, rel=1e-9, abs=1e-6)


def test_with_perfect_verification_and_high_effort_conditions_only_delay(make_environment):
    free_environment, free = make_aid(make_environment)
    tied_environment, tied = make_aid(make_environment)
    pull(free_environment, aid=100e6)
    pull(tied_environment, aid=100e6, aid_conditional=1.0, verification=1.0)
    for _ in range(10):
        simulate(free_environment, free, 6, effort=1.4)
        simulate(tied_environment, tied, 6, effort=1.4)
        assert tied.delivered < free.delivered
        assert tied.delivered >= float(free.delivered) - 100e6 * 7 * MONTH
    for environment, aid in ((free_environment, free), (tied_environment, tied)):
        pull(environment, aid=0.0)
        simulate(environment, aid, 600)
    assert tied.delivered == pytest.approx(free.delivered, rel=1e-9)
    assert tied.returned == 0.0 and tied.wrongly_withheld == 0


def test_with_perfect_verification_and_low_effort_withheld_aid_is_returned(make_environment):
    environment, aid = make_aid(make_environment)
    pull(environment, aid=100e6, aid_conditional=0.4, verification=1.0)
    simulate(environment, aid, 120, effort=0.99)
    pull(environment, aid=0.0)
    simulate(environment, aid, 1200, effort=0.99)
    assert aid.returned == pytest.approx(400e6, rel=1e-9)
    assert aid.delivered == pytest.approx(600e6, rel=1e-9)
    assert aid.wrongly_withheld == aid.wrongly_paid == 0
