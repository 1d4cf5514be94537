"""The numbers and names on the ODD+2D page agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.scenario import Scenario, parameters
from abm.world.routes import load_world

TEXT = " ".join(
    (Path(__file__).resolve().parents[2] / "docs" / "background" / "odd.md")
    .read_text(encoding="utf-8")
    .split()
)
VALUES = {row.path: row.value for row in parameters(Scenario())}
NUMBERS = [
    ("migrants.supply_lead.mexican", r"earlier \((\d+) for Mexicans"),
    ("migrants.supply_lead.northern_triangle", r"for Mexicans, (\d+) for"),
    ("smugglers.price_speed", r"price \+= ([\d.]+)\*\(target"),
    ("smugglers.reputation_speed", r"reputation \+= ([\d.]+)\*"),
    ("push.delay_months", r"Erlang-2, mean (\d+) months\) into stocks"),
    ("aid.delay_months", r"Erlang-2, mean (\d+) months\) and pays"),
    ("border_patrol.transfer_days", r"which prepares for (five) days"),
]
WORDS = {"five": 5}


@pytest.mark.parametrize(("path", "pattern"), NUMBERS, ids=[path for path, _ in NUMBERS])
def test_a_number_of_the_page_is_the_default_of_its_parameter(path: str, pattern: str):
    (text,) = re.findall(pattern, TEXT)
    number = WORDS[text] if text in WORDS else float(text.replace(",", ""))
    assert number == pytest.approx(VALUES[path])


def test_the_size_of_the_network_is_that_of_the_packaged_world():
    world = load_world()
    listed = world.n_legs - int(world.is_reverse.sum())
    assert f"{world.n_places} places and {listed} legs" in TEXT
    assert f"{int(world.is_reverse.sum())} legs can also be travelled in reverse" in TEXT
    assert len(world.ports) == 8 and "eight places are ports of entry" in TEXT
    assert f"{int(world.mx_origin.sum())} Mexican regions" in TEXT


def test_every_parameter_that_the_page_names_exists():
    """A name that begins with a parameter group, such as `ports.officers`, is a parameter path."""
    rooms = {path.partition(".")[0] for path in VALUES}
    named = {name for name in re.findall(r"`(\w+\.\w+)`", TEXT) if name.split(".")[0] in rooms}
    assert len(named) > 3
    assert [name for name in named if not any(path.startswith(name) for path in VALUES)] == []
