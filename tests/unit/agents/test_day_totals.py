"""Sums over the tallies of a day."""

from __future__ import annotations

import numpy as np
import pytest

from abm.phases.flow_history import HISTORY
from abm.scenario import Scenario
from agents.kernel_params import build_kernel_params
from agents.migrants.columns import DAY_TALLIES
from agents.migrants.tallies import end_day
from agents.outcomes import Account, Event


@pytest.fixture
def tallies():
    """Return tallies with a random positive number in every entry."""
    tallies = np.zeros(1, DAY_TALLIES)
    rng = np.random.default_rng(4)
    for name in DAY_TALLIES.names or ():
        tallies[name] = rng.integers(1, 10**6, tallies[name].shape)
    return tallies


def test_fees_and_money_taken_in_mexico_are_criminal_revenue_of_the_month(tallies):
    history = np.ones(1, HISTORY)
    history["fee_share"], history["revenue"] = (0.5, 0.25, 0.25), (1.0, 2.0, 3.0, 4.0)
    share, settled, released = (history[name][0] for name in ("fee_share", "settled", "released"))
    params = build_kernel_params(Scenario(), np.zeros(1, int), np.zeros(1, int), 8)
    seized = np.array([1.0, 2.0, 3.0])
    end_day(tallies, np.full((2, 3), 9), np.zeros((2, 3)), history, seized, 1.0, params)
    fees, money = tallies["fees"][0], tallies["money"][0]
    extorted = money[:, [Account.CRIMINAL_GROUPS, Account.OFFICIALS]].sum()
    drugs = money[Account.DRUG_BUYERS, Account.DRUG_ORGANISATIONS]
    revenue, quarter = history["revenue"][0], history["quarter"][0]
    assert revenue[:3].tolist() == (np.array([1.0, 2.0, 3.0]) + fees[1] * share).tolist()
    assert revenue[3] == 4.0 + fees[0] + extorted + drugs
    assert (settled == 1 + tallies["settled"][0]).all()
    assert (released == 1 + tallies["released"][0]).all()
    apprehended = tallies["events"][0, Event.APPREHENDED_US].sum()
    assert quarter[0] == 1 + apprehended and quarter[3] == 1.0 + 6.0 / 365.0
