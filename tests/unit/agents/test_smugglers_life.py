"""The lifecycle of organisations: exit, entry and decapitation, with exact dollars."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.beliefs import Beliefs
from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.smugglers import Market, Organisation, SmugglerCell

ORIGIN_GROUP = np.repeat([0, 1], 8)
LINE_GATE = np.array([-1, 0, 1, 1])
CASH = st.integers(-400_000, 400_000)


def opened(make_environment, seed=1, **params):
    """Return an environment, its market, and the market's initial cash."""
    environment = make_environment(smugglers=params, seed=seed)
    reports = np.zeros((SLOTS, LINE_GATE.size, 3), np.int64)
    market = Market(
        environment,
        environment.settings.smugglers,
        Beliefs(reports, 500.0, 90.0),
        origin_group=ORIGIN_GROUP,
        origin_place=np.zeros(16, int),
        gates=np.array([3, 4]),
        gate_share=np.array([[0.7, 0.3], [0.2, 0.8]]),
        km=np.array([1_200.0, 2_600.0]),
    )
    return environment, market, int(market.book["cash"].sum())


def review(environment, market, risk=0.5, **ports):
    """Simulate a week and its review."""
    environment.today += 7
    market.review(np.full((SLOTS, 2), risk), LINE_GATE, **ports)


def conserved(environment, market, opening):
    """Return whether cash equals the initial cash plus the posted payments."""
    booked = int(environment.balance[Account.ORGANISATIONS])
    return (
        int(market.book["cash"].sum()) - opening == booked and int(environment.balance.sum()) == 0
    )


def in_order(environment, market):
    """Assert that slots, agents and units of the environment agree."""
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
    """Return the standing cost of a week."""
    p = environment.settings.smugglers
    return int(p.overhead_week + p.cell_week * cells)


def windfall(environment, market, slot, dollars):
    """Add money from clients (or subtract it) and post it."""
    market.book["cash"][slot] += dollars
    environment.pay(Account.MIGRANTS, Account.ORGANISATIONS, dollars)


# ---- conservation -------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.lists(st.lists(CASH, min_size=6, max_size=6), max_size=12),
    st.floats(0.0, 200.0),
    st.floats(0.0, 10.0),
)
def test_dollars_are_conserved_over_any_lifecycle(make_environment, seed, weeks, hazard, splinters):
    environment, market, opening = opened(
        make_environment, seed, count_mexican=3, count_northern_triangle=3, splinters=splinters
    )
    environment.levers.decapitation[0] = hazard
    for shocks in weeks:
        for slot, dollars in enumerate(shocks):
            if slot in market.agents:
                windfall(environment, market, slot, dollars)
        review(environment, market)
        assert conserved(environment, market, opening)
        in_order(environment, market)


PORTS = {"crossed": np.array([[3.0, 16.0, 0.5, 1.0]]), "port_risk": 0.2}


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.lists(st.lists(CASH, min_size=6, max_size=6), max_size=12),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 20.0),
    st.floats(0.0, 30.0),
    st.integers(0, 12),
)
def test_dollars_are_conserved_with_drugs_pressure_and_dismantled_cells(
    make_environment, seed, weeks, line, find, pressure, objective, warm
):
    environment, market, opening = opened(
        make_environment, seed, count_mexican=3, count_northern_triangle=3, cell_pace=8.0
    )
    environment.levers.pressure[0], environment.levers.cell_hunt[0] = pressure, objective
    environment.levers.decapitation[0] = 1.0
    for week, shocks in enumerate(weeks):
        environment.recording = week >= warm
        for slot, dollars in enumerate(shocks):
            if slot in market.agents:
                windfall(environment, market, slot, dollars)
        review(environment, market, line_detection=line, find_goods=np.full((1, 4), find), **PORTS)
        assert conserved(environment, market, opening)
        in_order(environment, market)


# ---- exit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_an_organisation_exits_when_its_cash_is_negative(make_environment, over):
    environment, market, opening = opened(make_environment, decapitation=0.0)
    upkeep = upkeep_of(environment, 6)
    windfall(environment, market, 2, upkeep + over - int(market.book["cash"][2]))
    leaver = market.agents[2]
    review(environment, market)
    assert (2 not in market.agents) == (over < 0) == (environment.orphaned == [2])
    assert conserved(environment, market, opening)
    if over < 0:
        assert market.book["active"][2] == market.book["cash"][2] == 0 and not leaver.cells
        assert leaver not in environment.agents


def test_no_entry_or_exit_without_adaptive_entry(make_environment):
    environment, market, opening = opened(make_environment, adaptive_entry=False, decapitation=0.0)
    for slot in market.agents:
        windfall(environment, market, slot, -(10**7))
    for _ in range(40):
        review(environment, market)
    assert len(market.agents) == 12 and conserved(environment, market, opening)


def test_the_beliefs_of_a_slot_are_cleared_at_exit(make_environment):
    environment, market, _ = opened(make_environment, decapitation=0.0)
    market.beliefs.counts[2], market.beliefs.new_reports[2] = 80.0, 5
    market.agents[2].dissolve()
    assert not market.beliefs.counts[2].any() and not market.beliefs.new_reports[2].any()
    assert environment.orphaned == [2]


@given(CASH, st.floats(1.0, 20.0))
def test_owners_withdraw_cash_above_the_reserve(make_environment, shock, weeks):
    environment, market, opening = opened(make_environment, decapitation=0.0, reserve_weeks=weeks)
    windfall(environment, market, 2, abs(shock))
    before, upkeep = int(market.book["cash"][2]), upkeep_of(environment, 6)
    review(environment, market)
    kept = min(before - upkeep, weeks * upkeep)
    assert abs(int(market.book["cash"][2]) - kept) < 1.0 + 1e-6
    assert conserved(environment, market, opening)


# ---- entry --------------------------------------------------------------------------------------


def trade(environment, market, clients, weeks):
    """Simulate weeks with the same clients for every organisation."""
    for _ in range(weeks):
        for slot, agent in market.agents.items():
            market.book["clients"][slot, agent.groups[0]] = clients
            windfall(environment, market, slot, 9_000 * clients)
        review(environment, market)


def test_lasting_high_margins_bring_entrants_with_outside_capital(make_environment):
    environment, market, opening = opened(make_environment, decapitation=0.0)
    payments: list[tuple[int, int, int]] = []
    book = environment.pay
    environment.pay = lambda *what: (payments.append(what), book(*what))
    trade(environment, market, 20, 26)
    assert len(market.agents) == 12
    trade(environment, market, 20, 20)
    assert len(market.agents) == 12  # no entry at unchanged profits
    trade(environment, market, 400, 12)
    assert len(market.agents) == 12  # 84 days are below ninety
    trade(environment, market, 400, 20)
    newcomers = [a for s, a in market.agents.items() if market.book["uid"][s] > 12]
    assert newcomers and conserved(environment, market, opening)
    capital = int(environment.settings.smugglers.capital)
    brought = [d for a, b, d in payments if (a, b) == (Account.HOUSEHOLDS, Account.ORGANISATIONS)]
    assert sum(brought) == capital * len(newcomers)
    in_order(environment, market)


def test_an_entrant_with_outside_capital_fills_an_empty_market(make_environment):
    environment, market, opening = opened(make_environment, decapitation=0.0, count_mexican=0)
    assert opening == 7 * int(environment.settings.smugglers.capital)
    review(environment, market)
    newcomers = [a for a in market.agents.values() if a.groups == (0,)]
    assert len(newcomers) == 1 and conserved(environment, market, opening)
    served = int(market.book["serves"][newcomers[0].slot])
    assert [o for o in range(16) if (served >> o) & 1] == np.flatnonzero(ORIGIN_GROUP == 0).tolist()


# ---- decapitation -------------------------------------------------------------------------------


def strike_all(make_environment, splinters=1.5, seed=1, **params):
    """Decapitate every organisation at the next review."""
    params = {"dismantled": 0.0, "overhead_week": 0.0, **params}
    environment, market, opening = opened(make_environment, seed, splinters=splinters, **params)
    environment.levers.decapitation[0] = 1e6
    return environment, market, opening


@settings(max_examples=30)
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
    total = int(market.book["cash"][0]) - 20_000  # a week's upkeep; the reserve is not reached
    review(environment, market)
    assert market.struck == [0, 1] and conserved(environment, market, opening)
    pieces = [s for s, a in market.agents.items() if a.groups == (0,)]
    held = market.book["cash"][pieces]
    assert held.sum() == total and held.max() - held.min() < len(pieces)
    cells = [cell for s in pieces for cell in market.agents[s].cells]
    assert len(cells) == 6  # cells are divided, too, and conserved
    assert all(cell.slot == s for s in pieces for cell in market.agents[s].cells)
    in_order(environment, market)


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
        assert market.agents[heir].groups == market.agents[parent].groups
        assert market.book["reputation"][heir] == pytest.approx(0.4)
    assert {int(market.book["serves"][slot]) for slot in market.agents} == served


def test_splits_never_exceed_the_number_of_slots(make_environment):
    environment, market, opening = strike_all(make_environment, 10.0, adaptive_entry=False)
    for _ in range(8):
        review(environment, market)
        assert conserved(environment, market, opening)
        in_order(environment, market)
    assert len(market.agents) == SLOTS


def test_the_mean_number_of_splinters_is_as_declared(make_environment):
    more = []
    for seed in range(60):
        environment, market, _ = strike_all(
            make_environment, 1.5, seed, count_mexican=3, count_northern_triangle=3
        )
        review(environment, market)
        more.append(len(market.agents) - 6)
    n = 6 * len(more)
    assert abs(sum(more) / n - 1.5) < 4.5 * np.sqrt(1.5 / n)


@pytest.mark.parametrize("dismantled", [0.0, 0.3, 1.0])
def test_decapitation_dissolves_organisations_at_the_declared_share(make_environment, dismantled):
    gone, struck = 0, 0
    for seed in range(40):
        environment, market, opening = strike_all(
            make_environment, 0.0, seed, dismantled=dismantled, adaptive_entry=False
        )
        review(environment, market)
        struck += len(market.struck)
        gone += 12 - len(market.agents)
        assert len(environment.orphaned) == 12 - len(market.agents) and conserved(
            environment, market, opening
        )
        in_order(environment, market)
    assert struck == 480
    assert abs(gone - 480 * dismantled) <= 4.5 * np.sqrt(480 * dismantled * (1.0 - dismantled))


def test_decapitations_occur_at_the_hazard_of_policy_and_settings(make_environment):
    struck, years = 0, 0.0
    environment, market, _ = opened(
        make_environment, decapitation=0.5, splinters=0.0, dismantled=0.0, adaptive_entry=False
    )
    environment.levers.decapitation[0] = 1.0
    for _ in range(300):
        years += len(market.agents) * 7.0 / 365.0
        review(environment, market)
        struck += len(market.struck)
    assert abs(struck - 1.5 * years) < 4.5 * np.sqrt(1.5 * years)


def test_no_decapitation_without_a_hazard(make_environment):
    environment, market, _ = opened(make_environment, decapitation=0.0)
    for _ in range(100):
        review(environment, market)
        assert market.struck == []
