"""Tables of the page ``docs/background/validation.md``, written from the packaged validation.

``python -m viz.documents.validation.markdown`` writes the rows of the page's tables again. A table
is recognised by its head. Every row of its patterns is replaced; text between tables is not
changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from experiments.rows.validation import ValidationRows
from experiments.runs.files import write_text
from experiments.validation.scores import ForecastScore, ScoreFigures
from viz.documents.labels import markdown_row
from viz.documents.validation.kept import read

PAGE = Path(__file__).parents[3] / "docs" / "background" / "validation.md"
_SIGNED = ("%", "points")
_WHOLE = ("events", "$")
_TWO_DECIMALS = ("ratio", "per 10,000", "elasticity", "log points")
_GROUPS = {
    "mexican": "Mexicans",
    "northern_triangle": "Northern Triangle",
    "families_and_children": "Families and children, share",
}
_SERIES = {"history": "one run", "one_year_ahead": "one year ahead"}
_VARIANTS = {
    "expected": "without random level",
    "from_2013": "start October 2013",
    "announced": "with announcements of the year",
}
_VERDICTS = {True: "in", False: "**out**", None: "reported"}


def refill(page: str, rows: ValidationRows) -> str:
    """Return the page with the rows of all known tables written again.

    Args:
        page: text of the page.
        rows: the validation.

    Returns:
        The text with the figures of `rows`.
    """
    blocks = page.split("\n\n")
    return "\n\n".join(
        _table(block, rows) if block.startswith("| |") else block for block in blocks
    )


def _table(block: str, rows: ValidationRows) -> str:
    """Return a table with its rows written again; a table that is not known does not change."""
    head, rule, *old = block.rstrip("\n").split("\n")
    cells = [cell.strip(" *") for cell in head.strip("|").split("|")]
    writers: dict[str, Callable[[list[str], ValidationRows], Iterable[str]]] = {
        "figure": _parts,
        "observed": _WRITERS_OF_OBSERVED.get(cells[2], _supplies),
        "model": _scores,
    }
    write = writers.get(cells[1])
    if write is None:
        return block
    end = "\n" if block.endswith("\n") else ""
    return "\n".join([head, rule, *(row.rstrip("\n") for row in write(old, rows))]) + end


def _parts(old: list[str], rows: ValidationRows) -> Iterable[str]:
    """Yield the parts of the table's patterns: misses first, parts without a verdict last."""
    patterns = {line.strip("| ").split(" |")[0] for line in old}
    for part in rows.parts:
        target, simulated = part.target, part.simulated
        if target.pattern not in patterns:
            continue
        unit = target.unit
        shown = figure(simulated.median, unit), _range(simulated.low90, simulated.high90, unit)
        accepted = _range(target.low, target.high, unit) if target.judged else ""
        label = target.pattern, target.label, figure(target.observed, unit)
        yield markdown_row([*label, accepted, *shown, _VERDICTS[part.inside]])


def _supplies(old: list[str], rows: ValidationRows) -> Iterable[str]:
    """Yield the judged parts of the episode of 2014 under every supply, by pattern."""
    by_letter = [row for row in rows.supplies if next(iter(row.values())).target.judged]
    for parts in sorted(by_letter, key=lambda row: next(iter(row.values())).target.pattern):
        target = next(iter(parts.values())).target
        cells = []
        for part in parts.values():
            s, unit = part.simulated, target.unit
            text = f"{figure(s.median, unit)} ({_range(s.low90, s.high90, unit)})"
            cells.append(f"{text}, {_VERDICTS[part.inside].strip('*')}")
        yield markdown_row([target.pattern, figure(target.observed, target.unit), *cells])


def _unannounced(old: list[str], rows: ValidationRows) -> Iterable[str]:
    """Yield the parts of 2014 and 2019 with and without announcements, by pattern."""
    announced = {part.target.id: part for part in rows.validation.parts}
    for part in sorted(rows.validation.unannounced, key=lambda one: one.target.id):
        target = part.target
        cells = [
            f"{figure(one.simulated.median, target.unit)} "
            f"({_range(one.simulated.low90, one.simulated.high90, target.unit)}), "
            f"{_VERDICTS[one.inside].strip('*')}"
            for one in (announced[target.id], part)
        ]
        yield markdown_row([target.id, figure(target.observed, target.unit), *cells])


def _forecasts(old: list[str], rows: ValidationRows) -> Iterable[str]:
    """Yield the parts with a naive forecast."""
    for part in rows.forecasts:
        target = part.target
        values = target.observed, part.simulated.median, part.naive_last, part.naive_trend
        yield markdown_row([target.id, *(figure(value, target.unit) for value in values)])


def _scores(old: list[str], rows: ValidationRows) -> Iterable[str]:
    """Yield the scores next to naive forecasts; those of single held-out figures are left out."""
    labels = {part.target.id: part.target.label for part in rows.validation.parts}
    order = list(_SERIES)
    shown = [score for score in rows.scores if score.series != "held_out"]
    shown.sort(key=lambda s: order.index(s.series) if s.series in order else len(order))
    for score in shown:
        own = _score(score, bold=score.crps > score.naive_last.crps)
        naive = [_score(one) for one in (score.naive_last, score.naive_trend)]
        yield markdown_row([_score_label(score, labels), own, *naive])


def _score_label(score: ForecastScore, labels: dict[str, str]) -> str:
    """Return the name of a scored figure."""
    if score.series == "drawn":
        return f"{labels[score.id.removesuffix('.drawn')]}; random supply"
    _, _, years, *variant = score.id.split(".")
    kind = _SERIES.get(score.series, score.series.replace("_", " "))
    more = "".join(f", {_VARIANTS.get(one, one)}" for one in variant)
    return f"{_GROUPS.get(score.group, score.group)}, {kind}, FY{years.replace('_', '-')}{more}"


def _score(score: ForecastScore | ScoreFigures, *, bold: bool = False) -> str:
    """Return log error, coverage and CRPS; empty if none is known."""
    figures = score.rms_log_error, score.coverage90, score.crps
    if not any(map(math.isfinite, figures)):
        return ""
    texts = [f"{value:.2f}" if math.isfinite(value) else "-" for value in figures]
    if bold:
        texts[-1] = f"**{texts[-1]}**"
    return " / ".join(texts)


#: Tables whose second column is the observed figure, by the head of the third.
_WRITERS_OF_OBSERVED = {"model": _forecasts, "with announcements": _unannounced}


def _range(low: float, high: float, unit: str) -> str:
    """Return a range."""
    return f"{figure(low, unit)} to {figure(high, unit)}"


def figure(value: float, unit: str) -> str:
    """Format a figure of a table; empty if it is not finite.

    Args:
        value: the figure.
        unit: its unit, as in ``targets.csv``.

    Returns:
        Changes with a sign and one decimal, counts and dollars as whole numbers, ratios with two
        decimals, other figures with three.
    """
    if not math.isfinite(value):
        return ""
    if unit in _SIGNED:
        return f"{value:+.1f}"
    if unit in _WHOLE:
        return f"{value:,.0f}"
    if unit in _TWO_DECIMALS:
        return f"{value:.2f}"
    return f"{value:.3f}"


if __name__ == "__main__":
    write_text(PAGE, refill(PAGE.read_text(encoding="utf-8"), read()))
