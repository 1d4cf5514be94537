"""Sweep: start one, watch it, its results by its factors, and one cell compared with another."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

import solara
import solara.lab

from abm.measures.criteria import CRITERIA
from abm.measures.outcomes import GROUPS
from experiments.sweeps.pivot import Pivot, Place, factors_of, pivot
from experiments.sweeps.store_list import StoreData, StoreSummary, list_stores, read_store, root
from viz.figures.markup import el, esc
from viz.screen.panels.parts import (
    box,
    button,
    card,
    details,
    note,
    raw,
    select,
    show_error,
    use_changes,
)
from viz.screen.panels.sweep_cell import CellCard
from viz.screen.panels.sweep_form import NewSweep, SweepProgress, failures_markup, state_of
from viz.screen.panels.sweep_view import StorePage, SweepFigures, SweepView, reactive_view
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import factor_name, level_text
from viz.screen.sweeps.sweep_runs import SWEEPS
from viz.screen.words import Words, one_line

_COMMAND = ("twoborders", "sweep", "first_look")
_MAX_LEVELS = 30  # values of a further factor that can be chosen


@solara.component
def Sweep(session: Session):
    """Start a sweep, or choose a store and show it."""
    t, view = session.words, reactive_view(session)
    reads, set_reads = solara.use_state(0)
    form_open, set_form_open = solara.use_state(False)
    changes = use_changes(SWEEPS.changes)
    names = solara.use_memo(lambda: list_stores(root()), [reads, changes])
    state = SWEEPS.state(view.value.store)

    def choose(name: str) -> None:
        selection = view.value
        view.set(SweepView(store=name, flow=selection.flow, human=selection.human))

    def refresh() -> None:
        SWEEPS.forget(view.value.store)
        set_reads(reads + 1)

    def started(name: str) -> None:
        set_form_open(False)
        choose(name)

    with box(cls="tb-main tb-room"):
        with card(t("sweep"), level=1):
            note(t("store.help"))
            with box(cls="tb-store-bar"):
                if names:
                    stores = {name: name for name in names}
                    select(t("store.choose"), stores, view.value.store, choose)
                button(t("store.again"), refresh, small=True)
                if SWEEPS.folder is not None:
                    button(
                        t("sweep_new.close" if form_open else "sweep_new.open"),
                        lambda: set_form_open(not form_open),
                        color="" if form_open else "primary",
                        cls="tb-sweep-open",
                    )
            if SWEEPS.folder is None:
                note(t("sweep_new.off"))
            active = SWEEPS.active
            if active is not None and active.name != view.value.store:
                note(t("sweep_run.other").format(name=active.name))
            if not names:
                first = t("sweep_new.first") if SWEEPS.folder is not None else ""
                where = f"{t('store.none')} {t('store.found_in')} {root().name}/."
                note(f"{where} {first} {t('store.how')}")
                raw(el("code", esc(shlex.join(command()))), tag="pre", cls="tb-command")
                note(t("store.design_help"))
        if form_open and SWEEPS.folder is not None:
            NewSweep(session, started)
        if state is not None:
            SweepProgress(session, state)
        if view.value.store in names:
            mark = (state.done + state.failed, state.phase) if state else (0, "")
            _Store(session, view, reads, mark)


def command() -> list[str]:
    """Return a command that creates a store in the searched folder; its default is ``out``."""
    folder = Path(os.path.relpath(root()))
    where = [] if folder == Path("out") else ["--out", str(folder / _COMMAND[-1])]
    return [*_COMMAND, *where]


@solara.component
def _Store(session: Session, view: Any, reads: int, mark: tuple[int, str]):
    """Read the store in the background; the previous result stays until then.

    While runs arrive, which changes `mark`, the store is read again whenever a reading has ended.
    """
    t, selection, folder = session.words, view.value, root()
    tick, set_tick = solara.use_state(mark)
    task = solara.lab.use_task(  # pyright: ignore[reportCallIssue]
        lambda: (
            selection.store,
            read_store(folder, selection.store, (selection.flow, selection.human)),
        ),
        dependencies=[selection.store, selection.flow, selection.human, reads, tick],
        raise_error=False,
    )
    pending = task.pending
    solara.use_effect(lambda: None if pending else set_tick(mark), [mark, pending])
    latest: Any = solara.use_ref(None)
    if task.finished:
        latest.current = task.value
    name, data = latest.current or ("", None)
    data = data if name == selection.store else None
    if pending and not (data and mark[0]):
        solara.ProgressLinear(True)
        note(t("store.reading") + " …")
    if task.error:
        show_error(t, one_line(task.exception))
    elif data:
        _Data(session, view, data)


@solara.component
def _Data(session: Session, view: Any, data: StoreData):
    """Show progress, selectors, figures, a cell, failures, and the origin of a store."""
    store, t, name = data.summary, session.words, view.value.store
    if SWEEPS.state(name) is None and SWEEPS.design_file(name) and store.done < store.planned:
        SweepProgress(session, state_of(name, store))
    if store.world_note:
        note(f"{t.translate(store.world_note)} {t('store.other_world')}")
    varied = factors_of(data.rows, store.factors, data.levels) if store.done else []
    if varied:
        _Figures(session, view, _with_defaults(view.value, varied, data), varied, data)
    else:
        note(t("store.empty"))
    if data.failed_runs:
        with card(t("sweep_run.failures")):
            raw(failures_markup(t, data), tag="ul", cls="tb-lost")
            note(t("sweep_run.failures_help"))
    _Provenance(session, store)


@solara.component
def _Figures(session: Session, view: Any, selection: SweepView, varied: list[str], data: StoreData):
    """Show selectors, figures, and a cell compared with the base."""
    outcomes = tuple(dict.fromkeys(n for n in (selection.flow, selection.human) if n in data.rows))
    planned, factors = data.levels, data.summary.factors

    def figures(base: Place | None) -> Pivot:
        rows = rows_at(data, selection.fixed)
        return pivot(rows, selection.paths, outcomes, factors=factors, base=base, levels=planned)

    inputs = [data, selection.paths, selection.fixed, outcomes]
    levels = solara.use_memo(lambda: figures(None), inputs)
    changes = solara.use_memo(lambda: figures(selection.base), [*inputs, selection.base])
    _Selectors(session, view, selection, varied, data)
    if outcomes:
        page = StorePage(session, view, selection, data.summary, levels, changes, outcomes)
        SweepFigures(page)
        CellCard(page)


def rows_at(data: StoreData, fixed: Collection[tuple[str, Any]]) -> Any:
    """Return the runs at which some factors have given values."""
    rows = data.rows
    for path, value in fixed:
        rows = rows[rows[path] == value]
    return rows


def _with_defaults(selection: SweepView, varied: list[str], data: StoreData) -> SweepView:
    """Fill in choices that are missing or not in this store."""
    paths = tuple(path for path in selection.paths if path in varied) or tuple(varied[:2])
    if paths != selection.paths:
        selection = dataclasses.replace(selection, paths=paths, base=None, cell=None)
    fixed = tuple(
        (path, v) for path, v in selection.fixed if path not in paths and v in data.levels[path]
    )
    selection = dataclasses.replace(selection, fixed=fixed)
    people = [name for name, c in CRITERIA.items() if c.group == "people"]
    flow = next((n for n in (selection.flow, *data.outcomes) if n in data.outcomes), selection.flow)
    human = next((n for n in (selection.human, *people) if n in data.outcomes), selection.human)
    base = selection.base or tuple(0 for _ in paths)
    return dataclasses.replace(selection, flow=flow, human=human, base=base)


@solara.component
def _Selectors(
    session: Session, view: Any, selection: SweepView, varied: list[str], data: StoreData
):
    """Show selectors of the factors, an outcome, and a human cost."""
    t = session.words
    names = {factor_name(t, path): path for path in varied}

    def put(**changes: Any) -> None:
        view.set(dataclasses.replace(selection, **changes))

    def put_across(path: str) -> None:
        put(paths=tuple(dict.fromkeys((path, *selection.paths[1:]))), base=None, cell=None)

    def put_down(path: str) -> None:
        put(paths=(*selection.paths[:1], *filter(None, (path,))), base=None, cell=None)

    with box(cls="tb-card tb-store-choice", tag="section"):
        select(t("store.across"), names, selection.paths[0], put_across)
        others = {name: path for name, path in names.items() if path != selection.paths[0]}
        if others:
            second = selection.paths[1] if len(selection.paths) > 1 else ""
            select(t("store.down"), {t("store.nothing"): ""} | others, second, put_down)
        rest = [path for path in varied if path not in selection.paths]
        further = [path for path in rest if 1 < len(data.levels.get(path, ())) <= _MAX_LEVELS]
        if further:
            _Fixed(session, selection, further, data, put)
        flows, people = (_outcomes(t, data.outcomes, group) for group in (None, "people"))
        select(t("store.flow"), flows, selection.flow, lambda name: put(flow=name))
        select("◆ " + t("store.human"), people, selection.human, lambda name: put(human=name))
        solara.Checkbox(
            label=t("store.less"), value=selection.less, on_value=lambda on: put(less=on)
        )
        note(t("store.less_help"))


@solara.component
def _Fixed(session: Session, selection: SweepView, further: list[str], data: StoreData, put: Any):
    """Show a selector for each further factor: all its values averaged, or one of them."""
    t, fixed = session.words, dict(selection.fixed)
    for path in further:
        levels = data.levels[path]
        options: dict[str, Any] = {t("sweep_run.all_levels"): None}
        options |= {
            level_text(t, path, value, data.summary.scenario): value
            for value in sorted(levels, key=_order)
        }

        def hold(value: Any, path: str = path) -> None:
            rest = {name: at for name, at in fixed.items() if name != path}
            new = rest if value is None else rest | {path: value}
            put(fixed=tuple(new.items()), cell=None)

        label = t("sweep_run.hold").format(factor=factor_name(t, path))
        select(label, options, fixed.get(path), hold)


def _order(value: Any) -> Any:
    """Return a key that puts numbers in order and keeps names."""
    return (0, value) if isinstance(value, int | float) else (1, 0.0)


def _outcomes(t: Words, stored: Collection[str], only: str | None) -> dict[str, str]:
    """Return stored outcomes from one group or all, by label and group, in the groups' order."""
    order = list(GROUPS)
    criteria = [(n, c) for n, c in CRITERIA.items() if n in stored and only in (None, c.group)]
    return {
        f"{t.translate(c.label)} · {t.translate(GROUPS[c.group])}": name
        for name, c in sorted(criteria, key=lambda entry: order.index(entry[1].group))
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
        with details(t("store.scenario")):
            raw(el("code", esc(store.scenario)), tag="pre", cls="tb-command")
        note(t("note"))


def _moment(iso: str) -> str:
    """Format a time in UTC to the minute."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso else ""
