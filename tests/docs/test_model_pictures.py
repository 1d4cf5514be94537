"""The pictures on the page `background/model.md` agree with a run."""

from __future__ import annotations

import numpy as np

from abm.model import BorderModel
from abm.schedule import DAY
from agents.outcomes import Account, Status
from agents.plain.migrant import MigrantAgent
from tests.laws.engine_cases import LIVELY
from viz.documents import model_pictures as pictures

#: Payments that do not occur in the run: lapsed aid, new capital, money left over.
RARE = {("programmes", "U.S. treasury"), ("programmes", "Mexico treasury")}
RARE |= {("households", f"{name}organisations") for name in ("", "drug ")}
RARE |= {("migrants", "households")}


def test_a_picture_names_all_that_is_declared() -> None:
    svg = pictures.day_svg() + pictures.path_svg() + pictures.money_svg()
    names = [*(s.__name__ for s in DAY), *map(pictures.label, [*Status, *Account])]
    assert [name for name in names if f">{name.replace('_', ' ')}</text>" not in svg] == []


def test_statuses_and_dollars_of_a_run_follow_the_arrows() -> None:
    changed: set[tuple[str, str]] = set()
    act = MigrantAgent.act

    def watched(person: MigrantAgent) -> None:
        before = person.status
        act(person)
        changed.add((pictures.label(Status(before)), pictures.label(Status(person.status))))

    policies = (
        *LIVELY["policies"],
        "merida_initiative",
        "dismantle_conveyor_belts:4",
        "best_teams",
    )
    short = {"scale": 1000, "days": 60, "warmup_days": 60, "engine": "objects"}
    settings = LIVELY | short | {"policies": policies}
    model = BorderModel(**settings, rng=3)
    try:
        type.__setattr__(MigrantAgent, "act", watched)  # A subclass must not override `act`.
        model.run_for(60)
    finally:
        type.__setattr__(MigrantAgent, "act", act)
    assert len(changed) > 15 and {p for p in changed if p[0] != p[1]} <= set(pictures.changes())
    payers, payees = np.nonzero(model.ledger.daily_money.sum(axis=0))
    names = list(map(pictures.label, Account))
    paid = {(names[a], names[b]) for a, b in zip(payers, payees, strict=True)}
    assert paid <= set(pictures.payments())
    assert set(pictures.payments()) - paid == RARE
