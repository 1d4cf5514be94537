"""Consequences of removing agents or closing legs, with equal ledgers in both engines.

`python -m tests.mesa_compat.test_oracles` writes the table in `docs/guides/mesa.md`.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from abm.model import BorderModel
from agents.border_patrol import PatrolTeam
from agents.gendarmes import InmPost
from agents.labels import SECTORS
from agents.outcomes import Event
from agents.smugglers import SmugglerCell
from tests.mesa_compat.test_every_call import GUIDE
from tests.page_blocks import with_block

RUN: dict[str, Any] = {"scale": 1000, "warmup_days": 60, "days": 60, "rng": 3}
TUCSON = SECTORS.index("tucson")
#: The change, the figure, and the bounds of the figure's ratio to the untouched run.
ORACLES = (
    ("all teams", "apprehended between U.S. ports in 60 days", 0.0, 0.0),
    ("all posts", "stopped by Mexico in 60 days", 0.0, 0.0),
    ("all cells", "guided to the line in 31 days", 0.0, 0.5),
    ("the legs of Tucson", "reached the line in Tucson after day 31", 0.0, 0.0),
    ("the legs of Tucson", "reached the line elsewhere after day 31", 1.0, 2.0),
)


def change(model: BorderModel, what: str) -> None:
    """Remove all agents of a class, or close the line legs of Tucson."""
    kinds = {"all teams": PatrolTeam, "all posts": InmPost, "all cells": SmugglerCell}
    if what in kinds:
        for agent in list(model.agents_of(kinds[what])):
            agent.remove()
    elif what != "nothing":
        world = model.world
        for leg in (world.is_line & (world.leg_sector == TUCSON)).nonzero()[0]:
            model.close_leg(world.place_ids[world.tail[leg]], world.place_ids[world.head[leg]])


def persons(model: BorderModel) -> list[int]:
    """Return the persons counted since the start, by oracle."""
    by_sector, guided = model.ledger.by_sector, model.ledger.events[:, Event.GUIDED_DONE].sum()
    tucson, line = by_sector[Event.REACHED_LINE][TUCSON].sum(), by_sector[Event.REACHED_LINE].sum()
    mexico, caught = model.ledger.totals()["apprehended_mexico"], by_sector[Event.APPREHENDED_US]
    return [int(count) for count in (caught.sum(), mexico, guided, tucson, line - tucson)]


@functools.cache
def figures(engine: str) -> dict[str, tuple[str, list[int]]]:
    """Return the ledger's digest and the figures for each change."""
    start, runs = BorderModel(**RUN, engine=engine), {}
    for what in ("nothing", *dict.fromkeys(row[0] for row in ORACLES)):
        model = copy.deepcopy(start)
        change(model, what)
        model.run_until(31)
        early = persons(model)
        model.run_until(RUN["days"])
        late = persons(model)
        by_oracle = [*late[:2], early[2], late[3] - early[3], late[4] - early[4]]
        runs[what] = model.ledger.digest, by_oracle
    return runs


def before_and_after() -> list[tuple[int, ...]]:
    """Return the persons in the untouched and in the changed run, by oracle."""
    runs = figures("columns")
    return [tuple(runs[n][1][k] for n in ("nothing", row[0])) for k, row in enumerate(ORACLES)]


def test_what_is_removed_or_closed_no_longer_acts_and_the_guide_shows_the_figures() -> None:
    """If the page differs, run python -m tests.mesa_compat.test_oracles."""
    page = GUIDE.read_text(encoding="utf-8")
    assert figures("columns") == figures("objects")
    for (*_, low, high), (before, after) in zip(ORACLES, before_and_after(), strict=True):
        assert before > 2_000 and low * before <= after <= high * before and after != before
    assert page == guide_with_oracles(page)


def guide_with_oracles(page: str) -> str:
    """Return the guide with the current figures."""
    lines = ["| removed or closed | persons | before | after |", "| --- | --- | --: | --: |"]
    for (what, persons, *_), (before, after) in zip(ORACLES, before_and_after(), strict=True):
        lines.append(f"| {what} | {persons} | {before:,} | {after:,} |")
    return with_block(page, "oracles", "\n".join(lines))


if __name__ == "__main__":
    GUIDE.write_text(guide_with_oracles(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
