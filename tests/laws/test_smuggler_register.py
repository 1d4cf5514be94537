"""Mesa's register is the only record of organisations and cells: a user's changes take effect."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from abm.model import BorderModel
from abm.world.routes import World
from agents.outcomes import Account, Event
from agents.smugglers import Organisation, SmugglerCell

RUN: dict[str, Any] = {"scale": 1000, "warmup_days": 60, "days": 40, "rng": 3}
ENGINES = ("columns", "objects")
BEFORE, AFTER = 7, 30  # days before and after a change
Act = Callable[[BorderModel], None]


def organisations(model: BorderModel) -> list[Organisation]:
    """Return the organisations in the order of their foundation."""
    return list(model.agents_of(Organisation))


def remove_cells(model: BorderModel) -> None:
    """Remove every cell."""
    for cell in list(model.agents_of(SmugglerCell)):
        cell.remove()


def move_cells(model: BorderModel) -> None:
    """Move every cell to the first gate."""
    gate = int(model.market.gates[0])
    for cell in model.agents_of(SmugglerCell):
        cell.move_to(model.cell_of(gate))


def hand_cells(model: BorderModel) -> None:
    """Hand all cells of the first organisation to the second."""
    first, second = organisations(model)[:2]
    for cell in first.cells:
        cell.slot = second.slot


def remove_organisations(model: BorderModel) -> None:
    """Remove every second organisation."""
    for organisation in organisations(model)[::2]:
        organisation.remove()


@pytest.fixture(scope="module")
def starts(world: World) -> dict[str, BorderModel]:
    """Return one model per engine after a week."""
    models = {name: BorderModel(**RUN, engine=name, world=world) for name in ENGINES}
    for model in models.values():
        model.run_for(BEFORE)
    return models


def after(start: BorderModel, *acts: Act) -> BorderModel:
    """Return a copy of a model `AFTER` days after the given changes."""
    model = copy.deepcopy(start)
    for act in acts:
        act(model)
    model.run_for(AFTER)
    model.ledger.recount(model.migrants.live)  # raises an error if persons or dollars differ
    return model


@pytest.fixture(scope="module")
def calm(starts: dict[str, BorderModel]) -> BorderModel:
    """Return the run without changes."""
    return after(starts["columns"])


# ---- changes of a user
# ----------------------------------------------------------------------------


def test_an_organisation_without_cells_receives_nobody_until_it_has_one(
    starts: dict[str, BorderModel],
) -> None:
    model = copy.deepcopy(starts["columns"])
    first, second = organisations(model)[:2]
    served = model.market.book["serves"][first.slot]
    hand_cells(model)
    model.market.find_changes()
    assert model.market.book["serves"][first.slot] == 0 < served
    assert not (model.migrants.live["org"] == first.slot).any()
    second.cells[0].slot = first.slot
    model.market.find_changes()
    assert model.market.book["serves"][first.slot] == served


def test_cells_that_move_to_a_gate_draw_people_there(world: World) -> None:
    start = BorderModel(**RUN, world=world, **{"routes.cell_weight": 300.0})
    runs = after(start), after(start, move_cells)
    attempts = [model.ledger.by_sector[Event.LINE_ATTEMPT].sum(axis=1) for model in runs]
    assert attempts[1][0] > 1.5 * attempts[0][0]
    assert attempts[1][1:].sum() < attempts[0][1:].sum()


@pytest.mark.parametrize("hiring", [0.0, 1.0])
def test_hiring_limits_replaced_cells(hiring: float, starts: dict[str, BorderModel]) -> None:
    model = copy.deepcopy(starts["columns"])
    before = {org: len(org.cells) for org in organisations(model)}
    for organisation in before:
        organisation.cash, organisation.hiring = 10**9, hiring
        vars(organisation)["lost"] = (int(model.market.gates[0]),)
    model.run_for(7)  # one review
    assert {len(org.cells) - count for org, count in before.items()} == {hiring}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_removed_organisation_has_no_client_price_or_cash(
    engine: str, starts: dict[str, BorderModel]
) -> None:
    """The ledger has its money at once, and its slot is free."""
    model = copy.deepcopy(starts[engine])
    leaver, book = organisations(model)[0], model.market.book
    assert leaver.cash > 0 and (model.migrants.live["org"] == leaver.slot).any()
    for _ in range(2):  # The second removal has no effect.
        leaver.remove()
        assert leaver.cash == leaver.price == 0 and leaver.cells == ()
        assert not any(book[n][leaver.slot].any() for n in ("active", "cash", "price", "serves"))
        assert not (model.migrants.live["org"] == leaver.slot).any()
        assert leaver.slot not in {cell.slot for cell in model.agents_of(SmugglerCell)}
        assert model.market.free_slot() == leaver.slot
        assert model.ledger.balance[Account.ORGANISATIONS] == book["cash"].sum()
        assert model.ledger.balance.sum() == 0


def test_subclasses_act_like_the_classes_that_they_replace(
    starts: dict[str, BorderModel], world: World
) -> None:
    org = {kind.__name__: type("My", (kind,), {}) for kind in (Organisation, SmugglerCell)}
    model = BorderModel(**RUN, world=world, agent_classes=org)
    model.run_for(BEFORE)
    acts = remove_organisations, remove_cells
    assert after(model, *acts).ledger.digest == after(starts["columns"], *acts).ledger.digest


# ---- refused changes -----------------------------------------------------------------------------

REFUSED: dict[str, Callable[[Any, Any], Any]] = {  # by a part of the error message
    "slot 63 has no organisation": lambda org, cell: setattr(cell, "slot", 63),
    "SmugglerCell.place cannot be set": lambda org, cell: setattr(cell, "place", 0),
    "at a staging place": lambda org, cell: cell.order(0),
    "a staging place": lambda org, cell: cell.move_to(cell.model.cell_of(0)),
    "stands at a": lambda org, cell: setattr(cell, "cell", None),
    "stands at a staging place": lambda org, cell: org.add_cell(0),
    "home": lambda org, cell: org.move_to(cell.cell),
    "is not free": lambda org, cell: type(org)(org.market, org.slot, 0, 0),
    "cash": lambda org, cell: setattr(org, "cash", "much"),
    "price": lambda org, cell: setattr(org, "price", -1.0),
    "Organisation.slot cannot be set": lambda org, cell: setattr(org, "slot", 1),
    "Organisation.cells cannot be set": lambda org, cell: setattr(org, "cells", []),
    "no attribute 'append'": lambda org, cell: org.cells.append(cell),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_change_that_cannot_act_is_refused_and_changes_nothing(
    sentence: str, starts: dict[str, BorderModel], calm: BorderModel
) -> None:
    model = copy.deepcopy(starts["columns"])
    organisation = organisations(model)[0]
    with pytest.raises((ValueError, AttributeError), match=sentence):
        REFUSED[sentence](organisation, organisation.cells[0])
    assert after(model).ledger.digest == calm.ledger.digest
