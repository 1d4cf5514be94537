"""Threads of the server: those that belong to no page, and messages that belong together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

type Batch = Callable[[], AbstractContextManager[Any]]
_batch: list[Batch] = [nullcontext]


def together() -> AbstractContextManager[Any]:
    """Return a context whose messages to pages are sent at its end, if the server can do that."""
    return _batch[-1]()


def send_together(batch: Batch) -> None:
    """Use a context of the server for :func:`together`."""
    _batch[:] = [batch]


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
        name: name of the thread; None for a default one.

    Returns:
        The thread, which runs.

    Raises:
        RuntimeError: the machine can start no further thread.
    """
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    setattr(thread, "current_context", None)  # noqa: B010
    thread.start()
    return thread
