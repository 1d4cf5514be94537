"""Departure kernels on hand-made records, compared with analytic logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.chance import draw4
from agents.environment import Stream
from agents.migrants.columns import PORT_OPTION
from agents.migrants.departure import (
    GO,
    LEGAL,
    MAX_WAITS,
    SOLO,
    STAY,
    UNAVAILABLE,
    WAIT,
    choose_mode,
    choose_nest,
    list_options,
    value_of_going,
)
from agents.migrants.prospects import ARRIVE, TOLL, VIOLENCE

ALPHA = 1e-4
SEED = 20
SHARE = st.floats(0.0, 1.0)
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


def crossroads(make_records, prices, group=1, migrants=None, **traits):
    """Return the records of a person who can choose one organisation per price.

    The organisations have different success probabilities.
    """
    records = make_records(migrants=migrants or {}).one_attempt()
    records.be(origin=group, group=group, kind=1, surrender=1, place=0)
    records.be(knowledge=0.6, wealth=50_000, debt=0).be(**traits)
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
    """Return the utilities of travel alone and with each organisation, from the definition only."""
    m, g, k = records.settings.migrants, int(records.person["group"]), records.person["knowledge"]
    believed, prior_year = records.leg_state.expected_outcomes, records.leg_state.prior

    def value(learnt, prior, paid):
        now, base = believed[learnt, :, 0], prior_year[prior, :, 0]
        chance, harm = (float(k) * now[i] + (1.0 - float(k)) * base[i] for i in (ARRIVE, VIOLENCE))
        dues = paid + float(k) * now[TOLL]
        return chance * m.gain[g] - (1.0 - chance) * m.loss[g] - dues - m.danger_aversion * harm

    row, crowd = records.solo_row(1), m.mode_noise * np.log(max(1, len(prices)))
    worths = [value(row, row - 1, m.solo_cost[g]) - m.solo_burden[g]]
    for slot, price in enumerate(prices):
        row, reputation = records.guided_row(slot), records.market["reputation"][slot]
        worths.append(value(row, row, price) + m.reputation_value * reputation - crowd)
    return worths


def list_alone(records):
    """List the person's options under the person's plan to surrender or to evade."""
    legs, plan = records.leg_state.records[0], int(records.person["surrender"])
    list_options(records.person, (plan, plan), legs, records.market, records.kernel_params)


def inclusive_value(records):
    """List the options, fill their utilities and return the inclusive value of going."""
    list_alone(records)
    return value_of_going(records.person, records.leg_state.records[0], records.kernel_params)


def mode_of(records, uid=None):
    """Return the mode that the person chooses from the utilities that `inclusive_value` filled."""
    if uid is not None:
        records.person["uid"] = uid
    legs, params = records.leg_state.records[0], records.kernel_params
    return choose_mode(records.person, legs, params, SEED)


def nest_of(records, go, uid=None):
    """Return whether the person stays, applies, goes or waits at an inclusive value of going."""
    if uid is not None:
        records.person["uid"] = uid
    noise = draw4(SEED, Stream.NEST, records.person["uid"], 0)
    return choose_nest(records.person, go, True, records.kernel_params, noise)


@given(PRICES, SHARE, st.integers(0, 2), st.integers(0, 1))
def test_utilities_of_options_follow_their_definition(
    make_records, prices, knowledge, kind, surrender
):
    records = crossroads(make_records, prices, knowledge=knowledge, kind=kind, surrender=surrender)
    go = inclusive_value(records)
    worths = analytic_worths(records, prices)
    utility = records.leg_state.records[0]["options"]["utility"][: len(prices) + 1]
    assert utility == pytest.approx(worths, rel=1e-5, abs=0.05)  # knowledge is a 32-bit number
    assert go == pytest.approx(softmax(worths, records.settings.migrants.mode_noise)[1], abs=0.1)


@pytest.mark.parametrize("group", [0, 1])
@pytest.mark.parametrize("port", [False, True])
def test_keyed_gumbel_noise_chooses_the_mode_by_logit(make_records, group, port):
    """Passage through a port is an option like any other."""
    prices, noise, port_price = [4_000.0, 3_300.0, 5_500.0], 2_500.0, 5_000.0
    burdens = {"solo_burden": (1_000.0, 1_000.0), "port_burden": (500.0, 500.0)}
    migrants = burdens | {"mode_noise": noise}
    records = crossroads(make_records, prices, group, migrants, surrender=0)
    m, worths = records.settings.migrants, analytic_worths(records, prices)
    if port:
        records.kernel_params["ports"], records.market["port_price"] = 1.0, port_price
        row, legs = int(records.kernel_params["first_port"]) + group, records.leg_state
        legs.expected_outcomes[row, ARRIVE, 0] = legs.prior[row, ARRIVE, 0] = 0.9
        worths.append(0.9 * m.gain[group] - 0.1 * m.loss[group] - port_price - 500.0)
    shares, value = softmax(worths, noise)
    assert inclusive_value(records) == pytest.approx(value, abs=0.1)
    counts = np.zeros(len(worths))
    for uid in range(6_000):
        way = mode_of(records, uid)
        counts[-1 if way >= PORT_OPTION else way + 1] += 1
    assert counts.min() > 100 and chi_square_p(counts, shares) > ALPHA


def nest_noise(m):
    """Return the noise scale of the choice between staying, applying and going, for group 1."""
    return m.decision_noise * m.noise_factor[1]


@pytest.mark.parametrize("go", [-40_000.0, 8_000.0, 14_000.0])
def test_keyed_gumbel_noise_chooses_the_nest_by_logit(make_records, go):
    records = crossroads(make_records, [])
    records.kernel_params["legal_hope"], m = 0.4, records.settings.migrants
    counts = np.zeros(3)
    for uid in range(6_000):
        counts[nest_of(records, go, uid)] += 1
    legal = 0.4 * m.gain[1] - m.legal_fee + m.legal_value[1]
    worths = np.zeros(3)
    worths[[STAY, LEGAL, GO]] = m.stay_value[1], legal, go
    assert chi_square_p(counts, softmax(worths, nest_noise(m))[0]) > ALPHA


@pytest.mark.parametrize(("deterred", "share"), [(0.3, 0.0), (0.3, 0.4), (1.0, 0.4)])
def test_an_announcement_deters_a_share_of_people_who_would_go(make_records, deterred, share):
    """A share of the deterred people waits, up to MAX_WAITS times.

    The other deterred people choose as if they could not go.
    """
    go, records = 14_000.0, crossroads(make_records, [], migrants={"waiting_share": share})
    records.kernel_params["legal_hope"], uids = 0.4, range(3_000)
    would = np.array([nest_of(records, go, uid) for uid in uids])
    at_home = np.array([nest_of(records, UNAVAILABLE, uid) for uid in uids])
    records.kernel_params["deterred"][records.nation, 1] = deterred
    does = np.array([nest_of(records, go, uid) for uid in uids])
    others, goes = would != GO, (would == GO) & (does == GO)
    assert (does[others] == would[others]).all()
    waits = does == WAIT
    assert (does == at_home)[~others & ~goes & ~waits].all()
    expected = (1.0 - deterred, deterred * share, deterred * (1.0 - share))
    counts = goes.sum(), waits.sum(), (~others & ~goes & ~waits).sum()
    assert chi_square_p(counts, expected) > ALPHA
    records.be(decisions=MAX_WAITS)
    last = np.array([nest_of(records, go, uid) for uid in uids])
    assert (last == np.where(waits, at_home, does)).all()


def chosen_uids(records, uids):
    """Return the uid of the organisation that each person chooses, 0 for travel alone."""
    inclusive_value(records)
    chosen = []
    for uid in uids:
        way = mode_of(records, uid)
        chosen.append(0 if way == SOLO else int(records.market["uid"][way]))
    return chosen


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
    assert chosen_uids(moved, uids) == chosen_uids(plain, uids)


def test_an_entrant_moves_no_client_between_incumbents(make_records):
    prices, uids = [4_000.0, 3_300.0], range(800)
    never_alone = {"solo_burden": (5e4, 5e4)}
    before = chosen_uids(crossroads(make_records, prices, migrants=never_alone), uids)
    after = chosen_uids(crossroads(make_records, [*prices, 3_600.0], migrants=never_alone), uids)
    switched = [a == 3 for a in after]
    assert 0 < sum(switched) < len(switched)
    assert all(a in (b, 3) for a, b in zip(after, before, strict=True))
