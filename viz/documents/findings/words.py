"""Short words for outcomes and accounts, and numbers as the tables show them."""

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
    """A change in percent with its sign; what rounds to nothing has none."""
    shown = f"{abs(value):.1f}"
    sign = "" if shown == "0.0" else "+" if value > 0.0 else MINUS
    return f"{sign}{shown} %"
