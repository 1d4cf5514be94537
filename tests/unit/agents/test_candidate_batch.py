"""Candidates who decide together decide as one person at a time does."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.chance import draw4
from agents.environment import Stream
from agents.jit import kernel
from agents.migrants.candidate_batch import (
    BATCH,
    choose_modes,
    decide,
    draw_candidates,
    empty_batch,
    list_options,
)
from agents.migrants.decisions import (
    ARRIVE,
    GO,
    LEGAL,
    STAY,
    TOLL,
    VIOLENCE,
    WAIT,
    base_success,
    choose_mode,
    decide_departure,
    perceived_success,
)

SHARE = st.floats(0.0, 1.0)
SEED = 5


@kernel
def decide_together(b, n, p, leg_state, market, params, seed):
    """Draw traits and decisions of a batch."""
    list_options(b, p, leg_state, market, params)
    draw_candidates(b, n, p, leg_state, params, seed)
    decide(b, n, p, params)
    choose_modes(b, n, params, seed)


@kernel
def compare_with_base(p, surrender, leg_state, params):
    """Return the perceived success alone of a plan, less that of the base year."""
    learnt, tries = p.origin * 4 + surrender * 2 + 1, params.solo_attempts
    now = perceived_success(p, learnt, learnt - 1, tries, leg_state, params, 1)
    return now - base_success(p, learnt - 1, tries, leg_state, params)


@st.composite
def strata(draw):
    """Generate a stratum, its market and the beliefs of its people."""
    return {
        "group": draw(st.integers(0, 1)),
        "kind": draw(st.integers(0, 2)),
        "prices": draw(st.lists(st.floats(0.0, 9_000.0), max_size=5)),
        "serves": draw(st.lists(st.integers(0, 3), min_size=5, max_size=5)),
        "beliefs": draw(st.lists(SHARE, min_size=6, max_size=6)),
        "news": draw(st.sampled_from((0.0, 0.7))),
        "ports": draw(st.sampled_from((0.0, 1.0))),
        "theory": draw(st.sampled_from(("expected", "prospect"))),
        "hope": draw(st.sampled_from((0.0, 0.5))),
        "surrender": draw(st.sampled_from((0.0, 0.4, 1.0))),
        "count": draw(st.integers(1, 40)),
    }


def set_up(make_records, s):
    """Return the records of a stratum."""
    records = make_records(migrants={"theory": s["theory"]}).be(
        origin=s["group"], group=s["group"], kind=s["kind"], place=0
    )
    params, legs, market = records.kernel_params, records.leg_state, records.market
    arrive, before, violence, harm, toll, stop = s["beliefs"]
    legs.expected_outcomes[:, ARRIVE], legs.prior[:, ARRIVE] = arrive, before
    legs.expected_outcomes[::2, ARRIVE] *= 0.7  # plans and modes differ
    legs.expected_outcomes[:, VIOLENCE], legs.prior[:, VIOLENCE] = 0.02 * violence, 0.02 * harm
    legs.expected_outcomes[:, TOLL] = 900.0 * toll
    for slot, price in enumerate(s["prices"]):
        records.sell(slot, uid=slot + 7, price=price, serves=s["serves"][slot])
        market["delay"][slot] = slot
    market["port_price"] = 6_000.0
    nation = records.nation
    params["news"][nation] = s["news"]
    params["perceived_stop"][nation] = stop if s["news"] else 0.0
    params["release_seen"], params["release_view"] = 0.3, 0.3 * (1.0 - stop)
    params["ports"], params["legal_hope"] = s["ports"], s["hope"]
    params["surrender"][nation, s["kind"]] = s["surrender"]
    return records


def batch_of(records, count):
    """Return a batch after its decisions."""
    batch = empty_batch()
    batch["uid"][0, :count] = np.arange(count) * 977 + 3
    decide_together(
        batch[0],
        count,
        records.person,
        records.leg_state.record,
        records.market,
        records.kernel_params,
        SEED,
    )
    return batch[0]


@settings(max_examples=80)
@given(strata())
def test_a_batch_decides_as_its_people_would_one_by_one(make_records, s):
    records = set_up(make_records, s)
    b, person = batch_of(records, s["count"]), records.person
    modes = iter(b["mode"].tolist())
    shared = records.leg_state.record, records.market, records.kernel_params, SEED
    for i in range(s["count"]):
        records.be(
            uid=b["uid"][i],
            wealth=int(b["wealth"][i]),
            knowledge=b["knowledge"][i],
            surrender=int(b["surrender"][i]),
        )
        nest = decide_departure(person, *shared)
        assert b["nest"][i] == nest
        if nest == GO:
            assert next(modes) == choose_mode(person, *shared)


@settings(max_examples=40)
@given(strata())
def test_plans_to_surrender_follow_their_advantage(make_records, s):
    records = set_up(make_records, s)
    b, params, g = batch_of(records, s["count"]), records.kernel_params, s["group"]
    base, stakes = s["surrender"], (params["gain"][g] + params["loss"][g]) / 10_000.0
    for i in range(s["count"]):
        u = draw4(SEED, int(Stream.TRAITS), int(b["uid"][i]), 0)[3]
        share = base
        if 0.0 < base < 1.0:
            records.be(knowledge=b["knowledge"][i])
            evading, surrendering = (
                compare_with_base(records.person, k, records.leg_state.record, params)
                for k in (0, 1)
            )
            odds = math.log(base / (1.0 - base))
            odds += params["surrender_slope"] * (surrendering - evading) * stakes
            share = 1.0 / (1.0 + math.exp(-odds))
        assert abs(u - share) < 1e-9 or b["surrender"][i] == (u < share)


def test_every_decision_occurs_in_a_batch(make_records):
    stratum = {
        "group": 1,
        "kind": 1,
        "prices": [2_000.0, 3_000.0],
        "serves": [3, 3, 3, 3, 3],
        "beliefs": [0.5, 0.5, 0.1, 0.1, 0.2, 0.8],
        "news": 0.7,
        "ports": 1.0,
        "theory": "expected",
        "hope": 0.5,
        "surrender": 0.4,
    }
    records = set_up(make_records, stratum)
    assert set(batch_of(records, BATCH)["nest"].tolist()) == {STAY, LEGAL, GO, WAIT}
