"""One case, or many: run, measured, and handed back as plain values.

A *case* is a scenario and a seed. ``run_one`` plays it in this process; ``run_many`` in worker
processes that survive a failing case, a killed worker and Ctrl-C. The model is imported only
where it is played, so that a parent process stays light.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.pool import Failure, run_many

if TYPE_CHECKING:
    import numpy as np

    from abm.model import BorderModel
    from abm.scenario import Scenario
    from abm.world.routes import World

__all__ = ["Case", "Failure", "FirstYear", "RunResult", "run_many", "run_one"]

YEAR = 365
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Case:
    """A scenario and the seed of every draw, a whole number from 0."""

    scenario: Scenario
    seed: int = 1

    @property
    def digest(self) -> str:
        """Fingerprint of settings and seed, 40 hexadecimal digits."""
        text = f"{self.scenario.digest}:{self.seed}"
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, eq=False)
class FirstYear:
    """What stood in the ledger after the first 365 recorded days, to set beside a fiscal year.

    ``events`` are persons by group and event; shares are 0 to 1; deaths are expected deaths for
    every 10,000 apprehensions, by sector.
    """

    events: dict[str, dict[str, int]]
    rates: dict[str, float]
    sector_shares: dict[str, dict[str, float]]
    interceptions_by_state: dict[str, float]
    deaths_per_10000: dict[str, float]


@dataclass(frozen=True, eq=False)
class RunResult:
    """Everything that a run leaves behind, in plain values and numpy arrays.

    ``persons``: candidates and one count for every final status, which sum to them.
    ``events``: persons over the whole run, by event. ``rates``: as ``abm.measures.rates``.
    ``outcomes``: per year, as ``abm.measures.OUTCOMES``. ``dollars``: spent on policies over
    the whole run, by payer. ``leg_flow``: persons a year, by leg. ``series``: persons a month.
    ``deaths_per_10000``: expected deaths for every 10,000 apprehensions, by sector.
    ``criteria``: as ``abm.measures.CRITERIA``, NaN where one is not defined or out of reach.
    ``discounted``: dollars, got-aways and unlawful entries over the whole run, each day
    discounted to the first. ``depth``: interdictions a year from Mexico's south to behind the
    U.S. line. ``gauges``: monthly means by gauge, as ``abm.phases.indicators.GAUGES``.
    ``first_year`` is None for a run of less than 365 days; ``daily`` (days x events, persons)
    is None unless it was asked for.

    ``cost``: ``cpu_s`` and ``wall_s`` of building, warm-up and run; ``peak_mb``, the highest
    memory of the process so far; ``agent_days``, the sum over recorded days of the simulated
    migrants who are on the way that evening (rows, not persons) and of all other agents.

    ``digest`` is the fingerprint of the whole daily record.
    """

    case: str
    name: str
    seed: int
    start: str
    days: int
    scale: int
    persons: dict[str, int]
    events: dict[str, int]
    rates: dict[str, float]
    outcomes: dict[str, float]
    sector_shares: dict[str, dict[str, float]]
    interceptions_by_state: dict[str, float]
    deaths_per_10000: dict[str, float]
    months: list[str]
    series: dict[str, np.ndarray]
    leg_flow: np.ndarray
    dollars: dict[str, float]
    digest: str
    first_year: FirstYear | None = None
    daily: np.ndarray | None = None
    cost: dict[str, float] = field(default_factory=dict)
    criteria: dict[str, float] = field(default_factory=dict)
    discounted: dict[str, float] = field(default_factory=dict)
    depth: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def years(self) -> float:
        """Length of the run in years of 365 days."""
        return self.days / YEAR


def run_one(
    case: Case,
    *,
    world: World | None = None,
    progress: Progress | None = None,
    daily: bool = False,
) -> RunResult:
    """Play a case in this process and measure it.

    Args:
        case: what to play.
        world: a loaded world, to save loading the scenario's own again.
        progress: called with (days played, days) after every recorded day.
        daily: whether to keep the record by day and event.

    Raises ``SettingError`` or ``WorldError`` for a case that cannot be played.
    """
    from abm.model import BorderModel

    wall, cpu = time.perf_counter(), time.process_time()
    model = BorderModel(case.scenario, rng=case.seed, world=world)
    agent_days, first_year = _play(model, progress)
    cost = {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": peak_mb(),
        "agent_days": agent_days,
    }
    return _result(case, model, first_year, daily, cost)


def _play(model: BorderModel, progress: Progress | None) -> tuple[int, FirstYear | None]:
    """Play all days; give agent-days and the measures after the first year."""
    from agents.migrants.columns import NEVER

    days, agent_days, first_year = model.settings.days, 0, None
    for day in range(1, days + 1):
        model.run_for(1)
        table = model.migrants
        agent_days += int((table.due[: table.count] != NEVER).sum()) + len(model.agents)
        if day == YEAR:
            first_year = _first_year(model)
        if progress:
            progress(day, days)
    return agent_days, first_year


def _first_year(model: BorderModel) -> FirstYear:
    """Measure what has been recorded so far."""
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


def _result(
    case: Case,
    model: BorderModel,
    first_year: FirstYear | None,
    daily: bool,
    cost: dict[str, float],
) -> RunResult:
    """Read a played model."""
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
    )


def _floats(values: dict[str, Any]) -> dict[str, float]:
    """Plain floats, no numpy scalars."""
    return {name: float(value) for name, value in values.items()}


def peak_mb() -> float:
    """Highest resident memory of this process so far, in MB of a million bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
