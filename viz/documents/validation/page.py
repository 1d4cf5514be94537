"""A validation as one self-contained HTML page, misses first."""

from __future__ import annotations

from experiments.rows.validation import ValidationRows
from experiments.validation.episodes import DECLARED, SUPPLIES
from viz.documents.html_page import Section, html_page, reproduction, seeds_text, table_section
from viz.documents.validation.sections import ValidationSections
from viz.documents.validation.tables import PAGE_COLUMNS, ValidationTables
from viz.documents.validation.words import ValidationText, Wording
from viz.figures.markup import el, esc

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
    summary = tables.counts().html()
    if found.missing:
        summary += el("p", esc(f"{text('missing')} {', '.join(found.missing)}."), class_="note")
    digests = [(f"Digest of the settings, {role}", one) for role, one in found.digests.items()]
    parts = [
        Section("short", "Summary", "Summary", summary, text("lead")),
        Section("misses", "Misses", text("misses"), sections.misses()),
        table_section("parts", "All parts", tables.parts(PAGE_COLUMNS), _PARTS_HELP),
        sections.tolerances(),
        sections.sectors(),
        sections.months(),
        sections.share(),
        table_section("supplies", "Supplies", tables.supplies(), _SUPPLIES_HELP),
        table_section("naive", "Naive forecasts", tables.forecasts(), text("naive_help")),
        table_section("scores", "Scores", tables.scores(), text("scores_help")),
        *_checks(text, tables, rows),
        table_section("estimator", "Estimator", tables.estimates(), text("estimator_help")),
        sections.method(),
        reproduction("again", command, [("Seeds", seeds_text(found.seeds)), *digests]),
    ]
    facts = text.replicates(rows)
    title = text("title")
    return html_page(parts, brand="validation", title=title, question=_QUESTION, facts=facts)


def _checks(text: ValidationText, tables: ValidationTables, rows: ValidationRows) -> list[Section]:
    """Return the sections of levels, doses and announcements that the validation has."""
    found, sections = rows.validation, []
    if found.levels:
        help_text = text("levels_help")
        sections.append(table_section("levels", "Levels", tables.levels(), help_text))
    if found.doses:
        sections.append(table_section("doses", "Doses", tables.doses(), text("doses_help")))
    if found.unannounced:
        title = text("unannounced_title")
        sections.append(table_section("announced", "Announcements", tables.unannounced(), title))
    return sections
