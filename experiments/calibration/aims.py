"""Observed figures beside those that anchor a draw, with tolerances: read off the table of targets.

All are fitted parts: of the base year, or of the years whose levels are declared for the fit
(FY2011, FY2013, FY2015); of the U.S. line after June 2014 there is nothing else.
"""

from __future__ import annotations

from abm.world import geography
from experiments.targets import Target, target

#: Part of a pattern by statistic of `bank.STATISTICS`; recidivism has two, and both must hold.
PARTS: dict[str, tuple[str, ...]] = {
    "apprehension_probability_rtm": ("P3.evaders",),
    "entries_per_apprehension_fy2015_mix": ("P4.entries",),
    "interdiction_effectiveness": ("P5.known",),
    "recidivism": ("P6.fy2011", "P6.fy2015"),
    "guided_within_30_days": ("P11.guided",),
    "seized_at_ports": ("P12.ports",),
}
TURNED = 0.25  # [A] tolerance of turn-backs per apprehension, a figure that is part of no pattern


def aims() -> dict[str, tuple[float, float]]:
    """Observed value and tolerance by statistic."""
    told = {name: _aim([target(part) for part in parts]) for name, parts in PARTS.items()}
    row = geography.rows_where("us/border_metrics.csv", metric="turn_backs_SW", fiscal_year=2013)
    turned = float(row[0]["value"]) / geography.apprehensions_total(2013)
    return told | {"turn_backs_per_apprehension": (turned, TURNED * turned)}


def _aim(parts: list[Target]) -> tuple[float, float]:
    """Middle of the observed figures, and how far the parts reach from their own on average."""
    reach = sum((part.high - part.low) / 2.0 for part in parts) / len(parts)
    return sum(part.observed for part in parts) / len(parts), reach
