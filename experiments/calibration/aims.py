"""Observed figures that a draw is fitted to, with tolerances, from the table of targets.

They are in addition to the figures that anchor a draw. All are fitted parts: of the base year, or
of the years whose levels are declared for the fit (FY2011, FY2013, FY2015). No figure of the U.S.
line after June 2014 is used otherwise.
"""

from __future__ import annotations

from abm.world import geography
from experiments.validation.targets import Target, target

#: Parts of patterns by statistic of `draws.STATISTICS`; recidivism has two, both must hold.
PARTS: dict[str, tuple[str, ...]] = {
    "apprehension_probability_rtm": ("P3.evaders",),
    "entries_per_apprehension_fy2015_mix": ("P4.entries",),
    "interdiction_effectiveness": ("P5.known",),
    "recidivism": ("P6.fy2011", "P6.fy2015"),
    "guided_within_30_days": ("P11.guided",),
    "seized_at_ports": ("P12.ports",),
}
#: [A] Relative tolerance of turn-backs per apprehension, which is not part of a pattern.
TURN_BACK_TOLERANCE = 0.25


def aims() -> dict[str, tuple[float, float]]:
    """Return observed value and tolerance by statistic."""
    by_statistic = {name: _aim([target(part) for part in parts]) for name, parts in PARTS.items()}
    row = geography.rows_where("us/border_metrics.csv", metric="turn_backs_SW", fiscal_year=2013)
    turned = float(row[0]["value"]) / geography.apprehensions_total(2013)
    return by_statistic | {"turn_backs_per_apprehension": (turned, TURN_BACK_TOLERANCE * turned)}


def _aim(parts: list[Target]) -> tuple[float, float]:
    """Return the mean of the observed figures and the mean half-width of their tolerances."""
    reach = sum((part.high - part.low) / 2.0 for part in parts) / len(parts)
    return sum(part.observed for part in parts) / len(parts), reach
