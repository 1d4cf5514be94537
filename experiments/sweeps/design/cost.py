"""Estimate the duration of a sweep by timing short runs that are not part of the design."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.sweeps.design.plan import LARGEST_SEED, Design
from experiments.sweeps.timed_trial import compile_and_load, time_run

_POINTS = 3  # the first, the middle and the last
HOW = (
    "from a timed trial: short runs at up to three points, with a seed that is not in the design, "
    "extrapolated to its days"
)


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
    """Time a few short runs; raise ``SettingError`` for an invalid point."""
    last = len(design.points) - 1
    points = sorted({last * i // (_POINTS - 1) for i in range(_POINTS)})
    seed = design.seed - 1 if design.seed else LARGEST_SEED
    scenarios = [design.scenario_at(point) for point in points]
    compile_and_load(scenarios[0], seed)
    seconds = [time_run(scenario, seed).of(scenario.days) for scenario in scenarios]
    return TimeEstimate(sum(seconds) / len(seconds))
