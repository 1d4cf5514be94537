"""The pictures of the report: maps, series, forest plots, each with a line on how to read it."""

from __future__ import annotations

import math

import numpy as np

from viz.documents.comparison.tables import groups
from viz.figures.depth import Row, depth_svg
from viz.figures.forest import interval_svg
from viz.figures.inputs import PRICES, ArmReport, CompareReport
from viz.figures.markup import el, esc, section
from viz.figures.numbers import plain, rounded
from viz.figures.route_map import clean, flow_map_svg, largest, leg_name
from viz.figures.series import series_svg

HOW = (
    "Ribbons are legs of the journey; the wider and darker, the more people pass in a year.",
    "Arrowheads show the direction. Strands side by side are road, rail and foot.",
    "A leg tells its number when the pointer rests on it. Routes between cities are drawn as "
    "straight lines, not as roads.",
)


def maps(report: CompareReport) -> str:
    """The baseline map, then what each policy changes, on one scale."""
    base, title = report.baseline.leg_flow, f"Baseline: {report.baseline.title}"
    how = "".join(el("p", esc(line)) for line in HOW)
    aside = el("aside", el("h3", "How to read it"), how, busiest(report))
    hero = el(
        "div", el("figure", flow_map_svg(report.map, base, title=title)), aside, class_="hero"
    )
    lead = "Mean over runs, persons a year." if report.reps > 1 else "One run, persons a year."
    if report.arms:
        lead += (
            " The smaller maps show only what changes, all on one scale: solid orange legs gain "
            "people, dashed blue legs lose them."
        )
    return section("maps", "Where people move", hero, _changes(report), lead=lead)


def _changes(report: CompareReport) -> str:
    """One small map a policy, all on one scale."""
    data, base = report.map, report.baseline.leg_flow
    scale = largest(data, [clean(a.leg_flow, data) - clean(base, data) for a in report.arms])
    small = []
    for arm in report.arms:
        title = f"{arm.title}: change"
        picture = flow_map_svg(
            data, arm.leg_flow, title=title, reference_max=scale, difference_from=base
        )
        small.append(el("figure", picture))
    return el("div", *small, class_="grid") if small else ""


def busiest(report: CompareReport) -> str:
    """The legs with most people, so that the map is not the only way to learn them."""
    data = report.map
    flow = clean(report.baseline.leg_flow, data)
    top = [int(i) for i in np.argsort(-flow, kind="stable")[:5] if flow[i] > 0]
    items = [
        el(
            "li",
            esc(f"{leg_name(data, i)}, {data.leg_mode[i]}: "),
            el("b", plain(rounded(float(flow[i])))),
        )
        for i in top
    ]
    return el("h3", "Busiest legs, persons a year") + el("ol", *items) if items else ""


def depth(report: CompareReport) -> str:
    """Where people are stopped, and what each policy changes there."""
    arms = _titled([report.baseline, *report.arms])
    rows: list[Row] = [(t, i, arm.depth) for i, (t, arm) in enumerate(arms, -1) if arm.depth]
    if not rows:
        return ""
    unit = "events a year"
    charts = [depth_svg(rows, title="People stopped", unit=unit)]
    base = report.baseline.depth
    changes: list[Row] = [
        (t, i, {k: v - base.get(k, math.nan) for k, v in found.items()})
        for t, i, found in rows
        if i >= 0
    ]
    if base and changes:
        charts.append(depth_svg(changes, title="Change from the baseline", unit=unit, changes=True))
    lead = (
        "From Mexico's south to the checkpoints behind the U.S. line; at the line turn-backs are "
        "counted too. Is the line the last place where people are stopped, or the first? "
        + ("Mean over runs." if report.reps > 1 else "One run.")
    )
    figures = [el("figure", chart) for chart in charts]
    return section(
        "depth", "Where people are stopped", el("div", *figures, class_="grid"), lead=lead
    )


def over_time(report: CompareReport) -> str:
    """One chart a series, the baseline and all policies in it."""
    arms = [report.baseline, *report.arms]
    names = list(dict.fromkeys(n for arm in arms for n in arm.series))
    charts = []
    for name in names:
        info = report.outcome_info.get(name)
        title = info.label if info else name.replace("_", " ").capitalize()
        lines = {t: arm.series[name] for t, arm in _titled(arms) if name in arm.series}
        unit = _monthly(info.unit) if info else "persons a month"
        picture = series_svg(
            report.months, lines, title=title, unit=unit, policy_dates=report.policy_dates
        )
        charts.append(el("figure", picture))
    lead = "By month: the line is the median" + (
        f" of {report.reps} runs, the band holds nine in ten."
        if report.reps > 1
        else "; one run, no band."
    )
    return (
        section("time", "Over time", el("div", *charts, class_="grid"), lead=lead) if charts else ""
    )


def _monthly(unit: str) -> str:
    """The unit of an outcome, by month."""
    return unit.replace("a year", "a month") if "a year" in unit else f"{unit} a month"


def _titled(arms: list[ArmReport]) -> list[tuple[str, ArmReport]]:
    """Arms with titles that differ, also where two were given the same."""
    seen: dict[str, int] = {}
    found = []
    for arm in arms:
        seen[arm.title] = seen.get(arm.title, 0) + 1
        found.append(
            (arm.title if seen[arm.title] == 1 else f"{arm.title} ({seen[arm.title]})", arm)
        )
    return found


def differences(report: CompareReport) -> str:
    """A forest plot an outcome."""
    parts = []
    for title, keys in groups(report):
        charts = [_forest(report, key) for key in keys if _can_be_drawn(report, key)]
        idle = [report.outcome_info[key].label for key in keys if _idle(report, key)]
        if charts or idle:
            parts.append(el("h3", esc(title), class_="group-title"))
            parts.append(el("div", *charts, class_="grid") if charts else "")
        if idle:
            words = f"No change under any policy: {', '.join(idle)}."
            parts.append(el("p", esc(words), class_="note"))
    if not parts:
        return ""
    bars = "Dot: median; thick bar: half of the runs; thin line: nine in ten."
    lead = (
        f"Difference from the baseline, same people and same luck. "
        f"{bars if report.reps > 1 else 'One run: no range.'} The upright line is no difference. "
        "◆ marks costs to people."
    )
    return section("differences", "What each policy changes", *parts, lead=lead)


def _can_be_drawn(report: CompareReport, key: str) -> bool:
    """Whether an outcome has differences to draw: prices have none, nor what never changes."""
    rows = [arm.outcomes[key] for arm in report.arms if key in arm.outcomes]
    known = any(math.isfinite(row.difference) for row in rows)
    return key not in PRICES and known and not _idle(report, key)


def _idle(report: CompareReport, key: str) -> bool:
    """Whether no policy changes an outcome in any run."""
    rows = [arm.outcomes[key] for arm in report.arms if key in arm.outcomes]
    ends = [end for row in rows for end in (row.difference, row.low90, row.high90)]
    return key not in PRICES and bool(ends) and not any(ends)


def _forest(report: CompareReport, key: str) -> str:
    """The forest plot of an outcome."""
    info = report.outcome_info[key]
    rows = {t: a.outcomes[key] for t, a in _titled(report.arms) if key in a.outcomes}
    title = ("◆ " if info.human else "") + info.label
    return el("figure", interval_svg(rows, title=title, unit=info.unit))
