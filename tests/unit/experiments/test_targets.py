"""Targets: figures come from the record and agree with the figures printed in the design."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from abm.world import geography
from experiments.validation import targets as module
from experiments.validation.targets import (
    EPISODES,
    KINDS,
    TargetError,
    derive,
    order_agreement,
    target,
    target_rows,
    targets,
    total_variation,
)
from tests.caches import clear_caches

# Reference figures, not read from the data files: id -> (figure, half of its last printed digit).
PRINTED = {
    "P1.mexican": (265_409, 0),
    "P1.northern_triangle": (137_548, 0),
    "P3.evaders": (0.54, 0.005),
    "P4.families_and_children": (0.24, 0.005),
    "P5.known": (0.81, 0.005),
    "P6.fy2011": (0.20, 0.005),
    "P6.fy2015": (0.14, 0.005),
    "P7.october_april": (0.30, 0.005),
    "P8.chiapas": (0.45, 0.005),
    "P8.veracruz": (0.13, 0.005),
    "P8.tabasco": (0.11, 0.005),
    "P9.use_mexican": (0.90, 0.005),
    "P9.use_northern_triangle": (0.70, 0.005),
    "P9.fee_mexican": (2_500, 0),
    "P9.fee_northern_triangle": (4_559, 0),
    "P10.southwest": (10.9, 0.05),
    "P10.tucson": (16.0, 0.05),
    "P10.laredo": (12.2, 0.05),
    "P10.rio_grande_valley": (10.1, 0.05),
    "P10.san_diego": (2.5, 0.05),
    "P11.guided": (0.85, 0.005),
    "P12.ports": (0.81, 0.005),
    "E2.mexican_x3": (-0.1, 0.05),
    "H1.northern_triangle": (-46.7, 0.05),
    "H2.gap": (-28, 0.5),
    "H3.share": (59 - 30, 1.0),
    "H4.both": (-5, 0.5),
    "H5.rebound": (44, 0.5),
    "H6.northern_triangle": (-61, 0.5),
    "H6.mexican": (-17, 0.5),
    "H7.share": (39.6 - 15.5, 0.1),
    "H8.evaders": (0.36, 0.005),
}
RANGES = {
    "P4.entries": (0.51, 0.60),
    "E4.honduras": (1.108, 1.717),
    "E4.el_salvador": (0.993, 1.579),
    "E1.mexican_x3": (0.14, 0.24),
    "E1.mexican_x1.5": (0.14, 0.24),
    "H9.entries": (1.45, 1.62),
}


@pytest.mark.parametrize("name", PRINTED)
def test_figures_agree_with_the_design(name: str):
    printed, rounding = PRINTED[name]
    assert target(name).observed == pytest.approx(printed, abs=rounding + 1e-9)


@pytest.mark.parametrize("name", RANGES)
def test_published_ranges_agree_with_the_design(name: str):
    result = target(name)
    ends = (result.published_low, result.published_high)
    assert ends == pytest.approx(RANGES[name], abs=0.005)
    assert result.published_low < result.observed < result.published_high


def test_every_pattern_of_the_design_has_a_part():
    patterns = dict.fromkeys(t.pattern for t in targets())
    expected = [f"P{i}" for i in range(1, 13)] + [f"E{i}" for i in range(1, 7)]
    assert list(patterns) == expected + [f"H{i}" for i in range(1, 10)]
    kinds = {t.kind: t.pattern[0] for t in targets() if t.pattern not in ("H3", "H4", "H7")}
    assert kinds == {"fitted": "E", "emergent": "E", "held_out": "H"}
    assert {t.kind for t in targets() if t.pattern[0] == "P"} == {"fitted"}
    episodes = {t.pattern: t.episode for t in targets()}
    assert [p for p, e in episodes.items() if e == "2014"] == ["H1", "H2", "H3", "H4", "H5"]
    assert [p for p, e in episodes.items() if e == "2019"] == ["H6", "H7"]
    assert [p for p, e in episodes.items() if e == "2005"] == ["H8", "H9"]
    assert set(episodes.values()) == set(EPISODES)


def test_parts_have_unique_ids_and_judged_parts_have_sources():
    result = targets()
    assert max(Counter(t.id for t in result).values()) == 1
    for t in result:
        assert t.id == f"{t.pattern}.{t.part}" and t.label and t.statistic and t.unit
        assert t.sources or not t.judged
        assert bool(t.row["tolerance_source"]) == t.judged
        assert not t.judged or math.isfinite(t.observed)


def test_observed_figures_are_within_their_tolerance():
    for t in targets():
        assert t.accepts(t.observed) is (True if t.judged else None)


def test_figures_outside_the_tolerance_and_nan_are_not_accepted():
    result = target("P3.evaders")
    assert result.accepts(0.45) and result.accepts(0.65)
    assert result.accepts(0.4499) is False and result.accepts(math.nan) is False
    assert target("H6.mexican").accepts(0.0) is None


def test_reading_fitted_parts_evaluates_no_held_out_part(monkeypatch: pytest.MonkeyPatch):
    def refuse(line: object) -> None:
        raise AssertionError("it was read")

    held_out = {line["derive"] for line in target_rows() if line["kind"] == "held_out"}
    names = {line["derive"] for line in target_rows() if line["kind"] == "fitted"}
    for name in held_out - names:
        monkeypatch.setitem(module.DERIVATIONS, name, refuse)
    fitted = targets("fitted")
    assert {t.kind for t in fitted} == {"fitted"}
    with pytest.raises(AssertionError, match="it was read"):
        targets("held_out")


def test_a_row_missing_in_the_record_raises_an_error_with_its_id():
    line = dict(target("P3.evaders").row)
    with pytest.raises(TargetError, match=r"P3\.evaders.*fiscal_year 2099"):
        derive(line | {"where": "metric=interdiction_effectiveness_rate; fiscal_year=2099"})
    with pytest.raises(TargetError, match="no column 'colour'"):
        derive(line | {"where": "colour=blue"})
    with pytest.raises(TargetError, match="no number"):
        derive(
            line
            | {
                "where": "metric=successful_illegal_entries_IDA; fiscal_year=2016",
                "column": "value_low",
            }
        )
    with pytest.raises(LookupError, match=r"P99\.x"):
        target("P99.x")


def test_every_value_in_the_table_is_read():
    tolerances = ("relative", "absolute", "bounds", "reported")
    allowed = {"kind": KINDS, "episode": EPISODES, "meant": tolerances}
    allowed |= {"derive": tuple(module.DERIVATIONS)}
    for column, values in allowed.items():
        assert {row[column] for row in target_rows()} <= set(values), column


def test_total_variation_is_half_the_sum_of_differences():
    assert total_variation({"a": 0.5, "b": 0.5}, {"a": 0.2, "b": 0.8}) == pytest.approx(0.3)
    assert total_variation({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}) == 1.0


def test_order_agreement_counts_pairs():
    record = {"a": 4.0, "b": 3.0, "c": 2.0}
    assert order_agreement({"a": 9.0, "b": 8.0, "c": 7.0}, record) == 1.0
    assert order_agreement({"a": 7.0, "b": 8.0, "c": 9.0}, record) == 0.0
    assert order_agreement({"a": 8.0, "b": 9.0, "c": 7.0}, record) == pytest.approx(2 / 3)
    assert math.isnan(order_agreement({"a": math.nan, "b": 1.0, "c": 0.0}, record))


# ---- the end of release -------------------------------------------------------------------------


@pytest.mark.usefixtures("cleared")
def test_a_country_whose_level_changes_in_all_years_has_no_other_response(
    monkeypatch: pytest.MonkeyPatch,
):
    before = target("E5.honduras").observed
    original = geography.monthly_by_citizenship

    def doubled(group: str, first: str, last: str) -> list[tuple[int, int, float]]:
        factor = 2.0 if group == "Honduras" else 1.0
        return [(y, m, factor * v) for y, m, v in original(group, first, last)]

    monkeypatch.setattr(geography, "monthly_by_citizenship", doubled)
    clear_caches()
    assert target("E5.honduras").observed == pytest.approx(before)
