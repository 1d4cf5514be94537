"""Rows of a validation: parts, counts, supplies, forecasts and estimates, and their JSON form.

The terminal, the page and the screen render these rows. ``validation.json`` holds them and is read
back into the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.rows.records import read_record, record
from experiments.rows.runs import failure_row
from experiments.runs.case import Failure, model_source
from experiments.runs.intervals import Interval
from experiments.validation.episodes import DECLARED, SUPPLIES
from experiments.validation.scores import ForecastScore, misses_first
from experiments.validation.targets import HELD_OUT_EPISODES, KINDS, Target, targets
from experiments.validation.validate import (
    DoseCheck,
    LevelCheck,
    MonthlyBands,
    PartResult,
    PatternCount,
    SectorShares,
    SurrenderScenario,
    Validation,
    count_patterns,
    pattern_results,
)

_RANK = {False: 0, True: 1, None: 2}


# ---- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class ValidationRows:
    """A validation as rows. ``source`` is the fingerprint of the model that was validated."""

    validation: Validation
    source: str

    @property
    def parts(self) -> list[PartResult]:
        """Every part: outside by distance, then inside, then parts that are only reported."""
        parts = self.validation.parts
        return sorted(parts, key=lambda part: (_RANK[part.inside], -overshoot(part)))

    @property
    def misses(self) -> list[PartResult]:
        """Parts outside their tolerance, the largest distance first."""
        return [part for part in self.parts if part.inside is False]

    @property
    def forecasts(self) -> list[PartResult]:
        """Parts for which there is a naive forecast, ordered like the targets."""
        return [
            part
            for part in self.validation.parts
            if math.isfinite(part.naive_last) or math.isfinite(part.naive_trend)
        ]

    @property
    def counts(self) -> dict[str, PatternCount]:
        """Patterns inside their tolerance by ``kind.K``, ``episode.E`` (held out) or ``supply.S``.

        Held-out patterns come first.
        """
        parts = self.validation.parts
        by_kind = {f"kind.{k}": count_patterns(_of(parts, k)) for k in reversed(KINDS)}
        episodes = {
            f"episode.{e}": count_patterns(_of(parts, "held_out", e)) for e in HELD_OUT_EPISODES
        }
        supplies = {
            f"supply.{letter}": count_patterns(parts)
            for letter, parts in self.validation.supplies.items()
        }
        held_out = {"kind.held_out": by_kind.pop("kind.held_out")}
        return held_out | episodes | by_kind | supplies

    @property
    def supplies(self) -> list[dict[str, PartResult]]:
        """Parts of the episode of 2014, each by the letter of its supply."""
        supplies = self.validation.supplies
        return [
            dict(zip(supplies, parts, strict=True))
            for parts in zip(*supplies.values(), strict=True)
        ]

    @property
    def unannounced(self) -> list[tuple[PartResult, PartResult]]:
        """Parts of the episodes that were also run without announcements, with both figures."""
        announced = {part.target.id: part for part in self.validation.parts}
        return [(announced[part.target.id], part) for part in self.validation.unannounced]

    @property
    def worlds(self) -> list[SurrenderScenario]:
        """The estimator's scenarios that were simulated."""
        worlds = self.validation.estimator
        return [world for world in worlds if math.isfinite(world.estimates["true"].median)]

    @property
    def scores(self) -> list[ForecastScore]:
        """Scores. Those in which the model is worse than last year's value come first."""
        return misses_first(self.validation.scores)

    @property
    def same_model(self) -> bool:
        """Whether the validated model is the current model."""
        return self.source == model_source()


def validation_rows(validation: Validation) -> ValidationRows:
    """Return the rows of a validation of the current model."""
    return ValidationRows(validation, model_source())


def verdict(part: PartResult) -> str:
    """Return ``inside``, ``outside``, ``not_simulated`` or ``reported``."""
    if part.inside is None:
        return "reported"
    if not math.isfinite(part.simulated.median):
        return "not_simulated"
    return "inside" if part.inside else "outside"


def overshoot(part: PartResult) -> float:
    """Return the distance outside in half-widths of the tolerance. 0 if inside, inf if missing."""
    target, value = part.target, part.simulated.median
    if part.inside is not False:
        return 0.0
    if not math.isfinite(value):
        return math.inf
    half_width = max((target.high - target.low) / 2.0, 1e-9)
    return max(target.low - value, value - target.high) / half_width


def nearest(part: PartResult) -> str | None:
    """Return which of ``model``, ``last`` and ``trend`` is closest to the observed figure."""
    forecasts = {
        "model": part.simulated.median,
        "last": part.naive_last,
        "trend": part.naive_trend,
    }
    errors = {
        name: abs(value - part.target.observed)
        for name, value in forecasts.items()
        if math.isfinite(value)
    }
    return min(errors, key=lambda name: errors[name]) if errors else None


def _of(parts: Iterable[PartResult], kind: str, episode: str = "") -> list[PartResult]:
    """Select the parts of a kind, and of an episode if one is named."""
    return [p for p in parts if p.target.kind == kind and episode in ("", p.target.episode)]


# ---- to JSON ------------------------------------------------------------------------------------


#: Columns of a part, as ``key=attribute``.
_PART = (
    *("id=target.id", "pattern=target.pattern", "part=target.part", "kind=target.kind"),
    *("observed=target.observed", "simulated=simulated.median", "low90=simulated.low90"),
    *("high90=simulated.high90", "tolerance_low=target.low", "tolerance_high=target.high"),
    *("inside", "naive_last", "naive_trend", "low50=simulated.low50", "high50=simulated.high50"),
    "episode=target.episode",
)


def validation_json(rows: ValidationRows) -> dict[str, Any]:
    """Build the content of ``validation.json``. ``patterns`` are under the declared supply."""
    result = rows.validation
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
        "counts": _counts_json(rows.counts),
        "supplies": {
            letter: {
                "supply": SUPPLIES[letter],
                "counts": letter == DECLARED,
                "patterns": [_part_json(part) for part in parts],
            }
            for letter, parts in result.supplies.items()
        },
        "estimator": [
            {"world": world.role, "title": world.title}
            | {name: record(interval) for name, interval in world.estimates.items()}
            for world in result.estimator
        ],
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
        "scores": list(map(_score_json, rows.scores)),
        "unannounced": [_part_json(part) for part in result.unannounced],
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
        "source": rows.source,
        "failed": [failure_row(failure) for failure in result.failures],
        "cpu_s": result.cpu_s,
    }


def _part_json(part: PartResult) -> dict[str, Any]:
    """Return one part of a pattern."""
    return record(part, _PART) | {"supply": part.supply or None}


def _score_json(score: ForecastScore) -> dict[str, Any]:
    """Return a score with the model's figures next to its name."""
    row = asdict(score)
    return row.pop("model") | row


def _counts_json(counts: Mapping[str, PatternCount]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts by kind, by episode and by supply."""
    plural = {"kind": "kinds", "episode": "episodes", "supply": "supplies"}
    rows: dict[str, dict[str, dict[str, int]]] = {name: {} for name in plural.values()}
    for key, tally in counts.items():
        group, _, name = key.partition(".")
        rows[plural[group]][name] = asdict(tally)
    return rows


def _bands_json(bands: MonthlyBands) -> dict[str, Any]:
    """Return the monthly series for an episode. Rows of simulated series are quantiles."""
    return {
        "months": bands.months,
        "known": bands.known,
        "simulated": {n: np.round(rows, 4).tolist() for n, rows in bands.simulated.items()},
        "observed": {n: np.round(row, 4).tolist() for n, row in bands.observed.items()},
    }


# ---- from JSON ----------------------------------------------------------------------------------


def read_validation(data: Mapping[str, Any]) -> ValidationRows:
    """Read ``validation.json``. Raise ``KeyError``, ``TypeError`` or ``ValueError`` if invalid.

    Tolerances and published ranges are taken from the current targets, and parts are judged again.
    """
    by_id = {target.id: target for target in targets()}
    validation = Validation(
        scale=int(data["scale"]),
        seeds=tuple(map(int, data["seeds"])),
        members=int(data["members"]),
        ensemble=bool(data["ensemble"]),
        parts=tuple(_part(row, by_id) for row in data["patterns"]),
        supplies={
            letter: tuple(_part(row, by_id) for row in supply["patterns"])
            for letter, supply in data["supplies"].items()
        },
        estimator=tuple(_world(row) for row in data["estimator"]),
        shares=tuple(_shares(row) for row in data["shares"]),
        bands={episode: _bands(row) for episode, row in data["months"].items()},
        failures=tuple(
            Failure("", row["name"], row["seed"], row["kind"], row["text"], "")
            for row in data["failed"]
        ),
        digests=dict(data["digests"]),
        scores=tuple(
            read_record(ForecastScore, {**row, "model": row}) for row in data.get("scores", ())
        ),
        unannounced=tuple(_part(row, by_id) for row in data.get("unannounced", ())),
        levels=tuple(
            read_record(LevelCheck, row | {"ratio": row}) for row in data.get("levels", ())
        ),
        doses=tuple(read_record(DoseCheck, row) for row in data.get("doses", ())),
        cpu_s=float(data["cpu_s"]),
    )
    return ValidationRows(validation, str(data["source"]))


def _part(row: Mapping[str, Any], by_id: Mapping[str, Target]) -> PartResult:
    """Read one part of a pattern."""
    target = by_id[row["id"]]
    simulated = read_record(Interval, {**row, "median": row["simulated"]})
    judged = {"target": target, "simulated": simulated, "supply": row["supply"] or ""}
    return read_record(PartResult, {**row, **judged, "inside": target.accepts(simulated.median)})


def _world(row: Mapping[str, Any]) -> SurrenderScenario:
    """Read one world of the estimator."""
    estimates = {
        name: read_record(Interval, figures)
        for name, figures in row.items()
        if isinstance(figures, Mapping)
    }
    return SurrenderScenario(row["world"], row["title"], estimates)


def _shares(row: Mapping[str, Any]) -> SectorShares:
    """Read the sector shares of a group."""
    sectors = row["sectors"].items()
    return SectorShares(
        row["group"],
        {name: sector["observed"] for name, sector in sectors},
        {name: read_record(Interval, sector) for name, sector in sectors},
    )


def _bands(row: Mapping[str, Any]) -> MonthlyBands:
    """Read the monthly series for an episode."""
    series = {
        part: {name: np.array(rows, dtype=float) for name, rows in row[part].items()}
        for part in ("simulated", "observed")
    }
    return MonthlyBands(row["months"], row["known"], **series)
