"""Sentences of a comparison in rare cases: one run, and outcomes that are zero in the baseline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.viz.test_report import change, make_report, with_arms
from viz.documents.comparison.report import Report
from viz.documents.comparison.sentences import arm_sentence


def one_run(**shares: float) -> Report:
    """Return a report of one run of each arm, with these relative changes of 1,000 units."""
    report = make_report(1, 1)
    outcomes = {
        key: change(1_000.0, *[1_000.0 * share] * 5, pairs=1) for key, share in shares.items()
    }
    return with_arms(report, replace(report.arms[0], outcomes=outcomes))


@pytest.mark.parametrize("share", [-0.019, -0.001, 0.001, 0.019])
def test_one_run_has_no_sentence_on_a_change_below_two_percent(share: float):
    sentence = arm_sentence(one_run(got_aways=share, deaths=share), 0)
    assert not any(word in sentence for word in ("fewer", "more"))


def test_one_run_names_a_change_of_two_percent():
    assert "2.0 % fewer deaths" in arm_sentence(one_run(deaths=-0.02), 0).replace("\u00a0", " ")


def test_a_change_from_zero_is_stated_in_units():
    report = make_report()
    outcomes = {"deaths": change(0.0, 12.0, 11.0, 13.0, 10.0, 14.0)}
    sentence = arm_sentence(with_arms(report, replace(report.arms[0], outcomes=outcomes)), 0)
    assert "12.0 more deaths" in sentence.replace("\u00a0", " ")
