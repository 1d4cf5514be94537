"""The lifecycle of organisations: exit, entry and decapitation, with exact dollars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.smugglers import Organisation, SmugglerCell
from tests.unit.agents import small_market
from tests.unit.agents.small_market import cash_of, conserved, review, windfall


def set_up(make_environment, **options):
    """Return an environment, its market, and the market's initial cash."""
    environment, market = small_market.set_up(make_environment, **options)
    return environment, market, cash_of(market)


CASH = st.integers(-400_000, 400_000)


def assert_consistent(environment, market):
    """Assert that the slots, the organisations and the agents of the environment agree."""
    active = set(np.flatnonzero(market.book["active"]).tolist())
    assert active == set(market.agents) and len(active) <= SLOTS
    assert all(slot < market.book["top"] for slot in active)
    assert not market.book["cash"][[s for s in range(SLOTS) if s not in active]].any()
    uids = [int(market.book["uid"][slot]) for slot in active]
    assert len(set(uids)) == len(uids)
    in_model = [a for a in environment.agents if isinstance(a, Organisation)]
    assert len(in_model) == len(active)
    cells = [a for a in environment.agents if isinstance(a, SmugglerCell)]
    assert len(cells) == sum(len(a.cells) for a in market.agents.values())


def upkeep_of(environment, cells):
    """Return the weekly upkeep of an organisation with this number of cells, in dollars."""
    p = environment.settings.smugglers
    return int(p.overhead_week + p.cell_week * cells)


# ---- conservation -------------------------------------------------------------------------------


PORTS = {"port_risk": 0.2}


@given(
    st.integers(0, 10**6),
    st.lists(st.lists(CASH, min_size=6, max_size=6), max_size=12),
    st.floats(0.0, 20.0),
    st.floats(0.0, 30.0),
    st.integers(0, 12),
)
def test_dollars_are_conserved_with_pressure_and_dismantled_cells(
    make_environment, seed, weeks, pressure, objective, warm
):
    environment, market, opening = set_up(
        make_environment, seed=seed, count_mexican=3, count_northern_triangle=3, cell_pace=8.0
    )
    environment.levers.pressure[0], environment.levers.cell_hunt[0] = pressure, objective
    environment.levers.decapitation[0] = 1.0
    for week, shocks in enumerate(weeks):
        environment.recording = week >= warm
        for slot, dollars in enumerate(shocks):
            if slot in market.agents:
                windfall(environment, market, slot, dollars)
        review(environment, market, **PORTS)
        assert conserved(environment, market, opening)
        assert_consistent(environment, market)


# ---- exit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_an_organisation_exits_when_its_cash_is_negative(make_environment, over):
    environment, market, opening = set_up(make_environment, decapitation=0.0)
    upkeep = upkeep_of(environment, 6)
    windfall(environment, market, 2, upkeep + over - int(market.book["cash"][2]))
    leaver = market.agents[2]
    review(environment, market)
    assert (2 not in market.agents) == (over < 0) == (environment.orphaned == [2])
    assert conserved(environment, market, opening)
    if over < 0:
        assert market.book["active"][2] == market.book["cash"][2] == 0 and not leaver.cells
        assert leaver not in environment.agents


# ---- entry --------------------------------------------------------------------------------------


def trade(environment, market, clients, weeks):
    """Simulate weeks with the same clients for every organisation."""
    for _ in range(weeks):
        for slot, agent in market.agents.items():
            market.book["clients"][slot, agent.group] = clients
            windfall(environment, market, slot, 9_000 * clients)
        review(environment, market)


def test_lasting_high_margins_bring_entrants_with_outside_capital(make_environment):
    environment, market, opening = set_up(make_environment, decapitation=0.0)
    payments: list[tuple[int, int, int]] = []
    book = environment.pay
    environment.pay = lambda *payment: (payments.append(payment), book(*payment))
    trade(environment, market, 20, 26)
    assert len(market.agents) == 12
    trade(environment, market, 20, 20)
    assert len(market.agents) == 12  # no entry at unchanged profits
    trade(environment, market, 400, 12)
    assert len(market.agents) == 12  # 84 days are fewer than the required 90
    trade(environment, market, 400, 20)
    newcomers = [a for s, a in market.agents.items() if market.book["uid"][s] > 12]
    assert newcomers and conserved(environment, market, opening)
    capital = int(environment.settings.smugglers.capital)
    brought = [d for a, b, d in payments if (a, b) == (Account.HOUSEHOLDS, Account.ORGANISATIONS)]
    assert sum(brought) == capital * len(newcomers)
    assert_consistent(environment, market)


# ---- decapitation -------------------------------------------------------------------------------


def strike_all(make_environment, splinters=1.5, seed=1, **params):
    """Return a market whose next review decapitates every organisation."""
    params = {"dismantled": 0.0, "overhead_week": 0.0, **params}
    environment, market, opening = set_up(
        make_environment, seed=seed, splinters=splinters, **params
    )
    environment.levers.decapitation[0] = 1e6
    return environment, market, opening


@given(st.integers(0, 10**6), st.floats(0.0, 10.0), st.integers(0, 9 * 10**6))
def test_a_split_conserves_dollars_and_divides_them_among_the_pieces(
    make_environment, seed, splinters, cash
):
    environment, market, opening = strike_all(
        make_environment,
        splinters,
        seed,
        count_mexican=1,
        count_northern_triangle=1,
        cell_week=0.0,
        overhead_week=20_000.0,
        reserve_weeks=520.0,
    )
    windfall(environment, market, 0, cash)
    total = int(market.book["cash"][0]) - 20_000  # a week's upkeep; cash is below the reserve
    review(environment, market)
    assert market.struck == [0, 1] and conserved(environment, market, opening)
    pieces = [s for s, a in market.agents.items() if a.group == 0]
    holdings = market.book["cash"][pieces]
    assert holdings.sum() == total and holdings.max() - holdings.min() < len(pieces)
    cells = [cell for s in pieces for cell in market.agents[s].cells]
    assert len(cells) == 6  # a split also conserves cells
    assert all(cell.slot == s for s in pieces for cell in market.agents[s].cells)
    assert_consistent(environment, market)


def test_heirs_inherit_beliefs_reputation_and_customers(make_environment):
    environment, market, _ = strike_all(make_environment, 6.0)
    for slot in market.agents:
        market.beliefs.counts[slot] = 10.0 * (slot + 1)
    served = {int(market.book["serves"][slot]) for slot in market.agents}
    review(environment, market)
    heirs = [slot for slot in market.agents if slot >= 12]
    assert len(heirs) > 12
    for heir in heirs:
        parent = round(float(market.beliefs.counts[heir].mean()) / 10.0) - 1
        assert (market.beliefs.counts[heir] == market.beliefs.counts[parent]).all()
        for name in ("reputation", "serves"):
            assert market.book[name][heir] == market.book[name][parent]
        assert market.agents[heir].group == market.agents[parent].group
        assert market.book["reputation"][heir] == pytest.approx(0.4)
    assert {int(market.book["serves"][slot]) for slot in market.agents} == served


@pytest.mark.parametrize("dismantled", [0.0, 0.3, 1.0])
def test_decapitation_dissolves_organisations_at_the_declared_share(make_environment, dismantled):
    dissolved, struck = 0, 0
    for seed in range(40):
        environment, market, opening = strike_all(
            make_environment, 0.0, seed, dismantled=dismantled, adaptive_entry=False
        )
        review(environment, market)
        struck += len(market.struck)
        dissolved += 12 - len(market.agents)
        assert len(environment.orphaned) == 12 - len(market.agents) and conserved(
            environment, market, opening
        )
        assert_consistent(environment, market)
    assert struck == 480
    assert abs(dissolved - 480 * dismantled) <= 4.5 * np.sqrt(480 * dismantled * (1.0 - dismantled))
