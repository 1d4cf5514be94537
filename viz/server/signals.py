"""SIGINT and SIGTERM end a command within five seconds, with exit code 130 or 143."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

_END_TIME = 4.0  # seconds for a command to store its results and end by itself
_PAUSE = 0.02  # seconds before an interrupt that Python dropped is raised again
_received: list[int] = []


def interrupt_on_signals() -> None:
    """Let both signals raise ``KeyboardInterrupt`` in the main thread of this process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    sys.unraisablehook = partial(_interrupt_again, sys.unraisablehook)


def _interrupt(number: int, frame: FrameType | None) -> None:
    end_soon(number)
    raise KeyboardInterrupt


def _interrupt_again(
    earlier: Callable[[sys.UnraisableHookArgs], object], dropped: sys.UnraisableHookArgs, /
) -> None:
    """Raise an interrupt again if it was raised in a destructor, where Python drops exceptions."""
    if not (_received and issubclass(dropped.exc_type, KeyboardInterrupt)):
        earlier(dropped)
    elif not sys.is_finalizing():
        main = threading.main_thread().ident
        timer = threading.Timer(_PAUSE, signal.pthread_kill, (main, _received[0]))
        timer.daemon = True
        timer.start()


def end_soon(number: int) -> None:
    """Record a signal, and end the process after `_END_TIME` even if a thread never returns."""
    if not _received:
        _received.append(number)
        timer = threading.Timer(_END_TIME, os._exit, (exit_code(),))
        timer.daemon = True
        timer.start()


def interrupted() -> bool:
    """Return whether a signal was received."""
    return bool(_received)


def exit_code() -> int:
    """Return the exit code of an interrupted process: 128 plus the number of the signal."""
    return 128 + (_received[0] if _received else signal.SIGINT)


def forget_interrupt() -> None:
    """Let an interrupted process exit with its code, not by SIGINT.

    If an interrupt is raised while Python evaluates source text (for example for a dataclass),
    Python records it and later ends ``python -m`` with SIGINT, even if the interrupt was caught.
    Evaluating source text again removes this record.
    """
    exec("")
