"""Organisations under pressure: seized funds, dismantled and replaced cells, exact dollars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.beliefs import Beliefs
from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.smugglers import Market, SmugglerCell

ORIGIN_GROUP = np.repeat([0, 1], 8)
LINE_GATE = np.array([-1, 0, 1, 1])


def opened(make_environment, **params):
    """Return an environment, its market, and the market's initial cash."""
    environment = make_environment(smugglers=params)
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


def review(environment, market):
    """Simulate a week and its review."""
    environment.today += 7
    market.review(np.full((SLOTS, 2), 0.5), LINE_GATE)


def conserved(environment, market, opening):
    """Return whether cash equals the initial cash plus the posted payments."""
    booked = int(environment.balance[Account.ORGANISATIONS])
    return (
        int(market.book["cash"].sum()) - opening == booked and int(environment.balance.sum()) == 0
    )


def windfall(environment, market, slot, dollars):
    """Add money from clients and post it."""
    market.book["cash"][slot] += dollars
    environment.pay(Account.MIGRANTS, Account.ORGANISATIONS, dollars)


# ---- pressure on funds --------------------------------------------------------------------------


@given(st.floats(0.0, 20.0), st.integers(0, 5_000_000))
def test_pressure_seizes_its_share_of_cash_and_raises_upkeep(make_environment, pressure, more):
    environment, market, opening = opened(make_environment, decapitation=0.0, adaptive_entry=False)
    environment.levers.pressure[0] = pressure
    windfall(environment, market, 2, more)
    before = market.book["cash"][:12].copy()
    review(environment, market)
    p = environment.settings.smugglers
    upkeep = (p.overhead_week + 6 * p.cell_week) * (1.0 + p.pressure_upkeep * pressure)
    share = 1.0 - np.exp(-pressure * 7.0 / 365.0)
    seized = share * np.maximum(before - upkeep, 0.0)
    assert environment.balance[Account.US_TREASURY] == pytest.approx(seized.sum(), abs=24)
    assert environment.balance[Account.SUPPLIERS] == pytest.approx(12 * upkeep, abs=12)
    assert conserved(environment, market, opening)


def test_pressure_leads_to_exit_of_the_poorest(make_environment):
    earned = 40_000 + 10_000 * np.arange(12)  # $ a week, the poorest first

    def left(pressure):
        environment, market, opening = opened(
            make_environment,
            decapitation=0.0,
            adaptive_entry=True,
            overhead_week=25_000.0,
            entry_margin=20.0,
        )
        environment.levers.pressure[0] = pressure
        for _ in range(60):
            for slot in range(12):
                if slot in market.agents:
                    windfall(environment, market, slot, int(earned[slot]))
            review(environment, market)
            assert conserved(environment, market, opening)
        return sorted(slot for slot in market.agents if market.book["uid"][slot] <= 12)

    assert left(0.0) == list(range(12))
    squeezed = left(1.5)
    assert 0 < len(squeezed) < 12 and squeezed == list(range(12))[-len(squeezed) :]


# ---- dismantled cells ---------------------------------------------------------------------------


def hunted(make_environment, pace, hazard=2.0, weeks=150, **params):
    """Return the mean number of cells over the later half of weeks under the cell-hunt lever."""
    environment, market, opening = opened(
        make_environment, decapitation=0.0, adaptive_entry=False, cell_pace=pace, **params
    )
    environment.levers.cell_hunt[0] = hazard
    count = []
    for _ in range(weeks):
        for slot in market.agents:
            windfall(environment, market, slot, 10**6)
        review(environment, market)
        environment.agents_of(SmugglerCell).do("walk")
        count.append(sum(len(a.cells) for a in market.agents.values()))
        assert conserved(environment, market, opening)
    return np.mean(count[weeks // 2 :]), market


def test_dismantling_cells_fails_if_they_are_replaced_faster(make_environment):
    quick, _ = hunted(make_environment, 20.0, cell_price=1_000.0)
    slow, _ = hunted(make_environment, 0.3, cell_price=1_000.0)
    none, _ = hunted(make_environment, 0.0, cell_price=1_000.0)
    assert quick >= 68 and slow < 30 and none < 5


def test_cells_are_not_replaced_without_cash(make_environment):
    # cash equals the reserve, since owners withdraw the rest
    _, market = hunted(make_environment, 20.0, cell_price=5e6)
    assert sum(len(a.cells) for a in market.agents.values()) < 5


def test_cells_are_replaced_at_their_place_and_paid_for(make_environment):
    environment, market, opening = opened(
        make_environment,
        decapitation=0.0,
        adaptive_entry=False,
        cell_pace=40.0,
        reserve_weeks=520.0,
    )
    before = [a.cells_at(15).tolist() for a in market.agents.values()]
    environment.levers.cell_hunt[0] = 20.0
    review(environment, market)
    environment.levers.cell_hunt[0] = 0.0
    for _ in range(4):
        review(environment, market)
    p = environment.settings.smugglers
    assert (
        market.dismantled > 5
        and [a.cells_at(15).tolist() for a in market.agents.values()] == before
    )
    assert not any(a.lost for a in market.agents.values())
    paid = 5 * 12 * p.overhead_week + market.dismantled * p.cell_price
    assert (
        0 <= paid + 5 * 72 * p.cell_week - environment.balance[Account.SUPPLIERS] <= 5 * 72 * 1_500
    )
    assert conserved(environment, market, opening)


def test_replacements_do_not_accumulate_in_quiet_times(make_environment):
    environment, market, _ = opened(
        make_environment,
        decapitation=0.0,
        adaptive_entry=False,
        cell_pace=1.0,
        reserve_weeks=520.0,
        overhead_week=0.0,
    )
    for _ in range(30):
        review(environment, market)
    for agent in market.agents.values():
        agent.lost = [3, 3, 4, 4]
    counts = []
    for _ in range(9):
        review(environment, market)
        counts.append({len(agent.cells) - 6 for agent in market.agents.values()})
    assert counts == [{1}] * 5 + [{2}] * 4  # one at once, the next after 30.4 days


def test_cells_are_dismantled_at_the_hazard_of_the_policy(make_environment):
    environment, market, _ = opened(
        make_environment, decapitation=0.0, adaptive_entry=False, cell_pace=40.0, cell_price=0.0
    )
    environment.levers.cell_hunt[0], exposed = 1.0, 0.0
    for _ in range(300):
        exposed += sum(len(a.cells) for a in market.agents.values()) * 7.0 / 365.0
        review(environment, market)
    assert abs(market.dismantled - exposed) < 4.5 * np.sqrt(exposed)


def test_cell_numbers_are_unique_within_a_run(make_environment):
    environment, market, _ = opened(make_environment, dismantled=0.2, splinters=2.0, cell_pace=20.0)
    environment.levers.cell_hunt[0], environment.levers.decapitation[0] = 5.0, 2.0
    number = {}
    for _ in range(60):
        review(environment, market)
        for agent in market.agents.values():
            for cell in agent.cells:
                assert number.setdefault(cell.number, cell) is cell
    assert len(number) > 150
