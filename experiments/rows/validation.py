"""Rows of a validation: parts, counts, supplies, forecasts and estimates, and their JSON form.

The terminal, the page and the screen render these rows; ``validation.json`` holds them and is read
back into the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from experiments.rows.runs import failure_row
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from experiments.runs.model_fingerprint import model_source
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
        """Parts for which there is a naive forecast, in the order of the targets."""
        return [
            part
            for part in self.validation.parts
            if math.isfinite(part.naive_last) or math.isfinite(part.naive_trend)
        ]

    @property
    def counts(self) -> list[CountRow]:
        """Counts by kind, by held-out episode and by supply; held-out patterns come first."""
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
        own = {part.target.id: part for part in self.validation.parts}
        return [(own[part.target.id], part) for part in self.validation.unannounced]

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
        """Scores; those in which the model is worse than last year's value come first."""
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
    """Return the distance outside in half-widths of the tolerance; 0 if inside, inf if missing."""
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


def validation_json(rows: ValidationRows) -> dict[str, Any]:
    """Build the content of ``validation.json``; ``patterns`` are under the declared supply."""
    found = rows.validation
    return {
        "scale": found.scale,
        "seeds": list(found.seeds),
        "members": found.members,
        "ensemble": found.ensemble,
        "patterns": [_part_json(part) for part in found.parts],
        "labels": {
            p.target.id: {"label": p.target.label, "unit": p.target.unit} for p in found.parts
        },
        "inside": pattern_results(found.parts),
        "counts": _counts_json(rows.counts),
        "supplies": {
            letter: {
                "supply": SUPPLIES[letter],
                "counts": letter == DECLARED,
                "patterns": [_part_json(part) for part in parts],
            }
            for letter, parts in found.supplies.items()
        },
        "estimator": [
            {"world": world.role, "title": world.title}
            | {name: _interval_json(interval) for name, interval in world.estimates.items()}
            for world in found.estimator
        ],
        "shares": [_shares_json(shares) for shares in found.shares],
        "months": {episode: _bands_json(bands) for episode, bands in found.bands.items()},
        "scores": [asdict(score) for score in rows.scores],
        "unannounced": [_part_json(part) for part in found.unannounced],
        "levels": [
            {"role": one.role, "window": one.window, "group": one.group} | _interval_json(one.ratio)
            for one in found.levels
        ],
        "doses": [
            {
                "episode": one.episode,
                "dose": _interval_json(one.dose),
                "observed": one.observed,
                "reached": _interval_json(one.reached),
                "corners": one.corners,
            }
            for one in found.doses
        ],
        "missing": list(found.missing),
        "digests": found.digests,
        "source": rows.source,
        "failed": [failure_row(failure) for failure in found.failures],
        "cpu_s": found.cpu_s,
    }


def _part_json(part: PartResult) -> dict[str, Any]:
    """Return one part of a pattern."""
    t, s = part.target, part.simulated
    return {
        "id": t.id,
        "pattern": t.pattern,
        "part": t.part,
        "kind": t.kind,
        "observed": t.observed,
        "simulated": s.median,
        "low90": s.low90,
        "high90": s.high90,
        "tolerance_low": t.low,
        "tolerance_high": t.high,
        "inside": part.inside,
        "naive_last": part.naive_last,
        "naive_trend": part.naive_trend,
        "low50": s.low50,
        "high50": s.high50,
        "episode": t.episode,
        "supply": part.supply or None,
    }


def _counts_json(counts: Iterable[CountRow]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts by kind, by episode and by supply."""
    found = {row.key: row.tally for row in counts}
    order = [f"kind.{kind}" for kind in KINDS] + [key for key in found if key[:4] != "kind"]
    answer: dict[str, dict[str, dict[str, int]]] = {"kinds": {}, "episodes": {}, "supplies": {}}
    plural = {"kind": "kinds", "episode": "episodes", "supply": "supplies"}
    for key in order:
        group, _, name = key.partition(".")
        counted = found[key]
        answer[plural[group]][name] = {
            "inside": counted.inside,
            "judged": counted.judged,
            "reported": counted.reported,
        }
    return answer


def _interval_json(interval: Interval) -> dict[str, float]:
    """Return a median with its 90 % interval."""
    return {"median": interval.median, "low90": interval.low90, "high90": interval.high90}


def _shares_json(shares: SectorShares) -> dict[str, Any]:
    """Return the sector shares of a group: record, median and 90 % interval."""
    return {
        "group": shares.group,
        "sectors": {
            sector: {"observed": share} | _interval_json(shares.simulated[sector])
            for sector, share in shares.observed.items()
        },
    }


def _bands_json(bands: MonthlyBands) -> dict[str, Any]:
    """Return the monthly series of an episode; rows of simulated series are quantiles."""
    return {
        "months": bands.months,
        "known": bands.known,
        "simulated": {n: np.round(rows, 4).tolist() for n, rows in bands.simulated.items()},
        "observed": {n: np.round(row, 4).tolist() for n, row in bands.observed.items()},
    }


# ---- from JSON ----------------------------------------------------------------------------------


def read_validation(data: Mapping[str, Any]) -> ValidationRows:
    """Read ``validation.json``; raise ``KeyError``, ``TypeError`` or ``ValueError`` if invalid.

    Tolerances and published ranges are taken from the current targets, and parts are judged again.
    """
    known = {target.id: target for target in targets()}
    validation = Validation(
        scale=int(data["scale"]),
        seeds=tuple(map(int, data["seeds"])),
        members=int(data["members"]),
        ensemble=bool(data["ensemble"]),
        parts=tuple(_part(row, known) for row in data["patterns"]),
        supplies={
            letter: tuple(_part(row, known) for row in supply["patterns"])
            for letter, supply in data["supplies"].items()
        },
        estimator=tuple(_world(row) for row in data["estimator"]),
        shares=tuple(_shares(row) for row in data["shares"]),
        bands={episode: _bands(row) for episode, row in data["months"].items()},
        missing=tuple(map(str, data["missing"])),
        failures=tuple(
            Failure("", row["of"], row["seed"], row["kind"], row["text"], "")
            for row in data["failed"]
        ),
        digests=dict(data["digests"]),
        scores=tuple(map(_score, data.get("scores", ()))),
        unannounced=tuple(_part(row, known) for row in data.get("unannounced", ())),
        levels=tuple(
            LevelCheck(row["role"], row["window"], row["group"], _interval(row))
            for row in data.get("levels", ())
        ),
        doses=tuple(map(_dose, data.get("doses", ()))),
        cpu_s=float(data["cpu_s"]),
    )
    return ValidationRows(validation, str(data["source"]))


def _part(row: Mapping[str, Any], known: Mapping[str, Target]) -> PartResult:
    """Read one part of a pattern."""
    target = known[row["id"]]
    bounds = (row["simulated"], row["low50"], row["high50"], row["low90"], row["high90"])
    simulated = Interval(*map(_number, bounds))
    naive = (_number(row["naive_last"]), _number(row["naive_trend"]))
    return PartResult(
        target, simulated, target.accepts(simulated.median), *naive, row["supply"] or ""
    )


def _dose(row: Mapping[str, Any]) -> DoseCheck:
    """Read the doses of an episode."""
    dose, reached = (_interval(row[name]) for name in ("dose", "reached"))
    return DoseCheck(row["episode"], dose, _number(row["observed"]), reached, row["corners"])


def _score(row: Mapping[str, Any]) -> ForecastScore:
    """Read a score."""
    naive = [_score_figures(row[name]) for name in ("naive_last", "naive_trend")]
    own = _score_figures(row)
    name = (str(row["id"]), str(row["series"]), str(row["group"]))
    low, high = (_number(row.get(f"less_last_{end}")) for end in ("low", "high"))
    return score_of(name, own, naive[0], naive[1], (low, high))


def _score_figures(row: Mapping[str, Any]) -> ScoreFigures:
    """Read the figures of one forecast."""
    return ScoreFigures(*(_number(row[field.name]) for field in fields(ScoreFigures)))


def _interval(row: Mapping[str, Any]) -> Interval:
    """Read a median with its 90 % interval; the file has no 50 % interval."""
    return Interval(
        _number(row["median"]), math.nan, math.nan, _number(row["low90"]), _number(row["high90"])
    )


def _world(row: Mapping[str, Any]) -> SurrenderScenario:
    """Read one world of the estimator."""
    estimates = {name: _interval(one) for name, one in row.items() if isinstance(one, Mapping)}
    return SurrenderScenario(row["world"], row["title"], estimates)


def _shares(row: Mapping[str, Any]) -> SectorShares:
    """Read the sector shares of a group."""
    sectors = row["sectors"].items()
    return SectorShares(
        row["group"],
        {name: _number(one["observed"]) for name, one in sectors},
        {name: _interval(one) for name, one in sectors},
    )


def _bands(row: Mapping[str, Any]) -> MonthlyBands:
    """Read the monthly series of an episode."""
    series = {
        part: {name: np.array(rows, dtype=float) for name, rows in row[part].items()}
        for part in ("simulated", "observed")
    }
    return MonthlyBands(list(map(str, row["months"])), str(row["known"]), **series)


def _number(value: Any) -> float:
    """Read a number; JSON null is NaN."""
    return math.nan if value is None else float(value)
