"""Results that are used again while their inputs stay the same."""

from __future__ import annotations

import numpy as np
import pytest

from agents.last_result import LastResult


@pytest.fixture
def sums():
    """Return a sum of inputs through a last result, and the list of the sums computed."""
    last, computed = LastResult[float](), []

    def total(array, number):
        def compute():
            computed.append(float(array.sum()) + number)
            return computed[-1]

        return last.of(compute, array, number)

    return total, computed, last


def test_equal_inputs_are_computed_once(sums):
    total, computed, _ = sums
    assert total(np.arange(3.0), 1.0) == total(np.arange(3.0), 1.0) == 4.0
    assert computed == [4.0]


def test_a_change_in_place_is_noticed(sums):
    total, computed, _ = sums
    array = np.zeros(3)
    results = [total(array, 0.0)]
    array[1] = 5.0
    results += [total(array, 0.0), total(array, 2.0)]
    assert results == computed == [0.0, 5.0, 7.0]


def test_a_copy_starts_without_a_result(sums):
    total, _, last = sums
    total(np.ones(3), 0.0)
    copied = LastResult[float].__new__(LastResult)
    copied.__setstate__(last.__getstate__())
    assert copied.of(lambda: -1.0, np.ones(3), 0.0) == -1.0
