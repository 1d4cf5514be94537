"""Organisations under pressure: seized funds, and cells that are dismantled and replaced."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.outcomes import Account
from tests.unit.agents.small_market import conserved, review, windfall
from tests.unit.agents.test_smugglers_life import set_up

# ---- pressure on funds --------------------------------------------------------------------------


@given(st.floats(0.0, 20.0), st.integers(0, 5_000_000))
def test_pressure_seizes_its_share_of_cash_and_raises_upkeep(make_environment, pressure, more):
    environment, market, opening = set_up(make_environment, decapitation=0.0, adaptive_entry=False)
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


# ---- dismantled cells ---------------------------------------------------------------------------


def test_cells_are_replaced_at_their_place_and_paid_for(make_environment):
    environment, market, opening = set_up(
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


def test_cells_are_dismantled_at_the_hazard_of_the_policy(make_environment):
    environment, market, _ = set_up(
        make_environment, decapitation=0.0, adaptive_entry=False, cell_pace=40.0, cell_price=0.0
    )
    environment.levers.cell_hunt[0], exposed = 1.0, 0.0
    for _ in range(300):
        exposed += sum(len(a.cells) for a in market.agents.values()) * 7.0 / 365.0
        review(environment, market)
    assert abs(market.dismantled - exposed) < 4.5 * np.sqrt(exposed)
