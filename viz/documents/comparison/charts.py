"""Charts of the report: maps and monthly series."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from abm.measures import HUMAN_COSTS, OUTCOMES
from abm.world.routes import declaration_of
from experiments.comparison.compare import Arm, Comparison
from experiments.rows import comparison as rows
from experiments.runs.intervals import range_words
from experiments.validation.statistics import whole_months
from viz.documents.comparison.report import Report
from viz.documents.html import Section, grid
from viz.figures.comparison import describe_series, plot_series
from viz.figures.markup import el, esc
from viz.figures.route_map import flow_map_svg, largest
from viz.figures.svg import svg

#: Keys in ``RunResult.series`` of the series that the report shows.
SERIES = (
    "got_aways",
    "unlawful_entries",
    "apprehended_us",
    "apprehended_mexico",
    *HUMAN_COSTS,
    "set_out",
)
_MAP_HELP = (
    "Ribbons are corridors of the journey, as wide as the number of people a day who pass, by "
    "road, by rail and on foot.",
    "Chevrons show the direction where 200 or more pass; fewer than 25 are not drawn.",
    "Corridors are smooth curves through cities, not roads. A tooltip shows the number of people.",
)
_DAYS = 365.0  # days per year, because results contain yearly flows


# ---- maps ---------------------------------------------------------------------------------------


def maps(report: Report) -> Section:
    """Build the section with the baseline map and the changes under every policy."""
    texts = [el("p", esc(line)) for line in _MAP_HELP]
    aside = el("aside", el("h3", "Legend"), *texts)
    hero = el("div", el("figure", baseline_map(report)), aside, class_="hero")
    lead = (
        f"People a day, {'mean over runs' if report.replicates > 1 else 'one run'}. "
        "The smaller maps show changes from the baseline on one scale: people increase on solid "
        "orange corridors and decrease on striped blue ones."
    )
    return Section("maps", "Routes", "Routes", hero + _change_maps(report), lead)


@lru_cache(maxsize=1)  # The page and a separate file contain the same map.
def baseline_map(report: Report) -> str:
    """Return the baseline map as SVG."""
    title = f"Baseline: {report.baseline.title}, people a day"
    return flow_map_svg(report.map, _daily_flow(report.baseline), title=title)


def _daily_flow(arm: Arm) -> np.ndarray:
    """Return the mean persons per day on each leg, as an array of shape (legs,)."""
    return np.mean([run.leg_flow for run in arm.runs.values()], axis=0) / _DAYS


def _change_maps(report: Report) -> str:
    """Return one small map per policy, all on one scale."""
    data, base = report.map, _daily_flow(report.baseline)
    flows = dict(zip(report.titles, map(_daily_flow, report.arms), strict=True))
    scale = largest(data, [flow - base for flow in flows.values()])
    charts = [
        flow_map_svg(data, flow, title=f"{t}: change", reference_max=scale, difference_from=base)
        for t, flow in flows.items()
    ]
    return grid(charts)


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


@lru_cache(maxsize=len(SERIES))  # The page and a separate file contain the same chart.
def series_chart(comparison: Comparison, name: str) -> str:
    """Draw a monthly series for the baseline and every arm.

    Args:
        comparison: comparison in which every arm has runs.
        name: key in ``RunResult.series`` and ``OUTCOMES``.

    Returns:
        The chart as SVG.
    """
    months, bands = monthly_series(comparison, name)
    label, unit = _label_and_unit(comparison, name)
    ax = plot_monthly(comparison, name)
    return svg(ax, label, describe_series(months, bands, unit), class_="series")


def plot_monthly(comparison: Comparison, name: str, ax: Axes | None = None) -> Axes:
    """Plot a monthly series for the baseline and every arm.

    Args:
        comparison, name: as in :func:`series_chart`.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes.
    """
    title, unit = _label_and_unit(comparison, name)
    dates = rows.policy_dates(comparison)
    series = monthly_series(comparison, name)
    return plot_series(*series, title=title, unit=unit, policy_dates=dates, ax=ax)


def _label_and_unit(comparison: Comparison, name: str) -> tuple[str, str]:
    """Return an outcome's label and the unit of its monthly values."""
    measure = declaration_of(comparison.scenario.world).labelled(OUTCOMES[name])
    return measure.label, measure.unit.replace("per year", "per month")


def monthly_series(comparison: Comparison, name: str) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the whole months of a series, and its quantiles by arm title.

    Args:
        comparison, name: as in :func:`series_chart`.

    Returns:
        The months, and one array of shape (3, months) per arm: the low, middle and high quantile.
        If a run has no whole month, its partial months are kept.
    """
    run = next(iter(comparison.baseline.runs.values()))
    months = whole_months(run) or run.months  # A partial month would look like a decrease.
    first = run.months.index(months[0])
    arms = (comparison.baseline, *comparison.arms)
    bands = [rows.monthly_band(arm, name)[:, first : first + len(months)] for arm in arms]
    return months, dict(zip(rows.arm_titles(comparison), bands, strict=True))
