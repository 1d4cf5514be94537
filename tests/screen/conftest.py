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
from typing import TYPE_CHECKING

import pytest

from benchmarks.browser import FLAGS
from tests.screen.waiting import PATIENCE
from tests.screen.widget_page import open_widgets

if TYPE_CHECKING:
    from playwright.sync_api import Page

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


@pytest.fixture(scope="session")
def reused_page(browser) -> Page:
    """A page that each test opens first: its process has compiled the scripts of the screen."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    return page


@pytest.fixture
def open_page(browser, reused_page: Page):
    """Open pages; errors in them fail the test at its end. A failed test prints their console.

    The first page of a test is the reused one, unless the test asks for a fresh page or for options
    of a context.
    """
    errors: list[str] = []
    contexts = []

    def on_console(message) -> None:
        print(f"{message.type}: {message.text}")
        if message.type == "error":
            errors.append(message.text)

    def on_page_error(error) -> None:
        errors.append(str(error))

    def on_request(request) -> None:
        if not request.url.startswith(LOCAL):
            errors.append(f"request leaves the machine: {request.url}")

    def on_response(response) -> None:
        if response.status >= 400:
            errors.append(f"{response.status} {response.url}")

    listeners = {"console": on_console, "pageerror": on_page_error}
    listeners |= {"request": on_request, "response": on_response}
    free = [reused_page]

    def open_at(url: str, width: int, height: int, fresh: bool = False, **more: object):
        size = {"width": width, "height": height}
        if free and not fresh and not more:
            page = free.pop()
            page.set_viewport_size(size)
        else:
            context = browser.new_context(**({"viewport": size} | more))
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
            page = context.new_page()
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(url)
        return page

    yield open_at
    for context in contexts:
        context.close()
    if not free:
        reused_page.emulate_media(reduced_motion="null")
        reused_page.mouse.move(0, 0)
        reused_page.goto("about:blank")
        reused_page.context.clear_cookies()
        for event, listener in listeners.items():
            reused_page.remove_listener(event, listener)
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
        server.wait(180)


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
