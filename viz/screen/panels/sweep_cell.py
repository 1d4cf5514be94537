"""Card of a sweep's chosen square, which is world B, and its conversion to a choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import solara

from abm.measures.criteria import CRITERIA
from abm.policies.base import money
from abm.scenario import Scenario, load_scenario, parameters
from abm.supply_file import is_supply_file
from agents.param import SettingError
from experiments.sweeps.design import with_inputs
from experiments.sweeps.pivot import MEMBER, POINT, SEED, Place, point_of, points_in
from experiments.sweeps.store_list import StoreSummary
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, rounded
from viz.screen.panels.budgets import yearly_total
from viz.screen.panels.parts import badge, box, button, note, raw, show_error
from viz.screen.panels.sweep_view import StorePage, change_texts, is_clear
from viz.screen.session.choice import FINEST, MOST_DAYS, Choice, changed_numbers
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import factor_at, level_text
from viz.screen.words import Words, one_line

Point = Mapping[Any, Any]  # value by column of a row
_NAMES = ("name", "doc", "extends")  # settings that do not affect results


@solara.component
def CellCard(page: StorePage):
    """Show the chosen square as world B: pairs, money, outcomes, and a button to Compare."""
    t, selection, store, levels = page.session.words, page.selection, page.store, page.levels
    with box(cls="tb-card tb-sweep-cell", tag="section"):
        if selection.cell is None or selection.base is None:
            raw(esc(t("store.pick")), tag="h2")
            return
        a = point_of(levels, selection.base, store.factors)
        b = point_of(levels, selection.cell, store.factors, a)
        if not a or not b:
            note(t("store.empty_cell"))
            return
        try:
            choice, omissions = _reopened(t, store, a, b)
        except SettingError as error:
            show_error(t, one_line(error))
            return
        raw(badge(1) + esc(_point(page, selection.cell, b)), tag="h2")
        note(_about(page, selection.cell, choice))
        _Buttons(page, choice)
        raw("".join(_figure(page, name) for name in page.outcomes), tag="dl", cls="tb-five")
        if omissions:
            raw(esc(t("store.lost.title")), tag="p", cls="tb-lost")
            raw("".join(el("li", esc(text)) for text in omissions), tag="ul", cls="tb-lost")


def _figure(page: StorePage, name: str) -> str:
    """Return the change of an outcome and its levels in A and B as HTML."""
    t, places = page.session.words, (page.selection.base, page.selection.cell)
    base, cell = (place or () for place in places)
    change = page.change(name, cell)
    text, ends = change_texts(t, change)
    world = "" if change is None or not is_clear(change) else "ba"[change.difference < 0]
    unit = CRITERIA[name].unit
    levels = (amount(page.levels.figure(name, place).mean, unit) for place in (base, cell))
    marks = " ".join(el("span", badge(k), esc(level)) for k, level in enumerate(levels))
    if change is None:
        count = t("store.pairs").format(done=page.pairs(name, cell), seeds=page.seeds)
        return el("div", el("dt", esc(page.title(name))), el("dd", esc(count)))
    unclear = "" if world else f", {t('store.not_clear')}"
    value = el("b", esc(text), class_=f"tb-more-{world or 'none'}")
    ends = el("small", esc(ends + unclear))
    return el("div", el("dt", esc(page.title(name))), el("dd", value, " ", ends, el("p", marks)))


def _about(page: StorePage, cell: Place, choice: Choice) -> str:
    """State the number of pairs, and the spent and planned dollars."""
    t, name = page.session.words, page.outcomes[0]
    parts = [t("store.pairs").format(done=page.pairs(name, cell), seeds=page.seeds)]
    if not page.changes.figure(name, cell).replicates:
        parts = [t("store.unpaired")]
    if (planned := yearly_total(choice.b, choice.scenario(1))) and "dollars" in page.levels.figures:
        spent = page.levels.figure("dollars", cell).mean
        parts.append(t("store.spent").format(spent=money(rounded(spent)), planned=money(planned)))
    return " · ".join(parts)


def _point(page: StorePage, place: Place, point: Point) -> str:
    """Describe the point that represents a square, and state how many points the square has."""
    t, scenario = page.session.words, page.store.scenario
    text = "; ".join(
        factor_at(t, path, level_text(t, path, point[path], scenario))
        for path in page.store.factors
    )
    number = len(set(points_in(page.levels, place)[POINT]))
    if number == 1:
        return text
    return f"{text} ({t('store.of_points').format(number=point[POINT] + 1, many=number)})"


@solara.component
def _Buttons(page: StorePage, choice: Choice):
    """Show buttons that open the square in Compare or make it A."""
    session, t = page.session, page.session.words
    new_base = dataclasses.replace(page.selection, base=page.selection.cell, cell=None)
    with box(cls="tb-files"):
        button(t("store.base"), lambda: page.view.set(new_base), outlined=True)
        button(t("store.open"), lambda: _open(session, choice), color="primary")
    show_error(t, session.error.value)


def _reopened(t: Words, store: StoreSummary, a: Point, b: Point) -> ReopenedChoice:
    """Convert both points to worlds. The parameters of a member are omitted, as in the store."""
    inputs = [{path: point[path] for path in store.factors} for point in (a, b)]
    choice, omissions = reopen(store.scenario, inputs[0], inputs[1], int(b[SEED]))
    members = (f"{t('store.lost.member')}: {b[MEMBER]}",) if MEMBER in b else ()
    return choice, (*omissions, *members)


def _open(session: Session, choice: Choice) -> None:
    """Set the choice of Compare and open Compare if the choice is valid."""
    session.set_choice(choice)
    if not session.error.value:
        session.page.set("compare")


# ---- opening in Compare --------------------------------------------------------------------------

#: Choice for Compare, and the settings in which its worlds differ from the points.
type ReopenedChoice = tuple[Choice, tuple[str, ...]]


def reopen(text: str, a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> ReopenedChoice:
    """Convert two points of a design to worlds A and B.

    Args:
        text: scenario of the design as TOML.
        a, b: inputs by path at the points of world A and world B.
        seed: seed of both worlds.

    Returns:
        The choice, and the settings in which it differs from the points.

    Raises:
        SettingError: this version of the model does not accept the scenario.
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
    """Return all settings of a scenario by path."""
    values = scenario.to_mapping().items()
    top = {k: v for k, v in values if not dataclasses.is_dataclass(getattr(scenario, k))}
    return top | {row.path: row.value for row in parameters(scenario)}


def _differences(point: Scenario, run: Scenario) -> list[str]:
    """Describe each setting in which the world on the screen differs from a point."""
    ours = _settings_by_path(run)
    return [
        f"{path} {_short(value)} → {_short(ours.get(path))}"
        for path, value in _settings_by_path(point).items()
        if path not in _NAMES and value != ours.get(path)
    ]


def _short(value: Any) -> str:
    """Format a number with four digits, a file by its name, and a list by its length."""
    if isinstance(value, list | tuple):
        return str(len(value))
    if isinstance(value, str) and is_supply_file(value):
        return Path(value).name
    return f"{value:.4g}" if isinstance(value, float) else str(value)
