"""Rows of the exchange rate by regime, and of the numbers that turn a claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from abm.measures import HUMAN_COSTS
from experiments.rows.records import record
from experiments.studies.ask.answer import Answer
from experiments.studies.ask.build_rate_cells import (
    charge_on,
    frontier_of,
    rate_cells,
    relative_fall,
)
from experiments.studies.ask.exchange_rate import RateSummary, order_quantile
from experiments.studies.ask.rate_cells import (
    JOINT,
    MIN_VARIANT_DRAWS,
    RATE_CLAIMS,
    AdditionPair,
    PooledClaim,
    RateCell,
    pool_claim,
)
from experiments.studies.ask.regimes import REGIMES
from experiments.studies.ask.uncertain_numbers import PREFIX, RETURNS, TEMPO
from experiments.studies.optimise.effectiveness_prior import sources
from experiments.studies.optimise.horizons import HORIZONS
from experiments.studies.optimise.study import Score

#: Attributes of a cell that are columns of its row, as ``key=attribute``.
_CELL = ("budget", "account", "horizon", "measure", "judged", "draws=rate.draws")
_MARGINAL = (
    *("marginal_dollar=marginal_median", "marginal_median90", "marginal_needed=needed_median"),
    *("next_shares", "line_full", "all_spent", "mexico_share", "enforcement_share"),
)


def regime_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return every regime's cells, with the words of the claims on all of them.

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

    ``best`` is the median fall that the budget reaches, possibly with a cheaper portfolio, and for
    both together with one of a single side.
    """
    rows = []
    for target, place in sorted(score.menu.items()):
        key = (target.side, target.account, target.outcome)
        for years in HORIZONS[: score.trials.longest + 1]:
            charge = charge_on(score, place, target.side, target.account, years)
            frontier = frontier_of(score, key, years, target.budget)
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
                    "best": middle_range(100.0 * frontier.best[-1])["median"],
                }
            )
    return rows


def middle_range(values: np.ndarray) -> dict[str, float]:
    """Return the median and the range of nine draws in ten, or NaN without values."""
    finite = values[~np.isnan(values)]
    if not finite.size:
        return dict.fromkeys(("median", "low90", "high90"), np.nan)
    low, middle, high = np.quantile(finite, (0.05, 0.5, 0.95)).tolist()
    return {"median": middle, "low90": low, "high90": high}


def variant_rate_rows(answer: Answer) -> dict[str, list[dict[str, Any]]]:
    """Return the cells of every structural variant, at the budget of the variants."""
    size, instruments = answer.runs.size, answer.runs.instruments
    budgets, min_draws = [size.variant_budget], min(size.min_draws, MIN_VARIANT_DRAWS)
    return {
        name: list(map(rate_cell_row, rate_cells(name, score, instruments, budgets, min_draws)))
        for name, score in answer.runs.variants.items()
    }


def claim_rows(cells: Iterable[RateCell]) -> list[dict[str, Any]]:
    """Return the word of every claim on cells: pooled share, and the cells that differ.

    ``cells`` and ``unknown`` count judged cells in joint dollars with and without a word. Unknown
    cells are left out. ``others`` are cells whose word differs beyond their interval, and
    ``depends_on`` the attributes in which such a cell alone differs from another one.
    """
    cell_list = list(cells)
    return [_pooled_row(pool_claim(cell_list, claim)) for claim in RATE_CLAIMS]


def _pooled_row(pooled: PooledClaim) -> dict[str, Any]:
    """Return the word of one claim."""
    return {
        "claim": pooled.claim,
        "word": pooled.word,
        "share_won": pooled.share,
        "range": pooled.interval,
        "draws": pooled.draws,
        "near_a_threshold": bool(pooled.draws) and pooled.near_threshold,
        "cells": len(pooled.cells),
        "unknown": pooled.unknown,
        "others": [
            record(cell, ("regime", "measure", "horizon", "budget"))
            | {"word": cell.word(pooled.claim)}
            for cell in pooled.others
        ],
        "depends_on": pooled.depends_on,
    }


def operation_strength(numbers: Mapping[str, float]) -> float:
    """Return how strongly Mexico's operations act at the contested numbers of a draw.

    The number is the largest rise of hazard at the tempo's limit, (2.3 + 2 u)^(0.55 + 0.45 v),
    with u and v the positions of limit and returns: 1.6 at 0, and 4.3 at the declared values.
    """
    return (2.3 + 2.0 * numbers[TEMPO]) ** (0.55 + 0.45 * numbers[RETURNS])


def split_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return claims and exchange rates by regime for halves and parts of the draws.

    ``part`` is "weak" or "strong" operations of Mexico, divided at the median of
    :func:`operation_strength`, or "every programme works": draws without an instrument of both
    together that has no effect, at the median rate over cells of those draws.
    """
    numbers, rows = answer.runs.numbers, []
    if not numbers or TEMPO not in numbers[0]:
        return []
    strength = np.array([operation_strength(draw) for draw in numbers])
    middle = float(np.median(strength))
    parts = {"weak": strength <= middle, "strong": strength > middle}
    for name in answer.runs.regimes:
        cells = [cell for cell in answer.rate_cells if cell.regime == name]
        judged = [c for c in cells if c.judged and c.account == JOINT]
        for part, flags in parts.items():
            rows.append(_part_row(name, part, judged, [flags] * len(judged)))
            rows[-1]["divided_at"] = middle
        works = [_all_work(answer, name, cell) for cell in judged]
        rows.append(_part_row(name, "every programme works", judged, works))
    return rows


def _part_row(
    regime: str, part: str, cells: list[RateCell], flags: list[np.ndarray]
) -> dict[str, Any]:
    """Return share and interval of each claim, and the median rates of the cells, among draws."""
    rates = [
        np.sort(c.rate.rates[f & ~np.isnan(c.rate.rates)])
        for c, f in zip(cells, flags, strict=True)
    ]
    medians = sorted(order_quantile(finite, 0.5) for finite in rates if finite.size)
    same = all(np.array_equal(other, flags[0]) for other in flags[1:])
    return {
        "regime": regime,
        "part": part,
        "draws": [int(won.sum()) for won in flags],
        "rates": (medians[0], medians[-1]) if medians else (np.nan, np.nan),
        "claims": [_among(pool_claim(cells, c), flags[0]) for c in RATE_CLAIMS] if same else [],
    }


def _among(pooled: PooledClaim, flags: np.ndarray) -> dict[str, Any]:
    """Return the share of a claim among some draws."""
    if not pooled.draws:
        return {"claim": pooled.claim, "share_won": np.nan, "range": (0.0, 1.0), "draws": 0}
    share, interval, draws = pooled.among(flags)
    return {"claim": pooled.claim, "share_won": share, "range": interval, "draws": draws}


def _all_work(answer: Answer, regime: str, cell: RateCell) -> np.ndarray:
    """Return the draws in which no instrument that both together buy is without effect."""
    runs = answer.runs
    bought = runs.regimes[regime].score.trials.portfolios > 0.0
    ids = runs.instruments.ids
    names = [PREFIX + ids[k] for k in sources(ids)]  # forms of one programme share a factor
    effect = np.array([[draw.get(name, 1.0) for name in names] for draw in runs.numbers])
    rows = np.vstack([bought, np.zeros(bought.shape[1], dtype=bool)])[cell.used["mixed"]]
    return ~(rows & (effect == 0.0)).any(axis=1)


def rate_cell_row(cell: RateCell) -> dict[str, Any]:
    """Return one cell: exchange rates, reach, marginal dollar, claims and human costs.

    All columns belong to the portfolio that a side uses in a draw, possibly a cheaper one than
    the budget's. ``rate_limit`` is the exchange rate at the largest portfolio of the United
    States alone: a rate that is out of reach is above it. ``rate_equal`` is the rate that two
    countries would have that are both as the United States, and ``share_beyond_equal`` the share of
    draws in which both together reach more than these. ``reach`` is the fall of the measure in
    percent, by side. ``difference`` has medians of differences, in points. ``single_more`` counts
    the draws in which a single side reaches more than both together. ``additions`` are the
    marginal pairs by starting point.

    Human costs are median changes from the status quo in percent, under both together.
    ``us_alone`` and ``cooperation_alone`` have the other sides' human costs at the same budget.
    ``trade_offs`` are human costs that rise in most draws with an exchange rate above 1, and under
    ``cooperation_alone`` in most draws that win *helps*.
    """
    return {
        **record(cell, _CELL),
        **_rate_row(cell.rate),
        "median90": cell.rate.median90,
        "rate_equal": cell.rate.equal_median,
        "rate_equal_low90": cell.rate.equal_range[0],
        "rate_equal_high90": cell.rate.equal_range[1],
        "ratio_to_equal90": cell.rate.ratio90,
        "share_beyond_equal": cell.rate.share_beyond,
        "reach": {side: middle_range(100.0 * fall) for side, fall in cell.reach.items()},
        "difference": middle_range(100.0 * cell.difference),
        "single_more": cell.single_more,
        "cooperation_alone": {
            **_rate_row(cell.rate_alone),
            **{name: cell.median_cost(name, "cooperative") for name in HUMAN_COSTS},
            "trade_offs": cell.trade_offs("cooperative"),
        },
        **record(cell, _MARGINAL),
        "marginal_low90": cell.marginal_range[0],
        "marginal_high90": cell.marginal_range[1],
        "marginal_draws": cell.draws("beats"),
        "additions": [_addition_row(pair) for pair in cell.pairs],
        "planned": dict(cell.payers),
        "spent": {side: dict(paid) for side, paid in cell.spent.items()},
        **{name: cell.median_cost(name) for name in HUMAN_COSTS},
        "us_alone": {name: cell.median_cost(name, "us_only") for name in HUMAN_COSTS},
        "trade_offs": cell.trade_offs(),
        "claims": [_claim_row(cell, claim) for claim in RATE_CLAIMS],
    }


def _rate_row(rate: RateSummary) -> dict[str, Any]:
    """Return an exchange rate: median, 90 % range, and the shares of the draws."""
    return {
        "exchange_rate": rate.median,
        "low90": rate.range90[0],
        "high90": rate.range90[1],
        "share_out_of_reach": rate.out_of_reach,
        "rate_limit": rate.limit,
        "share_inert": rate.share_inert,
        "shares_above": rate.shares_above(),
    }


def _claim_row(cell: RateCell, claim: str) -> dict[str, Any]:
    """Return the word of one claim in a cell."""
    return {
        "claim": claim,
        "word": cell.word(claim),
        "draws": cell.draws(claim),
        "share_won": cell.share_won(claim),
        "range": cell.interval(claim),
        "margin": middle_range(cell.margin(claim)),
        "near_a_threshold": cell.near_threshold(claim),
    }


def _addition_row(pair: AdditionPair) -> dict[str, Any]:
    """Return dollars, state and gain in percent of both additions to one portfolio."""
    columns = zip(pair.planned, pair.spent, pair.states, pair.gains, strict=True)
    rows = (
        {"planned": planned, "spent": spent, "state": state, "gain": middle_range(gain)}
        for planned, spent, state, gain in columns
    )
    additions = dict(zip(("with_mexico", "without_mexico"), rows, strict=True))
    return {"start": pair.side, "offered": pair.offered, **additions}


def claim_test_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return a row per claim and regime: how many numbers were tested, and which move the claim."""
    return [
        record(test, ("claim", "regime", "draws", "chance", "detectable"))
        | {"tested": len(test.tested), "moves": list(map(dataclasses.asdict, test.moving))}
        for test in answer.tests
    ]
