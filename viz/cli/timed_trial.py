"""Time short runs on this machine, from which the duration of a study is estimated."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario import Scenario
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.runs.warmup import forget

_SEED = 2**31 - 1  # studies do not use this seed
_LONG = 60  # days of the longer run; the shorter one has one day


@dataclass(frozen=True)
class RunTime:
    """Wall seconds of a run.

    Attributes:
        start: seconds of the start, the warm-up and the first day.
        daily: seconds of every further day.
        restored: seconds of the start and the first day if the warm-up is not simulated again,
            0 if this was not timed.
    """

    start: float
    daily: float
    restored: float = 0.0

    def of(self, days: float) -> float:
        """Return the seconds of a run over `days` days."""
        return self.start + self.daily * (days - 1)


def time_run(scenario: Scenario, longest: int = _LONG, *, shared: bool = False) -> RunTime:
    """Time a run of one day and a longer one, each with its warm-up.

    Args:
        scenario: the scenario.
        longest: days of the longer run. A scenario of fewer days is run to its end.
        shared: whether to time a start from a stored warm-up too.

    Returns:
        The time of a run.

    Raises:
        SettingError: the routes do not converge under the settings.
    """
    _seconds(scenario, 1)  # compiles and loads, which a study does once
    start, days = _seconds(scenario, 1), min(longest, scenario.days)
    again = _seconds(scenario, 1, fresh=False) if shared else 0.0
    if days == 1:
        return RunTime(start, 0.0, again)
    daily = max(0.0, _seconds(scenario, days) - start) / (days - 1)
    return RunTime(start, daily, min(start, again))


def _seconds(scenario: Scenario, days: int, *, fresh: bool = True) -> float:
    """Return the time of a run of a given length, with its own warm-up if it is `fresh`."""
    if fresh:
        forget()
    return run_one(Case(scenario.with_settings({"days": days}), _SEED)).cost["wall_s"]
