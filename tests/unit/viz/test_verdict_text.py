"""Texts and figure of where the answer changes and of the exchange rate, for known rows."""

from __future__ import annotations

import math
from typing import Any

import pytest

from experiments.ask.variants import VARIANTS, Variant
from experiments.optimise.sides import SIDES
from viz.documents.findings.verdict import (
    FIRST_VARIANT,
    answer_lines,
    rate_rows,
    rate_text,
    turning_lines,
    variant_rows,
)
from viz.figures.verdict import describe_verdict, plot_verdict

CLAIMS = ("helps", "beats", "requires")
TURN = {
    "claim": "requires",
    "regime": "fy2013",
    "number": "eta",
    "value": 0.613,
    "below": 0.1,
    "above": 0.7,
    "spread": 0.6,
    "chance": 0.3,
    "rank": 0.55,
    "p": 0.01,
    "low90": 0.5,
    "high90": 0.8,
}
TEST = {
    "claim": "requires",
    "regime": "fy2013",
    "draws": 60,
    "tested": 64,
    "chance": 0.4,
    "detectable": 0.49,
    "moves": [TURN | {"number": "memory", "value": math.nan, "rank": -0.47}],
}
SMALL = {"median": 4.0, "low90": 1.0, "high90": 8.0}
LARGE = {"median": 10.0, "low90": 5.0, "high90": 14.0}


def cell(rate: float, word: str = "refuted", *, out: float = 0.0) -> dict[str, Any]:
    """Return a cell of $500M over ten years."""
    alone = {"low90": 0.2, "high90": 0.8, "share_out_of_reach": 0.0, "exchange_rate": 0.5}
    alone |= {"rate_limit": 40.0}
    claim = {
        "word": word,
        "draws": 60,
        "share_won": 0.1,
        "range": (0.05, 0.2),
        "near_a_threshold": False,
    }
    return {
        "budget": 5e8,
        "account": "joint",
        "horizon": 10,
        "measure": "got_aways",
        "judged": True,
        "draws": 60,
        "exchange_rate": rate,
        "low90": 0.5 * rate,
        "high90": math.inf if out else 2.0 * rate,
        "share_out_of_reach": out,
        "rate_limit": 42.0,
        "reach": {"us_only": SMALL, "cooperative": SMALL, "mixed": LARGE},
        "difference": {"median": 5.5, "low90": 2.0, "high90": 9.0},
        "line_full": False,
        "cooperation_alone": alone,
        "marginal_dollar": 1.25,
        "mexico_share": 0.4,
        "deaths": -3.0,
        "kidnapped": 2.0,
        "extorted": 31.0,
        "returned_unscreened": 0.0,
        "shares_above": {1.0: 0.9},
        "claims": [claim | {"claim": name} for name in CLAIMS],
    }


def regime(name: str, one: dict[str, Any]) -> dict[str, Any]:
    """Return a regime with one cell, and one portfolio of each side."""
    word = one["claims"][0]["word"]
    frontier = [
        {
            "side": side,
            "account": "joint",
            "measure": "got_aways",
            "horizon": 10,
            "budget": 5e8,
            "charge": 4.9e8,
            "fall": 10.0,
            "best": 10.0,
            "low90": 5.0,
            "high90": 20.0,
        }
        for side in SIDES
    ]
    return {
        "id": name,
        "title": name,
        "verdicts": [{"claim": claim, "word": word} for claim in CLAIMS],
        "cells": [one],
        "frontiers": frontier,
    }


@pytest.fixture
def study() -> dict[str, Any]:
    """Return an answer whose words differ by regime and in one variant."""
    first, second = cell(1.5), cell(math.inf, "supported", out=0.7)
    both = [{"claim": c, "word": "contingent", "depends_on": ("regime",)} for c in CLAIMS]
    return {
        "regimes": [regime("fy2013", first), regime("fy2019", second)],
        "rate_verdicts": both,
        "turns": [TURN],
        "claim_tests": [TEST],
        "variant_rates": {
            "prospect_theory": [cell(3.0, "supported")],
            "stackelberg": [cell(1.4)],
        },
    }


def test_the_answer_begins_with_the_claims_and_by_how_much(study: dict[str, Any]):
    helps, beats, requires = answer_lines(study)
    assert "refuted in FY2013, supported in FY2019" in helps and "who sets out" in helps
    assert "(fall: 4.0 %)" in helps and "(difference: +1.2 points)" in beats
    assert "(exchange rate: 1.5 to more than 42)" in requires


def test_the_answer_turns_by_variant_and_by_number(study: dict[str, Any]):
    lines = turning_lines(study)
    assert lines[0].startswith("Migrants decide by prospect theory: helps for got-aways supported")
    assert (
        "eta turns requires in FY2013 at 0.613" in lines[1] and "10 % of draws to 70 %" in lines[1]
    )
    assert lines[2].startswith("memory moves requires in FY2013 without turning it")
    assert "64 numbers" in lines[3] and "0.49" in lines[3]
    assert len(lines) == 4  # stackelberg changes nothing


def test_the_variant_with_the_same_limits_and_law_comes_first_even_if_no_word_changes(
    study: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    title = "Mexico has the same limits and law"
    known = VARIANTS | {FIRST_VARIANT: Variant(title)}
    monkeypatch.setattr("viz.documents.findings.verdict.VARIANTS", known)
    rates = study["variant_rates"] | {FIRST_VARIANT: [cell(0.9)]}
    first = turning_lines(study | {"variant_rates": rates})[0]
    assert first.startswith(
        f"{title}: the exchange rate for got-aways is 0.9 (0.45 to 1.8) instead"
    )
    rows = variant_rows(study | {"variant_rates": rates})
    assert [row[0] for row in rows][:2] == ["Standard model", title]


def test_without_a_turn_the_reason_is_given(study: dict[str, Any]):
    still = study | {"turns": [], "variant_rates": {"stackelberg": [cell(1.4)]}}
    lines = turning_lines(still)
    assert lines[0] == "No structural variant changes the word of a claim."
    assert lines[-2].endswith("none crosses the threshold.")
    few = still | {"claim_tests": [TEST | {"tested": 0, "moves": []}]}
    assert turning_lines(few)[-1].endswith("there are too few draws to tell.")


def test_a_rate_out_of_reach_is_a_lower_bound_and_one_that_is_not_defined_a_word():
    assert rate_text(cell(2.0)) == "2 (1 to 4)"
    assert rate_text(cell(2.0, out=0.2)) == "2 (1 to more than 42)"
    assert rate_text(cell(math.inf, out=1.0)) == "more than 42"
    assert rate_text(cell(math.nan)) == "no effect"


def test_rows_hold_the_reach_of_both_sides_the_rate_and_human_costs(study: dict[str, Any]):
    first, second = rate_rows(study, accounts=["joint"])
    assert first[:6] == ["FY2013", "$500M", "got-aways", "1 to 10", "−4.0 %", "−10.0 %"]
    assert first[6:9] == ["−5.5 points", "1.5 (0.75 to 3)", "90 %"]
    assert first[9:] == ["+1.2 points", "40 %", "60", "−3.0 %", "+2.0 %", "+31.0 %", "0.0 %"]
    assert second[7] == "more than 42"
    rows = variant_rows(study)
    assert [row[0] for row in rows][:2] == ["Standard model", "Migrants decide by prospect theory"]


def test_a_star_marks_a_line_that_cannot_spend_the_addition(study: dict[str, Any]):
    study["regimes"][0]["cells"][0]["line_full"] = True
    first, second = rate_rows(study, accounts=["joint"])
    assert first[9] == "+1.2 points *" and "*" not in second[9]


def test_the_picture_has_a_mark_for_every_rate_and_one_bar_for_every_number(study: dict[str, Any]):
    at: dict[str, Any] = {"account": "joint", "measure": "got_aways", "horizon": 10}
    figure = plot_verdict(study, **at, title="Verdict")
    artists = [line.get_gid() for ax in figure.axes for line in ax.get_lines()]
    assert artists.count("rate mixed") == artists.count("rate cooperative") == 2
    texts = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert {"turns at 0.613", "> 42 (70 %)"} <= texts
    dashes = {
        str(line.get_linestyle()) + str(line.get_marker())
        for ax in figure.axes
        for line in ax.get_lines()
        if (line.get_gid() or "").startswith(("side", "rate"))
    }
    assert len(dashes) >= 4  # colour never speaks alone
    assert artists.count("largest") == 2  # what the United States alone can reach at most
    described = describe_verdict(study, **at)
    assert "fy2019, $500M: > 42" in described and "turns with eta at 0.613" in described
    assert plot_verdict(study | {"turns": []}, **at, title="none").axes
