"""Hazards of the day by leg and flows relative to their baseline, compared with numpy."""

from __future__ import annotations

import numpy as np

from agents.contest import answered_share, crowded
from agents.leg_hazards import crowding, set_line_legs, set_mexican_legs

RNG = np.random.default_rng(9)
LEGS = 30


def test_crowding_is_the_ratio_of_sums_and_one_without_a_baseline():
    flow, baseline = RNG.random((2, LEGS, 3))
    legs, columns = np.arange(5, 25), np.array([0, 2])
    index = np.arange(legs.size) % 3
    baseline[legs[index == 1]] = 0.0
    found = crowding(flow, baseline, legs, columns, index, 3)
    now, then = (np.bincount(index, x[legs][:, columns].sum(axis=1)) for x in (flow, baseline))
    assert found[[0, 2]].tolist() == (now[[0, 2]] / then[[0, 2]]).tolist()
    assert found[1] == 1.0


def test_hazards_at_the_line_follow_the_sector_and_others_are_answered():
    us_hazard, respond = np.zeros((2, LEGS))
    sector, base = RNG.integers(-1, 3, LEGS), RNG.random(LEGS)
    power, match, load = RNG.random((3, 3))
    crowd = np.array([0.5, 1.8, 9.0])
    by_sector = set_line_legs(us_hazard, respond, sector, base, power, match, crowd, 0.06, load)
    inside = sector >= 0
    assert (by_sector == crowded(power, crowd, 0.06) * match).all()
    assert (us_hazard[inside] == (base * by_sector[sector])[inside]).all()
    assert (respond == np.where(inside, answered_share(load)[sector], 1.0)).all()


def test_hazards_in_mexico_follow_the_place_and_bought_officers_extort():
    mx_hazard, extort = np.zeros((2, LEGS))
    head, base, watch = RNG.integers(0, 7, LEGS), RNG.random(LEGS), RNG.random(LEGS)
    powers, crowd = np.sort(RNG.random((2, 7)), axis=0), 5.0 * RNG.random(7)
    set_mexican_legs(mx_hazard, extort, head, base, watch, powers, crowd, 0.06, 1.25, 0.75)
    watched, multiple = base * (1.0 + watch), crowded(powers, crowd, 0.06) * 1.25
    assert (mx_hazard == watched * multiple[0, head] * 0.75).all()
    assert (extort == watched * (multiple[1] - multiple[0])[head] * 0.75).all()
