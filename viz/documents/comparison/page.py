"""The report as one self-contained HTML page."""

from __future__ import annotations

from importlib.resources import files

from viz.documents.comparison import charts, sections
from viz.documents.comparison.tables import swatch
from viz.figures.inputs import CompareReport
from viz.figures.markup import el, esc

LINKS = (
    ("answer", "In short"),
    ("price", "Price"),
    ("maps", "Maps"),
    ("depth", "Stopped where"),
    ("time", "Over time"),
    ("differences", "Differences"),
    ("table", "Table"),
    ("policies", "Policies"),
    ("check", "Check"),
    ("assumptions", "Assumptions"),
    ("method", "Method"),
    ("limits", "Limits"),
    ("reproduce", "Do it again"),
)


def report_html(report: CompareReport) -> str:
    """The whole comparison for somebody who never saw the model; needs no network, no script."""
    body = [
        sections.answer(report),
        sections.prices(report),
        charts.maps(report),
        charts.depth(report),
        charts.over_time(report),
        charts.differences(report),
        sections.outcomes(report),
        sections.policies(report),
        sections.check(report),
        sections.assumptions(report),
        sections.method(report),
        sections.limits(report),
        sections.reproduce(report),
    ]
    shown = [(k, words) for k, words in LINKS if any(f'id="{k}"' in part for part in body)]
    page = el(
        "body",
        _header(report),
        _key(report, shown),
        el("main", *body),
        el("footer", esc(sections.BANNER), " Two Borders ", esc(report.version)),
        el("script", _asset("report.js")),
    )
    return "<!doctype html>\n" + el("html", _head(report), page, lang="en") + "\n"


def _head(report: CompareReport) -> str:
    """Title, sizes and style."""
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),  # no icon to ask a server for
        el("title", esc(report.title)),
        el("style", _asset("report.css")),
    )


def _header(report: CompareReport) -> str:
    """Title, question and the sentence that every report carries."""
    years = f"{report.scenario} · {report.start}, {report.days:,} days · {report.reps} run"
    years += ("" if report.reps == 1 else "s") + " a policy"
    if report.ensemble:
        years += f" · {sections.sets(report.ensemble, report.seeds)}"
    return el(
        "header",
        el("p", "Two Borders · policy comparison", class_="brand"),
        el("h1", esc(report.title)),
        el("p", esc(report.question), class_="question"),
        el("p", esc(years), class_="facts"),
        el("p", esc(sections.BANNER), class_="banner", role="note"),
    )


def _key(report: CompareReport, links: list[tuple[str, str]]) -> str:
    """The way around the page and the marks of all arms."""
    anchors = [el("a", words, href=f"#{name}") for name, words in links]
    names = [report.baseline.title, *[arm.title for arm in report.arms]]
    marks = [
        el("li", swatch(i), el("span", esc(name)), data_arm=i + 1)
        for i, name in enumerate(names, -1)
    ]
    nav = el("nav", *anchors, aria_label="Parts of this report")
    return nav + el("ul", *marks, class_="key", aria_label="Policies and their marks")


def _asset(name: str) -> str:
    """Style and script that lie beside this file."""
    return (files("viz.documents.comparison") / name).read_text(encoding="utf-8")
