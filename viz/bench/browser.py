"""Run headless Chromium for measurements of the screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from experiments.bench import BenchError

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


@contextmanager
def run_browser() -> Iterator[Any]:
    """Run Chromium; raise ``BenchError`` if Chromium or playwright is not installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        raise BenchError("Chromium is not installed; install the package chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        hint = "use the extra bench: uv run --extra bench twoborders bench"
        raise BenchError(f"playwright is not installed; {hint}") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS])
        yield browser
        browser.close()


@contextmanager
def browser_errors() -> Iterator[None]:
    """Raise ``BenchError`` with the first line of an error of the browser."""
    from playwright.sync_api import Error

    try:
        yield
    except Error as error:
        first = (str(error).strip().splitlines() or ["no message"])[0]
        raise BenchError(f"Chromium: {first}") from None
