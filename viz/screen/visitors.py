"""Who is here, and what one visitor may have: so that thirty students fit on one machine.

A visitor is one open page, which Solara calls a kernel. `Visits` knows the visitors of this
process; it knows nothing of Solara until `attach` is called, and can be tried with any clock.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.param import param

if TYPE_CHECKING:
    from abm.scenario import Scenario

_EVERY = 2.0  # seconds between two looks for visitors who have fallen silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What all visitors may have together, and each of them."""

    visitors: int = param(
        40,
        unit="visitors",
        low=1,
        high=1000,
        doc="Pages open at a time; a class is thirty, and some open two.",
    )
    sockets: int = param(
        80,
        unit="sockets",
        low=1,
        high=10_000,
        doc="Open websockets of all visitors; a page has one, for a moment two when it reloads.",
    )
    sockets_per_address: int = param(
        32,
        unit="sockets",
        low=1,
        high=10_000,
        doc="Open websockets of one client address: a class behind one router fits, and one "
        "address alone cannot take every place.",
    )
    runs: int = param(
        40,
        unit="runs",
        low=1,
        high=1000,
        doc="Runs that are being played at a time, over all visitors.",
    )
    persons: int = param(
        4_000_000,
        unit="simulated migrants a year",
        low=1000,
        high=100_000_000,
        doc="Simulated migrants a year in all worlds of one visitor; the default is two worlds at "
        "scale 1.",
    )
    silence: float = param(
        10.0,
        unit="seconds",
        low=1.0,
        high=3600.0,
        doc="Seconds without a word from the page after which what it plays is stopped.",
    )
    cull: float = param(
        60.0,
        unit="seconds",
        low=1.0,
        high=86_400.0,
        doc="Seconds without a connection after which all that a visitor had is thrown away.",
    )
    body: int = param(
        1_000_000,
        unit="bytes",
        low=1000,
        high=100_000_000,
        doc="Largest body of a request, and largest file that may be uploaded.",
    )


ALONE = Caps()
"""For a person on the own machine."""

CLASS = Caps(persons=80_000)
"""For a class in the local network: two worlds of each visitor at scale 40."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a sentence, and what it is made of for those who say it in another language."""

    key: str
    text: str
    values: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Give the sentence."""
        return self.text.format(**{name: f"{value:,}" for name, value in self.values.items()})


class RefusalError(Exception):
    """Raised by `Visits.start` with the `Refusal`."""


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """What a visitor plays; `end` gives its place back, and may be called twice."""

    kernel_id: str
    persons: int
    stop: Callable[[], object]
    visits: VisitorLimits

    def end(self) -> None:
        """It is over."""
        self.visits._end(self)


@dataclass(slots=True)
class _Visitor:
    """Of one visitor: when a word last came, and what is being played."""

    seen: float
    runs: list[Run] = field(default_factory=list)

    @property
    def persons(self) -> int:
        return sum(run.persons for run in self.runs)


class VisitorLimits:
    """The visitors of this process and what they play; safe to ask from any thread."""

    def __init__(self, caps: Caps = ALONE, clock: Callable[[], float] = time.monotonic) -> None:
        self.caps = caps
        self._clock = clock
        self._lock = threading.Lock()
        self._visitors: dict[str, _Visitor] = {}

    def __contains__(self, kernel_id: str) -> bool:
        """Whether this visitor is here."""
        return kernel_id in self._visitors

    @property
    def n_visitors(self) -> int:
        """How many visitors are here."""
        return len(self._visitors)

    @property
    def n_running(self) -> int:
        """Runs that are being played."""
        with self._lock:
            return self._running()

    def entry_refusal(self, kernel_id: str = "") -> Refusal | None:
        """Why this visitor cannot come in; None if there is room or the visitor is here."""
        if kernel_id in self._visitors or len(self._visitors) < self.caps.visitors:
            return None
        text = "{most} visitors are here, and there is no room for more. Try again in a minute."
        return Refusal("full", text, {"most": self.caps.visitors})

    def enter(self, kernel_id: str) -> None:
        """A page was opened."""
        with self._lock:
            self._visitors.setdefault(kernel_id, _Visitor(self._clock()))

    def leave(self, kernel_id: str) -> None:
        """A page is gone; what it plays is stopped. Unknown visitors may leave, too."""
        with self._lock:
            visitor = self._visitors.pop(kernel_id, None)
        _stop(visitor.runs if visitor else [])

    def touch(self, kernel_id: str) -> None:
        """A word came from the page."""
        if visitor := self._visitors.get(kernel_id):
            visitor.seen = self._clock()

    def seconds_silent(self, kernel_id: str) -> float:
        """Seconds since the last word; endless for a visitor who is not here."""
        visitor = self._visitors.get(kernel_id)
        return max(0.0, self._clock() - visitor.seen) if visitor else math.inf

    def start_refusal(self, kernel_id: str, persons: int) -> Refusal | None:
        """Why this visitor cannot play so many simulated migrants a year more; None if possible."""
        with self._lock:
            return self._why_not(kernel_id, persons)

    def start(self, kernel_id: str, persons: int, stop: Callable[[], object]) -> Run:
        """Take a place for a run, or raise `RefusalError`; `stop` is called when the visitor is gone.

        `stop` is called at most once, from any thread, and must not wait.
        """
        with self._lock:
            if refusal := self._why_not(kernel_id, persons):
                raise RefusalError(refusal)
            run = Run(kernel_id=kernel_id, persons=persons, stop=stop, visits=self)
            self._visitors[kernel_id].runs.append(run)
            return run

    def stop_silent(self) -> int:
        """Stop what visitors play who have been silent for too long; give how many runs."""
        with self._lock:
            late = self._clock() - self.caps.silence
            silent = [run for v in self._visitors.values() if v.seen < late for run in v.runs]
            for run in silent:
                self._visitors[run.kernel_id].runs.remove(run)
        _stop(silent)
        return len(silent)

    def _running(self) -> int:
        return sum(len(visitor.runs) for visitor in self._visitors.values())

    def _why_not(self, kernel_id: str, persons: int) -> Refusal | None:
        visitor, caps = self._visitors.get(kernel_id), self.caps
        if visitor is None:
            return Refusal("gone", "This page is no longer connected. Load it again.")
        if (asked := visitor.persons + persons) > caps.persons:
            text = (
                "That would be {asked} simulated migrants a year; {most} are allowed for each "
                "visitor. Take a larger scale."
            )
            return Refusal("persons", text, {"asked": asked, "most": caps.persons})
        if self._running() >= caps.runs:
            text = "{most} runs are being played, and no more fit. Try again in a minute."
            return Refusal("runs", text, {"most": caps.runs})
        return None

    def _end(self, run: Run) -> None:
        with self._lock, contextlib.suppress(KeyError, ValueError):
            self._visitors[run.kernel_id].runs.remove(run)


def _stop(runs: list[Run]) -> None:
    """Stop every one of them, whatever one of them says to it."""
    for run in runs:
        with contextlib.suppress(Exception):
            run.stop()


VISITOR_LIMITS = VisitorLimits()
"""The visitors of this process."""


def migrants_per_year(scenario: Scenario, world: Any = None) -> int:
    """Simulated migrants that a year of a scenario takes: what `start_refusal` wants to know.

    Those of the first year who come up for a decision, since each of them takes a row.
    """
    from datetime import timedelta

    from abm.supply import Supply, communities
    from viz.screen.base_world import packaged_world

    supply = Supply(scenario, communities(world or packaged_world()))
    months = [scenario.start + timedelta(days=30 * k + 15) for k in range(12)]
    daily = [float(supply.envelope_rates(d) @ supply.keep(d.year)) for d in months]
    return round(sum(daily) / len(daily) * min(scenario.days, 365) / scenario.scale)


_attached = threading.Event()


def attach(visits: VisitorLimits = VISITOR_LIMITS) -> None:
    """Let Solara tell who comes and goes, and look for the silent; a second call does nothing."""
    if _attached.is_set():
        return
    _attached.set()
    from solara.lifecycle import on_kernel_start

    if server := sys.modules.get("solara.server.settings"):  # also under `solara run`
        server.telemetry.mixpanel_enable = False
        server.kernel.cull_timeout = f"{visits.caps.cull:g}s"
    _spare_mocks()
    on_kernel_start(lambda: _arrive(visits))
    looking = threading.Thread(target=_look, args=(visits,), name="silent-visitors", daemon=True)
    # a thread takes along the page in which it was made, and this one belongs to none
    setattr(looking, "current_context", None)  # noqa: B010
    looking.start()


def _spare_mocks() -> None:
    """Let a page's words reach widgets without a word to IPython, which nobody here listens to.

    Solara makes a mock of it for every message, which costs more than the message (1.64: a tenth of
    the processor with thirty visitors).
    """
    from solara.server import kernel

    def heard(self: Any, msg: Any) -> None:
        if self._msg_callback:
            self._msg_callback(msg)

    kernel.Comm.handle_msg = heard


def _arrive(visits: VisitorLimits) -> Callable[[], None] | None:
    """A kernel was started, and is the current one; give what is to be done when it closes."""
    from solara.scope import get_kernel_id

    kernel_id = get_kernel_id()
    if kernel_id == "dummy":  # Solara's own, in which it runs the page once before anyone comes
        return None
    visits.enter(kernel_id)
    return lambda: visits.leave(kernel_id)


def _look(visits: VisitorLimits) -> None:
    while True:
        time.sleep(_EVERY)
        visits.stop_silent()
