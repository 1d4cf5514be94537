"""A world with one leg across the line reproduces textbook results for repeated trials."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from abm.measures import rates

SCALE = 1  # people per agent in the one-leg world
ONLY_MEXICANS = [4e5, 0.0]
CASES = [(0.3, 0.4), (0.6, 0.8), (0.8, 1.0), (0.5, 0.0)]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"q={case[0]},rho={case[1]}")
def trial(request: pytest.FixtureRequest, at_the_line: Callable) -> tuple[float, float, Any]:
    """Return q, the chance of another attempt, and the counts of a run with these values."""
    q, rho = request.param
    model = at_the_line(q, migrants__pool=ONLY_MEXICANS, migrants__retry_mexican=rho)
    return q, rho, model.ledger


def _close(found: float, true: float, n: float, errors: float = 4.5) -> bool:
    """Return whether a share among n is within `errors` standard errors of the true share."""
    return abs(found - true) <= errors * math.sqrt(max(true * (1.0 - true), 1e-9) / n)


def test_success_and_tries_follow_from_q_and_rho(trial: tuple) -> None:
    """Among people whose attempts end, (1 - q) / (1 - rho q) end in the U.S.

    In a steady state, the number of trips per person who sets out is geometric: 1 / (1 - rho q).
    """
    q, rho, ledger = trial
    totals = ledger.totals()
    entered = totals["got_away_undetected"] + totals["got_away_known"]
    ended = entered + totals["gave_up"]
    assert ended / SCALE > 5_000
    assert _close(entered / ended, (1.0 - q) / (1.0 - rho * q), ended / SCALE)
    ratio, n = totals["trip"] / totals["set_out"], totals["set_out"] / SCALE
    spread = math.sqrt(rho * q) / (1.0 - rho * q)
    assert abs(ratio - 1.0 / (1.0 - rho * q)) < 6.0 * (spread + 0.2) / math.sqrt(n)


def test_rates_are_q_and_nothing_else_happens(trial: tuple) -> None:
    """Apprehensions per attempt are q, and an estimator from apprehensions alone recovers q."""
    q, rho, ledger = trial
    found, totals = rates(ledger), ledger.totals()
    assert _close(found["apprehension_probability"], q, totals["line_attempt"] / SCALE)
    again = totals["evader_retried"] / SCALE
    if rho == 0.0:
        assert again == 0.0 and math.isnan(found["apprehension_probability_rtm"])
    else:
        assert again > 1_000 and _close(found["apprehension_probability_rtm"], q, again)
    for event in (
        *("deaths", "kidnapped", "turned_back", "apprehended_mexico", "released_us", "surrendered"),
        *("prosecuted", "apprehended_belt", "unaffordable", "extorted", "guided_trip"),
    ):
        assert totals[event] == 0, event


@pytest.fixture(scope="module")
def surrenders(at_the_line: Callable) -> Any:
    """Run families and children from the south who surrender, together with evaders."""
    return at_the_line(
        0.5,
        migrants__retry_mexican=0.5,
        migrants__pool=[2e5, 2e5],
        migrants__kind_share_northern_triangle=[0.4, 0.3, 0.3],
        consequences__release=[0.05, 0.85, 0.97],
    ).ledger


def test_counting_surrenders_overstates_the_apprehension_probability(surrenders: Any) -> None:
    """Apprehensions per encounter are far above q, but the evaders' rate is not."""
    totals, q = surrenders.totals(), 0.5
    entered = totals["got_away_undetected"] + totals["got_away_known"]
    naive = totals["apprehended_us"] / (totals["apprehended_us"] + entered)
    assert totals["surrendered"] > 0
    assert naive > q + 0.1
    assert _close(rates(surrenders)["apprehension_probability"], q, totals["line_attempt"] / SCALE)


def test_repeated_trials_of_evaders_are_unbiased_by_surrenders(surrenders: Any) -> None:
    """Restricted to evaders, the estimator still recovers q."""
    again = surrenders.totals()["evader_retried"] / SCALE
    assert _close(rates(surrenders)["apprehension_probability_rtm"], 0.5, again)


def test_guides_lower_the_hazard_by_their_quality(at_the_line: Callable) -> None:
    """The share 1 - exp(-h (1 - quality)) of clients is apprehended."""
    quality, q = 0.4, 0.6
    ledger = at_the_line(
        q,
        migrants__pool=ONLY_MEXICANS,
        smugglers__count_mexican=5,
        smugglers__quality=quality,
        migrants__solo_burden=[5e4, 5e4],
        migrants__wealth_median=[1e5, 1e5],
        migrants__retry_mexican=0.0,
    ).ledger
    totals = ledger.totals()
    assert totals["guided_trip"] == totals["trip"] > 0
    caught = 1.0 - (1.0 - q) ** (1.0 - quality)
    found = rates(ledger)["apprehension_probability"]
    assert _close(found, caught, totals["line_attempt"] / SCALE)
