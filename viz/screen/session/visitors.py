"""Track visitors and limit what each of them uses, so that one machine serves thirty students.

A visitor is one open page, which Solara calls a kernel. `VisitorLimits` tracks the visitors of this
process. It does not depend on Solara until `attach` is called, and tests can replace the clock.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from viz.screen.session.threads import start_thread

_EVERY = 2.0  # seconds between checks for silent visitors
#: [A] Background runs wait while at least this many visitors run worlds.
_BUSY = 16
Stop = Callable[[], object]
OnFrame = Callable[[int], object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Limits for all visitors together and for each visitor. All values are assumed.

    Attributes:
        visitors: open pages. A class has thirty students, and some of them open two pages.
        sockets: open websockets. A page has one, or two while it reloads.
        sockets_per_address: open websockets per client address, which a class may share.
        persons: simulated migrants per year in all worlds of a visitor.
        silence: seconds without a message from a page until its run stops.
        cull: seconds without a connection until the data of a visitor are deleted.
        idle: seconds without a message until a page may lose its place.
        body: bytes of a request or an upload.
    """

    visitors: int = 40
    sockets: int = 80
    sockets_per_address: int = 32
    persons: int = 4_000_000
    silence: float = 10.0
    cull: float = 60.0
    idle: float = 300.0
    body: int = 1_000_000


#: Limits for a single user on their own machine, who can run two worlds at scale 1.
ALONE = Caps()

#: Limits for a class in the local network, in which each visitor can run two worlds at scale 40.
CLASS = Caps(persons=100_000)


@dataclass(slots=True)
class _Visitor:
    """A visitor and the functions of its run.

    Attributes:
        address: address of the client, or "" if no guard records the websockets.
        last_message: time of the last message.
        sockets: number of open websockets.
        stop: stops the run, or None if the visitor runs no worlds.
        on_frame: receives the numbers of drawn frames, or None.
    """

    address: str
    last_message: float
    sockets: int = 0
    stop: Stop | None = None
    on_frame: OnFrame = None

    @property
    def is_present(self) -> bool:
        """Return whether the visitor has a connection, or is not behind the guard."""
        return self.sockets > 0 or not self.address


class VisitorLimits:
    """Visitors of this process and their runs, for use from any thread.

    Args:
        caps: limits for all visitors together and for each visitor.
        clock: returns a time in seconds that never decreases.
    """

    def __init__(self, caps: Caps = ALONE, clock: Callable[[], float] = time.monotonic) -> None:
        self.caps = caps
        self.dismiss: Callable[[str], object] = self.leave  # function that deletes a visitor's data
        self._clock = clock
        self._lock = threading.RLock()
        self._visitors: dict[str, _Visitor] = {}

    def __contains__(self, kernel_id: str) -> bool:
        """Return whether the visitor has entered and not left."""
        return kernel_id in self._visitors

    @property
    def n_visitors(self) -> int:
        """Return the number of visitors."""
        return len(self._visitors)

    @property
    def n_running(self) -> int:
        """Return the number of visitors who run worlds."""
        with self._lock:
            return sum(visitor.stop is not None for visitor in self._visitors.values())

    @property
    def is_busy(self) -> bool:
        """Return whether background runs should wait because many visitors run worlds."""
        return self.n_running >= _BUSY

    def entry_refusal(self, kernel_id: str = "", address: str = "") -> str:
        """Check whether a visitor can enter.

        Args:
            kernel_id: id of the visitor.
            address: address of the client.

        Returns:
            The reason for a refusal, or "" if there is a place or the visitor has entered already.
        """
        with self._lock:
            if not self._is_full(kernel_id) or self._displaced_by(address):
                return ""
        return f"{self.caps.visitors:,} visitors are here, and no more fit. Try again in a minute."

    def enter(self, kernel_id: str, address: str = "") -> _Visitor:
        """Add a visitor who has not entered yet.

        Args:
            kernel_id: id of the visitor.
            address: address of the client, empty if it is unknown.

        Returns:
            The visitor.
        """
        with self._lock:
            return self._visitors.setdefault(kernel_id, _Visitor(address, self._clock()))

    def connect(self, kernel_id: str, address: str) -> str | None:
        """Record an open websocket. At the limit, its visitor displaces another visitor.

        Args:
            kernel_id: id of the visitor.
            address: address of the client.

        Returns:
            The id of the displaced visitor, or None.
        """
        with self._lock:
            displaced = self._displaced_by(address) if self._is_full(kernel_id) else None
            if displaced:
                self.leave(displaced)
            self.enter(kernel_id, address).sockets += 1
        if displaced:
            self.dismiss(displaced)
        return displaced

    def disconnect(self, kernel_id: str) -> None:
        """Record a closed websocket. The visitor can connect again for some time."""
        with self._lock:
            if visitor := self._visitors.get(kernel_id):
                visitor.last_message = self._clock()
                visitor.sockets -= 1

    def leave(self, kernel_id: str) -> None:
        """Stop the run of a visitor and remove the visitor. An unknown id is ignored."""
        self._stop(kernel_id)
        with self._lock:
            self._visitors.pop(kernel_id, None)

    def touch(self, kernel_id: str) -> None:
        """Record a message from a page that has a connection."""
        if (visitor := self._visitors.get(kernel_id)) and visitor.is_present:
            visitor.last_message = self._clock()

    def seconds_silent(self, kernel_id: str) -> float:
        """Return the seconds since the last message, or infinity for an unknown visitor."""
        visitor = self._visitors.get(kernel_id)
        return max(0.0, self._clock() - visitor.last_message) if visitor else math.inf

    def acknowledge(self, kernel_id: str, serial: int) -> bool:
        """Report a drawn frame to the run of a visitor, and return whether there is a run."""
        visitor = self._visitors.get(kernel_id)
        if (on_frame := visitor.on_frame if visitor else None) is not None:
            on_frame(serial)
        return on_frame is not None

    def start(self, kernel_id: str, persons: int, stop: Stop, on_frame: OnFrame = None) -> str:
        """Register a visitor's run in place of an earlier run.

        Args:
            kernel_id: id of the visitor.
            persons: simulated migrants per year.
            stop: called at most once, from any thread, when the visitor leaves or is silent. It
                must return at once.
            on_frame: called with the number of each frame that the page has drawn. It must return
                at once.

        Returns:
            The reason for a refusal, or "".
        """
        if persons > self.caps.persons:
            return (
                f"That would be {persons:,} simulated migrants a year; {self.caps.persons:,} are "
                "allowed for each visitor. Take a larger scale."
            )
        with self._lock:
            if (visitor := self._visitors.get(kernel_id)) is None:
                return "This page is no longer connected. Load it again."
            visitor.stop, visitor.on_frame = stop, on_frame
        return ""

    def end_run(self, kernel_id: str) -> Stop | None:
        """Remove the run of a visitor, and return the function that stops it."""
        with self._lock:
            visitor = self._visitors.get(kernel_id)
            stop = visitor.stop if visitor else None
            if visitor:
                visitor.stop = visitor.on_frame = None
        return stop

    def stop_silent(self) -> None:
        """Stop the runs of visitors who have been silent for too long."""
        with self._lock:
            late = self._clock() - self.caps.silence
            silent = [k for k, visitor in self._visitors.items() if visitor.last_message < late]
        for kernel_id in silent:
            self._stop(kernel_id)

    def _stop(self, kernel_id: str) -> None:
        """Stop the run of a visitor. Errors are ignored, so that other visitors are unaffected."""
        if stop := self.end_run(kernel_id):
            with contextlib.suppress(Exception):
                stop()

    def dismiss_absent(self) -> None:
        """Delete the data of visitors who have had no connection for too long."""
        with self._lock:
            late = self._clock() - self.caps.cull
            absent = [k for k, v in self._visitors.items() if not v.is_present]
            absent = [k for k in absent if self._visitors[k].last_message < late]
        for kernel_id in absent:
            self.leave(kernel_id)
            self.dismiss(kernel_id)

    def _is_full(self, kernel_id: str) -> bool:
        """Return whether the visitor is new and no place is free."""
        return kernel_id not in self._visitors and self.n_visitors >= self.caps.visitors

    def _displaced_by(self, address: str) -> str | None:
        """Return the visitor whose place a new page of `address` takes, or None.

        A visitor without a connection is displaced first. Otherwise, the address with the most
        pages loses the page that has been silent longest, provided that it then still has at least
        as many pages as the new page's address. Addresses thus share the places evenly. After
        `Caps.idle` seconds of silence, any page may be displaced.
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


#: The visitors of this process.
VISITOR_LIMITS = VisitorLimits()


@cache
def attach() -> None:
    """Register every new kernel of Solara as a visitor, and start to check for silent visitors.

    A second call does nothing.
    """
    from solara.lifecycle import on_kernel_start

    if server := sys.modules.get("solara.server.settings"):  # A notebook has no server.
        server.telemetry.mixpanel_enable = False
        server.kernel.cull_timeout = f"{VISITOR_LIMITS.caps.cull:g}s"
    VISITOR_LIMITS.dismiss = _close_kernel
    on_kernel_start(_arrive)
    start_thread(_check, name="silent-visitors")


def _arrive() -> Callable[[], None] | None:
    """Add the visitor of the current, new kernel, and return a function for the kernel's end."""
    from solara.scope import get_kernel_id

    kernel_id = get_kernel_id()
    if kernel_id == "dummy":  # At the start, Solara runs the page once in its own kernel.
        return None
    VISITOR_LIMITS.enter(kernel_id)
    return lambda: VISITOR_LIMITS.leave(kernel_id)


def _close_kernel(kernel_id: str) -> None:
    """Delete the widgets of a visitor in a separate thread, because the deletion is slow."""
    from solara.server.kernel_context import contexts

    if context := contexts.get(kernel_id):
        threading.Thread(target=context.close, args=("evicted",), daemon=True).start()


def _check() -> None:
    while True:
        time.sleep(_EVERY)
        VISITOR_LIMITS.stop_silent()
        VISITOR_LIMITS.dismiss_absent()
