"""Errors of the running server: one line on the terminal, and no local path in a page."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import SimpleNamespace, TracebackType
from typing import Any

from viz.screen.words import one_line

_LOGGER = logging.getLogger("viz.server")
_NO_FAULTS = (
    "without completing handshake",  # a refused websocket
    "timeout graceful shutdown exceeded",  # a page was open when the server was stopped
)
_PROJECT = ("viz.", "experiments.", "abm.", "agents.")
PAGE_TEXT = "This page has stopped because of an internal error ({name}). Load it again."


def describe(error: BaseException) -> str:
    """Return an error in one line, with the module and the line that raised it."""
    if isinstance(error, BaseExceptionGroup):
        return describe(error.exceptions[0])
    place = _place(error.__traceback__)
    return f"{type(error).__name__}: {_printable(error)}{f' ({place})' if place else ''}"


def _printable(text: object) -> str:
    """Return a text in one line without characters that control a terminal."""
    return "".join(c if c.isprintable() else "?" for c in one_line(text)[:300])


def _place(frames: TracebackType | None) -> str:
    """Return the last frame in this project, otherwise the last frame, as module:line."""
    places = [
        (str(frame.f_globals.get("__name__", "?")), line)
        for frame, line in traceback.walk_tb(frames)
    ]
    project_places = [place for place in places if place[0].startswith(_PROJECT)]
    return "{}:{}".format(*(project_places or places)[-1]) if places else ""


class OneLineFormatter(logging.Formatter):
    """Format a log record as one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line.

        Args:
            record: the record.
        """
        error = record.exc_info[1] if record.exc_info else None
        return f"error: {describe(error) if error else _printable(record.getMessage())}"


def report(error: BaseException) -> None:
    """Print an error in one line."""
    _LOGGER.error("error", exc_info=error)


def log_in_one_line() -> None:
    """Print errors of all libraries and threads in one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.ERROR)
    handler.setFormatter(OneLineFormatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger("uvicorn.error").addFilter(_is_fault)

    def excepthook(args: threading.ExceptHookArgs | sys.UnraisableHookArgs, /) -> None:
        if args.exc_value is not None:
            report(args.exc_value)

    threading.excepthook = sys.unraisablehook = excepthook


def _is_fault(record: logging.LogRecord) -> bool:
    """Return False for messages that Uvicorn logs as errors in regular operation."""
    return not any(text in record.getMessage() for text in _NO_FAULTS)


def hide_tracebacks() -> None:
    """Make a page that fails show `PAGE_TEXT` instead of a traceback with local paths."""
    import reacton.core
    from solara.server import app

    for module in (reacton.core, app):
        module.traceback = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
            format_exception=_format_for_page, format_stack=traceback.format_stack
        )


def _format_for_page(kind: Any, error: BaseException, frames: Any) -> list[str]:
    """Replace `traceback.format_exception` where its result is shown in a page."""
    report(error)
    return [PAGE_TEXT.format(name=type(error).__name__)]
