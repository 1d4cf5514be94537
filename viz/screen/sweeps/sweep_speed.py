"""The measured speed of a run on this machine, for the time that a sweep takes.

One run is timed at a time, in a separate process. A result is stored by the settings of the run,
without its length: a timed run gives seconds per day.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from abm.scenario import Scenario
from experiments.sweeps.timed_trial import RunTime
from viz.screen.session.threads import start_thread
from viz.screen.sweeps.sweep_process import spawn, time_one_run
from viz.screen.sweeps.sweep_runs import SWEEPS
from viz.screen.sweeps.sweep_state import Changes

_KEPT = 200  # results in memory
_LONGEST = 60.0  # seconds until a run that is timed is given up


class RunSpeeds:
    """Times runs in the background; safe to use from any thread.

    Attributes:
        changes: counts results.
    """

    def __init__(self, changes: Changes, target: Callable[..., None] = time_one_run) -> None:
        self.changes, self._target = changes, target
        self._lock = threading.Lock()
        self._known: OrderedDict[str, RunTime | None] = OrderedDict()
        self._next: tuple[str, Scenario] | None = None  # the last request replaces earlier ones
        self._busy = ""

    def known(self, scenario: Scenario) -> RunTime | None:
        """Return the time of a run; None if it is not measured or cannot be."""
        return self._known.get(_key(scenario))

    def failed(self, scenario: Scenario) -> bool:
        """Return whether a run could not be timed."""
        key = _key(scenario)
        return key in self._known and self._known[key] is None

    def request(self, scenario: Scenario) -> None:
        """Time a run of a scenario, unless it is known or under way."""
        key = _key(scenario)
        with self._lock:
            if key in self._known or key == self._busy:
                return
            self._next = key, scenario
            if self._busy:
                return
            self._busy = key
        try:
            start_thread(self._work, name="speed")
        except RuntimeError:  # a later request tries again
            self._busy = ""

    def _work(self) -> None:
        """Time requested runs until none is left."""
        while True:
            with self._lock:
                wanted, self._next = self._next, None
                self._busy = wanted[0] if wanted else ""
            if wanted is None:
                return
            timed = self._measure(wanted[1])
            with self._lock:
                self._known[wanted[0]] = timed
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self.changes.add()

    def _measure(self, scenario: Scenario) -> RunTime | None:
        """Time a run in another process; None if it ends without a result."""
        timed = None
        with contextlib.suppress(OSError, EOFError, RuntimeError):
            process, messages = spawn(self._target, scenario)
            with messages, contextlib.suppress(EOFError):
                if messages.poll(_LONGEST):
                    timed = messages.recv()
                else:
                    process.kill()
            process.join()
        return timed


def _key(scenario: Scenario) -> str:
    """Return the settings without name and length as a hash."""
    return scenario.with_settings({"days": 1, "name": "timed"}).digest


SPEEDS = RunSpeeds(SWEEPS.changes)
"""The speeds of this process."""
