"""End a command within five seconds after SIGINT or SIGTERM, with exit code 130 or 143."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

_END_TIME = 4.0  # seconds in which a command can store its results and end by itself
_received: list[int] = []


@contextlib.contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` on both signals within the context.

    After a signal, the end of the context ends the process.
    """
    numbers, hook = (signal.SIGINT, signal.SIGTERM), sys.unraisablehook
    handlers = [signal.signal(number, _interrupt) for number in numbers]
    # A process that ends at once leaves its semaphores to Python's tracker, which would warn.
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    sys.unraisablehook = _end_if_dropped
    try:
        yield
    finally:
        if _received:
            _end()
        sys.unraisablehook = hook
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
        # An interrupt after the end of the command would print a traceback of Python's shutdown.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_DFL)


def _interrupt(number: int, frame: FrameType | None) -> None:
    end_soon(number)
    raise KeyboardInterrupt


def _end_if_dropped(dropped: sys.UnraisableHookArgs, /) -> None:
    """End the process after an interrupt in a destructor, where Python ignores exceptions."""
    if issubclass(dropped.exc_type, KeyboardInterrupt):
        _end()
    sys.__unraisablehook__(dropped)


def _end() -> None:
    """Exit without Python's shutdown, during which signals would print tracebacks."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()  # Remove temporary files and the semaphores of processes.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(exit_code())


def end_soon(number: int) -> None:
    """Record a signal, and end the process after `_END_TIME` even if a thread never returns."""
    if not _received:
        _received.append(number)
        timer = threading.Timer(_END_TIME, os._exit, (exit_code(),))
        timer.daemon = True
        timer.start()


def exit_code() -> int:
    """Return the exit code of an interrupted process: 128 plus the number of the signal."""
    return 128 + (_received[0] if _received else signal.SIGINT)
