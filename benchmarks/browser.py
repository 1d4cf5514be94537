"""Run headless Chromium, and log a page's messages with their times."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.measurement import BenchmarkError
from benchmarks.wire import Message, parse_message

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_BINARY = 2  # opcode of a binary message


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Run Chromium, or raise ``BenchmarkError`` if it is not installed or fails."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        raise BenchmarkError("Chromium is not installed; install the package chromium")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        hint = "use uv run --group bench python -m benchmarks"
        raise BenchmarkError(f"playwright is not installed; {hint}") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS])
        try:
            yield browser
        except Error as error:
            first_line = (str(error).strip().splitlines() or ["no message"])[0]
            raise BenchmarkError(f"Chromium: {first_line}") from None
        finally:
            browser.close()


class LoggedMessage(NamedTuple):
    """A websocket message that a page sent or received."""

    at: float  # seconds on a monotonic clock
    from_page: bool  # True if the page sent the message
    message: Message


def log_messages(network: CDPSession) -> list[LoggedMessage]:
    """Return a list to which a page's websocket messages are added.

    Args:
        network: the page's developer-tool session.
    """
    log: list[LoggedMessage] = []

    def add(event: dict[str, Any], from_page: bool) -> None:
        text, binary = event["response"]["payloadData"], event["response"]["opcode"] == _BINARY
        message = parse_message(base64.b64decode(text) if binary else text)
        log.append(LoggedMessage(event["timestamp"], from_page, message))

    network.send("Network.enable")
    network.on("Network.webSocketFrameReceived", lambda event: add(event, False))
    network.on("Network.webSocketFrameSent", lambda event: add(event, True))
    return log
