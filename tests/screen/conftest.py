"""A real Chromium that refuses to look away: foreign requests, errors and bad answers all fail."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LOCAL = ("http://127.0.0.1", "data:", "blob:http://127.0.0.1")


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("TWOBORDERS_NEEDS_CHROMIUM"):
            pytest.fail("Chromium is needed here and not installed; install the package chromium")
        pytest.skip("no Chromium on this machine; install the package chromium to run screen tests")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which its files are served, on this machine only."""
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser):
    """Open pages; whatever went wrong in them is reported when the test ends."""
    trouble: list[str] = []
    contexts = []

    def go(url: str, width: int, height: int):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: trouble.append(str(e)))
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith(LOCAL)
                else trouble.append(f"request leaves the machine: {r.url}")
            ),
        )
        page.on(
            "response", lambda r: trouble.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )
        page.goto(url)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not trouble, trouble
