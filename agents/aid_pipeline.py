"""Aid to Mexico: appropriated money that buys equipment, training and vetting years later.

A pipeline delays the dollars. A stock is the value of purchases, which wear out. Part of the aid
can be withheld in tranches until Mexico's effort has been verified. Without dollars, all values are
zero.
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
USES = ("equipment", "training", "vetting")  # uses of aid besides overhead
BILLION = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class AidParams:
    """Delay and effects of aid to Mexico, and how the United States verifies Mexico's effort."""

    delay_months: float = param(
        54.0,
        unit="months",
        low=1.0,
        high=120.0,
        doc="Mean time from appropriation to delivery of aid.",
        source="with this delay, 9 % of the funds of FY2008-10 are expended by March 2010, as in "
        "GAO-10-837 (2010); 48 to 73 months in drivers/merida_by_year.csv CARSI",
    )
    use: tuple[float, ...] = param(
        (0.5, 0.25, 0.15),
        unit="share",
        labels=USES,
        doc="Uses of delivered aid; the rest is overhead.",
    )
    migration_share: float = param(
        0.1,
        unit="share",
        low=0.03,
        high=0.3,
        doc="Share of delivered aid that reaches officers on the routes of migrants; the rest is "
        "spent on drugs, justice and prisons.",
        source="[A] between 0.03, the part for migration control ($100M of the appropriations by "
        "2019, CRS in Reporte Indigo), and 0.3, which also counts federal police and customs on "
        "the same roads",
        draw_range=(0.03, 0.3),
    )
    equipment_decay: float = param(
        0.12,
        unit="per year",
        high=2.0,
        doc="Rate at which equipment wears out.",
        source="aircraft and helicopters 0.12 a year (Norwegian Tax Administration, depreciation "
        "rates); general equipment lasts 7 to 10 years (EUROCONTROL, 2011)",
    )
    equipment_gain: float = param(
        0.25,
        unit="share per billion $",
        high=10.0,
        doc="Initial rise of the strength of Mexican officers per unit of equipment.",
    )
    max_equipment: float = param(
        0.5,
        unit="share",
        high=3.0,
        doc="Upper limit of that rise, for any amount of equipment.",
    )
    trainer_cost: float = param(
        300_000.0,
        unit="$/trainer-year",
        low=10_000.0,
        high=5e6,
        doc="Cost of a trainer of Mexican officers.",
    )
    vetting_decay: float = param(
        0.06,
        unit="per year",
        high=2.0,
        doc="Rate at which vetting is lost, as vetted officers leave.",
        source="Federal Police: 2,170 left in 2009 and 1,854 in 2010, of 35,386 (IFAI in El "
        "Universal)",
    )
    vetting_gain: float = param(
        0.75,
        unit="bribe units per billion $",
        high=50.0,
        doc="Initial rise of the bribe at which officers are bought, per unit of vetting.",
    )
    max_vetting: float = param(
        0.5,
        unit="bribe units",
        high=10.0,
        doc="Upper limit of that rise, for any amount of vetting.",
    )
    effort_target: float = param(
        1.0,
        unit="ratio",
        high=10.0,
        doc="Mexican interceptions of a half-year over the base year for which tranches are paid.",
        source="[S] term of the offer",
    )
    effort_noise: float = param(
        0.3,
        unit="log sd",
        high=2.0,
        doc="Measurement error of these interceptions, without further verification.",
    )
    lapse: int = param(
        2,
        unit="half-years",
        low=1,
        high=20,
        doc="Half-years after the first refusal until a tranche lapses to the payer.",
        source="[S] term of the offer",
    )


class Pipeline:
    """A delay for dollars (Erlang with two equal stages), exact for a steady inflow.

    Attributes:
        first, second: dollars in the two stages, shape (size,).
    """

    __slots__ = ("_in", "_keep", "_pass", "first", "second")

    def __init__(self, mean: float, *, size: int = 1, step: float = 1.0) -> None:
        """Create an empty pipeline.

        Args:
            mean: mean delay, such as months.
            size: number of parallel pipelines.
            step: update interval, in the same unit as `mean`.
        """
        k = 2.0 * step / mean  # outflow rate per stage and step
        self._keep = math.exp(-k)
        self._pass = k * self._keep
        filled = -math.expm1(-k) / k  # share of the step's inflow left in stage 1
        self._in = (filled, filled - self._keep)
        self.first, self.second = np.zeros(size), np.zeros(size)

    def flow(self, dollars: np.ndarray | float) -> np.ndarray:
        """Add `dollars` evenly over a step, and return the dollars that leave the pipeline."""
        stored = self.first + self.second
        second = self.second * self._keep + self.first * self._pass + dollars * self._in[1]
        first = self.first * self._keep + dollars * self._in[0]
        self.first, self.second = first, second
        return np.maximum(stored + dollars - first - second, 0.0)

    @property
    def inside(self) -> np.ndarray:
        """Dollars in the pipeline, shape (size,)."""
        return self.first + self.second


class Stock:
    """The value of purchases in use. It wears out at a steady rate.

    Attributes:
        dollars: value, shape (size,).
    """

    __slots__ = ("_in", "_keep", "dollars")

    def __init__(self, decay: float, *, size: int = 1, step: float = MONTH) -> None:
        """Create an empty stock.

        Args:
            decay: decay rate, per year.
            size: number of parallel stocks.
            step: update interval, in years.
        """
        rate = decay * step
        self._keep = math.exp(-rate)
        self._in = -math.expm1(-rate) / rate if rate > 0.0 else 1.0
        self.dollars = np.zeros(size)

    def add(self, dollars: np.ndarray | float) -> None:
        """Advance a step: the stock decays, and `dollars` are added evenly."""
        self.dollars = self.dollars * self._keep + dollars * self._in


class Tranches:
    """Withheld aid in dollars, by half-years of waiting. The first entry is this half-year."""

    __slots__ = ("waiting",)

    def __init__(self, lapse: int) -> None:
        """Create empty tranches that lapse `lapse` half-years after their first refusal."""
        self.waiting = [0.0] * (lapse + 1)

    @property
    def withheld(self) -> float:
        """Dollars withheld."""
        return math.fsum(self.waiting)

    def release(self) -> float:
        """Pay out all tranches and return the dollars."""
        paid = self.withheld
        self.waiting = [0.0] * len(self.waiting)
        return paid

    def refuse(self) -> float:
        """Keep all tranches for another half-year, and return the dollars that lapse."""
        lapsed = self.waiting.pop()
        self.waiting.insert(0, 0.0)
        return lapsed


class Aid:
    """Aid to Mexico, in the pipeline and in use.

    Attributes:
        trainers: trainers paid by this month's aid.
        delivered: dollars that have left the pipeline.
        returned: dollars in lapsed tranches, due to the payer.
        wrongly_withheld: number of half-years in which the tranche was refused although Mexico had
            met the target.
        wrongly_paid: number of half-years in which the tranche was paid although Mexico had missed
            the target.
        refused: whether the last half-year's tranche was refused.
        worth: effect per delivered dollar as a ratio to the declared effect, under the policies in
            the last month with aid.
    """

    def __init__(self, environment: Environment, params: AidParams) -> None:
        """Start without money.

        Args:
            environment: the model as agents see it.
            params: delay, effects and verification.
        """
        self.environment, self.params = environment, params
        self.pipeline = Pipeline(params.delay_months)
        self.tranches = Tranches(params.lapse)
        self._equipment = Stock(params.equipment_decay)
        self._vetting = Stock(params.vetting_decay)
        self._released = 0.0  # paid tranches that enter the pipeline next month
        self.trainers = self.delivered = self.returned = 0.0
        self.wrongly_withheld = self.wrongly_paid = 0
        self.refused = False
        self.worth = 1.0

    @property
    def tranche(self) -> float:
        """Dollars a year that today's levers withhold until effort has been verified."""
        levers = self.environment.levers
        return max(0.0, float(levers.requested.aid[0])) * min(
            1.0, max(0.0, float(levers.aid_conditional[0]))
        )

    @property
    def error(self) -> float:
        """Log standard deviation of the error with which effort is measured today."""
        better = min(1.0, max(0.0, float(self.environment.levers.verification[0])))
        return self.params.effort_noise * (1.0 - better)

    @property
    def equipment(self) -> float:
        """Relative rise in Mexican officers' strength through equipment, 0 in the base year."""
        p = self.params
        return _saturating(self._equipment, p.equipment_gain, p.max_equipment)

    @property
    def half_bribe_rise(self) -> float:
        """Rise in the bribe that buys half the officers, through vetting, in bribe units."""
        p = self.params
        return _saturating(self._vetting, p.vetting_gain, p.max_vetting)

    @property
    def undelivered(self) -> float:
        """Dollars that are withheld, in the pipeline, or paid out and about to enter it."""
        return self.tranches.withheld + self._released + float(self.pipeline.inside[0])

    def advance_month(self) -> None:
        """Add a twelfth of today's yearly aid, and spend dollars that have left the pipeline."""
        levers = self.environment.levers
        promised = max(0.0, float(levers.requested.aid[0])) * MONTH
        if promised > 0.0:
            self.worth = float(levers.aid[0]) / float(levers.requested.aid[0])
        withheld = promised * min(1.0, max(0.0, float(levers.aid_conditional[0])))
        self.tranches.waiting[0] += withheld
        outflow = float(self.pipeline.flow(promised - withheld + self._released)[0])
        self._released = 0.0
        self.delivered += outflow
        # Only purchases for officers on migrants' routes have an effect in the model.
        use, routes = self.params.use, outflow * self.worth * self.params.migration_share
        equipment, training, vetting = (routes * u / max(1.0, sum(use)) for u in use)
        self._equipment.add(equipment)
        self._vetting.add(vetting)
        self.trainers = training / (MONTH * self.params.trainer_cost)

    def advance_half_year(self, effort: float) -> float:
        """Pay or refuse the withheld tranches at the end of a half-year.

        Args:
            effort: Mexican interceptions in the half-year, as a ratio to the base year.

        Returns:
            Dollars in tranches that lapse.
        """
        self.refused = False
        if self.tranches.withheld <= 0.0:
            return 0.0
        target, running = self.params.effort_target, self.tranches.waiting[0] > 0.0
        if self.measured(effort) >= target:
            self.wrongly_paid += running and effort < target
            self._released += self.tranches.release()
            return 0.0
        self.refused = running
        self.wrongly_withheld += running and effort >= target
        lapsed = self.tranches.refuse()
        self.returned += lapsed
        return lapsed

    def measured(self, effort: float) -> float:
        """Return the effort as the payer measures it, with an error that verification reduces."""
        noise = self.environment.keyed_random.normals(
            Stream.VERIFICATION, 1, self.environment.today
        )
        return effort * math.exp(self.error * float(noise[0]))


def _saturating(stock: Stock, per_billion: float, limit: float) -> float:
    """Return limit * (1 - exp(-gain / limit)), which is nearly equal to a small gain."""
    gain = per_billion * float(stock.dollars[0]) / BILLION
    return -limit * math.expm1(-gain / limit) if limit > 0.0 else 0.0
