"""Posting in the day loop conserves whole dollars and persons."""

from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.columns import NEVER
from agents.migrants.tallies import (
    begin_past_line,
    end_past_line,
    finish,
    move,
    pay,
    pay_attempt,
    pay_fee,
    post,
    post_at,
    wait,
)
from agents.outcomes import Account, Event, Status

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
    """Return the wealth less the debt of the persons of a row."""
    return (int(person["wealth"]) - int(person["debt"])) * int(person["weight"])


def left(day_tallies, account):
    """Return the dollars paid to an account less those paid from it."""
    return int(day_tallies["money"][:, account].sum() - day_tallies["money"][account].sum())


@given(PURSE, DOLLARS, st.sampled_from([int(a) for a in Account if a != MIGRANTS]))
def test_a_payment_uses_cash_first_and_posts_every_dollar(make_records, purse, dollars, payee):
    records = make_records().be(**purse)
    before = net(records.person)
    pay(records.day_tallies, records.person, payee, dollars)
    assert int(records.person["wealth"]) == max(0, purse["wealth"] - dollars)
    assert int(records.person["debt"]) == purse["debt"] + max(0, dollars - purse["wealth"])
    assert before - net(records.person) == dollars * purse["weight"]
    money = records.day_tallies["money"].copy()
    assert money[MIGRANTS, payee] == dollars * purse["weight"]
    money[MIGRANTS, payee] = 0
    assert not money.any()


@given(PURSE, SLOT, st.lists(st.tuples(st.booleans(), DOLLARS), max_size=8))
def test_any_sequence_of_payments_conserves_the_sum_of_accounts(make_records, purse, slot, steps):
    records = make_records().be(**purse)
    before = net(records.person)
    for fee, dollars in steps:
        records.sell(slot, uid=1, price=float(dollars), cost=dollars, tax=dollars // 3)
        if fee:
            pay_fee(records.day_tallies, records.person, records.market, slot)
        else:
            pay_attempt(records.day_tallies, records.person, records.market, slot)
    assert left(records.day_tallies, MIGRANTS) == net(records.person) - before
    assert left(records.day_tallies, ORGANISATIONS) == int(records.market["cash"][slot])
    assert sum(left(records.day_tallies, account) for account in Account) == 0


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
def test_an_event_counts_the_persons_of_the_row_once(make_records, who, event, sector):
    records = make_records().be(**who)
    post(records.day_tallies, records.person, event)
    assert records.day_tallies["events"][event, who["group"], who["kind"]] == who["weight"]
    assert (
        records.day_tallies["events"].sum() == who["weight"]
        and not records.day_tallies["by_sector"].any()
    )
    post_at(records.day_tallies, records.person, event, sector)
    assert records.day_tallies["events"].sum() == 2 * who["weight"]
    there = who["weight"] if sector >= 0 else 0
    assert records.day_tallies["by_sector"].sum() == there
    assert sector < 0 or records.day_tallies["by_sector"][event, sector, who["group"]] == there


@given(WHO, st.lists(STATUS, min_size=1, max_size=6), st.integers(0, 500))
def test_status_changes_conserve_persons(make_records, who, path, moment):
    records = make_records().be(status=path[0], clock=3.5, **who)
    records.day_tallies["stock"][who["cohort"], path[0]] = who["weight"]
    for status in path[1:]:
        move(records.day_tallies, records.person, status)
        assert records.person["clock"] == 3.5
        assert records.day_tallies["stock"].sum() == who["weight"]
        assert records.day_tallies["stock"][who["cohort"], status] == who["weight"]
        assert int(records.person["status"]) == status
    wait(records.day_tallies, records.person, path[0], moment)
    assert records.person["clock"] == moment
    finish(records.day_tallies, records.person, path[-1])
    assert int(records.person["clock"]) == NEVER
    assert (
        records.day_tallies["stock"][who["cohort"], path[-1]] == records.day_tallies["stock"].sum()
    )


@given(PURSE, st.integers(0, 1), st.integers(0, 1))
def test_a_passage_of_the_line_ends_once(make_records, purse, counted, again):
    """It ends with or without a got-away, for all persons of a row; a second end has no effect."""
    records = make_records().be(**purse, past_line=0)
    tallies, weight = records.day_tallies, purse["weight"]
    assert not end_past_line(tallies, records.person, counted)
    assert int(tallies["past_line"]) == int(tallies["ended_past_line"]) == 0
    begin_past_line(tallies, records.person)
    assert int(records.person["past_line"]) == 1 and int(tallies["past_line"]) == weight
    assert end_past_line(tallies, records.person, counted) == 1
    for _ in range(2):
        assert int(records.person["past_line"]) == int(tallies["past_line"]) == 0
        assert int(tallies["ended_past_line"]) == (0 if counted else weight)
        assert end_past_line(tallies, records.person, again) == 0
