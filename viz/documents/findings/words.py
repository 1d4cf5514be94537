"""Short names of outcomes and accounts, and the format of changes."""

from __future__ import annotations

from viz.figures.numbers import MINUS

SHORT = {
    "got_aways": "got-aways",
    "unlawful_entries": "all unlawful entries",
    "deaths": "deaths",
    "kidnapped": "kidnappings",
    "returned_unscreened": "returned unscreened",
}
ACCOUNT = {"joint": "joint dollars", "us": "U.S. dollars alone"}


def percent(value: float) -> str:
    """Return a change in percent with its sign; 0.0 has none."""
    text = f"{abs(value):.1f}"
    sign = "" if text == "0.0" else "+" if value > 0.0 else MINUS
    return f"{sign}{text} %"
