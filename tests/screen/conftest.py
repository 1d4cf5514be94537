"""A real Chromium in which foreign requests, errors and failed responses fail the test."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.browser import FLAGS
from tests.screen.widget_page import open_widgets

__all__ = ["open_widgets"]  # a fixture

ROOT = Path(__file__).resolve().parents[2]
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
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        yield browser
        browser.close()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the local address at which its files are served."""
    handler = functools.partial(_QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser):
    """Open pages; errors in them fail the test at its end. A failed test prints their console."""
    errors: list[str] = []
    contexts = []

    def open_at(url: str, width: int, height: int, **more: object):
        size = {"viewport": {"width": width, "height": height}}
        context = browser.new_context(**(size | more))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: print(f"{m.type}: {m.text}"))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith(LOCAL)
                else errors.append(f"request leaves the machine: {r.url}")
            ),
        )
        page.on(
            "response", lambda r: errors.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )
        page.goto(url)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not errors, errors


@contextmanager
def _serve(*options: str) -> Iterator[str]:
    """Run ``twoborders serve`` on a free port; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "viz.cli", "serve", "--port", str(port), "--no-open", *options]
    command = [sys.executable, *words]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if str(port) in line:
                break
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of stores of the served screen."""
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="session")
def screen(stores: Path) -> Iterator[str]:
    """The address of the screen, which is served once for all tests."""
    with _serve("--stores", str(stores)) as address:
        yield address


@pytest.fixture
def assert_fits() -> Callable[..., None]:
    """Check that a page is not wider than the screen."""

    def check(page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"the page is {wide} pixels wider than the screen"

    return check
