"""Rows of the exchange rate by regime, and of the numbers that turn a claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from experiments.ask.answer import Answer
from experiments.ask.rate_cells import (
    MIN_VARIANT_DRAWS,
    RATE_CLAIMS,
    MarginalPair,
    RateCell,
    charge_on,
    combine_words,
    frontier_of,
    rate_cells,
    relative_fall,
)
from experiments.ask.regimes import REGIMES
from experiments.optimise.horizons import HORIZONS, HUMAN_COSTS
from experiments.optimise.score import Score


def regime_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the cells of every regime, with the words of the claims on all of them.

    In JSON, an exchange rate of null is out of reach if ``share_out_of_reach`` is above 0, and not
    defined otherwise.
    """
    rows = []
    for name, runs in answer.runs.regimes.items():
        cells = [cell for cell in answer.rate_cells if cell.regime == name]
        settings = dict(REGIMES[name].settings) | {"supply": runs.scenario.supply}
        rows.append(
            {
                "id": name,
                "title": REGIMES[name].title,
                "start": runs.scenario.start.isoformat(),
                "settings": settings,
                "verdicts": claim_rows(cells),
                "cells": list(map(rate_cell_row, cells)),
                "frontiers": _frontier_rows(runs.score),
            }
        )
    return rows


def _frontier_rows(score: Score) -> list[dict[str, Any]]:
    """Return the relative fall of every measure by side and dollars: median and 90 % of draws.

    ``best`` is the median fall that the dollars reach, possibly with a cheaper portfolio.
    """
    rows = []
    for target, place in sorted(score.menu.items()):
        key = (target.side, target.account, target.outcome)
        charge = charge_on(score, place, target.side, target.account)
        for years in HORIZONS[: score.trials.longest + 1]:
            fall = 100.0 * relative_fall(score, place, target.side, years, target.outcome)
            rows.append(
                {
                    "side": target.side,
                    "account": target.account,
                    "measure": target.outcome,
                    "horizon": years,
                    "budget": target.budget,
                    "charge": charge,
                    "fall": (middle := middle_range(fall))["median"],
                    "low90": middle["low90"],
                    "high90": middle["high90"],
                    "best": 100.0 * float(np.nanmedian(frontier_of(score, key, years).at(charge))),
                }
            )
    return rows


def middle_range(values: np.ndarray) -> dict[str, float]:
    """Return the median and the range of nine draws in ten; NaN without values."""
    known = values[~np.isnan(values)]
    if not known.size:
        return dict.fromkeys(("median", "low90", "high90"), np.nan)
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95)).tolist()
    return {"median": middle, "low90": low, "high90": high}


def variant_rate_rows(answer: Answer) -> dict[str, list[dict[str, Any]]]:
    """Return the cells of every structural variant, at the budget of the variants."""
    size, instruments = answer.runs.size, answer.runs.instruments
    budgets, least = [size.variant_budget], min(size.min_draws, MIN_VARIANT_DRAWS)
    return {
        name: list(map(rate_cell_row, rate_cells(name, score, instruments, budgets, least)))
        for name, score in answer.runs.variants.items()
    }


def claim_rows(cells: Iterable[RateCell]) -> list[dict[str, Any]]:
    """Return the word of every claim on cells, and the attributes on which it depends."""
    own = list(cells)
    pairs = {claim: combine_words(own, claim) for claim in RATE_CLAIMS}
    return [{"claim": c, "word": word, "depends_on": names} for c, (word, names) in pairs.items()]


def rate_cell_row(cell: RateCell) -> dict[str, Any]:
    """Return one cell: exchange rates, reach, marginal dollar, claims and human costs.

    ``rate_limit`` is the exchange rate at the largest portfolio of the United States alone: a rate
    that is out of reach is above it. ``reach`` is the fall of the measure in percent, by side, and
    ``difference`` that of both together minus that of the United States alone, in points.
    ``additions`` are the planned and the spent dollars of the marginal pairs, by starting point.

    Human costs are median changes from the status quo in percent, under the best portfolio of
    both together; ``us_alone`` and ``cooperation_alone`` have those of the other sides at the same
    budget. ``trade_offs`` are human costs that rise in most draws with an exchange rate above 1,
    and under ``cooperation_alone`` in most draws that win *helps*.
    """
    low, high = cell.rate.range90
    return {
        "budget": cell.budget,
        "account": cell.account,
        "horizon": cell.horizon,
        "measure": cell.measure,
        "judged": cell.judged,
        "draws": cell.rate.draws,
        "exchange_rate": cell.rate.median,
        "low90": low,
        "high90": high,
        "median90": cell.rate.median90,
        "share_out_of_reach": cell.rate.out_of_reach,
        "rate_limit": cell.rate.limit,
        "share_inert": cell.rate.share_inert,
        "shares_above": cell.rate.shares_above(),
        "reach": {side: middle_range(100.0 * fall) for side, fall in cell.reach.items()},
        "difference": middle_range(100.0 * cell.difference),
        "cooperation_alone": {
            "exchange_rate": cell.rate_alone.median,
            "low90": cell.rate_alone.range90[0],
            "high90": cell.rate_alone.range90[1],
            "share_out_of_reach": cell.rate_alone.out_of_reach,
            "rate_limit": cell.rate_alone.limit,
            "share_inert": cell.rate_alone.share_inert,
            **{name: cell.median_cost(name, "cooperative") for name in HUMAN_COSTS},
            "trade_offs": cell.trade_offs("cooperative"),
        },
        "marginal_dollar": cell.marginal_median,
        "marginal_low90": cell.marginal_range[0],
        "marginal_high90": cell.marginal_range[1],
        "marginal_draws": cell.draws("beats"),
        "line_full": cell.line_full,
        "additions": [_addition_row(pair) for pair in cell.pairs],
        "mexico_share": cell.mexico_share,
        "planned": dict(cell.payers),
        "spent": {side: dict(paid) for side, paid in cell.spent.items()},
        **{name: cell.median_cost(name) for name in HUMAN_COSTS},
        "us_alone": {name: cell.median_cost(name, "us_only") for name in HUMAN_COSTS},
        "trade_offs": cell.trade_offs(),
        "claims": [
            {
                "claim": claim,
                "word": cell.word(claim),
                "draws": cell.draws(claim),
                "share_won": cell.share_won(claim),
                "range": cell.interval(claim),
                "margin": middle_range(cell.margin(claim)),
                "near_a_threshold": cell.near_threshold(claim),
            }
            for claim in RATE_CLAIMS
        ],
    }


def _addition_row(pair: MarginalPair) -> dict[str, Any]:
    """Return planned and spent dollars a year of the additions to one portfolio."""
    return {
        "start": pair.side,
        "planned": pair.planned,
        "mexico": pair.mexico,
        "line": pair.line,
        "line_full": pair.line_full,
    }


def claim_test_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return what was tested for each claim and regime, and the numbers that move it."""
    return [
        {
            "claim": test.claim,
            "regime": test.regime,
            "draws": test.draws,
            "tested": len(test.tested),
            "chance": test.chance,
            "detectable": test.detectable,
            "moves": [dataclasses.asdict(turn) for turn in test.found],
        }
        for test in answer.tests
    ]


def turn_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the numbers that turn each claim, with the value at which they do."""
    return [dataclasses.asdict(turn) for turn in answer.turns]
