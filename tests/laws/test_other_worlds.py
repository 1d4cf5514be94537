"""The laws hold in worlds other than the packaged one."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.measures import rates
from abm.world.routes import load_world

EVERYTHING = (
    "southern_border_control rural_gendarmerie:8 patrol_surge fence "
    "cameras_and_sensors intelligence_sharing"
)


def _without(place: str) -> Callable[[str], str]:
    return lambda text: "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(f"{place},")
    )


def _no_region(text: str) -> str:
    return text.replace("transit,,0,highland,,1", "transit,,0,highland,,0")


def _no_belt(text: str) -> str:
    return text.replace("1.2,228,1,1,0,1", "1.2,228,1,1,0,0")


def _elsewhere(text: str) -> str:
    return text.replace("South,GT", "South,PE")


@pytest.fixture
def copy(one_leg: Path, tmp_path: Path) -> Callable[[Callable[[str], str]], str]:
    """Return a function that writes the one-leg world with a change and returns its folder."""

    def made(change: Callable[[str], str]) -> str:
        for name in ("nodes.csv", "edges.csv"):
            text = (one_leg / name).read_text(encoding="utf-8")
            (tmp_path / name).write_text(change(text), encoding="utf-8")
        load_world(tmp_path)  # The error names file, row and column.
        return str(tmp_path)

    return made


@pytest.mark.parametrize("policies", ["", EVERYTHING], ids=["status quo", "everything"])
@pytest.mark.parametrize(
    "change",
    [str, _without("south"), _without("village"), _no_region, _elsewhere],
    ids=["one leg", "only Mexicans", "only others", "no region", "another country"],
)
def test_a_world_with_few_places_runs(
    change: Callable, policies: str, copy: Callable, play: Callable
) -> None:
    """Rates remain rates if sectors have no crossing or all communities belong to one group."""
    model = play(policies, world=copy(change), scale=200, days=40)
    model.tidy()
    totals, found = model.ledger.totals(), rates(model.ledger)
    assert totals["got_away_undetected"] > 0 and totals["apprehended_us"] > 0
    assert 0.2 < found["apprehension_probability"] < 0.9
    assert int(model.ledger.balance.sum()) == 0
    staffed = model.patrol.on_the_line() > 0.0
    assert staffed.sum() >= 1


def test_got_aways_are_counted_without_a_belt(copy: Callable, play: Callable, fixed: dict) -> None:
    """Without checkpoints behind the line, half of the attempts still succeed."""
    changes = fixed | {"border_patrol.line_hazard": [math.log(2.0)] * 9}
    model = play(world=copy(_no_belt), scale=100, days=100, changes=changes, supply="flat")
    assert rates(model.ledger)["apprehension_probability"] == pytest.approx(0.5, abs=0.1)
