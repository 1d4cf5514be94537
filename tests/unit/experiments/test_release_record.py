"""The response to the end of releases in 2005-06, computed from the record."""

import pytest

from abm.world import geography
from experiments.validation import release_record as r


@pytest.mark.parametrize(
    ("name", "per_unit"),
    [
        ("honduras_el_salvador", 1.41),
        ("honduras_guatemala", 0.60),
        ("el_salvador_guatemala", 1.29),
        ("both_guatemala", 1.41),
    ],
)
def test_responses_per_unit_of_release(name: str, per_unit: float):
    found = r.response(name)
    assert found.per_unit == pytest.approx(per_unit, abs=0.01)
    assert found.controls == 15 and 0.2 < found.per_unit_error < 0.6


def test_a_response_without_labels_uses_the_share_of_the_treated():
    """Salvadorans are 60 % of both countries before the end of their release."""
    both, one = r.response("both_guatemala"), r.response("el_salvador_guatemala")
    assert both.released / one.released == pytest.approx(0.60, abs=0.01)


def test_the_share_released_before_the_end():
    assert r.released_before() == 0.70


def test_a_country_whose_level_changes_in_all_years_has_no_other_response(monkeypatch):
    before = r.response("honduras_el_salvador").change
    original = geography.monthly_by_citizenship

    def doubled(group, first, last):
        factor = 2.0 if group == "Honduras" else 1.0
        return [(y, m, factor * v) for y, m, v in original(group, first, last)]

    monkeypatch.setattr(geography, "monthly_by_citizenship", doubled)
    assert r.response("honduras_el_salvador").change == pytest.approx(before)
