"""What the guard sends and records for requests that end early, time out or are refused."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.viz.test_guard import INFO, PORT, RUN, SAME, SOCKET, Inner, guarded, scope_of
from viz.screen.session.visitors import Caps, VisitorLimits
from viz.server import guard as module
from viz.server.guard import Guard, Hosts, Pages, _Messages

CLOSE = "/_solara/api/close/k1"


def run(
    guard: Guard, scope: dict[str, Any], events: list[Any], *, waits: bool = False
) -> list[dict[str, Any]]:
    """Send events to a guard and return the messages that it sends.

    With `waits`, the guard may wait for another event, which never comes; otherwise that fails.
    """
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        if waits and not events:
            await asyncio.Event().wait()
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    return sent


def posted(**headers: str) -> dict[str, Any]:
    """Return a request with a body that closes a page."""
    return scope_of("http", CLOSE, {"host": SAME, **headers}, method="POST")


# ---- bodies -------------------------------------------------------------------------------------


def test_a_body_that_does_not_come_is_refused_after_its_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_BODY_SECONDS", 0.0)
    inner = Inner()
    scope = posted(**{"content-length": "5"})
    start, body = run(guarded(inner), scope, [], waits=True)
    assert start["status"] == 408 and b"more than 0 seconds" in body["body"]
    assert inner.calls == []


def test_the_times_for_a_body_and_for_the_app_are_ten_seconds(monkeypatch: pytest.MonkeyPatch):
    """They are documented in docs/background/reliability.md."""
    asked: list[float | None] = []
    real = asyncio.timeout

    def timeout(seconds: float | None) -> Any:
        asked.append(seconds)
        return real(seconds)

    monkeypatch.setattr(asyncio, "timeout", timeout)
    run(guarded(Inner()), scope_of("http", "/", {"host": SAME}), [{"type": "http.request"}])
    inner = Inner()
    inner.release.set()
    run(guarded(inner), scope_of("websocket", SOCKET, {"host": SAME}), [{"type": "connect"}])
    assert asked == [10.0, 10.0]


def test_a_client_that_goes_before_its_body_is_complete_gets_no_answer():
    inner = Inner()
    part = {"type": "http.request", "body": b"ab", "more_body": True}
    scope = posted(**{"content-length": "5"})
    assert run(guarded(inner), scope, [part, {"type": "http.disconnect"}]) == []
    assert inner.calls == []


def test_the_application_receives_the_whole_body_once_and_then_what_the_client_sends():
    got: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        got.extend([await receive(), await receive()])

    parts = [
        {"type": "http.request", "body": one, "more_body": one == b"ab"} for one in (b"ab", b"c")
    ]
    guard = Guard(inner, Hosts(port=PORT), VisitorLimits())
    scope = posted(**{"transfer-encoding": "chunked"})
    run(guard, scope, [*parts, {"type": "http.disconnect"}])
    whole = {"type": "http.request", "body": b"abc", "more_body": False}
    assert got == [whole, {"type": "http.disconnect"}]


def test_a_refusal_is_a_complete_response_that_ends_the_connection():
    start, body = run(guarded(Inner()), scope_of("http", "/resourcez", {"host": SAME}), [])
    headers = dict(start["headers"])
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    assert headers[b"connection"] == b"close" and not body["more_body"]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 200), ("PATCH", 405)])
def test_pages_are_read_by_two_methods(method: str, status: int):
    scope = scope_of("http", "/", {"host": SAME}, method=method)
    assert run(guarded(Inner()), scope, [{"type": "http.request"}])[0]["status"] == status


# ---- websockets ---------------------------------------------------------------------------------


def handshake(guard: Guard, **more: Any) -> list[dict[str, Any]]:
    """Open a websocket; the request is received before it is answered."""
    events = [{"type": "websocket.connect"}]
    sent = run(guard, scope_of("websocket", SOCKET, {"host": SAME}, **more), events)
    assert not events
    return sent


def test_a_refused_websocket_gets_status_and_reason_or_a_code_that_closes_it():
    guard = guarded(Inner(), caps=Caps(sockets=1, sockets_per_address=5))
    one = _Messages(None, None, started=True)  # pyright: ignore[reportArgumentType]
    guard._open[one] = "k9", "10.0.0.9"
    start, body = handshake(guard)
    assert start["status"] == 503 and body["body"] == b"There are too many connections."
    for extensions in ({}, None):
        (closed,) = handshake(guard, extensions=extensions)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
        assert closed["reason"] == "There are too many connections."


def test_a_websocket_of_another_session_is_forbidden():
    class Other(Pages):
        def in_session(self, kernel_id: str, cookie: str) -> bool:
            return False

    guard = Guard(Inner(), Hosts(port=PORT), VisitorLimits(), pages=Other())
    start, body = handshake(guard)
    assert start["status"] == 403 and b"another visitor" in body["body"]


def test_a_client_without_an_address_is_not_of_this_machine():
    """Neither end of a Unix socket has an address, so an origin is needed."""
    hosts = Hosts(port=PORT)
    guard = Guard(Inner(), hosts, VisitorLimits())
    assert handshake(guard, client=None, server=None)[0]["status"] == 403


def test_visitors_are_known_while_their_websocket_is_open():
    class Recorder(VisitorLimits):
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[tuple[str, ...]] = []

        def connect(self, kernel_id: str, address: str) -> None:
            self.calls.append(("connect", kernel_id, address))

        def disconnect(self, kernel_id: str) -> None:
            self.calls.append(("disconnect", kernel_id))

    limits, inner = Recorder(), Inner()
    inner.release.set()
    handshake(Guard(inner, Hosts(port=PORT), limits))
    assert limits.calls == [("connect", "k1", "127.0.0.1"), ("disconnect", "k1")]

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        handshake(Guard(broken, Hosts(port=PORT), limits))
    assert limits.calls[2:] == limits.calls[:2]


def test_an_error_after_the_websocket_was_closed_is_not_raised():
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        await send({"type": "websocket.send", "text": "too late"})
        raise RuntimeError("it is closed")

    guard = Guard(inner, Hosts(port=PORT), VisitorLimits())
    assert [one["type"] for one in handshake(guard)] == ["websocket.close"]
    assert guard.sockets == 0


@pytest.mark.parametrize(
    ("elapsed", "left"), [([], 10.0), ([3.0], 7.0), ([3.0, 4.0], 3.0), ([4.0, 9.0], 0.01)]
)
def test_the_time_to_request_the_app_is_that_of_the_waits(
    elapsed: list[float], left: float, monkeypatch: pytest.MonkeyPatch
):
    """The request to connect does not count, and the clock need not begin at zero."""
    times = [500.0]  # the clock is read once, when the wait for the connection begins
    for seconds in elapsed:
        times += [1_000.0, 1_000.0 + seconds]
    messages = [{"type": "websocket.connect"}]
    messages += [{"type": "websocket.receive", "text": INFO} for _ in elapsed]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    async def go() -> float | None:
        one = _Messages(receive, send, started=False)
        loop = SimpleNamespace(time=lambda: times.pop(0))
        monkeypatch.setattr(module, "asyncio", SimpleNamespace(**vars(asyncio)))
        monkeypatch.setattr(module.asyncio, "get_running_loop", lambda: loop)
        for _ in range(1 + len(elapsed)):
            await one.receive()
        return one._left

    assert asyncio.run(go()) == pytest.approx(left)


def test_a_websocket_that_requests_the_app_has_no_limit_of_time():
    messages = [{"type": "websocket.receive", "text": text} for text in (RUN, INFO)]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    async def go() -> None:
        one = _Messages(receive, send, started=False)
        assert (await one.receive())["text"] == RUN and one._left is None
        assert (await one.receive())["text"] == INFO and one._left is None

    asyncio.run(go())
