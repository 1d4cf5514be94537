"""Rows of an answer to the question whether border security requires Mexico's cooperation.

``answer.json``, the terminal, the tables and the page of findings render these rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from abm.measures import HUMAN_COSTS
from abm.policies import policy_class
from abm.policies.base import ARMS
from experiments.rows.records import record
from experiments.rows.runs import scenario_keys
from experiments.studies.ask import rate_cells
from experiments.studies.ask.answer import Answer
from experiments.studies.ask.exchange_rate import RateSummary, median_interval, quantile, range90
from experiments.studies.ask.regimes import CORE, HEADLINES, REGIMES
from experiments.studies.ask.stages import QuestionRuns
from experiments.studies.ask.verdict import CLAIMS
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.sides import MENUS
from experiments.studies.optimise.study import Score
from experiments.studies.optimise.trials import Trials

#: Columns of a cell's row, each as ``key=attribute``.
_CELL = ("budget", "account", "horizon", "measure", "judged", "draws=rate.draws")
_SHARE = ("claim", "draws", "share_won=value", "range=interval", "near_a_threshold=near_threshold")


def answer_study(answer: Answer) -> dict[str, Any]:
    """Return the verdicts, their cells, the portfolios, and the tests of uncertain numbers.

    In JSON, a null exchange rate means out of reach if ``share_out_of_reach`` is above 0, and
    undefined otherwise.
    """
    runs = answer.runs
    return {
        **scenario_keys(runs.first.scenario),
        "size": asdict(runs.size),
        "members": list(runs.member_indices),
        "verdicts": _verdict_rows(answer.cells),
        "regimes": [_regime_row(answer, *regime) for regime in runs.regimes.items()],
        "headlines": [
            _headline_row(name, cells)
            for name, cells in {CORE: answer.cells, **answer.headlines}.items()
        ],
        "turning": list(answer.turning),
        "claim_tests": [
            record(test, ("claim", "regime", "draws", "chance", "detectable"))
            | {"tested": len(test.tested), "moves": list(map(asdict, test.moving))}
            for test in answer.tests
        ],
        "portfolios": _portfolio_rows(runs.first.score),
        "instruments": instrument_rows(runs.first.searched),
        "searched": len(runs.first.searched),
        "failed": len(answer.failed_runs),
    }


def cell_rows(study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cells for all headlines, each with its headline and regime."""
    return [
        {"headline": headline["id"], "regime": regime["id"]} | cell
        for headline in study["headlines"]
        for regime in headline["regimes"]
        for cell in regime["cells"]
    ]


def claim_rows(study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one flat row for every claim in every cell.

    Args:
        study: the rows that :func:`answer_study` returns.

    Returns:
        One row per headline, regime, account, measure, budget, horizon and claim.
    """
    key, rows = ("headline", "regime", "account", "measure", "budget", "horizon"), []
    names = ("claim", "word", "near_a_threshold", "draws", "share_won")
    for cell in cell_rows(study):
        for claim in cell["claims"]:
            low, high = claim["range"]
            columns = {name: claim[name] for name in names}
            columns |= {"share_low90": low, "share_high90": high}
            columns |= {f"margin_{name}": value for name, value in claim["margin"].items()}
            rows.append({name: cell[name] for name in key} | columns)
    return rows


# ---- verdicts and regimes -----------------------------------------------------------------------


def _verdict_rows(cells: Sequence[rate_cells.RateCell]) -> list[dict[str, Any]]:
    """Return one row per claim: the pooled verdict, and the cells with another verdict.

    ``cells`` and ``unknown`` count the judged cells in joint dollars with and without a verdict.
    The pooled share leaves unknown cells out. ``others`` are cells whose whole interval has another
    verdict than the pooled share. ``depends_on`` lists each attribute in which alone such a cell
    differs from a cell with another verdict.
    """
    rows = []
    for pooled in (rate_cells.pool_claim(cells, claim) for claim in CLAIMS):
        keys = ("regime", "measure", "horizon", "budget")
        others = [
            record(cell, keys) | {"word": cell.word(pooled.share.claim)} for cell in pooled.others
        ]
        counts = {"cells": len(pooled.cells), "unknown": pooled.unknown}
        more = {"others": others, "depends_on": pooled.depends_on}
        rows.append(record(pooled.share, _SHARE) | {"word": pooled.share.word} | counts | more)
    return rows


def _regime_row(answer: Answer, name: str, runs: QuestionRuns) -> dict[str, Any]:
    """Return a regime's cells, with the verdict on each claim over all these cells."""
    cells = [cell for cell in answer.cells if cell.regime == name]
    return {
        "id": name,
        "title": REGIMES[name].title,
        "start": runs.scenario.start.isoformat(),
        "settings": dict(REGIMES[name].settings) | {"supply": runs.scenario.supply},
        "verdicts": _verdict_rows(cells),
        "cells": list(map(_rate_cell_row, cells)),
        "frontiers": _frontier_rows(runs.score),
    }


def _headline_row(name: str, cells: Sequence[rate_cells.RateCell]) -> dict[str, Any]:
    """Return a headline's cells, and its verdicts over all cells and by regime."""
    by_regime: dict[str, list[rate_cells.RateCell]] = {}
    for cell in cells:
        by_regime.setdefault(cell.regime, []).append(cell)
    return {
        "id": name,
        "title": HEADLINES[name].title,
        "menu": MENUS[HEADLINES[name].menu],
        "verdicts": _verdict_rows(cells),
        "regimes": [
            {
                "id": regime,
                "verdicts": _verdict_rows(rows),
                "cells": list(map(_rate_cell_row, rows)),
            }
            for regime, rows in by_regime.items()
        ],
    }


def _frontier_rows(score: Score) -> list[dict[str, Any]]:
    """Return every measure's relative fall (median, 90 % range) by side and dollars.

    ``best`` is the median fall that the budget can reach, possibly with a cheaper portfolio or, for
    both sides together, with a portfolio of a single side.
    """
    rows = []
    for target, place in sorted(score.menu.items()):
        side, account, measure = target.side, target.account, target.outcome
        for years in HORIZONS[: score.trials.longest + 1]:
            frontier = rate_cells.frontier_of(score, (side, account, measure), years, target.budget)
            fall = middle_range(100.0 * rate_cells.relative_fall(score, place, years, measure))
            rows.append(
                {
                    "side": side,
                    "account": account,
                    "measure": measure,
                    "horizon": years,
                    "budget": target.budget,
                    "charge": rate_cells.charge_on(score, place, account, years),
                    "fall": fall["median"],
                    "low90": fall["low90"],
                    "high90": fall["high90"],
                    "best": quantile(100.0 * frontier.best[-1], 0.5),
                }
            )
    return rows


def middle_range(values: np.ndarray) -> dict[str, float]:
    """Return the draws' median and 90 % range, or NaN if no values exist."""
    low, high = range90(values)
    return {"median": quantile(values, 0.5), "low90": low, "high90": high}


# ---- cells --------------------------------------------------------------------------------------


def _rate_cell_row(cell: rate_cells.RateCell) -> dict[str, Any]:
    """Return one cell: exchange rates, reach, marginal dollar, claims and human costs.

    All columns describe the portfolio that a side uses in a draw, which may cost less than the
    budget. ``rate_limit`` is the exchange rate at the most expensive U.S.-only portfolio. A rate
    that is out of reach is above this limit. ``rate_equal`` is the rate between two countries that
    are both like the United States, and ``share_beyond_equal`` is the share of draws in which the
    two real countries together reach more than two such countries. ``reach`` is the fall in the
    measure, in percent, by side. ``difference`` is the median difference in percentage points.
    ``additions`` holds a pair of marginal additions for each starting portfolio.

    ``human_costs`` holds median percent changes from the status quo under both together.
    ``us_alone`` and ``cooperation_alone`` hold the human costs of the other sides at the same
    budget. ``trade_offs`` lists human costs that rise in most draws with an exchange rate above 1
    or, under ``cooperation_alone``, in most draws in which the claim *helps* holds.
    """
    equal, marginal = middle_range(cell.rate.equal), middle_range(cell.marginal)
    return {
        **record(cell, _CELL),
        **_rate_row(cell.rate),
        **_ends("median", cell.rate.median90),
        "rate_equal": equal["median"],
        "rate_equal_low90": equal["low90"],
        "rate_equal_high90": equal["high90"],
        **_ends("ratio_to_equal", cell.rate.ratio90),
        "share_beyond_equal": cell.rate.share_beyond,
        "reach": {side: middle_range(100.0 * fall) for side, fall in cell.reach.items()},
        "difference": middle_range(100.0 * cell.difference),
        "cooperation_alone": {
            **_rate_row(cell.rate_alone),
            **_costs(cell, "cooperative"),
            "trade_offs": cell.trade_offs("cooperative"),
        },
        "marginal_dollar": marginal["median"],
        **_ends("marginal_median", median_interval(cell.marginal)),
        **record(cell, ("next_shares", "all_spent")),
        **record(cell, ("mexico_share", "enforcement_share")),
        "marginal_low90": marginal["low90"],
        "marginal_high90": marginal["high90"],
        "marginal_draws": cell.share("beats").draws,
        "additions": list(map(_pair_row, cell.pairs)),
        "planned": dict(cell.payers),
        "spent": {side: dict(paid) for side, paid in cell.spent.items()},
        **_costs(cell, "mixed"),
        "us_alone": _costs(cell, "us_only"),
        "trade_offs": cell.trade_offs(),
        "claims": [
            record(cell.share(claim), _SHARE)
            | {"word": cell.word(claim), "margin": middle_range(cell.margin(claim))}
            for claim in CLAIMS
        ],
    }


def _costs(cell: rate_cells.RateCell, side: str) -> dict[str, float]:
    """Return every human cost's median change with a side's portfolios, in percent."""
    return {name: cell.median_cost(name, side) for name in HUMAN_COSTS}


def _rate_row(rate: RateSummary) -> dict[str, Any]:
    """Return an exchange rate: its median, its 90 % range, and shares of the draws."""
    return {
        "exchange_rate": rate.median,
        "low90": rate.range90[0],
        "high90": rate.range90[1],
        "share_out_of_reach": rate.out_of_reach,
        "rate_limit": rate.limit,
        "share_inert": rate.share_inert,
        "shares_above": rate.shares_above,
    }


def _pair_row(pair: rate_cells.AdditionPair) -> dict[str, Any]:
    """Return dollars, state and gain (in percent) for both additions to a portfolio."""
    additions = {"with_mexico": pair.with_mexico, "without_mexico": pair.without_mexico}
    return {"start": pair.side, "offered": pair.with_mexico.offered} | {
        name: record(addition, ("planned", "spent", "state"))
        | {"gain": middle_range(addition.gain)}
        for name, addition in additions.items()
    }


# ---- portfolios ---------------------------------------------------------------------------------


def _portfolio_rows(score: Score) -> list[dict[str, Any]]:
    """Return every target's portfolio: dollars, payers, policies, and median percent changes.

    Changes and ``dollars_per_averted_entry`` cover the longest horizon that the runs reach. The
    price is the planned joint dollars divided by the median number of averted entries, of the kind
    that the target minimises. It is null if no entry is averted.
    """
    trials, instruments, rows = score.trials, score.trials.instruments, []
    for target, place in score.menu.items():
        dollars, changes = trials.portfolios[place], trials.changes[place, :, :, trials.longest]
        averted = (trials.base - trials.levels[place])[:, OUTCOMES.index(target.outcome)]
        entries = quantile(averted[:, trials.longest], 0.5)
        row = {
            "dollars": instruments.by_instrument(dollars),
            "payers": instruments.payers(dollars),
            "policies": list(map(str, instruments.policy_specs(dollars))),
            "dollars_per_averted_entry": float(dollars.sum()) / entries if entries > 0.0 else None,
            "changes": {n: 100.0 * quantile(changes[:, k], 0.5) for k, n in enumerate(OUTCOMES)},
        }
        rows.append(asdict(target) | row)
    return rows


def instrument_rows(searched: Trials) -> list[dict[str, Any]]:
    """Return mean percent changes under every one-instrument portfolio, by arm."""
    ids, rows = searched.instruments.ids, []
    changes = 100.0 * searched.changes[:, :, :, searched.longest].mean(axis=1)
    for place in np.flatnonzero((searched.portfolios > 0.0).sum(axis=1) == 1).tolist():
        k = int(np.flatnonzero(searched.portfolios[place])[0])
        rows.append(
            {
                "arm": policy_class(ids[k]).arm,
                "instrument": ids[k],
                "dollars": float(searched.portfolios[place, k]),
                "changes": dict(zip(OUTCOMES, changes[place].tolist(), strict=True)),
            }
        )
    order = {arm: i for i, arm in enumerate(ARMS)}
    return sorted(rows, key=lambda row: (order[row["arm"]], row["instrument"], row["dollars"]))


def _ends(name: str, ends: tuple[float, float]) -> dict[str, float]:
    """Return the bounds of a 90 % interval under two keys."""
    return {f"{name}_low90": ends[0], f"{name}_high90": ends[1]}
