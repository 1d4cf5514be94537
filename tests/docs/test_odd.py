"""Test that the numbers and names of the ODD+2D page agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.scenario import Scenario, parameters
from abm.world.routes import load_world
from agents.migrants.columns import SLOTS

TEXT = " ".join(
    (Path(__file__).resolve().parents[2] / "docs" / "background" / "odd.md")
    .read_text(encoding="utf-8")
    .split()
)
VALUES = {row.path: row.value for row in parameters(Scenario())}
NUMBERS = [
    ("warmup_days", r"after a warm-up of (\d+) days"),
    ("migrants.envelope", r"the envelope \(([\d.]+)\)"),
    ("migrants.guided_attempts", r"\((three) guided"),
    ("migrants.solo_attempts", r"guided, (two) alone\)"),
    ("migrants.supply_lead.mexican", r"earlier \((\d+) for Mexicans"),
    ("migrants.supply_lead.northern_triangle", r"for Mexicans, (\d+) for"),
    ("migrants.legal_quota.mexican", r"visas of FY2013 per year \(([\d,]+) and"),
    ("migrants.legal_quota.northern_triangle", r"visas of FY2013 per year \([\d,]+ and ([\d,]+)\)"),
    ("migrants.legal_impatience", r"impatience of ([\d.]+) per year"),
    ("migrants.wait_in_mexico_days", r"came from, for (\d+) days"),
    ("routes.presenting", r"`presenting` dollars \((-\d+),"),
    ("smugglers.price_speed", r"price \+= ([\d.]+)\*\(target"),
    ("smugglers.reputation_speed", r"reputation \+= ([\d.]+)\*"),
    ("smugglers.reserve_weeks", r"above a reserve of (\d+) weeks"),
    ("smugglers.entry_margin", r"exceeded ([\d.]+) times its early level"),
    ("smugglers.entry_days", r"early level for (\d+) days"),
    ("smugglers.splinters", r"Poisson\(([\d.]+)\)"),
    ("smugglers.splinter_violence", r"rises by ([\d.]+) and decays"),
    ("mexico.fatigue_half_life", r"half-life \(([\d.]+) months"),
    ("mexico.competence", r"base-year value \(([\d.]+) \[A\]"),
    ("mexico.trained", r"Each trainer teaches (\d+) officers"),
    ("mexico.recruit_competence", r"join with a competence of ([\d.]+)"),
    ("ports.officers", r"([\d,]+) officers \[A\] are distributed"),
    ("ports.find_person", r"ordinary travellers \(([\d.]+) in the base year"),
    ("ports.find_goods.trusted_truck", r"lane \(([\d.]+) in trusted"),
    ("ports.find_goods.truck", r"in trusted and ([\d.]+) in ordinary lanes"),
    ("ports.asylum_slots", r"process (\d+) per day"),
    ("push.delay_months", r"Erlang-2, mean (\d+) months\) into stocks"),
    ("aid.delay_months", r"Erlang-2, mean (\d+) months\) and pays"),
    ("border_patrol.transfer_days", r"which prepares for (five) days"),
]
WORDS = {"two": 2, "three": 3, "five": 5}


@pytest.mark.parametrize(("path", "pattern"), NUMBERS, ids=[path for path, _ in NUMBERS])
def test_a_number_of_the_page_is_the_default_of_its_parameter(path: str, pattern: str):
    (found,) = re.findall(pattern, TEXT)
    number = WORDS[found] if found in WORDS else float(found.replace(",", ""))
    assert number == pytest.approx(VALUES[path])


def test_the_size_of_the_network_is_that_of_the_packaged_world():
    world = load_world()
    listed = world.n_legs - int(world.is_reverse.sum())
    assert f"{world.n_places} places and {listed} legs" in TEXT
    assert f"{int(world.is_reverse.sum())} legs can also be travelled in reverse" in TEXT
    assert len(world.ports) == 8 and "eight places are ports of entry" in TEXT
    assert f"{int(world.mx_origin.sum())} Mexican regions" in TEXT


def test_the_page_states_the_largest_number_of_organisations():
    assert f"at most {SLOTS})" in TEXT


def test_every_influential_parameter_exists():
    """Names after *most influential* are the last parts, or a part, of a parameter's path."""
    parts = {part for path in VALUES for part in path.split(".")}
    for names in re.findall(r"most influential \[A\] parameters: ([^.]*)\.", TEXT):
        found = re.findall(r"`(\w+)`", names)
        assert [name for name in found if name not in parts] == []


def test_every_section_that_the_table_of_decision_makers_names_exists():
    table = TEXT[TEXT.index("### 2.1 Decision-makers") : TEXT.index("## 3. Details")]
    sections = set(re.findall(r"\b3\.\d+", table))
    assert len(sections) > 8
    assert [one for one in sections if f"### {one} " not in TEXT] == []
