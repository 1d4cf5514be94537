"""Sweep: a store of runs opened, by what varies, and one cell of it set beside another."""

from __future__ import annotations

import dataclasses
import os
import shlex
from pathlib import Path
from typing import Any

import solara
import solara.lab

from abm.measures.criteria_definitions import CRITERIA
from abm.measures.outcome_definitions import GROUPS
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.panels.sweep_cell import CellCard
from viz.screen.panels.sweep_view import SweepFigures, SweepView, factor_name, kept_view
from viz.screen.session import Session
from viz.screen.stores import StoreData, StoreSummary, list_stores, read_store, root
from viz.screen.sweep_pivot import Pivot, Place, factors_of, pivot
from viz.screen.words import Words

_COMMAND = ("twoborders", "sweep", "first_look")


@solara.component
def Sweep(session: Session):
    """Choose a store; what it holds is read beside the screen."""
    t, view = session.words, kept_view(session)
    looked, look = solara.use_state(0)
    names = solara.use_memo(lambda: list_stores(root()), [looked])
    with box(cls="tb-room", tag="main"):
        with box(cls="tb-card", tag="section"):
            heading(t("sweep"))
            note(t("store.help"))
            with box(cls="tb-store-bar"):
                if names:
                    known = view.value.store if view.value.store in names else None
                    solara.Select(
                        t("store.choose"),
                        values=names,
                        value=known,
                        on_value=lambda name: _choose(view, name),
                    )
                solara.Button(t("store.again"), on_click=lambda: look(looked + 1), small=True)
            if not names:
                _how_to(t)
        if view.value.store in names:
            _Store(session, view, looked)


def _choose(view: Any, name: str | None) -> None:
    """Another store: outcomes stay, places do not."""
    now = view.value
    view.set(SweepView(store=name or "", flow=now.flow, human=now.human))


def _how_to(t: Words) -> None:
    """How a store comes about, for whoever has none."""
    note(f"{t('store.none')} {t('store.found_in')} {root().name}/. {t('store.how')}")
    raw(el("code", esc(shlex.join(command()))), tag="pre", cls="tb-command")
    note(t("store.design_help"))


def command() -> list[str]:
    """What makes a store that is found here; ``out`` is where a sweep is kept anyway."""
    folder = Path(os.path.relpath(root()))
    where = [] if folder == Path("out") else ["--out", str(folder / _COMMAND[-1])]
    return [*_COMMAND, *where]


@solara.component
def _Store(session: Session, view: Any, looked: int):
    """Read the store beside the screen; meanwhile what was read before stays."""
    t, now, folder = session.words, view.value, root()
    task = solara.lab.use_task(  # pyright: ignore[reportCallIssue]
        lambda: (now.store, read_store(folder, now.store, (now.flow, now.human))),
        dependencies=[now.store, now.flow, now.human, looked],
        raise_error=False,
    )
    kept: Any = solara.use_ref(None)
    if task.finished:
        kept.current = task.value
    if task.pending:
        solara.ProgressLinear(True)
        note(t("store.reading") + " …")
    if task.error:
        raw(esc(t.translate(" ".join(str(task.exception).split()))), cls="tb-trouble", tag="p")
    elif kept.current is not None and kept.current[0] == now.store:
        _Opened(session, view, kept.current[1])


@solara.component
def _Opened(session: Session, view: Any, opened: StoreData):
    """What was read: selectors, figures, a cell, and from where it all is."""
    t, held = session.words, opened.summary
    known = factors_of(opened.rows, held.factors) if held.done else []
    if known:
        _Figures(session, view, _settled(view.value, known, opened), known, opened)
    else:
        note(t("store.empty"))
    _Provenance(session, held)


@solara.component
def _Figures(session: Session, view: Any, now: SweepView, known: list[str], opened: StoreData):
    """Selectors, figures, and a cell beside the base."""
    shown = tuple(name for name in (now.flow, now.human) if name in opened.rows)

    def found(base: Place | None) -> Pivot:
        return pivot(opened.rows, now.paths, shown, factors=opened.summary.factors, base=base)

    levels = solara.use_memo(lambda: found(None), [opened, now.paths, shown])
    changes = solara.use_memo(lambda: found(now.base), [opened, now.paths, shown, now.base])
    _Choosing(session, view, now, known, opened)
    if shown:
        SweepFigures(session, view, now, changes if now.less else levels, shown)
        CellCard(session, view, now, opened.summary, (levels, changes), shown)


def _settled(now: SweepView, known: list[str], opened: StoreData) -> SweepView:
    """The view with what was not chosen yet, or is not in this store, filled in."""
    paths = tuple(path for path in now.paths if path in known) or tuple(known[:2])
    ours = (
        now if paths == now.paths else dataclasses.replace(now, paths=paths, base=None, cell=None)
    )
    people = [name for name, c in CRITERIA.items() if c.group == "people"]
    flow = next((n for n in (ours.flow, *opened.outcomes) if n in opened.outcomes), ours.flow)
    human = next((n for n in (ours.human, *people) if n in opened.outcomes), ours.human)
    base = ours.base or tuple(0 for _ in paths)
    return dataclasses.replace(ours, flow=flow, human=human, base=base)


@solara.component
def _Choosing(session: Session, view: Any, now: SweepView, known: list[str], opened: StoreData):
    """What varies across and down, which outcome, and which cost to people beside it."""
    t = session.words
    names = {factor_name(t, path): path for path in known}
    told = {path: name for name, path in names.items()}
    nothing = t("store.nothing")

    def put(**changes: Any) -> None:
        view.set(dataclasses.replace(now, **changes))

    def across(name: str) -> None:
        put(paths=tuple(dict.fromkeys((names[name], *now.paths[1:]))), base=None, cell=None)

    def down(name: str) -> None:
        more = () if name == nothing else (names[name],)
        put(paths=(*now.paths[:1], *more), base=None, cell=None)

    with box(cls="tb-card tb-store-choice", tag="section"):
        solara.Select(
            t("store.across"), values=list(names), value=told[now.paths[0]], on_value=across
        )
        rest = [name for name, path in names.items() if path != now.paths[0]]
        if rest:
            second = told[now.paths[1]] if len(now.paths) > 1 else nothing
            solara.Select(t("store.down"), values=[nothing, *rest], value=second, on_value=down)
        _Outcome(t("store.flow"), t, now.flow, opened.outcomes, lambda name: put(flow=name))
        people = [n for n in opened.outcomes if n in CRITERIA and CRITERIA[n].group == "people"]
        _Outcome("◆ " + t("store.human"), t, now.human, people, lambda name: put(human=name))
        solara.Checkbox(label=t("store.less"), value=now.less, on_value=lambda on: put(less=on))
        note(t("store.less_help"))


@solara.component
def _Outcome(label: str, t: Words, value: str, known: Any, on_name: Any):
    """One outcome, told with its group."""
    names = {
        f"{t.translate(c.label)} · {t.translate(GROUPS[c.group])}": name
        for name, c in sorted(CRITERIA.items(), key=lambda one: _order(one[1].group))
        if name in known
    }
    now = next((told for told, name in names.items() if name == value), None)
    solara.Select(label, values=list(names), value=now, on_value=lambda told: on_name(names[told]))


def _order(group: str) -> int:
    """Place of a group of outcomes."""
    return list(GROUPS).index(group)


@solara.component
def _Provenance(session: Session, held: StoreSummary):
    """Design, runs, seeds, and which model played them."""
    t = session.words
    method = session.words.part("store.method").get(held.method, held.method)
    runs = t("store.runs_told").format(
        done=f"{held.done:,}", planned=f"{held.planned:,}", failed=f"{held.failed:,}"
    )
    if not held.ended:
        runs += f". {t('store.still')}"
    model = "store.same" if held.same_model else "store.other"
    facts = [
        (t("store.design"), f"{held.name} ({method})"),
        (t("store.varies"), ", ".join(factor_name(t, path) for path in held.factors)),
        (t("store.runs"), runs),
        (t("store.seeds"), t("store.seeds_told").format(seeds=f"{held.seeds:,}")),
        (t("store.model"), f"{held.source}: {t(model)}"),
        (t("store.played"), f"{_moment(held.started)} – {_moment(held.ended) or t('store.now')}"),
    ]
    if held.members:
        facts.insert(4, (t("store.members"), f"{held.members}"))
    with box(cls="tb-card", tag="section"):
        heading(t("store.provenance"))
        raw(
            "".join(el("dt", esc(name)) + el("dd", esc(told)) for name, told in facts),
            tag="dl",
            cls="tb-facts",
        )
        with solara.Details(t("store.scenario")):
            raw(el("code", esc(held.scenario)), tag="pre", cls="tb-command")
        note(t("note"))


def _moment(iso: str) -> str:
    """A moment to the minute, in its zone, which is UTC."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso else ""
