"""With common random numbers, a comparison under any policy needs fewer runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agents.outcomes import Event

SEEDS = range(24)
POLICIES = ("", "patrol_surge", "southern_border_control")


def _counts(play: Callable, policies: str, seed: int) -> list[float]:
    """Return a run's got-aways, U.S. apprehensions and Mexican apprehensions."""
    t = play(policies, seed=seed, warmup_days=60, days=90).ledger.totals()
    got_aways = t["got_away_known"] + t["got_away_undetected"]
    return [got_aways, t["apprehended_us"], t["apprehended_mexico"]]


@pytest.fixture(scope="module")
def counts(play: Callable) -> dict[str, np.ndarray]:
    """Return every policy's counts by seed. Runs with equal seeds share a warm-up."""
    rows = [[_counts(play, policy, seed) for policy in POLICIES] for seed in SEEDS]
    return dict(zip(POLICIES, np.array(rows, float).swapaxes(0, 1), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "column"), [("patrol_surge", 0), ("patrol_surge", 1), ("southern_border_control", 1)]
)
def test_paired_comparison_needs_at_least_five_times_fewer_runs(
    policy: str, column: int, counts: dict[str, np.ndarray]
) -> None:
    """The variance of paired differences is compared with the variance between independent runs.

    The lower end of the ratio's 99 % interval (F with 23 and 23 degrees of freedom, 2.7) must be
    at least five.
    """
    under, base = counts[policy][:, column], counts[""][:, column]
    independent = base.var(ddof=1) + under.var(ddof=1)
    paired = (under - base).var(ddof=1)
    assert independent > 0.0
    assert independent / max(paired, 1e-9) / 2.7 > 5.0


@pytest.mark.slow
def test_only_pairs_of_the_same_seed_reduce_variance(counts: dict[str, np.ndarray]) -> None:
    under, base = counts["patrol_surge"][:, 1], counts[""][:, 1]
    paired = (under - base).var(ddof=1)
    shifted = np.mean([(under - np.roll(base, k)).var(ddof=1) for k in range(1, len(base))])
    independent = base.var(ddof=1) + under.var(ddof=1)
    assert shifted > 5.0 * paired
    assert shifted == pytest.approx(independent, rel=0.2)


def test_a_policy_does_not_change_the_candidates(play: Callable) -> None:
    one = play().ledger.events[:, Event.CANDIDATES]
    other = play("southern_border_control:6 patrol_surge:6").ledger
    assert np.array_equal(one, other.events[:, Event.CANDIDATES])
