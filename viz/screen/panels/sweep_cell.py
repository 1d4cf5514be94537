"""One sweep cell compared with the base, with the paired difference and a link to Compare."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import solara

from abm.scenario import Scenario, load_scenario, parameters
from abm.supply_file import is_supply_file
from agents.param import SettingError
from experiments.sweeps.design import with_inputs
from experiments.sweeps.pivot import MEMBER, POINT, SEED, Place, point_of, points_in
from experiments.sweeps.store_list import StoreSummary
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, button, card, note, raw, show_error, table
from viz.screen.panels.sweep_view import StorePage, figure_texts, range_cell
from viz.screen.session.choice import FINEST, MOST_DAYS, Choice, changed_numbers
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import axis_name, level_text
from viz.screen.words import Words, one_line

Point = Mapping[Any, Any]  # a row by column
_NAMES = ("name", "doc", "extends")  # settings that change no result


@solara.component
def CellCard(page: StorePage):
    """Show the base (A), the chosen cell (B) and their difference."""
    t, selection, store, levels = page.session.words, page.selection, page.store, page.levels
    with card(t("store.cell")):
        if selection.cell is None or selection.base is None:
            note(t("store.pick") + (f" {t('store.press')}" if len(selection.paths) == 2 else ""))
            return
        a = point_of(levels, selection.base, store.factors)
        b = point_of(levels, selection.cell, store.factors, a)
        if not a or not b:
            note(t("store.empty_cell"))
            return
        places = (selection.base, selection.cell)
        raw(_table(page, places), cls="tb-heat-room")
        if not page.changes.figure(page.outcomes[0], selection.cell).replicates:
            note(t("store.unpaired"))
        for name, place, point in zip("AB", places, (a, b), strict=True):
            cls = f"tb-point tb-point-{name.lower()}"
            raw(f"<b>{name}</b> {esc(_point(page, place, point))}", tag="p", cls=cls)
        _Buttons(page, a, b)


def _table(page: StorePage, places: tuple[Place, Place]) -> str:
    """Build a table with A, B, and the mean paired difference, by outcome."""
    t, rows = page.session.words, []
    for name in page.outcomes:
        figures = [page.levels.figure(name, place) for place in places]
        means = [figure_texts(t, figure, name, less=False)[0] for figure in figures]
        change = figure_texts(t, page.changes.figure(name, places[1]), name, less=True)
        rows.append([esc(page.title(name)), *map(esc, means), range_cell(change)])
    return table(("", "A", "B", t("difference")), rows)


def _point(page: StorePage, place: Place, point: Point) -> str:
    """Describe the point that represents a cell, and how many points the cell has."""
    t, scenario = page.session.words, page.store.scenario
    text = ", ".join(
        f"{axis_name(t, path)}: {level_text(t, path, point[path], scenario)}"
        for path in page.store.factors
    )
    many = len(set(points_in(page.levels, place)[POINT]))
    if many == 1:
        return text
    return f"{text} ({t('store.of_points').format(number=point[POINT] + 1, many=many)})"


@solara.component
def _Buttons(page: StorePage, a: Point, b: Point):
    """Show buttons to open both points in Compare and to make this cell the base."""
    session, store = page.session, page.store
    t = session.words
    try:
        choice, omissions = _reopened(t, store, a, b)
    except SettingError as error:
        show_error(t, one_line(error))
        return
    note(f"{t('store.seed')} {choice.seed}.")
    if omissions:
        raw(esc(t("store.lost.title")), tag="p", cls="tb-lost")
        raw("".join(el("li", esc(text)) for text in omissions), tag="ul", cls="tb-lost")
    elif store.same_model:
        note(t("store.exact"))
    new_base = dataclasses.replace(page.selection, base=page.selection.cell, cell=None)
    with box(cls="tb-files"):
        button(t("store.open"), lambda: _open(session, choice), color="primary")
        button(t("store.base"), lambda: page.view.set(new_base))
    show_error(t, session.error.value)


def _reopened(t: Words, store: StoreSummary, a: Point, b: Point) -> ReopenedChoice:
    """Convert both points to worlds. The store lacks the parameters of a member."""
    inputs = [{path: point[path] for path in store.factors} for point in (a, b)]
    choice, omissions = reopen(store.scenario, inputs[0], inputs[1], int(b[SEED]))
    members = (f"{t('store.lost.member')}: {b[MEMBER]}",) if MEMBER in b else ()
    return choice, (*omissions, *members)


def _open(session: Session, choice: Choice) -> None:
    """Set the choice of Compare and go there if it is valid."""
    session.set_choice(choice)
    if not session.error.value:
        session.page.set("compare")


# ---- opening in Compare --------------------------------------------------------------------------

#: A choice for Compare, and the settings in which its worlds differ from the points.
type ReopenedChoice = tuple[Choice, tuple[str, ...]]


def reopen(text: str, a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> ReopenedChoice:
    """Convert two points of a design to worlds A and B.

    Args:
        text: the scenario of the design, as TOML.
        a, b: inputs by path at the points of world A and world B.
        seed: the seed for both worlds.

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
    worlds: dict[str, list[str]] = {}  # letters by text
    for letter, point in zip("AB", (world_a, world_b), strict=True):
        for text in _differences(point, choice.scenario("AB".index(letter))):
            worlds.setdefault(text, []).append(letter)
    omissions = tuple(f"{', '.join(letters)}: {text}" for text, letters in worlds.items())
    return choice, omissions


def _settings_by_path(scenario: Scenario) -> dict[str, Any]:
    """Return every setting by its path."""
    values = scenario.to_mapping().items()
    top = {k: v for k, v in values if not dataclasses.is_dataclass(getattr(scenario, k))}
    return top | {row.path: row.value for row in parameters(scenario)}


def _differences(point: Scenario, run: Scenario) -> list[str]:
    """Return every setting of a point with the value that the screen runs instead."""
    ours = _settings_by_path(run)
    return [
        f"{path} {_short(value)} → {_short(ours.get(path))}"
        for path, value in _settings_by_path(point).items()
        if path not in _NAMES and value != ours.get(path)
    ]


def _short(value: Any) -> str:
    """Format a value with four digits, a file without its folder, a list by its length."""
    if isinstance(value, list | tuple):
        return str(len(value))
    if isinstance(value, str) and is_supply_file(value):
        return Path(value).name
    return f"{value:.4g}" if isinstance(value, float) else str(value)
