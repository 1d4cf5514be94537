"""The report of a comparison as one self-contained HTML page."""

from __future__ import annotations

from experiments.comparison.compare import Comparison, policies_of
from viz.documents.comparison import charts, sections
from viz.documents.comparison.report import Report
from viz.documents.comparison.tables import swatch
from viz.documents.html_page import html_page
from viz.documents.labels import counted
from viz.figures.markup import el, esc

_SECTIONS = (
    sections.summary,
    charts.maps,
    sections.prices,
    charts.depth,
    charts.monthly,
    charts.changes,
    sections.outcomes,
    sections.policies,
    sections.check,
    sections.assumptions,
    sections.method,
    sections.limits,
    sections.reproduce,
)
_COUNTS = ("No policy", "One policy", "Two policies", "Three policies", "Four policies")


def report_html(report: Report) -> str:
    """Return the report as an HTML document that needs no network and no script."""
    return html_page(
        [build(report) for build in _SECTIONS],
        brand="policy comparison",
        title=report.world.say(_question(report.comparison)),
        question=_title(report.comparison),
        facts=_facts(report),
        key=_key(report),
        world_note=report.world.note,
    )


def _title(comparison: Comparison) -> str:
    """Return the title of the report."""
    count = len(comparison.arms)
    lead = _COUNTS[count] if count < len(_COUNTS) else f"{count} policies"
    if comparison.scenario.policies:
        return f"{lead} on top of scenario {comparison.scenario.name}"
    return f"{lead} against the status quo"


def _question(comparison: Comparison) -> str:
    """Return the question that the arms can answer."""
    needs_mexico = {
        any(policy.needs_mexico for policy in policies_of(comparison.scenario, arm.specs))
        for arm in comparison.arms
    }
    if len(needs_mexico) == 2:
        return "Does tighter control at the U.S. border need Mexico's cooperation?"
    return "How do the policies change crossings, harm to people, and cost?"


def _facts(report: Report) -> str:
    """Return scenario, period, number of runs and ensemble."""
    scenario, runs = report.comparison.scenario, counted(report.replicates, "run")
    facts = f"{scenario.name} · {scenario.start.isoformat()}, {scenario.days:,} days"
    facts += f" · {runs} per policy"
    return f"{facts} · {report.ensemble_text}" if report.drawn else facts


def _key(report: Report) -> str:
    """Return the marks of the baseline and of the policies."""
    titles = [report.baseline.title, *report.titles]
    marks = [el("li", swatch(i), el("span", esc(title))) for i, title in enumerate(titles, -1)]
    return el("ul", *marks, class_="key", aria_label="Policies and their marks")
