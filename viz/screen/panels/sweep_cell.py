"""One cell of a sweep compared with the base, with the paired difference and a link to Compare."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solara

from abm.scenario import Scenario, load_scenario, parameters
from abm.supply_file import is_supply_file
from agents.param import SettingError
from experiments.scenarios import find
from experiments.sweeps.design import with_inputs
from experiments.sweeps.pivot import MEMBER, POINT, SEED, Place, point_of, points_in
from experiments.sweeps.store_list import StoreSummary
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, button, card, note, raw, show_error, table
from viz.screen.panels.sweep_view import (
    SweepShown,
    figure_texts,
    range_cell,
)
from viz.screen.session.choice import (
    BASE,
    FINEST,
    MOST_DAYS,
    Choice,
    changed_numbers,
    settable_paths,
)
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_factors import axis_name, level_text
from viz.screen.words import one_line

Point = Mapping[Any, Any]  # a row by column
_BOUNDED = ("days", "scale")  # limited on the screen
#: Settings that the screen cannot change.
_FIXED = ("start", "supply", "supply_season", "world", "consequence_changes")


@solara.component
def CellCard(shown: SweepShown):
    """Show the base (A), the chosen cell (B) and their difference."""
    t, now, store, levels = shown.session.words, shown.now, shown.store, shown.levels
    with card(t("store.cell")):
        if now.cell is None or now.base is None:
            note(t("store.pick") + (f" {t('store.press')}" if len(now.paths) == 2 else ""))
            return
        a = point_of(levels, now.base, store.factors)
        b = point_of(levels, now.cell, store.factors, a)
        if not a or not b:
            note(t("store.empty_cell"))
            return
        places = (now.base, now.cell)
        raw(_table(shown, places), cls="tb-heat-room")
        if not shown.changes.figure(shown.outcomes[0], now.cell).replicates:
            note(t("store.unpaired"))
        for name, place, point in zip("AB", places, (a, b), strict=True):
            cls = f"tb-point tb-point-{name.lower()}"
            raw(f"<b>{name}</b> {esc(_point(shown, place, point))}", tag="p", cls=cls)
        _Buttons(shown, a, b)


def _table(shown: SweepShown, places: tuple[Place, Place]) -> str:
    """Build a table of A, B, and the mean of the paired differences, by outcome."""
    t, rows = shown.session.words, []
    for name in shown.outcomes:
        figures = [shown.levels.figure(name, place) for place in places]
        means = [figure_texts(t, figure, name, less=False)[0] for figure in figures]
        change = figure_texts(t, shown.changes.figure(name, places[1]), name, less=True)
        rows.append([esc(shown.title(name)), *map(esc, means), range_cell(change)])
    return table(("", "A", "B", t("difference")), rows)


def _point(shown: SweepShown, place: Place, point: Point) -> str:
    """Describe the point that represents a cell, and how many points the cell has."""
    t, scenario = shown.session.words, shown.store.scenario
    text = ", ".join(
        f"{axis_name(t, path, scenario)}: {level_text(t, path, point[path], scenario)}"
        for path in shown.store.factors
    )
    many = len(set(points_in(shown.levels, place)[POINT]))
    if many == 1:
        return text
    return f"{text} ({t('store.of_points').format(number=point[POINT] + 1, many=many)})"


@solara.component
def _Buttons(shown: SweepShown, a: Point, b: Point):
    """Show buttons to open both points in Compare and to make this cell the base."""
    session, store = shown.session, shown.store
    t = session.words
    try:
        opened = _reopened(store, a, b)
    except SettingError as error:
        show_error(t, one_line(error))
        return
    note(f"{t('store.seed')} {opened.choice.seed}.")
    if opened.omissions:
        raw(esc(t("store.lost.title")), tag="p", cls="tb-lost")
        lost = ((t(f"store.lost.{lack.key}"), lack.about) for lack in opened.omissions)
        items = (el("li", esc(": ".join(filter(None, words)))) for words in lost)
        raw("".join(items), tag="ul", cls="tb-lost")
    elif store.same_model:
        note(t("store.exact"))
    new_base = dataclasses.replace(shown.now, base=shown.now.cell, cell=None)
    with box(cls="tb-files"):
        button(t("store.open"), lambda: _open(session, opened), color="primary")
        button(t("store.base"), lambda: shown.view.set(new_base))
    show_error(t, session.error.value)


def _reopened(store: StoreSummary, a: Point, b: Point) -> ReopenedChoice:
    """Convert both points to worlds. The store lacks the parameters of a member."""
    inputs = [{path: point[path] for path in store.factors} for point in (a, b)]
    opened = reopen(store.scenario, inputs[0], inputs[1], int(b[SEED]))
    if MEMBER not in b:
        return opened
    member = Omission("member", f"{b[MEMBER]}")
    return dataclasses.replace(opened, omissions=(*opened.omissions, member))


def _open(session: Session, opened: ReopenedChoice) -> None:
    """Set the choice of Compare and go there if it is valid."""
    session.set_choice(opened.choice)
    if not session.error.value:
        session.page.set("compare")


# ---- opening in Compare --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Omission:
    """A setting that the screen cannot reproduce: a key for its words, and the setting."""

    key: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class ReopenedChoice:
    """A choice for the Compare screen and the settings that it leaves out."""

    choice: Choice
    omissions: tuple[Omission, ...]


def reopen(text: str, a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> ReopenedChoice:
    """Convert two points of a design to worlds A and B.

    Args:
        text: the scenario of the design, as TOML.
        a, b: inputs by path at the points of world A and world B.
        seed: seed of both worlds.

    Returns:
        The choice and its omissions.

    Raises:
        SettingError: for a scenario that this version of the model does not accept.
    """
    scenario = load_scenario(text)
    world_a, world_b = (with_inputs(scenario, point) for point in (a, b))
    choice = Choice(
        a=tuple(map(str, world_a.policies)),
        b=tuple(map(str, world_b.policies)),
        seed=seed,
        days=min(world_b.days, MOST_DAYS),
        scale=max(world_b.scale, FINEST),
        numbers=changed_numbers(world_b),
    )
    omissions = (*_bounded(world_b, choice), *_fixed(world_b), *_apart(world_a, world_b))
    return ReopenedChoice(choice, omissions)


def _differences(a: Scenario, b: Scenario) -> dict[str, tuple[Any, Any]]:
    """Return both values of every parameter that differs, by path."""
    ours = {row.path: row.value for row in parameters(a)}
    pairs = {row.path: (ours.get(row.path), row.value) for row in parameters(b)}
    return {path: values for path, values in pairs.items() if values[0] != values[1]}


def _fixed(scenario: Scenario) -> Sequence[Omission]:
    """Return settings that differ from the screen's base scenario and that it cannot change."""
    base, held = find(BASE), {*_BOUNDED, *settable_paths()}
    changed = _differences(base, scenario).items()
    settings = [f"{path} = {_short(value)}" for path, (_, value) in changed if path not in held]
    for name in _FIXED:
        value = getattr(scenario, name)
        if value != getattr(base, name):
            value = str(len(value) if isinstance(value, tuple) else value)
            settings.append(f"{name} = {Path(value).name if is_supply_file(value) else value}")
    return [Omission("setting", about) for about in settings]


def _bounded(scenario: Scenario, choice: Choice) -> Sequence[Omission]:
    """Return the length and scale where the screen's bounds change them."""
    ends = {name: (getattr(scenario, name), getattr(choice, name)) for name in _BOUNDED}
    return [Omission(name, f"{was} → {now}") for name, (was, now) in ends.items() if was != now]


def _apart(a: Scenario, b: Scenario) -> Sequence[Omission]:
    """Return values in which A and B differ: the screen applies B's values to both worlds."""
    omissions = [
        Omission("apart", f"{path}: A {_short(ours)}, B {_short(theirs)}")
        for path, (ours, theirs) in _differences(a, b).items()
    ]
    return [*omissions, Omission("alike")] if omissions and a.policies == b.policies else omissions


def _short(value: Any) -> str:
    """Format a value with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
