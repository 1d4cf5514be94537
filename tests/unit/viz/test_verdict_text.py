"""Texts and figures of `ask`: where the answer changes, and the exchange rate, for fixed rows."""

from __future__ import annotations

import math
from typing import Any

import pytest
from matplotlib.figure import Figure

from experiments.calibration.priors import PRIORS
from experiments.studies.ask.uncertain_numbers import NAMES, number_label
from viz.documents.findings.verdict import (
    answer_lines,
    headline_lines,
    rate_tables,
    rate_text,
    regime_table,
    trade_off_lines,
    turning_lines,
    turning_table,
)
from viz.figures.answer import plot_verdict

CLAIMS = ("helps", "beats", "requires")
TURN = {"claim": "requires", "regime": "fy2013", "number": "eta", "rank": 0.55, "p": 0.01}
TEST = {
    "claim": "requires",
    "regime": "fy2013",
    "draws": 60,
    "tested": 64,
    "chance": 0.4,
    "detectable": 0.49,
    "moves": [TURN, TURN | {"number": "effectiveness.fence", "rank": -0.47}],
}
SMALL = {"median": 4.0, "low90": 1.0, "high90": 8.0}
LARGE = {"median": 10.0, "low90": 5.0, "high90": 14.0}


OTHER = {"regime": "fy2019", "measure": "got_aways", "horizon": 10, "budget": 5e8}
POOLED = {
    "word": "contingent",
    "share_won": 0.5,
    "range": (0.4, 0.6),
    "near_a_threshold": False,
    "cells": 2,
    "unknown": 1,
    "others": [OTHER | {"word": "supported"}],
    "depends_on": ("regime",),
}
BOUND = {"number": "contested.mexico_tempo", "bound": "low", "value": 0.0, "regime": "fy2013"}
BOUND |= {"measure": "got_aways", "claim": "requires", "share_won": 0.1, "share_there": 0.1}
BOUND |= {"word": "refuted", "word_there": "refuted", "turns": False, "headline": "core"}
TURNED = BOUND | {"bound": "high", "value": 1.0, "share_there": 0.4}
TURNED |= {"word_there": "contingent", "turns": True}
VARIANT = BOUND | {"number": "prospect_theory", "bound": "", "value": None, "share_there": 0.15}
PRICE = {"number": "policies.bilateral_accords.mexican_sentence", "bound": "double", "value": 8e4}
DOUBLED = [BOUND | PRICE | {"claim": claim} for claim in CLAIMS] + [TURNED | PRICE]
WHOLE = {"measure": "verdict", "horizon": None}
WORDS = [TURNED | WHOLE, BOUND | PRICE | WHOLE, BOUND | WHOLE | {"headline": "enforcement"}]


def addition(start: str, gains: tuple[float, float]) -> dict[str, Any]:
    """Return a marginal pair with its gains with and without Mexico."""
    made: dict[str, Any] = {"start": start, "offered": 1.25e8}
    for name, gain in zip(("with_mexico", "without_mexico"), gains, strict=True):
        range90 = {"median": gain, "low90": gain - 1.0, "high90": gain + 1.0}
        made[name] = {"planned": 1.25e8, "spent": 1.2e8, "state": "spent", "gain": range90}
    return made


def cell(
    rate: float, word: str = "refuted", *, out: float = 0.0, horizon: int = 10
) -> dict[str, Any]:
    """Return a cell for $500M a year over ten years."""
    alone = {"low90": 0.2, "high90": 0.8, "share_out_of_reach": 0.0, "exchange_rate": 0.5}
    alone |= {"rate_limit": 40.0, "trade_offs": ("extorted",), "extorted": 12.0}
    alone["share_inert"] = 0.0
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
        "horizon": horizon,
        "measure": "got_aways",
        "judged": True,
        "draws": 60,
        "exchange_rate": rate,
        "low90": 0.5 * rate,
        "high90": math.inf if out else 2.0 * rate,
        "share_out_of_reach": out,
        "share_inert": 0.0,
        "rate_limit": 42.0,
        "reach": {"us_only": SMALL, "cooperative": SMALL, "mixed": LARGE},
        "difference": {"median": 5.5, "low90": 2.0, "high90": 9.0},
        "rate_equal": 1.75,
        "share_beyond_equal": 0.4,
        "next_shares": {"with": 0.5, "without": 0.3, "same": 0.2},
        "all_spent": True,
        "additions": [addition("us_only", (6.5, 2.9)), addition("cooperative", (1.3, 4.4))],
        "enforcement_share": 0.25,
        "cooperation_alone": alone,
        "marginal_dollar": 1.25,
        "marginal_median_low90": 0.4,
        "marginal_median_high90": 2.0,
        "mexico_share": 0.4,
        "deaths": -3.0,
        "kidnapped": 2.0,
        "extorted": 31.0,
        "returned_unscreened": 0.0,
        "trade_offs": (),
        "shares_above": {1.0: 0.9},
        "claims": [claim | {"claim": name} for name in CLAIMS],
    }


def regime(name: str, one: dict[str, Any]) -> dict[str, Any]:
    """Return a regime with one cell."""
    word = one["claims"][0]["word"]
    return {
        "id": name,
        "title": name,
        "verdicts": [{"claim": c, "word": word, "cells": 1, "unknown": 0} for c in CLAIMS],
        "start": "2012-10-01",
        "cells": [one],
    }


@pytest.fixture
def study() -> dict[str, Any]:
    """Return an answer whose words differ between regimes, with one number at its bound."""
    first, second = cell(1.5), cell(math.inf, "supported", out=0.7)
    both = [POOLED | {"claim": c, "draws": 60} for c in CLAIMS]
    regimes = [regime("fy2013", first), regime("fy2019", second)]
    core = {"id": "core", "title": "people", "menu": "all", "verdicts": both, "regimes": regimes}
    return {
        "regimes": regimes,
        "headlines": [core, core | {"id": "enforcement", "title": "people, enforcement only"}],
        "verdicts": both,
        "claim_tests": [TEST],
        "turning": [BOUND, TURNED, VARIANT, *DOUBLED, *WORDS],
    }


def test_the_answer_begins_with_the_claims_and_by_how_much(study: dict[str, Any]):
    helps, beats, requires, dollars = answer_lines(study)
    assert helps.startswith("Helps: contingent, won in 50 % (40 to 60) of draws; it depends on who")
    assert "In 1 of 2 cells the verdict differs beyond the interval." in helps
    assert "1 cell with too few complete draws left out" in helps
    assert "lowers entries by 4.0 % (median" in helps and "at least 2 % in 10 % of draws" in helps
    assert "by +1.2 points more than the same addition without Mexico" in beats
    assert "alone needs 1.5 to more than 42 dollars" in requires
    assert dollars.startswith("Without Mexico: 25 % of the planned dollars")


def test_the_first_table_has_words_and_rates_of_every_headline_and_regime(study: dict[str, Any]):
    table = regime_table(study)
    first, second, *others = ([cell.text for cell in row] for row in table.rows)
    assert first == ["FY2013: people", *["refuted"] * 3, "1.5", "0.50", "1.8"]
    assert [row[0] for row in others] == [f"FY20{y}: people, enforcement only" for y in (13, 19)]
    (line,) = headline_lines(study)
    assert line.startswith("People, enforcement only (all): helps contingent (50 % (40 to 60) of")
    assert second[1:5] == [*["supported"] * 3, "more than 42"]
    assert len(first) == len(table.heads)


def test_a_claim_without_enough_draws_says_how_many_it_has_and_needs(study: dict[str, Any]):
    unknown = [POOLED | {"claim": c, "word": "unknown", "depends_on": ()} for c in CLAIMS]
    helps, beats, *_ = answer_lines(study | {"verdicts": unknown})
    assert helps.startswith("Helps: unknown, too few draws (60 of 54)")
    assert beats.startswith("Beats: unknown, too few draws (60 of 27)")


def test_trade_offs_name_the_side_the_cost_and_its_largest_change(study: dict[str, Any]):
    alone, both = trade_off_lines(study)
    assert alone.startswith(
        'Cooperation alone: "Extorted by officers" rises above the status quo by more than 2 %'
    )
    assert "in 2 of 2 cells" in alone and "up to +12.0 %" in alone
    assert both == "Both together: no human cost rises in most draws that support the claim."


def test_the_numbers_that_turn_and_move_a_claim_are_named(study: dict[str, Any]):
    _, *lines = turning_lines(study)
    assert "(eta) changes *requires* in FY2013" in lines[0] and "corrected p 0.01" in lines[0]
    fence = "Effect of More miles of fence (1: as declared)"
    assert lines[1].startswith(f"{fence} changes *requires* in FY2013")
    assert "64 numbers" in lines[2] and "0.49" in lines[2] and len(lines) == 3


def test_the_table_of_turning_numbers_begins_with_both_counts(study: dict[str, Any]):
    """The caption counts cells that a price changes and numbers that reverse the verdict alone."""
    caption = turning_table(study).caption
    sentence, price = caption.partition(". Share")[0], "Price of a sentence in Mexico"
    tempo = "Mexico's limit of tempo (0: as the Border Patrol, 1: as declared)"
    assert sentence.startswith(
        "Halving or doubling a price or limit within its published range changes 0 of 1 cell of "
        "*helps*, 0 of 1 cell of *beats* and 1 of 1 cell of *requires* ("
    )
    assert f"FY2013 verdict alone: 1 of 2 numbers of *core* ({tempo}) and 0 of" in sentence
    assert turning_lines(study)[0] == f"{sentence}." and price
    unknown = [row | {"word": "unknown", "turns": False} for row in study["turning"]]
    assert "no number reverses them" in turning_lines(study | {"turning": unknown})[0]


def test_the_last_tables_have_the_words_and_rates_of_the_first_one(study: dict[str, Any]):
    """A cell has the same word in the table of turning numbers and in the verdict."""
    first, *_, second = ([cell.text for cell in row] for row in turning_table(study).rows)
    assert first[1:4] == ["1", "requires", "core: Got away at the line"]
    assert first[4:] == ["0.10", "0.40", "refuted", "**contingent**"]
    assert second[0].startswith("Migrants decide") and second[6:] == ["refuted", "refuted"]
    top = [[cell.text for cell in row] for row in regime_table(study).rows]
    assert first[6] == top[0][3]
    rows = [[cell.text for cell in row] for table in rate_tables(study) for row in table.rows]
    assert [row[0] for row in rows] == [row[0].partition(":")[0] for row in top]
    for above, below in zip(top, rows, strict=True):  # every headline has one cell per regime
        assert below[5].startswith(above[4].replace("more than ", ">")) and below[6] == above[6]


def test_every_uncertain_number_of_a_draw_has_a_name():
    names = {name: number_label(name) for name in (*PRIORS, *NAMES, "effectiveness.trainers")}
    assert all(label != name and len(label) < 120 for name, label in names.items())
    assert (
        "a first U.S. return" in names["retry_mexican"]
        and "(retry_mexican)" in names["retry_mexican"]
    )
    assert number_label("no_such_number") == "no_such_number"


def test_a_rate_out_of_reach_is_a_lower_bound_and_one_that_is_not_defined_a_word():
    assert rate_text(cell(2.0)) == "2.0 (1.0 to 4.0)"
    assert rate_text(cell(2.0, out=0.2)) == "2.0 (1.0 to more than 42)"
    assert rate_text(cell(math.inf, out=1.0)) == "more than 42"
    inert = cell(0.0) | {"share_inert": 0.6}
    assert rate_text(inert | {"high90": 3.0}) == "inert here (inert here to 3.0; inert 60 %)"


def texts(figure: Figure) -> set[str]:
    """Return all texts in a figure."""
    return {text.get_text() for ax in figure.axes for text in ax.texts}


def test_a_regime_with_shorter_runs_has_no_empty_panel(study: dict[str, Any]):
    short = cell(1.5, horizon=3)
    later = study["regimes"][1] | {"cells": [short]}
    mixed = study | {"regimes": [study["regimes"][0], later]}
    figure = plot_verdict(mixed, account="joint", measure="got_aways", title="Verdict")
    artists = [line.get_gid() for ax in figure.axes for line in ax.get_lines()]
    assert artists.count("rate mixed") == artists.count("equal") == 2
    assert any(text.endswith("the effect of $1, years 1 to 3") for text in texts(figure))


def test_the_picture_has_a_mark_for_every_rate_and_one_bar_for_every_number(study: dict[str, Any]):
    figure = plot_verdict(study, account="joint", measure="got_aways", title="Verdict")
    artists = [line.get_gid() for ax in figure.axes for line in ax.get_lines()]
    assert artists.count("rate mixed") == artists.count("rate cooperative") == 2
    assert {"Got away at the line", "> 42 (70 %)"} <= texts(figure)
    dashes = {
        str(line.get_linestyle()) + str(line.get_marker())
        for ax in figure.axes
        for line in ax.get_lines()
        if (line.get_gid() or "").startswith("rate")
    }
    assert len(dashes) == 2  # Marks must differ in more than colour.
