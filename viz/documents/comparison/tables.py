"""Tables of the report: outcomes, prices, official statistics and assumptions."""

from __future__ import annotations

import math

from abm.measures import BESIDE_PRICES, PRICES
from agents.param import plain
from experiments.rows.comparison import (
    AssumptionRow,
    OutcomeRow,
    assumption_rows,
    percent_change,
    planned,
)
from experiments.runs.pairs import Difference
from experiments.validation.observed import observed_median, percent_error
from viz.documents.comparison.change_texts import price_texts
from viz.documents.comparison.report import Report, marked_label
from viz.documents.comparison.sentences import NO_CHANGE, is_meaningful, why_not
from viz.documents.html_table import Cell, Table
from viz.figures import numbers
from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, UNDEFINED, dollars, is_single
from viz.figures.palette import arm_style, marker

_COLUMNS = 4  # arms next to each other
_FAR_OFF = 20  # percent


def swatch(position: int) -> str:
    """Return the mark of an arm as markup; the baseline has the position -1."""
    style = arm_style(position)
    shape = marker(style.shape, 7, 7, 4.6, fill=style.colour)
    return el("svg", shape, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")


# ---- outcomes -----------------------------------------------------------------------------------


def outcome_tables(report: Report) -> str:
    """Return tables of all outcomes: the baseline, and the changes under up to four arms each."""
    starts = range(0, max(1, len(report.arms)), _COLUMNS)
    return "".join(_outcome_table(report, start).html("outcomes") for start in starts)


def _outcome_table(report: Report, start: int) -> Table:
    """Return the table of the arms from position `start`."""
    count, titles = len(report.arms), report.titles[start : start + _COLUMNS]
    heads = ["Outcome, per year", f"{swatch(-1)} Baseline: {esc(report.baseline.title)}"]
    heads += [f"{swatch(i)} {esc(title)}" for i, title in enumerate(titles, start)]
    rows = []
    for name, outcomes in report.groups:
        rows.append([Cell(name)])
        for outcome in outcomes:
            arms = range(start, start + len(titles))
            cells = [_level(outcome), *(_change(report, arm, outcome) for arm in arms)]
            rows.append([_outcome_head(outcome), *(Cell("", markup=cell) for cell in cells)])
    part = f", {start + 1} to {start + len(titles)} of {count}" if count > _COLUMNS else ""
    return Table(f"All outcomes by policy{part}", [heads[0], "Baseline", *titles], rows, heads)


def _outcome_head(outcome: OutcomeRow) -> Cell:
    """Return label, unit, aim and definition of an outcome."""
    measure = outcome.measure
    less, more = numbers.directions(measure.unit)
    aim = {-1: f" · aim: {less}", 1: f" · aim: {more}"}.get(measure.good, "")
    details = el("small", esc(measure.unit + aim)) + el("small", esc(measure.doc))
    markup = esc(marked_label(outcome)) + details
    return Cell("", markup=markup, row_class="human" if measure.human else "")


def _level(outcome: OutcomeRow) -> str:
    """Return the level of the baseline."""
    if math.isfinite(outcome.level):
        return el("b", esc(numbers.amount(outcome.level, outcome.measure.unit)))
    return _none(f"no policy, so {UNDEFINED}" if outcome.is_price else UNDEFINED)


def _change(report: Report, arm: int, outcome: OutcomeRow) -> str:
    """Return the change of an outcome, in its unit and in percent, with its range."""
    change, unit = outcome.changes[arm], outcome.measure.unit
    if outcome.is_price:
        context = el("p", f"human costs: {_human_costs(report, arm)}", class_="beside")
        return _price(change).html + context
    if not math.isfinite(change.difference):
        return _none(UNDEFINED)
    share = percent_change(change)
    look = None if is_meaningful(outcome, arm) else "none"
    text = el("b", esc(numbers.ranged(change.interval, unit).median), class_=look)
    text += esc(f" ({numbers.ranged_percent(share).median})") if share else ""
    return text + _note(outcome, arm, counted=report.drawn is not None)


def _none(reason: str) -> str:
    """Return, as markup, the reason why a figure is missing."""
    return el("span", reason, class_="none")


def _note(outcome: OutcomeRow, arm: int, *, counted: bool) -> str:
    """Return direction and range of a change; `counted` adds the pairs with the same sign."""
    change, unit = outcome.changes[arm], outcome.measure.unit
    less, more = numbers.directions(unit)
    word = "no change" if change.difference == 0 else more if change.difference > 0 else less
    pairs = f" in {change.same_sign} of {change.pairs}".replace(" ", NBSP)
    pairs = pairs if counted and change.pairs > 1 else ""
    single = is_single(change.interval)
    known = is_meaningful(outcome, arm) or word == "no change" or change.pairs == 1
    reason = why_not([change])
    meaning = word if known else f"{NO_CHANGE} ({reason})" if reason else NO_CHANGE
    if single:
        return el("small", esc(meaning + pairs))
    bounds = f"90{NBSP}%: {numbers.span(change.interval, unit)}"
    if not pairs:
        return el("small", esc(f"{meaning} · {bounds}"))
    lead = "" if known else f"{meaning}, "
    return el("small", esc(lead + word + pairs)) + el("small", esc(bounds))


# ---- prices -------------------------------------------------------------------------------------


def price_table(report: Report) -> Table:
    """Return dollars per averted entry and human costs by policy; no rows without a price."""
    prices, human = (
        [report.rows[key] for key in keys if key in report.rows] for keys in (PRICES, BESIDE_PRICES)
    )
    heads = ["Policy", "Spent per year of the run", *[outcome.measure.label for outcome in prices]]
    heads += [f"◆ {outcome.measure.label}" for outcome in human]
    rows = [
        [
            Cell(title, markup=f"{swatch(i)} {esc(title)}"),
            Cell(dollars(_spent(report, i)), f"planned: {dollars(planned(arm))} per year in force"),
            *[_price(outcome.changes[i]) for outcome in prices],
            *[Cell("", markup=_change(report, i, outcome)) for outcome in human],
        ]
        for i, (title, arm) in enumerate(zip(report.titles, report.arms, strict=True))
    ]
    return Table("Dollars per averted entry, and human costs", heads, rows if prices else ())


def _spent(report: Report, arm: int) -> float:
    """Return the dollars per year of the run that were spent: the outcome, or planned ones."""
    if (row := report.rows.get("dollars")) and math.isfinite(row.changes[arm].difference):
        return row.changes[arm].difference
    return planned(report.arms[arm]) - sum(report.arms[arm].dollars_unspent.values())


def _price(change: Difference) -> Cell:
    """Return dollars per averted entry, or why they are undefined."""
    if not math.isfinite(change.difference) or change.difference < 0:
        return Cell("", markup=_none(numbers.NO_PRICE))
    texts = price_texts(change)
    bounds = f"90{NBSP}%: {texts.low} to {texts.high}"
    return Cell(texts.median, "" if is_single(change.interval) else bounds, "b")


def _human_costs(report: Report, arm: int) -> str:
    """Return the human costs that accompany every price."""
    rows = [report.rows[key] for key in BESIDE_PRICES if key in report.rows]
    changes = [
        f"{row.measure.label} {numbers.ranged(row.changes[arm].interval, row.measure.unit).median}"
        for row in rows
    ]
    return esc(", ".join(changes)) or "people turned away and deaths were not counted"


# ---- official statistics and assumptions --------------------------------------------------------


def official_table(report: Report) -> Table:
    """Return the baseline and official statistics, largest miss first."""
    statistics = observed_median(
        list(report.baseline.runs.values()), report.comparison.scenario.world
    )
    rows = []
    for name, simulated, observed, source in sorted(
        statistics, key=lambda one: -percent_error(one[1], one[2])
    ):
        figures = Cell(numbers.exact(simulated), tag="b"), Cell(numbers.exact(observed))
        rows.append([Cell(name), *figures, _error(simulated, observed), Cell(source)])
    heads = ("Statistic", "Simulated", "Observed", "Difference", "Source")
    return Table("The baseline and official statistics, largest miss first", heads, rows)


def _error(simulated: float, observed: float) -> Cell:
    """Return the difference in percent of the observed value."""
    off = percent_error(simulated, observed)
    shown = numbers.percent((simulated / observed - 1) * 100 if math.isfinite(off) else math.nan)
    return Cell(shown, f"more than {_FAR_OFF}{NBSP}% off" if off > _FAR_OFF else "")


def assumption_table(report: Report) -> Table:
    """Return the most important assumed parameters; equal rows are shown once."""
    rows = {
        (row.path, f"{_value(row)} {row.unit}", row.doc): None
        for row in assumption_rows(report.comparison, report.spans)
    }
    cells = [
        (Cell(path, markup=el("code", esc(path)) + " [A]"), Cell(value, tag="b"), Cell(doc))
        for path, value, doc in rows
    ]
    return Table("Assumed, not measured [A]", ("Parameter", "Value", "Description"), cells)


def _value(row: AssumptionRow) -> str:
    """Return a number, a list of numbers, or the range of a number over an ensemble."""
    if row.span:
        places = numbers.decimals(row.span[1])
        return " to ".join(numbers.plain(numbers.rounded(end), places) for end in row.span)
    values = row.value if isinstance(row.value, list | tuple) else [row.value]
    return ", ".join(map(plain, values))
