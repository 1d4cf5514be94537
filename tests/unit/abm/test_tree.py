"""Every setting of a scenario is checked against its bounds, and errors name its path."""

import datetime
import math
from collections.abc import Callable

import pytest

from abm.scenario import Scenario, SettingError, parameters
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


@pytest.mark.parametrize("high", [False, True], ids=["lowest", "highest"])
def test_only_values_within_the_bounds_are_allowed(high: bool):
    bounds = {row.path: row.kind(row.high if high else row.low) for row in NUMBERS}
    changed = {row.path: row.value for row in parameters(DEFAULT.with_settings(bounds))}
    for row in NUMBERS:
        bound = changed[row.path]
        assert bound == bounds[row.path] and type(bound) is row.kind, row.path
        out = 1 if high else -1
        beyond = bound + out if row.kind is int else math.nextafter(bound, out * math.inf)
        error = error_of(lambda path=row.path, value=beyond: DEFAULT.with_settings({path: value}))
        assert str(error).startswith(f"{row.path}: ") and row.unit in error.reason
        assert "between" in error.hint


@pytest.mark.parametrize("value", [None, [[]], datetime.date(2014, 1, 1), b"", object()])
def test_a_wrong_type_raises_an_error_with_its_path(value: object):
    for row in ROWS:
        error = error_of(lambda path=row.path: DEFAULT.with_settings({path: value}))
        assert error.path == row.path and error.hint


# ---- unknown names --------------------------------------------------------------------------


def test_a_misspelt_setting_raises_an_error_with_a_suggestion():
    for path in list(paths_of(DEFAULT))[::7]:
        error = error_of(lambda wrong=f"{path}q": DEFAULT.with_settings({wrong: 1}))
        assert error.path == f"{path}q" and error.hint == f'Did you mean "{path}"?'
