"""The story of a person names waits at home, expulsions and transfers, in both languages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.outcomes import Consequence, Mode, Status
from viz.screen.journeys import Entry
from viz.screen.panels.people import _line
from viz.screen.words import LANGUAGES, Words

FIRST = Entry(
    day=1,
    status=Status.DEFERRED,
    place=0,
    leg=-1,
    org=-1,
    consequence=Consequence.NONE,
    trips=0,
    mode=Mode.SOLO,
    wealth=900,
    debt=0,
    caught=0,
)


def story(language: str, *entries: Entry) -> list[str]:
    """Return the lines about successive entries."""
    session: Any = SimpleNamespace(
        words=Words(language), world=SimpleNamespace(place_names=["Here", "There"])
    )
    return [
        _line(session, before, entry)
        for before, entry in zip([None, *entries], entries, strict=False)
    ]


def test_a_person_who_waits_sets_out_later():
    going = FIRST._replace(day=60, status=Status.TRAVELLING, leg=3, wealth=800)
    lines = story("en", FIRST, going)
    assert lines[0] == "waits at home because of an announcement"
    assert lines[1] == "sets out with $800; goes alone; on the way; \u2212$100"


def test_a_person_who_does_not_wait_sets_out_at_once():
    assert story("en", FIRST._replace(status=Status.TRAVELLING, org=2)) == [
        "sets out with $900; hires an organisation"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("consequence", "held", "word"),
    [
        (Consequence.EXPULSION, Status.HELD_US, "expulsion"),
        (Consequence.TRANSFER, Status.HELD_MEXICO, "transfer"),
    ],
)
def test_expulsions_and_transfers_are_named_once(language, consequence, held, word):
    going = FIRST._replace(status=Status.TRAVELLING)
    held_now = going._replace(day=5, status=held, consequence=consequence)
    free = held_now._replace(day=7, status=Status.RETURNED)
    named = Words(language)(f"consequence.{word}")
    lines = story(language, going, held_now, free)
    assert [named in line for line in lines] == [False, True, False]


def test_other_consequences_are_shown_by_their_status_only():
    going = FIRST._replace(status=Status.TRAVELLING)
    removed = going._replace(status=Status.HELD_US, consequence=Consequence.REMOVAL)
    assert story("en", going, removed)[1] == "held in the United States"
