"""A strategy that reallocates its money among instruments every quarter, by a published rule.

Every quarter, another arm, chosen at random, gets more than its share. When the quarter ends, arms
whose share had risen gain weight if the criterion has improved, and lose weight if it has not. For
arms whose share had fallen, the reverse holds. The rule uses agency data such as known got-aways
and recovered deaths. It optimises its criterion, not the goal behind the criterion, and it can
mistake chance for success.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.arithmetic import exp
from agents.environment import Stream
from agents.labels import CRITERIA
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment
    from agents.levers import Levers

ARMS = ("us_effort", "mx_effort", "pressure", "port_targeting")
SIGN = np.array([1.0, -1.0, -1.0, 1.0])  # by criterion: 1 if more is better, else -1
N_ARMS, N_CRITERIA = len(ARMS), len(CRITERIA)
_MEXICAN = ARMS.index("mx_effort")
_MAX_RATIO = 10.0  # maximum ratio to the base, because the base can be near zero
_SEASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyParams:
    """Effect of money on the arms, and the learning rule."""

    max_lever: tuple[float, ...] = param(
        (0.5, 1.0, 0.5, 0.5),
        unit="lever",
        high=10.0,
        labels=ARMS,
        doc="Upper limit of the lever of an arm, for any amount of money.",
    )
    half: tuple[float, ...] = param(
        (1.2e9, 80e6, 50e6, 100e6),
        unit="$/year",
        low=1e5,
        high=1e11,
        labels=ARMS,
        doc="Yearly dollars at which the lever of an arm is half of that limit.",
        source="[A] after drivers/costs.csv, so that a first unit of effort costs 65 % of wages",
    )
    probe: float = param(
        0.5,
        unit="share",
        high=3.0,
        doc="Relative rise of the weight of a probed arm.",
        source="[S] design of the rule",
    )
    rate: float = param(
        0.8,
        unit="log weight per quarter",
        high=3.0,
        doc="Log weight that an arm gains in a quarter of clear success.",
        source="[S] design of the rule",
    )
    floor: float = param(
        0.05,
        unit="share",
        high=0.25,
        doc="Least weight of an arm.",
        source="[S] design of the rule",
    )


class Strategy:
    """How the strategy divides its money among the arms.

    Attributes:
        weight: weights that the rule has learnt, by arm in :data:`ARMS`. Their sum is 1.
        probed: arm that gets more than its share this quarter, -1 if none does.
    """

    def __init__(self, environment: Environment, params: StrategyParams) -> None:
        """Create a strategy with an even split and no base.

        Args:
            environment: the model as agents see it.
            params: effect of money, and the learning rule.
        """
        self.environment, self.params = environment, params
        self._sum = np.zeros((_SEASONS, N_CRITERIA))  # warm-up sums by season
        self._count = np.zeros(_SEASONS, int)
        self._half, self._max_lever = np.array(params.half), np.array(params.max_lever)
        self.forget()

    def forget(self) -> None:
        """Reset the weights to an even split, and drop last quarter's criteria."""
        self.weight = np.full(N_ARMS, 1.0 / N_ARMS)
        self.probed = -1
        self._last: np.ndarray | None = None  # last quarter, as ratios to the base
        self._last_share = self.weight
        self._scale = 0.0  # typical change in the score between quarters

    @property
    def share(self) -> np.ndarray:
        """Share of money by arm this quarter, including the probed arm's extra money."""
        share = self.weight.copy()
        if self.probed >= 0:
            share[self.probed] *= 1.0 + self.params.probe
        return share / share.sum()

    # ---- every day ------------------------------------------------------------------------------

    def pull(self, levers: Levers, places: np.ndarray, cooperation: float = 1.0) -> None:
        """Add the arms' effects to today's levers, after the policies have set them.

        Args:
            levers: today's levers, changed unless the strategy has no money.
            places: mask of places in Mexico where effort is raised.
            cooperation: Mexico's participation at its southern border, 0 to 1. Money for the
                missing part is not spent.
        """
        dollars = float(levers.strategy[0])
        if dollars <= 0.0:
            return
        us, mexican, pressure, ports = self.effect(dollars * self.share)
        levers.us_effort += us
        levers.mx_effort[places] += mexican * cooperation
        levers.pressure += pressure
        levers.port_targeting += ports

    def effect(self, dollars: np.ndarray) -> np.ndarray:
        """Return each arm's lever for the arm's dollars a year. Returns decrease."""
        return self._max_lever * dollars / (dollars + self._half)

    def idle(self, dollars: float, cooperation: float) -> float:
        """Return how many dollars are not spent because Mexico does not participate.

        Args:
            dollars: the strategy's $ a year.
            cooperation: Mexico's participation at its southern border, 0 to 1.

        Returns:
            $ a year.
        """
        if dollars == 0.0:
            return 0.0
        return dollars * float(self.share[_MEXICAN]) * (1.0 - cooperation)

    def delivered(self, delivered: Mapping[str, float], cooperation: float) -> float:
        """Return the share of the strategy's money that buys delivered staff and effort.

        Args:
            delivered: share of the policies' requests that agencies deliver, by lever.
            cooperation: Mexico's participation at its southern border, 0 to 1.

        Returns:
            Share from 0 to 1, exactly 1 if nothing is missing.
        """
        if all(delivered.get(arm, 1.0) == 1.0 for arm in ARMS):
            return 1.0
        missing = np.array([1.0 - delivered.get(arm, 1.0) for arm in ARMS])
        missing[_MEXICAN] *= cooperation  # Without cooperation, no effort is requested.
        return 1.0 - float((self.share * missing).sum())

    # ---- every quarter --------------------------------------------------------------------------

    def advance_quarter(self, counts: np.ndarray) -> None:
        """Update the weights at the end of a quarter, and choose the next arm to probe.

        Args:
            counts: agency counts in the quarter, by criterion in `agents.labels.CRITERIA`, with
                known got-aways only. In the warm-up, they are added to the base of their season.
        """
        if not self.environment.recording:
            self._sum[self._season()] += counts
            self._count[self._season()] += 1
            return
        if float(self.environment.levers.strategy[0]) <= 0.0:
            self.forget()
            return
        ratios, share = self._over_base(np.array(counts, float)), self.share
        if self._last is not None:
            self._learn(self.score(ratios) - self.score(self._last), share - self._last_share)
        self._last, self._last_share = ratios, share
        self.probed = self._next()

    def _next(self) -> int:
        """Draw the next arm to probe, except the last arm, which would give no new insight."""
        draw = self.environment.keyed_random.uniform(Stream.STRATEGY, 0, self.environment.today)
        if self.probed < 0:
            return int(N_ARMS * draw)
        return (self.probed + 1 + int((N_ARMS - 1) * draw)) % N_ARMS

    def score(self, ratios: np.ndarray) -> float:
        """Return the weighted relative improvement in the criteria, 0 in the base year."""
        weights = self.environment.levers.criterion
        total = max(float(np.abs(weights).sum()), 1e-9)
        return float((weights * SIGN * (ratios - 1.0)).sum()) / total

    def _learn(self, change: float, shift: np.ndarray) -> None:
        """Raise the weights of arms whose share rose before an improvement, and lower the others.

        After a decline, the reverse holds. Every weight stays above a minimum.

        Args:
            change: change in the score. It is compared with its typical size.
            shift: change in each arm's share.
        """
        size = abs(change)
        self._scale = 0.75 * self._scale + 0.25 * size if self._scale > 0.0 else size
        largest = float(np.abs(shift).max())
        if self._scale <= 0.0 or largest <= 1e-9:
            return
        success = math.tanh(change / self._scale)
        weight = self.weight * exp(self.params.rate * success * shift / largest)
        floor = self.params.floor
        self.weight = floor + (1.0 - N_ARMS * floor) * (weight / weight.sum())

    def _season(self) -> int:
        """Return the season, 0 to 3, in the middle of the past quarter."""
        month = datetime.date.fromordinal(self.environment.today - 45).month
        return (month - 1) // 3

    def _over_base(self, counts: np.ndarray) -> np.ndarray:
        """Return the criteria as ratios to the same season in the warm-up.

        If the warm-up lacks that season, the base is the mean over all its quarters.
        """
        k = self._season()
        total, count = self._sum[k], int(self._count[k])
        if count == 0:
            total, count = self._sum.sum(axis=0), int(self._count.sum())
        base = total / max(count, 1)
        ratio = np.divide(counts, base, out=np.ones(N_CRITERIA), where=base > 0.0)
        return np.minimum(ratio, _MAX_RATIO)
