"""Fixtures for unit tests: a synthetic model whose best portfolios are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from abm.policies import make
from experiments.case import Case, RunResult
from experiments.optimise.horizons import OUTCOMES
from experiments.optimise.trials import PAYERS

MONTHS = [f"{2012 + (9 + k) // 12}-{(9 + k) % 12 + 1:02d}" for k in range(120)]


@dataclass(frozen=True)
class World:
    """A synthetic model: the fall of log entries with dollars, for U.S. and Mexican instruments."""

    us: float
    mexico: float
    deaths: float = 0.0

    def __call__(self, case: Case) -> RunResult:
        """Return entries that fall with dollars, at diminishing returns, and vary by seed.

        All planned dollars are spent.
        """
        scenario, gain, spent = case.scenario, 0.0, dict.fromkeys(PAYERS, 0.0)
        for use in scenario.policies:
            policy = make(use, scenario.start, scenario.start)
            dollars = policy.dollars_at_one * policy.dose
            gain += (self.mexico if policy.needs_mexico else self.us) * math.log1p(dollars / 1e8)
            spent = {payer: spent[payer] + policy.dollars().get(payer, 0.0) for payer in PAYERS}
        keyed_random = abs(1.0 + 0.1 * np.random.default_rng(case.seed).standard_normal())
        series = dict.fromkeys(OUTCOMES, np.full(120, 25_000.0 * keyed_random * math.exp(-gain)))
        series |= {"deaths": np.full(120, 60.0 + self.deaths * gain)}
        return RunResult(
            case=case.digest,
            name="made up",
            seed=case.seed,
            start="2012-10-01",
            days=3652,
            scale=1,
            persons={},
            events={},
            rates={},
            outcomes={"dollars": 0.0},
            sector_shares={},
            interceptions_by_state={},
            deaths_per_10000={},
            months=MONTHS,
            series=series,
            leg_flow=np.zeros(1),
            dollars={payer: 3652 / 365.25 * paid for payer, paid in spent.items()},
            digest="",
        )


@pytest.fixture
def formula_world() -> type[World]:
    """Return the synthetic model, for which search, score and verdict have a known answer."""
    return World


@pytest.fixture
def quick_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the search; a short one finds the best portfolios of the synthetic model."""
    from experiments.optimise import front, surrogate

    monkeypatch.setattr(surrogate, "lengths", lambda width: 2.0)  # one for all is fitted at once
    monkeypatch.setattr(front, "_POPULATION", 16)
    monkeypatch.setattr(front, "_GENERATIONS", 5)
