"""Threads that belong to no page, and a counter for which page threads wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def start_thread(
    target: Callable[..., None], *arguments: Any, name: str | None = None
) -> threading.Thread:
    """Start a daemon thread that belongs to no page.

    Under Solara, a thread inherits the page in which it is created, in the attribute
    ``current_context``. Its work would then use the widgets of that page and end with errors after
    the page is closed. The attribute is removed here; `threading.Thread` does not declare it.

    Args:
        target: the function that the thread runs.
        arguments: positional arguments of the function.
        name: the thread's name, or None for a default one.

    Returns:
        The thread, which runs.

    Raises:
        RuntimeError: the machine can start no further thread.
    """
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    setattr(thread, "current_context", None)  # noqa: B010
    thread.start()
    return thread


class Changes:
    """A counter that threads wait for."""

    def __init__(self) -> None:
        self.number = 0
        self._condition = threading.Condition()

    def add(self) -> None:
        """Count a change and wake all threads."""
        with self._condition:
            self.number += 1
            self._condition.notify_all()

    def wait(self, number: int, seconds: float) -> int:
        """Wait until the count differs from a number, or for a time. Return the count."""
        with self._condition:
            self._condition.wait_for(lambda: self.number != number, seconds)
            return self.number
