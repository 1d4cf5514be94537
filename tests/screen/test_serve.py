"""The server of the screen in a separate process with a hostile environment."""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUB = Path(__file__).with_name("stub.py")
SLOW = 240.0  # seconds on a busy machine
TIMEOUT = 9.0  # Solara tries to load a missing file for seven seconds
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
# Runs the server and prints every attempt to connect to another machine.
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
    """A running server: its process, its port, and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def stop(self, sign: int = signal.SIGINT) -> int:
        self.process.send_signal(sign)
        return self.process.wait(60)


def launch(folder: Path, *words: str, command: bool = False) -> Server:
    """Start a server and wait until it prints its address."""
    log = folder / "log.txt"
    start = [sys.executable, "-c", START]
    if command:
        program = os.environ.get("TWOBORDERS_COMMAND", Path(sys.executable).with_name("twoborders"))
        start = [str(program), "serve", "--port", "0"]
    with log.open("wb") as err:
        process = subprocess.Popen([*start, *words], stderr=err, cwd=ROOT, env=os.environ | HOSTILE)
    end = time.monotonic() + SLOW
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"is at http://127\.0\.0\.1:(\d+)/", log.read_text()):
            return Server(process, int(found[1]), log)
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"no server: {log.read_text()}")


def checked(served: Server) -> Iterator[Server]:
    """Yield the server; then stop it and check its output."""
    try:
        yield served
        assert served.stop() == 130
        lines = served.printed.splitlines()
        assert lines[-1] == "the screen is closed" and "Traceback" not in served.printed, (
            served.printed
        )
        assert not [line for line in lines if line.startswith("LEAVES")], served.printed
    finally:
        served.process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from checked(launch(tmp_path_factory.mktemp("served"), str(STUB), "60", "600", "alone"))


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with short timeouts for silent and aborted pages."""
    yield from checked(launch(tmp_path_factory.mktemp("hasty"), str(STUB), "4", "3", "alone"))


@pytest.fixture
def open_checked(browser: Any) -> Iterator[Any]:
    """Open pages; errors in them and foreign requests fail the test."""
    errors: list[str] = []
    contexts: list[Any] = []

    def open_at(url: str) -> Any:
        contexts.append(context := browser.new_context())
        context.set_default_timeout(SLOW * 1000)
        page = context.new_page()
        own = re.match(r"http://[^/]*", url)
        assert own
        inside = (own[0], own[0].replace("http", "ws", 1), f"blob:{own[0]}", "data:")
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith(inside) else errors.append(f"leaves the machine: {r.url}")
            ),
        )
        page.on(
            "websocket",
            lambda w: (
                None if w.url.startswith(inside) else errors.append(f"leaves the machine: {w.url}")
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


def get(served: Server, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a response; headers replace the default ones."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=SLOW)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in ({"Host": served.host} | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def handshake(served: Server, kernel: str, **headers: str) -> tuple[int, socket.socket]:
    """Request a websocket as a browser does, with additional headers."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=SLOW)
    sent = {
        "Host": served.host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    } | headers
    path = f"/jupyter/api/kernels/{kernel}/channels?session_id=page"
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return int(connection.recv(4096).split()[1]), connection


def listens_at(port: int) -> set[str]:
    """The local addresses that listen at a port, read from the kernel."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and int(address.split(":")[1], 16) == port:
                found.add(address.split(":")[0])
    return found


# ---- a page --------------------------------------------------------------------------------------


def test_the_page_appears_without_a_network_and_works(served: Server, open_checked: Any):
    page = open_checked(served.url)
    page.wait_for_selector("#drawn")
    page.click(".count")
    page.wait_for_selector("text=back 1")
    page.wait_for_timeout(TIMEOUT * 1000)
    assert page.inner_text("#drawn") == "drawn 1"
    assert page.evaluate("getComputedStyle(document.querySelector('#drawn')).color") == (
        "rgb(0, 114, 178)"
    )


def test_two_visitors_have_separate_states(served: Server, open_checked: Any):
    one, other = open_checked(served.url), open_checked(served.url)
    one.wait_for_selector("#drawn")
    one.click(".count")
    one.wait_for_selector("text=back 1")
    other.wait_for_selector("text=back 0")
    assert other.inner_text(".count").lower() == "clicked 0"


def test_an_injected_script_does_not_run(served: Server, browser: Any):
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.url, timeout=SLOW * 1000)
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.broken = 1"; document.body.append(script);
        const image = document.createElement("div");
        image.innerHTML = "<img src=/nothing.png onerror='window.broken = 1'>";
        document.body.append(image); }""")
    page.wait_for_timeout(1000)
    assert page.evaluate("window.broken") is None
    context.close()


def test_the_page_cannot_be_framed_and_has_a_policy(served: Server):
    status, headers, body = get(served)
    assert status == 200 and b"<title>Two Borders</title>" in body
    assert b"solara.dev" not in body and b"jsdelivr" not in body
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "HttpOnly" in headers["set-cookie"] and "server" not in headers
    assert headers["cache-control"] == "no-store"


def test_a_missing_asset_is_refused_at_once_and_no_asset_is_deleted(served: Server):
    (folder,) = re.findall(rb'src="(/_solara/cdn/requirejs@[\d.]+)/require.js"', get(served)[2])
    began = time.monotonic()
    for path in ("/_solara/cdn/x@1.0.0/x.js", "/_solara/cdn/@widgetti", folder.decode()):
        assert get(served, path)[0] == 404
    assert time.monotonic() - began < 6.0
    assert get(served, f"{folder.decode()}/require.js")[0] == 200


# ---- accepted requests ---------------------------------------------------------------------------


def test_the_environment_does_not_change_where_it_listens(served: Server):
    if not Path("/proc/net/tcp").exists():
        pytest.skip("this check reads a file of Linux")
    assert listens_at(served.port) == {"0100007F"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "0.0.0.0"])
def test_a_foreign_host_is_refused(served: Server, host: str):
    host = host.format(port=served.port)
    assert get(served, Host=host)[0] == 403
    assert handshake(served, "foreign-host", Host=host, Origin=f"http://{host}")[0] == 403


def test_only_the_own_origin_gets_a_websocket(served: Server):
    for origin in ("http://evil.example", "null", f"http://localhost:{served.port}"):
        assert handshake(served, "foreign-origin", Origin=origin)[0] == 403
    status, connection = handshake(served, "own-origin", Origin=f"http://{served.host}")
    assert status == 101
    connection.close()
    assert get(served, Origin="http://evil.example")[0] == 403


def test_a_page_of_another_site_cannot_open_a_websocket(served: Server, site: Any, browser: Any):
    folder, address = site
    (folder / "evil.html").write_text("<p>evil")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/evil.html")
    ended = page.evaluate(
        """url => new Promise(done => { const socket = new WebSocket(url);
            socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""",
        f"ws://{served.host}/jupyter/api/kernels/k/channels?session_id=p",
    )
    assert ended == "refused"
    context.close()


# ---- visitors who leave --------------------------------------------------------------------------


def counts(open_checked: Any, served: Server) -> list[int]:
    """Other visitors, running worlds, and runs stopped by the server."""
    page = open_checked(served.url)
    here, running, stopped = map(int, re.findall(r"\d+", page.inner_text(".running")))
    page.goto("about:blank")
    return [here - 1, running, stopped]


def until(condition: Any, seconds: float) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not reached"
        time.sleep(0.5)


def test_runs_of_silent_and_aborted_pages_are_stopped(hasty: Server, open_checked: Any):
    silent = open_checked(hasty.url)
    silent.click(".start")
    until(
        lambda: counts(open_checked, hasty) == [1, 0, 1], SLOW
    )  # still a visitor, but the run is stopped
    silent.goto("about:blank")
    until(
        lambda: counts(open_checked, hasty)[0] == 0, SLOW
    )  # a closed page is reported by the browser
    dead = open_checked(f"{hasty.url}?solara-no-close-beacon")
    dead.click(".start")
    dead.goto("about:blank")  # without a report
    until(lambda: counts(open_checked, hasty) == [0, 0, 2], SLOW)


def test_a_page_that_loses_its_place_says_so(tmp_path: Path, browser: Any):
    served = launch(tmp_path, str(STUB), "60", "600", "alone", "1")
    context = browser.new_context()
    context.set_default_timeout(SLOW * 1000)
    silent, other = context.new_page(), context.new_page()
    try:
        silent.goto(f"{served.url}?view=1")
        silent.wait_for_selector("#drawn")
        silent.wait_for_timeout(1500)
        other.goto(served.url)
        silent.wait_for_selector("text=went to a new visitor")
        other.wait_for_selector("#drawn")
        other.wait_for_timeout(1500)
        silent.go_back()  # the other page has been silent meanwhile
        silent.wait_for_selector("#drawn")
        assert silent.url.endswith("?view=1")
        context.close()
        assert served.stop() == 130 and "rror" not in served.printed, served.printed
    finally:
        served.process.kill()


# ---- the command ---------------------------------------------------------------------------------


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viz.cli", "serve", *words],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        cwd=ROOT,
        timeout=SLOW,
        check=False,
    )


def test_the_command_shows_the_screen_without_a_network(tmp_path: Path, open_checked: Any):
    served = launch(tmp_path, "--no-open", command=True)
    try:
        page = open_checked(served.url)
        page.wait_for_selector("h1")
        page.wait_for_timeout(TIMEOUT * 1000)
        assert "not a forecast" in page.inner_text("body")
        page.close()
        assert served.stop() == 130 and served.printed.splitlines()[-1] == "the screen is closed"
        assert len(served.printed.splitlines()) == 2, served.printed
    finally:
        served.process.kill()


def test_without_the_assets_the_error_names_the_extra(tmp_path: Path):
    done = command("--port", "0", "--no-open", SOLARA_ASSETS_PROXY_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "uv run --extra screen twoborders serve" in done.stderr


def test_a_port_in_use_is_reported_in_one_line(served: Server):
    done = command("--port", str(served.port))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert f"port {served.port} is not available" in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_at_once_with_pages_open(tmp_path: Path, browser: Any, sign: int):
    one = launch(tmp_path, str(STUB), "60", "600", "alone")
    context = browser.new_context()
    page = context.new_page()
    page.goto(one.url, timeout=SLOW * 1000)
    page.wait_for_selector("#drawn", timeout=SLOW * 1000)
    page.click(".start")
    assert one.stop(sign) == 128 + sign
    assert "Traceback" not in one.printed and "rror" not in one.printed, one.printed
    context.close()


def test_a_shared_screen_opens_at_its_network_address(tmp_path: Path, open_checked: Any):
    served = launch(tmp_path, str(STUB), "60", "600", "share")
    try:
        until(lambda: "warning: every machine that reaches" in served.printed, SLOW)
        found = re.search(r"in this network at (http://([\d.]+:\d+)/)", served.printed)
        if not found:
            pytest.skip("this machine is in no network")
        page = open_checked(found[1])
        page.wait_for_selector("#drawn")
        page.click(".count")
        page.wait_for_selector("text=back 1")
        assert get(served, Host="evil.example")[0] == 403
        assert (
            get(served, Host=found[2])[0] == 403
        )  # requested at 127.0.0.1, which has another name
        page.close()
        assert served.stop() == 130
    finally:
        served.process.kill()
