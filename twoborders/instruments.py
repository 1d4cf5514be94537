"""List the policy instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.policies import registry

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    *("id", "title", "arm", "needs_mexico", "dollars_a_year", "lowest_dose", "highest_dose"),
    *("claim", "mechanism", "expect", "fails_when"),
)


def policies() -> pd.DataFrame:
    """Return every policy instrument, one per row.

    Returns:
        Columns ``id``, ``title``, ``arm``, ``needs_mexico``, ``dollars_a_year`` (at dose 1, all
        payers), ``lowest_dose``, ``highest_dose``, ``claim``, ``mechanism``, ``expect`` and
        ``fails_when``. Units are in ``attrs["units"]``.
    """
    import pandas as pd

    frame = pd.DataFrame([kind.full_programme().describe() for kind in registry().values()])
    frame["dollars_a_year"] = [sum(c["dollars_per_year"] for c in costs) for costs in frame["cost"]]
    frame[["lowest_dose", "highest_dose"]] = frame["dose_bounds"].tolist()
    frame = frame.reindex(columns=list(_COLUMNS))
    units = dict.fromkeys(("lowest_dose", "highest_dose"), "multiple of the full programme")
    frame.attrs["units"] = units | {"dollars_a_year": "$ per year at dose 1"}
    return frame
