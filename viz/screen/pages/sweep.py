"""Page Sweep: ready sweeps, a form, and the picture of a sweep, whose squares open in Compare."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import solara
import solara.lab

from abm.measures import HUMAN_COSTS
from abm.measures.criteria import CRITERIA
from abm.measures.outcomes import GROUPS
from experiments.sweeps.design import MEMBER
from experiments.sweeps.pivot import factors_of, pivot
from experiments.sweeps.store_list import StoreData, list_stores, read_store, root
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, button, details, note, raw, select, show_error, use_changes
from viz.screen.panels.sweep_cell import CellCard
from viz.screen.panels.sweep_form import NewSweep, ReadySweep, SweepProgress
from viz.screen.panels.sweep_view import StorePage, SweepFigures, SweepView, reactive_view
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import (
    PRESETS,
    factor_at,
    factor_name,
    level_text,
    preset_of_sweep,
)
from viz.screen.sweeps.sweep_runs import STARTING, SWEEPS, SweepState
from viz.screen.words import Words, one_line

_IDLE = "idle"  # phase of an incomplete sweep that this server has not started


@solara.component
def Sweep(session: Session):
    """Start a sweep, or choose a store and show it."""
    t, view = session.words, reactive_view(session)
    reads, set_reads = solara.use_state(0)
    form_open, set_form_open = solara.use_state(False)
    changes = use_changes(SWEEPS.changes)
    names = solara.use_memo(lambda: list_stores(root()), [reads, changes])
    store = view.value.store or next(filter(SWEEPS.design_file, names), "")
    selection = dataclasses.replace(view.value, store=store)
    state = SWEEPS.state(store)

    def choose(name: str) -> None:
        set_form_open(False)
        view.set(SweepView(store=name, flow=view.value.flow))

    def refresh() -> None:
        SWEEPS.forget(store)
        set_reads(reads + 1)

    with box(cls="tb-main tb-room tb-sweep"):
        with box(cls="tb-sweep-head"):
            preset = preset_of_sweep(store)
            texts = (f"sweep_ready.{preset}.{key}" for key in ("title", "text"))
            title, lead = texts if preset else ("sweep", "store.help")
            raw(el("h1", esc(t(title))) + el("p", esc(t(lead)), class_="tb-lead"))
            with box(cls="tb-store-bar"):
                if names:
                    stores = {name: name for name in names}
                    select(t("store.choose"), stores, store, choose)
                button(t("store.again"), refresh, small=True, outlined=True)
        with box(cls="tb-sweep-side"):
            if SWEEPS.folder is None:
                note(t("sweep_new.off"))
            else:
                raw(esc(t("sweep_ready.heading")), tag="h2")
                for key in PRESETS:
                    ReadySweep(session, key, store, choose)
                label = t("sweep_new.close" if form_open else "sweep_new.open")
                more: Any = {"outlined": True}
                button(label, lambda: set_form_open(not form_open), cls="tb-sweep-open", **more)
                note(t("sweep_ready.help"))
        with box(cls="tb-sweep-stage"):
            if form_open:
                NewSweep(session, choose)
            elif not store:
                raw(el("p", esc(t("store.none"))), cls="tb-sweep-none")
            if store in names and not (state and state.phase == STARTING):
                _Store(session, view, selection, (reads, state))
            if state is not None:
                SweepProgress(session, state)


@solara.component
def _Store(session: Session, view: Any, selection: SweepView, mark: tuple[int, SweepState | None]):
    """Read the store in the background, and show the previous result meanwhile.

    New runs change `mark`. The store is then read again as soon as the current reading has ended.
    """
    t, folder = session.words, root()
    tick, set_tick = solara.use_state(mark)
    task = solara.lab.use_task(  # pyright: ignore[reportCallIssue]
        lambda: (
            selection.store,
            read_store(folder, selection.store, (selection.flow, *HUMAN_COSTS, "dollars")),
        ),
        dependencies=[selection.store, selection.flow, tick],
        raise_error=False,
    )
    pending = task.pending
    solara.use_effect(lambda: None if pending else set_tick(mark), [mark, pending])
    latest: Any = solara.use_ref(None)
    if task.finished:
        latest.current = task.value
    name, data = latest.current or ("", None)
    if task.error:
        show_error(t, one_line(task.exception))
    elif name == selection.store:
        _Data(session, view, selection, data)
    elif pending:
        solara.ProgressLinear(True)
        note(t("store.reading") + " …")


@solara.component
def _Data(session: Session, view: Any, selection: SweepView, data: StoreData):
    """Show the results in a store, the progress of its sweep, and its origin."""
    store, t, name = data.summary, session.words, selection.store
    if store.world_note:
        note(f"{t.translate(store.world_note)} {t('store.other_world')}")
    varied = factors_of(data.rows, store.factors, data.levels) if store.done else []
    if varied:
        _Figures(session, view, _with_defaults(selection, varied, data), varied, data)
    else:
        note(t("store.empty"))
    if SWEEPS.state(name) is None and SWEEPS.design_file(name) and store.done < store.planned:
        counts = store.planned, store.done, store.failed
        SweepProgress(session, SweepState(name, _IDLE, *counts))
    _Provenance(session, data)


@solara.component
def _Figures(session: Session, view: Any, selection: SweepView, varied: list[str], data: StoreData):
    """Show the picture, the chosen square, and the selectors of factors and outcome."""
    outcomes = (selection.flow, *(n for n in HUMAN_COSTS if n != selection.flow), "dollars")
    outcomes = tuple(name for name in outcomes if name in data.rows)
    given: Any = {"factors": data.summary.factors, "levels": data.levels}
    at = data.rows, selection.paths, outcomes
    inputs = [data, selection.paths, outcomes]
    means = solara.use_memo(lambda: pivot(*at, **given), inputs)
    changes = solara.use_memo(
        lambda: pivot(*at, base=selection.base, **given), [*inputs, selection.base]
    )
    page = StorePage(
        session=session,
        view=view,
        selection=selection,
        store=data.summary,
        levels=means,
        changes=changes,
        outcomes=tuple(name for name in outcomes if name != "dollars" or name == selection.flow),
        seeds=data.summary.reps * max(1, len(data.levels.get(MEMBER, ()))),
    )
    SweepFigures(page)
    CellCard(page)
    with details(session.words("store.axes")):
        _Selectors(session, view, selection, varied, data)


def _with_defaults(selection: SweepView, varied: list[str], data: StoreData) -> SweepView:
    """Replace choices that are missing or that do not exist in this store by defaults."""
    paths = tuple(path for path in selection.paths if path in varied) or tuple(varied[:2])
    if paths != selection.paths:
        selection = dataclasses.replace(selection, paths=paths, base=None, cell=None)
    flow = next(name for name in (selection.flow, *CRITERIA) if name in data.outcomes)
    base = selection.base or tuple(0 for _ in paths)
    return dataclasses.replace(selection, flow=flow, base=base)


@solara.component
def _Selectors(
    session: Session, view: Any, selection: SweepView, varied: list[str], data: StoreData
):
    """Show selectors for the factors and for the outcome."""
    t = session.words
    names = {factor_name(t, path): path for path in varied}

    def change(**changes: Any) -> None:
        view.set(dataclasses.replace(selection, **changes))

    def put(*paths: str) -> None:
        change(paths=tuple(dict.fromkeys(filter(None, paths))), base=None, cell=None)

    with box(cls="tb-card tb-store-choice", tag="section"):
        first, *rest = selection.paths
        select(t("store.across"), names, first, lambda path: put(path, *rest))
        others = {name: path for name, path in names.items() if path != first}
        if others:
            downs = {t("store.nothing"): ""} | others
            select(t("store.down"), downs, "".join(rest), lambda path: put(first, path))
        flows = _outcomes(t, data.outcomes)
        select(t("store.flow"), flows, selection.flow, lambda name: change(flow=name))


def _outcomes(t: Words, stored: Collection[str]) -> dict[str, str]:
    """Return the stored outcomes by label and group, in the order of the groups."""
    order = list(GROUPS)
    criteria = [(name, c) for name, c in CRITERIA.items() if name in stored]
    return {
        f"{t.translate(c.label)} · {t.translate(GROUPS[c.group])}": name
        for name, c in sorted(criteria, key=lambda entry: order.index(entry[1].group))
    }


@solara.component
def _Provenance(session: Session, data: StoreData):
    """Show the design, runs, seeds, failures, and the version of the model."""
    t, store = session.words, data.summary
    if data.failed_runs:
        raw(_failures(t, data), tag="ul", cls="tb-lost")
        note(t("sweep_run.failures_help"))
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
    with details(t("store.provenance")):
        rows = "".join(el("dt", esc(t(key))) + el("dd", esc(text)) for key, text in facts)
        raw(rows, tag="dl", cls="tb-facts")
        raw(el("code", esc(store.scenario)), tag="pre", cls="tb-command")
        note(t("note"))


def _failures(t: Words, data: StoreData) -> str:
    """Return the failed runs as list items with their point, seed and error."""
    items, scenario = [], data.summary.scenario
    for run in data.failed_runs:
        where = ", ".join(
            factor_at(t, p, level_text(t, p, value, scenario)) for p, value in run.inputs.items()
        )
        about = t("sweep_run.failure").format(where=where, seed=run.seed)
        items.append(el("li", esc(f"{about}: {t.translate(run.error)}")))
    if (more := data.summary.failed - len(items)) > 0:
        items.append(el("li", esc(t("sweep_run.more_failures").format(more=f"{more:,}"))))
    return "".join(items)


def _moment(iso: str) -> str:
    """Format an ISO time in UTC to the minute, or return "" for an empty text."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso else ""
