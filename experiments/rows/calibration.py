"""Rows for a calibration, for the doses of Mexico's measures, and for the supply terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario
from experiments.calibration import priors
from experiments.calibration.calibrate import (
    CalibrationPlan,
    CalibrationResult,
    plan_row,
    stored_draws,
)
from experiments.calibration.doses import EPISODES, LEVEL_PATH, Doses
from experiments.calibration.ensemble import Member
from experiments.calibration.supply_fit import TERMS, SupplyFit, priors_of
from experiments.rows.records import record
from experiments.rows.runs import scenario_keys
from experiments.runs.intervals import LEVEL

GROUP_NAMES = {"mexican": "Mexicans", "northern_triangle": "Northern Triangle"}
NARROW = 0.8  # [A] the data narrow a parameter if its width ratio is below this
COVERED = (0.85, 0.95)  # [A] a 90 % interval with coverage in this range is not a miss


def calibration_study(
    result: CalibrationResult, scenario: Scenario, folder: Path, plan: CalibrationPlan
) -> dict[str, Any]:
    """Return the ensemble's size, its coverage, and every uncertain parameter.

    Args:
        result: result of the calibration.
        scenario, plan: base scenario and sizes.
        folder: folder that stores the calibration.

    Returns:
        Plain values by key. Coverage is a share, 0 to 1.
    """
    members, coverage = result.ensemble.members, list(result.coverage.values())
    return {
        **scenario_keys(scenario),
        "plan": plan_row(plan, scenario),
        "draws_run": len(stored_draws(folder, plan)),
        "members": len(members),
        "dose_members": sum(bool(m.doses) for m in members),
        "effective": result.ensemble.effective,
        "digest": result.ensemble.digest,
        "coverage": {
            "mean": float(np.mean(coverage)),
            "lowest": min(coverage),
            "highest": max(coverage),
        },
        "kept": result.kept,
        "numbers": parameter_rows(members, result.coverage),
        "ensemble": str(folder / "ensemble.json"),
        "fit": str(folder / "fit.json"),
    }


def parameter_rows(
    members: Sequence[Member], coverage: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return one row per uncertain parameter, misses first, then by increasing width ratio.

    Args:
        members: the ensemble's members.
        coverage: share of synthetic records for which the interval contains the true value, by
            parameter. NaN if missing.

    Returns:
        Prior bounds, the members' central 90 % range, and ``width_ratio``: the width of this range
        divided by the width of the prior's central 90 % range. ``miss`` is true if the coverage is
        outside ``COVERED``.
    """
    weights, rows = [m.weight for m in members], []
    for name, prior in priors.PRIORS.items():
        hits = coverage.get(name, math.nan)
        values = [m.numbers[name] for m in members]
        ends = np.quantile(values, (0.05, 0.95), method="inverted_cdf", weights=weights).tolist()
        low, high = (priors.share_of(prior, end) for end in ends)
        row = {"name": name, "paths": list(prior.paths)}
        row |= record(prior, ("prior_low=low", "prior_high=high"))
        row |= {"low90": ends[0], "high90": ends[1], "width_ratio": (high - low) / LEVEL}
        rows.append(row | {"coverage": hits, "miss": hits < COVERED[0] or hits > COVERED[1]})
    return sorted(rows, key=lambda row: (not row["miss"], row["width_ratio"]))


# ---- doses --------------------------------------------------------------------------------------


def doses_study(doses: Doses) -> dict[str, Any]:
    """Return every episode's doses and levels as JSON types.

    Args:
        doses: doses and levels for one parameter set.

    Returns:
        One row per episode. ``ratio`` (simulated) and ``recorded`` are Mexican interceptions after
        the change divided by interceptions before it. ``level`` and ``known`` have one number per
        group.
    """
    return {"level_path": LEVEL_PATH, "episodes": [_episode(key, doses) for key in doses.doses]}


def dose_rows(study: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return table cells, one row per episode.

    Args:
        study: result of :func:`doses_study`.

    Returns:
        Episode, scenario, dose, simulated and recorded ratio, level by group, and simulated divided
        by recorded apprehensions by group.
    """
    return [
        (
            f"{row['episode']} (closest)" if row["corner"] else row["episode"],
            row["scenario"],
            f"{row['dose']:g}",
            f"{row['ratio']:.3f}",
            f"{row['recorded']:.3f}",
            ", ".join(f"{value:.3f}" for value in row["level"]),
            ", ".join(f"{value:.3f}" for value in row["known"]),
        )
        for row in study["episodes"]
    ]


def _episode(key: str, doses: Doses) -> dict[str, Any]:
    """Return an episode's row."""
    episode = EPISODES[key]
    return {
        "episode": key,
        **record(episode, ("scenario", "supply", "policy")),
        "dose": doses.doses[key],
        "ratio": doses.rises[key],
        "recorded": episode.series.rise(),
        "corner": key in doses.corners,
        "level": list(doses.levels[key]),
        "known": list(doses.known[key]),
    }


# ---- supply -------------------------------------------------------------------------------------


def supply_study(fits: Sequence[SupplyFit], last: str) -> dict[str, Any]:
    """Return the estimates for all groups as JSON types.

    Args:
        fits: estimates by group.
        last: last month in the data, such as 2013-09.

    Returns:
        The month, the estimates by group, and scenario settings with these estimates.
    """
    return {"last": last, "groups": [_fit_row(fit) for fit in fits], "settings": settings(fits)}


def settings(fits: Sequence[SupplyFit]) -> dict[str, Any]:
    """Return the estimates as scenario settings, by dotted path."""
    both = {
        name: [round(fit.mean[name], 3) for fit in fits]
        for name in ("network", "construction", "drift")
    }
    return {f"supply_terms.{name}": values for name, values in both.items()} | {
        "supply_terms.network_keep": fits[0].keep,
        "supply_terms.cohort": [1.0, 1.0],
        "supply_terms.level_sd": [round(fit.level_sd, 3) for fit in fits],
        "supply_terms.surge_sd": [round(fit.surge_sd, 3) for fit in fits],
    }


def term_rows(fits: Sequence[SupplyFit]) -> list[tuple[str, ...]]:
    """Return one row per term: name, prior (one per group if they differ), and estimates."""
    rows = [
        (
            name,
            "; ".join(dict.fromkeys(_mean_and_sd(*priors_of(fit.group)[name]) for fit in fits)),
            *(_mean_and_sd(fit.mean[name], fit.sd[name]) for fit in fits),
        )
        for name in TERMS
    ]
    spreads = (("level", "level_sd"), ("surge", "surge_sd"))
    return rows + [
        (label, "", *(f"{getattr(fit, key):.2f}" for fit in fits)) for label, key in spreads
    ]


def _mean_and_sd(mean: float, sd: float) -> str:
    """Return text with a mean, and its standard deviation in parentheses."""
    return f"{mean:.2f} ({sd:.2f})"


def _fit_row(fit: SupplyFit) -> dict[str, Any]:
    """Return a group's estimates as JSON types."""
    terms = {
        name: {
            "mean": fit.mean[name],
            "sd": fit.sd[name],
            "prior": list(priors_of(fit.group)[name]),
        }
        for name in TERMS
    }
    keys = ("group", "months", "network_keep=keep", "level_sd", "surge_sd", "log_likelihood")
    return record(fit, keys) | {"terms": terms}
