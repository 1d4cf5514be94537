"""Length of the line by sector, shared by fence and towers."""

from __future__ import annotations

from typing import Any

from agents.labels import SECTORS
from agents.param import param

_MILES = (60.0, 70.0, 126.0, 262.0, 268.0, 510.0, 210.0, 136.0, 312.0)


def line_miles() -> Any:
    """Declare the miles of line by sector, as a field of a policy."""
    return param(
        _MILES,
        unit="miles",
        low=0.0,
        high=1_000.0,
        labels=SECTORS,
        doc="Length of the line by sector, stylised; 1,954 miles in total.",
        source="[A] Laredo and Rio Grande Valley, which have 171 and 273 miles; the others as in "
        "GAO-17-331 (fact sheet of Congressman Cuellar, 2018). The sum is in "
        "drivers/barrier_miles.csv, March 2018",
    )
