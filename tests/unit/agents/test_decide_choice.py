"""Decisions to go, modes and retries: the kernels on hand-made records against analytic logits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agents.migrants.columns import PORT_OPTION
from agents.migrants.decisions import (
    ARRIVE,
    GO,
    LEGAL,
    MAX_WAITS,
    SOLO,
    STAY,
    TOLL,
    UNAVAILABLE,
    VIOLENCE,
    WAIT,
    choose_mode,
    choose_nest,
    mode_utilities,
    retry_probability,
    value_of_waiting,
)
from agents.migrants.tallies import funds
from agents.outcomes import Consequence

ALPHA = 1e-4
SEED = 20
SHARE = st.floats(0.0, 1.0)
WEALTH = st.integers(0, 12_000)
PRICES = st.lists(st.floats(0.0, 9_000.0), min_size=0, max_size=5)


def chi_square_p(counts, shares):
    """Return the p-value of counts under shares; an option with share 0 must have count 0."""
    counts, shares = np.asarray(counts), np.asarray(shares)
    assert (counts[shares < 1e-12] == 0).all()
    on = shares >= 1e-12
    return stats.chisquare(counts[on], shares[on] / shares[on].sum() * counts.sum()).pvalue


def softmax(values, noise):
    """Return the shares of a logit and its inclusive value."""
    values = np.array(values) / noise
    top = values.max()
    odds = np.exp(values - top)
    return odds / odds.sum(), noise * (top + np.log(odds.sum()))


def crossroads(
    make_records,
    prices,
    *,
    wealth=50_000,
    debt=0,
    knowledge=0.6,
    group=1,
    kind=1,
    surrender=1,
    **groups,
):
    """Return a person with one organisation per price, with different success probabilities."""
    records = make_records(**groups).one_attempt()
    records.be(origin=group, group=group, kind=kind, surrender=surrender, place=0)
    records.be(knowledge=knowledge, wealth=wealth, debt=debt)
    expected, prior = records.leg_state.expected_outcomes, records.leg_state.prior
    row = records.solo_row(1)
    expected[row, ARRIVE, 0], expected[row, VIOLENCE, 0] = 0.55, 0.010
    prior[row - 1, ARRIVE, 0], prior[row - 1, VIOLENCE, 0] = 0.65, 0.004
    for slot, price in enumerate(prices):
        records.sell(slot, uid=slot + 1, price=price, reputation=0.3 + 0.1 * slot)
        row = records.guided_row(slot)
        expected[row, ARRIVE, 0], prior[row, ARRIVE, 0] = 0.75 - 0.03 * slot, 0.80
        expected[row, TOLL, 0] = 40.0 * slot
        expected[row, VIOLENCE, 0] = prior[row, VIOLENCE, 0] = 0.003 * slot
    return records


def analytic_worths(records, prices):
    """Return the utility of going alone and with each organisation, from the definition only."""
    m, g, k = records.settings.migrants, int(records.person["group"]), records.person["knowledge"]
    believed, prior_year = records.leg_state.expected_outcomes, records.leg_state.prior

    def value(learnt, prior, paid):
        now, then = believed[learnt, :, 0], prior_year[prior, :, 0]
        chance, harm = (float(k) * now[i] + (1.0 - float(k)) * then[i] for i in (ARRIVE, VIOLENCE))
        dues = paid + float(k) * now[TOLL]
        return chance * m.gain[g] - (1.0 - chance) * m.loss[g] - dues - m.danger_aversion * harm

    row, crowd = records.solo_row(1), m.mode_noise * np.log(max(1, len(prices)))
    worths = [value(row, row - 1, m.solo_cost[g]) - m.solo_burden[g]]
    for slot, price in enumerate(prices):
        row, reputation = records.guided_row(slot), records.market["reputation"][slot]
        worths.append(value(row, row, price) + m.reputation_value * reputation - crowd)
    return worths


def value_of_going(records):
    """Fill the utilities of all modes; return the inclusive value of going."""
    legs, market, params = records.leg_state.record, records.market, records.kernel_params
    return mode_utilities(records.person, legs, market, params, 1)


def mode_of(records, uid=None):
    """Return the mode that a person chooses by the utilities of :func:`value_of_going`."""
    if uid is not None:
        records.person["uid"] = uid
    legs, market, params = records.leg_state.record, records.market, records.kernel_params
    return choose_mode(records.person, legs, market, params, SEED)


def nest_of(records, go, waiting, uid=None):
    """Return whether a person stays, applies, goes or waits, given two inclusive values."""
    if uid is not None:
        records.person["uid"] = uid
    return choose_nest(records.person, go, waiting, True, records.kernel_params, SEED)


@settings(max_examples=60)
@given(PRICES, SHARE, st.integers(0, 2), st.integers(0, 1))
def test_mode_utilities_follow_their_definition(make_records, prices, knowledge, kind, surrender):
    records = crossroads(make_records, prices, knowledge=knowledge, kind=kind, surrender=surrender)
    go = value_of_going(records)
    worths = analytic_worths(records, prices)
    found = records.leg_state.record["utility_buffer"][: len(prices) + 1]
    assert found == pytest.approx(worths, rel=1e-5, abs=0.05)  # knowledge is a 32-bit number
    assert go == pytest.approx(softmax(worths, records.settings.migrants.mode_noise)[1], abs=0.1)


@pytest.mark.parametrize("group", [0, 1])
def test_keyed_gumbel_noise_chooses_the_mode_by_logit(make_records, group):
    prices = [4_000.0, 3_300.0, 5_500.0]
    records = crossroads(
        make_records,
        prices,
        group=group,
        surrender=0,
        migrants={"solo_burden": (1_000.0, 1_000.0), "mode_noise": 2_500.0},
    )
    value_of_going(records)
    counts = np.zeros(4)
    for uid in range(6_000):
        counts[mode_of(records, uid) + 1] += 1
    shares, _ = softmax(analytic_worths(records, prices), 2_500.0)
    assert counts.min() > 100 and chi_square_p(counts, shares) > ALPHA


@pytest.mark.parametrize("group", [0, 1])
def test_the_passage_through_a_port_is_an_option_of_the_logit(make_records, group):
    prices, port_price = [4_000.0, 3_300.0], 5_000.0
    records = crossroads(
        make_records,
        prices,
        group=group,
        surrender=0,
        migrants={
            "solo_burden": (1_000.0, 1_000.0),
            "mode_noise": 2_500.0,
            "port_burden": (500.0, 500.0),
        },
    )
    records.kernel_params["ports"], records.market["port_price"] = 1.0, port_price
    row, legs = int(records.kernel_params["first_port"]) + group, records.leg_state
    legs.expected_outcomes[row, ARRIVE, 0] = legs.prior[row, ARRIVE, 0] = 0.9
    go = value_of_going(records)
    m, counts = records.settings.migrants, np.zeros(4)
    port = 0.9 * m.gain[group] - 0.1 * m.loss[group] - port_price - 500.0
    worths = [*analytic_worths(records, prices), port]
    assert go == pytest.approx(softmax(worths, 2_500.0)[1], abs=0.1)
    for uid in range(6_000):
        way = mode_of(records, uid)
        counts[3 if way >= PORT_OPTION else way + 1] += 1
    assert counts.min() > 100 and chi_square_p(counts, softmax(worths, 2_500.0)[0]) > ALPHA


def nest_noise(m):
    """Return the scale of the noise between staying, the legal channel and going, group 1."""
    return m.decision_noise * m.noise_factor[1]


@pytest.mark.parametrize("go", [-40_000.0, 8_000.0, 14_000.0])
def test_keyed_gumbel_noise_chooses_the_nest_by_logit(make_records, go):
    records = crossroads(make_records, [])
    records.kernel_params["legal_hope"], m = 0.4, records.settings.migrants
    counts = np.zeros(3)
    for uid in range(6_000):
        counts[nest_of(records, go, UNAVAILABLE, uid)] += 1
    legal = 0.4 * m.gain[1] - m.legal_fee + m.legal_value[1]
    worths = np.zeros(3)
    worths[[STAY, LEGAL, GO]] = m.stay_value[1], legal, go
    assert chi_square_p(counts, softmax(worths, nest_noise(m))[0]) > ALPHA


@pytest.mark.parametrize("advantage", [-500.0, 0.0, 1.0, 4_000.0, 40_000.0])
def test_the_share_who_wait_follows_its_advantage_and_is_zero_without_one(make_records, advantage):
    """Of those who go today or later, tanh(advantage / 2 noise) wait if both have equal odds."""
    go = 14_000.0
    records = crossroads(make_records, [])
    records.kernel_params["legal_hope"], m = 0.0, records.settings.migrants
    counts = np.zeros(4)
    for uid in range(6_000):
        counts[nest_of(records, go, go + advantage, uid)] += 1
    assert counts[LEGAL] == 0
    noise = nest_noise(m)
    wait = np.tanh(max(0.0, advantage) / (2.0 * noise))
    now = softmax([m.stay_value[1], go], noise)[0]
    later = softmax([m.stay_value[1], go + advantage], noise)[0]
    shares = (1.0 - wait) * now + wait * later
    expected = [shares[0], (1.0 - wait) * now[1], wait * later[1]]
    assert chi_square_p(counts[[STAY, GO, WAIT]], expected) > ALPHA


@pytest.mark.parametrize(
    ("later", "go", "decisions", "value"),
    [
        (9_000.0, 5_000.0, 0, 5_000.0 + 0.5 * 4_000.0 - 1_000.0),
        (5_000.0, 5_000.0, 0, UNAVAILABLE),
        (4_000.0, 5_000.0, 0, UNAVAILABLE),
        (UNAVAILABLE, UNAVAILABLE, 0, UNAVAILABLE),
        (9_000.0, 5_000.0, MAX_WAITS, UNAVAILABLE),
    ],
)
def test_the_value_of_waiting_regains_a_share_of_the_loss(
    make_records, later, go, decisions, value
):
    records = crossroads(make_records, [])
    records.kernel_params["waiting_recovery"] = 0.5
    records.person["decisions"] = decisions
    assert value_of_waiting(records.person, later, go, records.kernel_params) == value


def test_applying_requires_hope_of_admission_and_the_fee(make_records):
    for admitted, wealth in ((0.0, 50_000), (1.0, 100)):
        records = crossroads(
            make_records,
            [],
            wealth=wealth,
            migrants={"legal_value": (1e5, 1e5), "legal_fee": 300.0},
        )
        records.kernel_params["legal_hope"] = admitted
        for uid in range(200):
            assert nest_of(records, UNAVAILABLE, UNAVAILABLE, uid) == STAY


@settings(max_examples=200)
@given(WEALTH, st.integers(0, 3_000), PRICES, st.integers(0, 10**6))
def test_unaffordable_modes_are_never_chosen(make_records, wealth, debt, prices, uid):
    records = crossroads(make_records, prices, wealth=wealth, debt=debt).be(uid=uid)
    m = records.settings.migrants
    purse = wealth + max(0.0, m.credit - debt)
    assert funds(records.person, records.kernel_params["credit"]) == purse
    go = value_of_going(records)
    options = [m.solo_cost[1], *prices]
    if min(options) > purse:
        assert go == UNAVAILABLE
        assert nest_of(records, go, UNAVAILABLE) != GO
        return
    assert go > 0.5 * UNAVAILABLE
    way = mode_of(records)
    assert options[way + 1] <= purse


def ways(records, uids):
    """Return the organisation (by uid, 0 alone) that each person chooses."""
    value_of_going(records)
    chosen = []
    for uid in uids:
        way = mode_of(records, uid)
        chosen.append(0 if way == SOLO else int(records.market["uid"][way]))
    return chosen


@settings(max_examples=30)
@given(st.permutations(range(4)))
def test_the_choice_does_not_depend_on_the_slots_that_organisations_hold(make_records, order):
    prices, uids = [4_000.0, 3_300.0, 5_500.0, 3_900.0], range(300)
    plain = crossroads(make_records, prices, migrants={"solo_burden": (0.0, 0.0)})
    moved = crossroads(make_records, prices, migrants={"solo_burden": (0.0, 0.0)})
    for old, new in enumerate(order):
        for name in ("uid", "price", "reputation"):
            moved.market[name][new] = plain.market[name][old]
        for field in ("expected_outcomes", "prior"):
            row = getattr(plain.leg_state, field)[plain.guided_row(old)]
            getattr(moved.leg_state, field)[moved.guided_row(new)] = row
    assert ways(moved, uids) == ways(plain, uids)


def test_an_entrant_moves_no_client_between_incumbents(make_records):
    prices, uids = [4_000.0, 3_300.0], range(800)
    none = {"migrants": {"solo_burden": (5e4, 5e4)}}  # going alone is never chosen
    before = ways(crossroads(make_records, prices, **none), uids)
    after = ways(crossroads(make_records, [*prices, 3_600.0], **none), uids)
    taken = [a == 3 for a in after]
    assert 0 < sum(taken) < len(taken)
    assert all(a in (b, 3) for a, b in zip(after, before, strict=True))


# ---- trying again -------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.floats(0.01, 0.99), SHARE, SHARE, SHARE, st.integers(1, 9))
def test_the_retry_probability_is_logit_around_its_base(make_records, base, k, now, then, caught):
    records = crossroads(make_records, [], knowledge=k).be(
        consequence=int(Consequence.REMOVAL), caught=caught
    )
    records.kernel_params["retry"][int(Consequence.REMOVAL), records.nation] = base
    records.be(route=records.solo_row(1))
    records.leg_state.expected_outcomes[records.solo_row(1), ARRIVE, 0] = now
    records.leg_state.prior[records.solo_row(0), ARRIVE, 0] = then
    m = records.settings.migrants
    better = float(records.person["knowledge"]) * (now - then) * (m.gain[1] + m.loss[1]) / 1e4
    logit = np.log(base / (1.0 - base)) + m.retry_value_slope * better
    logit -= m.retry_fatigue * (caught - 1)
    chance = retry_probability(records.person, records.leg_state.record, records.kernel_params)
    assert chance == pytest.approx(1.0 / (1.0 + np.exp(-logit)), rel=1e-6)
