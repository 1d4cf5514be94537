"""Rebuild the design of a sweep from its store, so that the sweep continues without a design file.

The store holds the scenario, the factors, and point and seed of every planned run. The rebuilt
design lists its points; its digest equals that of the design that created the store.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from abm.scenario import SettingError, load_scenario
from experiments.sweeps.design.plan import MEMBER, Design
from experiments.sweeps.design.samples import Listed
from experiments.sweeps.store import SweepResults

_HINT = "Continue it with twoborders sweep and its design file."


def stored_design(folder: str | Path) -> Design:
    """Rebuild the design of a store.

    Args:
        folder: folder of the sweep.

    Returns:
        A design with the digest of the stored one.

    Raises:
        SettingError: the folder holds no valid store, the sweep is of an ensemble, or its design
            cannot be rebuilt, for example because a supply file has changed.
    """
    with SweepResults(folder) as store:
        meta, planned = store.meta, store.plan()
    points = {point: inputs for point, _, inputs in planned}
    if not points or any(MEMBER in inputs for inputs in points.values()):
        raise SettingError("resume", "a sweep of an ensemble needs its design file", _HINT)
    for paired in (True, False):
        design = _design(meta, points, min(seed for _, seed, _ in planned), paired)
        if design.digest == meta["design"]:
            return design
    raise SettingError("resume", "the design of this sweep cannot be rebuilt", _HINT)


def _design(
    meta: dict[str, str], points: dict[int, dict[str, Any]], seed: int, paired: bool
) -> Design:
    """Create a design with listed points."""
    columns = {
        path: [points[number][path] for number in sorted(points)]
        for path in json.loads(meta["factors"])
    }
    return Design(
        name=meta["name"],
        sample=Listed(columns),
        scenario=load_scenario(meta["scenario"]),
        reps=int(meta["reps"]),
        seed=seed,
        paired=paired,
    )
