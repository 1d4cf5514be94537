"""Requests that the guard accepts or refuses, called as by an ASGI server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire import format_message
from viz.screen.session.visitors import Caps, VisitorLimits
from viz.server.guard import LOCAL, Guard, Hosts

HERE, PORT = "127.0.0.1", 8765
SAME = f"{HERE}:{PORT}"
PAGE = b"<html><script>run()</script><script src='/a.js'></script></html>"
SOCKET = "/jupyter/api/kernels/k1/channels"


class Inner:
    """The guarded application: it records requests, returns a page and keeps websockets open."""

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
    """Return the status, headers and body of the response to a request."""
    guard = guard or guarded(inner or Inner())
    scope = scope_of("http", path, {"host": SAME} if headers is None else headers, **more)
    sent = asyncio.run(_call(guard, scope, list(body)))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def open_websocket(
    headers: dict[str, str], *, shared: bool = False, path: str = SOCKET, **more: Any
) -> int:
    """Return the status of a handshake: 101, or the status of the refusal."""

    async def go() -> list[dict[str, Any]]:
        inner = Inner()
        inner.release.set()
        scope = scope_of("websocket", path, headers, **more)
        return await _call(guarded(inner, shared=shared), scope, [b""])

    first = asyncio.run(go())[0]
    return 101 if first["type"] == "websocket.accept" else first.get("status", 403)


# ---- host and origin -----------------------------------------------------------------------------

FOREIGN_HOSTS = ("", "evil.example", f"{SAME}@evil.example", f"teacher.local:{PORT}")
FOREIGN_HOSTS += (HERE, f"{HERE}:80", f"{HERE}:{PORT + 1}", f"{HERE} :{PORT}", f"{SAME}:{PORT}")
FOREIGN_ORIGINS = ("", SAME, "http://127.0.0.1:9999", f"http://{SAME}.evil.example")
FOREIGN_ORIGINS += (f"http://{SAME}/", f"http://localhost:{PORT}")


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(host: str):
    inner = Inner()
    assert call(headers={"host": host}, inner=inner)[0] == 403
    assert open_websocket({"host": host, "origin": f"http://{host}"}) == 403
    assert inner.calls == []


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


def test_behind_encryption_the_own_origin_is_encrypted():
    for origin, page, socket in (("https", 200, 101), ("http", 403, 403)):
        headers = {"host": SAME, "origin": f"{origin}://{SAME}"}
        assert call(headers=headers, scheme="https")[0] == page
        assert open_websocket(headers, scheme="wss") == socket


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
    """The refusal is a complete response that ends the connection."""
    status, headers, body = call(path)
    assert status == 404 and headers["content-length"] == str(len(body))
    assert headers["connection"] == "close"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_reading_and_closing_a_page_are_allowed(method: str):
    assert call("/", method=method)[0] == 405
    status = call("/_solara/api/close/k1", method=method)[0]
    assert status == (200 if method == "POST" else 405)
    assert call("/", method="HEAD")[0] == 200


def test_closing_a_page_needs_its_session():
    close = "/_solara/api/close/k1"
    for query in (b"", b"xsession_id=1"):
        assert call(close, method="POST", query_string=query)[0] == 405
    for query in (b"session_id=x", b"a=1&session_id=p1", b"session_id=p1&a=1"):
        assert call(close, method="POST", query_string=query)[0] == 200


def test_a_body_of_a_megabyte_is_accepted_and_a_larger_one_or_one_without_size_is_refused():
    most, close = Caps().body, "/_solara/api/close/k1"
    for size, status in ((str(most), 200), (str(most + 1), 413), ("-1", 413), ("x", 413)):
        inner = Inner()
        sized = {"host": SAME, "content-length": size}
        answer = call(close, sized, method="POST", body=(b"abc",), inner=inner)
        assert answer[0] == status and len(inner.bodies) == (status == 200)
    chunks = {"host": SAME, "transfer-encoding": "chunked"}
    assert call(close, chunks, method="POST")[0] == 411


def test_addresses_of_the_screen_have_at_most_16_000_characters():
    assert call(query_string=b"x" * 16_000)[0] == 200
    status, _, body = call(query_string=b"x" * 16_001)
    assert status == 414 and b"16,000" in body


def test_requests_for_missing_assets_are_refused(tmp_path: Path):
    (tmp_path / "assets" / "@w" / "app@1.0.0").mkdir(parents=True)
    for file in ("secret.js", "assets/@w/app@1.0.0/main.js"):
        (tmp_path / file).touch()
    inner = Inner(b"text/javascript")
    guard = Guard(inner, Hosts(port=PORT), VisitorLimits(), tmp_path / "assets")
    assert call("/_solara/cdn/@w/app@1.0.0/main.js", guard=guard)[0] == 200
    absent = ("@w/app@1.0.0", "@w", "", "x.js", "/etc/passwd", "@w/\0", "a" * 5000)
    outside = ("../secret.js", "@w/../../secret.js", "@w/..\\..\\secret.js")
    for path in (*absent, *outside, "./@w/app@1.0.0/main.js"):
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


# ---- limits --------------------------------------------------------------------------------------


async def _crowd(caps: Caps, arrivals: list[tuple[str, bool]]) -> None:
    """Open and close websockets; check the guard against a plain count."""
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


def receive_all(events: list[dict[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Send events to a websocket; return the events that the application and the client receive."""
    received: list[Any] = []
    sent: list[dict[str, Any]] = []
    events = [{"type": "websocket.connect"}, *events, {"type": "websocket.disconnect"}]

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            received.append(message.get("text") or message.get("bytes"))
        await send({"type": "websocket.send", "text": "too late"})

    async def receive() -> Any:
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(inner, Hosts(port=PORT), VisitorLimits())
    asyncio.run(guard(scope_of("websocket", SOCKET, {"host": SAME}), receive, send))
    return received[1:], sent


INFO = format_message("kernel_info_request", {}, "s")


def parts(n: int, *offsets: int, data: bytes = b"") -> bytes:
    """Return a binary message that states a number of parts and their offsets."""
    return struct.pack(f"!{1 + len(offsets)}I", n, *offsets) + data


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        (INFO, True),
        (INFO.ljust(2**17), True),
        (INFO.ljust(2**17 + 1), False),
        (parts(1, 8, data=b"{}"), True),
        (parts(2, 12, 14, data=b"{}" + bytes(2**18)), True),
        (parts(64, *[260] * 64), True),
        (parts(65, *[264] * 65), False),
        (parts(0, 8), False),
        (parts(2**31 - 1, 8), False),
        (parts(2, 8), False),
        (parts(2, 14, 12, data=b"{}"), False),
        (parts(2, 12, 99, data=b"{}"), False),
        (parts(1, 8, data=bytes(2**17 + 1)), False),
        (b"\0" * 7, False),
    ],
)
def test_a_message_that_needs_much_memory_closes_its_websocket(data: str | bytes, passes: bool):
    key = "text" if isinstance(data, str) else "bytes"
    received, sent = receive_all([{"type": "websocket.receive", key: data}])
    assert received == [data] * passes
    codes = [] if passes else [1008]
    assert [one["code"] for one in sent if one["type"] == "websocket.close"] == codes


@given(st.binary(max_size=60))
def test_any_bytes_pass_or_close_the_websocket(data: bytes):
    received, sent = receive_all([{"type": "websocket.receive", "bytes": data}])
    assert received == [data] or sent[-1]["code"] == 1008


def test_pages_are_sent_without_compression_and_files_with_it():
    for path, names in (("/", [b"host"]), ("/static/x.js", [b"host", b"accept-encoding"])):
        inner = Inner()
        call(path, {"host": SAME, "accept-encoding": "gzip"}, inner=inner)
        assert [name for name, _ in inner.calls[0]["headers"]] == names


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


def test_an_error_of_the_application_is_raised_unless_the_websocket_is_closed():
    for is_closed in (True, False):

        async def inner(scope: Any, receive: Any, send: Any, *, closes: bool = is_closed) -> None:
            await receive()
            if closes:
                await send({"type": "websocket.close", "code": 1000, "reason": ""})
                await send({"type": "websocket.send", "text": "too late"})
            raise RuntimeError("broken")

        limits = VisitorLimits()
        guard = Guard(inner, Hosts(port=PORT), limits)
        scope = scope_of("websocket", SOCKET, {"host": SAME})
        with contextlib.nullcontext() if is_closed else pytest.raises(RuntimeError, match="broken"):
            sent = asyncio.run(_call(guard, scope, [b""]))
            assert [message["type"] for message in sent] == ["websocket.close"]
        assert guard.sockets == 0 and not limits._visitors["k1"].is_present


def update(state: Any, kind: str = "comm_msg") -> str:
    header = {"msg_id": "m1", "msg_type": kind, "session": "page", "username": "", "version": "5.2"}
    return json.dumps({"header": header, "content": {"comm_id": "map", "data": {"state": state}}})


OTHERS = [
    *(update({"ack": value}) for value in (True, None, 1.0, "2", [3])),
    *(update(state) for state in ({"ack": 1, "selected": 2}, ["ack"], "ack", {})),
    update({"ack": 1}, "comm_open"),
    update({"ack": 1})[:-1],
    *('{"ack": 1}', '["ack"]', '"ack"', '{"header": "ack", "content": []}'),
    update({"ack": 10**2000}),
]


def test_a_drawn_frame_reaches_the_run_and_other_messages_reach_the_application():
    limits, drawn, passed, sent = VisitorLimits(), [], [], []
    texts = [update({"ack": 1}), *OTHERS, update({"ack": 7}), "end of the run", update({"ack": 8})]

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        limits.start("k1", 1, lambda: None, drawn.append)
        await send(
            {"type": "websocket.send", "text": json.dumps({"header": {"session": "server"}})}
        )
        while (message := await receive())["type"] == "websocket.receive":
            passed.append(message["text"])
            if message["text"] == "end of the run":
                limits.end_run("k1")

    events = [{"type": "websocket.receive", "text": text} for text in texts]

    async def receive() -> Any:
        return events.pop(0) if events else {"type": "websocket.disconnect"}

    async def send(message: Any) -> None:
        sent.append(json.loads(message["text"]))

    scope = scope_of("websocket", SOCKET, {"host": SAME})
    asyncio.run(Guard(inner, Hosts(port=PORT), limits)(scope, receive, send))
    assert drawn == [1, 7] and passed == [*OTHERS, *texts[-2:]]
    assert len(sent) == 3
    for message in sent[1:]:  # Only after this answer does the page send the next map change.
        assert message["content"] == {"execution_state": "idle"} and message["channel"] == "iopub"
        assert message["header"]["msg_type"] == "status"
        assert message["header"]["session"] == "server"  # Pages discard messages of other sessions.
        assert message["parent_header"] == json.loads(texts[0])["header"]


# ---- headers of responses ------------------------------------------------------------------------


def test_a_page_runs_only_its_own_scripts_under_the_least_permissive_policy():
    """`viz.screen.session.headers` gives a reason for each permission."""
    status, headers, body = call()
    script = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    assert status == 200 and body == PAGE
    rules = headers["content-security-policy"].split("; ")
    assert dict(rule.split(" ", 1) for rule in rules) == {
        "default-src": "'none'",
        "script-src": f"'self' 'unsafe-eval' blob: 'sha256-{script}'",
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
