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
from typing import Any

from viz.screen.session.threads import start_thread

_EVERY = 2.0  # seconds between checks for silent visitors
#: [A] runs on the screen at a time, over all visitors, from which background runs wait.
_BUSY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Limits for all visitors together and for each visitor; all are assumed.

    Attributes:
        visitors: pages open at a time; a class is thirty, and some open two.
        sockets: open websockets: one for each page, two while it reloads.
        sockets_per_address: open websockets of one client address: a class behind a router.
        runs: simultaneous runs, over all visitors.
        persons: simulated migrants a year in all worlds that one visitor runs.
        builds: visitors of one client address whose worlds are built at a time.
        silence: seconds without a message from the page until its run stops.
        cull: seconds without a connection until the data of the visitor is deleted.
        idle: seconds without a message until a page may lose its place.
        body: bytes in the largest request and the largest upload.
    """

    visitors: int = 40
    sockets: int = 80
    sockets_per_address: int = 32
    runs: int = 40
    persons: int = 4_000_000
    builds: int = 2
    silence: float = 10.0
    cull: float = 60.0
    idle: float = 300.0
    body: int = 1_000_000


ALONE = Caps()
"""For a single user on their own machine: two worlds at scale 1."""

CLASS = Caps(persons=100_000)
"""For a class in the local network: two worlds of each visitor at scale 40."""


class RefusalError(Exception):
    """Raised by `VisitorLimits.start` with a sentence."""


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """A visitor's registered run; `end` removes it and may be called twice."""

    kernel_id: str
    persons: int
    stop: Callable[[], object]
    limits: VisitorLimits

    def end(self) -> None:
        """Remove the run from the visitor's runs."""
        self.limits._end(self)


@dataclass(slots=True)
class _Visitor:
    """The client's address, the last message's time, the open websockets, and the runs.

    The address is empty if no websocket was recorded, as without the guard.
    """

    address: str
    last_message: float
    sockets: int = 0
    runs: list[Run] = field(default_factory=list)

    @property
    def is_present(self) -> bool:
        """Whether the visitor has a connection, or is not behind the guard."""
        return self.sockets > 0 or not self.address


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

    def __contains__(self, kernel_id: str) -> bool:
        """Return whether a visitor is known."""
        return kernel_id in self._visitors

    @property
    def n_visitors(self) -> int:
        """Return how many visitors there are."""
        return len(self._visitors)

    @property
    def n_running(self) -> int:
        """Return how many runs there are."""
        with self._lock:
            return sum(len(visitor.runs) for visitor in self._visitors.values())

    @property
    def is_busy(self) -> bool:
        """Return whether background runs should wait because many runs are on the screen."""
        return self.n_running >= _BUSY

    def entry_refusal(self, kernel_id: str = "", address: str = "") -> str:
        """Check whether a visitor can enter.

        Args:
            kernel_id: the visitor.
            address: the client's address.

        Returns:
            The reason of a refusal, or "" if there is room or the visitor is known.
        """
        with self._lock:
            if not self._is_full(kernel_id) or self._displaced_by(address):
                return ""
        return f"{self.caps.visitors:,} visitors are here, and no more fit. Try again in a minute."

    def enter(self, kernel_id: str, address: str = "") -> _Visitor:
        """Add a visitor, unless it is known.

        Args:
            kernel_id: the visitor.
            address: the client's address, empty if it is not known.

        Returns:
            The visitor.
        """
        with self._lock:
            return self._visitors.setdefault(kernel_id, _Visitor(address, self._clock()))

    def connect(self, kernel_id: str, address: str) -> str | None:
        """Record an open websocket; at the limit, it takes the place of another visitor.

        Args:
            kernel_id: the visitor.
            address: the client's address.

        Returns:
            The visitor that lost the place, or None if there was room.
        """
        with self._lock:
            displaced = self._displaced_by(address) if self._is_full(kernel_id) else None
            runs = self._visitors.pop(displaced).runs if displaced else []
            self.enter(kernel_id, address).sockets += 1
        _stop(runs)
        if displaced:
            self.dismiss(displaced)
        return displaced

    def disconnect(self, kernel_id: str) -> None:
        """Record a closed websocket; the visitor may stay away for a time."""
        with self._lock:
            if visitor := self._visitors.get(kernel_id):
                visitor.last_message = self._clock()
                visitor.sockets -= 1

    def leave(self, kernel_id: str) -> None:
        """Remove a visitor and stop their runs; an unknown visitor is ignored."""
        with self._lock:
            visitor = self._visitors.pop(kernel_id, None)
        _stop(visitor.runs if visitor else [])

    def touch(self, kernel_id: str) -> None:
        """Record a message from the page; a page without a connection sends none."""
        if (visitor := self._visitors.get(kernel_id)) and visitor.is_present:
            visitor.last_message = self._clock()

    def seconds_silent(self, kernel_id: str) -> float:
        """Return the seconds since the last message; infinite for an unknown visitor."""
        visitor = self._visitors.get(kernel_id)
        return max(0.0, self._clock() - visitor.last_message) if visitor else math.inf

    def start_refusal(self, kernel_id: str, persons: int) -> str:
        """Check whether a visitor may start a run.

        Args:
            kernel_id: the visitor.
            persons: simulated migrants a year of the run.

        Returns:
            The reason of a refusal, or "".
        """
        with self._lock:
            visitor, caps = self._visitors.get(kernel_id), self.caps
            if visitor is None:
                return "This page is no longer connected. Load it again."
            if (asked := sum(run.persons for run in visitor.runs) + persons) > caps.persons:
                return (
                    f"That would be {asked:,} simulated migrants a year; {caps.persons:,} are "
                    "allowed for each visitor. Take a larger scale."
                )
            if self.n_running >= caps.runs:
                return f"{caps.runs:,} runs are under way, and no more fit. Try again in a minute."
        return ""

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

    def stop_silent(self) -> None:
        """Stop the runs of visitors who were silent for too long."""
        with self._lock:
            late = self._clock() - self.caps.silence
            visitors = [v for v in self._visitors.values() if v.last_message < late]
            silent = [run for v in visitors for run in v.runs]
            for run in silent:
                self._end(run)
        _stop(silent)

    def dismiss_absent(self) -> None:
        """Delete the data of visitors who were without a connection for too long."""
        with self._lock:
            late = self._clock() - self.caps.cull
            absent = [k for k, v in self._visitors.items() if not v.is_present]
            absent = [k for k in absent if self._visitors[k].last_message < late]
        for kernel_id in absent:
            self.leave(kernel_id)
            self.dismiss(kernel_id)

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
        visitor = self._visitors.get(kernel_id)
        address = visitor.address if visitor else ""
        with self._turn:
            while not (self._may_build(kernel_id) or is_over()):
                self._turn.wait(_EVERY / 4)
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
        return visitor.is_present and self._builds[visitor.address] < self.caps.builds

    def _is_full(self, kernel_id: str) -> bool:
        """Return whether a visitor is new and every place is taken."""
        return kernel_id not in self._visitors and self.n_visitors >= self.caps.visitors

    def _displaced_by(self, address: str) -> str | None:
        """Return the visitor who gives the place to a new page of an address, or None for none.

        A visitor without a connection comes first. Otherwise it is the longest silent page of the
        address with the most pages, as long as the newcomer's address then has no more pages than
        that address, so that addresses share the places evenly. Any page may be displaced after
        `Caps.idle` seconds of silence.
        """
        if not self._visitors:
            return None
        pages = Counter(visitor.address for visitor in self._visitors.values())

        def order(kernel_id: str) -> tuple[bool, int, float]:
            visitor = self._visitors[kernel_id]
            return visitor.is_present, -pages[visitor.address], visitor.last_message

        first = min(self._visitors, key=order)
        visitor = self._visitors[first]
        if not visitor.is_present or pages[address] + 1 < pages[visitor.address]:
            return first
        longest_silent = max(self._visitors, key=self.seconds_silent)
        return longest_silent if self.seconds_silent(longest_silent) > self.caps.idle else None

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
    refuse_unfit_values()
    limits.dismiss = _close_kernel
    on_kernel_start(lambda: _arrive(limits))
    start_thread(_check, limits, name="silent-visitors")


def _arrive(limits: VisitorLimits) -> Callable[[], None] | None:
    """Add the visitor of a new kernel, which is current, and return the action for its end."""
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


# ---- accept from the browser only values that fit a widget
_SCALARS = (str, int, float, type(None))
_MOST_ITEMS = 1000  # of a list that a page sends
_MOST_INTEGER = 2**53  # JavaScript has no larger exact integers


def refuse_unfit_values() -> None:
    """Ignore values from a page that do not fit the widget, whichever widget it is."""
    from ipywidgets import Widget
    from traitlets import TraitError

    set_state = Widget.set_state

    def set_fitting_state(self: Any, sync_data: dict[str, Any]) -> None:
        if state := fitting_state(self, sync_data):
            with contextlib.suppress(TraitError):
                set_state(self, state)

    Widget.set_state = set_fitting_state


def fitting_state(widget: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Select the values that fit the current state of a widget.

    Args:
        widget: the widget.
        state: values by trait, from the browser.

    Returns:
        The values that have the current value's type. A slider's value is also inside its
        range, and a list's value is one of its items.
    """
    values = {name: value for name, value in state.items() if name in widget.keys}
    return {
        name: value
        for name, value in values.items()
        if _fits(value, getattr(widget, name))
        and (name != "v_model" or (_in_range(widget, value) and _is_item(widget, value)))
    }


def _fits(new: Any, old: Any) -> bool:
    """Return whether a value has the type of the current one, at any depth."""
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(new, bool) and (old is None or isinstance(old, bool))
    if isinstance(old, bytes | memoryview):
        return isinstance(new, bytes | memoryview)
    if isinstance(old, list | tuple):
        scalars = isinstance(new, list) and all(map(_is_scalar, (*new, *old)))
        return scalars and len(new) <= _MOST_ITEMS
    if isinstance(old, Mapping):
        same_keys = isinstance(new, Mapping) and new.keys() == old.keys()
        return same_keys and all(_fits(value, old[key]) for key, value in new.items())
    return isinstance(old, _SCALARS) and _is_scalar(new)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) <= _MOST_INTEGER
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, _SCALARS)


def _in_range(widget: Any, value: Any) -> bool:
    """Return whether a number is inside the range of a widget that has one."""
    low, high = getattr(widget, "min", None), getattr(widget, "max", None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return True
    return isinstance(value, int | float) and low <= value <= high


def _is_item(widget: Any, value: Any) -> bool:
    """Return whether a value, or every one in a list, is an item of a widget that has items."""
    if type(widget).__name__ == "ExpansionPanels":  # the number of the open one
        return value is None or (isinstance(value, int) and 0 <= value < len(widget.children))
    items = getattr(widget, "items", None)
    if not isinstance(items, list | tuple):
        return True
    allowed = [
        item["value"] if isinstance(item, dict) and "value" in item else item for item in items
    ]
    return all(entry in allowed for entry in value) if isinstance(value, list) else value in allowed
