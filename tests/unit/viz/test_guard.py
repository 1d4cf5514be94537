"""Requests that the guard accepts and refuses, called as by an ASGI server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.bench.wire import format_message
from viz.screen.session.headers import content_security_policy, script_hashes
from viz.screen.session.visitors import Caps, VisitorLimits
from viz.server.guard import LOCAL, Guard, Hosts, Pages

HERE, PORT = "127.0.0.1", 8765
SAME = f"{HERE}:{PORT}"
PAGE = b"<html><script>run()</script><script src='/a.js'></script></html>"
SOCKET = "/jupyter/api/kernels/k1/channels"


class Inner:
    """The guarded application: it records requests, returns a page, keeps websockets open."""

    def __init__(self, kind: bytes = b"text/html; charset=utf-8", page: bytes = PAGE) -> None:
        self.calls: list[Any] = []
        self.bodies: list[bytes] = []
        self.kind, self.page = kind, page
        self.release = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await self.release.wait()
        elif scope["type"] == "http":
            self.bodies.append((await receive()).get("body", b""))
            start = {"type": "http.response.start", "status": 200}
            await send({**start, "headers": [(b"content-type", self.kind)]})
            await send({"type": "http.response.body", "body": self.page[:9], "more_body": True})
            await send({"type": "http.response.body", "body": self.page[9:]})


def guarded(
    inner: Inner, *, caps: Caps | None = None, shared: bool = False, visitors: int = 0
) -> Guard:
    limits = VisitorLimits(caps or Caps())
    for k in range(visitors):
        limits.connect(f"here{k}", f"10.0.0.{k}")
        limits.enter(f"here{k}")
    names = LOCAL | {"teacher.local"} if shared else LOCAL
    return Guard(inner, Hosts(port=PORT, names=names, by_address=shared), limits)


def scope_of(kind: str, path: str, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "method": "GET",
        "path": path,
        "query_string": b"session_id=p1",
        "client": (HERE, 50000),
        "server": (HERE, PORT),
        "extensions": {"websocket.http.response": {}},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    } | more


async def _call(guard: Guard, scope: dict[str, Any], parts: list[bytes]) -> list[dict[str, Any]]:
    kind = "websocket.connect" if scope["type"] == "websocket" else "http.request"
    waiting = [{"type": kind, "body": part, "more_body": True} for part in parts]
    waiting[-1]["more_body"] = False
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await guard(scope, receive, send)
    return sent


def call(
    path: str = "/",
    headers: dict[str, str] | None = None,
    *,
    body: tuple[bytes, ...] = (b"",),
    inner: Inner | None = None,
    guard: Guard | None = None,
    **more: Any,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to a request."""
    guard = guard or guarded(inner or Inner())
    scope = scope_of("http", path, {"host": SAME} if headers is None else headers, **more)
    sent = asyncio.run(_call(guard, scope, list(body)))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def open_websocket(
    headers: dict[str, str], *, shared: bool = False, path: str = SOCKET, **more: Any
) -> int:
    """Status of a handshake: 101, or the status of the refusal."""

    async def go() -> list[dict[str, Any]]:
        inner = Inner()
        inner.release.set()
        scope = scope_of("websocket", path, headers, **more)
        return await _call(guarded(inner, shared=shared), scope, [b""])

    first = asyncio.run(go())[0]
    return 101 if first["type"] == "websocket.accept" else first.get("status", 403)


# ---- host and origin -----------------------------------------------------------------------------

FOREIGN_HOSTS = (
    "evil.example",
    f"evil.example:{PORT}",
    f"{HERE}.evil.example:{PORT}",
    f"localhost.evil:{PORT}",
    HERE,
    f"{HERE}:80",
    f"{HERE}:{PORT + 1}",
    f"[::1]:{PORT}",
    f"192.168.1.5:{PORT}",
    "",
    f"{SAME}@evil.example",
    f"{HERE} :{PORT}",
    f"{SAME}:{PORT}",
    f"teacher.local:{PORT}",
)
FOREIGN_ORIGINS = (
    "null",
    "http://evil.example",
    "http://127.0.0.1:9999",
    f"https://{SAME}",
    f"{SAME}",
    f"http://{SAME}.evil.example",
    f"http://{SAME}/",
    f"http://localhost:{PORT}",
    "",
    "file://",
)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(host: str):
    inner = Inner()
    assert call(headers={"host": host}, inner=inner)[0] == 403
    assert open_websocket({"host": host, "origin": f"http://{host}"}) == 403
    assert inner.calls == []


@pytest.mark.parametrize("host", [SAME, f"localhost:{PORT}", f"LOCALHOST:{PORT}"])
def test_local_names_are_accepted(host: str):
    assert call(headers={"host": host})[0] == 200


def test_a_request_without_a_host_or_with_two_is_refused():
    assert call(headers={})[0] == 403
    scope = scope_of("http", "/", {"host": SAME})
    scope["headers"] = scope["headers"] * 2
    sent = asyncio.run(_call(guarded(Inner()), scope, [b""]))
    assert sent[0]["status"] == 403


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused(origin: str):
    assert call(headers={"host": SAME, "origin": origin})[0] == 403
    assert open_websocket({"host": SAME, "origin": origin}) == 403


def test_the_own_origin_is_accepted():
    assert call(headers={"host": SAME, "origin": f"http://{SAME}"})[0] == 200
    assert open_websocket({"host": SAME, "origin": f"http://{SAME}"}) == 101


def test_behind_encryption_the_own_origin_is_encrypted():
    for kind, scheme in (("http", "https"), ("websocket", "wss")):
        for origin, passes in (("https", True), ("http", False)):
            inner = Inner()
            inner.release.set()
            headers = {"host": SAME, "origin": f"{origin}://{SAME}"}
            path = "/" if kind == "http" else SOCKET
            scope = scope_of(kind, path, headers, scheme=scheme)
            asyncio.run(_call(guarded(inner), scope, [b""]))
            assert bool(inner.calls) == passes


@given(st.text(st.characters(codec="latin-1"), max_size=40))
def test_only_the_own_origin_opens_a_websocket(origin: str):
    scope = scope_of("websocket", SOCKET, {"host": SAME})
    scope["headers"].append((b"origin", origin.encode("latin-1")))
    inner = Inner()
    asyncio.run(_call(guarded(inner), scope, [b""]))
    assert inner.calls == []


def test_only_programs_of_other_machines_need_an_origin():
    remote: dict[str, Any] = {"client": ("192.168.1.9", 50000), "server": ("192.168.1.5", PORT)}
    host = {"host": f"192.168.1.5:{PORT}"}
    assert open_websocket({"host": SAME}) == 101
    assert open_websocket(host, shared=True, **remote) == 403
    assert (
        open_websocket(host | {"origin": f"http://192.168.1.5:{PORT}"}, shared=True, **remote)
        == 101
    )
    remote["client"] = ("192.168.1.5", 50000)
    assert open_websocket(host, shared=True, **remote) == 101


def test_a_shared_server_accepts_its_address_and_its_name():
    hosts = Hosts(port=PORT, names=LOCAL | {"teacher.local"}, by_address=True)
    assert hosts.matches(f"192.168.1.5:{PORT}", "192.168.1.5")
    assert hosts.matches(f"Teacher.local:{PORT}", "192.168.1.5")
    assert not hosts.matches(f"192.168.1.6:{PORT}", "192.168.1.5")
    assert not hosts.matches(f"evil.example:{PORT}", "192.168.1.5")
    assert not Hosts(port=PORT).matches(f"192.168.1.5:{PORT}", "192.168.1.5")
    assert Hosts(port=80).matches("127.0.0.1", HERE)  # a browser omits the port 80


# ---- other refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/resourcez", "/_solara/api/evict/k1", "/_solara/auth/login"])
def test_paths_for_the_operator_are_hidden(path: str):
    assert call(path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_and_closing_a_page_are_allowed(method: str):
    assert call("/", method=method)[0] == 405
    status = call("/_solara/api/close/k1", method=method)[0]
    assert status == (200 if method == "POST" else 405)


def test_closing_a_page_needs_its_session():
    assert call("/_solara/api/close/k1", method="POST", query_string=b"")[0] == 405


def test_a_body_of_a_megabyte_is_accepted_and_a_larger_one_is_refused():
    most, close = Caps().body, "/_solara/api/close/k1"
    for size, status in ((most, 200), (most + 1, 413)):
        sized = {"host": SAME, "content-length": str(size)}
        assert call(close, sized, body=(b"x" * size,), method="POST")[0] == status
        chunks = {"host": SAME, "transfer-encoding": "chunked"}
        half = size // 2
        parts = (b"x" * half, b"x" * (size - half))
        assert call(close, chunks, body=parts, method="POST")[0] == status
    assert call(close, {"host": SAME, "content-length": "-1"}, method="POST")[0] == 413


def test_a_body_in_two_parts_arrives_whole():
    inner = Inner()
    sized = {"host": SAME, "content-length": "6"}
    call("/_solara/api/close/k1", sized, body=(b"abc", b"def"), method="POST", inner=inner)
    assert inner.bodies == [b"abcdef"]


def test_requests_for_missing_assets_are_refused(tmp_path: Path):
    (tmp_path / "assets" / "@w" / "app@1.0.0").mkdir(parents=True)
    for file in ("secret.js", "assets/@w/app@1.0.0/main.js"):
        (tmp_path / file).touch()
    inner = Inner(b"text/javascript")
    guard = Guard(inner, Hosts(port=PORT), VisitorLimits(), tmp_path / "assets")
    assert call("/_solara/cdn/@w/app@1.0.0/main.js", guard=guard)[0] == 200
    absent = (
        "@w/app@1.0.0",
        "@w",
        "@w/",
        "",
        "x.js",
        "../secret.js",
        "@w/../../secret.js",
        "@w/..\\..\\secret.js",
        "./@w/app@1.0.0/main.js",
        "/etc/passwd",
        "@w/\0",
    )
    for path in absent:
        assert call(f"/_solara/cdn/{path}", guard=guard)[0] == 404, path
    assert len(inner.calls) == 1


def test_headers_of_proxies_are_dropped():
    inner = Inner()
    forged = {
        "host": SAME,
        "x-script-name": "//evil.example",
        "x-forwarded-host": "evil.example",
        "script-name": "/x",
        "X-Forwarded-Proto": "https",
        "forwarded": "host=evil",
        "x-real-ip": "127.0.0.1",
        "accept": "text/html",
    }
    call(headers=forged, inner=inner)
    assert [name for name, _ in inner.calls[0]["headers"]] == [b"host", b"accept"]


def test_lifespan_events_are_passed_on():
    inner = Inner()
    asyncio.run(guarded(inner)({"type": "lifespan"}, None, None))  # pyright: ignore[reportArgumentType]
    assert inner.calls == [{"type": "lifespan"}]


# ---- limits --------------------------------------------------------------------------------------


async def _crowd(caps: Caps, arrivals: list[tuple[str, bool]]) -> None:
    """Open and close websockets; compare the guard with a plain count."""
    inner = Inner()
    guard = guarded(inner, caps=caps)
    held: list[tuple[str, Inner, asyncio.Task[Any]]] = []
    for address, comes in arrivals:
        if comes:
            guard._app = inner = Inner()  # pyright: ignore[reportAttributeAccessIssue]
            scope = scope_of(
                "websocket", SOCKET, {"host": SAME, "origin": f"http://{SAME}"}, client=(address, 1)
            )
            mine = sum(one == address for one, *_ in held)
            room = len(held) < caps.sockets and mine < caps.sockets_per_address
            task = asyncio.ensure_future(_call(guard, scope, [b""]))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert bool(inner.calls) == room
            if room:
                held.append((address, inner, task))
        elif held:
            _, inner, task = held.pop(0)
            inner.release.set()
            await task
        assert guard.sockets == len(held)
    for _, inner, task in held:
        inner.release.set()
        await task
    assert guard.sockets == 0


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=30))
def test_open_websockets_never_exceed_the_limits(arrivals: list[tuple[str, bool]]):
    asyncio.run(_crowd(Caps(sockets=5, sockets_per_address=3), arrivals))


def test_a_failed_websocket_is_not_counted():
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("broken")

    guard = Guard(broken, Hosts(port=PORT), VisitorLimits())
    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(_call(guard, scope_of("websocket", SOCKET, {"host": SAME}), [b""]))
    assert guard.sockets == 0


def receive_all(texts: list[str], *, app: bool = False) -> tuple[list[str], list[dict[str, Any]]]:
    """Send messages to a websocket and then wait; messages for the application, and its answers."""
    heard: list[str] = []
    sent: list[dict[str, Any]] = []
    events = [{"type": "websocket.connect"}]
    events += [{"type": "websocket.receive", "text": text} for text in texts]

    class Known(Pages):
        def has_app(self, kernel_id: str) -> bool:
            return app

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message.get("text", ""))
        await send({"type": "websocket.send", "text": "too late"})

    async def receive() -> Any:
        if not events:
            await asyncio.sleep(0.1)
            return {"type": "websocket.disconnect", "code": 1000}
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(inner, Hosts(port=PORT), VisitorLimits(), pages=Known())
    asyncio.run(guard(scope_of("websocket", SOCKET, {"host": SAME}), receive, send))
    return heard[1:], sent


INFO = format_message("kernel_info_request", {}, "s")
RUN = format_message(
    "comm_msg", {"comm_id": "c", "data": {"method": "run", "args": {"path": "/"}}}, "s"
)


def test_a_message_that_no_page_sends_closes_the_websocket():
    heard, sent = receive_all([INFO, "{", INFO])
    assert heard == [INFO]
    assert [(one["type"], one.get("code")) for one in sent] == [("websocket.close", 1008)]


def test_only_a_websocket_that_requests_the_app_stays_open(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("viz.server.guard._RUN_SECONDS", 0.03)
    closed = [("websocket.close", 1001)]
    assert [(one["type"], one.get("code")) for one in receive_all([INFO])[1]] == closed
    for used in (receive_all([INFO, RUN]), receive_all([INFO], app=True)):
        assert [one["type"] for one in used[1]] == ["websocket.send"]


def test_messages_of_a_websocket_do_not_extend_its_time_to_request_the_app(
    monkeypatch: pytest.MonkeyPatch,
):
    """Of forty messages, each a fifth of the time after the previous one, some are not received."""
    monkeypatch.setattr("viz.server.guard._RUN_SECONDS", 0.1)
    waiting = [{"type": "websocket.connect"}]
    waiting += [{"type": "websocket.receive", "text": INFO} for _ in range(40)]
    heard: list[str] = []
    sent: list[dict[str, Any]] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message.get("text", ""))

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(inner, Hosts(port=PORT), VisitorLimits())
    asyncio.run(guard(scope_of("websocket", SOCKET, {"host": SAME}), receive, send))
    assert [one["code"] for one in sent] == [1001] and len(heard) < 40


@pytest.mark.parametrize(
    ("query", "page_id"),
    [
        (b"a=1&session_id=p1", "p1"),
        (b"session_id=p1&a=1", "p1"),
        (b"session_id=x&session_id=y", "y"),
    ],
)
def test_a_session_is_found_among_other_values_and_the_last_one_counts(query: bytes, page_id: str):
    asked: list[str] = []

    class Known(Pages):
        def has_page(self, kernel_id: str, page_id: str) -> bool:
            asked.append(page_id)
            return True

    inner = Inner()
    guard = Guard(inner, Hosts(port=PORT), VisitorLimits(), pages=Known())
    path = "/_solara/api/close/k1"
    assert call(path, guard=guard, method="POST", query_string=query)[0] == 200
    assert asked == [page_id] and len(inner.calls) == 1
    assert open_websocket({"host": SAME}, query_string=query) == 101


def test_addresses_of_the_screen_have_a_largest_length():
    most = 16_000
    assert call(query_string=b"x" * most)[0] == 200
    status, _, body = call(query_string=b"x" * (most + 1))
    assert status == 414 and b"16,000" in body


def test_pages_are_sent_without_compression_and_files_with_it():
    for path, names in (("/", [b"host"]), ("/static/x.js", [b"host", b"accept-encoding"])):
        inner = Inner()
        call(path, {"host": SAME, "accept-encoding": "gzip"}, inner=inner)
        assert [name for name, _ in inner.calls[0]["headers"]] == names


def test_websockets_are_counted_by_the_address_of_the_client():
    """Two clients have the same port, and one client has two ports."""
    caps = Caps(sockets_per_address=1)

    async def go() -> None:
        inner = Inner()
        guard = guarded(inner, caps=caps)

        clients = [("10.0.0.1", 1), ("10.0.0.2", 1), ("10.0.0.1", 2)]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                scope = scope_of("websocket", SOCKET, {"host": SAME}, client=client)
                scope["headers"].append((b"origin", f"http://{SAME}".encode()))
                group.create_task(_call(guard, scope, [b""]))
            while guard.sockets < 2:
                await asyncio.sleep(0)
            assert guard.sockets == 2 and len(inner.calls) == 2
            inner.release.set()
        assert guard.sockets == 0

    asyncio.run(go())


def test_a_page_is_closed_and_opened_again_only_by_its_own_session():
    class Known(Pages):
        def in_session(self, kernel_id: str, cookie: str) -> bool:
            return kernel_id != "k1" or cookie == "solara-session-id=own"

        def has_page(self, kernel_id: str, page_id: str) -> bool:
            return kernel_id != "k1" or page_id == "p1"

    inner = Inner()
    inner.release.set()
    guard = Guard(inner, Hosts(port=PORT), VisitorLimits(), pages=Known())
    for page_id, status in (("p1", 200), ("p2", 404)):
        query = f"session_id={page_id}".encode()
        path = "/_solara/api/close/k1"
        assert call(path, guard=guard, method="POST", query_string=query)[0] == status
    for cookie, kind in (("own", "websocket.accept"), ("x", "websocket.http.response.start")):
        headers = {"host": SAME, "cookie": f"solara-session-id={cookie}"}
        sent = asyncio.run(_call(guard, scope_of("websocket", SOCKET, headers), [b""]))
        assert sent[0]["type"] == kind


def test_a_full_server_refuses_new_visitors_and_keeps_present_ones():
    guard = guarded(Inner(), caps=Caps(visitors=2), visitors=2)
    status, _, body = call(guard=guard)
    assert status == 503 and b"2 visitors are here" in body
    assert call("/static/x.js", guard=guard)[0] == 200
    inner = Inner()
    inner.release.set()
    guard = guarded(inner, caps=Caps(visitors=2), visitors=2)
    for kernel, calls in (("here1", 1), ("new", 1)):
        scope = scope_of("websocket", f"/jupyter/api/kernels/{kernel}/channels", {"host": SAME})
        asyncio.run(_call(guard, scope, [b""]))
        assert len(inner.calls) == calls


class Class:
    """Fake pages at a real guard; each stays open until the guard closes it."""

    def __init__(self) -> None:
        self.limits, self.closed = VisitorLimits(), []
        self.guard = Guard(self._serve, Hosts(port=PORT), self.limits)
        self._pages: list[asyncio.Task[Any]] = []

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as Solara does: a websocket adds a visitor, and stays open."""
        if scope["type"] == "http":
            await Inner()(scope, receive, send)
            return
        self.limits.enter(scope["path"].split("/")[4])
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def open(self, kernel: str, address: str) -> tuple[int, bool]:
        """Request a page and open its websocket; status, and whether the websocket opened."""
        more: dict[str, Any] = {"client": (address, 1)}
        scope = scope_of("http", "/", {"host": SAME}, **more)
        status = (await _call(self.guard, scope, [b""]))[0]["status"]
        gone, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
        events = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": RUN}]

        async def receive() -> Any:
            if not events:
                await gone.wait()
            return events.pop(0) if events else {"type": "websocket.disconnect"}

        async def send(message: Any) -> None:
            if not opened.done():
                opened.set_result(message["type"] == "websocket.accept")
            if message["type"] == "websocket.close":
                self.closed.append((kernel, message["code"]))
                gone.set()

        headers = {"host": SAME, "origin": f"http://{SAME}"}
        path = f"/jupyter/api/kernels/{kernel}/channels"
        socket = self.guard(scope_of("websocket", path, headers, **more), receive, send)
        self._pages.append(asyncio.ensure_future(socket))
        return status, await opened

    async def end(self) -> None:
        for page in self._pages:
            page.cancel()
        await asyncio.gather(*self._pages, return_exceptions=True)


async def _admit(newcomers: list[str]) -> Class:
    """A client holds as many pages as it may, then one page of each newcomer opens."""
    here = Class()
    for k in range(32):
        assert await here.open(f"held{k}", "10.0.0.9") == (200, True)
    assert await here.open("held33", "10.0.0.9") == (200, False)
    answers = [await here.open(f"guest{k}", address) for k, address in enumerate(newcomers)]
    await here.end()
    assert answers == [(200, True)] * len(newcomers)
    return here


def test_thirty_guests_enter_although_one_client_holds_thirty_two_pages():
    here = asyncio.run(_admit([f"10.0.1.{k}" for k in range(30)]))
    # 4001 is the code with which assets/custom.js shows one sentence and stops to connect
    assert here.closed == [(f"held{k}", 4001) for k in range(22)]
    custom = Path(__file__).parents[3] / "viz" / "screen" / "assets" / "custom.js"
    assert "code === 4001" in custom.read_text(encoding="utf-8")


def test_a_class_behind_one_address_enters_an_empty_server():
    async def go() -> None:
        here = Class()
        answers = [await here.open(f"pupil{k}", "10.0.0.1") for k in range(30)]
        stranger = [await here.open(f"held{k}", "10.0.0.9") for k in range(12)]
        await here.end()
        assert answers == [(200, True)] * 30 and here.closed == []
        assert stranger == [(200, True)] * 10 + [(503, False)] * 2

    asyncio.run(go())


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/other", b"session_id=1"),
        (SOCKET, b""),
        ("/jupyter/api/kernels/a%0Ab/channels", b"session_id=1"),
        ("/jupyter/api/kernels//channels", b"session_id=1"),
        (SOCKET, b"xsession_id=1"),
    ],
)
def test_other_websocket_paths_do_not_exist(path: str, query: bytes):
    assert open_websocket({"host": SAME}, path=path, query_string=query) == 404


def test_a_websocket_is_closed_if_the_server_supports_no_status():
    scope = scope_of("websocket", SOCKET, {"host": "evil.example"}, extensions={})
    sent = asyncio.run(_call(guarded(Inner()), scope, [b""]))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_every_message_of_a_page_resets_its_silence():
    now = [0.0]
    limits = VisitorLimits(clock=lambda: now[0])
    limits.enter("k1")

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        now[0] = 50.0
        assert limits.seconds_silent("k1") == 50.0
        assert (await receive())["type"] == "websocket.receive"

    messages = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": INFO}]

    async def receive() -> Any:
        return messages.pop(0)

    scope = scope_of("websocket", SOCKET, {"host": SAME})
    asyncio.run(Guard(inner, Hosts(port=PORT), limits)(scope, receive, None))  # pyright: ignore[reportArgumentType]
    assert limits.seconds_silent("k1") == 0.0


# ---- headers of responses ------------------------------------------------------------------------


def test_a_page_may_run_only_its_own_scripts():
    status, headers, body = call()
    script = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    rules = headers["content-security-policy"]
    assert status == 200 and body == PAGE
    assert rules == content_security_policy(SAME, [f"'sha256-{script}'"])
    assert "'unsafe-inline'" not in rules.partition("script-src")[2].partition(";")[0]
    assert "frame-ancestors 'none'" in rules and f"ws://{SAME}" in rules


def test_a_page_has_the_least_permissive_policy():
    """Each permission has its reason in `viz.screen.session.headers`."""
    rules = dict(rule.split(" ", 1) for rule in content_security_policy(SAME).split("; "))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'self' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' ws://{SAME}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_every_response_has_the_headers():
    answers = [call(), call(headers={"host": "x"}), call("/a.js", inner=Inner(b"text/javascript"))]
    for _, headers, _ in answers:
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["permissions-policy"].startswith("camera=(), ")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert answers[2][1]["content-security-policy"].startswith("default-src 'none'")


def test_a_header_of_the_application_is_replaced():
    class Lax(Inner):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            own = [(b"Content-Security-Policy", b"default-src *"), (b"x-kept", b"1")]
            await send({"type": "http.response.start", "status": 200, "headers": own})
            await send({"type": "http.response.body"})

    _, headers, _ = call(inner=Lax())
    assert "Content-Security-Policy" not in headers and headers["x-kept"] == "1"


def test_no_cache_keeps_a_response_that_sets_a_cookie():
    class Visited(Inner):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            cookie = [(b"Set-Cookie", b"id=1"), (b"Cache-Control", b"max-age=9")]
            sent = cookie[: 2 if scope["path"] == "/" else 0]
            await send({"type": "http.response.start", "status": 200, "headers": sent})
            await send({"type": "http.response.body"})

    assert call(inner=Visited())[1]["cache-control"] == "no-store"
    assert "Cache-Control" not in call(inner=Visited())[1]
    assert "cache-control" not in call("/a.js", inner=Visited())[1]


def test_a_page_can_be_zoomed_and_keeps_its_length():
    page = (
        b'<meta name="viewport" content="width=device-width, initial-scale=1, '
        b'maximum-scale=1, user-scalable=no, minimal-ui">'
    )
    _, _, body = call(inner=Inner(b"text/html", page))
    assert b"width=device-width, initial-scale=1" in body
    assert b"user-scalable" not in body and b"maximum-scale" not in body
    assert len(body) == len(page)


def test_script_hashes_are_those_of_a_browser():
    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    page = (
        "<SCRIPT>a()\r\nb()</SCRIPT ><script type='module'>\nc\n</script>"
        "<script type=application/json>{}</script><script src=x>no</script>"
        '<script type="text/x-template"><p></p></script><script>á</script>'
    )
    assert set(script_hashes(page)) == {digest("a()\nb()"), digest("\nc\n"), digest("á")}


def test_an_asset_with_a_long_name_does_not_exist(tmp_path: Path):
    guard = Guard(Inner(), Hosts(port=PORT), VisitorLimits(), tmp_path)
    assert call("/_solara/cdn/" + "a" * 5000, guard=guard)[0] == 404
    path = "/_solara/api/close/k1"
    assert call(path, guard=guard, method="POST", query_string=b"xsession_id=1")[0] == 405


def test_pages_need_no_file_among_the_assets_and_assets_are_not_checked_without_a_folder(
    tmp_path: Path,
):
    guard = Guard(Inner(), Hosts(port=PORT), VisitorLimits(), tmp_path)
    assert call("/", guard=guard)[0] == 200 and call("/static/x.js", guard=guard)[0] == 200
    assert call("/_solara/cdn/x.js", guard=guard)[0] == 404
    assert call("/_solara/cdn/x.js")[0] == 200
