"""Fixtures for unit tests: a synthetic model whose best portfolios are known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from abm.policies.registry import make
from abm.supply import Communities, communities
from abm.world.routes import World as RouteWorld
from experiments.runs.case import Case, RunResult
from experiments.studies.optimise.horizons import OUTCOMES, PAYERS
from tests.caches import clear_caches
from tests.made_results import made_result

MONTHS = [f"{2012 + (9 + k) // 12}-{(9 + k) % 12 + 1:02d}" for k in range(120)]


@dataclass(frozen=True)
class World:
    """A synthetic model in which log entries fall with dollars on U.S. and Mexican instruments.

    Attributes:
        us, mexico: fall for each log(1 + dollars / $100M) on U.S. and on Mexican instruments.
        deaths: additional deaths per month and unit of fall.
        us_spends: share of planned dollars that U.S. instruments spend.
        late: share of the dollars that are not spent in the first year.
    """

    us: float
    mexico: float
    deaths: float = 0.0
    us_spends: float = 1.0
    late: float = 0.0

    def __call__(self, case: Case) -> RunResult:
        """Return entries that fall with dollars, at diminishing returns, and vary by seed."""
        scenario, gain = case.scenario, 0.0
        spent: dict[str, float] = {}
        for use in scenario.policies:
            policy = make(use, scenario.start, scenario.start)
            dollars = policy.full_dollars * policy.delivered_dose
            gain += (self.mexico if policy.needs_mexico else self.us) * math.log1p(dollars / 1e8)
            share = 1.0 if policy.needs_mexico else self.us_spends
            for payer, yearly in policy.dollars().items():
                spent[payer] = spent.get(payer, 0.0) + share * yearly
        keyed_random = abs(1.0 + 0.1 * np.random.default_rng(case.seed).standard_normal())
        series = dict.fromkeys(OUTCOMES, np.full(120, 25_000.0 * keyed_random * math.exp(-gain)))
        series |= {"deaths": np.full(120, 60.0 + self.deaths * gain)}
        late = np.where(np.arange(120) < 12, 1.0 - self.late, 1.0)  # share spent by month
        series |= {f"spent_{p}": spent.get(p, 0.0) / 12.0 * late for p in PAYERS}
        return made_result(
            case,
            days=scenario.days,
            months=MONTHS,
            series=series,
            dollars={p: paid * scenario.days / 365.25 for p, paid in spent.items()},
            outcomes={"dollars": 0.0},
        )


@pytest.fixture(scope="module")
def homes(world: RouteWorld) -> Communities:
    """Return the communities of the packaged world."""
    return communities(world)


@pytest.fixture
def cleared() -> Iterator[None]:
    """Clear all caches before and after a test that replaces figures of the record."""
    clear_caches()
    yield
    clear_caches()


@pytest.fixture
def formula_world() -> type[World]:
    """Return the synthetic model, for which search, score and verdict have a known answer."""
    return World


@pytest.fixture(scope="module")
def without_maps() -> Iterator[None]:
    """Leave the maps out of reports. The tests of the report draw the maps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viz.documents.comparison.charts.flow_map_svg", lambda *data, **look: "")
        yield


@pytest.fixture
def quick_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the search, which is enough to find the best portfolios of the synthetic model."""
    from experiments.studies.optimise import surrogate

    monkeypatch.setattr(surrogate, "lengths", lambda width: 2.0)  # a single length is fitted faster
    monkeypatch.setattr(surrogate, "_POPULATION", 16)
    monkeypatch.setattr(surrogate, "_GENERATIONS", 5)
