"""A strategy that chooses among instruments anew every quarter, by a published rule.

Every quarter another arm, drawn at random, gets more than its share. When the quarter is over, the
weight of every arm whose share had grown rises if the criterion has improved, and falls if not;
the other way round for arms whose share had shrunk. The rule sees what an agency sees: known
got-aways, deaths that are found, and so on. It pursues its criterion, not what the criterion
stands for, and it can mistake chance for success.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.environment import Stream
from agents.labels import CRITERIA
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment
    from agents.levers import Levers

ARMS = ("us_effort", "mx_effort", "pressure", "port_targeting")
SIGN = np.array([1.0, -1.0, -1.0, 1.0])  # by criterion: whether more of it counts as better
N_ARMS, N_CRITERIA = len(ARMS), len(CRITERIA)
_MEXICAN = ARMS.index("mx_effort")
_MAX_RATIO = 10.0  # a base near zero says nothing
_SEASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyParams:
    """What the money of an arm does, and how the strategy learns."""

    most: tuple[float, ...] = param(
        (0.5, 1.0, 0.5, 0.5),
        unit="lever",
        low=0.0,
        high=10.0,
        labels=ARMS,
        doc="Pull at the lever of an arm that no amount of money exceeds.",
    )
    half: tuple[float, ...] = param(
        (1.2e9, 80e6, 50e6, 100e6),
        unit="$/year",
        low=1e5,
        high=1e11,
        labels=ARMS,
        doc="Yearly dollars with which an arm pulls half of that.",
        source="[A] after drivers/costs.csv, so that a first unit of effort costs 65 % of wages",
    )
    probe: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=3.0,
        doc="By how much a probed arm's weight is raised.",
    )
    rate: float = param(
        0.8,
        unit="log weight per quarter",
        low=0.0,
        high=3.0,
        doc="How much weight a quarter of clear success gives.",
    )
    floor: float = param(
        0.05,
        unit="share",
        low=0.0,
        high=0.25,
        doc="Least weight of an arm.",
    )


class Strategy:
    """The strategy's split of its money among the arms.

    Attributes:
        weight: what it has learnt so far, by arm of :data:`ARMS`; sums to 1.
        probed: the arm that gets more this quarter, -1 for none.
    """

    def __init__(self, environment: Environment, params: StrategyParams) -> None:
        """An even split; nothing is known of the base year yet."""
        self.environment, self.params = environment, params
        self._sum = np.zeros((_SEASONS, N_CRITERIA))  # told in the warm-up, by season
        self._count = np.zeros(_SEASONS, int)
        self._half, self._most = np.array(params.half), np.array(params.most)
        self.forget()

    def forget(self) -> None:
        """Back to an even split without a past."""
        self.weight = np.full(N_ARMS, 1.0 / N_ARMS)
        self.probed = -1
        self._last: np.ndarray | None = None  # criteria of the last quarter over their base
        self._last_share = self.weight
        self._scale = 0.0  # usual change of the criterion from quarter to quarter

    @property
    def share(self) -> np.ndarray:
        """Share of the money by arm this quarter, the probe included."""
        share = self.weight.copy()
        if self.probed >= 0:
            share[self.probed] *= 1.0 + self.params.probe
        return share / share.sum()

    # ---- every day ------------------------------------------------------------------------------

    def pull(self, levers: Levers, places: np.ndarray, cooperation: float = 1.0) -> None:
        """Daily, after the policies: pull at the levers of the arms. Without money, at none.

        Args:
            levers: today's.
            places: mask of the places in Mexico where effort is raised.
            cooperation: Mexico's participation at its southern border; the rest is not spent.
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
        """Pull at the lever of each arm for its dollars a year: ever less for more."""
        return self._most * dollars / (dollars + self._half)

    def idle(self, dollars: float, cooperation: float) -> float:
        """$ a year of `dollars` that are not spent because Mexico does not take part."""
        return dollars * float(self.share[_MEXICAN]) * (1.0 - cooperation)

    # ---- every quarter --------------------------------------------------------------------------

    def settle(self, seen: np.ndarray) -> None:
        """Quarterly in the warm-up: learn the base, by season."""
        self._sum[self._season()] += seen
        self._count[self._season()] += 1

    def quarter(self, seen: np.ndarray) -> None:
        """On the last or first day of a quarter: learn from it, and choose anew.

        Args:
            seen: what the agencies counted in the quarter, by criterion of agents.labels.CRITERIA
                (got-aways: the known ones); in the warm-up it sets the base.
        """
        if not self.environment.recording:
            self.settle(seen)
            return
        if float(self.environment.levers.strategy[0]) <= 0.0:
            self.forget()
            return
        ratios, share = self._over_base(np.array(seen, float)), self.share
        if self._last is not None:
            self._learn(self.score(ratios) - self.score(self._last), share - self._last_share)
        self._last, self._last_share = ratios, share
        self.probed = self._next()

    def _next(self) -> int:
        """The arm to probe: any but the last, of which nothing new could be learnt."""
        draw = self.environment.keyed_random.uniform(Stream.STRATEGY, 0, self.environment.today)
        if self.probed < 0:
            return int(N_ARMS * draw)
        return (self.probed + 1 + int((N_ARMS - 1) * draw)) % N_ARMS

    def score(self, ratios: np.ndarray) -> float:
        """How well things went by the weighted criterion; 0 in the base year."""
        weights = self.environment.levers.criterion
        total = max(float(np.abs(weights).sum()), 1e-9)
        return float((weights * SIGN * (ratios - 1.0)).sum()) / total

    def _learn(self, change: float, moved: np.ndarray) -> None:
        """Multiplicative weights on the arms that were moved, by a change in usual changes."""
        self._scale = (
            abs(change) if self._scale == 0.0 else (0.75 * self._scale + 0.25 * abs(change))
        )
        largest = float(np.abs(moved).max())
        if self._scale <= 0.0 or largest <= 1e-9:
            return
        success = math.tanh(change / self._scale)
        weight = self.weight * np.exp(self.params.rate * success * moved / largest)
        self.weight = self._floored(weight / weight.sum())

    def _floored(self, weight: np.ndarray) -> np.ndarray:
        """The same weights, mixed with an even split so that none is below the floor."""
        floor = self.params.floor
        return floor + (1.0 - N_ARMS * floor) * weight

    def _season(self) -> int:
        """Quarter of the year, 0 to 3, of the middle of the quarter that has gone by."""
        month = datetime.date.fromordinal(self.environment.today - 45).month
        return (month - 1) // 3

    def _over_base(self, seen: np.ndarray) -> np.ndarray:
        """Criteria over what was told of the same season in the warm-up, else of all of it."""
        k = self._season()
        total, count = self._sum[k], int(self._count[k])
        if count == 0:
            total, count = self._sum.sum(axis=0), int(self._count.sum())
        base = total / max(count, 1)
        ratio = np.divide(seen, base, out=np.ones(N_CRITERIA), where=base > 0.0)
        return np.minimum(ratio, _MAX_RATIO)
