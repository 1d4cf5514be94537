"""Page Validate: the model compared with official records, misses first. It runs nothing."""

from __future__ import annotations

import solara

from experiments.runs.case import model_source
from experiments.validation.validate import PartResult, Validation
from viz.documents.html import Table
from viz.documents.validation.page import ValidationSections, backtest, read
from viz.documents.validation.tables import PAGE_COLUMNS, ValidationText
from viz.figures.markup import el, esc
from viz.figures.validation import draw_fact
from viz.screen.panels.parts import box, card, details, heading, note, raw
from viz.screen.session.session import Session

_CARDS = ("held_out", "emergent", "fitted")  # kinds of facts, in the order of the page


@solara.component
def Validate(session: Session):
    """Show the packaged validation."""
    with box(cls="tb-main tb-room tb-validate"):
        heading(session.words("check.heading"), 1)
        _Result(session, solara.use_memo(read, []))


@solara.component
def _Result(session: Session, result: Validation):
    """Show every fact as a picture, misses first, then tables in sections that can be opened."""
    check = ValidationText(session.words)
    sections = ValidationSections(check, result)
    charts = solara.use_memo(sections.monthly_charts, [result, session.words.language])
    scores, help_text, last = solara.use_memo(lambda: backtest(check), [session.words.language])
    raw(summary(check, result), tag="p", cls="tb-lead")
    with card(check("misses_first"), cls="tb-missed"):
        raw(_legend(check), tag="p", cls="tb-legend-line")
        raw(sections.misses())
    with box(cls="tb-hits"):
        for kind in _CARDS:
            raw(hits(check, result, kind), cls="tb-card", tag="section")
    note(" ".join(_provenance(check, result)))
    with details(check("parts")):
        _Table(sections.parts(PAGE_COLUMNS), check("parts_source"))
        _Table(sections.counts(), check("lead"))
    with details(check("months_title")):
        note(check("months_help"))
        raw("".join(el("figure", chart) for chart in charts), cls="tb-months")
    with details(check("forecasts")):
        _Table(scores, help_text)
        heading(check("backtest_last"))
        raw(last, cls="tb-lines")
        _Table(sections.forecasts(), check("naive_help"))
        _Table(sections.scores(), check("scores_help"))
    with details(check("causes")):
        _Table(sections.levels(), check("levels_help"))
        _Table(sections.doses(), check("doses_help"))
        _Table(sections.unannounced(), "")
        _Table(sections.line_changes(), check("line_help"))
        _Table(sections.estimates(), check("estimator_help"))


@solara.component
def _Table(table: Table, help_text: str):
    """Show a table below its caption and its explanation, unless it has no rows."""
    if table.rows:
        heading(table.caption)
        note(help_text)
        raw(table.html("tb-check"), cls="tb-heat-room")


def _provenance(check: ValidationText, result: Validation) -> list[str]:
    """Return sentences on the replicates, the version of the model and the failed runs."""
    model = check("same" if result.source == model_source() else "other")
    lines = [check.replicates(result), check("near"), f"{model} ({result.source})."]
    if result.failures:
        lines.append(f"{len(result.failures)} {check('failed')}")
    return lines


def summary(check: ValidationText, result: Validation) -> str:
    """Build the sentence on how many facts the model reproduces."""
    judged = [part for part in result.parts if part.inside is not None]
    held_out = [part for part in judged if part.target.kind == "held_out"]
    facts = check("facts").format(inside=len(judged) - len(result.misses), judged=len(judged))
    missed = sum(part.inside is False for part in held_out)
    never = check("never_fitted").format(missed=missed, held_out=len(held_out))
    return f"{el('b', esc(facts))} {esc(never)}"


def hits(check: ValidationText, result: Validation, kind: str) -> str:
    """Build the card of the facts of one kind that the model reproduces."""
    parts = [part for part in result.parts if part.target.kind == kind]
    inside = [part for part in parts if part.inside]
    judged = sum(part.inside is not None for part in parts)
    count = check("of_facts").format(inside=len(inside), judged=judged)
    text = f"{check(f'card_help.{kind}')} {check('only_reported').format(len(parts) - judged)}"
    head = el("h2", esc(check(f"card.{kind}")), el("span", esc(count)))
    return head + el("p", esc(text), class_="tb-note") + el("ul", *(_hit(check, p) for p in inside))


def _hit(check: ValidationText, part: PartResult) -> str:
    """Build the row of a fact: the fact in plain words, picture, value and code."""
    target, fact = part.target, check.fact(part.target)
    figure = el("b", esc(check.plain(part.simulated.median, target.unit)))
    code = el("small", esc(target.pattern), class_="tb-code")
    label = check.words.translate(target.label)
    return el("li", el("span", esc(fact), title=label), draw_fact(part, fact), figure, code)


def _legend(check: ValidationText) -> str:
    """Build the key to the pictures."""
    names = ("accepted", "observed", "miss", "hit")
    return "".join(el("span", esc(check(f"key.{n}")), class_=f"tb-key-{n}") for n in names)
