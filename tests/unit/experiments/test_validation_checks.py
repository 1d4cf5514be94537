"""Checks printed with a validation: levels of known months, and doses at a corner."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from abm.world import geography
from experiments.calibration.doses import EPISODES
from experiments.calibration.ensemble import Member
from experiments.rows.validation import read_validation, validation_json
from experiments.runs.case import RunResult
from experiments.validation.validate import WINDOWS, dose_checks, evaluate, level_checks
from viz.documents.validation.tables import ValidationTables, ValidationText
from viz.screen.words import Words

Made = Callable[..., RunResult]


def member(dose: float, rise: float, *corners: str) -> Member:
    """Return a member with one dose."""
    doses, rises = {"2019": dose}, {"2019": rise}
    return Member({}, {}, 1.0, 0.0, doses, rises=rises, corners=corners)


@pytest.fixture
def runs(made_up: Made) -> dict[str, RunResult]:
    """Return a run of 2019 with twice the recorded apprehensions of the Northern Triangle."""
    series = {}
    for name, column, factor in (("mexican", "Mexico", 1.0), ("northern_triangle", "NTCA", 2.0)):
        months = geography.monthly_by_citizenship(column, "2017-10", "2019-09")
        series[f"apprehended_us_{name}"] = {f"{y}-{m:02d}": factor * v for y, m, v in months}
    return {"2019": made_up("2017-10-01", 730, series)}


def test_all_windows_of_levels_are_known_months():
    for role, windows in WINDOWS.items():
        key = role.rpartition(":")[2]
        assert all(last <= EPISODES[key].known[1] for _, last in windows.values())


def test_the_level_is_simulated_over_recorded(runs: dict[str, RunResult]):
    checks = level_checks([runs, runs])
    assert [(c.role, c.window, c.group) for c in checks] == [
        ("2019", window, group)
        for window in ("known", "before")
        for group in ("mexican", "northern_triangle")
    ]
    assert [c.ratio.median for c in checks] == pytest.approx([1.0, 2.0] * 2)


def test_members_at_a_corner_are_counted_and_members_without_ratios_are_left_out():
    members = [
        member(0.0, 1.2, "2019"),
        member(0.4, 0.96),
        member(1.0, 0.95, "b"),
        Member({}, {}, 1, 0),
    ]
    (check,) = dose_checks(members)
    assert check.episode == "2019" and check.corners == pytest.approx(1.0 / 3.0)
    assert (check.dose.median, check.reached.median) == (0.4, 0.96)
    assert check.observed == EPISODES["2019"].series.rise()
    assert dose_checks([Member({}, {}, 1.0, 0.0, {"2019": 1.0})]) == ()


def test_checks_are_printed_and_survive_the_file(runs: dict[str, RunResult]):
    roles = ["2019", "2019:unannounced", "2019:unchanged"]
    result = evaluate({(0, 1): dict.fromkeys(roles, runs["2019"])})
    assert {part.target.episode for part in result.unannounced} == {"2019"}
    assert [change.role for change in result.line_changes] == roles
    result = replace(result, doses=dose_checks([member(0.0, 1.2, "2019")]))
    data = json.loads(json.dumps(validation_json(result)).replace("NaN", "null"))
    reread = read_validation(data)
    for name in ("levels", "doses", "line_changes"):
        assert validation_json(reread)[name] == data[name]
    text = ValidationText(Words("en"))
    for version in (result, reread):
        tables = ValidationTables(text, version)
        assert len(tables.levels().rows) == 4 and len(tables.doses().rows) == 1
        assert len(tables.unannounced().rows) == len(result.unannounced) > 0
        assert {len(row) for row in tables.unannounced().rows} == {5}
        assert len(tables.line_changes().rows) == 3
    assert "100 %" in str(ValidationTables(text, result).doses().rows)
    assert not math.isnan(reread.levels[1].ratio.median)
