"""Sweep: the results of a sweep by its factors, and one cell compared with another."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

import solara
import solara.lab

from abm.measures.criteria_definitions import CRITERIA
from abm.measures.outcome_definitions import GROUPS
from experiments.rows.pivot import Pivot, Place, factors_of, pivot
from experiments.store_list import StoreData, StoreSummary, list_stores, read_store, root
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, button, card, note, raw, select, show_error
from viz.screen.panels.sweep_cell import CellCard
from viz.screen.panels.sweep_view import (
    SweepFigures,
    SweepShown,
    SweepView,
    factor_name,
    reactive_view,
)
from viz.screen.session import Session
from viz.screen.words import Words, one_line

_COMMAND = ("twoborders", "sweep", "first_look")


@solara.component
def Sweep(session: Session):
    """Choose a store and show it."""
    t, view = session.words, reactive_view(session)
    reads, set_reads = solara.use_state(0)
    names = solara.use_memo(lambda: list_stores(root()), [reads])

    def choose(name: str) -> None:
        now = view.value
        view.set(SweepView(store=name, flow=now.flow, human=now.human))

    with box(cls="tb-room", tag="main"):
        with card(t("sweep")):
            note(t("store.help"))
            with box(cls="tb-store-bar"):
                if names:
                    stores = {name: name for name in names}
                    select(t("store.choose"), stores, view.value.store, choose)
                button(t("store.again"), lambda: set_reads(reads + 1), small=True)
            if not names:
                note(f"{t('store.none')} {t('store.found_in')} {root().name}/. {t('store.how')}")
                raw(el("code", esc(shlex.join(command()))), tag="pre", cls="tb-command")
                note(t("store.design_help"))
        if view.value.store in names:
            _Store(session, view, reads)


def command() -> list[str]:
    """Return a command that creates a store in the searched folder; its default is ``out``."""
    folder = Path(os.path.relpath(root()))
    where = [] if folder == Path("out") else ["--out", str(folder / _COMMAND[-1])]
    return [*_COMMAND, *where]


@solara.component
def _Store(session: Session, view: Any, reads: int):
    """Read the store in the background; the previous result stays until then."""
    t, now, folder = session.words, view.value, root()
    task = solara.lab.use_task(  # pyright: ignore[reportCallIssue]
        lambda: (now.store, read_store(folder, now.store, (now.flow, now.human))),
        dependencies=[now.store, now.flow, now.human, reads],
        raise_error=False,
    )
    latest: Any = solara.use_ref(None)
    if task.finished:
        latest.current = task.value
    if task.pending:
        solara.ProgressLinear(True)
        note(t("store.reading") + " …")
    if task.error:
        show_error(t, one_line(task.exception))
    elif latest.current is not None and latest.current[0] == now.store:
        _Data(session, view, latest.current[1])


@solara.component
def _Data(session: Session, view: Any, data: StoreData):
    """Show selectors, figures, a cell, and the origin of a store."""
    store, t = data.summary, session.words
    if store.world_note:
        note(f"{t.translate(store.world_note)} {t('store.other_world')}")
    known = factors_of(data.rows, store.factors) if store.done else []
    if known:
        _Figures(session, view, _with_defaults(view.value, known, data), known, data)
    else:
        note(t("store.empty"))
    _Provenance(session, store)


@solara.component
def _Figures(session: Session, view: Any, now: SweepView, known: list[str], data: StoreData):
    """Show selectors, figures, and a cell compared with the base."""
    outcomes = tuple(dict.fromkeys(n for n in (now.flow, now.human) if n in data.rows))

    def figures(base: Place | None) -> Pivot:
        return pivot(data.rows, now.paths, outcomes, factors=data.summary.factors, base=base)

    levels = solara.use_memo(lambda: figures(None), [data, now.paths, outcomes])
    changes = solara.use_memo(lambda: figures(now.base), [data, now.paths, outcomes, now.base])
    _Selectors(session, view, now, known, data)
    if outcomes:
        shown = SweepShown(session, view, now, data.summary, levels, changes, outcomes)
        SweepFigures(shown)
        CellCard(shown)


def _with_defaults(now: SweepView, known: list[str], data: StoreData) -> SweepView:
    """Fill in choices that are missing or not in this store."""
    paths = tuple(path for path in now.paths if path in known) or tuple(known[:2])
    if paths != now.paths:
        now = dataclasses.replace(now, paths=paths, base=None, cell=None)
    people = [name for name, c in CRITERIA.items() if c.group == "people"]
    flow = next((n for n in (now.flow, *data.outcomes) if n in data.outcomes), now.flow)
    human = next((n for n in (now.human, *people) if n in data.outcomes), now.human)
    base = now.base or tuple(0 for _ in paths)
    return dataclasses.replace(now, flow=flow, human=human, base=base)


@solara.component
def _Selectors(session: Session, view: Any, now: SweepView, known: list[str], data: StoreData):
    """Show selectors of the factors, an outcome, and a human cost."""
    t = session.words
    names = {factor_name(t, path): path for path in known}

    def put(**changes: Any) -> None:
        view.set(dataclasses.replace(now, **changes))

    def put_across(path: str) -> None:
        put(paths=tuple(dict.fromkeys((path, *now.paths[1:]))), base=None, cell=None)

    def put_down(path: str) -> None:
        put(paths=(*now.paths[:1], *filter(None, (path,))), base=None, cell=None)

    with box(cls="tb-card tb-store-choice", tag="section"):
        select(t("store.across"), names, now.paths[0], put_across)
        rest = {name: path for name, path in names.items() if path != now.paths[0]}
        if rest:
            second = now.paths[1] if len(now.paths) > 1 else ""
            select(t("store.down"), {t("store.nothing"): ""} | rest, second, put_down)
        flows, people = (_outcomes(t, data.outcomes, group) for group in (None, "people"))
        select(t("store.flow"), flows, now.flow, lambda name: put(flow=name))
        select("◆ " + t("store.human"), people, now.human, lambda name: put(human=name))
        solara.Checkbox(label=t("store.less"), value=now.less, on_value=lambda on: put(less=on))
        note(t("store.less_help"))


def _outcomes(t: Words, known: Collection[str], only: str | None) -> dict[str, str]:
    """Return known outcomes, of one group or of all, by label and group, in the groups' order."""
    order = list(GROUPS)
    found = [(name, c) for name, c in CRITERIA.items() if name in known and only in (None, c.group)]
    return {
        f"{t.translate(c.label)} · {t.translate(GROUPS[c.group])}": name
        for name, c in sorted(found, key=lambda one: order.index(one[1].group))
    }


@solara.component
def _Provenance(session: Session, store: StoreSummary):
    """Show design, runs, seeds, and the model that ran the sweep."""
    t = session.words
    method = t.part("store.method").get(store.method, store.method)
    counts = {"done": store.done, "planned": store.planned, "failed": store.failed}
    runs = t("store.runs_text").format(**{key: f"{n:,}" for key, n in counts.items()})
    if not store.ended:
        runs += f". {t('store.still')}"
    model = "store.same" if store.same_model else "store.other"
    end = _moment(store.ended) or t("store.now")
    facts = [
        ("store.design", f"{store.name} ({method})"),
        ("store.varies", ", ".join(factor_name(t, path) for path in store.factors)),
        ("store.runs", runs),
        ("store.seeds", t("store.seeds_text").format(seeds=f"{store.seeds:,}")),
        *([("store.members", f"{store.members}")] if store.members else []),
        ("store.model", f"{store.source}: {t(model)}"),
        ("store.played", f"{_moment(store.started)} – {end}"),
    ]
    with card(t("store.provenance")):
        rows = "".join(el("dt", esc(t(key))) + el("dd", esc(text)) for key, text in facts)
        raw(rows, tag="dl", cls="tb-facts")
        with solara.Details(t("store.scenario")):
            raw(el("code", esc(store.scenario)), tag="pre", cls="tb-command")
        note(t("note"))


def _moment(iso: str) -> str:
    """Format a time in UTC to the minute."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso else ""
