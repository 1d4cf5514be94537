"""Sums over the tallies of a day."""

from __future__ import annotations

import numpy as np
import pytest

from agents.migrants.columns import DAY_TALLIES
from agents.migrants.tallies import (
    add_to_month,
    booked_to,
    clear_day,
    post_balance,
)
from agents.outcomes import Account

CARRIED_OVER = {"stock", "held", "tickets", "past_line"}


@pytest.fixture
def tallies():
    """Return tallies with another number in every entry."""
    tallies = np.zeros(1, DAY_TALLIES)
    rng = np.random.default_rng(4)
    for name in DAY_TALLIES.names or ():
        tallies[name] = rng.integers(1, 10**6, tallies[name].shape)
    return tallies


def test_a_new_day_starts_at_zero_except_for_stocks(tallies):
    before = tallies.copy()
    clear_day(tallies)
    for name in DAY_TALLIES.names or ():
        if name in CARRIED_OVER:
            assert (tallies[name] == before[name]).all()
        else:
            assert not tallies[name].any()


def test_every_dollar_that_leaves_an_account_enters_another(tallies):
    money, balance = tallies["money"][0], np.zeros(len(Account), np.int64)
    post_balance(tallies, balance)
    assert balance.sum() == 0
    paid = sum(int(money[account, Account.MIGRANTS]) for account in Account)
    spent = sum(int(money[Account.MIGRANTS, account]) for account in Account)
    assert balance[Account.MIGRANTS] == paid - spent
    assert [booked_to(tallies, int(account)) for account in Account] == balance.tolist()


def test_fees_and_money_taken_in_mexico_are_criminal_revenue_of_the_month(tallies):
    share, revenue = np.array([0.5, 0.25, 0.25]), np.array([1.0, 2.0, 3.0, 4.0])
    settled, released = (np.ones_like(tallies[name][0]) for name in ("settled", "released"))
    add_to_month(tallies, share, revenue, settled, released)
    fees, money = tallies["fees"][0], tallies["money"][0]
    taken = money[:, [Account.CRIMINAL_GROUPS, Account.OFFICIALS]].sum()
    drugs = money[Account.DRUG_BUYERS, Account.ORGANISATIONS]
    assert revenue[:3].tolist() == (np.array([1.0, 2.0, 3.0]) + fees[1] * share).tolist()
    assert revenue[3] == 4.0 + fees[0] + taken + drugs
    assert (settled == 1 + tallies["settled"][0]).all()
    assert (released == 1 + tallies["released"][0]).all()
