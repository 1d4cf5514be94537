"""Tables: a header cell for every row and column, and on a phone one block a row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from viz.documents.comparison.sentences import spent
from viz.figures.inputs import (
    BESIDE_PRICES,
    PRICES,
    ArmReport,
    CompareReport,
    OutcomeInfo,
    OutcomeRow,
)
from viz.figures.markup import el, esc
from viz.figures.numbers import (
    NBSP,
    NOT_AVERTED,
    UNDEFINED,
    amount,
    directions,
    dollars,
    exact,
    is_clear,
    is_single,
    percent,
    rounded,
    signed_amount,
    span,
)
from viz.figures.palette import arm_style, marker

COLUMNS = 4


def swatch(index: int) -> str:
    """The mark of an arm, for headings and keys."""
    style = arm_style(index)
    shape = marker(style.shape, 7, 7, 4.6, fill=style.colour)
    return el("svg", shape, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")


def table(caption: str, heads: Sequence[str], rows: Sequence[str], class_: str = "") -> str:
    """A table; heads and rows are markup."""
    head = el("tr", *[el("th", h, scope="col", role="columnheader") for h in heads], role="row")
    return el(
        "table",
        el("caption", esc(caption)),
        el("thead", head, role="rowgroup"),
        el("tbody", *rows, role="rowgroup"),
        class_=class_ or None,
        role="table",
    )


def row(name: str, cells: Sequence[str], labels: Sequence[str], class_: str = "") -> str:
    """A row: its header, then its cells, each with the words that name it on a phone."""
    data = [
        el("td", c, data_label=label, role="cell") for c, label in zip(cells, labels, strict=True)
    ]
    head = el("th", name, scope="row", role="rowheader")
    return el("tr", head, *data, class_=class_ or None, role="row")


def outcome_table(report: CompareReport) -> str:
    """Rows outcomes, columns the baseline and each policy's difference."""
    starts = range(0, max(1, len(report.arms)), COLUMNS)
    return "".join(_outcome_block(report, start) for start in starts)


def _outcome_block(report: CompareReport, start: int) -> str:
    """As many policies as fit side by side."""
    arms = report.arms[start : start + COLUMNS]
    labels = ["Baseline", *[arm.title for arm in arms]]
    heads = ["Outcome, a year", f"{swatch(-1)} Baseline: {esc(report.baseline.title)}"]
    heads += [f"{swatch(i)} {esc(arm.title)}" for i, arm in enumerate(arms, start)]
    rows = []
    for name, keys in groups(report):
        wide = el("th", esc(name), colspan=len(heads), scope="colgroup", role="rowheader")
        rows.append(el("tr", wide, class_="group", role="row"))
        rows += [_outcome_row(report, k, arms, labels) for k in keys]
    part = (
        f", {start + 1} to {start + len(arms)} of {len(report.arms)}"
        if start or len(report.arms) > COLUMNS
        else ""
    )
    return table(f"Every outcome, by policy{part}", heads, rows, "outcomes")


def groups(report: CompareReport) -> list[tuple[str, list[str]]]:
    """Titles and outcomes of the groups, in the order in which they come; ◆ marks human costs."""
    found: dict[str, list[str]] = {}
    for key, info in report.outcome_info.items():
        title = info.group or ("What it costs people" if info.human else "Flow and enforcement")
        found.setdefault(title, []).append(key)
    known = report.outcome_info
    return [
        ("◆ " + title if all(known[k].human for k in keys) else title, keys)
        for title, keys in found.items()
    ]


def _outcome_row(report: CompareReport, key: str, arms: list[ArmReport], labels: list[str]) -> str:
    """One outcome over these policies."""
    info = report.outcome_info[key]
    aim = {-1: " · aim: fewer", 1: " · aim: more"}.get(info.good, "")
    if aim and directions(info.unit)[0] == "lower":
        aim = aim.replace("fewer", "lower").replace("more", "higher")
    sign = "◆ " if info.human else ""
    name = esc(sign + info.label) + el("small", esc(info.unit + aim)) + el("small", esc(info.doc))
    cells = [_level(report, key, info)]
    cells += [_difference(arm, key, info, report) for arm in arms]
    return row(name, cells, labels, "human" if info.human else "")


def _level(report: CompareReport, key: str, info: OutcomeInfo) -> str:
    """The baseline's own level."""
    found = report.baseline.outcomes.get(key)
    value = found.baseline if found else math.nan
    if not math.isfinite(value):
        return el(
            "span", "no policy, so " + UNDEFINED if key in PRICES else UNDEFINED, class_="none"
        )
    return el("b", esc(amount(value, info.unit)))


def _difference(arm: ArmReport, key: str, info: OutcomeInfo, report: CompareReport) -> str:
    """A signed, worded difference with its range."""
    if key in PRICES:
        return averted(arm, key) + el("p", "beside it: " + beside(arm, report), class_="beside")
    found = arm.outcomes.get(key)
    if found is None or not math.isfinite(found.difference):
        return el("span", UNDEFINED, class_="none")
    share = found.percent
    tail = f" ({percent(share.median)})" if share else ""
    return (
        el("b", esc(signed_amount(found.difference, info.unit)))
        + esc(tail)
        + _note(found, info, counted=report.ensemble is not None)
    )


def _note(found: OutcomeRow, info: OutcomeInfo, *, counted: bool) -> str:
    """The direction in a word, and the range or why there is none; `counted` adds the pairs."""
    less, more = directions(info.unit)
    word = "no change" if found.difference == 0 else more if found.difference > 0 else less
    many = ""
    if counted and found.pairs > 1:
        many = f" in {found.alike} of {found.pairs}".replace(" ", NBSP)
    if is_single(found.interval):
        return el("small", word + many)
    clear = word if is_clear(found.interval) else "no clear change"
    ranges = f"90{NBSP}%: {span(found.interval, info.unit)}"
    if not many:
        return el("small", esc(f"{clear} · {ranges}"))
    lead = "" if word == clear or found.difference == 0 else f"{clear}, "
    return el("small", esc(lead + word + many)) + el("small", esc(ranges))


def averted(arm: ArmReport, key: str) -> str:
    """Dollars per averted entry of one kind, or why there is no such number."""
    found = arm.outcomes.get(key)
    value = found.difference if found else math.nan
    if found is None or not math.isfinite(value) or value < 0:
        return el("span", NOT_AVERTED, class_="none")
    note = ""
    if not is_single(found.interval):
        ends = [
            dollars(rounded(v)) if math.isfinite(v) and v >= 0 else "no bound"
            for v in (found.low90, found.high90)
        ]
        note = el("small", esc(f"90{NBSP}%: {ends[0]} to {ends[1]}"))
    return el("b", esc(dollars(rounded(value)))) + note


def beside(arm: ArmReport, report: CompareReport) -> str:
    """What must stand beside dollars per averted entry."""
    parts = []
    for key in BESIDE_PRICES:
        found, info = arm.outcomes.get(key), report.outcome_info.get(key)
        if found and info:
            parts.append(esc(f"{info.label} {signed_amount(found.difference, info.unit)}"))
    return ", ".join(parts) or "people turned away and deaths were not counted"


def price_table(report: CompareReport) -> str:
    """Dollars per averted entry beside what it does to people."""
    keys = [k for k in BESIDE_PRICES if k in report.outcome_info]
    prices = [k for k in PRICES if k in report.outcome_info]
    labels = ["Spent", *[report.outcome_info[k].label for k in prices]]
    labels += [f"◆ {report.outcome_info[k].label}" for k in keys]
    rows = []
    for i, arm in enumerate(report.arms):
        cells = [esc(dollars(spent(arm))) + " a year", *[averted(arm, k) for k in prices]]
        cells += [_difference(arm, k, report.outcome_info[k], report) for k in keys]
        rows.append(row(f"{swatch(i)} {esc(arm.title)}", cells, labels))
    heads = ["Policy", *[esc(label) for label in labels]]
    return table("What an averted entry costs, in money and in people", heads, rows)


def target_table(report: CompareReport) -> str:
    """Baseline against official statistics, the farthest off first."""
    labels = ["Simulated", "Observed", "Difference", "Source"]
    rows = []
    for name, simulated, observed, source in sorted(
        report.targets, key=lambda t: -_miss(t[1], t[2])
    ):
        miss = _miss(simulated, observed)
        off = (simulated / observed - 1) * 100 if math.isfinite(miss) else math.nan
        word = el("small", "more than 20" + NBSP + "% off") if miss > 20 else ""
        cells = [el("b", exact(simulated)), exact(observed), percent(off) + word, esc(source)]
        rows.append(row(esc(name), cells, labels))
    return table(
        "The baseline and official statistics, largest miss first", ["What", *labels], rows
    )


def _miss(simulated: float, observed: float) -> float:
    """Distance in percent of the observed value; infinite where it cannot be said."""
    if not (math.isfinite(simulated) and math.isfinite(observed)) or observed == 0:
        return math.inf
    return abs(simulated / observed - 1) * 100


def assumption_table(report: CompareReport) -> str:
    """The most important numbers that are assumed."""
    labels = ["Value", "What it is"]
    rows = [
        row(el("code", esc(path)) + " [A]", [el("b", esc(value)), esc(doc)], labels)
        for path, value, doc in report.assumptions
    ]
    return table("Assumed, not measured [A]", ["Parameter", *labels], rows)
