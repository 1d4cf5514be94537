"""Hostile clients attack a real server on the loopback, which is shared in a network.

The server listens on 127.0.0.1 and 127.0.0.2. The hostile client and the guest have different
addresses. The guest must be able to open the screen at any time. `tests/unit/viz/test_guard.py`
has the hosts and origins that an unshared server refuses.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pytest

from benchmarks.served import ServerProcess
from benchmarks.wire import HeadlessPage, format_message

ROOT = Path(__file__).resolve().parents[2]
GUEST, STRANGER = "127.0.0.1", "127.0.0.3"
PATIENCE = 180  # seconds


class Lines:
    """The error output of a server, as a file that records the lines read from it."""

    def __init__(self, file: IO[str]) -> None:
        self.read_lines: list[str] = []
        self._file = file

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.read_lines.append(line)
            yield line

    def read(self) -> str:
        return "".join(self)


@dataclass
class Server:
    """A running server; clients connect to `at`."""

    process: subprocess.Popen[str]
    usage: ServerProcess
    at: str
    printed: list[str]

    @property
    def port(self) -> int:
        return int(self.usage.url.rpartition(":")[2])

    @property
    def name(self) -> str:
        return f"{self.at}:{self.port}"

    def connect(self, source: str = STRANGER) -> socket.socket:
        return socket.create_connection((self.at, self.port), PATIENCE, (source, 0))

    def send(self, data: bytes, source: str = STRANGER) -> bytes:
        """Send bytes; return the response until its header is complete."""
        with self.connect(source) as client:
            client.settimeout(PATIENCE)
            answer = b""
            with contextlib.suppress(OSError):
                client.sendall(data)
                while b"\r\n\r\n" not in answer and (part := client.recv(65536)):
                    answer += part
            return answer

    def get(
        self, path: str = "/", source: str = GUEST, method: str = "GET", **headers: str
    ) -> tuple[int, bytes]:
        """Request a path; return status and body."""
        connection = http.client.HTTPConnection(self.at, self.port, PATIENCE, (source, 0))
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in ({"Host": self.name, "Content-Length": "0"} | headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def handshake(
        self, source: str = STRANGER, kernel: str = "", **headers: str
    ) -> tuple[int, socket.socket]:
        """Begin a websocket; return the status and the open connection."""
        client = self.connect(source)
        given = {"Host": self.name, "Origin": f"http://{self.name}"} | headers
        lines = [
            f"GET /jupyter/api/kernels/{kernel or uuid.uuid4()}/channels?session_id=s HTTP/1.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "Cookie: solara-session-id=s",
            *(f"{name}: {value}" for name, value in given.items() if value),
        ]
        client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        first = b""  # Read the header alone, because a message may follow at once.
        while not first.endswith(b"\r\n\r\n") and (byte := client.recv(1)):
            first += byte
        return int(first.split(b" ", 2)[1]), client


def run_server(*options: str) -> Iterator[Server]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    words = [sys.executable, "-m", "benchmarks.served", *options]
    process = subprocess.Popen(words, text=True, cwd=ROOT, **pipes)
    try:
        lines = Lines(cast("IO[str]", process.stderr))
        process.stderr = cast("IO[str]", lines)
        at = "127.0.0.2" if options else "127.0.0.1"
        yield Server(process, ServerProcess(process), at, lines.read_lines)
        assert not [line for line in lines.read_lines if "Traceback" in line or str(ROOT) in line]
    finally:
        process.terminate()
        assert process.wait(6) == 143, "a server ends within five seconds of SIGTERM"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from run_server("share")


@pytest.fixture(autouse=True)
def guest_is_served(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check after every attack on a shared server that the guest can still open the page."""
    shared = request.getfixturevalue("server") if "server" in request.fixturenames else None
    yield
    if shared:
        status, page = shared.get()
        assert status == 200 and b"<html" in page


FOREIGN = (
    *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1", "[::1]"),
    *("0x7f000001", "2130706433", "127.1"),
)


ORIGINS = ("null", "http://evil.example", "https://127.0.0.1", "file://")


def test_a_rebinding_name_and_a_page_of_another_site_read_nothing(server: Server):
    names = [f"{name}:{server.port}" for name in FOREIGN]
    given = [{"Host": name, "Origin": f"http://{name}"} for name in names]
    for headers in given + [{"Origin": origin} for origin in ORIGINS]:
        assert server.get(**headers)[0] == 403, headers
        status, client = server.handshake(**headers)
        client.close()
        assert status == 403, headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/public/..%2f..%2f..%2fpyproject.toml",
        "/_solara/cdn/..%2f..%2f..%2fetc/passwd",
        "/_solara/cdn/%5c..%5c..%5cetc/passwd",
        "/_solara/cdn//etc/passwd",
        "/jupyter/nbextensions/..%2f..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/static/assets/%00.js",
    ],
)
def test_no_file_outside_the_assets_is_read(server: Server, path: str):
    status, body = server.get(path, source=STRANGER)
    assert b"root:" not in body and b"[project]" not in body
    assert status in (200, 400, 404), "200 is the page itself, whose text holds no file"


def test_oversize_requests_are_refused(server: Server):
    assert server.get("/?" + "a=1&" * 5000, source=STRANGER)[0] == 414
    assert server.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000).startswith(b"HTTP/1.1 400")
    post = (
        f"POST /_solara/api/close/k?session_id=s HTTP/1.1\r\nHost: {server.name}\r\n"
        "Content-Length: 2000000\r\n\r\n"
    )
    assert server.send(post.encode()).startswith(b"HTTP/1.1 413")


def test_half_sent_requests_of_one_client_do_not_refuse_others(server: Server):
    half = f"GET / HTTP/1.1\r\nHost: {server.name}\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(630):
            stack.enter_context(server.connect()).sendall(half)
        assert server.get()[0] == 200


def test_many_websockets_of_one_client_do_not_refuse_others(server: Server):
    with contextlib.ExitStack() as stack:
        answers = []
        for _ in range(100):
            status, client = server.handshake()
            stack.enter_context(client)
            answers.append(status)
        assert answers.count(101) == 32 and set(answers) == {101, 503}
        assert server.get()[0] == 200
        status, client = server.handshake(GUEST)
        stack.enter_context(client)
        assert status == 101


def test_places_of_dropped_pages_are_free(server: Server, monkeypatch: pytest.MonkeyPatch):
    from websockets.asyncio import client

    of_stranger = functools.partial(client.connect, local_addr=(STRANGER, 0))
    monkeypatch.setattr(client, "connect", of_stranger)

    async def drop() -> None:
        for _ in range(45):
            page = HeadlessPage(f"http://{server.name}")  # The start card builds no model.
            await page.open()
            while not page.messages:
                await asyncio.sleep(0.01)
            await page.abort()

    asyncio.run(drop())
    monkeypatch.undo()
    visit(server)


def test_malformed_frames_close_only_their_own_websocket(server: Server):
    rng = random.Random(7)
    for _ in range(20):
        status, client = server.handshake()
        with client, contextlib.suppress(OSError):
            assert status == 101
            client.sendall(rng.randbytes(rng.choice((1, 2, 9, 500, 70_000))))
            client.settimeout(0.05)
            client.recv(1000)


MESSAGE = {"channel": "shell", "buffers": [], "metadata": {}, "parent_header": {}}
HEADER = {"msg_id": "1", "session": "s", "username": "", "version": "5.2", "date": ""}
WIDGET = format_message(
    "comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": {}}}, "s"
)
NOT_OF_A_PAGE = (
    "{",
    "\0" * 100,
    '{"content": {"comm_id": 5}}',
    "[]",
    "5",
    '{"header": 1}',
    "[" * 50_000,
    json.dumps(MESSAGE | {"header": HEADER}),
    json.dumps(MESSAGE | {"header": HEADER | {"msg_type": "execute_request"}, "content": {}}),
    json.dumps(MESSAGE | {"header": HEADER | {"msg_type": "comm_msg"}, "content": {}}),
    json.dumps(MESSAGE | {"header": HEADER | {"msg_type": "comm_open"}, "content": [1]}),
    WIDGET,
    b"",
    b"\x7f\xff\xff\xff" + b"x" * 30,
    b"\0\0\0\1\0\0\0\x08{",
    "x" * (2**21 + 10),
)


def test_messages_that_no_page_sends_print_at_most_one_line_each(server: Server):
    from websockets.exceptions import ConnectionClosed

    before = len(server.printed)

    async def send(data: str | bytes) -> None:
        page = HeadlessPage(f"http://{server.name}")
        await page.connect()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            await page._socket.send(data)
            async with asyncio.timeout(2):  # Solara ignores some of these messages.
                async for _ in page._socket:
                    pass
        await page.abort()

    async def go() -> None:
        await asyncio.gather(*map(send, NOT_OF_A_PAGE))

    asyncio.run(go())
    lines = server.printed[before:]
    assert len(lines) <= len(NOT_OF_A_PAGE)
    assert all(line.startswith("error: ") for line in lines)


def test_another_session_can_neither_close_nor_join_a_page(server: Server):
    before = len(server.printed)

    async def go() -> None:
        page = HeadlessPage(f"http://{server.name}", "?scale=1000&days=30")
        await page.open()
        await asyncio.wait_for(page.wait_ready(), PATIENCE)
        close = f"/_solara/api/close/{page._kernel}?session_id=other"
        assert (await asyncio.to_thread(server.get, close, method="POST"))[0] == 500
        _, client = await asyncio.to_thread(server.handshake, kernel=page._kernel)
        with client:
            client.settimeout(PATIENCE)
            received = b"".join(iter(lambda: client.recv(65536), b""))
        assert b"Session id mismatch" in received and b"comm_" not in received
        await page.click_run()
        while not page.drawn:
            await asyncio.sleep(0.05)
        await page.close()

    asyncio.run(asyncio.wait_for(go(), 300))
    assert all(line.startswith("error: ") for line in server.printed[before:])


UNFIT = (None, -1, 2**52, "x", True, ["x", 2], [{"a": 1}], {"a": {"b": [1]}}, [None], {})


def test_values_of_the_wrong_type_end_at_most_their_own_page(server: Server):
    """Every trait that a page can set gets every value, including NaN and huge numbers."""
    from websockets.exceptions import ConnectionClosed

    before = len(server.printed)

    async def go() -> None:
        page = HeadlessPage(f"http://{server.name}", "?scale=1000&days=30")
        await page.open()
        await asyncio.wait_for(page.wait_ready(), PATIENCE)
        with contextlib.suppress(ConnectionClosed):
            for widget, state in list(page.widgets.items()):
                for name in {"v_model", "selected", "selection", "pressed", "ack", "show"} & set(
                    state
                ):
                    for value in (*UNFIT, float("nan"), 10**30):
                        await page._update(widget, **{name: value})
                await page._send_data(widget, {"method": "custom", "content": [1]})
        assert "Traceback" not in str(page.widgets) and str(ROOT) not in str(page.widgets)
        await page.close()

    asyncio.run(asyncio.wait_for(go(), 300))
    visit(server)
    assert [line for line in server.printed[before:] if not line.startswith("error: ")] == []


def visit(server: Server) -> None:
    """Open Compare until it can run, then close it as a browser does."""

    async def go() -> None:
        page = HeadlessPage(f"http://{server.name}", "?page=compare")
        await page.open()
        await asyncio.wait_for(page.wait_ready(), PATIENCE)
        await page.close()

    asyncio.run(go())


def test_a_server_ends_although_visitors_run_and_hold_connections():
    """This server ends by SIGINT; all other servers of these tests end by SIGTERM."""
    servers = run_server()
    server = next(servers)

    async def go() -> None:
        page = HeadlessPage(f"http://{server.name}", "?scale=100")
        await page.open()
        await asyncio.wait_for(page.wait_ready(), PATIENCE)
        await page.click_run()
        half, unread = server.connect(), server.connect()
        half.sendall(b"GET / HTTP/1.1\r\n")
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        (script,) = re.findall(rb'src="(/_solara/cdn/[^"]*vuetify-app8.min.js)', server.get()[1])
        request = f"GET {script.decode()} HTTP/1.1\r\nHost: {server.name}\r\n\r\n"
        for _ in range(40):
            unread.sendall(request.encode())
        await asyncio.sleep(0.5)
        os.kill(server.process.pid, signal.SIGINT)
        assert await asyncio.to_thread(server.process.wait, 6) == 128 + signal.SIGINT
        half.close()
        unread.close()
        await page.abort()

    asyncio.run(go())
    with contextlib.suppress(AssertionError):
        next(servers, None)
    assert "Traceback" not in "".join(server.printed)
