"""Terms of supply in the model: conservation, common candidates, dates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from abm.model import BorderModel
from agents.labels import TERMS
from agents.outcomes import Event

DAYS = 100
OFF = {"supply_terms.network_keep": 0.5, "supply_terms.awareness_start": 0.7}
ALL = {
    "supply_terms.network": [0.7, 0.7],
    "supply_terms.construction": [1.0, 1.0],
    "supply_terms.cohort": [1.0, 1.0],
    "supply_terms.awareness_speed": 0.5,
    "supply_terms.level_sd": [0.05, 0.14],
    "supply_terms.surge_sd": [0.05, 0.2],
}


def _candidates(model) -> np.ndarray:
    """Return the candidates by day, group and kind."""
    return model.ledger.events[:, Event.CANDIDATES]


@pytest.fixture(scope="module")
def plain(play: Callable[..., BorderModel]) -> BorderModel:
    """Run without terms."""
    return play(days=DAYS)


def test_terms_without_coefficients_change_no_byte(play: Callable, plain: BorderModel) -> None:
    assert play(days=DAYS, changes=OFF).ledger.digest == plain.ledger.digest


def test_persons_and_dollars_are_conserved_with_all_terms(play: Callable) -> None:
    model = play(days=DAYS, changes=ALL)  # The ledger checks both every day.
    model.tidy()
    assert int(model.ledger.balance.sum()) == 0


def test_no_policy_changes_the_random_level(play: Callable, plain: BorderModel) -> None:
    levels = {"supply_terms.level_sd": [0.1, 0.2]}
    one = play(days=DAYS, changes=levels)
    other = play("southern_border_control:3 patrol_surge", days=DAYS, changes=levels)
    assert np.array_equal(_candidates(one), _candidates(other))
    assert not np.array_equal(_candidates(one), _candidates(plain))


def test_a_dated_term_changes_nothing_before_its_date(play: Callable, plain: BorderModel) -> None:
    dated = ALL | {"supply_terms.since": [2013.0] * len(TERMS)}
    one = play(days=DAYS, changes=dated)  # The run starts in October 2012.
    assert np.array_equal(_candidates(one)[:92], _candidates(plain)[:92])
    assert not np.array_equal(_candidates(one)[92:], _candidates(plain)[92:])
