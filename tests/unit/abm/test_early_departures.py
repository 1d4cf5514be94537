"""Dates that a deadline brings forward, and their shares, against a second computation."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from abm.early_departures import EarlyDepartures
from abm.model import BorderModel
from tests.laws.test_expectations import chance

FAR = 10**5  # days, longer than any run


@pytest.fixture(scope="module")
def models() -> dict[int, BorderModel]:
    """Return one model for each reach of a deadline, on the first day."""
    return {
        reach: BorderModel(
            scale=1000,
            warmup_days=0,
            days=1,
            **{"migrants.deadline_reach": reach, "migrants.noise_factor": [0.9, 0.5]},
        )
        for reach in (0, 1, 4)
    }


def draw_deadlines(model: BorderModel, draw: random.Random) -> None:
    """Draw up to three deadlines for each group, and the releases that people expect."""
    levers = model.levers
    levers.reset()
    for group in (0, 1):
        for _ in range(draw.randrange(4)):
            day = draw.choice([1, 2, 3, 9, 40, 365])
            lever = draw.choice([levers.deadline, levers.deadline_release])
            lever[day:, group] = draw.choice([0.0, 0.2, 0.6, 1.0, 1.3])
    params = model.kernel_params[0]
    params["release_view"] = np.vectorize(lambda _: draw.random())(params["release_view"])


def expected(model: BorderModel, reach: int, stored: dict[int, np.ndarray]) -> dict:
    """Return nonzero shares by date and stratum, except where early departures are stored."""
    m, levers = model.settings.migrants, model.levers
    shares: dict[int, dict[int, float]] = defaultdict(dict)
    for stratum, (_, group, _) in enumerate(model.supply.strata.tolist()):
        cut = [min(1.0, float(x)) for x in levers.deadline_release[:, group]]
        beliefs = [1.0 - math.exp(-float(x)) for x in levers.deadline[:, group]]
        stop = [1.0 - math.exp(-m.news_response * belief) for belief in beliefs]
        loss = [1.0 - (1.0 - a) * (1.0 - b) for a, b in zip(cut, stop, strict=True)]
        days = [d for d in range(1, len(loss)) if loss[d] > max(loss[:d])]
        for day, following in pairwise([*days, FAR]):
            lost = chance(model, stratum, 0.0, 0.0) - chance(model, stratum, cut[day], stop[day])
            noise = m.decision_noise * m.noise_factor[group]
            share = math.tanh(max(0.0, lost) * (m.gain[group] + m.loss[group]) / (2.0 * noise))
            for lead in range(day + (day - 1) * reach, min(day + day * reach, following)):
                date = model.today + lead
                new = date not in stored or stored[date][stratum, 0] == 0.0
                if new and share > 0.0:
                    shares[date][stratum] = max(share, shares[date].get(stratum, 0.0))
    return shares


@pytest.mark.slow
def test_deadlines_bring_forward_the_dates_after_them(models: dict[int, BorderModel]) -> None:
    """The dates end at the next stricter deadline. No candidate is brought forward twice."""
    sizes = set()
    for number in range(24):
        draw = random.Random(number)
        reach = draw.choice(list(models))
        model = models[reach]
        draw_deadlines(model, draw)
        strata = len(model.supply.strata)
        early = EarlyDepartures(strata)
        for lead in draw.sample(range(1, 12), 4):
            shares = np.zeros((strata, 3))
            shares[:, 0] = [draw.choice([0.0, 0.5]) for _ in range(strata)]
            early.add(model.today + lead, shares)
        dates = early.early_dates(model)
        oracle = expected(model, reach, early.by_date)
        assert list(dates) == sorted(oracle), number
        for date, shares in dates.items():
            column = [oracle[date].get(stratum, 0.0) for stratum in range(strata)]
            assert shares[:, 0] == pytest.approx(column, rel=1e-9), number
            assert shares.shape == (strata, 3) and not shares[:, 1:].any()
        sizes.add(len(dates))
    assert len(sizes) > 3 and 0 in sizes


def test_early_departures_of_a_date_are_added_by_stratum() -> None:
    """A stratum without new early departures keeps its earlier values."""
    early = EarlyDepartures(3)
    early.add(9, np.array([[0.5, 7.0, 0.4], [0.0, 0.0, 0.0], [0.2, 3.0, 0.1]]))
    early.add(9, np.array([[0.0, 9.0, 0.9], [0.6, 8.0, 0.3], [0.1, 2.0, 0.2]]))
    assert early.of(9).tolist() == [[0.5, 7.0, 0.4], [0.6, 8.0, 0.3], [0.1, 2.0, 0.2]]
