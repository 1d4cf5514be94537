"""Threads that belong to no page, and a counter of changes for which threads can wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def start_thread(
    target: Callable[..., None], *arguments: Any, name: str | None = None
) -> threading.Thread:
    """Start a daemon thread that belongs to no page.

    Solara stores the page that creates a thread in the thread's attribute ``current_context``. The
    thread would use the widgets of that page, and fail after the page is closed. This function
    therefore clears the attribute, which `threading.Thread` does not declare.

    Args:
        target: function that the thread runs.
        arguments: positional arguments of the function.
        name: name of the thread, or None for a default name.

    Returns:
        The running thread.

    Raises:
        RuntimeError: the machine cannot start another thread.
    """
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    setattr(thread, "current_context", None)  # noqa: B010
    thread.start()
    return thread


class Changes:
    """Counter of changes for which threads can wait."""

    def __init__(self) -> None:
        self.number = 0
        self._condition = threading.Condition()

    def add(self) -> None:
        """Count a change and wake all threads."""
        with self._condition:
            self.number += 1
            self._condition.notify_all()

    def wait(self, number: int, seconds: float) -> int:
        """Wait until the count differs from `number`, at most `seconds`, and return the count."""
        with self._condition:
            self._condition.wait_for(lambda: self.number != number, seconds)
            return self.number
