"""Convert a validation to the content of ``validation.json``, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from experiments.rows.records import read_record, record
from experiments.rows.runs import failure_row
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from experiments.validation.episodes import DECLARED, SUPPLIES
from experiments.validation.scores import ForecastScore, misses_first
from experiments.validation.targets import Target, targets
from experiments.validation.validate import (
    SURRENDER_SCENARIOS,
    DoseCheck,
    LevelCheck,
    MonthlyBands,
    PartResult,
    PatternCount,
    RoleFigures,
    SectorShares,
    Validation,
    pattern_results,
)

# ---- to JSON ------------------------------------------------------------------------------------


def validation_json(result: Validation) -> dict[str, Any]:
    """Build the content of ``validation.json``. ``patterns`` use the declared supply."""
    return {
        "scale": result.scale,
        "seeds": list(result.seeds),
        "members": result.members,
        "ensemble": result.ensemble,
        "patterns": [_part_json(part) for part in result.parts],
        "labels": {
            p.target.id: {"label": p.target.label, "unit": p.target.unit} for p in result.parts
        },
        "inside": pattern_results(result.parts),
        "counts": _counts_json(result.counts),
        "supplies": {
            letter: {
                "supply": SUPPLIES[letter],
                "counts": letter == DECLARED,
                "patterns": [_part_json(part) for part in parts],
            }
            for letter, parts in result.supplies.items()
        },
        "estimator": [
            {"world": world.role, "title": SURRENDER_SCENARIOS[world.role]} | _figures_json(world)
            for world in result.estimator
        ],
        "line_changes": [{"role": c.role} | _figures_json(c) for c in result.line_changes],
        "shares": [
            {
                "group": shares.group,
                "sectors": {
                    sector: {"observed": share} | record(shares.simulated[sector])
                    for sector, share in shares.observed.items()
                },
            }
            for shares in result.shares
        ],
        "months": {episode: _bands_json(bands) for episode, bands in result.bands.items()},
        "scores": list(map(_score_json, misses_first(result.scores))),
        "unannounced": [_part_json(part) for part in result.unannounced],
        "unchanged": [_part_json(part) for part in result.unchanged],
        "levels": [
            record(check, ("role", "window", "group")) | record(check.ratio)
            for check in result.levels
        ],
        "doses": [
            record(check, ("episode", "observed", "corners"))
            | {"dose": record(check.dose), "reached": record(check.reached)}
            for check in result.doses
        ],
        "digests": result.digests,
        "source": result.source,
        "failed": [failure_row(failure) for failure in result.failures],
        "cpu_s": result.cpu_s,
    }


def _figures_json(by_name: RoleFigures) -> dict[str, Any]:
    """Return the intervals for a role's statistics, by name."""
    return {name: record(interval) for name, interval in by_name.figures.items()}


def _part_json(part: PartResult) -> dict[str, Any]:
    """Return a JSON object for one part of a pattern."""
    return {
        **record(part.target, ("id", "pattern", "part", "kind", "observed")),
        **record(part.simulated, ("simulated=median", "low90", "high90")),
        **record(part.target, ("tolerance_low=low", "tolerance_high=high")),
        **record(part, ("inside", "naive_last", "naive_trend")),
        **record(part.simulated, ("low50", "high50")),
        "episode": part.target.episode,
        "supply": part.supply or None,
    }


def _score_json(score: ForecastScore) -> dict[str, Any]:
    """Return a forecast score's JSON object, with the model's scores after its name."""
    row = asdict(score)
    name = {key: row.pop(key) for key in ("id", "series", "group")}
    return name | row.pop("model") | row


def _counts_json(counts: Mapping[str, PatternCount]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the pattern counts by kind, by episode and by supply."""
    plural = {"kind": "kinds", "episode": "episodes", "supply": "supplies"}
    rows: dict[str, dict[str, dict[str, int]]] = {name: {} for name in plural.values()}
    for key, tally in counts.items():
        group, _, name = key.partition(".")
        rows[plural[group]][name] = asdict(tally)
    return rows


def _bands_json(bands: MonthlyBands) -> dict[str, Any]:
    """Return an episode's monthly series. A simulated series has one row per quantile."""
    return {
        "months": bands.months,
        "known": bands.known,
        "simulated": {n: np.round(rows, 4).tolist() for n, rows in bands.simulated.items()},
        "observed": {n: np.round(row, 4).tolist() for n, row in bands.observed.items()},
    }


# ---- from JSON ----------------------------------------------------------------------------------


def read_validation(data: Mapping[str, Any]) -> Validation:
    """Read ``validation.json``. Raise ``KeyError``, ``TypeError`` or ``ValueError`` if invalid.

    Tolerances and published ranges come from the current targets, and all parts are judged again.
    """
    by_id = {target.id: target for target in targets()}
    return Validation(
        scale=int(data["scale"]),
        seeds=tuple(map(int, data["seeds"])),
        members=int(data["members"]),
        ensemble=bool(data["ensemble"]),
        parts=tuple(_part(row, by_id) for row in data["patterns"]),
        supplies={
            letter: tuple(_part(row, by_id) for row in supply["patterns"])
            for letter, supply in data["supplies"].items()
        },
        estimator=tuple(_figures(row["world"], row) for row in data["estimator"]),
        line_changes=tuple(_figures(row["role"], row) for row in data["line_changes"]),
        shares=tuple(_shares(row) for row in data["shares"]),
        bands={episode: _bands(row) for episode, row in data["months"].items()},
        failures=tuple(
            Failure("", row["name"], row["seed"], row["kind"], row["text"], "")
            for row in data["failed"]
        ),
        digests=dict(data["digests"]),
        scores=tuple(read_record(ForecastScore, {**row, "model": row}) for row in data["scores"]),
        unannounced=tuple(_part(row, by_id) for row in data["unannounced"]),
        unchanged=tuple(_part(row, by_id) for row in data["unchanged"]),
        levels=tuple(read_record(LevelCheck, row | {"ratio": row}) for row in data["levels"]),
        doses=tuple(read_record(DoseCheck, row) for row in data["doses"]),
        cpu_s=float(data["cpu_s"]),
        source=str(data["source"]),
    )


def _part(row: Mapping[str, Any], by_id: Mapping[str, Target]) -> PartResult:
    """Read one part of a pattern."""
    target = by_id[row["id"]]
    simulated = read_record(Interval, {**row, "median": row["simulated"]})
    judged = {"target": target, "simulated": simulated, "supply": row["supply"] or ""}
    return read_record(PartResult, {**row, **judged, "inside": target.accepts(simulated.median)})


def _figures(role: str, row: Mapping[str, Any]) -> RoleFigures:
    """Read a row's intervals."""
    intervals = {k: read_record(Interval, v) for k, v in row.items() if isinstance(v, Mapping)}
    return RoleFigures(role, intervals)


def _shares(row: Mapping[str, Any]) -> SectorShares:
    """Read a group's sector shares."""
    observed = {name: sector["observed"] for name, sector in row["sectors"].items()}
    return SectorShares(row["group"], observed, _figures("base", row["sectors"]).figures)


def _bands(row: Mapping[str, Any]) -> MonthlyBands:
    """Read an episode's monthly series."""
    series = {
        part: {name: np.array(rows, dtype=float) for name, rows in row[part].items()}
        for part in ("simulated", "observed")
    }
    return MonthlyBands(row["months"], row["known"], **series)
