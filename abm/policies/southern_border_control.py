"""Control at Mexico's own southern border: gates, checkpoint belts and return south."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import (
    OFFICER_PAY,
    amount_param,
    days_param,
    effort_share,
    officer_cost,
    operations_price,
    share_param,
    wage_of_tempo,
    years_param,
)

if TYPE_CHECKING:
    from abm.world.routes import World

_GATES, _BELTS = "southern_border", "isthmus"
_DAYS_A_MONTH = 365.25 / 12.0
_PLAN = 3.1  # dose that corresponds to 2014-15


@functools.lru_cache(maxsize=8)
def _mexican_places(world: World, zone: str) -> np.ndarray:
    """Return a mask of the Mexican places in a zone."""
    return (np.array(world.country) == "MX") & (np.array(world.zone) == zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class SouthernBorderControl(Policy):
    """Raises the tempo at gates and checkpoint belts, which then decays, and adds posts.

    Costs follow the tempo before fatigue, so fatigue reduces the effect per dollar. Dose 3.1
    reproduces Mexico's interceptions in 2014-15. The National Guard of June 2019 is another
    programme for this instrument: it has `guard` instead of `rise` and `posted`.

    An officer at a new post costs as much as any officer, times the price of operations, and works
    at the higher tempo. The cost of new posts grows with the square of the dose, because both
    officers and tempo grow with it. A policy's cost must be proportional to the dose, so the tempo
    at posts has the price of the plan of 2014-15. At a lower dose, posts cost up to $10.8M too much
    (at dose 1.55).
    """

    id = "southern_border_control"
    title = "Control of Mexico's southern border"
    arm = "southern_border"
    needs_mexico = True
    area = "southern_border"
    claim = (
        "Mexico wants to slow the movement of Central Americans through its south, many on "
        "their way to the U.S."
    )
    mechanism = (
        "Operations at southern gates and checkpoint belts increase quickly and fatigue with a "
        "half-life; posts add officers at gates. Most people caught are returned to their country. "
        "Dose 3.1 is the programme of 2014-15."
    )
    expect = (
        "Interceptions in Mexico rise and Northern Triangle arrivals at the line fall; some "
        "people in need of protection are returned without a hearing."
    )
    fails_when = (
        "Effort fatigues, officers take bribes, people try again, or the flow is Mexican: "
        "without transit through Mexico it changes no U.S. entry."
    )
    evaluated = "Martínez Flores 2018, 2020: deportees' intended repeats fell (size not seen)"
    acts_when = "The programme is as large as in 2014-15."
    lever_names = ("mx_effort", "mx_officers")
    #: Above a dose of 3.9, the tempo stays at mexico.tempo_cap and only posts are added. The upper
    #: bound allows the plan of 2014 and the Guard of 2019 to be in force together.
    high = 10.0
    monotone: ClassVar = {"EXTORTED": 1}
    acting: ClassVar = {"policies.southern_border_control.dose": _PLAN}
    failing: ClassVar = {"migrants.pool.northern_triangle": 0.0}  # no transit

    rise: float = share_param(
        0.85,
        "Increase of the tempo of operations at dose 1.",
        high=3.0,
        source="[A] in size after mexico/mx_inm_monthly.csv, interceptions of 2014-15; a rise in "
        "proportion needs mexico.operations_returns of 1",
    )
    ramp_days: float = days_param(60.0, "Days until tempo and posts are complete.", high=730.0)
    posted: float = amount_param(
        600.0, "officers", "Officers at new posts at dose 1.", high=20_000.0
    )
    guard: float = amount_param(
        0.0,
        "officers",
        "National Guard, army and navy at gates and belts at dose 1.",
        high=30_000.0,
        source="[S] 0: no such force before June 2019, when 6,500 (EFE, 24 June: 2,000 guards and "
        "4,500 soldiers and marines already there) to 10,500 (La Página) were in the south; the "
        "institute takes along 7.9 an officer, 14,900 in all [A]; guards may check papers with it "
        "(law of 27 May 2019, art. 9)",
    )
    officers: float = amount_param(
        1_893.0,
        "officers",
        "Officers at gates and belts, whose tempo is increased, for the cost.",
        high=50_000.0,
        source="[A] in the packaged world",
    )
    wage: float = wage_of_tempo()
    cost_per_officer: float = officer_cost()
    effort_share: float = effort_share()
    price: float = operations_price()
    package: float = amount_param(
        7.7e6,
        "$",
        "U.S. support for Mexico's southern border at dose 1.",
        high=500e6,
        source="$24M delivered (hearingasylum.com; $15M by February 2016, CRS) at the dose of 3.1; "
        "$86.6M were announced",
        draw_range=(4.8e6, 28e6),
    )
    package_years: float = years_param(3.0, "Years over which the support is spent.", high=10.0)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of U.S. support, overtime in Mexico, and posts."""
        tempo = self.price * self.rise * self.wage * self.effort_share  # $ a year per officer
        posted = self.price * self.cost_per_officer + _PLAN * tempo
        return (
            Cost(
                "us",
                self.package / self.package_years,
                "Equipment and support.",
                "$24M at the dose of 3.1; three years [A]",
            ),
            Cost("mexico", self.officers * tempo, "Additional tempo.", "[A]", "mx_effort"),
            Cost(
                "mexico",
                (self.posted + self.guard) * posted,
                "Officers at new posts, with their tempo.",
                OFFICER_PAY,
                lever="mx_officers",
                ramp_days=self.ramp_days,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the tempo at gates and belts, and add officers to both by base-year staff."""
        ready = self.ramp(day, self.ramp_days)
        half_life = inputs.settings.mexico.fatigue_half_life * _DAYS_A_MONTH
        tempo = self.rise * dose * ready * 0.5 ** ((day - self.start) / half_life)
        gates, belts = (_mexican_places(inputs.world, zone) for zone in (_GATES, _BELTS))
        levers.mx_effort[gates | belts] += tempo
        for officers, places in ((self.posted, gates), (self.guard, gates | belts)):
            staff = np.where(places, inputs.mx_base, 0.0)
            levers.mx_officers += officers * dose * ready * staff / max(float(staff.sum()), 1e-9)
