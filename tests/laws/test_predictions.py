"""Predictions with a clear theory hold; every experiment can be run and gives its reason."""

import pytest

from tests.laws.predictions import Prediction, predictions

DECLARED = predictions()
TESTS = {p.name: p for p in DECLARED if p.test}


@pytest.mark.parametrize("prediction", DECLARED, ids=lambda p: p.name)
def test_an_experiment_differs_from_its_baseline_and_states_its_reason(prediction: Prediction):
    base, arm = prediction.worlds()
    assert (base != arm) == (not prediction.command)
    assert prediction.low <= prediction.high and prediction.reason.endswith(".")


def test_the_prediction_about_an_answer_counts_the_words_that_a_doubled_number_changes():
    (prediction,) = (p for p in DECLARED if p.command)
    row = {"number": prediction.number, "bound": "double", "claim": "helps"}
    other = row | {"word": "supported", "word_there": "contingent"}
    rows = [other, other | {"word_there": "supported"}, other | {"bound": "low"}]
    assert prediction.read({"turning": rows}) == 1.0 and not prediction.holds(1.0)
    with pytest.raises(AssertionError, match="no words"):
        prediction.read({"turning": [row | {"word": "unknown", "word_there": "unknown"}]})


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TESTS))
def test_a_prediction_whose_theory_is_clear_holds(name: str):
    assert TESTS[name].holds(result := TESTS[name].result()), result
