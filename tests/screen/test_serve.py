"""The server of the screen as a process of its own, in an environment that means it no good."""

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
SLOW = 240.0  # seconds on a machine that has other things to do
NEVER = 9.0  # Solara looks for a missing file for seven seconds before it gives up
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
# Runs the server and says whenever something would leave the machine.
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
from viz import visit
from viz.cli.shell import guarded
from viz.server.serve import ServeOptions, serve
app, cull, silence, share = sys.argv[1:]
caps = dict(cull=float(cull), silence=float(silence))
visit.ALONE, visit.CLASS = visit.Caps(**caps), visit.Caps(**caps)
visit._EVERY = 0.5
asked = ServeOptions(port=0, share=share == "share", app=app)
sys.exit(guarded(lambda: serve(asked)))
"""

pytestmark = pytest.mark.xdist_group("screen")


@dataclass
class Served:
    """A server that runs: its process, where it is, and what it said."""

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
    def said(self) -> str:
        return self.log.read_text()

    def end(self, sign: int = signal.SIGINT) -> int:
        self.process.send_signal(sign)
        return self.process.wait(60)


def launch(folder: Path, *words: str, command: bool = False) -> Served:
    """Start a server and wait until it says where it is."""
    log = folder / "log.txt"
    code = ["-m", "viz.cli", "serve", "--port", "0"] if command else ["-c", START]
    with log.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, *code, *words], stderr=err, cwd=ROOT, env=os.environ | HOSTILE
        )
    end = time.monotonic() + SLOW
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"is at http://127\.0\.0\.1:(\d+)/", log.read_text()):
            return Served(process, int(found[1]), log)
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"no server: {log.read_text()}")


def short(served: Served) -> Iterator[Served]:
    """The server while it is used; in the end it goes without a word too many."""
    try:
        yield served
        assert served.end() == 0
        lines = served.said.splitlines()
        assert lines[-1] == "the screen is closed" and "Traceback" not in served.said, served.said
        assert not [line for line in lines if line.startswith("LEAVES")], served.said
    finally:
        served.process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from short(launch(tmp_path_factory.mktemp("served"), str(STUB), "60", "600", "alone"))


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that has little patience with the dead and the silent."""
    yield from short(launch(tmp_path_factory.mktemp("hasty"), str(STUB), "4", "3", "alone"))


@pytest.fixture
def look(browser: Any) -> Iterator[Any]:
    """Open a page; whatever goes wrong in it, or leaves this machine, fails the test."""
    trouble: list[str] = []
    contexts: list[Any] = []

    def go(url: str) -> Any:
        contexts.append(context := browser.new_context())
        context.set_default_timeout(SLOW * 1000)
        page = context.new_page()
        own = re.match(r"http://[^/]*", url)
        assert own
        inside = (own[0], own[0].replace("http", "ws", 1), f"blob:{own[0]}", "data:")
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith(inside) else trouble.append(f"leaves the machine: {r.url}")
            ),
        )
        page.on(
            "websocket",
            lambda w: (
                None if w.url.startswith(inside) else trouble.append(f"leaves the machine: {w.url}")
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


def get(served: Served, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; `Host` may be said otherwise."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=SLOW)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in ({"Host": served.host} | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def handshake(served: Served, kernel: str, **headers: str) -> tuple[int, socket.socket]:
    """Ask for a websocket as a browser does, with the headers that are given."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=SLOW)
    told = {
        "Host": served.host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    } | headers
    path = f"/jupyter/api/kernels/{kernel}/channels?session_id=page"
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return int(connection.recv(4096).split()[1]), connection


def listens_at(port: int) -> set[str]:
    """The addresses at which this machine listens at a port, as the kernel knows them."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and int(address.split(":")[1], 16) == port:
                found.add(address.split(":")[0])
    return found


# ---- a page ------------------------------------------------------------------------------------


def test_the_page_appears_without_a_network_and_works(served: Served, look: Any):
    page = look(served.url)
    page.wait_for_selector("#drawn")
    page.click(".count")
    page.wait_for_selector("text=back 1")
    page.wait_for_timeout(NEVER * 1000)
    assert page.inner_text("#drawn") == "drawn 1"
    assert page.evaluate("getComputedStyle(document.querySelector('#drawn')).color") == (
        "rgb(0, 114, 178)"
    )


def test_two_visitors_have_each_their_own_state(served: Served, look: Any):
    one, other = look(served.url), look(served.url)
    one.wait_for_selector("#drawn")
    one.click(".count")
    one.wait_for_selector("text=back 1")
    other.wait_for_selector("text=back 0")
    assert other.inner_text(".count").lower() == "clicked 0"


def test_a_script_that_got_into_the_page_does_not_run(served: Served, browser: Any):
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


def test_the_page_may_not_be_framed_and_says_what_it_allows(served: Served):
    status, headers, body = get(served)
    assert status == 200 and b"<title>Two Borders</title>" in body
    assert b"solara.dev" not in body and b"jsdelivr" not in body
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "HttpOnly" in headers["set-cookie"] and "server" not in headers


def test_a_file_that_is_not_there_is_told_at_once_and_none_is_lost(served: Served):
    (folder,) = re.findall(rb'src="(/_solara/cdn/requirejs@[\d.]+)/require.js"', get(served)[2])
    began = time.monotonic()
    for path in ("/_solara/cdn/x@1.0.0/x.js", "/_solara/cdn/@widgetti", folder.decode()):
        assert get(served, path)[0] == 404
    assert time.monotonic() - began < 6.0
    assert get(served, f"{folder.decode()}/require.js")[0] == 200


# ---- who is let in -------------------------------------------------------------------------------


def test_the_environment_does_not_change_where_it_listens(served: Served):
    if not Path("/proc/net/tcp").exists():
        pytest.skip("only Linux tells here what is listened at")
    assert listens_at(served.port) == {"0100007F"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "0.0.0.0"])
def test_a_foreign_host_is_refused(served: Served, host: str):
    host = host.format(port=served.port)
    assert get(served, Host=host)[0] == 403
    assert handshake(served, "foreign-host", Host=host, Origin=f"http://{host}")[0] == 403


def test_a_foreign_origin_gets_no_socket_and_the_own_one_does(served: Served):
    for origin in ("http://evil.example", "null", f"http://localhost:{served.port}"):
        assert handshake(served, "foreign-origin", Origin=origin)[0] == 403
    status, connection = handshake(served, "own-origin", Origin=f"http://{served.host}")
    assert status == 101
    connection.close()
    assert get(served, Origin="http://evil.example")[0] == 403


def test_a_page_of_another_site_cannot_open_a_socket(served: Served, site: Any, browser: Any):
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


# ---- who goes ------------------------------------------------------------------------------------


def counts(look: Any, served: Served) -> list[int]:
    """Visitors besides the one that looks, runs that are played, runs stopped from outside."""
    page = look(served.url)
    here, running, stopped = map(int, re.findall(r"\d+", page.inner_text(".running")))
    page.goto("about:blank")
    return [here - 1, running, stopped]


def until(what: Any, seconds: float) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.5)


def test_whoever_is_silent_or_gone_is_stopped(hasty: Served, look: Any):
    silent = look(hasty.url)
    silent.click(".start")
    until(lambda: counts(look, hasty) == [1, 0, 1], SLOW)  # still here, and no longer played
    silent.goto("about:blank")
    until(lambda: counts(look, hasty)[0] == 0, SLOW)  # a closed tab says farewell
    dead = look(f"{hasty.url}?solara-no-close-beacon")
    dead.click(".start")
    dead.goto("about:blank")  # this one does not
    until(lambda: counts(look, hasty) == [0, 0, 2], SLOW)


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


def test_the_command_shows_the_screen_without_a_network(tmp_path: Path, look: Any):
    served = launch(tmp_path, "--no-open", command=True)
    try:
        page = look(served.url)
        page.wait_for_selector("h1")
        page.wait_for_timeout(NEVER * 1000)
        assert "not a forecast" in page.inner_text("body")
        page.close()
        assert served.end() == 0 and served.said.splitlines()[-1] == "the screen is closed"
        assert len(served.said.splitlines()) == 2, served.said
    finally:
        served.process.kill()


def test_without_the_assets_it_says_what_to_add(tmp_path: Path):
    done = command("--port", "0", "--no-open", SOLARA_ASSETS_PROXY_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "uv run --extra offline twoborders serve" in done.stderr


def test_a_taken_port_is_told_in_one_line(served: Served):
    done = command("--port", str(served.port))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert f"port {served.port} cannot be had" in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_with_pages_open(tmp_path: Path, browser: Any, sign: int):
    one = launch(tmp_path, str(STUB), "60", "600", "alone")
    context = browser.new_context()
    page = context.new_page()
    page.goto(one.url, timeout=SLOW * 1000)
    page.wait_for_selector("#drawn", timeout=SLOW * 1000)
    page.click(".start")
    assert one.end(sign) == (0 if sign == signal.SIGINT else -sign)
    assert "Traceback" not in one.said and "rror" not in one.said, one.said
    context.close()


def test_a_shared_screen_opens_at_the_address_that_pupils_type(tmp_path: Path, look: Any):
    served = launch(tmp_path, str(STUB), "60", "600", "share")
    try:
        until(lambda: "warning: everyone in this network" in served.said, SLOW)
        found = re.search(r"in this network at (http://([\d.]+:\d+)/)", served.said)
        if not found:
            pytest.skip("this machine is in no network")
        page = look(found[1])
        page.wait_for_selector("#drawn")
        page.click(".count")
        page.wait_for_selector("text=back 1")
        assert get(served, Host="evil.example")[0] == 403
        assert get(served, Host=found[2])[0] == 403  # called at 127.0.0.1, which has another name
        page.close()
        assert served.end() == 0
    finally:
        served.process.kill()
