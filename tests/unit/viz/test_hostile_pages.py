"""Messages and choices that a hostile page sends cost little and change nothing of others."""

from __future__ import annotations

import pytest

from viz.screen.lessons.learning import MOST_CLASSES, Classroom
from viz.screen.panels.budgets import read_number

KEY = ("balloon", "2")


def test_a_number_among_many_spaces_is_read_in_time_that_grows_with_its_length():
    """With backtracking, this text would take hours."""
    with pytest.raises(ValueError):
        read_number("$" + " " * 2_000_000 + "x")


def test_empty_classes_are_dropped_before_a_class_with_guesses():
    room = Classroom()
    for visitor in range(3):
        room.add("real", KEY, str(visitor), {"all": 1.0})
    for number in range(2 * MOST_CLASSES):
        room.add(f"other-{number}", KEY, "one", {"all": 1.0})
        room.remove(f"other-{number}", KEY, "one")
    assert len(room.guesses("real", KEY)) == 3
