"""Sums over the tallies of a day, compared with numpy."""

from __future__ import annotations

import numpy as np
import pytest

from agents.day_totals import (
    at_line_by_sector,
    booked_to,
    clear_day,
    events_by_group,
    persons_agree,
    post_balance,
)
from agents.migrants.columns import DAY_TALLIES
from agents.outcomes import Account, Event

CARRIED_OVER = {"stock", "held", "tickets", "past_line"}


@pytest.fixture
def tallies():
    """Return tallies with another number in every entry."""
    found = np.zeros(1, DAY_TALLIES)
    rng = np.random.default_rng(4)
    for name in DAY_TALLIES.names or ():
        found[name] = rng.integers(1, 10**6, found[name].shape)
    return found


def test_a_new_day_starts_at_zero_except_for_stocks(tallies):
    before = tallies.copy()
    clear_day(tallies)
    for name in DAY_TALLIES.names or ():
        if name in CARRIED_OVER:
            assert (tallies[name] == before[name]).all()
        else:
            assert not tallies[name].any()


def test_sums_are_those_of_numpy(tallies):
    assert (events_by_group(tallies) == tallies["events"][0].sum(axis=2)).all()
    caught = tallies["by_sector"][0][Event.APPREHENDED_US].sum(axis=1)
    assert (at_line_by_sector(tallies, int(Event.APPREHENDED_US)) == caught).all()


def test_every_dollar_that_leaves_an_account_enters_another(tallies):
    money, balance = tallies["money"][0], np.zeros(len(Account), np.int64)
    post_balance(tallies, balance)
    assert balance.sum() == 0
    assert (balance == money.sum(axis=0) - money.sum(axis=1)).all()
    assert [booked_to(tallies, int(account)) for account in Account] == balance.tolist()


def test_persons_agree_only_if_every_candidate_has_one_status(tallies):
    stock = tallies["stock"][0]
    candidates = stock.sum(axis=1)
    assert persons_agree(tallies, candidates)
    assert not persons_agree(tallies, candidates + np.array([0, 1]))
    stock[0, 0], stock[0, 1] = -1, stock[0, 0] + stock[0, 1] + 1
    assert not persons_agree(tallies, candidates)
