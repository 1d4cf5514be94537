"""Estimate the duration of a sweep by timing short runs that are not part of the design."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.case import Case
from experiments.design.plan import LARGEST_SEED, Design
from experiments.run import run_one
from experiments.warmup import forget

_SHORT, _LONG = 5, 60  # days of the two runs whose difference is the time per day
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
    _timed(design, points[0], seed, 1)  # compiles and loads
    return TimeEstimate(sum(_run_seconds(design, point, seed) for point in points) / len(points))


def _run_seconds(design: Design, point: int, seed: int) -> float:
    """Return the seconds of a whole run at a point: start and warm-up plus a time per day."""
    days = design.scenario_at(point).days
    short, long = min(_SHORT, days), min(_LONG, days)
    start = _timed(design, point, seed, short)
    if long == short:
        return start
    per_day = max(0.0, _timed(design, point, seed, long) - start) / (long - short)
    return start + per_day * (days - short)


def _timed(design: Design, point: int, seed: int, days: int) -> float:
    """Return the wall seconds of a run of `days` days, with its warm-up."""
    forget()
    scenario = design.scenario_at(point).with_settings({"days": days})
    return run_one(Case(scenario, seed)).cost["wall_s"]
