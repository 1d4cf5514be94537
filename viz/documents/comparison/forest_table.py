"""The forest table: main outcomes under every policy on one axis, human costs together."""

from __future__ import annotations

import math

from abm.measures import ENTRIES
from experiments.rows.comparison import OutcomeRow, percent_change
from viz.documents.comparison.change_texts import change_texts
from viz.documents.comparison.report import Report
from viz.documents.comparison.sentences import NO_CHANGE, RULE, is_meaningful, why_not
from viz.documents.comparison.tables import swatch
from viz.figures import numbers
from viz.figures.forest_track import axis_limit, axis_names, track
from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP

#: Outcomes before the human costs.
FLOWS = (*ENTRIES, "apprehended_us", "apprehended_mexico", "set_out")
_MARKS = (
    "A filled mark and a coloured figure: a meaningful change. An arrowhead: the range goes beyond "
    "the axis. A hollow mark and grey figures: "
)


def forest_table(report: Report) -> str:
    """Return the table as markup.

    Args:
        report: the report.

    Returns:
        A row per outcome with the level of the baseline and a line per policy: mark, change and
        90 % range; empty without a policy or an outcome.
    """
    groups = [(title, rows) for title, rows in _groups(report) if rows]
    if not report.arms or not groups:
        return ""
    shares = [percent_change(one) for _, rows in groups for row in rows for one in row.changes]
    limit = axis_limit(share for share in shares if share)
    body = [part for title, rows in groups for part in _group(report, title, rows, limit)]
    columns = [esc("Outcome, per year"), esc("Baseline"), _line_head(limit)]
    heads = [el("th", head, scope="col", role="columnheader") for head in columns]
    return el(
        "table",
        el("caption", esc(f"Changes from the baseline: {report.interval_text}")),
        el("thead", el("tr", *heads, role="row"), role="rowgroup"),
        el("tbody", *body, role="rowgroup"),
        class_="forest-table titled",
        role="table",
    ) + el("p", esc(_MARKS + RULE), class_="note")


def _groups(report: Report) -> list[tuple[str, list[OutcomeRow]]]:
    """Return entries and enforcement, then all human costs, which carry the diamond."""
    human = [row for _, rows in report.groups for row in rows if row.measure.human]
    flows = [report.rows[key] for key in FLOWS if key in report.rows]
    return [("Entries and enforcement", flows), ("◆ Human costs", human)]


def _group(report: Report, title: str, rows: list[OutcomeRow], limit: int) -> list[str]:
    """Return the title of a group and its rows."""
    wide = {"colspan": 3, "scope": "colgroup", "role": "rowheader"}
    head = el("tr", el("th", esc(title), **wide), class_="group", role="row")
    return [head, *(_row(report, row, limit) for row in rows)]


def _row(report: Report, row: OutcomeRow, limit: int) -> str:
    """Return an outcome: label, level of the baseline and a line per policy."""
    known = math.isfinite(row.level)
    level = numbers.amount(row.level, row.measure.unit) if known else numbers.UNDEFINED
    lines = [_line(report, row, arm, limit) for arm in range(len(report.arms))]
    return el(
        "tr",
        el("th", esc(row.measure.label), scope="row", role="rowheader"),
        el("td", esc(level), data_label="Baseline", role="cell"),
        el("td", *lines, data_label=f"Change, on an axis to ±{limit}{NBSP}%", role="cell"),
        role="row",
    )


def _line_head(limit: int) -> str:
    """Return the heads of a line: axis, change and range."""
    texts = [el("span", text) for text in ("Change", f"90{NBSP}% range")]
    return el("div", el("span"), axis_names(limit), *texts, class_="line")


def _line(report: Report, row: OutcomeRow, arm: int, limit: int) -> str:
    """Return the change under one policy: its mark on the axis, the change and the range."""
    change = row.changes[arm]
    text, bounds = change_texts(row, change)
    meaningful = is_meaningful(row, arm)
    hidden = [el("span", esc(f"{report.titles[arm]}:"), class_="unseen")]
    reason = why_not([change])
    reason = f" {NO_CHANGE}: {reason}" if reason else f" {NO_CHANGE}"
    note = "" if meaningful else el("span", esc(reason), class_="unseen")
    look = f"arm-{arm}" if meaningful and len(report.arms) <= 2 else "" if meaningful else "none"
    return el(
        "div",
        swatch(arm),
        track(percent_change(change), limit, arm, meaningful=meaningful),
        *hidden,
        el("b", esc(text), note, class_=look or None),
        el("small", esc(bounds)),
        class_="line",
    )
