"""Accounts that the ledger computes from others: got-aways, opening cash, months, dropped rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.ledger import ConservationError, Ledger
from agents.migrants.columns import empty_rows
from agents.outcomes import PAYERS, Account, Event, Status

LEGS = 3
SEEN = np.zeros((LEGS, 3), np.int64)
FEW = st.integers(0, 50)
#: Signs with which events change the persons who are past the line and not yet counted.
ENTER = {Event.LINE_ATTEMPT: 1, Event.SURRENDERED: 1, Event.APPREHENDED_BELT: 1}
OUT = Event.TURNED_BACK, Event.APPREHENDED_US, Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED
LEAVE = dict.fromkeys(OUT, -1)
COUNTS = st.fixed_dictionaries(dict.fromkeys(ENTER | LEAVE, FEW))


def a_day(ledger, counts, ended=0):
    """Post events of a day in both groups and several kinds; return how many people were added."""
    ledger.open_day()
    tallies = ledger.day_tallies[0]
    for event, persons in counts.items():
        tallies["events"][event, 0, 0] += persons // 2
        tallies["events"][event, 1, 2] += persons - persons // 2
    tallies["ended_past_line"] = ended
    return sum((ENTER | LEAVE)[event] * persons for event, persons in counts.items()) - ended


def close(ledger, recorded=True):
    ledger.close_day(1, int(ledger.balance[Account.ORGANISATIONS]), np.zeros(0), SEEN)


@given(st.lists(st.tuples(COUNTS, FEW), min_size=1, max_size=4), st.integers(-2, 2))
def test_people_past_the_line_are_those_who_passed_and_were_not_counted(days, off):
    ledger, past = Ledger(9, LEGS), 0
    for k, (counts, ended) in enumerate(days):
        past += a_day(ledger, counts, ended)
        wrong = off if k == len(days) - 1 else 0
        ledger.day_tallies["past_line"] = past + wrong
        if past < 0 or wrong:
            with pytest.raises(ConservationError, match="past the line"):
                close(ledger)
            return
        close(ledger)


def test_payments_and_unspent_dollars_belong_to_their_day_and_payer():
    ledger = Ledger(2, LEGS)
    ledger.open_day()
    ledger.pay(Account.US_TREASURY, Account.PROGRAMMES, 70)
    ledger.pay(Account.US_TREASURY, Account.PROGRAMMES, 5)
    ledger.leave_unspent("mexico", 30)
    close(ledger)
    ledger.open_day()
    ledger.leave_unspent("mexico", 4)
    ledger.leave_unspent("mexico", 1)
    close(ledger)
    column = list(PAYERS).index("mexico")
    assert ledger.unspent[:, column].tolist() == [30, 5] and ledger.unspent.sum() == 35
    assert ledger.daily_money[:, Account.US_TREASURY, Account.PROGRAMMES].tolist() == [75, 0]
    assert ledger.balance[Account.PROGRAMMES] == 75


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 100)), min_size=1, max_size=5))
def test_a_recount_compares_the_people_past_the_line(people):
    rows, ledger = empty_rows(len(people)), Ledger(2, LEGS)
    for row, (past, weight) in zip(rows, people, strict=True):
        row["status"], row["past_line"], row["weight"] = Status.TRAVELLING, past, weight
        ledger.day_tallies["stock"][0][0, Status.TRAVELLING] += weight
    counted = sum(past * weight for past, weight in people)
    ledger.day_tallies["past_line"] = counted
    ledger.recount(rows)
    for off in (-1, 1):
        ledger.day_tallies["past_line"] = counted + off
        with pytest.raises(ConservationError, match="past the line"):
            ledger.recount(rows)
