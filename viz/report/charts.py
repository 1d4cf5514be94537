"""The pictures of the report: maps, series, forest plots, each with a line on how to read it."""

from __future__ import annotations

import math

import numpy as np

from viz.report.flowmap import clean, flow_map_svg, largest, leg_name
from viz.report.forest import interval_svg
from viz.report.inputs import PRICES, ArmReport, CompareReport
from viz.report.markup import el, esc, section
from viz.report.numbers import plain, rounded
from viz.report.series import series_svg

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
    charts = []
    titled = _titled(report.arms)
    for key, info in report.outcome_info.items():
        rows = {t: arm.outcomes[key] for t, arm in titled if key in arm.outcomes}
        if key not in PRICES and any(math.isfinite(r.difference) for r in rows.values()):
            title = ("◆ " if info.human else "") + info.label
            charts.append(el("figure", interval_svg(rows, title=title, unit=info.unit)))
    if not charts:
        return ""
    bars = "Dot: median; thick bar: half of the runs; thin line: nine in ten."
    lead = (
        f"Difference from the baseline, same people and same luck. "
        f"{bars if report.reps > 1 else 'One run: no range.'} The upright line is no difference. "
        "◆ marks costs to people."
    )
    return section(
        "differences", "What each policy changes", el("div", *charts, class_="grid"), lead=lead
    )
