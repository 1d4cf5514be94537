"""Length of the line by sector, shared by fence and towers."""

from __future__ import annotations

from typing import Any

from agents.labels import SECTORS
from agents.param import param

_MILES = (60.0, 70.0, 126.0, 262.0, 268.0, 510.0, 210.0, 171.0, 273.0)


def line_miles() -> Any:
    """Declare the miles of line by sector, as a field of a policy."""
    return param(
        _MILES,
        unit="miles",
        low=0.0,
        high=1_000.0,
        labels=SECTORS,
        doc="Length of the line by sector.",
        source="GAO-17-331 (fact sheet of Congressman Cuellar, 2018); 1,950 miles in total, "
        "drivers/barrier_miles.csv has 1,954 (March 2018)",
    )
