"""Short names of outcomes and accounts, and the format of changes."""

from __future__ import annotations

import math

from viz.documents.labels import signed_tenth
from viz.figures.numbers import MISSING

SHORT = {
    "got_aways": "got-aways",
    "unlawful_entries": "all unlawful entries",
    "deaths": "deaths",
    "kidnapped": "kidnappings",
    "extorted": "extortions",
    "returned_unscreened": "returned unscreened",
}
ACCOUNT = {
    "joint": "joint dollars",
    "governments": "dollars of both governments",
    "us": "U.S. dollars alone",
}


def percent(value: float) -> str:
    """Return a change in percent with its sign; 0.0 has none, and NaN is missing."""
    return MISSING if math.isnan(value) else f"{signed_tenth(value)} %"
