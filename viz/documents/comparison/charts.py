"""Report charts: maps, interdictions, monthly series and forest plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from abm.measures import HUMAN_COSTS, OUTCOMES
from abm.world.routes import declaration_of
from experiments.comparison.compare import Comparison
from experiments.rows.comparison import (
    arm_titles,
    mean_depth,
    mean_leg_flow,
    monthly_band,
    policy_dates,
)
from experiments.runs.intervals import range_words
from experiments.validation.statistics import whole_months
from viz.documents.comparison.report import Report
from viz.documents.html import Section, grid
from viz.figures.comparison import Row, describe_depth, describe_series, plot_depth, plot_series
from viz.figures.markup import el, esc
from viz.figures.numbers import plain, rounded
from viz.figures.route_map import clean, flow_map_svg, largest, leg_name
from viz.figures.svg import svg

#: Monthly series of the report, keys of ``RunResult.series``.
SERIES = (
    "got_aways",
    "unlawful_entries",
    "apprehended_us",
    "apprehended_mexico",
    *HUMAN_COSTS,
    "set_out",
)
_MAP_HELP = (
    "Ribbons are legs of the journey: width and darkness increase with the number of people per "
    "year.",
    "Arrowheads show the direction. A ribbon adds up road, rail and foot.",
    "Legs between cities are drawn as straight lines, not as roads. The tooltip of a leg shows its "
    "number of people.",
)


# ---- maps ---------------------------------------------------------------------------------------


def maps(report: Report) -> Section:
    """Build the section with the baseline map and the changes under every policy."""
    texts = [el("p", esc(line)) for line in _MAP_HELP]
    aside = el("aside", el("h3", "Legend"), *texts, _busiest_legs(report))
    hero = el("div", el("figure", baseline_map(report)), aside, class_="hero")
    lead = _over_runs(report, "Persons per year")
    if report.arms:
        lead += (
            " The smaller maps show changes from the baseline on one scale: people increase on "
            "solid orange legs and decrease on dashed blue legs."
        )
    return Section("maps", "Routes", "Routes", hero + _change_maps(report), lead)


def baseline_map(report: Report) -> str:
    """Return the baseline map as SVG."""
    title = f"Baseline: {report.baseline.title}, persons per year"
    return flow_map_svg(report.map, mean_leg_flow(report.baseline), title=title)


def _change_maps(report: Report) -> str:
    """Return one small map per policy, all on one scale."""
    data, base = report.map, mean_leg_flow(report.baseline)
    flows = dict(zip(report.titles, map(mean_leg_flow, report.arms), strict=True))
    scale = largest(data, [clean(flow, data) - clean(base, data) for flow in flows.values()])
    charts = [
        flow_map_svg(data, flow, title=f"{t}: change", reference_max=scale, difference_from=base)
        for t, flow in flows.items()
    ]
    return grid(charts) if charts else ""


def _busiest_legs(report: Report) -> str:
    """Return the five legs with most people as a list."""
    data = report.map
    flow = clean(mean_leg_flow(report.baseline), data)
    top = [int(i) for i in np.argsort(-flow, kind="stable")[:5] if flow[i] > 0]
    items = [
        esc(f"{leg_name(data, i)}, {data.leg_mode[i]}: ") + el("b", plain(rounded(float(flow[i]))))
        for i in top
    ]
    legs = el("ol", *(el("li", item) for item in items))
    return el("h3", "Busiest legs, persons per year") + legs if items else ""


# ---- interdictions ------------------------------------------------------------------------------


def depth(report: Report) -> Section:
    """Build the section on where interdictions happen, and what every policy changes there."""
    titles, arms = arm_titles(report.comparison), [report.baseline, *report.arms]
    translate = report.world.say
    levels = [{translate(place): v for place, v in mean_depth(arm).items()} for arm in arms]
    rows: list[Row] = list(zip(titles, range(-1, len(arms)), levels, strict=False))
    charts = [_depth_chart(rows, "Baseline and policies" if report.arms else "Baseline")]
    if report.arms:
        differences: list[Row] = [
            (title, position, {place: value - levels[0][place] for place, value in level.items()})
            for title, position, level in rows[1:]
        ]
        charts.append(_depth_chart(differences, "Change from the baseline", changes=True))
    lead = translate(
        "Bars are interdictions, ordered from southern Mexico to the checkpoints behind the U.S. "
        "line; at the line they include people who were turned back. "
    ) + _over_runs(report, "Events per year")
    return Section("depth", "Interdictions", "Interdictions by location", grid(charts), lead)


def _depth_chart(rows: list[Row], title: str, *, changes: bool = False) -> str:
    """Return bars by location as SVG."""
    unit = "events per year"
    ax = plot_depth(rows, title=title, unit=unit, changes=changes)
    return svg(ax, title, describe_depth(rows, unit, changes=changes), class_="depth")


# ---- monthly series -----------------------------------------------------------------------------


def monthly(report: Report) -> Section:
    """Build the section with one chart per monthly series."""
    charts = grid(series_chart(report.comparison, name) for name in SERIES)
    lead = "Horizontal axis: months; vertical axis: persons or events per month. " + (
        f"Lines are medians; bands: {range_words(report.replicates)}."
        if report.replicates > 1
        else "Lines show one run, without a band."
    )
    return Section("time", "Monthly series", "Monthly series", charts, lead)


def series_chart(comparison: Comparison, name: str) -> str:
    """Draw a monthly series for the baseline and every arm.

    Args:
        comparison: comparison of which every arm has runs.
        name: key in ``RunResult.series`` and ``OUTCOMES``.

    Returns:
        The chart as SVG.
    """
    data, ax = MonthlySeries.of(comparison, name), plot_monthly(comparison, name)
    description = describe_series(data.months, data.bands, data.unit)
    return svg(ax, data.label, description, class_="series")


def plot_monthly(comparison: Comparison, name: str, ax: Axes | None = None) -> Axes:
    """Plot a monthly series for the baseline and every arm.

    Args:
        comparison, name: as in :func:`series_chart`.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes.
    """
    data, dates = MonthlySeries.of(comparison, name), policy_dates(comparison)
    texts = {"title": data.label, "unit": data.unit}
    return plot_series(data.months, data.bands, **texts, policy_dates=dates, ax=ax)


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """A monthly series.

    Attributes:
        label: outcome label.
        unit: unit of the figures.
        months: the whole months. A run without a whole month keeps its partial months.
        bands: values by arm title.
    """

    label: str
    unit: str
    months: list[str]
    bands: dict[str, np.ndarray]

    @classmethod
    def of(cls, comparison: Comparison, name: str) -> MonthlySeries:
        """Return a series for the baseline and every arm.

        Args:
            comparison: a comparison with baseline runs.
            name: outcome name.

        Returns:
            The series by whole months.
        """
        measure = declaration_of(comparison.scenario.world).labelled(OUTCOMES[name])
        arms = [comparison.baseline, *comparison.arms]
        run = next(iter(comparison.baseline.runs.values()))
        months = whole_months(run) or run.months  # a part of a month would look like a fall
        first = run.months.index(months[0])
        chosen = slice(first, first + len(months))
        values = [np.asarray(monthly_band(arm, name))[:, chosen] for arm in arms]
        bands = dict(zip(arm_titles(comparison), values, strict=True))
        return cls(measure.label, measure.unit.replace("per year", "per month"), months, bands)


def _over_runs(report: Report, quantity: str) -> str:
    """Return whether a quantity is a mean over runs or from one run."""
    return f"{quantity}, {'mean over runs' if report.replicates > 1 else 'one run'}."
