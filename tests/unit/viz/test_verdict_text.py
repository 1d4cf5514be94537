"""Texts and figure of where the answer changes and of the exchange rate, for known rows."""

from __future__ import annotations

import math
from typing import Any

import pytest

from experiments.optimise.sides import SIDES
from viz.documents.findings.verdict import rate_rows, rate_text, turning_lines, variant_rows
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
    "threshold": 0.2,
}


def cell(rate: float, word: str = "refuted", *, out: float = 0.0) -> dict[str, Any]:
    """Return a cell of $500M over ten years."""
    alone = {"low90": 0.2, "high90": 0.8, "share_out_of_reach": 0.0, "exchange_rate": 0.5}
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
        "cooperation_alone": alone,
        "marginal_dollar": 1.25,
        "mexico_share": 0.4,
        "deaths": -3.0,
        "kidnapped": 2.0,
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
        "variant_rates": {
            "prospect_theory": [cell(3.0, "supported")],
            "stackelberg": [cell(1.4)],
        },
    }


def test_the_answer_turns_by_regime_by_variant_and_by_number(study: dict[str, Any]):
    lines = turning_lines(study)
    assert "refuted in FY2013, supported in FY2019" in lines[0] and "who sets out" in lines[0]
    assert lines[3].startswith("Migrants decide by prospect theory: helps for got-aways supported")
    assert "eta turns requires in FY2013 at 0.613" in lines[4]
    assert "10 % of draws to 70 %" in lines[4] and len(lines) == 5  # stackelberg changes nothing


def test_without_a_turn_the_reason_is_given(study: dict[str, Any]):
    still = study | {"turns": [], "variant_rates": {"stackelberg": [cell(1.4)]}}
    lines = turning_lines(still)
    assert lines[-2] == "No structural variant changes the word of a claim."
    assert lines[-1].endswith("none moves it more than chance.")
    still["regimes"][0]["cells"][0]["draws"] = still["regimes"][1]["cells"][0]["draws"] = 8
    assert turning_lines(still)[-1].endswith("there are too few draws to tell.")


def test_a_rate_out_of_reach_is_a_word_and_one_that_is_not_defined_another():
    assert rate_text(cell(2.0)) == "2 (1 to 4)"
    assert rate_text(cell(math.inf, out=1.0)) == "out of reach (out of reach to out of reach)"
    assert rate_text(cell(math.nan)) == "no effect"


def test_rows_hold_rate_marginal_dollar_and_human_costs(study: dict[str, Any]):
    first, second = rate_rows(study, accounts=["joint"])
    assert first[:6] == ["FY2013", "$500M", "got-aways", "1 to 10", "1.5 (0.75 to 3)", "0 %"]
    assert first[6:] == ["+1.2 points", "40 %", "60", "−3.0 %", "+2.0 %", "0.0 %"]
    assert second[5] == "70 %"
    rows = variant_rows(study)
    assert [row[0] for row in rows][:2] == ["Standard model", "Migrants decide by prospect theory"]


def test_the_picture_has_a_mark_for_every_rate_and_one_bar_for_every_number(study: dict[str, Any]):
    at: dict[str, Any] = {"account": "joint", "measure": "got_aways", "horizon": 10}
    figure = plot_verdict(study, **at, title="Verdict")
    artists = [line.get_gid() for ax in figure.axes for line in ax.get_lines()]
    assert artists.count("rate mixed") == artists.count("rate cooperative") == 2
    texts = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert {"turns at 0.613", "out of reach, 70 % out"} & texts == {"turns at 0.613"} | {
        text for text in texts if text.startswith("out of reach, 70 %")
    }
    dashes = {
        str(line.get_linestyle()) + str(line.get_marker())
        for ax in figure.axes
        for line in ax.get_lines()
        if (line.get_gid() or "").startswith(("side", "rate"))
    }
    assert len(dashes) >= 4  # colour never speaks alone
    described = describe_verdict(study, **at)
    assert "fy2019, $500M: out of reach" in described and "turns with eta at 0.613" in described
    assert plot_verdict(study | {"turns": []}, **at, title="none").axes
