"""Tables of runs and sweeps for the terminal and notebooks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from abm.measures import OUTCOMES
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of
from experiments.rows.runs import observed_median, percent_error
from experiments.rows.sweep import median_rows
from experiments.runs.case import RunResult
from experiments.runs.intervals import Interval, range_words
from experiments.sweeps.design import Design
from viz.documents.html import Cell, Table
from viz.figures.numbers import NBSP, amount, format_significant, percent

MOST_POINTS = 20  # maximum number of rows in the table of a sweep
FAR_OFF = 20  # percent; rows with a larger difference are marked
_HEADLINES = ("got_aways", "unlawful_entries", "deaths")


def outcome_table(
    title: str, names: Iterable[str], runs: Sequence[RunResult], words: Declaration
) -> Table:
    """Return a table of yearly outcomes, with medians and ranges if there are several runs.

    Args:
        title: caption of the table.
        names: outcomes, one per row.
        runs: runs of one scenario.
        words: place names and terms of the world.
    """
    rows = []
    for name in names:
        measure = words.labelled(OUTCOMES[name])
        interval = Interval.of(run.outcomes[name] for run in runs)
        bounds = (interval.low90, interval.median, interval.high90)
        low, middle, high = (amount(value, measure.unit) for value in bounds)
        rows.append(
            [Cell(measure.label), Cell(middle), Cell(f"{low} to {high}"), Cell(measure.unit)]
        )
    value, spread = "value" if len(runs) == 1 else "median", range_words(len(runs))
    table = Table(title, ("Outcome", value, spread, "unit"), rows)
    return table if len(runs) > 1 else table.without(spread)


def official_table(runs: Sequence[RunResult], world: str) -> Table:
    """Return a table of simulated medians and official statistics, largest difference first.

    A difference above `FAR_OFF` percent is marked in a second line. The table is empty if the runs
    do not cover the year of the statistics.

    Args:
        runs: runs of the baseline.
        world: world folder, empty for the packaged world.
    """
    rows = []
    for name, simulated, observed, source in sorted(
        observed_median(runs, world), key=lambda row: -percent_error(row[1], row[2])
    ):
        off = percent_error(simulated, observed)
        difference = (simulated / observed - 1) * 100 if math.isfinite(off) else math.nan
        far = f"more than {FAR_OFF}{NBSP}% off" if off > FAR_OFF else ""
        model, record = map(format_significant, (simulated, observed))
        last = (Cell(percent(difference), far), Cell(source))
        rows.append([Cell(name), Cell(model, tag="b"), Cell(record), *last])
    heads = ("Statistic", "Simulated", "Observed", "Difference", "Source")
    return Table("The baseline and official statistics, largest miss first", heads, rows)


def median_table(design: Design, folder: Path) -> Table:
    """Return a table with median main outcomes at a sweep's first `MOST_POINTS` points.

    Args:
        design: design of the sweep.
        folder: folder in which its runs are stored.
    """
    words, rows = declaration_of(design.scenario.world), []
    measures = [words.labelled(OUTCOMES[name]) for name in _HEADLINES]
    for levels, values in median_rows(design, folder, _HEADLINES)[:MOST_POINTS]:
        medians = (amount(v, measure.unit) for v, measure in zip(values, measures, strict=True))
        rows.append(list(map(Cell, (*levels, *medians))))
    over = "members and seeds" if design.members else "seeds"
    part = f", the first {MOST_POINTS} points" if len(design.points) > MOST_POINTS else ""
    heads = [*design.factors, *(measure.label for measure in measures)]
    return Table(f"Medians over {over}, per year{part}", heads, rows)
