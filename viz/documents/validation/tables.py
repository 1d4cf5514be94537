"""Tables of a validation; the terminal, the page and the screen print the same tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from experiments.rows.validation import ValidationRows, nearest
from experiments.runs.intervals import Interval
from experiments.validation.scores import ForecastScore
from experiments.validation.validate import ESTIMATORS, PartResult
from viz.documents.html_table import Cell, Table
from viz.documents.validation.words import NOTHING, ValidationText, number
from viz.figures.markup import el, esc
from viz.figures.numbers import is_single

#: Builds the cell of a part in one column.
Column = Callable[[ValidationText, PartResult], Cell]


def _simulated(text: ValidationText, part: PartResult) -> Cell:
    """Return the simulated median with its 90 % interval."""
    unit, s = part.target.unit, part.simulated
    bounds = "" if is_single(s) else text.between(s.low90, s.high90, unit)
    return Cell(text.shown(s.median, unit), bounds, "b")


def _name_with_note(text: ValidationText, part: PartResult) -> Cell:
    """Return the label with kind and note."""
    detail = (_kind(text, part), text.words.translate(part.target.note))
    return Cell(text.label(part.target), " · ".join(filter(None, detail)))


def _kind(text: ValidationText, part: PartResult) -> str:
    """Return the kind of a part."""
    return text(f"kind_short.{part.target.kind}")


def _source(text: ValidationText, part: PartResult) -> Cell:
    """Return the files from which the observed figure is computed."""
    names = [part.target.row["file"], part.target.row["over_file"]]
    shown = ", ".join(dict.fromkeys(filter(None, names))) or text("no_source")
    return Cell(shown, markup=el("span", esc(shown), class_="source"))


#: Columns of the table of parts, by the key of their title.
PART_COLUMNS: dict[str, Column] = {
    "part": lambda text, part: Cell(
        text.label(part.target), text(f"kind_short.{part.target.kind}")
    ),
    "observed": lambda text, part: Cell(text.observed(part.target)),
    "simulated_range": _simulated,
    "accepted": lambda text, part: Cell(text.accepted(part.target)),
    "verdict": lambda text, part: Cell(text.verdict(part), tag=_mark(part)),
}
PAGE_COLUMNS = PART_COLUMNS | {"part": _name_with_note, "source": _source}


@dataclass(frozen=True)
class ValidationTables:
    """The tables of a validation in one language."""

    text: ValidationText
    rows: ValidationRows

    def parts(self, columns: Mapping[str, Column] = PART_COLUMNS) -> Table:
        """Return the rows of all parts, misses first, with the given columns."""
        cells = [[column(self.text, p) for column in columns.values()] for p in self.rows.parts]
        return self._table("parts", columns, cells)

    def counts(self) -> Table:
        """Return the patterns inside by kind, held-out episode and supply."""
        text = self.text
        cells = [
            [Cell(text(r.key)), Cell(text.counted(r.tally), tag="b")] for r in self.rows.counts
        ]
        return self._table("counts", ("what", "patterns"), cells)

    def supplies(self) -> Table:
        """Return the parts of the episode of 2014 under each supply."""
        keys = [f"supply_short.{letter}" for letter in self.rows.validation.supplies]
        cells = []
        for parts in self.rows.supplies:
            target = next(iter(parts.values())).target
            lead = [Cell(self.text.label(target)), Cell(self.text.observed(target))]
            cells.append([*lead, *map(self._under, parts.values())])
        return self._table("supplies", ("part", "observed", *keys), cells)

    def forecasts(self) -> Table:
        """Return the parts that have a naive forecast, with the nearest of model and forecasts."""
        keys = ("part", "observed", "naive_model", "naive_last", "naive_trend", "nearest")
        cells = []
        for part in self.rows.forecasts:
            target, best = part.target, nearest(part)
            figures = (target.observed, part.simulated.median, part.naive_last, part.naive_trend)
            texts = [self.text.shown(value, target.unit) for value in figures]
            last = self.text(f"naive_{best}") if best else NOTHING
            cells.append([Cell(text) for text in (self.text.label(target), *texts, last)])
        return self._table("naive_title", keys, cells)

    def scores(self) -> Table:
        """Return log error, coverage and CRPS of the model and of two naive forecasts."""
        keys = ("scored", "log_error", "coverage", "crps", "over_last")
        names = ("rms_log_error", "coverage90", "crps")
        cells = []
        for score in self.rows.scores:
            last = _compared(score)
            verdict = Cell(self.text(last) if last else NOTHING, tag="mark" if score.worse else "")
            figures = [self._scored(score, name) for name in names]
            cells.append([Cell(self.text.scored(score)), *figures, verdict])
        return self._table("scores_title", keys, cells)

    def levels(self) -> Table:
        """Return simulated over recorded apprehensions in known months."""
        text = self.text
        cells = [
            [
                Cell(text(f"level_window.{one.window}").format(episode=one.role[:4])),
                Cell(text(one.group)),
                self._interval(one.ratio),
            ]
            for one in self.rows.validation.levels
        ]
        return self._table("levels_title", ("months_known", "group", "level"), cells)

    def doses(self) -> Table:
        """Return the doses with observed and reached ratio, and the share at a corner."""
        text = self.text
        cells = [
            [
                Cell(text(f"dose_of.{one.episode}")),
                self._interval(one.dose),
                Cell(f"{one.observed:.2f}"),
                self._interval(one.reached),
                Cell(f"{100 * one.corners:.0f} %", tag="mark" if one.corners else ""),
            ]
            for one in self.rows.validation.doses
        ]
        heads = ("dose_episode", "dose", "observed", "reached", "corner")
        return self._table("doses_title", heads, cells)

    def unannounced(self) -> Table:
        """Return parts of 2014 and 2019 with and without announcements."""
        text = self.text
        cells = [
            [Cell(text.label(own.target)), Cell(text.observed(own.target)), self._under(own)]
            + [self._under(silent)]
            for own, silent in self.rows.unannounced
        ]
        heads = ("part", "observed", "announced", "unannounced")
        return self._table("unannounced_title", heads, cells)

    def estimates(self) -> Table:
        """Return true probability, estimates and biases in every world that was simulated."""
        keys = ("world", "surrendered", "true", "evaders", "everybody", "counts_of")
        cells = []
        for row in self.rows.estimates:
            role = self.text(f"role.{row.key}")
            surrendered = f"{100 * row.surrendered.median:.1f} %"
            true = Cell(self.text.shown(row.true.median, "share"), tag="b")
            estimates = [self._estimate(*row.estimates[name]) for name in ESTIMATORS]
            cells.append([Cell(role), Cell(surrendered), true, *estimates])
        return self._table("estimator_title", keys, cells)

    def _table(self, caption: str, heads: Iterable[str], cells: list[list[Cell]]) -> Table:
        """Return a table whose caption and heads are given by their keys."""
        return Table(self.text(caption), list(map(self.text, heads)), cells)

    def _scored(self, score: ForecastScore, name: str) -> Cell:
        """Return a cell: a figure of the model, with those of the naive forecasts as detail."""
        naive = {"last": score.naive_last, "trend": score.naive_trend}
        known = {key: getattr(figures, name) for key, figures in naive.items()}
        detail = [
            f"{self.text(f'naive_short.{key}')} {number(value)}"
            for key, value in known.items()
            if math.isfinite(value)
        ]
        return Cell(number(getattr(score, name)), ", ".join(detail), "b")

    def _interval(self, interval: Interval) -> Cell:
        """Return a median with its 90 % interval."""
        bounds = "" if is_single(interval) else f"{interval.low90:.2f}–{interval.high90:.2f}"
        return Cell(f"{interval.median:.2f}", bounds, "b")

    def _under(self, part: PartResult) -> Cell:
        """Return the simulated figure and the verdict."""
        figure = self.text.shown(part.simulated.median, part.target.unit)
        return Cell(figure, self.text.verdict(part), _mark(part) or "b")

    def _estimate(self, estimate: Interval, bias: Interval) -> Cell:
        """Return an estimate and its bias with the 90 % interval of the bias."""
        sign = "+" if bias.median > 0 else ""
        bounds = self.text.between(bias.low90, bias.high90, "share")
        detail = f"{self.text('bias')} {sign}{self.text.shown(bias.median, 'share')} ({bounds})"
        return Cell(self.text.shown(estimate.median, "share"), detail)


def _compared(score: ForecastScore) -> str:
    """Return the key of the comparison with last year's value; empty if there is none."""
    if score.tied:
        return "tied"
    return "worse" if score.worse else "not_worse" if score.over_last <= 1.0 else ""


def _mark(part: PartResult) -> str:
    """Return the element around a miss."""
    return "mark" if part.inside is False else ""
