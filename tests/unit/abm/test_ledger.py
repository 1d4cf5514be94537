"""The ledger raises an error on any day on which persons or dollars are not conserved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abm.ledger import ConservationError, Ledger
from agents.migrants.columns import N_SECTORS, empty_rows
from agents.outcomes import N_ACCOUNTS, N_EVENTS, ON_THE_WAY, PAYERS, Account, Event, Status

MIGRANTS, HOLDERS = Account.MIGRANTS, (Account.ORGANISATIONS, Account.DRUG_ORGANISATIONS)
LEGS = 5
NO_FLOWS = np.zeros((LEGS, 3), np.int64)
DOLLARS = st.integers(0, 10**6)
MATRIX = arrays(np.int64, (N_ACCOUNTS, N_ACCOUNTS), elements=DOLLARS)
OFF = st.integers(-(10**6), 10**6).filter(bool)


def generate_candidates(ledger, status, persons, cohort=1):
    """Post candidates and their status at the end of the day."""
    ledger.day_tallies["events"][0][Event.CANDIDATES, 1, 0] += persons
    ledger.day_tallies["stock"][0][cohort, status] += persons


def close(ledger, cash=(0, 0), cohort=1, recorded=True, flows=NO_FLOWS):
    """Close the day with the cash of organisations and of drug organisations."""
    ledger.close_day(cohort, np.array(cash[:1]), cash[1], np.zeros(0) if recorded else None, flows)


def cash_of(ledger):
    """Return the cash that is booked for organisations and for drug organisations."""
    return ledger.balance[[*HOLDERS]].tolist()


def inflow(money, account):
    """Return the dollars into an account minus the dollars out of it."""
    return int(money[:, account].sum() - money[account].sum())


def book_money(ledger, money):
    """Book dollars consistently with rows and cash; return the cash of both organisations."""
    ledger.day_tallies["money"][0][:] = money
    ledger.day_tallies["net_after"] = ledger.day_tallies["net_before"] + inflow(money, MIGRANTS)
    cash = zip(cash_of(ledger), HOLDERS, strict=True)
    return [dollars + inflow(money, account) for dollars, account in cash]


# ---- persons ------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Status)), st.integers(0, 900), st.integers(0, 1)), max_size=6
    )
)
def test_days_on_which_every_person_has_a_status_are_closed(people):
    ledger = Ledger(10, LEGS)
    for status, persons, cohort in people:
        ledger.open_day()
        generate_candidates(ledger, status, persons, cohort)
        close(ledger, cohort=cohort)
    assert ledger.day == len(people)
    for cohort in (0, 1):
        assert ledger.candidates[cohort] == sum(n for _, n, c in people if c == cohort)


@given(st.sampled_from(list(Status)), st.integers(0, 1), OFF)
def test_a_person_too_many_or_too_few_is_an_error(status, cohort, off):
    ledger = Ledger(3, LEGS)
    ledger.open_day()
    generate_candidates(ledger, Status.TRAVELLING, 10**6 + 1, 1)
    generate_candidates(ledger, Status.TRAVELLING, 0, 0)
    ledger.day_tallies["stock"][0][cohort, status] += off
    with pytest.raises(ConservationError, match="persons"):
        close(ledger)


# ---- dollars ------------------------------------------------------------------------------------


@given(st.lists(MATRIX, min_size=1, max_size=4))
def test_any_booked_payments_close_and_all_accounts_sum_to_zero(days):
    ledger = Ledger(10, LEGS)
    for money in days:
        ledger.open_day()
        close(ledger, book_money(ledger, money))
        assert ledger.balance.sum() == 0
    total = sum(days)
    assert (ledger.money == total).all()
    assert ledger.balance.tolist() == [inflow(total, account) for account in Account]


@given(MATRIX, OFF)
def test_a_dollar_that_migrants_do_not_have_is_an_error(money, off):
    ledger = Ledger(3, LEGS)
    ledger.open_day()
    cash = book_money(ledger, money)
    ledger.day_tallies["net_after"] += off
    with pytest.raises(ConservationError, match="migrants"):
        close(ledger, cash)


@given(
    MATRIX,
    st.sampled_from(list(Account)),
    st.sampled_from([MIGRANTS, *HOLDERS]),
    st.integers(1, 10**6),
)
def test_a_payment_booked_on_one_side_only_is_an_error(money, other, side, dollars):
    ledger = Ledger(3, LEGS)
    ledger.open_day()
    cash = book_money(ledger, money)
    ledger.day_tallies["money"][0][other, side] += dollars
    if other == side:  # a transfer within an account changes no balance
        close(ledger, cash)
        return
    with pytest.raises(ConservationError, match="dollars"):
        close(ledger, cash)


# ---- recount ------------------------------------------------------------------------------------

PERSONS = st.fixed_dictionaries(
    {
        "status": st.sampled_from([int(s) for s in ON_THE_WAY]),
        "cohort": st.integers(0, 1),
        "weight": st.integers(1, 100),
        "wealth": st.integers(0, 9_000),
        "debt": st.integers(0, 3_000),
    }
)


def make_rows(people):
    """Return the rows of these people and a ledger that agrees with the rows."""
    rows, ledger = empty_rows(len(people)), Ledger(3, LEGS)
    for row, person in zip(rows, people, strict=True):
        for name, value in person.items():
            row[name] = value
        ledger.day_tallies["stock"][0][person["cohort"], person["status"]] += person["weight"]
        ledger.balance[MIGRANTS] += (person["wealth"] - person["debt"]) * person["weight"]
    return rows, ledger


@given(st.lists(PERSONS, min_size=1, max_size=8), st.data())
def test_a_recount_detects_any_changed_row(people, data):
    rows, ledger = make_rows(people)
    row = rows[data.draw(st.integers(0, len(people) - 1))]
    name = data.draw(st.sampled_from(["weight", "cohort", "status", "wealth", "debt"]))
    if name == "cohort":
        row["cohort"] = 1 - row["cohort"]
    elif name == "status":
        statuses = list(map(int, ON_THE_WAY))
        row["status"] = statuses[(statuses.index(int(row["status"])) + 1) % len(statuses)]
    else:
        row[name] += 1
    unit = "dollars" if name in ("wealth", "debt") else "persons"
    with pytest.raises(ConservationError, match=unit):
        ledger.recount(rows)


# ---- stored days ---------------------------------------------------------------------------------


def post(ledger, n):
    """Post values that are multiples of `n` to the tallies of a day."""
    b = ledger.day_tallies[0]
    b["events"][Event.DEATHS, 0, 2], b["by_sector"][Event.APPREHENDED_US, 3, 1] = n, 2 * n
    b["fees"][1], b["contracts"][1], b["expected_deaths"][0] = 100 * n, n, n / 8.0
    b["arrivals"], b["decided"], b["held"][1] = 3 * n, 4 * n, n


def test_only_recorded_days_are_stored_but_all_days_change_balances():
    ledger = Ledger(2, LEGS)
    for recorded in (False, True):
        ledger.open_day()
        post(ledger, 5)
        ledger.day_tallies["money"][0][Account.HOUSEHOLDS, HOLDERS] = 40
        cash = [dollars + 40 for dollars in cash_of(ledger)]
        close(ledger, cash, recorded=recorded, flows=np.full((LEGS, 3), 2))
    assert ledger.day == 1 and ledger.balance[[*HOLDERS]].tolist() == [80, 80]
    assert ledger.events[0, Event.DEATHS, 0, 2] == ledger.events.sum() == 5
    assert ledger.money.sum() == 80 and ledger.fees.sum() == 500 and ledger.contracts.sum() == 5
    assert (ledger.flow == 2).all() and ledger.expected_deaths[0].sum() == 5 / 8
    assert ledger.expected_deaths.shape == (2, N_SECTORS + 1)
    assert ledger.by_sector[Event.APPREHENDED_US, 3, 1] == ledger.by_sector.sum() == 10
    assert ledger.arrivals == 30 and ledger.decided == 40  # these include the warm-up


def test_months_sum_their_days_and_add_up_to_the_total():
    ledger = Ledger(6, LEGS)
    for n in range(1, 7):
        if n in (3, 6):
            ledger.turn_month()
        ledger.open_day()
        post(ledger, n)
        close(ledger)
    months = [int(month[Event.APPREHENDED_US, 3, 1]) for month in ledger.by_sector_month]
    assert months == [2 * (1 + 2), 2 * (3 + 4 + 5), 2 * 6]
    assert (sum(ledger.by_sector_month) == ledger.by_sector).all()
    assert ledger.by_sector.shape == (N_EVENTS, N_SECTORS, 2)


def three_days(change=None):
    """Return a ledger of three days, with one value changed before the last day is closed."""
    ledger = Ledger(4, LEGS)
    for n in (1, 2, 3):
        ledger.open_day()
        post(ledger, n)
        flows = np.full((LEGS, 3), n)
        if n == 3 and change:
            change(ledger, flows)
        close(ledger, cash_of(ledger), flows=flows)
    return ledger


def test_equal_records_have_equal_digests_and_any_value_changes_the_digest():
    def pay(ledger, _):
        ledger.day_tallies["money"][0][Account.US_TREASURY, Account.PROGRAMMES] += 1

    def person(ledger, _):
        generate_candidates(ledger, Status.STAYED, 1)

    def more(name, *index):
        def change(ledger, _):
            ledger.day_tallies[name][0][index] += 1

        return change

    def flow(_, flows):
        flows[4, 2] += 1

    changes = [None, pay, person, flow, more("events", 3, 1, 1), more("fees", 0)]
    changes += [more("contracts", 0), more("by_sector", 2, 8, 0), more("expected_deaths", 9)]
    digests = [three_days(change).digest for change in changes]
    assert three_days().digest == digests[0] and len(set(digests)) == len(changes)


# ---- people past the line, payments and unspent dollars -----------------------------------------

FEW = st.integers(0, 50)
#: Events that change the number of persons past the line, with the sign of the change.
ENTER = {Event.LINE_ATTEMPT: 1, Event.SURRENDERED: 1, Event.APPREHENDED_BELT: 1}
OUT = Event.TURNED_BACK, Event.APPREHENDED_US, Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED
LEAVE = dict.fromkeys(OUT, -1)
COUNTS = st.fixed_dictionaries(dict.fromkeys(ENTER | LEAVE, FEW))


def a_day(ledger, counts, ended=0):
    """Post events of a day in both groups; return the change of the people past the line."""
    ledger.open_day()
    tallies = ledger.day_tallies[0]
    for event, persons in counts.items():
        tallies["events"][event, 0, 0] += persons // 2
        tallies["events"][event, 1, 2] += persons - persons // 2
    tallies["ended_past_line"] = ended
    return sum((ENTER | LEAVE)[event] * persons for event, persons in counts.items()) - ended


@given(st.lists(st.tuples(COUNTS, FEW), min_size=1, max_size=4), st.integers(-2, 2))
def test_people_past_the_line_have_passed_it_and_are_not_yet_counted(days, off):
    ledger, past = Ledger(9, LEGS), 0
    for k, (counts, ended) in enumerate(days):
        past += a_day(ledger, counts, ended)
        wrong = off if k == len(days) - 1 else 0
        ledger.day_tallies["past_line"] = past + wrong
        if past < 0 or wrong:
            with pytest.raises(ConservationError, match="past the line"):
                close(ledger, cash_of(ledger))
            return
        close(ledger, cash_of(ledger))


def test_payments_and_unspent_dollars_belong_to_their_day_and_payer():
    ledger = Ledger(2, LEGS)
    ledger.open_day()
    ledger.pay(Account.US_TREASURY, Account.PROGRAMMES, 70)
    ledger.pay(Account.US_TREASURY, Account.PROGRAMMES, 5)
    ledger.leave_unspent("mexico", 30)
    close(ledger, cash_of(ledger))
    ledger.open_day()
    ledger.leave_unspent("mexico", 4)
    ledger.leave_unspent("mexico", 1)
    close(ledger, cash_of(ledger))
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
