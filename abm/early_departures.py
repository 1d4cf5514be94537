"""Departures before an announced deadline: candidates of later dates who decide earlier.

Every day before a deadline brings forward some candidates of the days after it. They are the same
people, with the same identity and the same draws, and they are not generated again on the day to
which they belong. A rush before a deadline is therefore followed by a dip of the same size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.kernel_params import GROUP_OF_NATION
from agents.migrants.decisions import ARRIVE, BY_MEXICO, eventual_success
from agents.migrants.kernels import EARLY

if TYPE_CHECKING:
    from abm.model import BorderModel


class EarlyDepartures:
    """Candidates who have decided before the day to which they belong.

    Attributes:
        by_date: arrays by ordinal date with which
            :func:`agents.migrants.kernels.generate_candidates` excludes them, shape (strata, 3).
    """

    def __init__(self, strata: int) -> None:
        """Start without early departures.

        Args:
            strata: number of strata of the supply.
        """
        self.by_date: dict[int, np.ndarray] = {}
        self._strata = strata

    def of(self, date: int) -> np.ndarray:
        """Return the candidates of a date who have decided before it, shape (strata, 3).

        Args:
            date: ordinal date of today; earlier dates are dropped.
        """
        self.by_date = {d: early for d, early in self.by_date.items() if d >= date}
        return self.by_date.get(date, np.zeros((self._strata, 3)))

    def dates_ahead(self, model: BorderModel) -> list[int]:
        """Return the dates whose candidates may decide today, and record the shares who do.

        The day k days before the deadline brings forward the `deadline_reach` days that begin
        (k - 1) * `deadline_reach` days after it. Each date is brought forward only once.

        Args:
            model: the model, with the levers of today.

        Returns:
            Ordinal dates after the deadline.
        """
        left = int(model.levers.deadline_days[0])
        share = _shares(model) if left > 0 else np.zeros(self._strata)
        if not share.any():
            return []
        reach = model.settings.migrants.deadline_reach
        first = model.today + left + (left - 1) * reach
        dates = [d for d in range(first, first + reach) if d not in self.by_date]
        for date in dates:
            self.by_date[date] = np.zeros((self._strata, 3))
            self.by_date[date][:, EARLY] = share
        return dates


def _shares(model: BorderModel) -> np.ndarray:
    """Return the share of later candidates who decide before the deadline, by stratum.

    The share is tanh(loss / (2 noise)), that is 2 P - 1 for a logit choice P between today and
    later, where the loss is the fall of expected utility, in dollars, if the person goes after the
    deadline instead of today.
    """
    levers, m = model.levers, model.settings.migrants
    cut, stop = np.minimum(1.0, levers.deadline_release_cut), np.minimum(1.0, levers.deadline_stop)
    if not (cut.any() or stop.any()):
        return np.zeros(len(model.supply.strata))
    lost = np.array(
        [
            _best(model, origin, kind, 0.0, 0.0)
            - _best(model, origin, kind, float(cut[group]), float(stop[group]))
            for origin, group, kind in model.supply.strata
        ]
    )
    worth = (np.array(m.gain) + np.array(m.loss))[model.supply.group]
    noise = m.decision_noise * np.array(m.noise_factor)[model.supply.group]
    return np.tanh(np.maximum(lost, 0.0) * worth / (2.0 * noise))


def _best(model: BorderModel, origin: int, kind: int, cut: float, stop: float) -> float:
    """Return the chance of success of surrendering or of evading, whichever is larger."""
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
