"""A validation as one self-contained HTML page, misses first."""

from __future__ import annotations

from experiments.episodes import DECLARED, SUPPLIES
from experiments.rows.validation import ValidationRows
from viz.documents.html_page import html_page, reproduction, seeds_text
from viz.documents.html_table import Table
from viz.documents.validation.sections import ValidationSections
from viz.documents.validation.tables import PAGE_COLUMNS, ValidationTables
from viz.documents.validation.words import ValidationText, Wording
from viz.figures.markup import el, esc, section

_QUESTION = (
    "Twelve patterns to which the model is fitted, three responses that are reported, and nine "
    "held-out facts."
)
_PARTS_HELP = (
    "Observed figures are computed from the packaged record; tolerances were fixed before."
)
_SUPPLIES_HELP = (
    "The number of people who may set out after June 2014 is unknown to the model. Three levels "
    f"are simulated: the verdict counts under ({DECLARED}); ({list(SUPPLIES)[-1]}) includes the "
    "surge."
)


def validation_html(words: Wording, rows: ValidationRows, command: str) -> str:
    """Build the page of a validation for readers who do not know the model.

    Args:
        words: texts of the language, such as ``viz.screen.words.Words("en")``.
        rows: the validation.
        command: the command line that computes it again.

    Returns:
        The HTML document, which needs no network and no script.
    """
    text, found = ValidationText(words), rows.validation
    tables, sections = ValidationTables(text, rows), ValidationSections(text, rows)
    missing = f"{text('missing')} {', '.join(found.missing)}." if found.missing else ""
    note = el("p", esc(missing), class_="note") if missing else ""
    summary = section("short", "Summary", tables.counts().html(), note, lead=text("lead"))
    digests = [(f"Digest of the settings, {role}", one) for role, one in found.digests.items()]
    again = reproduction(command, [("Seeds", seeds_text(found.seeds)), *digests])
    parts = [
        ("short", "Summary", summary),
        ("misses", "Misses", section("misses", text("misses"), sections.misses())),
        ("parts", "All parts", _table("parts", tables.parts(PAGE_COLUMNS), _PARTS_HELP)),
        ("bands", "Tolerances", sections.tolerances()),
        ("sectors", "Sectors", sections.sectors()),
        ("months", "Monthly series", sections.months()),
        ("share", "Mexico's share", sections.share()),
        ("supplies", "Supplies", _table("supplies", tables.supplies(), _SUPPLIES_HELP)),
        ("naive", "Naive forecasts", _table("naive", tables.forecasts(), text("naive_help"))),
        ("estimator", "Estimator", _table("estimator", tables.estimates(), text("estimator_help"))),
        ("method", "Method", sections.method()),
        ("again", "Reproduction", section("again", "Reproduction", again)),
    ]
    return html_page(
        parts,
        brand="validation",
        title=text("title"),
        question=_QUESTION,
        facts=text.replicates(rows),
    )


def _table(name: str, table: Table, lead: str) -> str:
    """Return a section of one table under its caption; empty if the table is empty."""
    return section(name, table.caption, table.html("titled"), lead=lead) if table.rows else ""
