"""The section of the page of reliability about both engines, from hand-made comparisons."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from agents.outcomes import Event
from tests.laws import engines_page
from tests.laws.engine_cases import Comparison
from tests.laws.engines_page import is_met, main, section

EVENTS = frozenset(event.name for event in Event)
WORLDS = [
    Comparison(0, (), 1_200, 30_000, EVENTS, frozenset({"fence", "expulsion"})),
    Comparison(1, (), 34, 500, EVENTS - {"GRANTED"}, frozenset({"fence"})),
    Comparison(2, (), 0, 0, frozenset({"CANDIDATES"}), frozenset()),
]


def test_the_section_has_totals_and_the_worlds_of_the_rarest_events() -> None:
    text = section(WORLDS)
    today = datetime.date.today()
    assert f"compared on {today.day} {today:%B %Y}." in text
    assert "Worlds: 3; the histories are equal in 3 of them." in text
    assert "Agents who set out: 1,234, in 30,500 agent-days." in text
    assert "Policies: 2 of " in text and " occur, in 2 worlds." in text
    assert "Events that occur in no world: none." in text and "differs" not in text
    assert text.count("` in ") == 5 and "The rarest: `GRANTED` in 1, `ADMITTED` in 2, " in text


def test_a_world_that_differs_is_named_with_the_first_day_and_column() -> None:
    worlds = [WORLDS[0], replace(WORLDS[1], different=("people on 2012-10-24: hop", "events"))]
    assert "equal in 1 of them" in section(worlds)
    assert "World 1 differs: people on 2012-10-24: hop; events." in section(worlds)
    assert is_met(WORLDS) and not is_met(worlds)


def test_an_event_that_occurs_in_no_world_is_named() -> None:
    assert "Events that occur in no world: GRANTED." in section(WORLDS[1:])
    assert not is_met(WORLDS[1:])


@pytest.mark.parametrize(("number", "code"), [(3, 0), (0, 1)])
def test_the_command_replaces_the_section_and_returns_1_if_something_is_missing(
    number: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- engines -->\nold\n<!-- end of engines -->\nafter\n", "utf-8")
    monkeypatch.setattr(engines_page, "RELIABILITY", page)
    monkeypatch.setattr(
        engines_page, "compare_worlds", lambda numbers: reversed([WORLDS[n] for n in numbers])
    )
    assert main(["--worlds", str(number)]) == code
    text = section(WORLDS[:number])
    expected = f"before\n<!-- engines -->\n{text}\n<!-- end of engines -->\nafter\n"
    assert page.read_text("utf-8") == expected


def test_the_page_has_the_markers_of_the_section() -> None:
    text = engines_page.RELIABILITY.read_text("utf-8")
    assert text.count("<!-- engines -->") == text.count("<!-- end of engines -->") == 1
    assert text.index("## Two engines") < text.index("<!-- engines -->")
    assert text.index("<!-- end of engines -->") < text.index("## Golden digests")
