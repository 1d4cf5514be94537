"""Validate: the model compared with official records, misses first; the page runs nothing."""

from __future__ import annotations

from pathlib import Path

import solara

from agents.param import SettingError
from experiments.rows.validation import ValidationRows
from experiments.store_list import root
from viz.documents.html_table import Table
from viz.documents.validation.kept import SHIPPED, read
from viz.documents.validation.sections import ValidationSections
from viz.documents.validation.tables import ValidationTables
from viz.documents.validation.words import ValidationText
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.panels.validation import COLUMNS
from viz.screen.session import Session

COMMANDS = ("twoborders validate", "twoborders validate --ensemble 60")
OWN = Path("validate", "validation.json")  # where the command writes it, below the stores


@solara.component
def Validate(session: Session):
    """Show the packaged validation, or the local one if there is one."""
    t = session.words
    own, set_own = solara.use_state(False)
    exists = (root() / OWN).is_file() and not (root() / OWN).is_symlink()
    with box(cls="tb-room", tag="main"):
        with box(cls="tb-card", tag="section"):
            heading(t("check.title"))
            note(t("check.lead"))
            if exists:
                names = [t("check.shipped"), f"{t('check.own')} {root().name}/{OWN.parent}"]
                solara.Select(
                    t("check.which"),
                    values=names,
                    value=names[own],
                    on_value=lambda name: set_own(name == names[1]),
                )
        _File(session, root() / OWN if own and exists else SHIPPED)


@solara.component
def _File(session: Session, path: Path):
    """Show the validation in a file, or why the file is invalid."""

    def read_rows() -> ValidationRows | str:
        try:
            return read(path)
        except SettingError as error:
            return str(error)

    rows = solara.use_memo(read_rows, [path])
    if isinstance(rows, str):
        raw(esc(session.words.translate(rows)), cls="tb-trouble tb-card")
    else:
        _Rows(session, rows)


@solara.component
def _Rows(session: Session, rows: ValidationRows):
    """Show misses and counts, every part, monthly series, forecasts and the estimator."""
    check = ValidationText(session.words)
    tables, sections = ValidationTables(check, rows), ValidationSections(check, rows)
    charts = solara.use_memo(sections.monthly_charts, [rows, session.words.language])
    with box(cls="tb-pair"):
        with box(cls="tb-card", tag="section"):
            heading(check("misses"))
            raw(sections.misses())
        with box(cls="tb-card", tag="section"):
            heading(check("counts"))
            raw(tables.counts().html("tb-check"), cls="tb-heat-room")
            for line in _provenance(check, rows):
                note(line)
    _Card(tables.parts(COLUMNS), check("parts_help"))
    if charts:
        with box(cls="tb-card", tag="section"):
            heading(check("months_title"))
            note(check("months_help"))
            raw("".join(el("figure", chart) for chart in charts), cls="tb-months")
    _Card(tables.forecasts(), check("naive_help"))
    _Card(tables.estimates(), check("estimator_help"))
    with box(cls="tb-card", tag="section"):
        heading(check("again"))
        note(check("again_help"))
        commands = "".join(el("code", esc(command)) + "\n" for command in COMMANDS)
        raw(el("pre", commands, class_="tb-command"), cls="tb-heat-room")


@solara.component
def _Card(table: Table, help_text: str):
    """Show a table under its caption, with a text on how to read it."""
    with box(cls="tb-card", tag="section"):
        heading(table.caption)
        note(help_text)
        raw(table.html("tb-check"), cls="tb-heat-room")


def _provenance(check: ValidationText, rows: ValidationRows) -> list[str]:
    """Return replicates, model version, failed runs and missing scenarios."""
    found = rows.validation
    model = check("same" if rows.same_model else "other")
    lines = [check.replicates(rows), check("near"), f"{model} ({rows.source})."]
    if found.failures:
        lines.append(f"{len(found.failures)} {check('failed')}")
    if found.missing:
        lines.append(f"{check('missing')} {', '.join(found.missing)}.")
    return [*lines, check.words("note")]
