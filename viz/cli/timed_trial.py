"""Time short runs on this machine to estimate the duration of a study."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario import Scenario
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.runs.warmup import forget

_SEED = 2**31 - 1  # Studies do not use this seed.
_LONG = 60  # days of the longer of two runs


@dataclass(frozen=True)
class RunTime:
    """Duration of a run, in seconds by the wall clock.

    Attributes:
        start: duration of the start, the warm-up and the first day.
        daily: duration of every further day.
        restored: duration of the start and the first day if the warm-up is restored from memory;
            0 if this was not timed.
    """

    start: float
    daily: float
    restored: float = 0.0

    def of(self, days: float) -> float:
        """Return the duration of a run over `days` days, in seconds."""
        return self.start + self.daily * (days - 1)


def time_run(scenario: Scenario, longest: int = _LONG, *, shared: bool = False) -> RunTime:
    """Time a run of one day and a longer run, each with its warm-up.

    Args:
        scenario: scenario to run.
        longest: days of the longer run, at most the scenario's days.
        shared: whether to time a start from a restored warm-up too.

    Returns:
        The duration of a run.

    Raises:
        SettingError: the routes do not converge under the settings.
    """
    _seconds(scenario, 1)  # The first run compiles and loads code, which a study does only once.
    start, days = _seconds(scenario, 1), min(longest, scenario.days)
    again = _seconds(scenario, 1, fresh=False) if shared else 0.0
    if days == 1:
        return RunTime(start, 0.0, again)
    daily = max(0.0, _seconds(scenario, days) - start) / (days - 1)
    return RunTime(start, daily, min(start, again))


def _seconds(scenario: Scenario, days: int, *, fresh: bool = True) -> float:
    """Return the duration of a run in seconds. If `fresh`, its warm-up is simulated."""
    if fresh:
        forget()
    return run_one(Case(scenario.with_settings({"days": days}), _SEED)).cost["wall_s"]
