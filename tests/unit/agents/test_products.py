"""Two products: the mix of cells, the trade in drugs, lanes of the ports."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.param import params_of
from agents.smugglers import SmugglerParams, TradeParams
from agents.smugglers.products import choose_lanes, shift_mix
from agents.smugglers.state import Trade
from tests.unit.agents import small_market
from tests.unit.agents.small_market import LINE_GATE

LINE, FIND = 0.45, np.tile([0.04, 0.09, 0.06, 0.14], (3, 1))
TRAFFIC = np.array([[3.0, 16.0, 0.5, 1.0], [1.0, 9.0, 0.2, 2.0], [0.3, 2.0, 0.1, 0.1]])
P = TradeParams()
LANES = P.loss_kg, P.crowding, P.access, P.hides


def opened(make_environment, *, recording=False, trade=P, **params):
    """Return an environment and its market, without decapitation, entry or exit."""
    params = {"adaptive_entry": False, "decapitation": 0.0} | params
    return small_market.opened(make_environment, recording=recording, trade=trade, **params)


def weeks(environment, market, n, *, clients=(600, 400), line=LINE, find=FIND, crossed=TRAFFIC):
    """Simulate n weeks with the same clients for every organisation of a group."""
    for _ in range(n):
        environment.today += 7
        for slot, agent in market.agents.items():
            market.book["clients"][slot, agent.group] = clients[agent.group]
        market.review(
            np.full((SLOTS, 2), 0.4),
            LINE_GATE,
            line_detection=line,
            find_goods=find,
            crossed=crossed,
        )


def mix(market):
    """Return the mean mix of the active organisations."""
    return market.book["mix"][sorted(market.agents)].mean(axis=0)


# ---- the replicator -----------------------------------------------------------------------------

SHARE = st.lists(st.floats(0.02, 1.0), min_size=3, max_size=3)
PROFITS = st.lists(st.lists(st.floats(-50.0, 50.0), min_size=3, max_size=3), max_size=30)


@given(SHARE, PROFITS, st.floats(0.0, 0.2), st.floats(0.0, 0.2))
def test_a_mix_sums_to_one_and_respects_its_floor_at_any_profits(declared, profits, speed, floor):
    start = Trade(TradeParams(mix=tuple(declared))).base
    least = np.minimum(floor, start)
    now = start.tolist()
    for ratio in profits:
        shift_mix.py_func(now, ratio, speed, least.tolist())
        assert sum(now) == pytest.approx(1.0, abs=1e-12)
        assert (now >= least - 1e-15).all()


@given(SHARE, st.integers(0, 2), st.floats(0.0, 0.9))
def test_a_product_with_lower_profit_shrinks_and_the_others_grow_in_proportion(
    declared, which, ratio
):
    start = Trade(TradeParams(mix=tuple(declared))).base
    profits = [1.0] * 3
    profits[which] = ratio
    mix = start.copy()
    shift_mix.py_func(mix, profits, 0.05, [0.0] * 3)
    growth = mix / start
    others = np.delete(growth, which)
    assert growth[which] < 1.0 < others[0]
    assert others[0] == pytest.approx(others[1])


# ---- lanes of the ports -------------------------------------------------------------------------

FINDS = st.lists(st.floats(0.0, 1.0), min_size=12, max_size=12).map(np.array)
CROSSED = (
    st.lists(st.sampled_from([0.0, 0.1, 1.0, 40.0]), min_size=12, max_size=12)
    .filter(any)
    .map(np.array)
)


@given(FINDS, CROSSED, st.floats(0.0, 5_000.0))
def test_all_lanes_in_use_earn_the_same_and_closed_lanes_carry_nothing(find, crossed, fee):
    share, detected, worth = choose_lanes.py_func(find, crossed, fee, *LANES)
    assert share.sum() == pytest.approx(1.0) and not share[crossed == 0.0].any()
    assert detected == pytest.approx(float((share * find).sum()))
    room = crossed * np.tile(P.hides, 3)
    used = share > 1e-12
    dearer = P.crowding * np.log(share[used] / (room / room.sum())[used])
    each = (fee * (1.0 - find) - find * P.loss_kg - np.tile(P.access, 3))[used] - dearer
    assert each == pytest.approx(np.full(each.size, worth), abs=1e-5)


# ---- a week of trade ----------------------------------------------------------------------------


def test_weekly_figures_follow_from_cells_loads_and_probabilities(make_environment):
    environment, market = opened(make_environment, recording=True)
    weeks(environment, market, 2)
    cells, trade = 72, market.trade
    sent = cells * np.array([0.05, 0.15]) * np.array(P.volume_week)
    found = np.array(
        [LINE, choose_lanes.py_func(FIND.ravel(), TRAFFIC.ravel(), P.fee_kg[1], *LANES)[1]]
    )
    assert trade.volume == pytest.approx([0.0, *(sent * 365 / 7 / 1_000)])
    assert trade.seized == pytest.approx([0.0, *(sent * found * 365 / 7 / 1_000)])
    assert trade.total_volume == pytest.approx([0.0, *(2 * sent)])
    assert trade.total_seized == pytest.approx([0.0, *(2 * sent * found)])
    value = float((sent * found * np.array(P.fee_kg)).sum())
    assert trade.seized_value == pytest.approx(value * 365 / 7)
    assert trade.total_seized_value == pytest.approx(2 * value)
    assert trade.takings.sum() == pytest.approx((sent * (1 - found) * P.fee_kg).sum(), abs=12)
    assert trade.share.shape == (3, 4)


HOUSE = {
    "overhead_week": 20_000.0,
    "cell_week": 0.0,
    "reserve_weeks": 520.0,
}  # the reserve is never full


def test_base_year_drug_profit_is_as_declared_and_goes_to_the_owners(make_environment):
    environment, market = opened(make_environment, **HOUSE)
    cash = market.book["cash"].copy()
    for recording, n in ((False, 110), (True, 40)):
        environment.recording = recording
        weeks(environment, market, n)
    declared = 72 * np.array([0.05, 0.15]) * np.array(P.volume_week) * np.array(P.profit_kg)
    assert market.trade.profit.sum() == pytest.approx(declared.sum(), rel=1e-5)
    # drugs do not change the cash of an organisation, except for rounding
    assert (cash - market.book["cash"])[:12] == pytest.approx(np.full(12, 150 * 20_000), abs=100)
    assert environment.balance[Account.HOUSEHOLDS] == pytest.approx(150 * declared.sum(), rel=1e-5)
    assert np.abs(market.trade.surplus).max() <= 2  # drugs cause no entry and prevent no exit


# ---- any parameters -----------------------------------------------------------------------------


def anything(draw, cls, **fixed):
    """Draw a group of settings within its bounds, often at them."""
    made = {}
    for name, declared in params_of(cls).items():
        low, high, value = declared.low, declared.high, declared.value
        one = st.sampled_from([low, high]) | st.floats(low, high)
        if isinstance(value, tuple):
            made[name] = tuple(draw(one) for _ in value)
        elif isinstance(value, bool):
            made[name] = draw(st.booleans())
        elif isinstance(value, int):
            made[name] = draw(st.integers(int(low), int(high)))
        else:
            made[name] = draw(one)
    return cls(**(made | fixed))


@given(st.data())
def test_any_parameters_within_their_bounds_can_be_simulated(make_environment, data):
    smugglers = anything(data.draw, SmugglerParams, count_mexican=2, count_northern_triangle=1)
    environment, market = opened(make_environment, trade=anything(data.draw, TradeParams))
    market.params = smugglers
    chance = st.sampled_from([0.0, 0.3, 1.0])
    environment.levers.cell_hunt[0] = environment.levers.pressure[0] = data.draw(
        st.sampled_from([0.0, 3.0])
    )
    opening = int(market.book["cash"].sum())
    for week in range(6):
        environment.recording = week >= 3
        clients = data.draw(st.sampled_from([(0, 0), (5, 900), (4_000, 1)]))
        weeks(
            environment,
            market,
            1,
            clients=clients,
            line=data.draw(chance),
            find=np.full((3, 4), data.draw(chance)),
        )
        rows = market.book["mix"][sorted(market.agents)]
        assert rows.sum(axis=1) == pytest.approx(np.ones(len(rows)))
        assert np.isfinite(market.book["price"]).all() and np.isfinite(market.revenue_ratio)
        assert (
            int(market.book["cash"].sum()) - opening == environment.balance[Account.ORGANISATIONS]
        )
