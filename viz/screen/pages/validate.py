"""Validate: the model compared with official records, misses first; the page runs nothing."""

from __future__ import annotations

import math
from pathlib import Path

import solara

from agents.param import SettingError
from experiments.runs.case import model_source
from experiments.sweeps.store_list import root
from experiments.validation.validate import PartResult, Validation
from viz.documents.html import Cell, Table
from viz.documents.validation.page import MEMBERS, SHIPPED, ValidationSections, backtest, read
from viz.documents.validation.tables import PART_COLUMNS, Column, ValidationTables, ValidationText
from viz.figures.markup import el, esc, svg
from viz.figures.palette import GRID, HIT, INK, MISS, marker
from viz.figures.validation import tolerance_place
from viz.screen.panels.parts import box, card, note, raw, select
from viz.screen.session.session import Session

#: The second one gives the packaged validation.
COMMANDS = ("twoborders validate", f"twoborders validate --ensemble {MEMBERS} --scores")
OWN = Path("validate", "validation.json")  # where the command writes it, below the stores
_WIDTH, _HEIGHT, _MARGIN = 150.0, 20.0, 6.0  # of a picture


@solara.component
def Validate(session: Session):
    """Show the packaged validation, or the local one if there is one."""
    t = session.words
    local, set_local = solara.use_state(False)
    table, help_text, chart = solara.use_memo(lambda: backtest(ValidationText(t)), [t.language])
    exists = (root() / OWN).is_file() and not (root() / OWN).is_symlink()
    with box(cls="tb-main tb-room"):
        with card(t("check.title")):
            note(t("check.lead"))
            if exists:
                local_name = f"{t('check.own')} {root().name}/{OWN.parent}"
                options = {t("check.shipped"): False, local_name: True}
                select(t("check.which"), options, local, set_local)
        _File(session, root() / OWN if local and exists else SHIPPED)
        _Card(table, help_text)
        with card(t("check.backtest_last")):
            raw(chart, cls="tb-lines")


@solara.component
def _File(session: Session, path: Path):
    """Show the validation in a file, or why the file is invalid."""

    def read_file() -> Validation | str:
        try:
            return read(path)
        except SettingError as error:
            return str(error)

    result = solara.use_memo(read_file, [path])
    if isinstance(result, str):
        raw(esc(session.words.translate(result)), cls="tb-trouble tb-card")
    else:
        _Result(session, result)


@solara.component
def _Result(session: Session, result: Validation):
    """Show misses and counts, every part, monthly series, forecasts, scores and the estimator."""
    check = ValidationText(session.words)
    tables, sections = ValidationTables(check, result), ValidationSections(check, result)
    charts = solara.use_memo(sections.monthly_charts, [result, session.words.language])
    with box(cls="tb-two"):
        with card(check("misses")):
            raw(sections.misses())
        with card(check("counts")):
            raw(tables.counts().html("tb-check"), cls="tb-heat-room")
            for line in _provenance(check, result):
                note(line)
    _Card(tables.parts(COLUMNS), check("parts_help"))
    if charts:
        with card(check("months_title")):
            note(check("months_help"))
            raw("".join(el("figure", chart) for chart in charts), cls="tb-months")
    _Card(tables.forecasts(), check("naive_help"))
    _Card(tables.scores(), check("scores_help"))
    _Card(tables.levels(), check("levels_help"))
    _Card(tables.doses(), check("doses_help"))
    _Card(tables.unannounced(), "")
    _Card(tables.line_changes(), check("line_help"))
    _Card(tables.estimates(), check("estimator_help"))
    with card(check("again")):
        note(check("again_help"))
        commands = "".join(el("code", esc(command)) + "\n" for command in COMMANDS)
        raw(el("pre", commands, class_="tb-command"), cls="tb-heat-room")


@solara.component
def _Card(table: Table, help_text: str):
    """Show a table under its caption with a text on how to read it, unless it has no rows."""
    if not table.rows:
        return
    with card(table.caption):
        note(help_text)
        raw(table.html("tb-check"), cls="tb-heat-room")


def _provenance(check: ValidationText, result: Validation) -> list[str]:
    """Return replicates, model version and failed runs."""
    model = check("same" if result.source == model_source() else "other")
    lines = [check.replicates(result), check("near"), f"{model} ({result.source})."]
    if result.failures:
        lines.append(f"{len(result.failures)} {check('failed')}")
    return [*lines, check.words("note")]


def _picture(text: ValidationText, part: PartResult) -> Cell:
    """Draw tolerance, observed figure, and simulated median with its 90 % interval."""
    target, simulated, y = part.target, part.simulated, _HEIGHT / 2
    if not target.judged or not math.isfinite(simulated.median):
        return Cell("")
    low, high = _x(part, target.low), _x(part, target.high)
    shapes = [
        el("line", x1=2, x2=_WIDTH - 2, y1=y, y2=y, stroke=GRID),
        el("rect", x=low, y=y - 6, width=max(high - low, 2.0), height=12, fill=GRID),
    ]
    if math.isfinite(target.observed):
        x = _x(part, target.observed)
        shapes.append(el("line", x1=x, x2=x, y1=y - 8, y2=y + 8, stroke=INK, stroke_width=2))
    colour, shape = (HIT, "circle") if part.inside else (MISS, "triangle")
    ends = {"x1": _x(part, simulated.low90), "x2": _x(part, simulated.high90), "y1": y, "y2": y}
    shapes.append(el("line", **ends, stroke=colour, stroke_width=2.2))
    shapes.append(marker(shape, _x(part, simulated.median), y, 4.4, fill=colour, stroke="#fff"))
    markup = svg(_WIDTH, _HEIGHT, text.label(target), text(part.verdict), *shapes)
    return Cell("", markup=markup)


def _x(part: PartResult, value: float) -> float:
    """Return the horizontal place of a value."""
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * tolerance_place(part.target, value)


#: Columns of the table of parts on the screen.
COLUMNS: dict[str, Column] = {"part": PART_COLUMNS["part"], "picture": _picture} | PART_COLUMNS
