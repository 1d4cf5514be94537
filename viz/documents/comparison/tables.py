"""Tables of the report: changes on one axis, prices, interdictions, assumptions, precision."""

from __future__ import annotations

import math
from collections.abc import Sequence

from abm.measures import BESIDE_PRICES, OUTCOMES, PRICES
from agents.param import plain
from experiments.comparison.sequential import SequentialComparison
from experiments.rows.comparison import (
    ENTRIES,
    AssumptionRow,
    OutcomeRow,
    arm_titles,
    assumption_rows,
    interdictions_by_depth,
    planned,
)
from experiments.runs.pairs import Difference
from viz.documents.comparison import sentences
from viz.documents.comparison.report import Report, marked_label
from viz.documents.html import Cell, Table
from viz.documents.labels import joined
from viz.figures import numbers
from viz.figures.comparison import axis_limit, axis_names, change_text, track
from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, UNDEFINED, dollars, is_single
from viz.figures.palette import arm_style, marker

#: Outcomes that precede the human costs in the main forest table.
FLOWS = (*ENTRIES, "apprehended_us", "apprehended_mexico", "set_out")
_MARKS = (
    "A filled mark and a coloured figure: a meaningful change. An arrowhead: the range goes beyond "
    "the axis. A hollow mark and grey figures: "
)
_MEAN = "This is an interval of the mean (Student t), which narrows as pairs are added."
_MEMBERS = (
    "The interval is computed over members, with one value per member: seeds of one member share "
    "its parameters, so more seeds cannot replace more members. The ranges elsewhere describe the "
    "members and do not narrow."
)
_CAUTION = (
    "Repeated reviews stop slightly too often when the sample spread happens to be small, so these "
    f"intervals are slightly narrow: of the intervals of 90{NBSP}%, about 87 to 90 in a hundred "
    "contain the mean."
)
_REASONS = {
    "max_pairs": "this width was not reached with the {max_pairs} pairs allowed",
    "undefined": "a percentage is undefined, because the baseline has none of it",
    "failed": "the interval is unknown, because runs failed",
}


def swatch(position: int) -> str:
    """Return the mark of an arm as SVG. The baseline has the position -1."""
    style = arm_style(position)
    shape = marker(style.shape, 7, 7, 4.6, fill=style.colour)
    return el("svg", shape, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")


# ---- the forest table ---------------------------------------------------------------------------


def main_outcomes(report: Report) -> list[tuple[str, list[OutcomeRow]]]:
    """Return two titled groups of outcomes: entries and enforcement, and human costs."""
    human = [row for _, rows in report.groups for row in rows if row.measure.human]
    flows = [report.rows[key] for key in FLOWS if key in report.rows]
    return [("Entries and enforcement", flows), ("◆ Human costs", human)]


def forest_table(
    report: Report, groups: Sequence[tuple[str, list[OutcomeRow]]], *, details: bool = False
) -> str:
    """Return a table that draws the changes of all outcomes under every policy on one axis.

    Args:
        report: comparison and its settings.
        groups: titled groups of outcomes, one row per outcome.
        details: whether to add units, definitions, changes in the unit and pairs of equal sign.

    Returns:
        HTML. Each row has the baseline level and one line per policy with its mark, its change and
        the 90 % range.
    """
    changes = [change for _, outcomes in groups for row in outcomes for change in row.changes]
    limit = axis_limit(change.percent for change in changes if change.percent)
    rows: list[list[Cell]] = []
    for title, outcomes in groups:
        rows += [[Cell(title)]] if outcomes else []
        rows += [_forest_row(report, row, limit, details) for row in outcomes]
    columns = ["Change", f"90{NBSP}% range", *(["In its unit"] if details else [])]
    texts = [el("span", text) for text in columns]
    line = el("div", el("span"), axis_names(limit), *texts, class_="line")
    heads = ("Outcome, per year", "Baseline", f"Change, on an axis to ±{limit}{NBSP}%")
    caption = f"Changes from the baseline: {report.interval_text}"
    table = Table(caption, heads, rows, (*map(esc, heads[:2]), line))
    look = "forest-table titled details" if details else "forest-table titled"
    return table.html(look) + el("p", esc(_MARKS + sentences.RULE), class_="note")


def _forest_row(report: Report, row: OutcomeRow, limit: int, details: bool) -> list[Cell]:
    """Return the cells of an outcome: label, baseline level and one line per policy."""
    measure, head = row.measure, Cell(row.measure.label)
    if details:
        less, more = numbers.directions(measure.unit)
        aim = {-1: f"aim: {less} · ", 1: f"aim: {more} · "}.get(measure.good, "")
        head = Cell(marked_label(row), f"{measure.unit} · {aim}{measure.doc}")
    level = numbers.amount(row.level, measure.unit) if math.isfinite(row.level) else UNDEFINED
    lines = "".join(_line(report, row, arm, limit, details) for arm in range(len(report.arms)))
    return [head, Cell(level), Cell("", markup=lines)]


def _line(report: Report, row: OutcomeRow, arm: int, limit: int, details: bool) -> str:
    """Return the line of one policy: its mark on the axis, the change and the range."""
    change = row.changes[arm]
    text, bounds = sentences.change_texts(row, change)
    note, look = "", "none"
    if change.is_meaningful:
        look = f"arm-{arm}" if len(report.arms) <= 2 else None
    else:
        reason = sentences.why_not(change)
        reason = f" {sentences.NO_CHANGE}: {reason}" if reason else f" {sentences.NO_CHANGE}"
        note = el("span", esc(reason), class_="unseen")
    parts = [
        swatch(arm),
        track(change.percent, limit, arm, meaningful=change.is_meaningful),
        el("span", esc(f"{report.titles[arm]}:"), class_="unseen"),
        el("b", esc(text), note, class_=look),
        el("small", esc(bounds)),
    ]
    if details:
        parts.append(el("small", esc(_in_unit(row, change, report)), class_="detail"))
    return el("div", *parts, class_="line")


def _in_unit(row: OutcomeRow, change: Difference, report: Report) -> str:
    """Return a change in its unit and, with an ensemble, the number of pairs with its sign."""
    parts = [numbers.ranged(change.interval, row.measure.unit).median] if change.percent else []
    if report.sample and change.pairs > 1 and math.isfinite(change.difference):
        parts.append(f"in {change.same_sign} of {change.pairs} pairs")
    return " · ".join(parts)


# ---- prices -------------------------------------------------------------------------------------


def price_table(report: Report) -> Table:
    """Return dollars per averted entry and human costs by policy.

    The table is empty if the report contains no price.
    """
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
            *[_human_cost(outcome, outcome.changes[i]) for outcome in human],
        ]
        for i, (title, arm) in enumerate(zip(report.titles, report.arms, strict=True))
    ]
    return Table("Dollars per averted entry, and human costs", heads, rows if prices else ())


def _spent(report: Report, arm: int) -> float:
    """Return the dollars spent per year: the outcome, or planned minus unspent dollars."""
    if (row := report.rows.get("dollars")) and math.isfinite(row.changes[arm].difference):
        return row.changes[arm].difference
    return planned(report.arms[arm]) - sum(report.arms[arm].dollars_unspent.values())


def _price(change: Difference) -> Cell:
    """Return the cell of a price, or the reason why there is none."""
    if not math.isfinite(change.difference) or change.difference < 0:
        return Cell("", markup=el("span", numbers.NO_PRICE, class_="none"))
    texts = sentences.price_texts(change)
    bounds = f"90{NBSP}%: {texts.low} to {texts.high}"
    return Cell(texts.median, "" if is_single(change.interval) else bounds, "b")


def _human_cost(row: OutcomeRow, change: Difference) -> Cell:
    """Return the cell of a human cost: its change, its range, and why the change may be unclear."""
    if not math.isfinite(change.difference):
        return Cell("", markup=el("span", UNDEFINED, class_="none"))
    unit, reason = row.measure.unit, sentences.why_not(change)
    parts = [f"{sentences.NO_CHANGE} ({reason})"] if reason else []
    if not is_single(change.interval):
        parts.append(f"90{NBSP}%: {numbers.span(change.interval, unit)}")
    return Cell(change_text(change, unit), " · ".join(parts), "b")


# ---- interdictions ------------------------------------------------------------------------------


def depth_table(report: Report) -> Table:
    """Return interdictions by location from south to north, and their change under every policy."""
    base, *levels = map(interdictions_by_depth, (report.baseline, *report.arms))
    titles = [f"Baseline: {report.baseline.title}", *report.titles]
    marks = [f"{swatch(i)} {esc(title)}" for i, title in enumerate(titles, -1)]
    rows = []
    for place, start in base.items():
        cells = [Cell(report.world.say(place)), Cell(numbers.count(start, change=False))]
        for level in (arm[place] for arm in levels):
            change = numbers.count(level - start, change=True)
            share = numbers.percent(100.0 * (level / start - 1.0) if start else math.nan)
            cells.append(Cell(numbers.count(level, change=False), f"{change} ({share})"))
        rows.append(cells)
    heads = ("Location, from south to north", *titles)
    return Table("Interdictions per year, mean over runs", heads, rows, [esc(heads[0]), *marks])


# ---- assumptions --------------------------------------------------------------------------------


def assumption_table(report: Report) -> Table:
    """Return the table of the most important assumed parameters, without equal rows."""
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
    """Format a number, a list, or a number's range over the ensemble."""
    if row.span:
        places = numbers.decimals(row.span[1])
        return " to ".join(numbers.plain(numbers.rounded(end), places) for end in row.span)
    values = row.value if isinstance(row.value, list | tuple) else [row.value]
    return ", ".join(map(plain, values))


# ---- the stopping rule ---------------------------------------------------------------------------


def rule_sentence(sequential: SequentialComparison) -> str:
    """State the stopping rule, whether it was met, and the number of pairs."""
    rule, last = sequential.rule, sequential.last
    names = joined([f'"{OUTCOMES[key].label}"' for key in rule.outcomes])
    goal = (
        f"until the 90{NBSP}% interval of the mean change of {names} was at most "
        f"{numbers.plain(rule.width)}{NBSP}% of the baseline wide under every policy"
    )
    if sequential.reached:
        return f"Pairs were added {goal}; that took {last.pairs} pairs."
    reason = _REASONS[sequential.stopped].format(max_pairs=rule.max_pairs)
    width = last.widest.width
    widest = f"; the widest is {numbers.plain(width)}{NBSP}%" if math.isfinite(width) else ""
    return f"Pairs were to be added {goal}; {reason}{widest} ({last.pairs} pairs were simulated)."


def explanation(sequential: SequentialComparison) -> list[str]:
    """Return the sentences that explain the rule and the intervals of the mean."""
    over_members = [_MEMBERS] if sequential.comparison.members else []
    return [rule_sentence(sequential), _MEAN, *over_members, _CAUTION]


def means_table(sequential: SequentialComparison) -> Table:
    """Return a table with mean changes and 90 % intervals, in percent of the baseline."""
    comparison = sequential.comparison
    specs = [arm.spec_text for arm in comparison.arms]
    titles = dict(zip(specs, arm_titles(comparison)[1:], strict=True))
    rows = []
    for change in sequential.last.changes:
        mean, low, high = numbers.ranged_percent(change.percent, 4)
        label = OUTCOMES[change.outcome].label
        interval = Cell(f"{low} to {high}")
        rows.append((Cell(titles[change.arm]), Cell(label), Cell(mean, tag="b"), interval))
    heads = ("Policy", "Outcome", "Mean change", f"90{NBSP}% interval of the mean")
    return Table("Precision of the mean changes, in percent of the baseline", heads, rows)
