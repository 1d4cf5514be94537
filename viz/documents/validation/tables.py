"""Texts and tables of a validation, which the terminal, the page and the screen share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from experiments.rows.forecast import SCORES
from experiments.runs.intervals import Interval
from experiments.validation.scores import ForecastScore, misses_first
from experiments.validation.statistics import LINE_CHANGE
from experiments.validation.targets import Target, target
from experiments.validation.validate import ESTIMATORS, PartResult, PatternCount, Validation
from viz.documents.html import Cell, Table
from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, NBSP, format_with_unit, is_single, signed

_CHANGES = ("%", "points")  # units whose values are printed with a sign
_RESPONSES = (*_CHANGES, "log points", "elasticity")  # units in which zero means no change
_SHARES = (25, 33, 50, 67, 75, 90, 110, 125, 150, 200, 300, 500)  # percent with a text in words


class Wording(Protocol):
    """Protocol: texts in one language, such as ``viz.screen.words.Words``."""

    def __call__(self, key: str) -> str:
        """Return the text of a key, such as ``check.inside``."""
        ...

    def translate(self, english: str) -> str:
        """Translate an English text from a declaration into this language."""
        ...


def number(value: float | None) -> str:
    """Format a score with three significant digits, or return ``MISSING`` if it is not finite."""
    is_finite = value is not None and math.isfinite(value)
    return f"{value:#.3g}".rstrip(".") if is_finite else MISSING


@dataclass(frozen=True)
class ValidationText:
    """Texts of a validation in one language."""

    words: Wording

    def __call__(self, key: str) -> str:
        """Return the text with the key ``check.`` plus `key`."""
        return self.words(f"check.{key}")

    def figure(self, value: float, unit: str) -> str:
        """Format a value with its unit.

        Args:
            value, unit: the value and its unit, as in ``targets.csv``.

        Returns:
            The text, or ``MISSING`` if the value is not finite.
        """
        text = format_with_unit(value, unit)
        return text.replace("points", self("points")) if unit == "points" else text

    def plain(self, value: float, unit: str, digits: int = 0) -> str:
        """Format a value for general readers: shares and log points become percent."""
        if unit == "log points":
            value, unit = 100.0 * math.expm1(value), "%"
        if unit in _CHANGES and math.isfinite(value):
            return f"{signed(value, digits)}{NBSP}{unit.replace('points', self('points'))}"
        is_share = unit == "share" and math.isfinite(value)
        return f"{100.0 * value:.{digits}f}{NBSP}%" if is_share else self.figure(value, unit)

    def between(self, low: float, high: float, unit: str) -> str:
        """Format a range.

        Args:
            low, high, unit: bounds and unit, as in ``targets.csv``.

        Returns:
            The text, or ``MISSING`` if a bound is not finite.
        """
        if not (math.isfinite(low) and math.isfinite(high)):
            return MISSING
        first = signed(low, 1) if unit in _CHANGES else self.figure(low, unit)
        return f"{first} {self('range_to')} {self.figure(high, unit)}"

    def observed(self, target: Target) -> str:
        """Format the published value, or the range of several published values."""
        if target.published_low < target.published_high:
            return self.between(target.published_low, target.published_high, target.unit)
        return self.figure(target.observed, target.unit)

    def accepted(self, target: Target) -> str:
        """Format the tolerance, or say that the target is only reported."""
        if not target.judged:
            return self("reported_only")
        if target.low == target.high:
            return self.figure(target.low, target.unit)
        return self.between(target.low, target.high, target.unit)

    def counted(self, tally: PatternCount) -> str:
        """Say how many patterns are inside their tolerance, judged, and only reported."""
        text = self("of").format(inside=tally.inside, judged=tally.judged)
        more = self("reported_more").format(reported=tally.reported)
        return f"{text}, {more}" if tally.reported else text

    def label(self, target: Target) -> str:
        """Return a target's pattern code and translated label."""
        return f"{target.pattern} {self.words.translate(target.label)}"

    def scored(self, score: ForecastScore) -> str:
        """Name what a score is about: a group and fiscal years, or a pattern and its label."""
        if score.series == "held_out":
            return self.label(target(score.id))
        if score.series == "drawn":
            label = self.label(target(score.id.removesuffix(".drawn")))
            return self("series.drawn").format(label=label)
        years, _, ending = score.id.split(".", 2)[2].partition(".")
        place = {"group": self(score.group), "years": years.replace("_", "–")}
        return self(f"series.{ending or score.series}").format(**place)

    def fact(self, target: Target) -> str:
        """State the recorded value in plain words."""
        observed, high = (self.plain(v, target.unit) for v in (target.observed, target.high))
        return self(f"fact.{target.id}").format(observed=observed, high=high)

    def sentence(self, part: PartResult) -> str:
        """Compare the recorded and the simulated value in plain words."""
        target, value, fact = part.target, part.simulated.median, self.fact(part.target)
        if target.unit not in _RESPONSES or not math.isfinite(value):
            text = self.plain(value, target.unit)
            return f"{fact} {self('model_level').format(simulated=text)}"
        size = math.expm1 if target.unit == "log points" else float
        ratio, limit = 100.0 * size(value) / size(target.observed), _SHARES[0] / 2.0
        if ratio < limit:
            return f"{fact} {self('model_opposite' if ratio < -limit else 'model_none')}"
        share = min(_SHARES, key=lambda percent: abs(math.log(percent / ratio)))
        return f"{fact} {self('model_change').format(self(f'share_of.{share}'))}"

    def replicates(self, result: Validation) -> str:
        """Return a sentence on the members, seeds and scale of a validation."""
        key = "played_members" if result.ensemble else "played_seeds"
        return self(key).format(members=result.members, seeds=len(result.seeds), scale=result.scale)


# ---- tables --------------------------------------------------------------------------------------

#: Function that returns a part's cell in one column.
Column = Callable[[ValidationText, PartResult], Cell]


def _interval(text: ValidationText, interval: Interval, unit: str = "share") -> Cell:
    """Return the cell of a median or mean, with its 90 % interval as the second line."""
    bounds = "" if is_single(interval) else text.between(interval.low90, interval.high90, unit)
    return Cell(text.figure(interval.median, unit), bounds, "b")


def _simulated(text: ValidationText, part: PartResult) -> Cell:
    """Return the cell of a part's simulated median and its 90 % interval."""
    return _interval(text, part.simulated, part.target.unit)


def _name_with_note(text: ValidationText, part: PartResult) -> Cell:
    """Return the cell of a part's label, with its kind and note as the second line."""
    detail = (text(f"kind_short.{part.target.kind}"), text.words.translate(part.target.note))
    return Cell(text.label(part.target), " · ".join(filter(None, detail)))


def _source(text: ValidationText, part: PartResult) -> Cell:
    """Return the cell with the files from which the observed value is computed."""
    names = [part.target.row["file"], part.target.row["over_file"]]
    files = ", ".join(dict.fromkeys(filter(None, names))) or text("no_source")
    return Cell(files, markup=el("span", esc(files), class_="source"))


#: Columns of the table of parts, by the key of their heading.
PART_COLUMNS: dict[str, Column] = {
    "part": lambda text, part: Cell(
        text.label(part.target), text(f"kind_short.{part.target.kind}")
    ),
    "observed": lambda text, part: Cell(text.observed(part.target)),
    "simulated_range": _simulated,
    "accepted": lambda text, part: Cell(text.accepted(part.target)),
    "verdict": lambda text, part: Cell(text(part.verdict), tag=_mark(part)),
}
PAGE_COLUMNS = PART_COLUMNS | {"part": _name_with_note, "source": _source}


@dataclass(frozen=True)
class ValidationTables:
    """Tables of a validation in one language."""

    text: ValidationText
    validation: Validation

    def parts(self, columns: Mapping[str, Column] = PART_COLUMNS) -> Table:
        """Return the table of all parts, misses first, with the given columns."""
        cells = [
            [column(self.text, p) for column in columns.values()]
            for p in self.validation.ordered_parts
        ]
        return self._table("parts", columns, cells)

    def counts(self) -> Table:
        """Return how many patterns are inside, by kind, held-out episode and supply."""
        text = self.text
        cells = [
            [Cell(text(key)), Cell(text.counted(tally), tag="b")]
            for key, tally in self.validation.counts.items()
        ]
        return self._table("counts", ("what", "patterns"), cells)

    def supplies(self) -> Table:
        """Return the parts of the 2014 episode, with one column per supply."""
        keys = [f"supply_short.{letter}" for letter in self.validation.supplies]
        under_each = zip(*self.validation.supplies.values(), strict=True)
        cells = [self._side_by_side(*parts) for parts in under_each]
        return self._table("supplies", ("part", "observed", *keys), cells)

    def forecasts(self) -> Table:
        """Return the parts that have naive forecasts, and which forecast is nearest."""
        keys = ("part", "observed", "naive_model", "naive_last", "naive_trend", "nearest")
        cells = []
        for part in self.validation.parts:
            naive = (part.naive_last, part.naive_trend)
            if not any(map(math.isfinite, naive)):
                continue
            target, best = part.target, part.nearest
            figures = (target.observed, part.simulated.median, *naive)
            texts = [self.text.figure(value, target.unit) for value in figures]
            last = self.text(f"naive_{best}") if best else MISSING
            cells.append([Cell(text) for text in (self.text.label(target), *texts, last)])
        return self._table("naive_title", keys, cells)

    def scores(self) -> Table:
        """Return log error, coverage and CRPS of the model and two naive forecasts."""
        keys = ("scored", "log_error", "coverage", "crps", "over_last")
        names = ("rms_log_error", "coverage90", "crps")
        cells = []
        for score in misses_first(self.validation.scores):
            last = _compared(score)
            verdict = Cell(self.text(last) if last else MISSING, tag="mark" if score.worse else "")
            figures = [self._scored(score, name) for name in names]
            cells.append([Cell(self.text.scored(score)), *figures, verdict])
        return self._table("scores_title", keys, cells)

    def sectors(self) -> Table:
        """Return recorded and simulated shares of apprehensions by group and sector."""
        cells = []
        for shares in self.validation.shares:
            cells.append([Cell(self.text(shares.group))])
            for sector, observed in shares.observed.items():
                figures = Cell(f"{observed:.3f}"), _interval(self.text, shares.simulated[sector])
                cells.append([Cell(sector), *figures])
        return self._table("sectors_title", ("sector", "observed", "simulated_range"), cells)

    def levels(self) -> Table:
        """Return the ratio of simulated to recorded apprehensions in known months."""
        text, cells = self.text, []
        for row in self.validation.levels:
            months = text(f"level_window.{row.window}").format(episode=row.role[:4])
            cells.append([Cell(months), Cell(text(row.group)), _interval(text, row.ratio)])
        return self._table("levels_title", ("months_known", "group", "level"), cells)

    def doses(self) -> Table:
        """Return fitted doses, observed and reached ratios, and how often no dose fits."""
        text, cells = self.text, []
        for row in self.validation.doses:
            episode, observed = Cell(text(f"dose_of.{row.episode}")), Cell(f"{row.observed:.3f}")
            dose, reached = (_interval(text, figure) for figure in (row.dose, row.reached))
            corner = Cell(f"{100 * row.corners:.0f} %", tag="mark" if row.corners else "")
            cells.append([episode, dose, observed, reached, corner])
        heads = ("dose_episode", "dose", "observed", "reached", "corner")
        return self._table("doses_title", heads, cells)

    def unannounced(self) -> Table:
        """Return the parts of 2014 and 2019 with announcements, without, and without a change."""
        v = self.validation
        sides = [{p.target.id: p for p in parts} for parts in (v.parts, v.unannounced, v.unchanged)]
        cells = [self._side_by_side(*(s[p.target.id] for s in sides if s)) for p in v.unannounced]
        heads = ("part", "observed", "announced", "unannounced", *["unchanged"] * bool(sides[-1]))
        return self._table("unannounced_title", heads, cells)

    def line_changes(self) -> Table:
        """Return the components of each episode's change at the line, in additive log points."""
        cells = []
        for row in self.validation.line_changes:
            episode, _, silent = row.role.partition(":")
            parts = (_interval(self.text, row.figures[name]) for name in LINE_CHANGE)
            cells.append([Cell(episode, self.text(silent or "announced")), *parts])
        heads = ("dose_episode", *map("line_part.{}".format, LINE_CHANGE))
        return self._table("line_title", heads, cells)

    def estimates(self) -> Table:
        """Return the true probability, its estimates and their biases in each simulated world."""
        keys = ("world", "surrendered", "true", "evaders", "everybody", "counts_of")
        cells = []
        for world in self.validation.estimator:
            named = world.figures
            if not math.isfinite(named["true"].median):
                continue
            role = self.text(f"role.{world.role}")
            surrendered = f"{100 * named['surrendered_share'].median:.1f} %"
            true = Cell(self.text.figure(named["true"].median, "share"), tag="b")
            estimates = [self._estimate(named[n], named[f"bias_{n}"]) for n in ESTIMATORS]
            cells.append([Cell(role), Cell(surrendered), true, *estimates])
        return self._table("estimator_title", keys, cells)

    def _table(self, caption: str, heads: Iterable[str], cells: list[list[Cell]]) -> Table:
        """Return a table, with caption and heads translated from their keys."""
        return Table(self.text(caption), list(map(self.text, heads)), cells)

    def _scored(self, score: ForecastScore, name: str) -> Cell:
        """Return the cell of a model score, with the naive forecasts' scores as the second line."""
        naive = {"last": score.naive_last, "trend": score.naive_trend}
        values = {key: getattr(figures, name) for key, figures in naive.items()}
        detail = [
            f"{self.text(f'naive_short.{key}')} {number(value)}"
            for key, value in values.items()
            if math.isfinite(value)
        ]
        return Cell(number(getattr(score.model, name)), ", ".join(detail), "b")

    def _side_by_side(self, *parts: PartResult) -> list[Cell]:
        """Return the row of one target: label, observed value, and one cell per result."""
        target = parts[0].target
        results = map(self._under, parts)
        return [Cell(self.text.label(target)), Cell(self.text.observed(target)), *results]

    def _under(self, part: PartResult) -> Cell:
        """Return the cell of a simulated value, with its 90 % interval and verdict."""
        cell = _simulated(self.text, part)
        detail = "; ".join(filter(None, (cell.detail, self.text(part.verdict))))
        return Cell(cell.text, detail, _mark(part) or "b")

    def _estimate(self, estimate: Interval, bias: Interval) -> Cell:
        """Return the cell of an estimate, with its bias and the bias's 90 % interval."""
        sign = "+" if bias.median > 0 else ""
        bounds = self.text.between(bias.low90, bias.high90, "share")
        detail = f"{self.text('bias')} {sign}{self.text.figure(bias.median, 'share')} ({bounds})"
        return Cell(self.text.figure(estimate.median, "share"), detail)


def score_table(text: ValidationText, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return the scores of the model's and of naive forecasts, by outcome.

    Args:
        text: texts in one language.
        rows: rows from :func:`experiments.rows.forecast.score_rows`, in their order.
    """
    cells: list[list[Cell]] = []
    for outcome, group in groupby(rows, itemgetter("outcome")):
        model, *naive = group
        label = ", ".join(text(f"forecast_of.{part}") for part in outcome.split("."))
        cells.append([Cell(f"{label} ({model['figures']})")])
        for row in (model, *naive):
            crps, *others = (Cell(number(row[name])) for name in SCORES)
            better = Cell(crps.text, tag="mark") if row["crps"] < model["crps"] else crps
            cells.append([Cell(text(f"method.{row['method']}")), better, *others])
    heads = ("method_head", "crps", "log_score", "coverage", "within10", "within25")
    return Table(text("backtest_title"), list(map(text, heads)), cells)


def _compared(score: ForecastScore) -> str:
    """Return the text key for the comparison with last year's value, or "" if there is none."""
    if score.tied:
        return "tied"
    return "worse" if score.worse else "not_worse" if score.over_last <= 1.0 else ""


def _mark(part: PartResult) -> str:
    """Return the name of the element that marks a miss, empty for other parts."""
    return "mark" if part.inside is False else ""
