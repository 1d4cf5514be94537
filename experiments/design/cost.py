"""How long a sweep will take: a few short runs beside the design are timed, none of its own."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.design.plan import LARGEST_SEED, Design
from experiments.run import Case, run_one

_SHORT, _LONG = 5, 60  # days of the two runs that tell what a day costs
_POINTS = 3  # the first, the middle and the last
HOW = (
    "from a timed trial: short runs of up to three points, with a seed that the design does not "
    "have, stretched to its days"
)


@dataclass(frozen=True)
class Estimate:
    """``run_s``: wall seconds of one run on this machine now, on average over the design."""

    run_s: float

    def total(self, runs: int, jobs: int) -> float:
        """Wall seconds of so many runs, `jobs` at a time."""
        return self.run_s * runs / max(1, min(jobs, runs))


def estimate(design: Design) -> Estimate:
    """Time a few short runs; raises ``SettingError`` for a point that cannot be played."""
    last = len(design.points) - 1
    points = sorted({last * i // (_POINTS - 1) for i in range(_POINTS)})
    seed = design.seed - 1 if design.seed else LARGEST_SEED
    _timed(design, points[0], seed, 1)  # compiles and loads
    return Estimate(sum(_run(design, point, seed) for point in points) / len(points))


def _run(design: Design, point: int, seed: int) -> float:
    """Seconds of a whole run at a point: start and warm-up, and so much a day."""
    days = design.scenario_at(point).days
    short, long = min(_SHORT, days), min(_LONG, days)
    start = _timed(design, point, seed, short)
    if long == short:
        return start
    a_day = max(0.0, _timed(design, point, seed, long) - start) / (long - short)
    return start + a_day * (days - short)


def _timed(design: Design, point: int, seed: int, days: int) -> float:
    """Wall seconds of a run of so many days."""
    scenario = design.scenario_at(point).with_settings({"days": days})
    return run_one(Case(scenario, seed)).cost["wall_s"]
