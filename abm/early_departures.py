"""Departures before an announced deadline: candidates of later dates who decide earlier.

On every day before a deadline, some candidates who would have decided after it decide early. They
keep their identity and their random draws, and they are not generated again on their original day.
A rush before a deadline is therefore followed by a dip of equal size.

If a group has heard of several deadlines, a deadline affects only the candidates up to the next
deadline with a larger announcement. A deadline that follows an equal or larger announcement has no
effect.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from agents.arithmetic import tanh
from agents.migrants.kernels import EARLY
from agents.migrants.prospects import ARRIVE, BY_MEXICO, eventual_success
from agents.outcomes import GROUP_OF_NATION, Group

if TYPE_CHECKING:
    from abm.model import BorderModel

_NEVER = 10**6  # days


class EarlyDepartures:
    """Register of candidates who decided before their original day.

    Attributes:
        by_date: arrays of shape (strata, 3) by ordinal date. With them,
            :func:`agents.migrants.kernels.generate_candidates` excludes these candidates on the
            date.
    """

    def __init__(self, strata: int) -> None:
        """Start without early departures.

        Args:
            strata: number of strata.
        """
        self.by_date: dict[int, np.ndarray] = {}
        self._strata, self._none = strata, np.zeros((strata, 3))

    def of(self, date: int) -> np.ndarray:
        """Return a date's candidates who have already decided, and delete earlier dates.

        Args:
            date: today's ordinal date.

        Returns:
            Array for the kernel, shape (strata, 3).
        """
        self.by_date = {d: early for d, early in self.by_date.items() if d >= date}
        return self.by_date.get(date, self._none)

    def add(self, date: int, early: np.ndarray) -> None:
        """Store candidates who were generated before their original date.

        Args:
            date: ordinal of the original date.
            early: array that :func:`agents.migrants.kernels.generate_candidates` updated, shape
                (strata, 3).
        """
        before = self.by_date.get(date, self._none)
        self.by_date[date] = np.where(early[:, [EARLY]] > 0.0, early, before)

    def early_dates(self, model: BorderModel) -> dict[int, np.ndarray]:
        """Return the later dates whose candidates may decide today, with the share that does.

        If today is k days before a deadline, there are `deadline_reach` such dates. The first
        is (k - 1) * `deadline_reach` days after the deadline. Candidates of one stratum and date
        can decide early on one day only.

        Args:
            model: the model, with today's levers.

        Returns:
            Arrays for the kernel, shape (strata, 3), by ordinal date in ascending order.
        """
        deadlines = model.levers.deadline, model.levers.deadline_release
        if not any(map(np.count_nonzero, deadlines)):
            return {}
        shares: dict[int, np.ndarray] = {}
        for left, until, share in _deadlines(model):
            reach = model.settings.migrants.deadline_reach
            first = left + (left - 1) * reach
            for date in range(model.today + first, model.today + min(first + reach, until)):
                early = self.by_date.get(date)
                new = share if early is None else np.where(early[:, EARLY] == 0.0, share, 0.0)
                if new.any():
                    row = shares.setdefault(date, np.zeros((self._strata, 3)))
                    row[:, EARLY] = np.maximum(row[:, EARLY], new)
        return dict(sorted(shares.items()))


def _deadlines(model: BorderModel) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield the deadlines for which candidates decide early, one group after another.

    Yields:
        Days until the deadline, days until the next deadline with a larger announcement, and the
        share of later candidates who decide before the deadline, by stratum.
    """
    cut = np.minimum(1.0, model.levers.deadline_release)
    belief = -np.expm1(-model.levers.deadline)
    stop = -np.expm1(-model.settings.migrants.news_response * belief)
    loss = 1.0 - (1.0 - cut) * (1.0 - stop)
    for group in Group:
        highest = np.maximum.accumulate(loss[:, group])
        days = [*(np.flatnonzero(np.diff(highest)) + 1).tolist(), _NEVER]
        for left, until in itertools.pairwise(days):
            share = _shares(model, float(cut[left, group]), float(stop[left, group]))
            yield left, until, np.where(model.supply.group == group, share, 0.0)


def _shares(model: BorderModel, cut: float, stop: float) -> np.ndarray:
    """Return the share of later candidates who decide before a deadline, by stratum.

    The share is tanh(loss / (2 noise)). In a logit choice between leaving today and leaving later,
    today has the probability P, and the share equals 2 P - 1. The loss is the fall in expected
    utility, in $, if the person leaves after the deadline instead of today.
    """
    m = model.settings.migrants
    lost = np.array(
        [
            _best(model, origin, kind, 0.0, 0.0) - _best(model, origin, kind, cut, stop)
            for origin, _, kind in model.supply.strata
        ]
    )
    worth = (np.array(m.gain) + np.array(m.loss))[model.supply.group]
    noise = m.decision_noise * np.array(m.noise_factor)[model.supply.group]
    return tanh(np.maximum(lost, 0.0) * worth / (2.0 * noise))


def _best(model: BorderModel, origin: int, kind: int, cut: float, stop: float) -> float:
    """Return the larger of two probabilities of success: by evading and by surrendering."""
    params = model.kernel_params[0]
    nation, prior = int(params["nation"][origin]), model.planning.plans.prior
    place = int(params["origin_place"][origin])
    release = float(params["release_view"][nation, kind]) * (1.0 - cut) * (1.0 - stop)
    rows = (4 * origin, 4 * origin + 2) if GROUP_OF_NATION[nation] else (4 * origin,)
    return max(
        eventual_success(
            prior[row, ARRIVE, place] * (1.0 - stop),
            prior[row, BY_MEXICO, place],
            release,
            params["again_us"][nation, kind],
            params["again_mx"][nation],
            int(params["solo_attempts"]),
        )
        for row in rows
    )
