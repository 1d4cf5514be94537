"""A real Chromium, in which a foreign request, an error or a failed response fails the test."""

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
from tests.screen.waiting import PATIENCE
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
    """Return a folder and the local address that serves its files."""
    handler = functools.partial(_QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def errors() -> list[str]:
    """Collect the errors of all pages in a test."""
    return []


def _watched(page, errors: list[str]):
    """Collect the errors of a page; a failed test prints the page's console."""

    def note(is_error: bool, text: str) -> None:
        errors.extend([text] * is_error)

    page.set_default_timeout(PATIENCE)
    page.on("console", lambda m: print(f"{m.type}: {m.text}"))
    page.on("console", lambda m: note(m.type == "error", m.text))
    page.on("pageerror", lambda e: note(True, str(e)))
    page.on("request", lambda r: note(not r.url.startswith(LOCAL), f"not on this machine: {r.url}"))
    page.on("response", lambda r: note(r.status >= 400, f"{r.status} {r.url}"))
    return page


@pytest.fixture(scope="session")
def reused_page(browser, errors: list[str]):
    """Return the first page of each test, whose process has compiled the screen's scripts."""
    return _watched(browser.new_page(), errors)


@pytest.fixture
def open_page(browser, reused_page, errors: list[str]):
    """Return a function that opens pages; errors in them fail the test at its end.

    The first page of a test is the reused page, unless the test requires a fresh page or context
    options.
    """
    contexts, free = [], [reused_page]

    def open_at(url: str, width: int, height: int, fresh: bool = False, **more: object):
        if free and not fresh and not more:
            page = free.pop()
        else:
            contexts.append(browser.new_context(**more))
            page = _watched(contexts[-1].new_page(), errors)
        if "viewport" not in more:
            page.set_viewport_size({"width": width, "height": height})
        page.goto(url)
        return page

    yield open_at
    for context in contexts:
        context.close()
    reused_page.emulate_media(reduced_motion="null")
    reused_page.mouse.move(0, 0)
    reused_page.goto("about:blank")
    reused_page.context.clear_cookies()
    messages = errors.copy()
    errors.clear()
    assert not messages


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
        server.wait(180)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the stores of the served screen."""
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="session")
def screen(stores: Path) -> Iterator[str]:
    """Return the address of the screen, which one server provides for all tests."""
    with _serve("--stores", str(stores)) as address:
        yield address


@pytest.fixture
def assert_fits() -> Callable[..., None]:
    """Return a function that checks that a page is not wider than the screen."""

    def check(page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"the page is {wide} pixels wider than the screen"

    return check
