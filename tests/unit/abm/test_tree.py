"""Every setting of a scenario is checked against its bounds, and errors name its path."""

import datetime
import math
from collections.abc import Callable

import pytest

from abm.scenario import Row, Scenario, SettingError, parameters
from abm.scenario.tree import paths_of

DEFAULT = Scenario()
ROWS = parameters(DEFAULT)
NUMBERS = [row for row in ROWS if row.kind in (int, float)]


def error_of(make: Callable[[], object]) -> SettingError:
    """Return the SettingError that a function raises."""
    with pytest.raises(SettingError) as error:
        make()
    return error.value


# ---- every parameter ------------------------------------------------------------------------


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.path)
def test_only_values_within_the_bounds_are_allowed(row: Row):
    for bound in (row.low, row.high):
        value = row.kind(bound)
        assert value == bound
        now = DEFAULT.with_settings({row.path: value})
        (changed,) = (r for r in parameters(now) if r.path == row.path)
        assert changed.value == value and type(changed.value) is row.kind
    above = row.high + 1 if row.kind is int else math.nextafter(row.high, math.inf)
    below = row.low - 1 if row.kind is int else math.nextafter(row.low, -math.inf)
    for value in (row.kind(above), row.kind(below)):
        said = error_of(lambda value=value: DEFAULT.with_settings({row.path: value}))
        assert str(said).startswith(f"{row.path}: ") and row.unit in said.reason
        assert "between" in said.hint


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_a_wrong_type_raises_an_error_with_its_path(row: Row):
    for value in (None, [[]], datetime.date(2014, 1, 1), b"", object()):
        said = error_of(lambda value=value: DEFAULT.with_settings({row.path: value}))
        assert said.path == row.path and said.hint


# ---- unknown names --------------------------------------------------------------------------


@pytest.mark.parametrize("path", paths_of(DEFAULT))
def test_a_misspelt_setting_raises_an_error_with_a_suggestion(path: str):
    wrong = f"{path}q"
    said = error_of(lambda: DEFAULT.with_settings({wrong: 1}))
    assert said.path == wrong and said.hint == f'Did you mean "{path}"?'


def test_a_setting_in_the_wrong_group_raises_an_error_with_its_path():
    plain = (row for row in NUMBERS if row.path.count(".") == 1)
    row = next(row for row in plain if row.path.startswith("migrants."))
    leaf = row.path.partition(".")[2]
    for wrong in (leaf, f"routes.{leaf}"):
        said = error_of(lambda wrong=wrong: DEFAULT.with_settings({wrong: row.value}))
        assert said.path == wrong and row.path in said.hint


def test_an_unknown_name_raises_an_error_with_the_known_names():
    said = error_of(lambda: DEFAULT.with_settings({"zzzz": 1}))
    assert "supply_level" in said.hint and said.hint.endswith("more.")


def test_a_setting_given_twice_raises_an_error():
    for changes in ({"migrants": {}, "migrants.pool": 1}, {"scale.x": 1, "scale": 2}):
        assert error_of(lambda changes=changes: DEFAULT.with_settings(changes)).path in changes
