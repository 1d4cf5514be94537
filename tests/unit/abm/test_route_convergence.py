"""Costs at which route values diverge raise an error that names the settings or the world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from abm.model import BorderModel
from abm.scenario import Scenario, SettingError
from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, World, load_world

RUN = Scenario(scale=1000, warmup_days=0, days=1)


@pytest.mark.parametrize(
    ("changes", "path", "named"),
    [
        ({"routes.noise_solo": 2000.0}, "routes.noise_solo", "noise_solo 2000 in the loop"),
        ({"routes.noise_guided": 2000.0}, "routes.noise_guided", "noise_guided 2000 in the"),
        ({"routes.lateral_cost": 5e-324}, "routes.noise_solo", "noise_solo 156, lateral_cost 4"),
        (
            {"routes.noise_solo": 300.0, "routes.lateral_cost": 80.0, "routes.day_cost": 0.0},
            "routes.noise_solo",
            "noise_solo 300, lateral_cost 80, day_cost 0 in the loop",
        ),
    ],
)
def test_settings_that_diverge_together_are_named(
    world: World, changes: dict[str, Any], path: str, named: str
):
    """Each value is within its own bounds."""
    with pytest.raises(SettingError) as caught:
        BorderModel(RUN.with_settings(changes), world=world)
    assert caught.value.path == path
    assert named in caught.value.reason and "ciudad_acuna" in caught.value.reason
    assert f"Lower {path}, or raise routes.lateral_cost" in caught.value.hint
    assert len(str(caught.value)) <= 300


def test_a_world_that_diverges_with_the_defaults_is_named(tmp_path: Path):
    """Two legs take a few minutes, and the way back is almost free."""
    for name in ("nodes.csv", "edges.csv"):
        text = (PACKAGED / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    edges = tmp_path / "edges.csv"
    rows = edges.read_text(encoding="utf-8").splitlines()
    a, b = (row for row in rows if row.startswith(("puebla,mexico_city,", "cordoba,puebla,")))
    cells = (row.split(",") for row in (a, b))
    back = [",".join([c[1], c[0], *c[2:6], "0.1", "0.001", *c[8:]]) for c in cells]
    short = [
        ",".join([*c[:6], "0.1", "0.001", *c[8:]]) if row in (a, b) else row
        for row in rows
        for c in [row.split(",")]
    ]
    edges.write_text("\n".join([*short, *back]), encoding="utf-8")
    with pytest.raises(WorldError, match="route values do not converge in the loop of") as caught:
        BorderModel(RUN, world=load_world(tmp_path))
    assert (caught.value.file, caught.value.column) == ("edges.csv", "travel_days")
    assert caught.value.row == min(rows.index(a), rows.index(b)) + 1
