"""Predictions whose theory is clear hold; every experiment can be run and gives its reason."""

import pytest

from tests.laws.predictions import Prediction, predictions

DECLARED = predictions()
TESTS = {p.name: p for p in DECLARED if p.test}


@pytest.mark.parametrize("prediction", DECLARED, ids=lambda p: p.name)
def test_an_experiment_differs_from_its_baseline_and_states_its_reason(prediction: Prediction):
    base, arm = prediction.worlds()
    assert (base != arm) == (not prediction.command)
    assert prediction.low <= prediction.high and prediction.reason.endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TESTS))
def test_a_prediction_whose_theory_is_clear_holds(name: str):
    assert TESTS[name].holds(result := TESTS[name].result()), result
