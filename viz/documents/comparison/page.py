"""The report of a comparison as one self-contained HTML page."""

from __future__ import annotations

from viz.documents.comparison import charts, sections, texts
from viz.documents.comparison.report import Report
from viz.documents.comparison.tables import swatch
from viz.documents.html_page import html_page
from viz.figures.markup import el, esc


def report_html(report: Report) -> str:
    """Return the report as an HTML document that needs no network and no script."""
    parts = [
        ("answer", "Summary", sections.summary(report)),
        ("price", "Cost", sections.prices(report)),
        ("maps", "Routes", charts.maps(report)),
        ("depth", "Interdictions", charts.depth(report)),
        ("time", "Monthly series", charts.monthly(report)),
        ("differences", "Changes", charts.changes(report)),
        ("table", "All outcomes", sections.outcomes(report)),
        ("policies", "Policies", sections.policies(report)),
        ("check", "Official statistics", sections.check(report)),
        ("assumptions", "Assumptions", sections.assumptions(report)),
        ("method", "Method", sections.method(report)),
        ("limits", "Limits", sections.limits(report)),
        ("reproduce", "Reproduction", sections.reproduce(report)),
    ]
    return html_page(
        parts,
        brand="policy comparison",
        title=texts.title(report.comparison),
        question=texts.question(report.comparison),
        facts=_facts(report),
        key=_key(report),
    )


def _facts(report: Report) -> str:
    """Return scenario, period, number of runs and ensemble."""
    scenario, runs = report.comparison.scenario, report.replicates
    plural = "" if runs == 1 else "s"
    facts = f"{scenario.name} · {scenario.start.isoformat()}, {scenario.days:,} days"
    facts += f" · {runs} run{plural} per policy"
    return f"{facts} · {sections.ensemble_text(report)}" if report.drawn else facts


def _key(report: Report) -> str:
    """Return the marks of the baseline and of the policies."""
    titles = [report.baseline.title, *report.titles]
    marks = [el("li", swatch(i), el("span", esc(title))) for i, title in enumerate(titles, -1)]
    return el("ul", *marks, class_="key", aria_label="Policies and their marks")
