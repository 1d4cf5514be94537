"""The agents in Mesa's register are the staff: removing, changing or moving one takes effect.

Every change is made to a copy of one started run, in both engines. Afterwards the engines must
agree to the last byte.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario.policy_specs import parse_policy
from agents.border_patrol import PatrolTeam, SectorCommand
from agents.gendarmes import GendarmeCompany, InmPost
from agents.outcomes import Event

RUN: dict[str, Any] = {"scale": 1000, "warmup_days": 90, "days": 90, "rng": 3}
TUCSON, LAREDO = 3, 7
Change = Callable[[BorderModel], object]
Play = Callable[[Change], BorderModel]


def remove(kind: type, sector: int | None = None) -> Change:
    """Return a change that removes all agents of a class, or only those in a sector."""

    def change(model: BorderModel) -> None:
        for agent in list(model.agents_of(kind)):
            if sector is None or agent.sector == sector:
                agent.remove()

    return change


@pytest.fixture(scope="module")
def play() -> Play:
    """Return a function that makes a change, runs 60 days and returns the model with columns.

    The ledger of this model has no persons of earlier days.
    """
    starts = [BorderModel(**RUN, engine=engine) for engine in ("columns", "objects")]

    def played(change: Change) -> BorderModel:
        columns, objects = (copy.deepcopy(start) for start in starts)
        for model in (columns, objects):
            change(model)
            model.run_for(60)
        assert columns.ledger.digest == objects.ledger.digest
        return columns

    return played


@pytest.fixture(scope="module")
def untouched(play: Play) -> BorderModel:
    """Return the run without changes."""
    return play(lambda model: None)


def by_sector(model: BorderModel, event: Event) -> np.ndarray:
    """Return the persons with an event by sector."""
    return model.ledger.by_sector[event].sum(axis=1)


def stops_at(model: BorderModel, place: int) -> float:
    """Return how many persons Mexico stops on the legs that end at a place."""
    return float(model.ledger.flow[model.world.head == place, 2].sum())


# ---- changes of the staff
# --------------------------------------------------------------------------


def test_a_sector_without_teams_arrests_nobody_and_receives_nobody(
    play: Play, untouched: BorderModel
) -> None:
    """The sector's command stays, and other sectors work as before."""
    model = play(remove(PatrolTeam, TUCSON))
    caught = by_sector(model, Event.APPREHENDED_US)
    assert by_sector(untouched, Event.APPREHENDED_US)[TUCSON] > 0
    assert caught[TUCSON] == 0 and caught.sum() > 0
    assert model.patrol.on_the_line()[TUCSON] == 0.0
    assert len(model.patrol.commands) == len(untouched.patrol.commands)


def test_a_place_without_officers_has_no_stops(play: Play, untouched: BorderModel) -> None:
    """`officers = 0` acts as a removal, and a moved post takes its officers to the new place."""
    stops = [stops_at(untouched, place) for place in range(untouched.world.n_places)]
    emptied, left, reached = np.argsort(stops)[:-4:-1].tolist()

    def change(model: BorderModel) -> None:
        posts = {post.place: post for post in model.forces.posts}
        posts[emptied].officers = 0.0
        posts[left].move_to(model.cell_of(reached))

    model = play(change)
    assert stops[left] > 0.0 and stops_at(model, emptied) == stops_at(model, left) == 0.0
    before, after = (m.forces.officers_at_posts() for m in (untouched, model))
    assert after[reached] == before[reached] + before[left]
    into = model.world.head == reached
    hazards = [m.network.leg_state.mx_hazard[into].max() for m in (untouched, model)]
    assert hazards[0] < hazards[1]


def test_gendarmes_alone_stop_nobody(play: Play, untouched: BorderModel) -> None:
    """Companies at posts raise the hazard there, and gendarmes remain only where posts are."""

    def gendarmes(model: BorderModel) -> None:
        for post in model.forces.posts:
            GendarmeCompany(model, post.place, 250.0)

    def alone(model: BorderModel) -> None:
        gendarmes(model)
        remove(InmPost)(model)

    joint = play(gendarmes)
    hazards = [m.network.leg_state.mx_hazard for m in (untouched, joint)]
    assert (hazards[0] <= hazards[1]).all() and hazards[0].sum() < hazards[1].sum()
    last, shares = joint.forces, joint.settings.mexico.gendarmes_per_officer
    assert last.standing_officers().sum() <= (1.0 + shares) * last.officers_at_posts().sum() + 1e-6
    model = play(alone)
    assert len(model.forces.companies) == len(joint.forces.companies) > 0
    assert not model.ledger.events[:, Event.APPREHENDED_MEXICO].any()
    assert not model.network.leg_state.extort_hazard.any()


def test_without_a_command_a_sector_keeps_its_agents(play: Play) -> None:
    """Its teams continue to work, and no detachment leaves or reaches the sector."""
    model = play(remove(SectorCommand, LAREDO))
    assert model.patrol.staff()[LAREDO] == model.patrol.base[LAREDO]
    assert by_sector(model, Event.APPREHENDED_US)[LAREDO] > 0
    assert LAREDO not in {unit.sector for unit in model.patrol.detachments}
    everybody = [*model.patrol.teams, *model.patrol.detachments]
    assert sum(u.officers for u in everybody) == pytest.approx(model.patrol.base.sum())
    assert (model.patrol.staff() != model.patrol.base).any()


@pytest.mark.parametrize(
    ("setting", "value", "acts"),
    [("rule", "static", False), ("weekly_cap", 0.0, False), ("rule", "greedy", True)],
)
def test_a_command_that_moves_nobody_refuses_its_removal(
    setting: str, value: object, acts: bool
) -> None:
    """A surge policy adds agents to a sector's teams, with or without a command."""
    settings = RUN | {
        "policies": (parse_policy("patrol_surge"),),
        f"border_patrol.{setting}": value,
    }
    model = BorderModel(**settings)
    untouched, command = copy.deepcopy(model), model.patrol.commands[TUCSON]
    with contextlib.nullcontext() if acts else pytest.raises(ValueError, match="PatrolTeams"):
        command.move_to(command.teams[-1].cell)
    with contextlib.nullcontext() if acts else pytest.raises(ValueError, match="PatrolTeams"):
        command.remove()
    for each in (model, untouched):
        each.run_for(60)
    assert (model.ledger.digest != untouched.ledger.digest) == acts


# ---- places and numbers --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def started() -> BorderModel:
    """Return a started run with gendarme companies."""
    model = BorderModel(**RUN | {"warmup_days": 10})
    for place in model.forces.rural[:2].tolist():
        GendarmeCompany(model, place, 250.0)
    return model


def test_a_team_that_is_moved_strengthens_its_new_sector(started: BorderModel) -> None:
    """Place and sector follow from the cell."""
    model = copy.deepcopy(started)
    team = model.patrol.commands[TUCSON].teams[0]
    staff, crossing = model.patrol.staff(), model.patrol.commands[LAREDO].cell
    team.cell = crossing
    assert (team.place, team.sector) == (crossing.coordinate, LAREDO)
    change = model.patrol.staff() - staff
    assert change[LAREDO] == -change[TUCSON] == team.officers > 0.0


REFUSED: dict[str, tuple[Change, str]] = {
    "negative": (lambda m: setattr(m.patrol.teams[0], "officers", -1.0), "0 or more"),
    "infinite": (lambda m: setattr(m.forces.posts[0], "officers", np.inf), "0 or more"),
    "no number": (lambda m: PatrolTeam(m, m.patrol.teams[0].place, np.nan), "0 or more"),
    "no crossing": (lambda m: m.patrol.teams[0].move_to(m.cell_of(0)), "place 0 is none"),
    "not in Mexico": (lambda m: m.forces.posts[0].move_to(m.patrol.teams[0].cell), "in Mexico"),
    "no place": (lambda m: InmPost(m, -1, 5.0), "in Mexico"),
    "nowhere": (lambda m: setattr(m.patrol.teams[0], "cell", None), "stands at a cell"),
    "no cell": (lambda m: m.patrol.teams[0].move_to(3), "own model"),
    "a second command": (lambda m: SectorCommand(m, m.patrol.teams[0].place), "remove it first"),
    "too many": (lambda m: m.patrol.commands[0].send(1e6, m.patrol.commands[1]), "cannot send"),
    "order abroad": (lambda m: m.forces.companies[0].order(m.patrol.teams[0].place), "in Mexico"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_idle_change_is_refused_in_one_sentence(name: str, started: BorderModel) -> None:
    """A refused call changes nothing."""
    model, (change, reason) = copy.deepcopy(started), REFUSED[name]
    with pytest.raises(ValueError, match=reason) as caught:
        change(model)
    assert "\n" not in str(caught.value) and len(model.non_migrants) == len(started.non_migrants)
    assert (model.patrol.staff() == started.patrol.staff()).all()
    assert (model.forces.standing_officers() == started.forces.standing_officers()).all()
