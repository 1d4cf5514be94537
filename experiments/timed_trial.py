"""Time short runs on this machine, from which the duration of a study is estimated."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario import Scenario
from experiments.case import Case
from experiments.run import run_one
from experiments.warmup import forget

_LONG = 60  # days of the longer run; the shorter one has one day


@dataclass(frozen=True)
class RunTime:
    """Wall seconds of a run.

    Attributes:
        start: seconds of the start, the warm-up and the first day.
        daily: seconds of every further day.
    """

    start: float
    daily: float

    def of(self, days: float) -> float:
        """Return the seconds of a run of a number of days."""
        return self.start + self.daily * (days - 1)


def compile_and_load(scenario: Scenario, seed: int) -> None:
    """Run one day, so that later trials time neither compiling nor loading."""
    _seconds(scenario, seed, 1)


def time_run(scenario: Scenario, seed: int, longest: int = _LONG) -> RunTime:
    """Time a run of one day and a longer one, each with its warm-up.

    Args:
        scenario: the scenario.
        seed: a seed that is not part of the study.
        longest: days of the longer run; a scenario of fewer days is run to its end.

    Returns:
        The time of a run.

    Raises:
        SettingError: the routes do not converge under the settings.
    """
    start, days = _seconds(scenario, seed, 1), min(longest, scenario.days)
    if days == 1:
        return RunTime(start, 0.0)
    return RunTime(start, max(0.0, _seconds(scenario, seed, days) - start) / (days - 1))


def _seconds(scenario: Scenario, seed: int, days: int) -> float:
    """Return the wall seconds of a run of a given length, with its warm-up."""
    forget()
    return run_one(Case(scenario.with_settings({"days": days}), seed)).cost["wall_s"]
