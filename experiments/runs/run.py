"""Run one case in this process and measure it.

``experiments.runs.many_runs`` runs many cases.
The model is imported only inside the functions that run it, so that a parent process starts
quickly and needs little memory.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from experiments.runs.case import YEAR, Case, Failure, FirstYear, RunResult
from experiments.runs.warmup import start_model

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.world.routes import World

__all__ = ["Case", "Failure", "FirstYear", "RunResult", "run_one"]

Progress = Callable[[int, int], object]


def run_one(
    case: Case, *, world: World | None = None, progress: Progress | None = None, daily: bool = False
) -> RunResult:
    """Run a case in this process and measure it.

    The warm-up is simulated once for all cases of this process that share it.

    Args:
        case: scenario and seed.
        world: a loaded world, which replaces the world that the scenario names.
        progress: called with (simulated days, days of the run) after every recorded day.
        daily: whether the result includes persons by day and event.

    Returns:
        The measures of the run.

    Raises:
        SettingError: a setting of the scenario is invalid.
        WorldError: the world of the scenario is invalid.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    model = start_model(case.scenario, case.seed, world)
    agent_days, first_year = _simulate(model, progress)
    cost = {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": peak_mb(),
        "agent_days": agent_days,
    }
    return _measure(case, model, first_year, daily, cost)


def _simulate(model: BorderModel, progress: Progress | None) -> tuple[int, FirstYear | None]:
    """Run all days. Return the agent-days and the measures of the first year."""
    days, agent_days, first_year = model.settings.days, 0, None
    for day in range(1, days + 1):
        model.run_for(1)
        agent_days += model.migrants.active + model.non_migrant_count
        if day == YEAR:
            first_year = _first_year(model)
        if progress:
            progress(day, days)
    return agent_days, first_year


def _first_year(model: BorderModel) -> FirstYear:
    """Measure the first 365 days, which are all days recorded so far."""
    from abm import measures
    from agents.outcomes import Event, Group

    by_group = measures.event_counts(model.ledger).sum(axis=2)
    events = {
        group.name.lower(): {event.name.lower(): int(by_group[event, group]) for event in Event}
        for group in Group
    }
    return FirstYear(
        events=events,
        rates=_floats(measures.rates(model.ledger)),
        sector_shares=measures.sector_shares(model.ledger),
        interceptions_by_state=measures.interceptions_by_state(model),
        deaths_per_10000=_floats(measures.deaths_per_apprehension(model.ledger)),
    )


def _measure(
    case: Case,
    model: BorderModel,
    first_year: FirstYear | None,
    daily: bool,
    cost: dict[str, float],
) -> RunResult:
    """Measure a model after its last day."""
    from abm import measures

    ledger, scenario = model.ledger, case.scenario
    months, series = measures.monthly(ledger, scenario.start)
    depth = measures.interceptions_by_depth(model)
    return RunResult(
        case=case.digest,
        name=scenario.name,
        seed=case.seed,
        start=scenario.start.isoformat(),
        days=scenario.days,
        scale=scenario.scale,
        persons=ledger.persons(),
        events=ledger.totals(),
        rates=_floats(measures.rates(ledger)),
        outcomes=_floats(measures.outcomes(ledger)),
        sector_shares=measures.sector_shares(ledger),
        interceptions_by_state=measures.interceptions_by_state(model),
        deaths_per_10000=_floats(measures.deaths_per_apprehension(ledger)),
        months=months,
        series=series,
        leg_flow=ledger.flow[:, :2].sum(axis=1) * (YEAR / scenario.days),
        dollars=_floats(measures.dollars(ledger)),
        digest=ledger.digest,
        first_year=first_year,
        daily=ledger.events[: ledger.day].sum(axis=(2, 3)) if daily else None,
        cost=cost,
        criteria=_floats(measures.criteria(model)),
        discounted=measures.discounted(ledger),
        depth={name: n * YEAR / scenario.days for name, n in depth.items()},
        gauges=measures.monthly_indicators(ledger, scenario.start),
        dollars_unspent=_floats(measures.dollars_unspent(ledger)),
    )


def _floats(values: dict[str, Any]) -> dict[str, float]:
    """Convert numpy scalars to floats."""
    return {name: float(value) for name, value in values.items()}


def peak_mb() -> float:
    """Return the highest resident memory that this process has used, in MB (10^6 bytes).

    The result is NaN on Windows, which does not report it.
    """
    try:
        import resource
    except ImportError:
        return math.nan
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
