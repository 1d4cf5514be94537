"""The validation as one self-contained HTML page, misses first."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files

from experiments.validate import Validation
from viz.documents.comparison.sections import BANNER
from viz.documents.validation import sections
from viz.figures.markup import el, esc

LINKS = (
    ("short", "In short"),
    ("misses", "Misses"),
    ("parts", "Every part"),
    ("bands", "Tolerances"),
    ("sectors", "Sectors"),
    ("months", "Month by month"),
    ("share", "Mexico's share"),
    ("supplies", "Supplies"),
    ("naive", "Naive forecasts"),
    ("estimator", "Estimator"),
    ("method", "Method"),
    ("again", "Do it again"),
)
TITLE = "Does the model agree with the record?"
QUESTION = (
    "Twelve patterns that it was fitted to, three responses that it was not, and nine facts that "
    "were held out."
)


def validation_html(found: Validation, command: Sequence[str]) -> str:
    """The whole validation for somebody who never saw the model; needs no network, no script."""
    body = [
        sections.short(found),
        sections.misses(found),
        sections.parts(found),
        sections.tolerances(found),
        sections.sectors(found),
        sections.months(found),
        sections.mexico(found),
        sections.supplies(found),
        sections.naive(found),
        sections.estimator(found),
        sections.method(found),
        sections.again(found, shlex.join(command)),
    ]
    shown = [
        el("a", name, href=f"#{key}")
        for key, name in LINKS
        if any(f'id="{key}"' in part for part in body)
    ]
    page = el(
        "body",
        _header(found),
        el("nav", *shown, aria_label="Parts of this page"),
        el("main", *body),
        el("footer", esc(f"{BANNER} Two Borders {version('twoborders')}")),
    )
    return "<!doctype html>\n" + el("html", _head(), page, lang="en") + "\n"


def _head() -> str:
    """Title, sizes and style."""
    style = (files("viz.documents.comparison") / "report.css").read_text(encoding="utf-8")
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),  # no icon to ask a server for
        el("title", esc(TITLE)),
        el("style", style),
    )


def _header(found: Validation) -> str:
    """Title, question and the sentence that every page carries."""
    return el(
        "header",
        el("p", "Two Borders · validation", class_="brand"),
        el("h1", esc(TITLE)),
        el("p", esc(QUESTION), class_="question"),
        el("p", esc(sections.played(found)), class_="facts"),
        el("p", esc(BANNER), class_="banner", role="note"),
    )
