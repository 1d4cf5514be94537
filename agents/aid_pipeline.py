"""Programme stocks: money that is appropriated today and buys something years later.

A pipeline delays dollars, a stock keeps what they bought and wears out. Aid to Mexico is a
pipeline into equipment, training and vetting; part of it can be held back in tranches until
Mexico's effort has been verified. With no dollars everything here is zero and stays zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.environment import Stream
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment

MONTH = 1.0 / 12.0  # years
USES = ("equipment", "training", "vetting")  # of aid; what is left over is overhead
BILLION = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class AidParams:
    """Delay of aid to Mexico, what it buys, and how Mexico's effort is verified."""

    delay_months: float = param(
        30.0,
        unit="months",
        low=1.0,
        high=120.0,
        doc="Mean time from appropriation to delivery of aid.",
    )
    use: tuple[float, ...] = param(
        (0.5, 0.25, 0.15),
        unit="share",
        low=0.0,
        high=1.0,
        labels=USES,
        doc="What delivered aid is spent on; the rest is overhead.",
    )
    equipment_decay: float = param(
        0.12,
        unit="per year",
        low=0.0,
        high=2.0,
        doc="Rate at which equipment wears out.",
    )
    equipment_gain: float = param(
        0.25,
        unit="share per billion $",
        low=0.0,
        high=10.0,
        doc="Rise of the strength of Mexican officers by the first equipment.",
    )
    equipment_most: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=3.0,
        doc="Rise of that strength that no amount of equipment exceeds.",
    )
    trainer_cost: float = param(
        300_000.0,
        unit="$/trainer-year",
        low=10_000.0,
        high=5e6,
        doc="Cost of a trainer of Mexican officers.",
    )
    vetting_decay: float = param(
        0.15,
        unit="per year",
        low=0.0,
        high=2.0,
        doc="Rate at which vetting is lost, as vetted officers leave.",
    )
    vetting_gain: float = param(
        0.75,
        unit="bribe units per billion $",
        low=0.0,
        high=50.0,
        doc="Rise of the bribe at which officers are bought, by the first vetting.",
    )
    vetting_most: float = param(
        0.5,
        unit="bribe units",
        low=0.0,
        high=10.0,
        doc="Rise of that bribe that no amount of vetting exceeds.",
    )
    effort_target: float = param(
        1.0,
        unit="ratio",
        low=0.0,
        high=10.0,
        doc="Mexican interceptions of a half-year over the base year for which tranches are paid.",
    )
    effort_noise: float = param(
        0.3,
        unit="log sd",
        low=0.0,
        high=2.0,
        doc="Error with which these interceptions are known, without further verification.",
    )
    lapse: int = param(
        2,
        unit="half-years",
        low=1,
        high=20,
        doc="Half-years after the first refusal in which a tranche lapses to the payer.",
    )


class Pipeline:
    """Dollars on their way: an Erlang-2 delay (two stages alike), exact for a steady inflow.

    Attributes:
        first, second: dollars in the two stages, shape (size,).
    """

    __slots__ = ("_in", "_keep", "_pass", "first", "second")

    def __init__(self, mean: float, *, size: int = 1, step: float = 1.0) -> None:
        """Empty; `mean` delay and `step` of an update in the same unit (months, as a rule)."""
        k = 2.0 * step / mean  # chance of leaving a stage, per step
        self._keep = math.exp(-k)
        self._pass = k * self._keep
        filled = -math.expm1(-k) / k  # share of a step's inflow still in the first stage
        self._in = (filled, filled - self._keep)
        self.first, self.second = np.zeros(size), np.zeros(size)

    def flow(self, dollars: np.ndarray | float) -> np.ndarray:
        """Let `dollars` in evenly over a step; gives what came out of the other end."""
        held = self.first + self.second
        second = self.second * self._keep + self.first * self._pass + dollars * self._in[1]
        first = self.first * self._keep + dollars * self._in[0]
        self.first, self.second = first, second
        return np.maximum(held + dollars - first - second, 0.0)

    @property
    def inside(self) -> np.ndarray:
        """Dollars on their way, shape (size,)."""
        return self.first + self.second


class Stock:
    """What dollars bought and still is of use; it wears out at a steady rate.

    Attributes:
        dollars: its worth, shape (size,).
    """

    __slots__ = ("_in", "_keep", "dollars")

    def __init__(self, decay: float, *, size: int = 1, step: float = MONTH) -> None:
        """Empty; `decay` per year, `step` of an update in years."""
        rate = decay * step
        self._keep = math.exp(-rate)
        self._in = -math.expm1(-rate) / rate if rate > 0.0 else 1.0
        self.dollars = np.zeros(size)

    def add(self, dollars: np.ndarray | float) -> None:
        """A step: it wears out, and `dollars` come in evenly."""
        self.dollars = self.dollars * self._keep + dollars * self._in


class Tranches:
    """Aid held back, by half-years of waiting; the first is the half-year that is running."""

    __slots__ = ("waiting",)

    def __init__(self, lapse: int) -> None:
        """Nothing is held; a tranche lapses `lapse` half-years after its first refusal."""
        self.waiting = [0.0] * (lapse + 1)

    @property
    def held(self) -> float:
        """Dollars held back."""
        return math.fsum(self.waiting)

    def hold(self, dollars: float) -> None:
        """Hold back part of the running half-year's aid."""
        self.waiting[0] += dollars

    def release(self) -> float:
        """Everything held is paid; gives the dollars."""
        paid = self.held
        self.waiting = [0.0] * len(self.waiting)
        return paid

    def refuse(self) -> float:
        """Everything held waits another half-year; gives the dollars that lapse."""
        lapsed = self.waiting.pop()
        self.waiting.insert(0, 0.0)
        return lapsed


class Aid:
    """Aid to Mexico on its way and at work.

    Attributes:
        trainers: trainers at work this month, while money flows.
        delivered: dollars that have come out of the pipeline so far.
        returned: dollars of tranches that lapsed so far, due to the payer.
        wrongly_withheld: half-years whose tranche was refused although Mexico had met the target.
        wrongly_paid: half-years whose tranche was paid although Mexico had not.
    """

    def __init__(self, environment: Environment, params: AidParams) -> None:
        """No money yet."""
        self.environment, self.params = environment, params
        self.pipeline = Pipeline(params.delay_months)
        self.tranches = Tranches(params.lapse)
        self._equipment = Stock(params.equipment_decay)
        self._vetting = Stock(params.vetting_decay)
        self._released = 0.0  # of tranches, enters the pipeline with the next month
        self.trainers = self.delivered = self.returned = 0.0
        self.wrongly_withheld = self.wrongly_paid = 0

    @property
    def equipment(self) -> float:
        """Relative rise of the strength of Mexican officers; 0 in the base year."""
        p = self.params
        return _saturating(self._equipment, p.equipment_gain, p.equipment_most)

    @property
    def pay(self) -> float:
        """Rise of the bribe at which half of the officers are bought, in bribe units."""
        p = self.params
        return _saturating(self._vetting, p.vetting_gain, p.vetting_most)

    @property
    def undelivered(self) -> float:
        """Dollars held back, released but not yet under way, or in the pipeline."""
        return self.tranches.held + self._released + float(self.pipeline.inside[0])

    def month(self) -> None:
        """Monthly: a twelfth of the aid of today's levers enters; what comes out is spent."""
        levers = self.environment.levers
        promised = max(0.0, float(levers.aid[0])) * MONTH
        held = promised * min(1.0, max(0.0, float(levers.aid_conditional[0])))
        self.tranches.hold(held)
        out = float(self.pipeline.flow(promised - held + self._released)[0])
        self._released = 0.0
        self.delivered += out
        self._spend(out)

    def _spend(self, dollars: float) -> None:
        """Buy equipment, training and vetting."""
        use = self.params.use
        equipment, training, vetting = (dollars * u / max(1.0, sum(use)) for u in use)
        self._equipment.add(equipment)
        self._vetting.add(vetting)
        self.trainers = training / (MONTH * self.params.trainer_cost)

    def half_year(self, effort: float) -> float:
        """At the end of a half-year: is what was held back paid? Gives the dollars that lapse.

        Args:
            effort: Mexican interceptions of the half-year over those of the base year.
        """
        if self.tranches.held <= 0.0:
            return 0.0
        target, running = self.params.effort_target, self.tranches.waiting[0] > 0.0
        if self.measured(effort) >= target:
            self.wrongly_paid += running and effort < target
            self._released += self.tranches.release()
            return 0.0
        self.wrongly_withheld += running and effort >= target
        lapsed = self.tranches.refuse()
        self.returned += lapsed
        return lapsed

    def measured(self, effort: float) -> float:
        """Effort as the payer sees it today: with an error that verification makes smaller."""
        better = min(1.0, max(0.0, float(self.environment.levers.verification[0])))
        sd = self.params.effort_noise * (1.0 - better)
        noise = self.environment.keyed_random.normals(
            Stream.VERIFICATION, 1, self.environment.today
        )
        return effort * math.exp(sd * float(noise[0]))


def _saturating(stock: Stock, per_billion: float, most: float) -> float:
    """Most * (1 - exp(-gain / most)): proportional at first, never above `most`."""
    gain = per_billion * float(stock.dollars[0]) / BILLION
    return -most * math.expm1(-gain / most) if most > 0.0 else 0.0
