"""Rows of a validation: parts, counts, supplies, forecasts and estimates, and their JSON form.

The terminal, the page and the screen render these rows. ``validation.json`` holds them and is read
back into the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from experiments.rows.records import record
from experiments.rows.runs import failure_row
from experiments.runs.case import Failure, model_source
from experiments.runs.intervals import Interval
from experiments.validation.episodes import DECLARED, SUPPLIES
from experiments.validation.scores import ForecastScore, ScoreFigures, misses_first, score_of
from experiments.validation.targets import HELD_OUT_EPISODES, KINDS, Target, targets
from experiments.validation.validate import (
    ESTIMATORS,
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


@dataclass(frozen=True, slots=True)
class CountRow:
    """Patterns inside their tolerance, for ``kind.K``, ``episode.E`` (held out) or ``supply.S``."""

    key: str
    tally: PatternCount


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """Probability of apprehension of an evader in one world: true value, estimates, biases.

    ``estimates``: estimate and bias by the names of ``ESTIMATORS``. All values are shares.
    """

    key: str
    surrendered: Interval
    true: Interval
    estimates: dict[str, tuple[Interval, Interval]]


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
    def counts(self) -> list[CountRow]:
        """Counts by kind, by held-out episode and by supply. Held-out patterns come first."""
        parts = self.validation.parts
        held_out, *other = (
            CountRow(f"kind.{k}", count_patterns(_of(parts, k))) for k in reversed(KINDS)
        )
        episodes = [
            CountRow(f"episode.{e}", count_patterns(_of(parts, "held_out", e)))
            for e in HELD_OUT_EPISODES
        ]
        supplies = [
            CountRow(f"supply.{letter}", count_patterns(parts))
            for letter, parts in self.validation.supplies.items()
        ]
        return [held_out, *episodes, *other, *supplies]

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
    def estimates(self) -> list[EstimateRow]:
        """Estimates in every world that was simulated."""
        return [
            EstimateRow(
                world.role,
                world.estimates["surrendered_share"],
                world.estimates["true"],
                {
                    name: (world.estimates[name], world.estimates[f"bias_{name}"])
                    for name in ESTIMATORS
                },
            )
            for world in self.validation.estimator
            if math.isfinite(world.estimates["true"].median)
        ]

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
        "scores": [asdict(score) for score in rows.scores],
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
        "missing": list(result.missing),
        "digests": result.digests,
        "source": rows.source,
        "failed": [failure_row(failure) for failure in result.failures],
        "cpu_s": result.cpu_s,
    }


def _part_json(part: PartResult) -> dict[str, Any]:
    """Return one part of a pattern."""
    return record(part, _PART) | {"supply": part.supply or None}


def _counts_json(counts: Iterable[CountRow]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts by kind, by episode and by supply."""
    rows: dict[str, dict[str, dict[str, int]]] = {"kinds": {}, "episodes": {}, "supplies": {}}
    plural = {"kind": "kinds", "episode": "episodes", "supply": "supplies"}
    for row in counts:
        group, _, name = row.key.partition(".")
        rows[plural[group]][name] = record(row.tally, ("inside", "judged", "reported"))
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
        missing=tuple(map(str, data["missing"])),
        failures=tuple(
            Failure("", row["name"], row["seed"], row["kind"], row["text"], "")
            for row in data["failed"]
        ),
        digests=dict(data["digests"]),
        scores=tuple(map(_score, data.get("scores", ()))),
        unannounced=tuple(_part(row, by_id) for row in data.get("unannounced", ())),
        levels=tuple(
            LevelCheck(row["role"], row["window"], row["group"], _interval(row))
            for row in data.get("levels", ())
        ),
        doses=tuple(map(_dose, data.get("doses", ()))),
        cpu_s=float(data["cpu_s"]),
    )
    return ValidationRows(validation, str(data["source"]))


def _part(row: Mapping[str, Any], by_id: Mapping[str, Target]) -> PartResult:
    """Read one part of a pattern."""
    target = by_id[row["id"]]
    bounds = (row["simulated"], row["low50"], row["high50"], row["low90"], row["high90"])
    simulated = Interval(*map(_number, bounds))
    naive = (_number(row["naive_last"]), _number(row["naive_trend"]))
    return PartResult(
        target, simulated, target.accepts(simulated.median), *naive, row["supply"] or ""
    )


def _dose(row: Mapping[str, Any]) -> DoseCheck:
    """Read an episode's doses."""
    dose, reached = (_interval(row[name]) for name in ("dose", "reached"))
    return DoseCheck(row["episode"], dose, _number(row["observed"]), reached, row["corners"])


def _score(row: Mapping[str, Any]) -> ForecastScore:
    """Read a score."""
    naive = [_score_figures(row[name]) for name in ("naive_last", "naive_trend")]
    name = (str(row["id"]), str(row["series"]), str(row["group"]))
    low, high = (_number(row.get(f"less_last_{end}")) for end in ("low", "high"))
    return score_of(name, _score_figures(row), naive[0], naive[1], (low, high))


def _score_figures(row: Mapping[str, Any]) -> ScoreFigures:
    """Read the figures of one forecast."""
    return ScoreFigures(*(_number(row[field.name]) for field in fields(ScoreFigures)))


def _interval(row: Mapping[str, Any]) -> Interval:
    """Read a median with its 90 % interval. The file has no 50 % interval."""
    return Interval(
        _number(row["median"]), math.nan, math.nan, _number(row["low90"]), _number(row["high90"])
    )


def _world(row: Mapping[str, Any]) -> SurrenderScenario:
    """Read one world of the estimator."""
    estimates = {
        name: _interval(figures) for name, figures in row.items() if isinstance(figures, Mapping)
    }
    return SurrenderScenario(row["world"], row["title"], estimates)


def _shares(row: Mapping[str, Any]) -> SectorShares:
    """Read the sector shares of a group."""
    sectors = row["sectors"].items()
    return SectorShares(
        row["group"],
        {name: _number(sector["observed"]) for name, sector in sectors},
        {name: _interval(sector) for name, sector in sectors},
    )


def _bands(row: Mapping[str, Any]) -> MonthlyBands:
    """Read the monthly series for an episode."""
    series = {
        part: {name: np.array(rows, dtype=float) for name, rows in row[part].items()}
        for part in ("simulated", "observed")
    }
    return MonthlyBands(list(map(str, row["months"])), str(row["known"]), **series)


def _number(value: Any) -> float:
    """Read a number. JSON null is NaN."""
    return math.nan if value is None else float(value)
