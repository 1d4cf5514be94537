"""Mesa's register is the only record of organisations and cells: what a user does to them acts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abm.model import BorderModel
from abm.world.routes import World
from agents.outcomes import Account, Event
from agents.smugglers import Organisation, SmugglerCell
from tests.laws.engine_cases import differences

RUN: dict[str, Any] = {"scale": 1000, "warmup_days": 60, "days": 70, "rng": 3}
ENGINES = ("columns", "objects")
DAYS = 30


def organisations(model: BorderModel) -> list[Organisation]:
    """Return the organisations in the order of their foundation."""
    return list(model.agents_of(Organisation))


def remove_cells(model: BorderModel) -> None:
    """Remove every cell."""
    for cell in list(model.agents_of(SmugglerCell)):
        cell.remove()


def move_cells(model: BorderModel) -> None:
    """Move every cell to the first gate, by each of the three ways."""
    gate = int(model.market.gates[0])
    for number, cell in enumerate(model.agents_of(SmugglerCell)):
        if number % 3 == 0:
            cell.place = gate
        elif number % 3 == 1:
            cell.cell = model.cell_of(gate)
        else:
            cell.move_to(model.cell_of(gate))


def send_cells(model: BorderModel) -> None:
    """Send every cell to the last gate."""
    for cell in model.agents_of(SmugglerCell):
        cell.target = int(model.market.gates[-1])


def hand_cells(model: BorderModel) -> None:
    """Hand all cells of the first organisation to the second."""
    first, second = organisations(model)[:2]
    for cell in first.cells:
        cell.slot = second.slot


def remove_organisations(model: BorderModel) -> None:
    """Remove every second organisation."""
    for organisation in organisations(model)[::2]:
        organisation.remove()


def deregister_organisation(model: BorderModel) -> None:
    """Take an organisation out of the register without its own method."""
    model.deregister_agent(organisations(model)[0])


def set_figures(model: BorderModel) -> None:
    """Set every figure of every organisation."""
    for organisation in organisations(model):
        organisation.cash, organisation.price = 100_000, 9_000.0
        organisation.reputation, organisation.mix = 0.9, (0.2, 0.4, 0.4)


ACTS = (
    *(remove_cells, move_cells, send_cells, hand_cells),
    *(remove_organisations, deregister_organisation, set_figures),
)


@pytest.fixture(scope="module")
def starts(world: World) -> dict[str, BorderModel]:
    """A model after a week, by engine."""
    models = {name: BorderModel(**RUN, engine=name, world=world) for name in ENGINES}
    for model in models.values():
        model.run_for(7)
    return models


def after(start: BorderModel, act: Callable[[BorderModel], None] | None) -> BorderModel:
    """Return a copy of a model, `DAYS` after an act."""
    model = copy.deepcopy(start)
    if act is not None:
        act(model)
    model.run_for(DAYS)
    model.tidy()  # counts persons and dollars again, or raises
    return model


def guided_to_the_line(model: BorderModel) -> int:
    """Return the persons who reached the line with a guide in the last `DAYS`."""
    return int(model.ledger.events[model.ledger.day - DAYS :, Event.GUIDED_DONE].sum())


# ---- every act acts ------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_an_act_changes_the_run_equally_in_both_engines(
    act: Callable[[BorderModel], None], starts: dict[str, BorderModel]
) -> None:
    columns, objects = (after(starts[name], act) for name in ENGINES)
    assert differences(columns, objects) == []
    assert columns.ledger.digest != after(starts["columns"], None).ledger.digest


def test_without_cells_few_people_reach_the_line_with_a_guide(
    starts: dict[str, BorderModel],
) -> None:
    """The organisations hire again at their next reviews, which is their own decision."""
    calm, hit = (after(starts["columns"], act) for act in (None, remove_cells))
    assert guided_to_the_line(hit) < 0.5 * guided_to_the_line(calm)
    assert 0 < len(hit.agents_of(SmugglerCell)) < 0.5 * len(calm.agents_of(SmugglerCell))


def test_an_organisation_without_cells_receives_nobody_until_it_has_one(
    starts: dict[str, BorderModel],
) -> None:
    model = copy.deepcopy(starts["columns"])
    organisation = organisations(model)[0]
    slot, book = organisation.slot, model.market.book
    served = int(book["serves"][slot])
    for cell in organisation.cells:
        cell.remove()
    model.market.find_changes()
    assert book["serves"][slot] == 0 and not (model.migrants.live["org"] == slot).any()
    organisation.add_cell(int(model.market.gates[0]))
    model.market.find_changes()
    assert book["serves"][slot] == served != 0


def test_cells_that_move_to_a_gate_draw_people_there(world: World) -> None:
    start = BorderModel(**RUN, world=world, **{"routes.cell_weight": 300.0})
    calm, moved = (after(start, act) for act in (None, move_cells))
    west, east = (
        [int(m.ledger.by_sector[Event.LINE_ATTEMPT, s].sum()) for m in (calm, moved)]
        for s in (0, slice(1, None))
    )
    assert west[1] > 1.5 * west[0] and east[1] < east[0]


# ---- leaving the market --------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_removed_organisation_has_no_client_price_or_cash(
    engine: str, starts: dict[str, BorderModel]
) -> None:
    """Its money is posted at once, and its slot can be used again."""
    model = copy.deepcopy(starts[engine])
    leaver = organisations(model)[0]
    slot, book = leaver.slot, model.market.book
    assert leaver.cash > 0 and (model.migrants.live["org"] == slot).any()
    leaver.remove()
    assert leaver.cash == leaver.price == 0 and leaver.cells == () and leaver.cell is None
    assert not any(book[name][slot].any() for name in ("active", "cash", "price", "serves"))
    assert not (model.migrants.live["org"] == slot).any()
    assert slot not in model.market.agents and model.market.free_slot() == slot
    assert not any(cell.slot == slot for cell in model.agents_of(SmugglerCell))
    assert int(model.ledger.balance[Account.ORGANISATIONS]) == int(book["cash"].sum())
    assert int(model.ledger.balance.sum()) == 0
    leaver.remove()  # again, without effect
    model.run_for(DAYS)
    model.tidy()


def test_copies_and_files_of_a_changed_model_have_the_same_future(
    starts: dict[str, BorderModel], tmp_path: Path
) -> None:
    model = copy.deepcopy(starts["columns"])
    for act in (remove_organisations, hand_cells, move_cells):
        act(model)
    model.save(tmp_path / "run")
    copies = [copy.deepcopy(model), BorderModel.load(tmp_path / "run"), model]
    for one in copies:
        one.run_for(DAYS)
    assert len({one.ledger.digest for one in copies}) == 1


def test_subclasses_act_like_the_classes_that_they_replace(
    starts: dict[str, BorderModel], world: World
) -> None:
    own = {kind.__name__: type("My", (kind,), {}) for kind in (Organisation, SmugglerCell)}
    model = BorderModel(**RUN, world=world, agent_classes=own)
    model.run_for(7)
    for act in (remove_cells, remove_organisations):
        assert after(model, act).ledger.digest == after(starts["columns"], act).ledger.digest


# ---- what is refused -----------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[Any, Any], Any], type[Exception], str]] = {
    "slot": (lambda o, c: setattr(c, "slot", 63), ValueError, "has no organisation"),
    "place": (lambda o, c: setattr(c, "place", 0), ValueError, "staging place"),
    "target": (lambda o, c: c.order(0), ValueError, "staging place"),
    "cell": (lambda o, c: c.move_to(c.model.cell_of(0)), ValueError, "staging place"),
    "no cell": (lambda o, c: setattr(c, "cell", None), ValueError, "staging place"),
    "removed": (lambda o, c: (c.remove(), c.order(c.place)), ValueError, "left the model"),
    "new cell": (lambda o, c: o.add_cell(0), ValueError, "staging place"),
    "home": (lambda o, c: o.move_to(c.cell), ValueError, "fixed home"),
    "taken": (lambda o, c: type(o)(o.market, o.slot, (0,), 0), ValueError, "found_organisation"),
    "cash": (lambda o, c: setattr(o, "cash", "much"), ValueError, "cash"),
    "price": (lambda o, c: setattr(o, "price", -1.0), ValueError, "price"),
    "reputation": (lambda o, c: setattr(o, "reputation", 2.0), ValueError, "reputation"),
    "mix": (lambda o, c: setattr(o, "mix", (1.0,)), ValueError, "mix"),
    "gone": (lambda o, c: (o.remove(), setattr(o, "cash", 1)), ValueError, "left the market"),
    "own slot": (lambda o, c: setattr(o, "slot", 1), AttributeError, "slot"),
    "cells": (lambda o, c: setattr(o, "cells", []), AttributeError, "cells"),
    "list": (lambda o, c: o.cells.append(c), AttributeError, "append"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_act_is_refused_and_changes_nothing(
    name: str, starts: dict[str, BorderModel]
) -> None:
    model = copy.deepcopy(starts["columns"])
    organisation = organisations(model)[0]
    attempt, kind, sentence = REFUSED[name]
    units = len(model.units)
    with pytest.raises(kind, match=sentence):
        attempt(organisation, organisation.cells[0])
    if name not in ("removed", "gone"):
        assert len(model.units) == units
        model.run_for(DAYS)
        assert model.ledger.digest == after(starts["columns"], None).ledger.digest
