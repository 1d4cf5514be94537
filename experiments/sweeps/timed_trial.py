"""Time short runs on this machine, from which the duration of a study is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from abm.scenario import Scenario
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.runs.warmup import forget
from experiments.sweeps.design.plan import LARGEST_SEED, Design

_LONG = 60  # days of the longer run; the shorter one has one day
_POINTS = 3  # the first, the middle and the last
HOW = (
    "from a timed trial: short runs at up to three points, with a seed that is not in the design, "
    "extrapolated to its days"
)


@dataclass(frozen=True)
class RunTime:
    """Wall seconds of a run.

    Attributes:
        start: seconds of the start, the warm-up and the first day.
        daily: seconds of every further day.
        cpu_share: processor seconds per wall-clock second of the trial, far below 1 on a machine
            that is busy with other work.
        restored: seconds of the start and the first day if the warm-up is not simulated again,
            0 if this was not timed.
    """

    start: float
    daily: float
    cpu_share: float = 1.0
    restored: float = 0.0

    def of(self, days: float) -> float:
        """Return the seconds of a run of a number of days."""
        return self.start + self.daily * (days - 1)


def compile_and_load(scenario: Scenario, seed: int) -> None:
    """Run one day, so that later trials time neither compiling nor loading."""
    _cost(scenario, seed, 1)


def time_run(
    scenario: Scenario, seed: int, longest: int = _LONG, *, shared: bool = False
) -> RunTime:
    """Time a run of one day and a longer one, each with its warm-up.

    Args:
        scenario: the scenario.
        seed: a seed that is not part of the study.
        longest: days of the longer run. A scenario of fewer days is run to its end.
        shared: whether to time a start from a stored warm-up too.

    Returns:
        The time of a run.

    Raises:
        SettingError: the routes do not converge under the settings.
    """
    first, days = _cost(scenario, seed, 1), min(longest, scenario.days)
    start = first["wall_s"]
    again = _cost(scenario, seed, 1, fresh=False)["wall_s"] if shared else 0.0
    if days == 1:
        return RunTime(start, 0.0, _cpu_share(first), again)
    cost = _cost(scenario, seed, days)
    daily = max(0.0, cost["wall_s"] - start) / (days - 1)
    return RunTime(start, daily, _cpu_share(cost), min(start, again))


def time_one_run(scenario: Scenario) -> RunTime:
    """Time a run of a scenario in this process, with a seed that no design uses by default."""
    timed = scenario.with_settings({"days": _LONG})
    compile_and_load(timed, LARGEST_SEED)
    return time_run(timed, LARGEST_SEED)


def _cost(scenario: Scenario, seed: int, days: int, *, fresh: bool = True) -> Mapping[str, float]:
    """Return the cost of a run of a given length, with its own warm-up if it is `fresh`."""
    if fresh:
        forget()
    return run_one(Case(scenario.with_settings({"days": days}), seed)).cost


def _cpu_share(cost: Mapping[str, float]) -> float:
    """Return processor over wall seconds, at most 1, 1 if they were not measured."""
    return min(1.0, cost.get("cpu_s", cost["wall_s"]) / max(cost["wall_s"], 1e-9))


@dataclass(frozen=True)
class TimeEstimate:
    """``run_s``: wall seconds per run on this machine, averaged over the design."""

    run_s: float

    def total(self, runs: int, jobs: int) -> float:
        """Estimate the duration of a sweep.

        Args:
            runs: number of runs.
            jobs: runs at a time.

        Returns:
            Wall seconds.
        """
        return self.run_s * runs / max(1, min(jobs, runs))


def estimate(design: Design) -> TimeEstimate:
    """Time a few short runs. Raise ``SettingError`` for an invalid point."""
    last = len(design.points) - 1
    points = sorted({last * i // (_POINTS - 1) for i in range(_POINTS)})
    seed = design.seed - 1 if design.seed else LARGEST_SEED
    scenarios = [design.scenario_at(point) for point in points]
    compile_and_load(scenarios[0], seed)
    seconds = [time_run(scenario, seed).of(scenario.days) for scenario in scenarios]
    return TimeEstimate(sum(seconds) / len(seconds))
