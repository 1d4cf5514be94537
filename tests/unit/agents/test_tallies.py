"""What the day loop posts: whole dollars and persons, none made and none lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.columns import NEVER, empty_rows
from agents.migrants.tallies import (
    finish,
    funds,
    move,
    pay,
    pay_attempt,
    pay_fee,
    post,
    post_at,
    recount,
    wait,
)
from agents.outcomes import N_STATUS, Account, Event, Status

MIGRANTS, ORGANISATIONS = Account.MIGRANTS, Account.ORGANISATIONS
DOLLARS = st.integers(0, 50_000)
WEIGHT = st.integers(1, 1_000)
SLOT = st.integers(0, 59)
PURSE = st.fixed_dictionaries(
    {
        "wealth": DOLLARS,
        "debt": DOLLARS,
        "weight": WEIGHT,
        "group": st.integers(0, 1),
        "kind": st.integers(0, 2),
    }
)


def net(person):
    """What the persons of a row own less what they owe."""
    return (int(person["wealth"]) - int(person["debt"])) * int(person["weight"])


def left(day_tallies, account):
    """Dollars that came to an account less those that left it."""
    return int(day_tallies["money"][:, account].sum() - day_tallies["money"][account].sum())


@given(PURSE, DOLLARS, st.integers(0, 10_000))
def test_means_are_cash_and_what_credit_is_left(make_hand, purse, credit, more):
    hand = make_hand().be(**purse)
    found = funds(hand.person, float(credit))
    assert found == purse["wealth"] + max(0, credit - purse["debt"])
    assert funds(hand.person, float(credit + more)) >= found


@given(PURSE, DOLLARS, st.sampled_from([int(a) for a in Account if a != MIGRANTS]))
def test_a_payment_takes_cash_first_and_books_every_dollar(make_hand, purse, dollars, payee):
    hand = make_hand().be(**purse)
    before = net(hand.person)
    pay(hand.day_tallies, hand.person, payee, dollars)
    assert int(hand.person["wealth"]) == max(0, purse["wealth"] - dollars)
    assert int(hand.person["debt"]) == purse["debt"] + max(0, dollars - purse["wealth"])
    assert before - net(hand.person) == dollars * purse["weight"]
    money = hand.day_tallies["money"].copy()
    assert money[MIGRANTS, payee] == dollars * purse["weight"]
    money[MIGRANTS, payee] = 0
    assert not money.any()


@given(PURSE, st.lists(DOLLARS, min_size=1, max_size=6), st.integers(0, 5_000))
def test_payments_capped_by_means_never_break_the_purse(make_hand, purse, wishes, credit):
    hand = make_hand().be(**purse)
    for dollars in wishes:
        room = int(funds(hand.person, float(credit)))
        pay(hand.day_tallies, hand.person, int(Account.SUPPLIERS), min(dollars, room))
        assert int(hand.person["wealth"]) >= 0
        assert int(hand.person["debt"]) <= max(credit, purse["debt"])


@given(PURSE, SLOT, st.floats(0.0, 20_000.0), st.integers(-(10**9), 10**9))
def test_a_fee_reaches_the_organisation_to_the_dollar(make_hand, purse, slot, price, cash):
    hand = make_hand().be(**purse).sell(slot, uid=1, price=price, cash=cash)
    before = net(hand.person)
    pay_fee(hand.day_tallies, hand.person, hand.market, slot)
    fee, group = before - net(hand.person), purse["group"]
    assert fee == int(price) * purse["weight"]
    assert int(hand.market["cash"][slot]) - cash == fee == left(hand.day_tallies, ORGANISATIONS)
    assert left(hand.day_tallies, MIGRANTS) == -fee
    assert hand.day_tallies["fees"][group] == hand.day_tallies["fees"].sum() == fee
    assert (
        hand.day_tallies["contracts"][group]
        == hand.market["clients"][slot, group]
        == purse["weight"]
    )
    assert hand.market["clients"].sum() == hand.day_tallies["contracts"].sum() == purse["weight"]


@given(PURSE, SLOT, DOLLARS, st.integers(0, 900), st.integers(0, 900))
def test_what_an_attempt_costs_leaves_the_organisation_and_nobody_else(
    make_hand, purse, slot, cost, tax, bribe
):
    hand = make_hand().be(**purse).sell(slot, uid=1, price=0.0, cost=cost, tax=tax, bribe=bribe)
    before = net(hand.person)
    pay_attempt(hand.day_tallies, hand.person, hand.market, slot)
    spent, weight = -int(hand.market["cash"][slot]), purse["weight"]
    assert spent == max(cost, tax + bribe) * weight == -left(hand.day_tallies, ORGANISATIONS)
    assert left(hand.day_tallies, Account.CRIMINAL_GROUPS) == tax * weight
    assert left(hand.day_tallies, Account.OFFICIALS) == bribe * weight
    assert net(hand.person) == before
    trips = hand.day_tallies["events"][Event.GUIDED_TRIP]
    assert trips[purse["group"], purse["kind"]] == trips.sum() == weight


@given(PURSE, SLOT, st.lists(st.tuples(st.booleans(), DOLLARS), max_size=8))
def test_any_run_of_payments_keeps_the_sum_of_all_accounts(make_hand, purse, slot, steps):
    hand = make_hand().be(**purse)
    before = net(hand.person)
    for fee, dollars in steps:
        hand.sell(slot, uid=1, price=float(dollars), cost=dollars, tax=dollars // 3)
        if fee:
            pay_fee(hand.day_tallies, hand.person, hand.market, slot)
        else:
            pay_attempt(hand.day_tallies, hand.person, hand.market, slot)
    assert left(hand.day_tallies, MIGRANTS) == net(hand.person) - before
    assert left(hand.day_tallies, ORGANISATIONS) == int(hand.market["cash"][slot])
    assert sum(left(hand.day_tallies, account) for account in Account) == 0


# ---- persons ------------------------------------------------------------------------------------

WHO = st.fixed_dictionaries(
    {
        "group": st.integers(0, 1),
        "kind": st.integers(0, 2),
        "weight": WEIGHT,
        "cohort": st.integers(0, 1),
    }
)
STATUS = st.sampled_from([int(s) for s in Status])


@given(WHO, st.sampled_from([int(e) for e in Event]), st.integers(-1, 8))
def test_an_event_counts_the_persons_of_the_row_once(make_hand, who, event, sector):
    hand = make_hand().be(**who)
    post(hand.day_tallies, hand.person, event)
    assert hand.day_tallies["events"][event, who["group"], who["kind"]] == who["weight"]
    assert (
        hand.day_tallies["events"].sum() == who["weight"]
        and not hand.day_tallies["by_sector"].any()
    )
    post_at(hand.day_tallies, hand.person, event, sector)
    assert hand.day_tallies["events"].sum() == 2 * who["weight"]
    there = who["weight"] if sector >= 0 else 0
    assert hand.day_tallies["by_sector"].sum() == there
    assert sector < 0 or hand.day_tallies["by_sector"][event, sector, who["group"]] == there


@given(WHO, st.lists(STATUS, min_size=1, max_size=6), st.integers(0, 500))
def test_changing_status_moves_persons_and_makes_none(make_hand, who, path, moment):
    hand = make_hand().be(status=path[0], clock=3.5, **who)
    hand.day_tallies["stock"][who["cohort"], path[0]] = who["weight"]
    for status in path[1:]:
        move(hand.day_tallies, hand.person, status)
        assert hand.person["clock"] == 3.5
        assert hand.day_tallies["stock"].sum() == who["weight"]
        assert hand.day_tallies["stock"][who["cohort"], status] == who["weight"]
        assert int(hand.person["status"]) == status
    wait(hand.day_tallies, hand.person, path[0], moment)
    assert hand.person["clock"] == moment
    finish(hand.day_tallies, hand.person, path[-1])
    assert int(hand.person["clock"]) == NEVER
    assert hand.day_tallies["stock"][who["cohort"], path[-1]] == hand.day_tallies["stock"].sum()


@given(st.lists(st.tuples(WHO, STATUS, DOLLARS, DOLLARS), max_size=8))
def test_a_recount_finds_every_row_and_every_dollar(people):
    rows, stock = empty_rows(len(people)), np.zeros((2, N_STATUS), np.int64)
    expected = np.zeros_like(stock)
    for row, (who, status, wealth, debt) in zip(rows, people, strict=True):
        for name, value in {**who, "status": status, "wealth": wealth, "debt": debt}.items():
            row[name] = value
        expected[who["cohort"], status] += who["weight"]
    held = recount(rows, stock)
    assert (stock == expected).all()
    assert held == sum((w - d) * who["weight"] for who, _, w, d in people)
