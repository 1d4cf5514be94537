"""Control of a run: one simulating call at a time, and no further day after an interruption.

If Ctrl-C or an error ends a call early, the day is incomplete. The model then raises RuntimeError
on attempts to simulate, save or copy it.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import mesa

from agents.environment import guard_of
from agents.param import plain

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.scenario import Scenario

_SIMULATING = "simulating day {}: wait until the call has returned"
_NOT_SCHEDULED = (
    "day {} was not simulated, because a simulator removed the step: build the model again"
)
_TWICE = "data were collected twice at time {:g}: step collects, so do not call collect yourself"
_LATE = "invalid time {} of an event: it never comes, because the run ends on day {}"
_INTERRUPTED = "interrupted on day {}: build the model again or load a saved run"


_SEED = "every draw follows from the seed, so build another BorderModel with seed="
_CLOCK = "the clock moves with step, run_for and run_until"


class RunControl(mesa.Model):
    """Mixin: methods that simulate days, and checks that allow only one simulating call at a time.

    Attributes:
        settings: the scenario. Its number of days limits the run.
        ledger: the ledger, which counts the recorded days.
    """

    settings: Scenario
    ledger: Ledger
    #: By attribute, what to do instead of setting it. Error messages end with this text.
    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("random", "rng"), _SEED),
        **dict.fromkeys(("steps", "time"), _CLOCK) | {"agent_id_counter": "it numbers the agents"},
    }
    _unfinished = ""  # why no day can begin now, with {} for the day, or ""
    _built = False  # whether the constructor has finished
    _in_day = False  # whether the phases of a day are running

    @property
    def between_days(self) -> bool:
        """Whether no phase of a day is running, so that every call comes from user code.

        Scheduled events and the `step` methods of model subclasses also run between days.
        """
        return self._built and not self._in_day

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute. Between days, the attributes of Mesa and the model are read-only."""
        is_refused = name in self._instead and self.between_days
        if is_refused and sys._getframe(1).f_globals["__name__"] != mesa.Model.__module__:
            raise AttributeError(f"{name} of a model cannot be set: {self._instead[name]}")
        if guard_of(type(self), name) == "computed":
            raise AttributeError(f"{name} of a model cannot be set: set what it follows from")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute. Attributes of Mesa and of the model cannot be deleted."""
        if name in self._instead:
            raise AttributeError(f"{name} of a model cannot be deleted: {self._instead[name]}")
        super().__delattr__(name)

    def reset_rng(self, *_: Any, **__: Any) -> None:
        """Raise NotImplementedError, because every draw follows from the seed."""
        raise NotImplementedError(f"the generators of a model cannot be reset: {_SEED}")

    reset_randomizer = reset_rng

    def remove_all_agents(self) -> None:
        """Raise NotImplementedError, because a model needs its countries and governments."""
        raise NotImplementedError(
            "a model without agents cannot run: remove the agents of a class one by one, such as "
            "for team in list(model.agents_by_type[PatrolTeam]): team.remove()"
        )

    def _run_day(self) -> None:
        """Run the phases of one day."""
        raise NotImplementedError

    def step(self) -> None:
        """Simulate one day. A data collector then collects.

        Raises:
            ValueError: no day of the scenario is left, or the collector has collected a day twice.
            RuntimeError: an earlier call was interrupted, or another call is simulating.
        """
        collector = getattr(self, "datacollector", None)
        times = getattr(collector, "_collection_steps", [])  # days
        if len(times) > 1 and times[-1] <= times[-2]:
            raise ValueError(_TWICE.format(times[-1]))
        self._simulate_day()
        if collector is not None:
            collector.collect(self)

    def _simulate_day(self) -> None:
        """Simulate a day. An exception marks the model as interrupted.

        The mark remains even if a caller catches the exception.
        """
        if self._unfinished == _INTERRUPTED:
            self._check_finished()
        try:
            self._in_day = True
            self._run_day()
        except BaseException:
            self._unfinished = _INTERRUPTED
            raise
        finally:
            self._in_day = False

    @property
    def running(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether days are left. False after an interruption or if a user has set it to False."""
        left = self._running and self.ledger.day < self.settings.days
        return left and self._unfinished != _INTERRUPTED

    @running.setter
    def running(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, value: bool
    ) -> None:
        self._running = value

    def run_model(self) -> None:
        """Simulate day by day while `running` is True.

        Raises:
            RuntimeError: an earlier call was interrupted, or another call is simulating.
        """
        self._check_finished()
        super().run_model()

    def run_for(self, duration: float) -> None:
        """Simulate `duration` days.

        Args:
            duration: number of days, at most the days that the scenario has left.

        Raises:
            ValueError: `duration` is not a number, is negative, or exceeds the days that are left.
            RuntimeError: an earlier call was interrupted, or another call is simulating.
        """
        self._check_time("duration", duration, 0.0)
        super().run_for(duration)

    def run_until(self, end_time: float) -> None:
        """Simulate until a time.

        Args:
            end_time: days since the warm-up ended, at most the scenario's days.

        Raises:
            ValueError: `end_time` is not a number, in the past, or after the scenario's last day.
            RuntimeError: an earlier call was interrupted, or another call is simulating.
        """
        self._check_time("end time", end_time, self.time)
        super().run_until(end_time)

    def schedule_event(self, function: Any, **when: Any) -> Any:
        """Schedule a function for a day of the run, as Mesa does.

        Args:
            function: function to call. The event keeps a strong reference to it.
            when: `at` or `after`, in days, and `priority`.

        Returns:
            The event.

        Raises:
            ValueError: the run ends before the event.
        """
        event = super().schedule_event(function, **when)
        return self._keep(function, event, event.time, event.cancel)

    def schedule_recurring(self, function: Any, schedule: Any, *priority: Any, **kw: Any) -> Any:
        """Schedule a function for several days of the run, as Mesa does.

        Args:
            function: function to call. The generator keeps a strong reference to it.
            schedule: Mesa's schedule, with interval, start, end and count, in days.
            priority, kw: as in Mesa.

        Returns:
            The generator of events.

        Raises:
            ValueError: the run ends before the first event.
        """
        generator = super().schedule_recurring(function, schedule, *priority, **kw)
        return self._keep(function, generator, generator.next_scheduled_time, generator.stop)

    def _keep(self, function: Any, event: Any, time: Any, cancel: Any) -> Any:
        """Keep the function of an event alive, because Mesa stores only a weak reference to it.

        An event after the end of the run is cancelled, and ValueError is raised. An agent's method
        is not kept alive, so that the event ends with the agent.
        """
        if not time <= self.settings.days:
            cancel()
            self._event_list.compact()
            raise ValueError(_LATE.format(plain(time), self.settings.days))
        of_agent = isinstance(getattr(function, "__self__", None), mesa.Agent)
        event.kept = None if of_agent else function
        return event

    def _advance_time(self, until: float) -> None:
        """Simulate until a time. `step`, `run_for` and `run_until` in every Mesa version call it.

        Mesa schedules the next day only after a complete day. After an interruption in a day, in a
        data collector or in a user's event, a run can therefore not continue.
        """
        self._check_time("end time", until, self.time)
        if until == self.time:
            return
        with self._alone():
            try:
                super()._advance_time(until)
                if self.ledger.day != math.floor(self.time):
                    raise RuntimeError(_NOT_SCHEDULED.format(math.floor(self.time)))
            except BaseException:
                self._unfinished = _INTERRUPTED
                raise

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse other calls that simulate or copy the model until the present call returns."""
        # No function call may come between this test and the assignment, or threads may switch.
        if self._unfinished:
            self._check_finished()
        self._unfinished = _SIMULATING
        try:
            yield
        finally:
            if self._unfinished == _SIMULATING:
                self._unfinished = ""

    def _check_finished(self) -> None:
        """Raise RuntimeError if a call is simulating or an earlier call ended early."""
        if self._unfinished:
            raise RuntimeError(self._unfinished.format(math.ceil(self.time)))

    def _check_time(self, name: str, value: float, start: float) -> None:
        """Raise ValueError unless a time is from `start` to the last day of the scenario."""
        self._check_finished()
        days, left = self.settings.days, self.settings.days - self.ledger.day
        if not (isinstance(value, Real) and start <= value <= start + left):
            raise ValueError(
                f"invalid {name} {plain(value)}: expected a number from {start:g} to "
                f"{start + left:g}, as {left} of the scenario's {days} days are left; for more, "
                "increase `days` in the scenario"
            )
