"""The server of the screen in a separate process with a hostile environment."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.screen.conftest import ROOT

STUB = Path(__file__).with_name("stub.py")
SLOW = 240.0  # seconds, enough for a busy machine
TIMEOUT = 9.0  # seconds; Solara tries to load a missing file for seven
HOSTILE = {
    "HOST": "0.0.0.0",
    "SOLARA_HOST": "0.0.0.0",
    "PORT": "1",
    "SOLARA_MODE": "development",
    "SOLARA_ASSETS_PROXY": "false",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "true",
    "SOLARA_KERNEL_CULL_TIMEOUT": "24h",
    "SOLARA_APP": "nothing",
    "VSCODE_PID": "1",
}
# This program runs the server and prints every attempt to connect to another machine.
START = """
import sys
def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        place = str(args[0])
    elif event == "socket.connect" and isinstance(args[1], tuple):
        place = str(args[1][0])
    else:
        return
    if place not in ("127.0.0.1", "::1", "localhost", "None"):
        print("LEAVES", event, place, file=sys.stderr, flush=True)
sys.addaudithook(watch)
from viz.screen.session import visitors
from viz.server.serve import ServeOptions, serve
app, cull, silence, share, *most = sys.argv[1:]
caps = dict(cull=float(cull), silence=float(silence))
if most:
    caps |= dict(visitors=int(most[0]), idle=1.0)
visitors.ALONE, visitors.CLASS = visitors.Caps(**caps), visitors.Caps(**caps)
visitors._EVERY = 0.5
options = ServeOptions(port=0, share=share == "share", app=app)
sys.exit(serve(options))
"""


@dataclass
class Server:
    """A running server: its process, its port and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def stop(self, sign: int = signal.SIGINT) -> int:
        self.process.send_signal(sign)
        return self.process.wait(SLOW)


#: The command whose screen is opened, for example from an environment with the lowest versions.
PROGRAM = os.environ.get("TWOBORDERS_COMMAND", str(Path(sys.executable).with_name("twoborders")))


@contextmanager
def running(
    folder: Path, *words: str, sign: int = signal.SIGINT, start: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Run a server, stop it with a signal at the end, and check its exit code and output."""
    log = folder / "log.txt"
    command = [*(start or (sys.executable, "-c", START, str(STUB))), *words]
    with log.open("wb") as err:
        process = subprocess.Popen(command, stderr=err, cwd=ROOT, env=os.environ | HOSTILE)
    try:
        end, address = time.monotonic() + SLOW, None
        while address is None and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
            address = re.search(r"is at http://127\.0\.0\.1:(\d+)/", log.read_text())
        assert address is not None, f"no server: {log.read_text()}"
        server = Server(process, int(address[1]), log)
        yield server
        assert server.stop(sign) == 128 + sign
        lines = server.printed.splitlines()
        assert lines[-1] == "the screen is closed" and "Traceback" not in server.printed
        leaves = [line for line in lines if line.startswith("LEAVES")]
        assert not leaves or "share" in words, server.printed
    finally:
        process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("served"), "60", "600", "alone") as server:
        yield server


@pytest.fixture
def visit(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a page and waits for its widget.

    Errors in the page and foreign requests fail the test.
    """

    def go(url: str) -> Any:
        page = open_page(url, 1280, 800)
        page.wait_for_selector("#drawn", timeout=SLOW * 1000)
        return page

    return go


def get(served: Server, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return a response's status, headers and body; given headers replace the default ones."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=SLOW)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in ({"Host": f"127.0.0.1:{served.port}"} | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    status, sent = answer.status, {k.lower(): v for k, v in answer.getheaders()}
    return status, sent, answer.read() if status != 101 else b""


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + SLOW
    while not condition():
        assert time.monotonic() < end, "the condition was not reached"
        time.sleep(1.5)  # Some conditions open a page.


def test_the_page_works_without_a_network_and_visitors_have_separate_states(
    served: Server, visit: Callable[..., Any]
):
    page, other = visit(served.url), visit(served.url)
    page.click(".count")
    page.wait_for_selector("text=back 1")
    page.wait_for_timeout(TIMEOUT * 1000)
    assert page.inner_text("#drawn") == "drawn 1"
    assert page.locator("#drawn").evaluate("(node) => getComputedStyle(node).color") == (
        "rgb(0, 114, 178)"
    )
    assert other.inner_text(".count").lower() == "clicked 0"


def test_the_command_shows_the_screen(tmp_path: Path, open_page: Callable[..., Any]):
    with running(tmp_path, start=(PROGRAM, "serve", "--port", "0", "--no-open")) as served:
        page = open_page(served.url, 1280, 800)
        page.wait_for_selector("text=not a forecast", timeout=SLOW * 1000)
        page.goto("about:blank")


def test_an_injected_script_does_not_run(served: Server, browser: Any):
    page = browser.new_page()
    page.goto(served.url, timeout=SLOW * 1000)
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.broken = 1"; document.body.append(script);
        const image = document.createElement("div");
        image.innerHTML = "<img src=/nothing.png onerror='window.broken = 1'>";
        document.body.append(image); }""")
    page.wait_for_timeout(1000)
    assert page.evaluate("window.broken") is None
    page.close()


def test_a_missing_asset_is_refused_at_once_and_no_asset_is_deleted(served: Server):
    status, headers, body = get(served)
    assert status == 200 and "frame-ancestors 'none'" in headers["content-security-policy"]
    (folder,) = re.findall(rb'src="(/_solara/cdn/requirejs@[\d.]+)/require.js"', body)
    began = time.monotonic()
    for path in ("/_solara/cdn/x@1.0.0/x.js", "/_solara/cdn/@widgetti", folder.decode()):
        assert get(served, path)[0] == 404
    assert time.monotonic() - began < 6.0
    assert get(served, f"{folder.decode()}/require.js")[0] == 200


def test_runs_of_silent_and_aborted_pages_are_stopped(tmp_path: Path, visit: Callable[..., Any]):
    with running(tmp_path, "4", "3", "alone") as hasty:
        watcher = visit(hasty.url)

        def counts() -> list[int]:
            """Return the numbers of other visitors, running worlds, and runs that were stopped."""
            watcher.goto(hasty.url)
            here, worlds, stopped = map(int, re.findall(r"\d+", watcher.inner_text(".running")))
            watcher.goto("about:blank")
            return [here - 1, worlds, stopped]

        counts()  # The page that watches leaves.

        silent = visit(hasty.url)
        silent.click(".start")
        until(lambda: counts() == [1, 0, 1])  # The visitor remains, but the run is stopped.
        silent.goto("about:blank")
        until(lambda: counts()[0] == 0)  # The browser reports a closed page.
        dead = visit(f"{hasty.url}?solara-no-close-beacon")
        dead.click(".start")
        dead.goto("about:blank")  # The browser reports nothing.
        until(lambda: counts() == [0, 0, 2])


def test_a_page_that_loses_its_place_says_so(tmp_path: Path, browser: Any):
    with running(tmp_path, "60", "600", "alone", "1", sign=signal.SIGTERM) as served:
        context = browser.new_context()
        context.set_default_timeout(SLOW * 1000)
        silent, other = context.new_page(), context.new_page()
        silent.goto(f"{served.url}?view=1")
        silent.wait_for_selector("#drawn")
        silent.wait_for_timeout(1500)
        other.goto(served.url)
        silent.wait_for_selector("text=went to a new visitor")
        other.wait_for_selector("#drawn")
        other.wait_for_timeout(1500)
        silent.go_back()  # Meanwhile, the other page has been silent.
        silent.wait_for_selector("#drawn")
        assert silent.url.endswith("?view=1")
        silent.click(".start")  # The server stops at once although pages are open.
    context.close()


def test_a_shared_screen_opens_at_its_network_address(tmp_path: Path, browser: Any):
    with running(tmp_path, "60", "600", "share") as served:
        until(lambda: "warning: every machine that reaches" in served.printed)
        address = re.search(r"in this network at (http://([\d.]+:\d+)/)", served.printed)
        if not address:
            pytest.skip("this machine is in no network")
        page = browser.new_page()
        page.goto(address[1])
        page.click(".count", timeout=SLOW * 1000)
        page.wait_for_selector("text=back 1")
        # The request goes to 127.0.0.1, which has another name.
        assert get(served, Host=address[2])[0] == get(served, Host="evil.example")[0] == 403
        page.close()
