"""Track visitors and enforce limits per visitor, so that thirty students fit on one machine.

A visitor is one open page, which Solara calls a kernel. `VisitorLimits` counts the visitors of this
process. It does not depend on Solara until `attach` is called, and can be tested with any clock.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.param import param
from viz.screen.session.threads import start_thread

if TYPE_CHECKING:
    from abm.scenario import Scenario

_EVERY = 2.0  # seconds between checks for silent visitors
#: [A] runs on the screen at a time, over all visitors, from which background runs wait.
_BUSY = 16
_SHORTEST_ABSENCE = 5.0  # [A] seconds without a connection that every page may have


def _cap(default: float, unit: str, low: float, high: float, doc: str) -> Any:
    """Declare a limit."""
    return param(default, unit=unit, low=low, high=high, doc=doc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Limits for all visitors together and for each visitor."""

    visitors: int = _cap(
        40, "visitors", 1, 1000, "Pages open at a time; a class is thirty, and some open two."
    )
    sockets: int = _cap(
        80, "sockets", 1, 10_000, "Open websockets: one for each page, two while it reloads."
    )
    sockets_per_address: int = _cap(
        32, "sockets", 1, 10_000, "Those of one client address: a class behind a router, not all."
    )
    runs: int = _cap(40, "runs", 1, 1000, "Simultaneous runs, over all visitors.")
    persons: int = _cap(
        4_000_000, "simulated migrants a year", 1000, 100_000_000, "In all worlds of one visitor."
    )
    builds: int = _cap(
        2, "visitors", 1, 1000, "Visitors of one client address whose worlds are built at a time."
    )
    silence: float = _cap(
        10.0, "seconds", 1.0, 3600.0, "Seconds without a message from the page until its run stops."
    )
    cull: float = _cap(
        60.0, "seconds", 1.0, 86_400.0, "Without a connection, until the visitor's data is deleted."
    )
    idle: float = _cap(300.0, "seconds", 1.0, 86_400.0, "Silence until a page may lose its place.")
    body: int = _cap(
        1_000_000, "bytes", 1000, 100_000_000, "Largest body of a request, and largest upload."
    )


ALONE = Caps()
"""For a single user on their own machine: two worlds at scale 1."""

CLASS = Caps(persons=100_000)
"""For a class in the local network: two worlds of each visitor at scale 40."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason of a refusal: a key, an English sentence with fields, and their values."""

    key: str
    text: str
    values: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text.format(**{name: f"{value:,}" for name, value in self.values.items()})


class RefusalError(Exception):
    """Raised by `VisitorLimits.start` with the `Refusal`."""


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """A visitor's registered run; `end` removes it and may be called twice.

    A run in the background does not count, and continues while the page is silent.
    """

    kernel_id: str
    persons: int
    stop: Callable[[], object]
    limits: VisitorLimits
    in_background: bool = False

    def end(self) -> None:
        """Remove the run from the visitor's runs."""
        self.limits._end(self)


@dataclass(slots=True)
class _Visitor:
    """The times of a visitor's first and last message, the runs, and the client's address.

    The address is empty if no websocket was recorded, as without the guard.
    """

    arrived: float
    seen: float
    runs: list[Run] = field(default_factory=list)
    address: str = ""


class VisitorLimits:
    """The visitors of this process and their runs; safe to use from any thread.

    Args:
        caps: limits for all visitors together and for each visitor.
        clock: returns the time in seconds; it never goes back.
    """

    def __init__(self, caps: Caps = ALONE, clock: Callable[[], float] = time.monotonic) -> None:
        self.caps = caps
        self.dismiss: Callable[[str], object] = self.leave  # deletes the data of a visitor
        self._clock = clock
        self._lock = threading.RLock()
        self._turn = threading.Condition(self._lock)  # signals the end of a build
        self._builds: Counter[str] = Counter()  # visitors that build, by client address
        self._visitors: dict[str, _Visitor] = {}
        self._sockets: dict[str, list[str]] = {}  # client address of each open websocket

    def __contains__(self, kernel_id: str) -> bool:
        """Return whether a visitor is known."""
        return kernel_id in self._visitors

    @property
    def n_visitors(self) -> int:
        """Return the number of visitors."""
        return len(self._visitors)

    @property
    def n_running(self) -> int:
        """Return the number of runs, without those in the background."""
        with self._lock:
            runs = (run for visitor in self._visitors.values() for run in visitor.runs)
            return sum(not run.in_background for run in runs)

    @property
    def is_busy(self) -> bool:
        """Return whether background runs should wait because many runs are on the screen."""
        return self.n_running >= _BUSY

    def entry_refusal(self, kernel_id: str = "", address: str = "") -> Refusal | None:
        """Check whether a visitor can enter.

        Args:
            kernel_id: the visitor.
            address: address of the client.

        Returns:
            The reason of a refusal; None if there is room or the visitor is known.
        """
        with self._lock:
            if not self._is_full(kernel_id) or self._displaced_by(address):
                return None
        text = "{most} visitors are here, and no more fit. Try again in a minute."
        return Refusal("full", text, {"most": self.caps.visitors})

    def enter(self, kernel_id: str) -> None:
        """Add a visitor whose page was opened."""
        with self._lock:
            address, now = self._sockets.get(kernel_id, [""])[-1], self._clock()
            self._visitors.setdefault(kernel_id, _Visitor(now, now, address=address))

    def connect(self, kernel_id: str, address: str) -> str | None:
        """Record an open websocket; at the limit, it takes the place of another visitor.

        Args:
            kernel_id: the visitor.
            address: address of the client.

        Returns:
            The visitor that lost the place; None if there was room.
        """
        with self._lock:
            displaced = self._displaced_by(address) if self._is_full(kernel_id) else None
            self._sockets.setdefault(kernel_id, []).append(address)
        if displaced:
            self.leave(displaced)
            self.dismiss(displaced)
        return displaced

    def disconnect(self, kernel_id: str) -> None:
        """Record a closed websocket; the visitor may stay away for a time."""
        self.touch(kernel_id)
        with self._lock:
            self._sockets[kernel_id].pop()
            if not self._sockets[kernel_id]:
                del self._sockets[kernel_id]

    def leave(self, kernel_id: str) -> None:
        """Remove a visitor and stop their runs; an unknown visitor is ignored."""
        with self._lock:
            visitor = self._visitors.pop(kernel_id, None)
        _stop(visitor.runs if visitor else [])

    def touch(self, kernel_id: str) -> None:
        """Record a message from the page; a page without a connection sends none."""
        if (visitor := self._visitors.get(kernel_id)) and self._is_present(kernel_id):
            visitor.seen = self._clock()

    def seconds_silent(self, kernel_id: str) -> float:
        """Return the seconds since the last message; infinite for an unknown visitor."""
        visitor = self._visitors.get(kernel_id)
        return max(0.0, self._clock() - visitor.seen) if visitor else math.inf

    def start_refusal(self, kernel_id: str, persons: int) -> Refusal | None:
        """Check whether a visitor may start a run.

        Args:
            kernel_id: the visitor.
            persons: simulated migrants a year of the run.

        Returns:
            The reason of a refusal, or None.
        """
        with self._lock:
            visitor, caps = self._visitors.get(kernel_id), self.caps
            if visitor is None:
                return Refusal("gone", "This page is no longer connected. Load it again.")
            if (asked := sum(run.persons for run in visitor.runs) + persons) > caps.persons:
                text = (
                    "That would be {asked} simulated migrants a year; {most} are allowed for each "
                    "visitor. Take a larger scale."
                )
                return Refusal("persons", text, {"asked": asked, "most": caps.persons})
            if self.n_running >= caps.runs:
                text = "{most} runs are under way, and no more fit. Try again in a minute."
                return Refusal("runs", text, {"most": caps.runs})
        return None

    def start(self, kernel_id: str, persons: int, stop: Callable[[], object]) -> Run:
        """Register a run.

        Args:
            kernel_id: the visitor.
            persons: simulated migrants a year of the run.
            stop: called at most once, from any thread, when the visitor leaves or is silent; it
                must return at once.

        Returns:
            The run, to be ended by the caller.

        Raises:
            RefusalError: if the run exceeds a limit.
        """
        with self._lock:
            if refusal := self.start_refusal(kernel_id, persons):
                raise RefusalError(refusal)
            run = Run(kernel_id=kernel_id, persons=persons, stop=stop, limits=self)
            self._visitors[kernel_id].runs.append(run)
            return run

    def follow(self, kernel_id: str, stop: Callable[[], object]) -> Run | None:
        """Register runs in the background, which no limit counts.

        A page is silent while its visitor reads, so they continue until the visitor leaves.

        Args:
            kernel_id: the visitor.
            stop: called at most once, from any thread, when the visitor leaves; it must return at
                once.

        Returns:
            The run, to be ended by the caller; None for an unknown visitor.
        """
        with self._lock:
            if (visitor := self._visitors.get(kernel_id)) is None:
                return None
            run = Run(kernel_id=kernel_id, persons=0, stop=stop, limits=self, in_background=True)
            visitor.runs.append(run)
            return run

    def stop_silent(self) -> int:
        """Stop the runs of visitors who were silent for too long; return their number."""
        with self._lock:
            late = self._clock() - self.caps.silence
            runs = [run for v in self._visitors.values() if v.seen < late for run in v.runs]
            silent = [run for run in runs if not run.in_background]
            for run in silent:
                self._visitors[run.kernel_id].runs.remove(run)
        _stop(silent)
        return len(silent)

    def dismiss_absent(self) -> int:
        """Delete the data of visitors who were without a connection for too long.

        The limit is the time for which the page was open, at least `_SHORTEST_ABSENCE` and at most
        ``caps.cull`` seconds. It prevents a client that opens and drops pages from filling the
        memory.

        Returns:
            Number of visitors whose data were deleted.
        """
        with self._lock:
            late = [kernel_id for kernel_id in self._visitors if self._is_late(kernel_id)]
        for kernel_id in late:
            self.leave(kernel_id)
            self.dismiss(kernel_id)
        return len(late)

    @contextlib.contextmanager
    def building(self, kernel_id: str, is_over: Callable[[], bool]) -> Iterator[None]:
        """Wait until a visitor may build a world, and count the build while the context is open.

        The visitor must have a connection, and at most ``caps.builds`` of the same address build.

        Args:
            kernel_id: the visitor.
            is_over: ends the wait when it returns True.

        Yields:
            Nothing.
        """
        with self._turn:
            while not (self._may_build(kernel_id) or is_over()):
                self._turn.wait(_EVERY / 4)
            visitor = self._visitors.get(kernel_id)
            address = visitor.address if visitor else ""
            self._builds[address] += 1
        try:
            yield
        finally:
            with self._turn:
                self._builds[address] -= 1
                self._builds += Counter()  # drop addresses without builds
                self._turn.notify_all()

    def _may_build(self, kernel_id: str) -> bool:
        visitor = self._visitors.get(kernel_id)
        if visitor is None or not visitor.address:
            return True
        return self._is_present(kernel_id) and self._builds[visitor.address] < self.caps.builds

    def _is_present(self, kernel_id: str) -> bool:
        """Return whether a visitor has a connection, or is not behind the guard."""
        visitor = self._visitors.get(kernel_id)
        return visitor is None or not visitor.address or kernel_id in self._sockets

    def _is_late(self, kernel_id: str) -> bool:
        visitor = self._visitors[kernel_id]
        allowed = max(_SHORTEST_ABSENCE, visitor.seen - visitor.arrived)
        absence = self._clock() - visitor.seen
        return not self._is_present(kernel_id) and absence > min(allowed, self.caps.cull)

    def _is_full(self, kernel_id: str) -> bool:
        """Return whether a visitor is new and every place is taken, also by pages that arrive."""
        places = self._visitors.keys() | self._sockets.keys()
        return kernel_id not in places and len(places) >= self.caps.visitors

    def _displaced_by(self, address: str) -> str | None:
        """Return the visitor who gives the place to a new one from an address; None for none.

        Visitors without a websocket come first. Otherwise it is the longest silent one of the
        address with the most, if it is idle, or if the new one is the first of its address.
        """
        absent = {k: one for k, one in self._visitors.items() if k not in self._sockets}
        pages = absent or self._visitors
        n_pages = Counter(one.address for one in pages.values())
        order = sorted(pages, key=lambda k: (-n_pages[pages[k].address], pages[k].seen))
        if absent or not order:
            return order[0] if order else None
        is_first = address not in n_pages and n_pages[pages[order[0]].address] > 1
        is_idle = self.seconds_silent(order[0]) > self.caps.idle
        return order[0] if is_first or is_idle else None

    def _end(self, run: Run) -> None:
        with self._lock, contextlib.suppress(KeyError, ValueError):
            self._visitors[run.kernel_id].runs.remove(run)


def _stop(runs: list[Run]) -> None:
    """Stop all runs; an error of one does not affect the others."""
    for run in runs:
        with contextlib.suppress(Exception):
            run.stop()


VISITOR_LIMITS = VisitorLimits()
"""The visitors of this process."""


def migrants_per_year(scenario: Scenario) -> int:
    """Estimate the simulated migrants per year of a scenario (candidates divided by the scale).

    The estimate counts candidates and not departures, because every candidate occupies a row of
    memory. It uses the rates of the first year.
    """
    from datetime import timedelta

    from abm.supply import Supply, communities
    from viz.screen.session.choice import packaged_world

    supply = Supply(scenario, communities(packaged_world()))
    months = [scenario.start + timedelta(days=30 * k + 15) for k in range(12)]
    daily = [float(supply.envelope_rates(d) @ supply.keep(d.year)) for d in months]
    return round(sum(daily) / len(daily) * min(scenario.days, 365) / scenario.scale)


_attached = threading.Event()


def attach(limits: VisitorLimits = VISITOR_LIMITS) -> None:
    """Register Solara's visitors and check for silent ones; a second call does nothing."""
    if _attached.is_set():
        return
    _attached.set()
    from solara.lifecycle import on_kernel_start

    if server := sys.modules.get("solara.server.settings"):  # also under `solara run`
        server.telemetry.mixpanel_enable = False
        server.kernel.cull_timeout = f"{limits.caps.cull:g}s"
    _skip_ipython()
    _refuse_unfit_values()
    limits.dismiss = _close_kernel
    on_kernel_start(lambda: _arrive(limits))
    start_thread(_check, limits, name="silent-visitors")


def _skip_ipython() -> None:
    """Deliver a page's messages to widgets without notifying IPython, which is not used here.

    Solara creates a mock of it for every message, which costs more than the message (1.64: a tenth
    of the processor with thirty visitors).
    """
    from solara.server import kernel

    def handle_msg(self: Any, msg: Any) -> None:
        if self._msg_callback:
            self._msg_callback(msg)

    kernel.Comm.handle_msg = handle_msg


def _refuse_unfit_values() -> None:
    """Ignore values from a page that do not fit the widget, whichever widget it is."""
    from ipywidgets import Widget
    from traitlets import TraitError

    from viz.screen.session.browser_values import fitting_state

    set_state = Widget.set_state

    def set_fitting_state(self: Any, sync_data: dict[str, Any]) -> None:
        if state := fitting_state(self, sync_data):
            with contextlib.suppress(TraitError):
                set_state(self, state)

    Widget.set_state = set_fitting_state


def _arrive(limits: VisitorLimits) -> Callable[[], None] | None:
    """Add the visitor of a new kernel, which is current; return the action for its end."""
    from solara.scope import get_kernel_id

    kernel_id = get_kernel_id()
    if kernel_id == "dummy":  # Solara runs the page once in its own kernel at the start
        return None
    limits.enter(kernel_id)
    return lambda: limits.leave(kernel_id)


def _close_kernel(kernel_id: str) -> None:
    """Delete the widgets of a visitor in a separate thread, because the deletion is slow."""
    from solara.server.kernel_context import contexts

    if context := contexts.get(kernel_id):
        threading.Thread(target=context.close, args=("evicted",), daemon=True).start()


def _check(limits: VisitorLimits) -> None:
    while True:
        time.sleep(_EVERY)
        limits.stop_silent()
        limits.dismiss_absent()
