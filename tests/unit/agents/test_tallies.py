"""Posting in the day loop conserves whole dollars and persons."""

from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.tallies import begin_past_line, end_past_line, pay, post, post_at
from agents.outcomes import Account, Event

MIGRANTS, ORGANISATIONS = Account.MIGRANTS, Account.ORGANISATIONS
DOLLARS = st.integers(0, 50_000)
WEIGHT = st.integers(1, 1_000)
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


# ---- persons ------------------------------------------------------------------------------------

TRAITS = st.fixed_dictionaries(
    {
        "group": st.integers(0, 1),
        "kind": st.integers(0, 2),
        "weight": WEIGHT,
        "cohort": st.integers(0, 1),
    }
)


@given(TRAITS, st.sampled_from([int(e) for e in Event]), st.integers(-1, 8))
def test_an_event_counts_the_persons_of_the_row_once(make_records, traits, event, sector):
    records = make_records().be(**traits)
    post(records.day_tallies, records.person, event)
    assert records.day_tallies["events"][event, traits["group"], traits["kind"]] == traits["weight"]
    assert (
        records.day_tallies["events"].sum() == traits["weight"]
        and not records.day_tallies["by_sector"].any()
    )
    post_at(records.day_tallies, records.person, event, sector)
    assert records.day_tallies["events"].sum() == 2 * traits["weight"]
    there = traits["weight"] if sector >= 0 else 0
    assert records.day_tallies["by_sector"].sum() == there
    assert sector < 0 or records.day_tallies["by_sector"][event, sector, traits["group"]] == there


@given(PURSE, st.integers(0, 1), st.integers(0, 1))
def test_a_passage_of_the_line_ends_once(make_records, purse, counted, again):
    """A passage ends with or without a got-away, for all persons of a row.

    A second end has no effect.
    """
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
