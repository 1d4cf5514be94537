"""The queue of a page's messages."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest

from viz.server import connections
from viz.server.connections import Outbox


class Page:
    """The websocket of a page; it fails after a number of messages."""

    def __init__(self, fails_after: int = 10**9) -> None:
        self.messages: list[str | bytes] = []
        self.n_closed, self._fails_after = 0, fails_after

    async def send(self, message: str | bytes) -> None:
        await asyncio.sleep(0)
        if len(self.messages) >= self._fails_after:
            raise RuntimeError("closed")
        self.messages.append(message)

    async def close(self) -> None:
        self.n_closed += 1


class Base:
    """The part of Solara's websocket that the mixin uses."""

    def __init__(self, page: Page) -> None:
        self.ws = SimpleNamespace(send_text=page.send, send_bytes=page.send, close=page.close)
        self.event_loop = asyncio.get_running_loop()


class Queued(Outbox, Base):
    pass


def send_from_threads(page: Page, n_threads: int, n_messages: int) -> None:
    """Send numbered messages from threads, in two rounds."""

    async def go() -> None:
        box = Queued(page)

        def send(name: int) -> None:
            for k in range(n_messages):
                box.send_text(f"{name} {k}") if k % 2 else box.send_bytes(f"{name} {k}".encode())

        for _ in range(2):
            threads = [threading.Thread(target=send, args=(name,)) for name in range(n_threads)]
            for thread in threads:
                thread.start()
            for thread in threads:
                await asyncio.to_thread(thread.join)
            while not box._task.done():
                await asyncio.sleep(0.001)

    asyncio.run(go())


def test_every_message_is_sent_once_and_in_the_order_of_its_thread():
    page = Page()
    send_from_threads(page, 4, 200)
    assert len(page.messages) == 2 * 4 * 200 and page.n_closed == 0
    texts = [one if isinstance(one, str) else one.decode() for one in page.messages]
    for name in range(4):
        numbers = [int(text.split()[1]) for text in texts if text.startswith(f"{name} ")]
        assert numbers == [*range(200)] * 2


def test_messages_to_a_closed_websocket_are_dropped():
    page = Page(fails_after=3)
    send_from_threads(page, 1, 10)
    assert page.messages == [b"0 0", "0 1", b"0 2"]


def test_a_page_that_does_not_read_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "MAX_WAITING", 20)
    page = Page()
    send_from_threads(page, 1, 500)
    assert page.n_closed > 0
